//! Over HTTP, in process: the router on the real policies, a store in a temporary folder, a clock that is set.

mod access;
mod amend;
mod batches;
mod calendars;
mod due;
mod editions;
mod elsewhere;
mod figures;
mod gates;
mod occasions;
mod penalties;
mod points;
mod refusals;
mod reload;
mod restart;
mod samples;
mod simulate;
mod taken;
mod texts;
mod waivers;
mod whynot;

//! Decisions: the fold of a case, what time does, what thresholds and rates make of many cases. One evaluator for the
//! live server, tests, explanations and rebuilds. It reads no clock and no file; an instant is always an argument.

pub mod access;
pub mod authority;
pub mod body;
pub mod breach;
pub mod case;
pub mod computed;
pub mod consent;
pub mod draft;
pub mod draw;
pub mod drawing;
pub mod escalation;
pub mod explain;
pub mod gate;
pub mod guidance;
pub mod history;
pub mod hours;
pub mod intake;
#[cfg(test)]
mod laws;
pub mod list;
pub mod lot;
pub mod metric;
pub mod moment;
pub mod notice;
pub mod number;
pub mod obligation;
pub mod occasion;
pub mod open;
pub mod outcome;
pub mod penalty;
pub mod perform;
pub mod rate;
pub mod recount;
pub mod recur;
pub mod remind;
pub mod rhythm;
pub mod rota;
pub mod sample;
pub mod seen;
pub mod standing;
pub mod threshold;
pub mod timeline;
pub mod turn;
pub mod view;
pub mod who;
pub mod world;

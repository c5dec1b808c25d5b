//! From the text of policy files to what the engine runs: parsed whole, checked whole, lowered.

mod access;
mod adopt;
mod approval;
mod bearer;
mod calendar;
mod chain;
mod codes;
mod company;
pub mod compile;
mod computed;
mod condition;
mod consent;
mod decision;
mod duty;
mod escalation;
mod fields;
pub mod finding;
mod gate;
mod guidance;
mod hours;
mod kind;
mod metric;
pub mod model;
pub mod mutate;
mod names;
mod nearest;
mod node;
mod notice;
mod number;
mod occasion;
mod penalty;
mod procedure;
mod rate;
mod record;
mod review;
mod rhythm;
mod role;
mod sample;
mod script;
mod sift;
mod source;
mod syntax;
mod table;
mod template;
mod terms;
mod threshold;
mod tighten;
mod timing;
mod trigger;
mod window;

pub use adopt::{BASE, adopted};
pub use codes::{CODES, Code, explain};
pub use compile::{Compiled, Folder, Source, compile, content_hash};

#[cfg(test)]
mod tests;

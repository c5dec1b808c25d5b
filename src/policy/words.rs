//! Policies in sentences, for people who do not read TOML: one template for each slot of a rule, Chinese and English
//! side by side.
//!
//! A rule becomes a [`Said`]: a leading sentence and further short ones. Each says what one or more [`Slot`]s hold; two
//! editions differ where their slots do.

mod access;
mod bearer;
mod case;
mod company;
mod condition;
mod duty;
mod escalation;
mod gate;
mod guidance;
mod html;
mod json;
mod lexicon;
mod markdown;
mod metric;
mod notice;
mod paper;
mod penalty;
mod preface;
mod procedure;
mod rate;
mod record;
mod sample;
mod slot;
pub(crate) mod text;
mod threshold;
pub(crate) mod time;
mod timing;

pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use paper::{ClauseSaid, Document, Paper, document};
pub use slot::{Said, Slot, family, label};

#[cfg(test)]
mod tests;

//! Texts beside the work: how a thing is done, shown where it is done; nothing is enforced.

use super::{Condition, Id, Notice};
use std::sync::Arc;

/// A text that is shown with obligations, or returned with an event's answer.
#[derive(Debug)]
pub struct Guidance {
    /// The rule's id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The clauses it carries out.
    pub clauses: Vec<Id>,
    /// Its line in the file, counted from 1.
    pub line: u32,
    /// What the author decided where the document is silent.
    pub assume: Option<Id>,
    /// The rules with whose obligations it is shown.
    pub of: Vec<Id>,
    /// The events whose answer it comes with.
    pub on: Vec<Id>,
    /// In which case.
    pub when: Condition,
    /// What it says.
    pub advice: Advice,
}

/// What guidance says.
#[derive(Debug)]
pub enum Advice {
    /// Steps, in order.
    Checklist(Vec<Id>),
    /// A word on how.
    Hint(Id),
}

/// The texts of a duty, in the edition that it is of.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    /// What is shown with its obligations, in the order of the files, what the duty itself names first.
    pub guidance: Vec<Arc<Guidance>>,
    /// The text that goes out about an obligation.
    pub notice: Option<Arc<Notice>>,
}

//! Kinds of case, and what can happen to them.

use super::{Computed, Id, Record};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A kind of case: what it carries and what can happen to it.
#[derive(Debug)]
pub struct Kind {
    /// The id: the part of an event type before the dot.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// Cases that exist without anybody reporting them: one for the company, or one for each area.
    pub standing: Option<StandingCase>,
    /// The data a case carries, what is computed among it.
    pub fields: BTreeMap<Id, FieldType>,
    /// What of it is worked out, in the order in which that is done.
    pub computed: Vec<Arc<Computed>>,
    /// What can happen, by the part of the event type after the dot.
    pub events: BTreeMap<Id, Arc<EventType>>,
}

/// Which cases of a kind stand by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandingCase {
    /// One, named like its kind.
    Company,
    /// One for each area, named `kind:area`.
    Area,
}

/// What can happen to a case.
#[derive(Debug)]
pub struct EventType {
    /// The whole type, `kind.event`.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// Data without which the event is refused.
    pub needs: Vec<Id>,
    /// Data of the event itself, beside the case's and the record's.
    pub data: BTreeMap<Id, FieldType>,
    /// The record that the event carries.
    pub record: Option<Arc<Record>>,
    /// What it does to the case beyond what rules say.
    pub course: Course,
    /// Its place among events of the same instant: trigger 0, pause 1, resume 2, perform 3, close 4.
    pub rank: u8,
}

/// What an event does to its case as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    /// Nothing.
    None,
    /// Starts a new cycle: what was still owed in the old one is cancelled.
    Reopen,
    /// Cancels what is still owed.
    Cancel,
    /// It was another case all along: cancels what is still owed, and nothing of it counts any more.
    Merge,
    /// Pauses the case for this reason.
    Pause(Id),
    /// Ends the pause for this reason.
    Resume(Id),
}

/// What a field may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// One of these texts.
    Choice(Vec<Id>),
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Bool,
    /// A local date.
    Date,
    /// An instant.
    Time,
    /// Somebody: a person of the company, by id, or a name from outside.
    Person,
    /// Several texts.
    List,
    /// A text, a number, yes or no.
    Any,
    /// Roles of the company.
    Roles,
    /// How many, or who: a whole number or a list of texts.
    Members,
}

//! What is counted, and what follows when the count is reached.

use super::{Condition, Head, Id, Mark, Template};
use crate::domain::term::Term;
use std::sync::Arc;

/// Something counted, and what follows when the count is reached.
#[derive(Debug)]
pub struct Threshold {
    /// The rule's id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The clauses it carries out.
    pub clauses: Vec<Id>,
    /// The procedure.
    pub head: Arc<Head>,
    /// Its line in the file, counted from 1.
    pub line: u32,
    /// What the author decided where the document is silent.
    pub assume: Option<Id>,
    /// The events that count.
    pub on: Vec<Id>,
    /// In which case.
    pub when: Condition,
    /// The fields that must agree; empty: each event counts for itself.
    pub key: Vec<Id>,
    /// Only unbroken runs of the same value of this field count.
    pub consecutive: Option<Id>,
    /// Different values of this field are counted, not events.
    pub count_distinct: Option<Id>,
    /// How long ago an event still counts, the day itself included.
    pub span: Option<Term>,
    /// How many, this number included.
    pub at_least: u32,
    /// The roles that are told at once: one, or the line up which it goes from one event of a case to the next.
    pub to: Vec<Id>,
    /// The case that is opened.
    pub open: Option<Open>,
    /// What is written back to the first case when the opened one gets there.
    pub back: Option<Back>,
    /// What is written into the case that reaches it.
    pub mark: Option<Mark>,
}

impl Threshold {
    /// A threshold that the first event reaches, and that does nothing yet: for rules that tell somebody at once.
    pub fn at_once(head: &Arc<Head>) -> Threshold {
        Threshold {
            id: Id::default(),
            title: Id::default(),
            clauses: Vec::new(),
            head: Arc::clone(head),
            line: 0,
            assume: None,
            on: Vec::new(),
            when: Condition::default(),
            key: Vec::new(),
            consecutive: None,
            count_distinct: None,
            span: None,
            at_least: 1,
            to: Vec::new(),
            open: None,
            back: None,
            mark: None,
        }
    }
}

/// A case that a threshold opens.
#[derive(Debug)]
pub struct Open {
    /// The event that opens it.
    pub event: Id,
    /// Its data.
    pub data: Vec<(Id, Template)>,
}

/// What an opened case writes back to the one it came from.
#[derive(Debug)]
pub struct Back {
    /// When this happens to the opened case.
    pub on: Id,
    /// This event is put on the first; `*` stands for its kind.
    pub event: Id,
    /// With this data; looked up in the opened case.
    pub data: Vec<(Id, Template)>,
}

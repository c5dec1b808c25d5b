//! Forms: what a performing event must carry.

use super::{Accept, Condition, FieldType, Id, Numbering};
use crate::domain::term::Term;
use std::collections::BTreeMap;

/// A form: what a performing event must carry to count.
#[derive(Debug)]
pub struct Record {
    /// The id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The clauses it comes from.
    pub clauses: Vec<Id>,
    /// Its line in the file, counted from 1.
    pub line: u32,
    /// Its fields.
    pub fields: BTreeMap<Id, FieldType>,
    /// What must be filled in, or signed, and when.
    pub required: Vec<Requirement>,
    /// How long it is kept, from the day of the event.
    pub retain: Option<Term>,
    /// How its events are numbered.
    pub number: Option<Numbering>,
    /// The script that says what it lacks.
    pub accept: Option<Accept>,
}

/// Fields that a record must have.
#[derive(Debug)]
pub struct Requirement {
    /// The fields.
    pub fields: Vec<Id>,
    /// In which case they are asked for.
    pub when: Condition,
    /// The clause that asks for them.
    pub clause: Option<Id>,
    /// Whether each must be `true` (a signature), not only filled in.
    pub signed: bool,
}

impl Record {
    /// The clause that a field comes from: that of its requirement, else the record's first.
    pub fn clause_of(&self, field: &str) -> Option<Id> {
        let asks = self
            .required
            .iter()
            .find(|r| r.fields.iter().any(|f| f.as_ref() == field));
        asks.and_then(|r| r.clause.clone())
            .or_else(|| self.clauses.first().cloned())
    }
}

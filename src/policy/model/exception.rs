//! Exceptions: rules that are waived for a time, by whom and why.

use super::{Condition, Id};
use crate::domain::zone::{Instant, Zone};
use chrono::NaiveDate;

/// That rules are waived for some cases through some dates.
#[derive(Debug, Clone, PartialEq)]
pub struct Exception {
    /// Its id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The clauses that it rests on.
    pub clauses: Vec<Id>,
    /// Its line in the file, counted from 1.
    pub line: u32,
    /// What the author decided where the document is silent.
    pub assume: Option<Id>,
    /// The rules that it waives.
    pub waives: Vec<Id>,
    /// For which cases.
    pub when: Condition,
    /// The first local date, included.
    pub from: NaiveDate,
    /// The last local date, included.
    pub until: NaiveDate,
    /// Who allowed it: a role or a person.
    pub by: Id,
    /// Why.
    pub why: Id,
    /// The paper that it rests on.
    pub document: Option<Id>,
}

impl Exception {
    /// When it begins and when it has ended (not included); none for dates that the zone cannot tell.
    pub fn span(&self, zone: Zone) -> Option<(Instant, Instant)> {
        Some((zone.start_of(self.from).ok()?, zone.end_of(self.until).ok()?))
    }
}

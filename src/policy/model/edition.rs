//! Editions: what is in force from which date on.

use super::{Company, Id, Kind, Procedure};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a new edition does to what is owed under the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transition {
    /// It stays as it is.
    #[default]
    Keep,
    /// Occurrences of a recurring duty whose day is still ahead are planned anew.
    NewOccurrences,
    /// That, and the terms of what is not overdue are counted anew.
    Rebase,
}

impl Transition {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Transition::Keep => "keep",
            Transition::NewOccurrences => "new_occurrences",
            Transition::Rebase => "rebase",
        }
    }
}

/// What is in force from a date on, until the next of them.
#[derive(Debug, Clone)]
pub struct InForce {
    /// The local date; none: from the beginning.
    pub from: Option<NaiveDate>,
    /// One edition of each procedure; of one that is not in force yet, its first.
    pub procedures: Vec<Arc<Procedure>>,
    /// The kinds of case.
    pub kinds: BTreeMap<Id, Arc<Kind>>,
    /// From which date on all of the procedures are in force.
    pub whole_from: NaiveDate,
    /// Whether this part of the history begins with what has come to be known, not with what was decided for that date: a
    /// calendar that was amended.
    pub known: bool,
}

impl Company {
    /// What is in force on a local date.
    pub fn on(&self, date: NaiveDate) -> &InForce {
        let at = self
            .in_force
            .partition_point(|set| set.from.is_none_or(|from| from <= date));
        let set = at.checked_sub(1).and_then(|at| self.in_force.get(at));
        // INVARIANT: the first set is from the beginning; the compiler makes no company without one.
        match set {
            Some(set) => set,
            None => unreachable!("a company has a set from the beginning"),
        }
    }

    /// All editions of all procedures, each once, as they come into force.
    pub fn editions(&self) -> impl Iterator<Item = &Arc<Procedure>> + Clone {
        let mut seen = BTreeSet::new();
        let all = self.in_force.iter().flat_map(|set| &set.procedures);
        all.filter(move |procedure| seen.insert(procedure.head.edition.clone()))
    }
}

//! What a breach or a violation costs whom.

use super::{Condition, Duty, Head, Id};
use crate::domain::event::PENALTY_DECIDED;
use crate::domain::term::Term;
use std::sync::Arc;

/// What a breach or a violation costs whom.
#[derive(Debug)]
pub struct Penalty {
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
    /// For what.
    pub offence: Offence,
    /// How much.
    pub sum: Sum,
    /// Who is charged.
    pub against: Against,
    /// Who is charged beside them, each with a sum of their own.
    pub joint: Vec<Joint>,
}

/// What is penalised.
#[derive(Debug)]
pub enum Offence {
    /// That an obligation under one of these rules is not met in time.
    Breach(Vec<Id>),
    /// That a violation is recorded.
    Violation {
        /// By one of these events.
        on: Vec<Id>,
        /// In which case.
        when: Condition,
        /// The number field that all sums are multiplied by.
        times: Option<Id>,
    },
}

/// How much a penalty is.
#[derive(Debug, Clone)]
pub enum Sum {
    /// So much, in the smallest unit of money.
    Fixed(u32),
    /// What a role decides.
    Decided {
        /// No less than this.
        least: u32,
        /// No more than this.
        most: u32,
        /// The role.
        by: Id,
        /// How long it has.
        within: Term,
    },
    /// Nothing: that it happened is recorded.
    None,
}

/// Who is charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// Whoever owes the obligation.
    Bearers,
    /// Whoever the violation's event names as its actor.
    Actor,
    /// A role.
    Role(Id),
    /// The person that this field names.
    Field(Id),
}

/// Somebody who is charged beside others.
#[derive(Debug, Clone)]
pub struct Joint {
    /// The role.
    pub role: Id,
    /// How much, in the smallest unit of money.
    pub amount_fen: u32,
}

impl Penalty {
    /// The id of the duty to decide it.
    pub fn decision(&self) -> String {
        format!("{}-decision", self.id)
    }
}

impl Duty {
    /// The penalty that it is the duty to decide.
    pub fn decides(&self) -> Option<&Arc<Penalty>> {
        let decides = self.done.iter().any(|done| *done.event == *PENALTY_DECIDED);
        self.penalties.first().filter(|_| decides)
    }
}

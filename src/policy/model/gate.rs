//! Gates: what must be so before an event is taken.

use super::{Condition, Head, Id};
use std::sync::Arc;

/// Events that are refused unless every need is met.
#[derive(Debug)]
pub struct Gate {
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
    /// What it was written as.
    pub side: GateSide,
    /// The events that it stands before.
    pub on: Vec<Id>,
    /// In which case it stands there.
    pub when: Condition,
    /// What must be so.
    pub needs: Vec<Need>,
}

/// What a gate was written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateSide {
    /// A gate.
    Gate,
    /// An approval: before the event that waits for it.
    Approved,
    /// An approval: before the approving event itself.
    Approving,
}

/// Something that must be so.
#[derive(Debug)]
pub struct Need {
    /// What it is called where it is not met.
    pub title: Id,
    /// The clause that asks for it.
    pub clause: Option<Id>,
    /// In which case it is asked for.
    pub only_if: Condition,
    /// How it is told.
    pub test: NeedTest,
}

/// How it is told whether something is so.
#[derive(Debug)]
pub enum NeedTest {
    /// The data are like this: the event's, then the case's.
    That(Condition),
    /// All of these have happened in the present course of the case.
    Happened(Vec<Id>),
    /// No obligation of these rules is live.
    Done(Vec<Id>),
    /// Both are filled in, and not with the same.
    Differ(Operand, Operand),
    /// Both are filled in, and with the same.
    Same(Operand, Operand),
    /// A list has at least so many different members.
    Distinct {
        /// The field with the list.
        field: Id,
        /// How many.
        at_least: u32,
    },
    /// Who reports it acts in one of these roles.
    ActorRole(Vec<Id>),
    /// Who reports it did none of these events of the present course.
    NotActor(Vec<Id>),
    /// No other case that stands has had an event of this gate with the same values of these fields.
    Unique(Vec<Id>),
    /// This has happened in the present course, done in one of these roles, by somebody who did none of `not_by`, and
    /// after the last of `since`.
    ByRole {
        /// One of these events.
        events: Vec<Id>,
        /// The roles.
        roles: Vec<Id>,
        /// Whoever did these does not count.
        not_by: Vec<Id>,
        /// It counts after these.
        since: Vec<Id>,
    },
    /// The points of the case, before the event, are at least what the event says.
    Balance {
        /// The metric with the points.
        metric: Id,
        /// The field of the event.
        field: Id,
    },
    /// Somebody of at least this rank is named.
    Rank {
        /// The field that names persons; `actor` is who reports it.
        operand: Operand,
        /// The role whose rank is needed.
        role: Id,
        /// Its rank.
        at_least: i64,
    },
}

/// Where a value is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// The person who reports the event.
    Actor,
    /// The case's value, as it was before the event.
    OfCase(Id),
    /// The event's own value.
    OfEvent(Id),
    /// The event's value, else the case's.
    Either(Id),
}

//! Shares to be reached, over periods.

use super::{Head, Id};
use crate::domain::fraction::Fraction;
use crate::domain::term::Term;
use std::sync::Arc;

/// A span of the calendar over which something is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Period {
    /// A local day.
    Day,
    /// A month.
    Month,
    /// A quarter.
    Quarter,
    /// A year.
    Year,
}

/// A share to be reached.
#[derive(Debug)]
pub struct Rate {
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
    /// The rules whose obligations are its members.
    pub of: Vec<Id>,
    /// Over what; a member belongs to the period of its trigger's local date.
    pub per: Period,
    /// What must be reached.
    pub target: Target,
    /// Below this, but not below the target, is a warning.
    pub warn_below: Option<Fraction>,
    /// How long those have that are drawn at the period's end; none: all members are owed.
    pub top_up: Option<Term>,
    /// How long whoever decides the target has, from the day on which the rate begins to count.
    pub decide_within: Option<Term>,
}

/// The target of a rate.
#[derive(Debug, Clone)]
pub enum Target {
    /// At least this share.
    AtLeast(Fraction),
    /// What this role decides; until it has, there is no verdict.
    DecidedBy(Id),
}

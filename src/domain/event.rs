//! Something that happened to a case, reported by someone.

use crate::domain::value::Fields;
use crate::domain::zone::Instant;
use std::sync::Arc;

/// An event as accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its place in the record, counted from 1 over all companies; 0 while it has none.
    pub seq: u64,
    /// Its id, unique for its company and source.
    pub id: Arc<str>,
    /// The system that reports it.
    pub source: Arc<str>,
    /// Its type, `kind.event`.
    pub kind: Arc<str>,
    /// The case it happened to.
    pub case: Arc<str>,
    /// When it happened.
    pub occurred_at: Instant,
    /// When the server took it.
    pub recorded_at: Instant,
    /// Who did it.
    pub actor: Actor,
    /// What it says.
    pub data: Fields,
    /// The earlier event of the same case whose content this one replaces.
    pub corrects: Option<Arc<str>>,
    /// The earlier event of the same case that this one takes back.
    pub retracts: Option<Arc<str>>,
    /// The rule that made the engine itself report it.
    pub cause: Option<Cause>,
    /// History taken in bulk: what would have been told before this instant is not told.
    pub effects_from: Option<Instant>,
}

/// Who did something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// The person's id.
    pub person: Option<Arc<str>>,
    /// The role in which it was done.
    pub role: Option<Arc<str>>,
}

/// Why the engine itself reported an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The rule.
    pub rule: Arc<str>,
    /// The case that led to it.
    pub case: Arc<str>,
    /// The event that led to it.
    pub event: Arc<str>,
}

/// The source of events that the engine itself reports.
pub const OWN_SOURCE: &str = "guicheng";

/// Reserved types: what changes state beyond the kinds of the company.
pub const WAIVED: &str = "obligation.waived";
/// An obligation gets a later due date.
pub const EXTENDED: &str = "obligation.extended";
/// Somebody decided a rate's target.
pub const TARGET_DECIDED: &str = "rate.target-decided";
/// A completion that was reported too late to count by itself is vouched for.
pub const CONFIRMED: &str = "obligation.confirmed";
/// Somebody decided how much a penalty is.
pub const PENALTY_DECIDED: &str = "penalty.decided";
/// The kind of the cases on which rates' targets are decided.
pub const RATE_KIND: &str = "rate";
/// A rate whose target is left to somebody begins to count.
pub const RATE_OPENED: &str = "rate.opened";
/// A threshold was reached that marks its case; the engine alone reports it.
pub const MARKED: &str = "case.marked";
/// A stored record may go.
pub const DISPOSED: &str = "record.disposed";

impl Event {
    /// The kind of case in its type, and the event after the dot.
    pub fn parts(&self) -> (&str, &str) {
        self.kind.split_once('.').unwrap_or((&self.kind, ""))
    }

    /// Whether its type is one of the reserved ones, which say nothing of the kind of their case.
    pub fn is_reserved(&self) -> bool {
        is_reserved(&self.kind)
    }
}

/// Whether a type is reserved.
pub fn is_reserved(kind: &str) -> bool {
    [
        WAIVED,
        EXTENDED,
        CONFIRMED,
        TARGET_DECIDED,
        PENALTY_DECIDED,
        DISPOSED,
        MARKED,
    ]
    .contains(&kind)
}

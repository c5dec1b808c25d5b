//! What came of a trial, counted.

use super::load::RoleLoad;
use super::rates::RateChange;
use super::row::{Change, Depends, Row, What};
use serde::Serialize;

/// How what served and a draft compare over a span.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The company.
    pub company: String,
    /// The first local date on which the draft is in force.
    pub from: String,
    /// The last local date that was looked at, included.
    pub to: String,
    /// As things stood at this instant, the end of that date.
    pub as_of: String,
    /// How many events were folded.
    pub events: u64,
    /// How much differs in all.
    pub totals: Totals,
    /// What differs by procedure, clause and rule, in their order.
    pub groups: Vec<Group>,
    /// The rates that differ.
    pub rates: Vec<RateChange>,
    /// The roles that have more or less to do, or at other times.
    pub load: Vec<RoleLoad>,
}

impl Comparison {
    /// Whether there is any difference.
    pub fn differs(&self) -> bool {
        self.totals.rows > 0 || !self.rates.is_empty() || !self.load.is_empty()
    }
}

/// How much differs in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Obligations that are the same under both.
    pub same: u64,
    /// Obligations that differ in any way, or are there under one only.
    pub differing: u64,
    /// Differences in all.
    pub rows: u64,
    /// Of these, those that follow from what was reported.
    pub mechanical: u64,
    /// Of these, those that hang on how people would have acted.
    pub behaviour: u64,
}

/// What differs under one rule.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// The procedure.
    pub procedure: String,
    /// The clause.
    pub clause: String,
    /// The rule.
    pub rule: String,
    /// Its name for people.
    pub title: String,
    /// How many of its obligations are the same.
    pub same: u64,
    /// What differs.
    pub counts: Vec<Count>,
}

/// Differences of one sort under one rule.
#[derive(Clone, Debug, Serialize)]
pub struct Count {
    /// What it hangs on.
    pub depends: Depends,
    /// What differs.
    pub what: What,
    /// How.
    pub change: Change,
    /// How many.
    pub count: u64,
    /// By how much later, below zero earlier, half of them at most, in minutes; of an even number the lower middle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_shift_minutes: Option<i64>,
    /// The first few.
    pub examples: Vec<Row>,
}

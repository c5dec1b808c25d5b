//! Witnesses: an event that shows what a finding says.

use crate::domain::value::Fields;
use crate::policy::model::Id;
use chrono::{NaiveDate, NaiveTime};

/// The local time at which events of witnesses occur.
const AT_HOUR: u64 = 10;

/// An event that shows what a finding says. What a user can run is written from it by `engine::timeline::witness`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The rule that it is about.
    pub rule: Id,
    /// The type of the event.
    pub event: Id,
    /// The local date on which it occurs, at ten o'clock.
    pub on: NaiveDate,
    /// What it must say; what else its type needs may be anything.
    pub data: Fields,
    /// What then is so.
    pub shows: Shows,
}

/// What a witness shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shows {
    /// An obligation of each of these rules.
    Owed(Vec<Id>),
    /// No obligation of any of these rules.
    NotOwed(Vec<Id>),
    /// An obligation of this rule whose due date rests on days that no calendar has published.
    Provisional(Id),
}

/// The local time at which events of witnesses occur.
pub fn hour() -> NaiveTime {
    let minutes = chrono::TimeDelta::hours(i64::try_from(AT_HOUR).unwrap_or_default());
    NaiveTime::MIN.overflowing_add_signed(minutes).0
}

impl Witness {
    /// The local time at which it occurs.
    pub fn at(&self) -> chrono::NaiveDateTime {
        self.on.and_time(hour())
    }
}

//! Due dates of the two kinds, which are never mixed: a last day, or a last instant.

use chrono::NaiveDate;

use super::zone::{Instant, Zone};

/// By when something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The day kind: on time on that local date.
    Day {
        /// The last local date, included.
        on: NaiveDate,
        /// The midnight that ends it, not included.
        at: Instant,
    },
    /// The instant kind: on time at that instant.
    Instant {
        /// The last instant, included.
        at: Instant,
    },
}

impl Due {
    /// The instant to show: not included for the day kind, included for the instant kind.
    pub fn at(&self) -> Instant {
        match self {
            Due::Day { at, .. } | Due::Instant { at } => *at,
        }
    }

    /// Whether what happened then was on time.
    pub fn on_time(&self, occurred_at: Instant) -> bool {
        !self.passed(occurred_at)
    }

    /// Whether it is too late then: from the midnight on for the day kind, after the instant for the instant kind.
    pub fn passed(&self, as_of: Instant) -> bool {
        match self {
            Due::Day { at, .. } => as_of >= *at,
            Due::Instant { at } => as_of > *at,
        }
    }

    /// The last local date: that of the instant, for the instant kind.
    pub fn date(&self, zone: Zone) -> NaiveDate {
        match self {
            Due::Day { on, .. } => *on,
            Due::Instant { at } => zone.date(*at),
        }
    }
}

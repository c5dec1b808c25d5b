//! The time zone of a company: where instants become local dates, and local dates become instants, once.

use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, SecondsFormat, TimeDelta, TimeZone};
use chrono::{Timelike, Utc};
use chrono_tz::Tz;

use super::date::{in_range, plus_days};

/// A point in time, the same everywhere.
pub type Instant = DateTime<Utc>;

/// Why a date or an instant could not be worked out.
#[derive(thiserror::Error, Debug, Clone, PartialEq, Eq)]
pub enum TimeError {
    /// The result is outside the years that the engine answers for.
    #[error("the date is outside 1900-01-01 to 9999-12-31")]
    OutOfRange,
    /// The clocks of the zone jumped over this local time.
    #[error("the local time {local} does not exist in {zone}: the clocks jumped over it; write it with an offset")]
    LocalTimeMissing {
        /// The local time that was asked for.
        local: NaiveDateTime,
        /// The name of the zone.
        zone: &'static str,
    },
    /// The text is no time.
    #[error("`{text}` is not a time: write 2026-03-06T09:30:00, or with an offset 2026-03-06T09:30:00+08:00")]
    Unreadable {
        /// What was written.
        text: String,
    },
    /// The calendar has no working day in 3660 days in a row.
    #[error("the calendar has no working day in 3660 days in a row")]
    NoWorkingDay,
    /// The calendar has no open time in 3660 days in a row, or names no business hours.
    #[error("the calendar has no business hours in 3660 days in a row")]
    NeverOpen,
    /// The pause that the counting ran into has no end yet, so there is no due date.
    #[error("the case is paused without an end, so there is no due date yet")]
    StillPaused,
    /// A window that would close before it opens.
    #[error("the window would open on {opens_on}, after its latest day {latest_on}")]
    WindowEmpty {
        /// The local date on which the window would open.
        opens_on: NaiveDate,
        /// The local date of its latest edge.
        latest_on: NaiveDate,
    },
    /// A term of hours or minutes where only days, working days, weeks, months or years have a meaning.
    #[error("{term} is not a number of days, weeks, months or years")]
    NotDays {
        /// The term that was given.
        term: super::term::Term,
    },
    /// More occurrences than one question may have as its answer.
    #[error("more than {max} occurrences: ask for a shorter span")]
    TooMany {
        /// The most that are answered.
        max: usize,
    },
    /// A recurrence that can have no date: an interval of 0, no weekday, no such day of a month.
    #[error("the recurrence has no date at all: check its interval and its days")]
    NeverRecurs,
}

/// A zone of the IANA database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Tz);

/// How long before and after its nominal UTC time the first instant of a local date is searched.
const SEARCH: TimeDelta = TimeDelta::hours(26);

impl Zone {
    /// The zone of this IANA name, such as `Asia/Shanghai` (upper and lower case matter); `None` if there is none.
    pub fn parse(name: &str) -> Option<Zone> {
        Tz::from_str(name).ok().map(Zone)
    }

    /// The IANA name.
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// What the clocks of the zone show at this instant.
    pub fn local(&self, at: Instant) -> NaiveDateTime {
        let utc = at.naive_utc();
        utc.checked_add_offset(self.offset(at)).unwrap_or(utc)
    }

    /// The local date at this instant. Not range checked.
    pub fn date(&self, at: Instant) -> NaiveDate {
        self.local(at).date()
    }

    /// The instant at which the local date begins: its midnight, the first instant after it if the clocks jumped over
    /// midnight, the earlier one if it came twice. [`TimeError::OutOfRange`] for dates outside the years of the engine.
    pub fn start_of(&self, on: NaiveDate) -> Result<Instant, TimeError> {
        self.resolve_forward(on.and_time(NaiveTime::MIN))
    }

    /// The midnight that ends the date, which is the first instant that no longer belongs to it: `start_of(on + 1)`.
    /// [`TimeError::OutOfRange`] also for 31 December 9999, since no RFC 3339 text has the midnight that ends it.
    pub fn end_of(&self, on: NaiveDate) -> Result<Instant, TimeError> {
        self.start_of(plus_days(on, 1)?)
    }

    /// The instant at which the clocks of the zone show this local time; the earlier one if they show it twice.
    /// [`TimeError::LocalTimeMissing`] if they never do, [`TimeError::OutOfRange`] outside the years of the engine.
    pub fn resolve(&self, local: NaiveDateTime) -> Result<Instant, TimeError> {
        in_range(local.date())?;
        match self.0.offset_from_local_datetime(&local).earliest() {
            Some(offset) => {
                let utc = local.checked_sub_offset(offset.fix()).ok_or(TimeError::OutOfRange)?;
                Ok(utc.and_utc())
            }
            None => Err(TimeError::LocalTimeMissing {
                local,
                zone: self.name(),
            }),
        }
    }

    /// Like [`Zone::resolve`], but a local time that the clocks jumped over becomes the first instant after the jump.
    /// For times that a policy names (closing time, "by 12:00"), which must not fail on one day in the year.
    pub fn resolve_forward(&self, local: NaiveDateTime) -> Result<Instant, TimeError> {
        match self.resolve(local) {
            Err(TimeError::LocalTimeMissing { .. }) => self.after_gap(local),
            other => other,
        }
    }

    /// The first second at which the clocks show `local` or later, for a `local` inside a gap.
    fn after_gap(&self, local: NaiveDateTime) -> Result<Instant, TimeError> {
        let nominal = local.and_utc();
        let before = nominal.checked_sub_signed(SEARCH).ok_or(TimeError::OutOfRange)?;
        let shown = |second: i64| {
            let at = before.checked_add_signed(TimeDelta::try_seconds(second)?)?;
            Some((at, self.local(at) >= local))
        };
        let (mut early, mut late) = (0_i64, SEARCH.num_seconds().saturating_mul(2));
        while late.saturating_sub(early) > 1 {
            let middle = early.midpoint(late);
            match shown(middle) {
                Some((_, true)) => late = middle,
                _ => early = middle,
            }
        }
        shown(late).map(|(at, _)| at).ok_or(TimeError::OutOfRange)
    }

    /// RFC 3339 text with this zone's offset, such as `2026-03-06T00:00:00+08:00`; fractions of a second only where
    /// there are any. Offsets of before 1901 that have seconds are cut to minutes, which keeps the instant.
    pub fn rfc3339(&self, at: Instant) -> String {
        let seconds = self.offset(at).local_minus_utc();
        let whole = FixedOffset::east_opt(seconds.saturating_sub(seconds % 60)).unwrap_or(Utc.fix());
        at.with_timezone(&whole).to_rfc3339_opts(SecondsFormat::AutoSi, false)
    }

    /// Reads RFC 3339 with an offset, or a local time without one (`2026-03-06T09:30`, seconds optional) as this
    /// zone's. [`TimeError::Unreadable`] for other text and for leap seconds, [`TimeError::LocalTimeMissing`] as in
    /// [`Zone::resolve`], [`TimeError::OutOfRange`] if the local date is.
    pub fn parse_instant(&self, text: &str) -> Result<Instant, TimeError> {
        let unreadable = || TimeError::Unreadable { text: text.to_owned() };
        let at = match DateTime::parse_from_rfc3339(text) {
            Ok(at) if at.nanosecond() < 1_000_000_000 => at.to_utc(),
            Ok(_) => return Err(unreadable()),
            Err(_) => {
                let local = [
                    "%Y-%m-%dT%H:%M:%S%.f",
                    "%Y-%m-%dT%H:%M",
                    "%Y-%m-%d %H:%M:%S%.f",
                    "%Y-%m-%d %H:%M",
                ]
                .iter()
                .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
                .filter(|local| local.nanosecond() < 1_000_000_000)
                .ok_or_else(unreadable)?;
                self.resolve(local)?
            }
        };
        in_range(self.date(at))?;
        Ok(at)
    }

    fn offset(&self, at: Instant) -> FixedOffset {
        self.0.offset_from_utc_datetime(&at.naive_utc()).fix()
    }
}

#[cfg(test)]
mod tests;

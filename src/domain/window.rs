//! Windows: deadlines that also have an opening, and dates counted back from another.

use chrono::{Days, NaiveDate};

use super::date::{minus_days, minus_months, plus_days};
use super::deadline::{Counting, Due, reckon, shifted};
use super::pause::Pauses;
use super::term::{End, Shift, Term};
use super::zone::{Instant, TimeError};

/// The time in which something must be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first local date, included.
    pub opens_on: NaiveDate,
    /// The first instant, included: the start of that date, or the instant at which hours have run.
    pub opens_at: Instant,
    /// The latest edge.
    pub due: Due,
    /// Whether the calendar assumed a day on the way to either edge.
    pub provisional: bool,
}

/// Whether the corresponding day of the opening is still before the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum OpenEdge {
    /// "A month after": the month must have run in full, so the window opens on the day after the corresponding day.
    #[default]
    Exclusive,
    /// The window opens on the corresponding day.
    Inclusive,
}

/// The window that opens `after` the one anchor and closes `within` the other; each edge clamps on its own. Only the
/// latest edge shifts and is moved by pauses. After hours or minutes the window opens at that instant, for either edge.
/// [`TimeError::WindowEmpty`] when it would open after its latest edge; else fails as [`reckon`].
pub fn window(
    after_anchor: Instant,
    after: Term,
    within_anchor: Instant,
    within: Term,
    edge: OpenEdge,
    how: &Counting<'_>,
) -> Result<Window, TimeError> {
    let pauses = Pauses::none();
    let plain = Counting {
        end: End::Midnight,
        shift: Shift::None,
        pauses: &pauses,
        ..*how
    };
    let opening = reckon(after_anchor, after, &plain)?;
    let (opens_on, opens_at) = match (opening.due, edge) {
        (Due::Instant { at }, _) => (how.zone.date(at), at),
        (Due::Day { on, .. }, OpenEdge::Inclusive) => (on, how.zone.start_of(on)?),
        (Due::Day { on, at }, OpenEdge::Exclusive) => (plus_days(on, 1)?, at),
    };
    let latest = reckon(within_anchor, within, how)?;
    not_empty(
        Window {
            opens_on,
            opens_at,
            due: latest.due,
            provisional: opening.provisional || latest.provisional,
        },
        how,
    )
}

fn not_empty(window: Window, how: &Counting<'_>) -> Result<Window, TimeError> {
    if window.due.passed(window.opens_at) {
        return Err(TimeError::WindowEmpty {
            opens_on: window.opens_on,
            latest_on: window.due.date(how.zone),
        });
    }
    Ok(window)
}

/// The middle of two dates: start + floor(days between them / 2). Dates in the wrong order have one as well.
pub fn midpoint(start_on: NaiveDate, end_on: NaiveDate) -> NaiveDate {
    let half = end_on.signed_duration_since(start_on).num_days().div_euclid(2);
    let days = Days::new(half.unsigned_abs());
    let middle = if half < 0 {
        start_on.checked_sub_days(days)
    } else {
        start_on.checked_add_days(days)
    };
    middle.unwrap_or(start_on)
}

/// The window of `tolerance` before and after the middle of two dates, both outer days included. The latest edge ends,
/// shifts and is paused as `how` says, counted from the middle. [`TimeError::NotDays`] for a tolerance in hours or
/// minutes; else fails as [`window`].
pub fn midpoint_window(
    start_on: NaiveDate,
    end_on: NaiveDate,
    tolerance: Term,
    how: &Counting<'_>,
) -> Result<Window, TimeError> {
    let middle = midpoint(start_on, end_on);
    let (opens_on, assumed) = back(middle, tolerance, how)?;
    let latest = reckon(how.zone.start_of(middle)?, tolerance, how)?;
    let opens_at = how.zone.start_of(opens_on)?;
    not_empty(
        Window {
            opens_on,
            opens_at,
            due: latest.due,
            provisional: assumed || latest.provisional,
        },
        how,
    )
}

/// The latest date that is `term` before `date`, which itself is not counted: 7 days before the 10th is the 3rd. Working
/// days are counted backwards. [`Shift::Previous`] moves a date that is not a working day; [`Shift::Next`] does not apply,
/// since it would leave less time than the term. [`TimeError::NotDays`] for hours and minutes, [`TimeError::OutOfRange`],
/// [`TimeError::NoWorkingDay`].
pub fn before(date: NaiveDate, term: Term, how: &Counting<'_>) -> Result<NaiveDate, TimeError> {
    before_provisional(date, term, how).map(|(on, _)| on)
}

/// As [`before`], and whether the calendar assumed a day on the way.
pub fn before_provisional(date: NaiveDate, term: Term, how: &Counting<'_>) -> Result<(NaiveDate, bool), TimeError> {
    let (on, counted) = back(date, term, how)?;
    if how.shift != Shift::Previous {
        return Ok((on, counted));
    }
    let (on, moved, _) = shifted(on, Shift::Previous, None, how.calendar)?;
    Ok((on, counted || moved))
}

fn back(date: NaiveDate, term: Term, how: &Counting<'_>) -> Result<(NaiveDate, bool), TimeError> {
    let on = match term {
        Term::Days(n) => minus_days(date, u64::from(n))?,
        Term::Weeks(n) => minus_days(date, u64::from(n).saturating_mul(7))?,
        Term::Months(n) => minus_months(date, n)?,
        Term::Years(n) => minus_months(date, n.saturating_mul(12))?,
        Term::WorkingDays(n) => return how.calendar.nth_working_day_before(date, n),
        Term::Minutes(_) | Term::OpenMinutes(_) => return Err(TimeError::NotDays { term }),
    };
    Ok((on, false))
}

#[cfg(test)]
mod tests;

//! Deadlines: from a start and a term to the day or the instant by which something is due.

use chrono::{Datelike, NaiveDate, NaiveTime};

use super::calendar::{Calendar, Day};
use super::date::{SEARCH_DAYS, in_range, minus_days, plus_days, plus_months};
use super::pause::Pauses;
use super::running::{elapse, open_time};
use super::term::{End, Shift, Term};
use super::zone::{Instant, TimeError, Zone};

pub use super::due::Due;
pub use super::reminder::{Reminder, reminders};
pub use super::step::{Step, StepWhy};
pub use super::window::{OpenEdge, Window, before, before_provisional, midpoint, midpoint_window, window};

/// How a term is counted.
#[derive(Clone, Copy, Debug)]
pub struct Counting<'a> {
    /// The zone of the company: its local dates are the days.
    pub zone: Zone,
    /// The calendar of working days, open time and shifts.
    pub calendar: &'a Calendar,
    /// Where on its last day a term of days ends; terms of hours and minutes do not look at it.
    pub end: End,
    /// What happens to a last day that is not a working day; terms of hours and minutes do not look at it.
    pub shift: Shift,
    /// When the case was paused.
    pub pauses: &'a Pauses,
}

/// A due date, and how far it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reckoned {
    /// By when it is due.
    pub due: Due,
    /// Whether the calendar assumed a day on the way: to be reckoned anew when it is published.
    pub provisional: bool,
}

/// By when something is due that `term` gives from `start` on.
///
/// The start day is not counted (Civil Code, art. 201); months and years end on the corresponding day or the month's
/// last (art. 202), hours and minutes run from the instant through nights and holidays. `Days(0)` and `WorkingDays(0)`
/// end with the start day. A pause at a day's 24:00 leaves the day unconsumed; for weeks, months and years that adds to
/// the count of days that the term has without pauses. Hours and open time do not run while paused.
///
/// [`Shift::Previous`] never moves to before the start day; the day stays then. With [`End::Close`], a close before the
/// start, or a day without one, leads to the next close, which is that of the next working day unless rest days have
/// open time; with [`End::At`], a time before the start leads to the next day, the next working day for [`Shift::Next`].
///
/// Fails with [`TimeError::OutOfRange`], [`TimeError::NoWorkingDay`], [`TimeError::NeverOpen`], and with
/// [`TimeError::StillPaused`] where a pause without an end leaves it open ([`paused_due`] has the projection).
pub fn reckon(start: Instant, term: Term, how: &Counting<'_>) -> Result<Reckoned, TimeError> {
    run(start, term, how, &mut |_| {})
}

/// As [`reckon`], with the steps from the start (first) to the due date (last).
pub fn reckon_steps(start: Instant, term: Term, how: &Counting<'_>) -> Result<(Reckoned, Vec<Step>), TimeError> {
    let mut steps = Vec::new();
    let reckoned = run(start, term, how, &mut |step| steps.push(step))?;
    Ok((reckoned, steps))
}

/// The projection while paused: the due date if the case were resumed at `resumed_at`. Fails as [`reckon`].
pub fn paused_due(start: Instant, term: Term, how: &Counting<'_>, resumed_at: Instant) -> Result<Reckoned, TimeError> {
    let pauses = how.pauses.resumed_at(resumed_at);
    reckon(
        start,
        term,
        &Counting {
            pauses: &pauses,
            ..*how
        },
    )
}

/// A result and whether it rests on an assumption of the calendar.
type Provisional<T> = Result<(T, bool), TimeError>;

fn run(start: Instant, term: Term, how: &Counting<'_>, tell: &mut dyn FnMut(Step)) -> Result<Reckoned, TimeError> {
    let start_on = in_range(how.zone.date(start))?;
    tell(Step::sure(start_on, StepWhy::Start));
    let (due, provisional) = match term {
        Term::Minutes(minutes) => (
            Due::Instant {
                at: elapse(start, minutes, how, tell)?,
            },
            false,
        ),
        Term::OpenMinutes(minutes) => {
            let (at, provisional) = open_time(start, minutes, how, tell)?;
            (Due::Instant { at }, provisional)
        }
        _ => {
            let (last, counted) = last_day(start_on, term, how, tell)?;
            let (last, shifted) = shift_from(start_on, last, how, tell)?;
            let (due, ended) = end_of(last, start, how, tell)?;
            (due, counted || shifted || ended)
        }
    };
    let on = in_range(due.date(how.zone))?;
    tell(Step {
        on,
        why: StepWhy::End(due),
        certain: !provisional,
    });
    Ok(Reckoned { due, provisional })
}

/// The last day of a term of days, before any shift.
fn last_day(start_on: NaiveDate, term: Term, how: &Counting<'_>, tell: &mut dyn FnMut(Step)) -> Provisional<NaiveDate> {
    let months = match term {
        Term::Days(0) | Term::WorkingDays(0) => {
            let mut on = start_on;
            while day_paused(on, how)? {
                tell(Step::sure(on, StepWhy::Paused));
                on = plus_days(on, 1)?;
            }
            return Ok((on, false));
        }
        Term::Days(n) => return Ok((count_days(start_on, n, true, how, tell)?, false)),
        Term::WorkingDays(n) => return count_working_days(start_on, n, how, tell),
        Term::Weeks(n) => {
            let last = plus_days(start_on, u64::from(n).saturating_mul(7))?;
            return Ok((extend(start_on, last, StepWhy::CorrespondingDay, how, tell)?, false));
        }
        Term::Months(n) => n,
        Term::Years(n) => n.saturating_mul(12),
        Term::Minutes(_) | Term::OpenMinutes(_) => return Err(TimeError::NotDays { term }),
    };
    let last = plus_months(start_on, months)?;
    let same_day = last.day() == start_on.day();
    let why = if same_day {
        StepWhy::CorrespondingDay
    } else {
        StepWhy::MonthEndClamp
    };
    Ok((extend(start_on, last, why, how, tell)?, false))
}

/// Moves the unpaused last day on by the days that were not consumed.
fn extend(
    start_on: NaiveDate,
    last: NaiveDate,
    why: StepWhy,
    how: &Counting<'_>,
    tell: &mut dyn FnMut(Step),
) -> Result<NaiveDate, TimeError> {
    tell(Step::sure(last, why));
    if how.pauses.is_empty() {
        return Ok(last);
    }
    let days = last.signed_duration_since(start_on).num_days();
    count_days(
        start_on,
        u32::try_from(days).map_err(|_| TimeError::OutOfRange)?,
        false,
        how,
        tell,
    )
}

fn count_days(
    start_on: NaiveDate,
    n: u32,
    tell_counted: bool,
    how: &Counting<'_>,
    tell: &mut dyn FnMut(Step),
) -> Result<NaiveDate, TimeError> {
    let (mut on, mut counted) = (start_on, 0_u32);
    while counted < n {
        on = plus_days(on, 1)?;
        if day_paused(on, how)? {
            tell(Step::sure(on, StepWhy::Paused));
        } else {
            counted = counted.saturating_add(1);
            if tell_counted {
                tell(Step::sure(on, StepWhy::Counted(counted)));
            }
        }
    }
    Ok(on)
}

fn count_working_days(
    start_on: NaiveDate,
    n: u32,
    how: &Counting<'_>,
    tell: &mut dyn FnMut(Step),
) -> Provisional<NaiveDate> {
    let mut counted = 0_u32;
    how.calendar.walk(
        start_on,
        n,
        plus_days,
        &mut |on,
              Day {
                  working,
                  certain,
                  reason,
              }| {
            let counts = *working && !day_paused(on, how)?;
            let why = match (*working, counts) {
                (false, _) => StepWhy::NotWorking(reason.clone()),
                (true, false) => StepWhy::Paused,
                (true, true) => {
                    counted = counted.saturating_add(1);
                    StepWhy::Counted(counted)
                }
            };
            tell(Step {
                on,
                why,
                certain: *certain,
            });
            Ok(counts)
        },
    )
}

/// Whether the case is paused at the 24:00 of the day.
fn day_paused(on: NaiveDate, how: &Counting<'_>) -> Result<bool, TimeError> {
    if how.pauses.is_empty() {
        Ok(false)
    } else {
        how.pauses.day_ends_paused(how.zone.end_of(on)?)
    }
}

/// The last day after its shift; a shift to before the start day does not happen.
fn shift_from(
    start_on: NaiveDate,
    last: NaiveDate,
    how: &Counting<'_>,
    tell: &mut dyn FnMut(Step),
) -> Provisional<NaiveDate> {
    let (moved, provisional, passed) = shifted(last, how.shift, Some(start_on), how.calendar)?;
    passed.into_iter().for_each(tell);
    Ok((moved, provisional))
}

/// The day after a shift, whether a day that was looked at is only assumed, and the days that were moved on from. A
/// shift to the previous working day does not reach before `not_before`: the day stays then.
pub(super) fn shifted(
    on: NaiveDate,
    shift: Shift,
    not_before: Option<NaiveDate>,
    calendar: &Calendar,
) -> Result<(NaiveDate, bool, Vec<Step>), TimeError> {
    let stride = match shift {
        Shift::None => return Ok((on, false, Vec::new())),
        Shift::Next => plus_days,
        Shift::Previous => minus_days,
    };
    let (mut to, mut provisional, mut passed) = (on, false, Vec::new());
    for _ in 0..SEARCH_DAYS {
        let Day {
            working,
            certain,
            reason,
        } = calendar.day(to);
        provisional |= !certain;
        if working {
            return Ok((to, provisional, passed));
        }
        passed.push(Step {
            on: to,
            why: StepWhy::Shifted(reason),
            certain,
        });
        if shift == Shift::Previous && not_before.is_some_and(|first| to <= first) {
            return Ok((on, provisional, Vec::new()));
        }
        to = stride(to, 1)?;
    }
    Err(TimeError::NoWorkingDay)
}

/// The end of the last day.
fn end_of(last: NaiveDate, start: Instant, how: &Counting<'_>, tell: &mut dyn FnMut(Step)) -> Provisional<Due> {
    match how.end {
        End::Midnight => Ok((
            Due::Day {
                on: last,
                at: how.zone.end_of(last)?,
            },
            false,
        )),
        End::Close => {
            let (mut on, mut provisional) = (last, false);
            for _ in 0..SEARCH_DAYS {
                let Day { certain, reason, .. } = how.calendar.day(on);
                provisional |= !certain;
                let why = match close_of(on, how)? {
                    Some(due) if due.at() >= start => return Ok((due, provisional)),
                    Some(_) => StepWhy::EndedBeforeStart,
                    None => StepWhy::NoClose(reason),
                };
                tell(Step { on, why, certain });
                on = plus_days(on, 1)?;
            }
            Err(TimeError::NeverOpen)
        }
        End::At(time) => {
            let at = how.zone.resolve_forward(last.and_time(time))?;
            if at >= start {
                return Ok((Due::Instant { at }, false));
            }
            tell(Step::sure(last, StepWhy::EndedBeforeStart));
            let (next, provisional) = match how.shift {
                Shift::Next => how.calendar.nth_working_day_after(last, 1, &mut |_, _, _| {})?,
                Shift::None | Shift::Previous => (plus_days(last, 1)?, false),
            };
            Ok((
                Due::Instant {
                    at: how.zone.resolve_forward(next.and_time(time))?,
                },
                provisional,
            ))
        }
    }
}

/// The close of business of a day, `None` if it is not open. A close at 24:00 is the midnight that ends the day.
fn close_of(on: NaiveDate, how: &Counting<'_>) -> Result<Option<Due>, TimeError> {
    match how.calendar.open_spans(on).last() {
        None => Ok(None),
        Some((_, NaiveTime::MIN)) => Ok(Some(Due::Day {
            on,
            at: how.zone.end_of(on)?,
        })),
        Some((_, close)) => Ok(Some(Due::Instant {
            at: how.zone.resolve_forward(on.and_time(*close))?,
        })),
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

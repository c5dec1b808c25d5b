//! Terms that run by the minute: elapsed time, and open time of a calendar, both without what was paused.

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::calendar::{Day, Span};
use super::date::{SEARCH_DAYS, plus_days};
use super::deadline::Counting;
use super::step::{Step, StepWhy};
use super::zone::{Instant, TimeError};

/// The instant at which `minutes` have run from `start` on.
pub(super) fn elapse(
    start: Instant,
    minutes: u32,
    how: &Counting<'_>,
    tell: &mut dyn FnMut(Step),
) -> Result<Instant, TimeError> {
    let (mut left, mut now) = (TimeDelta::minutes(i64::from(minutes)), start);
    let ran = |from: Instant, time: TimeDelta, tell: &mut dyn FnMut(Step)| {
        tell(Step::sure(
            how.zone.date(from),
            StepWhy::Elapsed {
                minutes: time.num_minutes(),
            },
        ));
    };
    for (pause, resume) in how.pauses.intervals() {
        if resume.is_some_and(|resume| resume <= now) {
            continue;
        }
        let run = (*pause).max(now).signed_duration_since(now);
        if left <= run {
            break;
        }
        if !run.is_zero() {
            ran(now, run, tell);
        }
        left = left.checked_sub(&run).ok_or(TimeError::OutOfRange)?;
        let (from, to) = ((*pause).max(now), resume.ok_or(TimeError::StillPaused)?);
        tell(Step::sure(how.zone.date(from), StepWhy::PausedTime { from, to }));
        now = to;
    }
    ran(now, left, tell);
    now.checked_add_signed(left).ok_or(TimeError::OutOfRange)
}

/// The instant at which `minutes` of open time have run from `start` on: the close itself if that uses them up. And whether the
/// calendar assumed a day on the way.
pub(super) fn open_time(
    start: Instant,
    minutes: u32,
    how: &Counting<'_>,
    tell: &mut dyn FnMut(Step),
) -> Result<(Instant, bool), TimeError> {
    let mut left = TimeDelta::minutes(i64::from(minutes));
    let (mut on, mut idle, mut provisional) = (how.zone.date(start), 0_u32, false);
    if left.is_zero() {
        return Ok((start, false));
    }
    loop {
        let Day { certain, reason, .. } = how.calendar.day(on);
        provisional |= !certain;
        let spans = how.calendar.open_spans(on);
        if spans.is_empty() {
            tell(Step {
                on,
                why: StepWhy::NotWorking(reason),
                certain,
            });
            idle = idle.saturating_add(1);
            if idle >= SEARCH_DAYS {
                return Err(TimeError::NeverOpen);
            }
        } else {
            idle = 0;
        }
        for span in spans {
            let (opens, closes) = open_between(on, *span, how)?;
            for (from, to) in how.pauses.running(opens.max(start), closes) {
                let used = to.signed_duration_since(from).min(left);
                let to = from.checked_add_signed(used).ok_or(TimeError::OutOfRange)?;
                left = left.checked_sub(&used).ok_or(TimeError::OutOfRange)?;
                tell(Step {
                    on,
                    why: StepWhy::Open {
                        from,
                        to,
                        minutes: used.num_minutes(),
                    },
                    certain,
                });
                if left.is_zero() {
                    return Ok((to, provisional));
                }
            }
            if how.pauses.open_since().is_some_and(|since| since < closes) {
                return Err(TimeError::StillPaused);
            }
        }
        on = plus_days(on, 1)?;
    }
}

/// The instants at which a span of a day opens and closes.
fn open_between(on: NaiveDate, (from, to): Span, how: &Counting<'_>) -> Result<(Instant, Instant), TimeError> {
    let opens = how.zone.resolve_forward(on.and_time(from))?;
    let closes = if to == NaiveTime::MIN {
        how.zone.end_of(on)?
    } else {
        how.zone.resolve_forward(on.and_time(to))?
    };
    Ok((opens, closes))
}

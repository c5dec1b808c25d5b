//! What recurs: one occurrence after another, the next one coming to be when the last one's term has ended.

use crate::domain::deadline::Due;
use crate::domain::event::Event;
use crate::domain::zone::{Instant, Zone};
use crate::engine::case::{Case, Series, happening_end};
use crate::engine::obligation::{Drawn, Ending, Happening, Obligation, Occurrence};
use crate::engine::open;
use crate::policy::model::{Duty, Timing};
use std::sync::Arc;

/// The most occurrences that one series may have: beyond it the series ends.
pub const MAX_OCCURRENCES: usize = 10_000;

/// Starts a series, unless the case has one of that rule running.
pub fn start(case: &mut Case, duty: &Arc<Duty>, trigger: Happening, zone: Zone) {
    if case.series.iter().any(|s| s.duty.id == duty.id) {
        return;
    }
    let at = trigger.at;
    case.series.push(Series {
        duty: duty.clone(),
        cycle: case.cycle,
        wakes_at: Some(at),
        trigger,
        reached: None,
    });
    advance(case, at, zone);
}

/// Lets the occurrences come to be whose time has come.
pub fn advance(case: &mut Case, as_of: Instant, zone: Zone) {
    for ix in 0..case.series.len() {
        while let Some(series) = case
            .series
            .get(ix)
            .filter(|s| s.wakes_at.is_some_and(|at| at <= as_of))
            .cloned()
        {
            let next = next(case, &series, zone);
            let Some(slot) = case.series.get_mut(ix) else { break };
            match next {
                Some(obligation) => {
                    slot.wakes_at = Some(obligation.due.at());
                    slot.reached = obligation.more.as_ref().and_then(|m| m.nominal.last().copied()).or(
                        match obligation.occurrence {
                            Occurrence::On(on) => Some(on),
                            Occurrence::Nth(_) => None,
                        },
                    );
                    case.moved_at = case.moved_at.max(series.wakes_at);
                    occur(case, obligation);
                }
                None => slot.wakes_at = None,
            }
        }
    }
}

/// Puts an occurrence into its case. A nominal date has one: where a series ended and began again, the one that was
/// cancelled is owed again, and what was done stays done.
fn occur(case: &mut Case, obligation: Obligation) {
    let known = case.find(&obligation.key()).map(|(ix, _)| ix);
    match known.and_then(|ix| case.obligations.get_mut(ix)) {
        None => case.obligations.push(obligation),
        Some(known) if known.end.as_ref().is_some_and(|e| e.how == Ending::Cancelled) => *known = obligation,
        Some(_) => {}
    }
}

fn next(case: &Case, series: &Series, zone: Zone) -> Option<Obligation> {
    let Timing::Recurring { recurrence, .. } = &series.duty.timing else {
        return None;
    };
    if case.obligations.len() >= MAX_OCCURRENCES {
        return None;
    }
    let anchor = zone.date(series.trigger.at);
    let after = match series.reached {
        Some(on) => on,
        None => anchor.pred_opt()?,
    };
    let occurrence = recurrence.next_after(anchor, after, &series.duty.calendar).ok()??;
    let at = zone.end_of(occurrence.on).ok()?;
    let nominal = occurrence.nominal.first().copied().unwrap_or(occurrence.on);
    let (roles, joint) = open::bearers(case, &series.duty, None, series.trigger.at, zone);
    let mut obligation = Obligation {
        duty: series.duty.clone(),
        cycle: series.cycle,
        occurrence: Occurrence::On(nominal),
        trigger: series.trigger.clone(),
        parent: None,
        opens_at: series.wakes_at.unwrap_or(series.trigger.at),
        due: Due::Day { on: occurrence.on, at },
        provisional: occurrence.provisional,
        roles,
        joint,
        drawn: Drawn::All,
        end: None,
        more: None,
    };
    let steps = crate::engine::escalation::steps_held(case, &obligation, zone, obligation.opens_at);
    if !steps.is_empty() {
        obligation.more_mut().steps = steps;
    }
    if occurrence.nominal.len() > 1 || nominal != occurrence.on {
        obligation.more_mut().nominal = occurrence.nominal;
    }
    Some(obligation)
}

/// Ends the series that an event ends; what is not yet overdue of them is cancelled.
pub fn close(case: &mut Case, event: &Event) {
    let ends = |duty: &Duty| matches!(&duty.timing, Timing::Recurring { until, .. } if until.contains(&event.kind));
    case.series.retain(|s| !ends(&s.duty));
    let ended = |o: &Obligation| o.is_live() && ends(&o.duty) && !o.due.passed(event.occurred_at);
    case.obligations.change(ended, |obligation| {
        obligation.end = Some(happening_end(Ending::Cancelled, event));
    });
}

//! Reminders before a date of the case: one obligation for each distance, planned when the date becomes known, and anew
//! when it moves. What has been reminded of stays; what was still to come for the old date is not owed any more.

use crate::domain::deadline::{self, Counting, Due, before_provisional};
use crate::domain::event::Event;
use crate::domain::pause::Pauses;
use crate::domain::term::Term;
use crate::domain::zone::{Instant, Zone};
use crate::engine::case::{Case, Context, happening, happening_end};
use crate::engine::escalation;
use crate::engine::moment::Moment;
use crate::engine::obligation::{Drawn, Ending, Happening, More, Obligation};
use crate::engine::open::{self, Placed};
use crate::policy::model::{Duty, Id, Timing};
use chrono::NaiveDate;
use std::sync::Arc;

/// Reminders at work in a case.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The duty.
    pub duty: Arc<Duty>,
    /// The date that they are planned for, once it is known.
    pub date: Option<NaiveDate>,
}

/// What a reminder is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminds {
    /// The date ahead.
    pub of: NaiveDate,
    /// The distances that it stands for: several where they fell on one day.
    pub distances: Vec<Term>,
}

/// Starts the reminders of a duty, unless the case has them running.
pub fn start(case: &mut Case, id: &str, duty: &Arc<Duty>, event: &Event, ctx: &Context<'_>) {
    if case.reminders.iter().any(|plan| plan.duty.id == duty.id) {
        return;
    }
    case.reminders.push(Plan {
        duty: duty.clone(),
        date: None,
    });
    plan(case, id, case.reminders.len() - 1, event, ctx);
}

/// Plans anew what the case's data have moved.
pub fn replan(case: &mut Case, id: &str, event: &Event, ctx: &Context<'_>) {
    for ix in 0..case.reminders.len() {
        plan(case, id, ix, event, ctx);
    }
}

/// Ends the reminders that an event ends; what is not yet overdue of them is cancelled.
pub fn close(case: &mut Case, event: &Event) {
    let ends = |duty: &Duty| matches!(&duty.timing, Timing::Reminder { until, .. } if until.contains(&event.kind));
    case.reminders.retain(|plan| !ends(&plan.duty));
    cancel(case, event, ends);
}

fn cancel(case: &mut Case, event: &Event, of: impl Fn(&Duty) -> bool) {
    let ahead = |o: &Obligation| o.is_live() && of(&o.duty) && !o.due.passed(event.occurred_at);
    case.obligations.change(ahead, |obligation| {
        obligation.end = Some(happening_end(Ending::Cancelled, event));
    });
}

fn plan(case: &mut Case, id: &str, ix: usize, event: &Event, ctx: &Context<'_>) {
    let Some(Plan { duty, date: planned }) = case.reminders.get(ix).cloned() else {
        return;
    };
    let Timing::Reminder { field, before, at, .. } = &duty.timing else {
        return;
    };
    let zone = ctx.history.zone();
    let date = Moment::of(&case.data, field, zone).map(|moment| moment.date(zone));
    if date == planned {
        return;
    }
    if let Some(plan) = case.reminders.get_mut(ix) {
        plan.date = date;
    }
    cancel(case, event, |d| d.id == duty.id);
    let Some(date) = date else { return };
    // Each distance reminds once of each value of the date.
    let told = |distance: &Term| {
        let mut mine = case
            .obligations
            .iter()
            .filter(|o| o.cycle == case.cycle && o.duty.id == duty.id);
        mine.any(|o| {
            let cancelled = o.end.as_ref().is_some_and(|e| e.how == Ending::Cancelled);
            let reminds = o.more.as_ref().and_then(|m| m.reminds.as_ref());
            !cancelled && reminds.is_some_and(|r| r.of == date && r.distances.contains(distance))
        })
    };
    let distances: Vec<Term> = before.iter().filter(|distance| !told(distance)).copied().collect();
    let none = Pauses::none();
    let how = open::counting(&duty, &none, zone);
    let coming = deadline::reminders(date, &distances, *at, event.occurred_at, &how);
    for reminder in coming.unwrap_or_default() {
        let provisional = assumes(date, &reminder.distances, &how);
        let reminds = Reminds {
            of: date,
            distances: reminder.distances,
        };
        add(
            case,
            id,
            &duty,
            (reminder.fires_at, provisional),
            reminds,
            happening(event),
            ctx,
        );
    }
}

/// Whether the calendar assumes a day between a date and one of these distances before it.
fn assumes(date: NaiveDate, distances: &[Term], how: &Counting<'_>) -> bool {
    let assumed = |distance: &Term| before_provisional(date, *distance, how).is_ok_and(|(_, assumed)| assumed);
    distances.iter().any(assumed)
}

/// When a reminder that is there goes out by a rule, and through which day it is owed; of several distances that no longer
/// fall on one day, the first.
pub fn again(obligation: &Obligation, duty: &Duty, zone: Zone) -> Option<Placed> {
    let Timing::Reminder { at, .. } = &duty.timing else {
        return None;
    };
    let reminds = obligation.more.as_ref()?.reminds.as_ref()?;
    let none = Pauses::none();
    let how = open::counting(duty, &none, zone);
    let all = deadline::reminders(reminds.of, &reminds.distances, *at, obligation.trigger.at, &how).ok()?;
    let opens_at = all.first()?.fires_at;
    let on = zone.date(opens_at);
    Some(Placed {
        opens_at,
        due: Due::Day {
            on,
            at: zone.end_of(on).ok()?,
        },
        provisional: assumes(reminds.of, &reminds.distances, &how),
    })
}

fn add(
    case: &mut Case,
    id: &str,
    duty: &Arc<Duty>,
    (opens_at, provisional): (Instant, bool),
    reminds: Reminds,
    trigger: Happening,
    ctx: &Context<'_>,
) {
    let zone: Zone = ctx.history.zone();
    let on = zone.date(opens_at);
    let Ok(at) = zone.end_of(on) else { return };
    let (roles, joint) = open::bearers(case, duty, None, opens_at, zone);
    let born_at = trigger.at;
    let mut obligation = Obligation {
        duty: duty.clone(),
        cycle: case.cycle,
        occurrence: case.next_nth(duty),
        trigger,
        parent: None,
        opens_at,
        due: Due::Day { on, at },
        provisional,
        roles,
        joint,
        drawn: Drawn::All,
        end: None,
        more: Some(Box::new(More {
            reminds: Some(reminds),
            ..More::default()
        })),
    };
    let steps = escalation::steps_held(case, &obligation, zone, born_at);
    obligation.more_mut().steps = steps.into();
    case.obligations.push(obligation);
    open::open_following_draw(case, id, case.obligations.len() - 1, born_at, ctx);
}

/// The fields of a case that its reminders hang on.
pub fn hangs_on(case: &Case, changed: &[Id]) -> bool {
    let on = |plan: &Plan| matches!(&plan.duty.timing, Timing::Reminder { field, .. } if changed.contains(field));
    case.reminders.iter().any(on)
}

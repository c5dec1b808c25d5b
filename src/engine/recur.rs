//! What recurs: one occurrence after another, the next one coming to be when the last one's term has ended.

use crate::domain::deadline::Due;
use crate::domain::event::Event;
use crate::domain::recurrence::Recurrence;
use crate::domain::value::Fields;
use crate::domain::zone::{Instant, Zone};
use crate::engine::case::{Case, Context, happening, happening_end};
use crate::engine::consent;
use crate::engine::obligation::{Drawn, Ending, Happening, Obligation, Occurrence};
use crate::engine::open::{self, ADMINISTRATOR};
use crate::engine::rhythm::{self, Paced};
use crate::policy::model::{Beat, Duty, Id, Rhythm, Timing};
use chrono::NaiveDate;
use std::sync::Arc;

pub mod through;

/// The most occurrences that one series may have: beyond it the series ends.
pub const MAX_OCCURRENCES: usize = 10_000;

/// A recurring duty at work in a case, or waiting until the case is one that it is for.
#[derive(Clone, Debug)]
pub struct Series {
    /// The duty.
    pub duty: Arc<Duty>,
    /// The course of the case it belongs to.
    pub cycle: u16,
    /// What started it.
    pub trigger: Happening,
    /// What the event of its trigger said that is not the case's and that its condition looks at.
    pub said: Fields,
    /// The date that intervals are counted from.
    pub anchor: NaiveDate,
    /// The nominal date up to which occurrences have come to be.
    pub reached: Option<NaiveDate>,
    /// The nominal date before that.
    pub before: Option<NaiveDate>,
    /// How many times as long as the rule says its intervals were last.
    pub stretch: u32,
    /// How it recurred last.
    pub pace: Option<Recurrence>,
    /// How many nominal dates there were, and how many of them before the anchor was last moved.
    pub made: (u32, u32),
    /// The local date on which it last went on after it had ended: what would have been due before is not owed.
    pub resumed_on: Option<NaiveDate>,
    /// What it does.
    pub state: State,
}

/// What a series does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The next occurrence comes to be at this instant.
    Wakes(Instant),
    /// The case's data lack what the next occurrence depends on.
    Sleeps,
    /// The case is not one that it is for.
    Stopped,
    /// Its next date lies after the last one of the case.
    Ended,
    /// There are no more dates.
    Over,
}

impl Series {
    /// When the next occurrence comes to be.
    pub fn wakes_at(&self) -> Option<Instant> {
        match self.state {
            State::Wakes(at) => Some(at),
            State::Sleeps | State::Stopped | State::Ended | State::Over => None,
        }
    }

    /// Whether its rule is for the case as it is now.
    fn holds(&self, data: &Fields) -> bool {
        let known = |field: &str| self.said.get(field).or_else(|| data.get(field));
        self.duty.when.holds(known) && !consent::stops(&self.duty, data)
    }
}

/// Takes up the recurring duties that an event triggers, and looks again at those that the case has: where their
/// condition no longer holds they end, where it holds again they begin with this event.
pub fn take(case: &mut Case, id: &str, event: &Event, triggered: &[Arc<Duty>], ctx: &Context<'_>) {
    let zone = ctx.history.zone();
    for duty in triggered {
        let known = case.series.iter_mut().find(|s| s.duty.id == duty.id);
        let said = said(duty, event, &case.data);
        match known {
            Some(series) => {
                series.said = said;
                if series.state == State::Stopped {
                    series.duty = duty.clone();
                }
            }
            None => case.series.push(Series {
                duty: duty.clone(),
                cycle: case.cycle,
                trigger: happening(event),
                said,
                anchor: zone.date(event.occurred_at),
                reached: None,
                before: None,
                stretch: 1,
                pace: None,
                made: (0, 0),
                resumed_on: None,
                state: State::Stopped,
            }),
        }
    }
    for ix in 0..case.series.len() {
        look_again(case, id, ix, event, ctx);
    }
    advance(case, id, event.occurred_at, ctx);
}

/// What the event says of the condition's fields beside the case's data.
fn said(duty: &Duty, event: &Event, data: &Fields) -> Fields {
    let fields = duty.when.0.iter().map(|(field, _)| field);
    let own = fields.filter_map(|field| {
        let value = event.data.get(field)?;
        (data.get(field) != Some(value)).then(|| (field.clone(), value.clone()))
    });
    own.collect()
}

fn look_again(case: &mut Case, id: &str, ix: usize, event: &Event, ctx: &Context<'_>) {
    let Some(series) = case.series.get(ix) else { return };
    let on = ctx.history.zone().date(event.occurred_at);
    let (duty, state) = (series.duty.clone(), series.state);
    let is_for = series.holds(&case.data);
    let Timing::Recurring { rhythm, .. } = &duty.timing else {
        return;
    };
    match (state, is_for) {
        (State::Stopped, false) | (State::Over, true) => {}
        (_, false) => {
            cancel(case, &duty.id, event);
            if let Some(series) = case.series.get_mut(ix) {
                series.state = State::Stopped;
            }
        }
        (State::Stopped, true) => {
            if let Some(series) = case.series.get_mut(ix) {
                series.trigger = happening(event);
                series.cycle = case.cycle;
                begin(series, on, None, event.occurred_at);
                series.made = (0, 0);
            }
        }
        (State::Sleeps, true) => {
            if matches!(pace_of(case, id, ix, ctx), Some(Paced::So(_))) {
                cancel(case, &duty.id, event);
                if let Some(series) = case.series.get_mut(ix) {
                    begin(series, on, on.pred_opt(), event.occurred_at);
                }
            }
        }
        (State::Ended, true) => {
            if let Some(series) = case.series.get_mut(ix) {
                through::resume(series, on, event.occurred_at);
            }
        }
        (State::Wakes(_), true) => {
            if let Some(last) = through::last_on(&case.data, &duty, ctx.history.zone()) {
                through::shorten(case, ix, last, event, on);
            }
            if wider(case, ix, rhythm) {
                cancel(case, &duty.id, event);
                if let Some(series) = case.series.get_mut(ix) {
                    let from = series.before;
                    // What was cancelled is none of the times that it is to be done.
                    series.made.0 = series.made.0.saturating_sub(1);
                    begin(series, from.unwrap_or(series.anchor), from, event.occurred_at);
                }
            } else if moved(case, id, ix, rhythm, ctx) {
                cancel(case, &duty.id, event);
                if let Some(series) = case.series.get_mut(ix) {
                    begin(series, series.anchor, on.pred_opt(), event.occurred_at);
                }
            }
        }
    }
}

/// Lets a series go on from a date, after another.
fn begin(series: &mut Series, anchor: NaiveDate, reached: Option<NaiveDate>, at: Instant) {
    if anchor != series.anchor {
        series.made.1 = series.made.0;
    }
    series.anchor = anchor;
    series.reached = reached;
    series.pace = None;
    series.state = State::Wakes(at);
}

/// Whether a date of the case that the next occurrence depends on is another one now.
fn moved(case: &Case, id: &str, ix: usize, rhythm: &Rhythm, ctx: &Context<'_>) -> bool {
    if !rhythm::pace(rhythm, case).is_some_and(|pace| matches!(pace.beat, Beat::Birthday(_))) {
        return false;
    }
    let before = case.series.get(ix).and_then(|s| s.pace.as_ref());
    match (before, pace_of(case, id, ix, ctx)) {
        (Some(before), Some(Paced::So(now))) => before.every != now.every,
        _ => false,
    }
}

/// Whether what is owed now was counted with a shorter interval than the case wishes.
fn wider(case: &Case, ix: usize, rhythm: &Rhythm) -> bool {
    let Some(series) = case.series.get(ix) else {
        return false;
    };
    let interval = rhythm::pace(rhythm, case).is_some_and(|pace| pace.beat.is_interval());
    let owed = |o: &Obligation| o.is_live() && o.duty.id == series.duty.id && series.wakes_at() == Some(o.due.at());
    interval && consent::stretch(&series.duty, &case.data) > series.stretch && case.obligations.iter().any(owed)
}

/// Cancels what is not yet overdue of a recurring rule.
fn cancel(case: &mut Case, rule: &Id, event: &Event) {
    let ended = |o: &Obligation| o.is_live() && o.duty.id == *rule && !o.due.passed(event.occurred_at);
    case.obligations.change(ended, |obligation| {
        obligation.end = Some(happening_end(Ending::Cancelled, event));
    });
}

/// Lets the occurrences come to be whose time has come.
pub fn advance(case: &mut Case, id: &str, as_of: Instant, ctx: &Context<'_>) {
    for ix in 0..case.series.len() {
        while let Some(at) = case.series.get(ix).and_then(Series::wakes_at).filter(|at| *at <= as_of) {
            occur_next(case, id, ix, at, ctx);
        }
    }
}

/// Lets the next occurrence of a series come to be, at an instant.
pub fn occur_next(case: &mut Case, id: &str, ix: usize, at: Instant, ctx: &Context<'_>) {
    let next = next(case, id, ix, at, ctx);
    // That there is nothing more is known from then on as well: an event before it is looked at as things stood.
    case.moved_at = case.moved_at.max(Some(at));
    let Some(slot) = case.series.get_mut(ix) else { return };
    match next {
        Next::Occurs(obligation) => {
            slot.made.0 = slot.made.0.saturating_add(nominal_count(&obligation));
            slot.state = State::Wakes(obligation.due.at());
            slot.before = slot.reached;
            slot.reached = last_nominal(&obligation);
            occur(case, *obligation);
        }
        Next::Fault(obligation) => {
            slot.state = State::Sleeps;
            occur(case, *obligation);
        }
        Next::Sleeps => slot.state = State::Sleeps,
        Next::Ended(_) => slot.state = State::Ended,
        Next::Over => slot.state = State::Over,
    }
}

/// How many nominal dates an occurrence stands for.
fn nominal_count(obligation: &Obligation) -> u32 {
    let several = obligation.more.as_ref().map_or(0, |m| m.nominal.len());
    u32::try_from(several.max(1)).unwrap_or(u32::MAX)
}

fn last_nominal(obligation: &Obligation) -> Option<NaiveDate> {
    let several = obligation.more.as_ref().and_then(|m| m.nominal.last().copied());
    several.or(match obligation.occurrence {
        Occurrence::On(on) => Some(on),
        Occurrence::Nth(_) => None,
    })
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

/// What comes next of a series.
enum Next {
    Occurs(Box<Obligation>),
    Fault(Box<Obligation>),
    Sleeps,
    /// The next nominal date, which lies after the last one of the case.
    Ended(NaiveDate),
    Over,
}

/// How a series recurs as the case is now.
fn pace_of(case: &Case, id: &str, ix: usize, ctx: &Context<'_>) -> Option<Paced> {
    let series = case.series.get(ix)?;
    let Timing::Recurring { rhythm, .. } = &series.duty.timing else {
        return None;
    };
    let span = (series.anchor, series.reached.unwrap_or(series.anchor));
    Some(rhythm::resolve(case, id, &series.duty, rhythm, span, ctx))
}

/// The next occurrence of a series: the edition in force on the nominal date decides.
fn next(case: &mut Case, id: &str, ix: usize, at: Instant, ctx: &Context<'_>) -> Next {
    let Some(series) = case.series.get(ix) else {
        return Next::Over;
    };
    let after = series.reached.or(series.anchor.pred_opt());
    let known_at = at.max(series.trigger.recorded_at);
    let dated = after.and_then(|after| ctx.history.by_date(&series.duty, known_at, after));
    let Some(dated) = dated else {
        return next_here(case, id, ix, at, ctx);
    };
    let kept = series.clone();
    for (from, until, duty) in dated {
        let Some(series) = case.series.get_mut(ix) else { break };
        *series = kept.clone();
        series.duty = duty.clone();
        let before = from.pred_opt();
        if before > after {
            series.reached = before;
        }
        match next_here(case, id, ix, at, ctx) {
            Next::Occurs(next) if until.is_some_and(|until| first_nominal(&next).is_some_and(|on| on >= until)) => {}
            Next::Ended(on) if until.is_some_and(|until| on >= until) => {}
            Next::Over => {}
            Next::Ended(on) => {
                // It stands where it stood, under the edition that ends it.
                if let Some(series) = case.series.get_mut(ix) {
                    *series = Series { duty, ..kept };
                }
                return Next::Ended(on);
            }
            next => return next,
        }
    }
    if let Some(series) = case.series.get_mut(ix) {
        *series = kept;
    }
    Next::Over
}

fn first_nominal(obligation: &Obligation) -> Option<NaiveDate> {
    match obligation.occurrence {
        Occurrence::On(on) => Some(on),
        Occurrence::Nth(_) => None,
    }
}

/// The next occurrence of a series by its rule as it is.
fn next_here(case: &mut Case, id: &str, ix: usize, at: Instant, ctx: &Context<'_>) -> Next {
    let zone = ctx.history.zone();
    if case.obligations.len() >= MAX_OCCURRENCES {
        return Next::Over;
    }
    let mut recurrence = match pace_of(case, id, ix, ctx) {
        None => return Next::Over,
        Some(Paced::Sleeps) => return Next::Sleeps,
        Some(Paced::Fault(why)) => {
            let fault = case.series.get(ix).and_then(|series| fault(series, at, why, zone));
            return fault.map_or(Next::Over, |o| Next::Fault(Box::new(o)));
        }
        Some(Paced::So(recurrence)) => recurrence,
    };
    let Some(series) = case.series.get_mut(ix) else {
        return Next::Over;
    };
    let before = series.clone();
    // Another interval is counted from the date that was reached under the one before.
    if let (Some(before), Some(reached)) = (&series.pace, series.reached)
        && before.every != recurrence.every
        && recurrence.every.is_interval()
    {
        series.anchor = reached;
        series.made.1 = series.made.0;
    }
    series.stretch = consent::stretch(&series.duty, &case.data);
    series.pace = Some(recurrence.clone());
    recurrence.count = recurrence.count.map(|n| n.saturating_sub(series.made.1));
    let series = series.clone();
    let Some(found) = place(case, &series, &recurrence, at, zone) else {
        return Next::Over;
    };
    let last = through::last_on(&case.data, &series.duty, zone);
    match first_nominal(&found) {
        Some(on) if last.is_some_and(|last| on > last) => {
            // Nothing has come to be: whatever comes next is counted from where it stands.
            if let Some(slot) = case.series.get_mut(ix) {
                *slot = before;
            }
            Next::Ended(on)
        }
        _ => Next::Occurs(Box::new(found)),
    }
}

fn place(case: &Case, series: &Series, recurrence: &Recurrence, at: Instant, zone: Zone) -> Option<Obligation> {
    let duty = &series.duty;
    let begun = zone.date(series.trigger.at);
    let mut after = match series.reached {
        Some(on) => on,
        None => series.anchor.pred_opt()?,
    };
    let occurrence = loop {
        let found = recurrence.next_after(series.anchor, after, &duty.calendar).ok()??;
        // What would have been due before there was anybody to owe it is not owed.
        let owed = recurrence.lead.is_none() || found.on >= begun;
        if owed && series.resumed_on.is_none_or(|resumed| found.on >= resumed) {
            break found;
        }
        after = found.nominal.last().copied()?;
    };
    let due_at = zone.end_of(occurrence.on).ok()?;
    let nominal = occurrence.nominal.first().copied().unwrap_or(occurrence.on);
    let (roles, joint) = open::bearers(case, duty, None, series.trigger.at, zone);
    let opens_at = match opens_on_its_day(duty, case) {
        true => zone.start_of(occurrence.on).ok()?.max(at),
        false => at,
    };
    let mut obligation = Obligation {
        duty: duty.clone(),
        cycle: series.cycle,
        occurrence: Occurrence::On(nominal),
        trigger: series.trigger.clone(),
        parent: None,
        opens_at,
        due: Due::Day {
            on: occurrence.on,
            at: due_at,
        },
        provisional: occurrence.provisional,
        roles,
        joint,
        drawn: Drawn::All,
        end: None,
        more: None,
    };
    let steps = crate::engine::escalation::steps_held(case, &obligation, zone, obligation.opens_at);
    if !steps.is_empty() {
        obligation.more_mut().steps = steps.into();
    }
    if occurrence.nominal.len() > 1 || nominal != occurrence.on {
        obligation.more_mut().nominal = occurrence.nominal.into();
    }
    Some(obligation)
}

/// A day that was drawn is for that day alone: what is done on another is not the check that was drawn.
fn opens_on_its_day(duty: &Duty, case: &Case) -> bool {
    match &duty.timing {
        Timing::Recurring { rhythm, .. } => {
            rhythm::pace(rhythm, case).is_some_and(|pace| matches!(pace.beat, Beat::RandomDay(_)))
        }
        _ => false,
    }
}

/// What stands in the place of an occurrence that cannot be worked out.
fn fault(series: &Series, at: Instant, why: String, zone: Zone) -> Option<Obligation> {
    let on = zone.date(at);
    let mut obligation = Obligation {
        duty: series.duty.clone(),
        cycle: series.cycle,
        occurrence: Occurrence::On(on),
        trigger: series.trigger.clone(),
        parent: None,
        opens_at: at,
        due: Due::Day {
            on,
            at: zone.end_of(on).ok()?,
        },
        provisional: false,
        roles: Arc::from([Id::from(ADMINISTRATOR)]),
        joint: false,
        drawn: Drawn::All,
        end: None,
        more: None,
    };
    obligation.more_mut().fault = Some(why);
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

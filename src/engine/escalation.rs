//! Who is told when an obligation is not met: what time alone does, derived and never stored.

use crate::domain::deadline::{self, Counting, Due};
use crate::domain::hours::next_open;
use crate::domain::term::{End, Shift, Term};
use crate::domain::zone::{Instant, TimeError, Zone};
use crate::engine::case::Case;
use crate::engine::obligation::{End as Ended, Obligation, Occurrence};
use crate::engine::open;
use crate::policy::model::{Id, StepAt};
use chrono::TimeDelta;

/// A step of an escalation at its place in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its level, counted from 1.
    pub level: u8,
    /// The role that is told.
    pub to: Id,
    /// When it is taken: part of what it is, whenever it came to be known.
    pub nominal_at: Instant,
    /// When it is told: then, or where it waits for open time, when that next begins.
    pub told_at: Instant,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// The step.
    pub step: Planned,
    /// When it was told: at its nominal time, or when its obligation was recorded if that was later; where it waits for
    /// open time, not before that.
    pub at: Instant,
    /// Whether its time was before the day from which effects count: it is told on that day, for what is still overdue then.
    pub at_start: bool,
    /// When it came to be known that nobody was to be told, if that was later: it had been done in time, or was waived.
    pub withdrawn_at: Option<Instant>,
}

/// All steps of an obligation's escalation, in the order of their levels. A step whose time cannot be counted falls on
/// the due time; one that a pause without an end keeps from coming is not among them.
pub fn planned(case: &Case, obligation: &Obligation, zone: Zone) -> Vec<Planned> {
    let steps = obligation.duty.escalate.iter().enumerate();
    steps
        .filter_map(|(ix, step)| {
            let since = held_since(obligation, ix)?;
            let nominal_at = match when(case, obligation, step.at, zone) {
                Err(TimeError::StillPaused) => return None,
                counted => counted.unwrap_or(obligation.due.at()).max(since),
            };
            Some(Planned {
                level: u8::try_from(ix + 1).unwrap_or(u8::MAX),
                to: step.to.clone(),
                nominal_at,
                told_at: delivered(obligation, ix, nominal_at, zone),
            })
        })
        .collect()
}

/// When a step is told that could be told from an instant on. A calendar that is never open keeps nobody waiting.
fn delivered(obligation: &Obligation, ix: usize, from: Instant, zone: Zone) -> Instant {
    let duty = &obligation.duty;
    let waits = duty.escalate.get(ix).is_some_and(|step| step.waits);
    let open = waits.then(|| next_open(&duty.calendar, zone, from, Instant::MAX_UTC));
    open.flatten().unwrap_or(from)
}

/// When an obligation came to be: what recurs and what reminds, with each time.
fn came_at(obligation: &Obligation) -> Instant {
    let reminds = obligation.more.as_ref().is_some_and(|m| m.reminds.is_some());
    match obligation.occurrence {
        Occurrence::Nth(_) if !reminds => obligation.trigger.at,
        Occurrence::Nth(_) | Occurrence::On(_) => obligation.opens_at,
    }
}

/// Since when the condition of a step has held; none: it does not.
fn held_since(obligation: &Obligation, ix: usize) -> Option<Instant> {
    let steps = obligation.more.as_ref().map(|m| m.steps.as_slice()).unwrap_or_default();
    steps.get(ix).copied().unwrap_or(Some(Instant::MIN_UTC))
}

/// Which of an obligation's steps are taken in a case as it is at an instant: those whose condition holds. What was taken
/// before stays taken; empty where no step has a condition.
pub fn steps_held(case: &Case, obligation: &Obligation, zone: Zone, at: Instant) -> Vec<Option<Instant>> {
    let steps = &obligation.duty.escalate;
    if steps.iter().all(|step| step.when.0.is_empty()) {
        return Vec::new();
    }
    let before = obligation.more.as_ref().map(|m| m.steps.as_slice()).unwrap_or_default();
    let held = steps.iter().enumerate().map(|(ix, step)| {
        let was = before.get(ix).copied().flatten();
        let holds = step.when.holds_for(&case.data);
        match was {
            Some(since) if holds => Some(since),
            Some(since) => {
                let taken_at = when(case, obligation, step.at, zone).map(|nominal| nominal.max(since));
                Some(since).filter(|_| taken_at.is_ok_and(|taken| taken <= at))
            }
            None => Some(at).filter(|_| holds),
        }
    });
    held.collect()
}

/// Looks at the conditions of the steps of all that is live, after the data of a case changed at an instant.
pub fn reconsider(case: &mut Case, zone: Zone, at: Instant) {
    for ix in 0..case.obligations.len() {
        let Some(obligation) = case.obligations.get(ix).filter(|o| o.is_live()) else {
            continue;
        };
        let held = steps_held(case, obligation, zone, at);
        if held != obligation.more.as_ref().map(|m| m.steps.as_slice()).unwrap_or_default()
            && let Some(obligation) = case.obligations.get_mut(ix)
        {
            obligation.more_mut().steps = held.into();
        }
    }
}

fn when(case: &Case, obligation: &Obligation, at: StepAt, zone: Zone) -> Result<Instant, TimeError> {
    let pauses = open::pauses_for(case, &obligation.duty);
    let calendar = &obligation.duty.calendar;
    let how = Counting {
        zone,
        calendar,
        end: End::Midnight,
        shift: Shift::None,
        pauses: &pauses,
    };
    let due = obligation.due;
    match at {
        StepAt::Once => Ok(came_at(obligation)),
        StepAt::Due => Ok(due.at()),
        StepAt::BeforeDue(Term::Minutes(minutes)) => due
            .at()
            .checked_sub_signed(TimeDelta::minutes(i64::from(minutes)))
            .ok_or(TimeError::OutOfRange),
        StepAt::BeforeDue(term) => zone.start_of(deadline::before(due.date(zone), term, &how)?),
        StepAt::AfterDue(term) => {
            let from = match due {
                // The last instant of the due day: the days after it are counted from it.
                Due::Day { at, .. } if term.is_day_kind() => at
                    .checked_sub_signed(TimeDelta::milliseconds(1))
                    .ok_or(TimeError::OutOfRange)?,
                Due::Day { at, .. } | Due::Instant { at } => at,
            };
            Ok(deadline::reckon(from, term, &how)?.due.at())
        }
    }
}

/// Whether somebody is told before it is due; all other steps are taken when it is due or later.
fn tells_early(obligation: &Obligation) -> bool {
    let steps = &obligation.duty.escalate;
    steps
        .iter()
        .any(|s| matches!(s.at, StepAt::BeforeDue(_) | StepAt::Once))
}

/// Whether somebody has been warned by an instant that it will soon be due.
pub fn warned(case: &Case, obligation: &Obligation, zone: Zone, as_of: Instant) -> bool {
    let steps = &obligation.duty.escalate;
    if !steps.iter().any(|s| matches!(s.at, StepAt::BeforeDue(_))) {
        return false;
    }
    let warning = |level: u8| {
        let step = steps.get(usize::from(level).saturating_sub(1));
        step.is_some_and(|s| matches!(s.at, StepAt::BeforeDue(_)))
    };
    planned(case, obligation, zone)
        .iter()
        .any(|s| warning(s.level) && s.nominal_at < obligation.due.at() && s.nominal_at <= as_of)
}

/// Of what was overdue before the day from which effects count and still is on it: the highest level of that time. It is
/// told once, on that day.
fn told_at_start(planned: &[Planned], obligation: &Obligation, from: Instant) -> Option<u8> {
    let open = obligation.end.as_ref().is_none_or(|end| end.by.at > from);
    let late = |step: &&Planned| step.nominal_at < from && step.nominal_at >= obligation.due.at();
    let passed = planned.iter().filter(late).filter(|_| open);
    passed.map(|step| step.level).max()
}

/// The steps that have been taken by an instant. A step is not taken once the obligation has ended, nor while its case
/// is paused for it. One whose obligation turns out to have been met or waived before it is taken back, unless that was
/// known before anybody could be told.
pub fn fired(case: &Case, obligation: &Obligation, zone: Zone, as_of: Instant) -> Vec<Fired> {
    // What was told of the due times before stays told; of the present one is told what comes after it was given.
    let mut all: Vec<Fired> = Vec::new();
    let mut since = (Instant::MIN_UTC, Instant::MIN_UTC);
    for missed in obligation.let_off() {
        let mut before = obligation.clone();
        before.due = missed.due;
        for mut told in taken(case, &before, since, zone, as_of) {
            if told.step.nominal_at >= missed.to {
                // It was told because nobody knew that it is owed by another time.
                if told.at >= missed.known_at {
                    continue;
                }
                let known_at = told.withdrawn_at.map_or(missed.known_at, |at| at.min(missed.known_at));
                told.withdrawn_at = Some(known_at).filter(|at| *at <= as_of);
            }
            all.push(told);
        }
        since = (missed.to, missed.known_at);
    }
    all.extend(taken(case, obligation, since, zone, as_of));
    all
}

/// The steps from an instant on that have been taken of the due time that an obligation has, which is known since another.
fn taken(
    case: &Case,
    obligation: &Obligation,
    (since, known_since): (Instant, Instant),
    zone: Zone,
    as_of: Instant,
) -> Vec<Fired> {
    if !obligation.is_owed() || obligation.duty.escalate.is_empty() {
        return Vec::new();
    }
    if as_of < obligation.due.at() && !tells_early(obligation) {
        return Vec::new();
    }
    let mut fired = Vec::new();
    let planned = planned(case, obligation, zone);
    let start = case
        .effects_from
        .and_then(|from| Some((from, told_at_start(&planned, obligation, from)?)));
    for step in planned {
        let imported = case.effects_from.is_some_and(|from| step.nominal_at < from);
        let at_start = start.filter(|(_, level)| imported && *level == step.level);
        let nominal = at_start.map_or(step.nominal_at, |(from, _)| from);
        if step.nominal_at < since {
            continue;
        }
        let known_at = nominal.max(obligation.trigger.recorded_at).max(known_since);
        let at = delivered(obligation, usize::from(step.level).saturating_sub(1), known_at, zone);
        let imported = imported && at_start.is_none();
        let at_start = at_start.is_some();
        let once = step.nominal_at == came_at(obligation);
        if at > as_of || imported || !once && case.paused(&obligation.duty, step.nominal_at) {
            continue;
        }
        // What ends while it waits needs nobody to be told any more.
        let ended = |end: &Ended| known_at < at && end.by.at <= at && end.by.recorded_at <= at;
        if obligation.end.as_ref().is_some_and(ended) {
            continue;
        }
        // Whoever was told before it was known that it is waived, or was done, is told so.
        let waived = [step.nominal_at, at].into_iter().flat_map(|then| {
            let waivers = obligation.waivers().iter().filter(move |w| w.covers(then));
            waivers.map(move |w| w.learned_at(then, at))
        });
        let mut learned: Vec<Option<Instant>> = waived.collect();
        if let Some(end) = obligation.end.as_ref().filter(|e| e.by.at <= step.nominal_at) {
            learned.push(Some(end.by.recorded_at).filter(|recorded_at| at < *recorded_at));
        }
        if learned.contains(&None) {
            continue;
        }
        let learned_at = learned.into_iter().flatten().min();
        let withdrawn_at = learned_at.filter(|t| *t <= as_of);
        fired.push(Fired {
            step,
            at,
            at_start,
            withdrawn_at,
        });
    }
    fired
}

/// The levels whose time has come by an instant while an obligation was owed, and that were not told because their
/// condition did not hold.
pub fn passed_over(case: &Case, obligation: &Obligation, zone: Zone, as_of: Instant) -> Vec<u8> {
    let steps = obligation.duty.escalate.iter().enumerate();
    let owed = |nominal: Instant| obligation.end.as_ref().is_none_or(|end| nominal < end.by.at);
    let passed = steps.filter(|(ix, step)| {
        obligation.is_owed()
            && held_since(obligation, *ix).is_none()
            && when(case, obligation, step.at, zone).is_ok_and(|nominal| nominal <= as_of && owed(nominal))
    });
    passed.map(|(ix, _)| u8::try_from(ix + 1).unwrap_or(u8::MAX)).collect()
}

/// The highest level that has been told and not taken back; 0 for none.
pub fn level(case: &Case, obligation: &Obligation, zone: Zone, as_of: Instant) -> u8 {
    let standing = fired(case, obligation, zone, as_of)
        .into_iter()
        .filter(|f| f.withdrawn_at.is_none());
    standing.map(|f| f.step.level).max().unwrap_or(0)
}

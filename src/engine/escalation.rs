//! Who is told when an obligation is not met: what time alone does, derived and never stored.

use crate::domain::deadline::{self, Counting, Due};
use crate::domain::term::{End, Shift, Term};
use crate::domain::zone::{Instant, TimeError, Zone};
use crate::engine::case::Case;
use crate::engine::obligation::Obligation;
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
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// The step.
    pub step: Planned,
    /// When it came to be known: its nominal time, or when its obligation was recorded if that was later.
    pub at: Instant,
    /// When evidence of timely performance that came late took it back.
    pub withdrawn_at: Option<Instant>,
}

/// All steps of an obligation's escalation, in the order of their levels. A step whose time cannot be counted falls on
/// the due time; one that a pause without an end keeps from coming is not among them.
pub fn planned(case: &Case, obligation: &Obligation, zone: Zone) -> Vec<Planned> {
    let steps = obligation.duty.escalate.iter().enumerate();
    steps
        .filter_map(|(ix, step)| {
            let nominal_at = match when(case, obligation, step.at, zone) {
                Err(TimeError::StillPaused) => return None,
                counted => counted.unwrap_or(obligation.due.at()),
            };
            Some(Planned {
                level: u8::try_from(ix + 1).unwrap_or(u8::MAX),
                to: step.to.clone(),
                nominal_at,
            })
        })
        .collect()
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
pub fn warns(obligation: &Obligation) -> bool {
    let steps = &obligation.duty.escalate;
    steps.iter().any(|s| matches!(s.at, StepAt::BeforeDue(_)))
}

/// The steps that have been taken by an instant. A step is not taken once the obligation has ended, nor while its case
/// is paused for it. One whose obligation turns out to have been met before it is taken back, unless that was known
/// before anybody could be told.
pub fn fired(case: &Case, obligation: &Obligation, zone: Zone, as_of: Instant) -> Vec<Fired> {
    if !obligation.is_owed() || obligation.duty.escalate.is_empty() {
        return Vec::new();
    }
    if as_of < obligation.due.at() && !warns(obligation) {
        return Vec::new();
    }
    let mut fired = Vec::new();
    for step in planned(case, obligation, zone) {
        let at = step.nominal_at.max(obligation.trigger.recorded_at);
        let imported = case.effects_from.is_some_and(|from| step.nominal_at < from);
        if at > as_of || imported || case.paused(&obligation.duty, step.nominal_at) {
            continue;
        }
        let mut withdrawn_at = None;
        if let Some(end) = obligation.end.as_ref().filter(|e| e.by.at <= step.nominal_at) {
            if end.by.recorded_at <= at {
                continue;
            }
            withdrawn_at = Some(end.by.recorded_at).filter(|t| *t <= as_of);
        }
        fired.push(Fired { step, at, withdrawn_at });
    }
    fired
}

/// The highest level that has been told and not taken back; 0 for none.
pub fn level(case: &Case, obligation: &Obligation, zone: Zone, as_of: Instant) -> u8 {
    let standing = fired(case, obligation, zone, as_of)
        .into_iter()
        .filter(|f| f.withdrawn_at.is_none());
    standing.map(|f| f.step.level).max().unwrap_or(0)
}

//! What an obligation would be due by if it were counted now: by another reading of its rule, on another state of its calendar.

use super::{Turn, on_calendar};
use crate::domain::obligation::Standing;
use crate::domain::zone::Instant;
use crate::engine::case::{Case, Context};
use crate::engine::obligation::{Obligation, Occurrence};
use crate::engine::open::{self, Placed};
use crate::engine::recount::Basis;
use crate::engine::rhythm::{self, Paced};
use crate::engine::{perform, remind};
use crate::policy::model::{Duty, Timing};
use std::borrow::Cow;

/// That the calendar of an obligation came to say of all days that its due time hangs on, or no longer does, and the due
/// time stayed as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// When.
    pub at: Instant,
    /// Whether the due time hangs on an assumption since then.
    pub provisional: bool,
}

/// When an obligation opens and by when it is owed, counted by a rule; none where that cannot be counted so. What recurs
/// has no term that could be counted.
pub(super) fn counted(
    case: &Case,
    obligation: &Obligation,
    duty: &Duty,
    basis: Option<Basis>,
    turn: Turn,
    ctx: &Context<'_>,
) -> Option<Placed> {
    let zone = ctx.history.zone();
    if matches!(duty.timing, Timing::Reminder { .. }) {
        return remind::again(obligation, duty, zone);
    }
    let case = stand_in(case, obligation, turn);
    if let Some(basis) = basis {
        return open::place_basis(&case, duty, basis, zone).ok();
    }
    let above = match duty.timing {
        Timing::Same => above(&case, obligation, turn, ctx),
        _ => None,
    };
    open::place(&case, duty, open::anchor_of(&case, obligation, zone), above, zone).ok()
}

/// The case as it is counted with: with the dates that another case has lent it; for what is overdue, a pause that goes
/// on has no say.
fn stand_in<'c>(case: &'c Case, obligation: &Obligation, turn: Turn) -> Cow<'c, Case> {
    let lent = obligation.more.as_ref().map(|m| &m.lent);
    let borrows = lent.is_some_and(|lent| lent.iter().next().is_some());
    let pauses = obligation.due.passed(turn.at) && case.pauses.iter().any(|p| p.to.is_none());
    if !borrows && !pauses {
        return Cow::Borrowed(case);
    }
    let mut case = case.clone();
    for (field, date) in lent.into_iter().flat_map(|lent| lent.iter()) {
        case.data.set(field.clone(), date.clone());
    }
    if pauses {
        for pause in case.pauses.iter_mut().filter(|p| p.to.is_none()) {
            pause.to = Some(turn.at);
        }
    }
    Cow::Owned(case)
}

/// What an obligation is due together with. What has ended keeps its due time; whether that hangs on an assumption follows
/// the calendar.
fn above(case: &Case, obligation: &Obligation, turn: Turn, ctx: &Context<'_>) -> Option<Placed> {
    let parent = case.obligations.get(obligation.parent? as usize)?;
    let again = || {
        assumes(
            case,
            "",
            parent,
            &*on_calendar(&parent.duty, turn, ctx.history)?,
            turn,
            ctx,
        )
    };
    let provisional = match parent.is_live() {
        true => parent.provisional,
        false => again().unwrap_or(parent.provisional),
    };
    Some(Placed {
        opens_at: parent.opens_at,
        due: parent.due,
        provisional,
    })
}

/// Whether the due time of an obligation hangs on a day that the calendar of a rule assumes; none where that cannot be
/// counted.
fn assumes(case: &Case, id: &str, obligation: &Obligation, duty: &Duty, turn: Turn, ctx: &Context<'_>) -> Option<bool> {
    let Timing::Recurring { rhythm, .. } = &duty.timing else {
        let basis = obligation.more.as_ref().and_then(|m| m.basis);
        return Some(counted(case, obligation, duty, basis, turn, ctx)?.provisional);
    };
    let Occurrence::On(nominal) = obligation.occurrence else {
        return None;
    };
    let series = case.series.iter().find(|s| s.duty.id == duty.id);
    let anchor = series.map_or(ctx.history.zone().date(obligation.trigger.at), |s| s.anchor);
    let Paced::So(recurrence) = rhythm::resolve(case, id, duty, rhythm, (anchor, nominal), ctx) else {
        return None;
    };
    let several = obligation.more.iter().flat_map(|m| &m.nominal);
    let mut dates = several.chain([&nominal]);
    Some(dates.any(|on| recurrence.assumes(*on, &duty.calendar)))
}

/// Lets the flag of what is overdue follow the calendar: by when it was owed stays, and so does that this was missed.
/// Returns whether any flag changed.
pub(super) fn follow(case: &mut Case, id: &str, turn: Turn, ctx: &Context<'_>) -> bool {
    let mut changed = false;
    for ix in 0..case.obligations.len() {
        let Some(obligation) = case.obligations.get(ix) else {
            break;
        };
        let over = obligation.standing(turn.at, false) == Standing::Expired;
        let late = obligation.is_live() && !over && obligation.due.passed(turn.at);
        if !late || perform::granted(obligation) {
            continue;
        }
        let Some(duty) = on_calendar(&obligation.duty, turn, ctx.history) else {
            continue;
        };
        let provisional = assumes(case, id, obligation, &duty, turn, ctx);
        if let (Some(provisional), Some(obligation)) = (provisional, case.obligations.get_mut(ix)) {
            changed |= settle(obligation, provisional, turn.at);
        }
    }
    changed
}

/// Gives an obligation whose due time stays its flag, and remembers when that changed; returns whether it did.
pub(super) fn settle(obligation: &mut Obligation, provisional: bool, at: Instant) -> bool {
    let changed = obligation.provisional != provisional;
    if changed {
        obligation.provisional = provisional;
        obligation.more_mut().settled.push(Settled { at, provisional });
    }
    changed
}

//! Turns: what is in force changes, and with it what is owed. A new edition of a procedure does as its `transition` says;
//! a calendar that was published or amended is counted with from then on.
//!
//! What is overdue stays as it is, but for the flag that says whether its due time hangs on days that no calendar has
//! published; nothing comes to be due before the end of the day of the turn because of it. What has ended keeps the flag
//! too: it was judged by what was known.

mod count;

pub use count::Settled;

use crate::domain::calendar::Calendar;
use crate::domain::deadline::Due;
use crate::domain::zone::{Instant, Zone};
use crate::engine::case::{Case, Context};
use crate::engine::history::History;
use crate::engine::obligation::{End, Ending, Happening, Obligation, Occurrence};
use crate::engine::recur::{self, State};
use crate::engine::{escalation, open, perform};
use crate::policy::model::{Duty, Id, InForce, Timing, Transition, term_of};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An instant at which what is in force changes for what is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// When.
    pub at: Instant,
    /// The place of the set that serves then.
    pub place: usize,
    /// The local date whose editions are in force then.
    pub on: NaiveDate,
}

/// That an obligation was given another due time by a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// When.
    pub at: Instant,
    /// By when it was owed before.
    pub from: Due,
    /// From which date on the edition is in force that decides now.
    pub edition: NaiveDate,
}

/// Whether the change from one to the other means anything to what is owed.
pub fn matters(before: &InForce, after: &InForce) -> bool {
    calendars_differ(before, after)
        || after.procedures.iter().any(|now| {
            let was = before.procedures.iter().find(|p| p.head.id == now.head.id);
            was.is_some_and(|was| {
                let other = was.head.meaning != now.head.meaning;
                let excepts = |duty: &&Arc<Duty>| {
                    let old = was.duties.iter().find(|d| d.id == duty.id);
                    old.is_some_and(|old| old.exceptions != duty.exceptions)
                };
                other && now.head.transition != Transition::Keep || now.duties.iter().any(|duty| excepts(&duty))
            })
        })
}

/// Whether a calendar that rules count on says something else.
fn calendars_differ(before: &InForce, after: &InForce) -> bool {
    let named = |set: &'_ InForce| -> BTreeMap<String, Arc<Calendar>> {
        let duties = set.procedures.iter().flat_map(|p| &p.duties);
        let calendars = duties.map(|d| (d.calendar.name().to_owned(), d.calendar.clone()));
        calendars.collect()
    };
    let old = named(before);
    let other = |(name, calendar): (&String, &Arc<Calendar>)| old.get(name).is_some_and(|was| was != calendar);
    named(after).iter().any(other)
}

/// Whether the two count on different states of the same calendar.
fn recounts(old: &Duty, new: &Duty) -> bool {
    old.calendar.name() == new.calendar.name() && old.calendar != new.calendar
}

/// The next turn that a case has before it, if it has anything that one could touch.
pub fn next(case: &Case, history: &History) -> Option<Turn> {
    if history.turns().is_empty() {
        return None;
    }
    let concerned = !case.series.is_empty() || case.obligations.iter().any(Obligation::is_live);
    let after = case.turned_at.filter(|_| concerned)?;
    history.turns().iter().find(|turn| turn.at > after).copied()
}

/// Lets a turn come over a case.
pub fn take(case: &mut Case, id: &str, turn: Turn, ctx: &Context<'_>) {
    case.turned_at = Some(turn.at);
    let zone = ctx.history.zone();
    let mut changed = false;
    for ix in 0..case.obligations.len() {
        let Some(obligation) = case.obligations.get(ix) else {
            break;
        };
        let owed = obligation.is_live() && !obligation.due.passed(turn.at);
        let recurs = matches!(obligation.duty.timing, Timing::Recurring { .. });
        if !owed || recurs {
            continue;
        }
        if let Some((edition, Transition::Rebase)) = dropped(&obligation.duty, turn, ctx.history) {
            changed |= drop_at(case, ix, turn.at, edition);
        } else if let Some(duty) = reads(obligation, turn, ctx.history) {
            changed |= recount(case, ix, duty, turn, ctx);
        }
    }
    if count::follow(case, id, turn, ctx) {
        case.moved_at = case.moved_at.max(Some(turn.at));
    }
    adopt_exceptions(case, turn, ctx.history);
    let gone = |duty: &Duty| matches!(dropped(duty, turn, ctx.history), Some((_, Transition::Rebase)));
    case.reminders.retain(|plan| !gone(&plan.duty));
    for ix in 0..case.series.len() {
        changed |= replan(case, id, ix, turn, ctx);
    }
    if changed {
        case.moved_at = case.moved_at.max(Some(turn.at));
        open::resolve_bearers(case, zone);
        escalation::reconsider(case, zone, turn.at);
    }
}

/// What is owed stays under its own edition, but exceptions hold for it as they are written now.
fn adopt_exceptions(case: &mut Case, turn: Turn, history: &History) {
    for ix in 0..case.obligations.len() {
        let live = case.obligations.get(ix).filter(|o| o.is_live());
        let Some((old, new)) = live.and_then(|o| Some((o.duty.clone(), now(&o.duty, turn, history)?))) else {
            continue;
        };
        if old.exceptions == new.exceptions {
            continue;
        }
        if let Some(obligation) = case.obligations.get_mut(ix) {
            let mut kept = Duty::clone(&old);
            kept.exceptions = new.exceptions.clone();
            obligation.duty = Arc::new(kept);
        }
        case.obligations.note_waived();
    }
}

/// The rule as it reads after the turn.
fn now(duty: &Duty, turn: Turn, history: &History) -> Option<Arc<Duty>> {
    let set = history.in_force(turn.place, turn.on)?;
    let procedure = set.procedures.iter().find(|p| p.head.id == duty.head.id)?;
    let now = procedure.duties.iter().find(|d| d.id == duty.id)?;
    (procedure.head.effective <= turn.on).then(|| now.clone())
}

/// The first day of the edition after the turn, and what it does with what is owed, where it no longer has a rule. What
/// stands in for a script that failed belongs to no rule.
fn dropped(duty: &Duty, turn: Turn, history: &History) -> Option<(NaiveDate, Transition)> {
    let set = history.in_force(turn.place, turn.on)?;
    let procedure = set.procedures.iter().find(|p| p.head.id == duty.head.id)?;
    let head = &procedure.head;
    let other = head.edition != duty.head.edition && head.effective <= turn.on && !duty.is_review();
    let gone = other && procedure.duties.iter().all(|d| d.id != duty.id);
    gone.then_some((head.effective, head.transition))
}

/// Cancels an obligation whose rule an edition no longer has.
fn drop_at(case: &mut Case, ix: usize, at: Instant, edition: NaiveDate) -> bool {
    let Some(obligation) = case.obligations.get_mut(ix) else {
        return false;
    };
    obligation.end = Some(End {
        how: Ending::Cancelled,
        by: Happening {
            at,
            recorded_at: at,
            ..obligation.trigger.clone()
        },
    });
    obligation.more_mut().dropped = Some(edition);
    true
}

/// By which rule an obligation is counted anew; none where nothing changes for it.
fn reads(obligation: &Obligation, turn: Turn, history: &History) -> Option<Arc<Duty>> {
    let old = &obligation.duty;
    if let Some(new) = now(old, turn, history) {
        let same = new.head.meaning == old.head.meaning;
        if same || new.head.transition == Transition::Rebase {
            return (!same || recounts(old, &new)).then_some(new);
        }
    }
    on_calendar(old, turn, history)
}

/// A rule of an edition that stays, which counts on its calendar as it is known after the turn; none where that says
/// nothing else.
fn on_calendar(duty: &Arc<Duty>, turn: Turn, history: &History) -> Option<Arc<Duty>> {
    if duty.is_review() {
        return None;
    }
    let set = history.in_force(turn.place, turn.on)?;
    let mut others = set.procedures.iter().flat_map(|p| &p.duties);
    let named = |other: &&Arc<Duty>| other.calendar.name() == duty.calendar.name();
    let known = now(duty, turn, history).filter(|now| named(&now));
    let known = known.or_else(|| others.find(named).cloned())?;
    recounts(duty, &known).then(|| {
        let mut kept = Duty::clone(duty);
        kept.calendar = known.calendar.clone();
        Arc::new(kept)
    })
}

/// Counts an obligation anew by a rule; returns whether that changed anything.
fn recount(case: &mut Case, ix: usize, duty: Arc<Duty>, turn: Turn, ctx: &Context<'_>) -> bool {
    let (at, zone) = (turn.at, ctx.history.zone());
    let Some(obligation) = case.obligations.get(ix) else {
        return false;
    };
    let more = obligation.more.as_ref();
    // What somebody has granted stays; what could not be counted waits for somebody to look.
    let granted = perform::granted(obligation);
    // A reminder that has gone out is not taken back.
    let reminded = more.is_some_and(|m| m.reminds.is_some()) && obligation.opens_at <= at;
    let mut basis = more.and_then(|m| m.basis);
    if let (Timing::ByCase(terms), Some(basis)) = (&duty.timing, basis.as_mut())
        && let Some(term) = term_of(terms, &case.data)
    {
        basis.term = term;
    }
    let placed = count::counted(case, obligation, &duty, basis, turn, ctx);
    let placed = placed.filter(|_| !granted);
    let Some(obligation) = case.obligations.get_mut(ix) else {
        return false;
    };
    let old = obligation.due;
    let edition = duty.head.effective;
    let window = matches!(duty.timing, Timing::Window { .. } | Timing::Midpoint { .. });
    let reminds = matches!(duty.timing, Timing::Reminder { .. });
    obligation.duty = duty;
    if let Some(placed) = placed {
        if !reminded {
            obligation.due = not_at_once(placed.due, old, at, zone);
        }
        if obligation.due == old {
            count::settle(obligation, placed.provisional, at);
        }
        obligation.provisional = placed.provisional;
        if window {
            obligation.opens_at = placed.opens_at;
        } else if reminds && !reminded {
            obligation.opens_at = placed.opens_at.max(at);
        }
        if basis.is_some() {
            obligation.more_mut().basis = basis;
        }
        note(obligation, old, at, edition);
    }
    true
}

/// Remembers that an obligation was given another due time.
fn note(obligation: &mut Obligation, from: Due, at: Instant, edition: NaiveDate) {
    if obligation.due != from {
        obligation.more_mut().moved.push(Moved { at, from, edition });
    }
}

/// The new due time; where it is earlier than the old one, not before the end of the day of the turn.
fn not_at_once(new: Due, old: Due, at: Instant, zone: Zone) -> Due {
    let on = zone.date(at);
    let Ok(end) = zone.end_of(on) else { return old };
    let floor = match new {
        Due::Day { .. } => Due::Day { on, at: end },
        Due::Instant { .. } => Due::Instant { at: end },
    };
    let least = if old.at() < floor.at() { old } else { floor };
    if new.at() < least.at() { least } else { new }
}

/// Plans a series anew whose next day is still ahead, where the turn changes how it recurs.
fn replan(case: &mut Case, id: &str, ix: usize, turn: Turn, ctx: &Context<'_>) -> bool {
    let zone = ctx.history.zone();
    let Some(series) = case.series.get(ix) else {
        return false;
    };
    let Some(new) = now(&series.duty, turn, ctx.history) else {
        return end_dropped(case, ix, turn, ctx);
    };
    let same = new.head.meaning == series.duty.head.meaning;
    if !(recounts(&series.duty, &new) || !same && new.head.transition != Transition::Keep) {
        return false;
    }
    if series.state == State::Ended {
        if let Some(series) = case.series.get_mut(ix) {
            recur::through::resume(series, zone.date(turn.at), turn.at);
        }
        let before = case.obligations.len();
        recur::occur_next(case, id, ix, turn.at, ctx);
        return case.obligations.len() > before;
    }
    // Under a new edition what lies before its first day stays; a calendar counts from today on.
    let first = if same { zone.date(turn.at) } else { new.head.effective };
    let (rule, wakes_at, before) = (series.duty.id.clone(), series.wakes_at(), series.before);
    let current = |o: &Obligation| {
        let nominal = match o.occurrence {
            Occurrence::On(on) => on >= first,
            Occurrence::Nth(_) => false,
        };
        o.is_live() && o.duty.id == rule && nominal && !o.due.passed(turn.at) && wakes_at == Some(o.due.at())
    };
    let found = case.obligations.iter().position(current);
    let Some(was) = found.and_then(|at| case.obligations.get(at).cloned()) else {
        return false;
    };
    case.obligations.change(current, |obligation| {
        obligation.end = Some(End {
            how: Ending::Cancelled,
            by: Happening {
                at: turn.at,
                recorded_at: turn.at,
                ..obligation.trigger.clone()
            },
        });
    });
    if let Some(series) = case.series.get_mut(ix) {
        series.reached = before;
        series.made.0 = series.made.0.saturating_sub(1);
        series.state = State::Wakes(turn.at);
    }
    recur::occur_next(case, id, ix, turn.at, ctx);
    settle(case, ix, &rule, &was, turn.at, zone);
    true
}

/// Ends a series whose rule the edition after the turn no longer has, unless what is owed stays under its own edition:
/// what lies on its days and is not yet overdue is cancelled.
fn end_dropped(case: &mut Case, ix: usize, turn: Turn, ctx: &Context<'_>) -> bool {
    let Some(series) = case.series.get_mut(ix) else {
        return false;
    };
    let Some((first, transition)) = dropped(&series.duty, turn, ctx.history) else {
        return false;
    };
    if transition == Transition::Keep {
        return false;
    }
    series.state = State::Over;
    let rule = series.duty.id.clone();
    let ahead = |o: &Obligation| {
        let on_its_days = matches!(o.occurrence, Occurrence::On(on) if on >= first);
        o.is_live() && o.duty.id == rule && on_its_days && !o.due.passed(turn.at)
    };
    let mut found = false;
    for place in 0..case.obligations.len() {
        if case.obligations.get(place).is_some_and(ahead) {
            found |= drop_at(case, place, turn.at, first);
        }
    }
    found
}

/// What has taken the place of an occurrence opened when that one did, and is not due at once.
fn settle(case: &mut Case, ix: usize, rule: &Id, was: &Obligation, at: Instant, zone: Zone) {
    let wakes_at = case.series.get(ix).and_then(recur::Series::wakes_at);
    let next = |o: &Obligation| o.is_live() && o.duty.id == *rule && wakes_at == Some(o.due.at());
    let mut due = None;
    case.obligations.change(next, |obligation| {
        if obligation.opens_at == at {
            obligation.opens_at = was.opens_at;
        }
        obligation.due = not_at_once(obligation.due, was.due, at, zone);
        if obligation.due == was.due && obligation.provisional != was.provisional {
            let provisional = std::mem::replace(&mut obligation.provisional, was.provisional);
            count::settle(obligation, provisional, at);
        }
        let edition = obligation.duty.head.effective;
        note(obligation, was.due, at, edition);
        due = Some(obligation.due.at());
    });
    if let (Some(due), Some(series)) = (due, case.series.get_mut(ix)) {
        series.state = State::Wakes(due);
    }
}

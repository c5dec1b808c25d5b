//! How a change of a case moves what is owed: its terms by case, its dates, what goes with them.
//!
//! A tightening never loosens, and never makes anything late at once; a loosening is the new term in full, and what had
//! been missed before it stays missed. A correction is no change: the case is folded anew with it.

use crate::domain::deadline::reckon;
use crate::domain::term::Term;
use crate::domain::zone::{Instant, Zone};
use crate::engine::case::Case;
use crate::engine::obligation::Obligation;
use crate::engine::open::{self, Placed};
use crate::engine::waiver;
use crate::policy::model::{CaseTerm, Id, Timing, term_of};

/// What a due time is counted from, where the case has a say in that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basis {
    /// From when.
    pub from: Instant,
    /// How long.
    pub term: Term,
    /// The change of the case since which it is counted so; none: from the beginning.
    pub since: Option<Instant>,
}

/// Counts anew what is live, after an event at an instant changed these fields of the case.
pub fn recount(case: &mut Case, changed: &[Id], at: Instant, zone: Zone) {
    let mut moved: Vec<usize> = Vec::new();
    for ix in 0..case.obligations.len() {
        let Some(obligation) = case.obligations.get(ix).filter(|o| o.is_live()) else {
            continue;
        };
        let faulty = obligation.more.as_ref().is_some_and(|m| m.fault.is_some());
        let looks_at = |field: &Id| changed.contains(field) || faulty;
        let new = match &obligation.duty.timing {
            Timing::ByCase(terms) => by_case(case, obligation, terms, at, zone),
            Timing::By { field, opens } if looks_at(field) || opens.as_ref().is_some_and(looks_at) => {
                dated(case, obligation, at, zone)
            }
            Timing::Before { field, .. } if looks_at(field) => dated(case, obligation, at, zone),
            Timing::Midpoint { start, end, .. } if looks_at(start) || looks_at(end) => {
                dated(case, obligation, at, zone)
            }
            Timing::Same => with_parent(case, obligation, &moved),
            _ => None,
        };
        let Some((placed, basis)) = new else { continue };
        if let Some(obligation) = case.obligations.get_mut(ix)
            && take(obligation, placed, basis, at)
        {
            moved.push(ix);
        }
    }
}

/// Gives an obligation its new due time; returns whether that is another one.
fn take(obligation: &mut Obligation, placed: Placed, basis: Option<Basis>, at: Instant) -> bool {
    let old = obligation.due;
    let excused = obligation.excusing().is_some();
    let extended = obligation.more.as_ref().is_some_and(|m| m.first_due.is_some());
    // What somebody has granted, or a draw has given, is not taken away again.
    if (extended || obligation.duty.draw.is_some()) && placed.due.at() <= old.at() {
        return false;
    }
    obligation.due = placed.due;
    obligation.opens_at = placed.opens_at;
    obligation.provisional = placed.provisional;
    let more = obligation.more.as_ref();
    let faulty = more.is_some_and(|m| m.fault.is_some());
    if basis.is_some() || more.is_some_and(|m| m.basis.is_some()) {
        obligation.more_mut().basis = basis;
    }
    if faulty {
        // What lacked its date has one now; that it was looked into too late is no breach of the duty itself.
        obligation.more_mut().fault = None;
    } else if old.passed(at) && placed.due.at() > old.at() && obligation.is_owed() {
        if excused {
            waiver::let_off(obligation, old, at);
        } else {
            obligation.more_mut().missed.get_or_insert(old);
        }
    }
    old != placed.due
}

/// A term by case: the one that holds now, counted from the beginning, unless that would be late at once; then the
/// earlier of what it was and the new term counted from the change.
fn by_case(
    case: &Case,
    obligation: &Obligation,
    terms: &[CaseTerm],
    at: Instant,
    zone: Zone,
) -> Option<(Placed, Option<Basis>)> {
    let now = obligation.more.as_ref()?.basis?;
    let term = term_of(terms, &case.data)?;
    let duty = &obligation.duty;
    let pauses = open::pauses_for(case, duty).resumed_at(at);
    let how = open::counting(duty, &pauses, zone);
    let due = |basis: Basis| reckon(basis.from, basis.term, &how).ok().map(|r| r.due);
    let since = if term == now.term { now.since } else { Some(at) };
    let whole = Basis {
        from: open::anchor_of(case, obligation, zone),
        term,
        since,
    };
    let anew = Basis { from: at, term, since };
    let (old, natural) = (due(now)?, due(whole)?);
    let new = if natural.at() >= old.at() || !natural.passed(at) {
        whole
    } else if due(anew)?.at() < old.at() {
        anew
    } else {
        now
    };
    if new == now {
        return None;
    }
    let placed = open::place_basis(case, duty, new, zone).ok()?;
    Some((placed, Some(new)))
}

/// What hangs on a date of the case: the new one, unless that is past already; then the day of the change.
fn dated(case: &Case, obligation: &Obligation, at: Instant, zone: Zone) -> Option<(Placed, Option<Basis>)> {
    let duty = &obligation.duty;
    let natural = open::place(case, duty, open::anchor_of(case, obligation, zone), None, zone).ok()?;
    let old = obligation.due;
    let faulty = obligation.more.as_ref().is_some_and(|m| m.fault.is_some());
    if !natural.due.passed(at) || natural.due.at() >= old.at() && !faulty {
        return Some((natural, None));
    }
    let today = Basis {
        from: at,
        term: Term::Days(0),
        since: Some(at),
    };
    let placed = open::place_basis(case, duty, today, zone).ok()?;
    let sooner = placed.due.at() < old.at() || faulty;
    sooner.then_some((
        Placed {
            opens_at: natural.opens_at.min(at),
            ..placed
        },
        Some(today),
    ))
}

/// What is due together with another obligation that has moved.
fn with_parent(case: &Case, obligation: &Obligation, moved: &[usize]) -> Option<(Placed, Option<Basis>)> {
    let parent = obligation.parent.map(|p| p as usize).filter(|p| moved.contains(p))?;
    let parent = case.obligations.get(parent)?;
    let placed = Placed {
        opens_at: obligation.opens_at,
        due: parent.due,
        provisional: parent.provisional,
    };
    Some((placed, None))
}

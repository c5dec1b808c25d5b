//! What follows on an obligation's falling overdue: time alone brings it about.

use crate::domain::deadline::Due;
use crate::domain::zone::Instant;
use crate::engine::case::{Case, Context};
use crate::engine::obligation::Obligation;
use crate::engine::open;
use chrono::TimeDelta;

/// When the next obligation falls overdue on which something follows.
pub fn wakes_at(case: &Case) -> Option<Instant> {
    case.obligations.iter().filter_map(falls_at).min()
}

/// The first instant at which an obligation is overdue, if something is to follow on that and has not yet.
fn falls_at(obligation: &Obligation) -> Option<Instant> {
    let duty = &obligation.duty;
    let follows = obligation.is_live() && obligation.is_owed() && duty.head.breaches.contains(&duty.id);
    let done = || {
        obligation
            .more
            .as_ref()
            .is_some_and(|m| m.breach_followed || m.fault.is_some())
            // Nothing is held against anybody for what falls due while it is waived.
            || obligation.excusing().is_some()
    };
    if !follows || done() {
        return None;
    }
    match obligation.due {
        Due::Day { at, .. } => Some(at),
        // The last instant itself is in time; instants are exact to the millisecond.
        Due::Instant { at } => at.checked_add_signed(TimeDelta::milliseconds(1)),
    }
}

/// Lets follow what follows on the obligations that are overdue at an instant.
pub fn advance(case: &mut Case, id: &str, as_of: Instant, ctx: &Context<'_>) {
    for ix in 0..case.obligations.len() {
        let Some(at) = case.obligations.get(ix).and_then(falls_at).filter(|at| *at <= as_of) else {
            continue;
        };
        if let Some(obligation) = case.obligations.get_mut(ix) {
            obligation.more_mut().breach_followed = true;
        }
        case.moved_at = case.moved_at.max(Some(at));
        open::open_following_breach(case, id, ix, ctx);
    }
}

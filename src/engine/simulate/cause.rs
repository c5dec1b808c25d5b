//! What a difference hangs on: on what was reported alone, or on how people would have acted.

use super::Side;
use super::row::Depends;
use crate::engine::case::Case;
use crate::engine::obligation::{Ending, Obligation};
use crate::policy::model::{Id, Trigger};

/// How far what follows on what is followed back.
const MAX_STEPS: usize = 64;

/// What the birth of an obligation hangs on. It hangs on how people acted where it follows on another's performance or breach,
/// where what triggered it performed another obligation that the draft changes (`differs` says so by its place), or where the
/// engine opened its case because of a performance.
pub(super) fn of_obligation(case: &Case, ix: usize, differs: &dyn Fn(usize) -> bool, sides: &[Side<'_>; 2]) -> Depends {
    let mut at = ix;
    for _ in 0..MAX_STEPS {
        let Some(obligation) = case.obligations.get(at) else {
            break;
        };
        match obligation.duty.on {
            Trigger::Fulfilled(_) | Trigger::Breached(_) => return Depends::Behaviour,
            Trigger::Opened(_) => match obligation.parent {
                Some(parent) => at = parent as usize,
                None => break,
            },
            Trigger::Events(_) | Trigger::Occasion(_) | Trigger::Sampled(_) => {
                let event = &obligation.trigger.event;
                let mut performed = (0..case.obligations.len()).filter(|other| *other != at);
                let performs = |other: usize| case.obligations.get(other).is_some_and(|o| fulfilled_by(o, event));
                if performed.any(|other| performs(other) && differs(other)) {
                    return Depends::Behaviour;
                }
                break;
            }
        }
    }
    match &case.cause {
        Some(cause) => of_event(&cause.case, &cause.event, sides),
        None => Depends::Mechanical,
    }
}

/// What hangs on a counted event: it is as it was reported, unless it performed an obligation.
pub(super) fn of_event(case: &Id, event: &Id, sides: &[Side<'_>; 2]) -> Depends {
    let performs = sides.iter().filter_map(|side| side.world.case(case)).any(|(_, slot)| {
        let mut all = slot.case.obligations.iter();
        all.any(|obligation| fulfilled_by(obligation, event))
    });
    if performs {
        Depends::Behaviour
    } else {
        Depends::Mechanical
    }
}

fn fulfilled_by(obligation: &Obligation, event: &Id) -> bool {
    let end = obligation.end.as_ref();
    end.is_some_and(|end| end.how == Ending::Fulfilled && end.by.event == *event)
}

//! A history as it would have been with a draft in force from a date on.

use super::{History, Served};
use crate::policy::model::{Company, InForce};
use chrono::NaiveDate;
use std::sync::Arc;

impl History {
    /// This history with a draft in force from a local date on, this date included, whenever an event was recorded. What occurred
    /// before is decided as it was, and what was born then keeps its rule: the change to the draft does by itself nothing to
    /// what is owed, whatever transition the draft asks for.
    pub fn trying(&self, draft: &Arc<Company>, from: NaiveDate) -> History {
        let last = self.sets.len().saturating_sub(1);
        let sets = self.sets.iter().enumerate().map(|(ix, served)| {
            // Who there is, and who holds what, is as the draft has it where the question is who owes something now.
            let whole = if ix == last { draft } else { &served.company };
            Served {
                from_seq: served.from_seq,
                since: served.since,
                company: Arc::new(Company {
                    in_force: spliced(&served.company, draft, from),
                    ..Company::clone(whole)
                }),
            }
        });
        let mut history = History {
            sets: sets.collect(),
            turns: Arc::from([]),
            excepting: Arc::default(),
            known_on: self.known_on,
        };
        let mut turns = history.find_turns();
        let turned =
            |turn: &crate::engine::turn::Turn| self.turns.iter().any(|t| (t.on, t.place) == (turn.on, turn.place));
        turns.retain(|turn| turn.on != from || turned(turn));
        history.turns = turns.into();
        history.excepting = history.find_excepting();
        history
    }

    /// The same history for a record whose places lie `1 << bits` apart, so that what the engine reports itself has room
    /// between them.
    pub fn spaced(&self, bits: u32) -> History {
        let mut history = self.clone();
        for served in &mut history.sets {
            let room = (1_u64 << bits).saturating_sub(1);
            served.from_seq = (served.from_seq << bits) | room;
        }
        history
    }
}

/// What is in force from each date on: up to a date as a set has it, from then on as a draft has it.
fn spliced(served: &Company, draft: &Company, from: NaiveDate) -> Vec<InForce> {
    let earlier = served.in_force.iter().filter(|set| set.from.is_none_or(|on| on < from));
    let first = InForce {
        from: Some(from),
        ..draft.on(from).clone()
    };
    let later = draft.in_force.iter().filter(|set| set.from.is_some_and(|on| on > from));
    earlier.cloned().chain([first]).chain(later.cloned()).collect()
}

//! What was believed of a case before something was recorded that had occurred earlier, or was taken back: so that who was told
//! while nobody could know of a waiver is told that it is so, and nobody else.
//!
//! Only of the fields that exceptions ask for, and only as long as it differs from what is known now.

use crate::domain::event::Event;
use crate::domain::value::{Fields, Value};
use crate::domain::zone::Instant;
use crate::engine::case::{Case, in_slots};
use crate::policy::model::{Condition, Id};
use std::collections::BTreeSet;

/// What a field was believed to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belief {
    /// The field.
    pub field: Id,
    /// Until when, not included: then it became known that it says something else.
    pub until: Instant,
    /// What it was believed to say; none: nothing.
    pub value: Option<Value>,
}

/// A time in which something was not known: since when, and until when, not included.
pub type Doubt = (Instant, Instant);

/// What an event said until it was corrected or taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overtaken {
    /// When it was thought to have occurred.
    pub occurred_at: Instant,
    /// When it was recorded, and when the other was.
    pub known: (Instant, Instant),
    /// What it said.
    pub data: Fields,
}

/// What these events said until they were corrected or taken back, in the order in which that was thought to have occurred.
pub fn overtaken(events: &[Event]) -> Vec<Overtaken> {
    if events.iter().all(|e| e.corrects.is_none() && e.retracts.is_none()) {
        return Vec::new();
    }
    let mut all = Vec::new();
    in_slots(events, |was, by| {
        all.push(Overtaken {
            occurred_at: was.occurred_at,
            known: (was.recorded_at, by.recorded_at),
            data: was.data.clone(),
        });
    });
    all.sort_by_key(|o| (o.occurred_at, o.known));
    all
}

/// Notes that a field of a case says something else since an event, before which it said `was`.
pub fn note(case: &mut Case, field: &Id, was: Option<Value>, event: &Event) {
    let (at, known_at) = (event.occurred_at, event.recorded_at);
    let now = case.data.get(field).cloned();
    let mut mine = taken_out(case, field, at);
    let before = cut(&mut mine, known_at).unwrap_or(was);
    if known_at > at {
        mine.push(Belief {
            field: field.clone(),
            until: known_at,
            value: before,
        });
    }
    put_back(case, mine, &now);
}

/// Notes what a case was believed to say until something was corrected or taken back.
pub fn note_overtaken(case: &mut Case, asked: &BTreeSet<Id>, was: &Overtaken) {
    let (since, until) = was.known;
    for (field, said) in was.data.iter().filter(|(field, _)| asked.contains(*field)) {
        let now = case.data.get(field).cloned();
        let all = taken_out(case, field, was.occurred_at);
        let (mut early, mut late) = (all.clone(), all);
        let before = cut(&mut early, since).unwrap_or(now.clone());
        let belief = |until, value| Belief {
            field: field.clone(),
            until,
            value,
        };
        early.push(belief(since, before));
        early.push(belief(until, Some(said.clone())));
        late.retain(|b| b.until > until);
        early.extend(late);
        early.retain(|b| b.until > was.occurred_at);
        put_back(case, early, &now);
    }
}

/// What is believed of a field, without what is over at an instant.
fn taken_out(case: &mut Case, field: &Id, at: Instant) -> Vec<Belief> {
    case.beliefs.retain(|b| b.until > at);
    let (mine, others) = std::mem::take(&mut case.beliefs)
        .into_iter()
        .partition(|b| b.field == *field);
    case.beliefs = others;
    mine
}

/// Leaves out what was believed from an instant on; returns what was believed right before it, unless that is still.
fn cut(beliefs: &mut Vec<Belief>, from: Instant) -> Option<Option<Value>> {
    let at = beliefs.iter().position(|b| b.until >= from)?;
    let before = beliefs.get(at).map(|b| b.value.clone());
    beliefs.truncate(at);
    before
}

/// Keeps what was believed, as far as it differs from what is believed after it.
fn put_back(case: &mut Case, beliefs: Vec<Belief>, now: &Option<Value>) {
    let mut kept: Vec<Belief> = Vec::new();
    for belief in beliefs.into_iter().rev() {
        let next = kept.last().map_or(now, |next: &Belief| &next.value);
        if belief.value != *next {
            kept.push(belief);
        }
    }
    case.beliefs.extend(kept.into_iter().rev());
}

/// When, from an instant on, it was not known that a case meets a condition which it meets.
pub fn doubts(case: &Case, when: &Condition, at: Instant) -> Vec<Doubt> {
    let asked = |b: &&Belief| b.until > at && when.0.iter().any(|(field, _)| *field == b.field);
    let ends: BTreeSet<Instant> = case.beliefs.iter().filter(asked).map(|b| b.until).collect();
    let mut doubts: Vec<Doubt> = Vec::new();
    let mut since = at;
    for until in ends {
        let believed = |field: &str| {
            let mut of_field = case.beliefs.iter().filter(|b| *b.field == *field);
            match of_field.find(|b| b.until >= until) {
                Some(belief) => belief.value.as_ref(),
                None => case.data.get(field),
            }
        };
        if !when.holds(believed) {
            match doubts.last_mut().filter(|last| last.1 == since) {
                Some(last) => last.1 = until,
                None => doubts.push((since, until)),
            }
        }
        since = until;
    }
    doubts
}

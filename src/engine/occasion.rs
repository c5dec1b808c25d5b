//! Occasions: what happens to one case and is due for all cases of a kind. The cases that something is due for take it
//! from a list when they are folded, so that it does not matter which of them were there first, nor in which order all
//! came to be known.

use crate::domain::event::Event;
use crate::domain::value::{Fields, Value};
use crate::domain::zone::Instant;
use crate::engine::case::{Case, Context, happening};
use crate::engine::obligation::Happening;
use crate::engine::open;
use crate::policy::model::{Audience, Duty, Id, Same, Trigger};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Something that happened to one case and is due for others.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// The rule, in the edition that decided the event.
    pub duty: Arc<Duty>,
    /// The case that it happened to.
    pub case: Id,
    /// The event.
    pub what: Happening,
    /// Its place in the record.
    pub seq: u64,
    /// What the event said, and what was known of its case then.
    pub data: Fields,
}

/// The place of an occasion in the order of all: by when it occurred, then by its place in the record, then by its rule.
pub type Place = (Instant, u64, Id);

impl Occasion {
    /// Its place in the order of all.
    pub fn place(&self) -> Place {
        (self.what.at, self.seq, self.duty.id.clone())
    }

    fn audience(&self) -> Option<&Audience> {
        self.duty.audience.as_ref()
    }

    fn is(&self, other: &Occasion) -> bool {
        self.place() == other.place()
            && self.what == other.what
            && self.case == other.case
            && self.data == other.data
            && self.duty.head.edition == other.duty.head.edition
    }

    /// Whether it is due for a case as that is then.
    fn concerns(&self, case: &Case) -> bool {
        self.is_for(case) && self.applies(case)
    }

    /// Whether it would be due for a case if the condition of its duty held.
    pub fn turns_away(&self, case: &Case) -> bool {
        self.is_for(case) && !self.applies(case)
    }

    fn applies(&self, case: &Case) -> bool {
        let known = |field: &str| case.data.get(field).or_else(|| self.data.get(field));
        self.duty.when.holds(known)
    }

    fn is_for(&self, case: &Case) -> bool {
        let Some(audience) = self.audience() else { return false };
        let agrees = |(field, same): &(Id, Same)| {
            let mine = case.data.get(field).filter(|value| value.is_filled());
            match same {
                Same::Case => mine.and_then(Value::as_text) == Some(self.case.as_ref()),
                Same::Field(other) => mine.is_some() && mine == self.data.get(other),
            }
        };
        !case.cancelled && audience.pairs.iter().all(agrees)
    }
}

/// All occasions, by the kind of the cases that they are due for, in order.
#[derive(Clone, Debug, Default)]
pub struct Occasions(BTreeMap<Id, Arc<[Arc<Occasion>]>>);

impl Occasions {
    /// Those that are due for cases of a kind.
    pub fn of(&self, kind: &str) -> &[Arc<Occasion>] {
        self.0.get(kind).map_or(&[], |list| list)
    }

    /// Puts what happened to a case in the place of what had; returns for which kinds that is anything else, and the
    /// first place at which it is, and whether all that is new comes after all that there was.
    pub fn replace(&mut self, before: &[Arc<Occasion>], after: &[Arc<Occasion>]) -> Vec<(Id, Place)> {
        let differ = |a: &[Arc<Occasion>], b: &[Arc<Occasion>]| -> Vec<Arc<Occasion>> {
            let only = a.iter().filter(|one| !b.iter().any(|other| one.is(other)));
            only.cloned().collect()
        };
        let (gone, new) = (differ(before, after), differ(after, before));
        let kind = |o: &Arc<Occasion>| o.audience().map(|a| a.kind.clone());
        let kinds: BTreeSet<Id> = gone.iter().chain(&new).filter_map(kind).collect();
        let mut changed = Vec::new();
        for of_kind in kinds {
            let is_mine = |o: &&Arc<Occasion>| kind(o).as_ref() == Some(&of_kind);
            let first = gone.iter().chain(&new).filter(is_mine).map(|o| o.place()).min();
            let kept = self.of(&of_kind).iter().filter(|o| !gone.iter().any(|g| g.is(o)));
            let mut list: Vec<Arc<Occasion>> = kept.chain(new.iter().filter(is_mine)).cloned().collect();
            list.sort_by_key(|o| o.place());
            self.0.insert(of_kind.clone(), list.into());
            changed.extend(first.map(|first| (of_kind, first)));
        }
        changed
    }
}

/// Notes what an event of a case is for others.
pub fn raise(case: &mut Case, id: &str, event: &Event, ctx: &Context<'_>) {
    if case.cancelled {
        return;
    }
    for procedure in ctx.history.editions(event).iter() {
        for duty in procedure.by_occasion.get(&event.kind).into_iter().flatten() {
            let mut data = case.data.clone();
            data.merge(&event.data);
            case.raised.push(Arc::new(Occasion {
                duty: duty.clone(),
                case: Id::from(id),
                what: happening(event),
                seq: event.seq,
                data,
            }));
        }
    }
}

/// The next occasion that a case has not heard of.
pub fn next<'c>(case: &Case, ctx: &Context<'c>) -> Option<&'c Arc<Occasion>> {
    let heard = case.heard.as_ref()?;
    let list = ctx.occasions.of(&case.kind);
    list.get(list.partition_point(|o| o.place() <= *heard))
}

/// Lets a case hear of an occasion.
pub fn hear(case: &mut Case, id: &str, occasion: &Occasion, ctx: &Context<'_>) {
    case.heard = Some(occasion.place());
    // What happens to the case at the same instant comes before it.
    let after = occasion.what.at.checked_add_signed(TimeDelta::nanoseconds(1));
    case.moved_at = case.moved_at.max(after);
    if occasion.concerns(case) {
        open::open_for_occasion(case, id, occasion, ctx);
    }
}

/// The kinds of case to which something can happen that is due for others.
pub fn raisers(ctx: &Context<'_>) -> BTreeSet<Id> {
    let duties = ctx.history.sets().flat_map(|c| c.editions()).flat_map(|p| &p.duties);
    let events = duties.filter_map(|duty| match &duty.on {
        Trigger::Occasion(events) => Some(events),
        _ => None,
    });
    let kinds = events.flatten().filter_map(|event| event.split('.').next());
    kinds.map(Id::from).collect()
}

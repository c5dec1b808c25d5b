//! A record folded from its beginning, as when the live state is rebuilt; only what the engine itself reports because of
//! others is left out of the record and comes to be anew, for it may not under other rules.

use crate::domain::event::{Event, OWN_SOURCE};
use crate::domain::zone::Instant;
use crate::engine::draft::{Draft, Past, PastError};
use crate::engine::history::History;
use crate::engine::simulate::gates::Gates;
use crate::engine::world::World;
use crate::policy::model::Id;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// How far apart the places of recorded events are put, in bits: what the engine reports because of one stands between it
/// and the next.
const BITS: u32 = 20;

/// After how many events it is told how far it is.
const TOLD_EVERY: u64 = 1_024;

/// A company's record, read in its order.
pub trait Record {
    /// The next events of the company, in the order of their places; none at the end.
    fn next(&mut self) -> Result<Vec<Event>, PastError>;

    /// Whether somebody still waits for what comes of it; where nobody does, `next` fails and the folds end.
    fn is_wanted(&self) -> bool {
        true
    }
}

/// Events that were read once and are folded twice.
pub(super) type Chunk = Arc<Vec<Event>>;

/// Where the two folds get them from.
pub(super) type Waiting = [Receiver<Chunk>; 2];

/// How many chunks are read before they are folded.
const READ_AHEAD: usize = 2;

/// Where the two folds get their events from, and what reads a record for them until it ends or one of them takes no more.
pub(super) fn feed(record: &mut (dyn Record + Send)) -> (Waiting, impl FnOnce() -> Result<(), PastError> + Send + '_) {
    let ((to_one, one), (to_other, other)) = (sync_channel(READ_AHEAD), sync_channel(READ_AHEAD));
    let read = move || {
        loop {
            let events: Chunk = Arc::new(record.next()?);
            let is_taken = |to: &SyncSender<Chunk>| to.send(events.clone()).is_ok();
            if events.is_empty() || !is_taken(&to_one) || !is_taken(&to_other) {
                return Ok(());
            }
        }
    };
    ([one, other], read)
}

/// What is folded, and how far.
pub(super) struct Folding {
    /// The policies.
    pub(super) history: History,
    /// The secret that draws are made with.
    pub(super) seed: [u8; 32],
    /// When the span begins.
    pub(super) starts_at: Instant,
    /// What occurred at this instant or later is left out.
    pub(super) as_of: Instant,
    /// What begins standing cases when the span begins.
    pub(super) begin: Vec<Event>,
}

/// What came of it.
pub(super) struct Folded<P> {
    pub(super) world: World,
    /// How many events were taken, without those that the engine reported itself.
    pub(super) events: u64,
    /// What gates would have refused.
    pub(super) gates: Gates,
    past: P,
    own: Own,
}

/// What the engine reported itself, by case, each with the place of the event before it in its case.
type Own = HashMap<Id, Vec<(Event, u64)>>;

struct Joined<'a, P> {
    past: &'a P,
    own: &'a Own,
    as_of: Instant,
}

impl<P: Past> Past for Joined<'_, P> {
    fn events(&self, case: &str, head: u64) -> Result<Vec<Event>, PastError> {
        let own = self.own.get(case).map_or(&[][..], Vec::as_slice);
        // From the last event back to the last that stands in the record.
        let mut place = head;
        while place != 0 && place & ((1 << BITS) - 1) != 0 {
            let at = own.iter().find(|(event, _)| event.seq == place);
            place = at.map_or(0, |(_, before)| *before);
        }
        let mut events = self.past.events(case, place >> BITS)?;
        events.retain(|event| !is_own(event) && event.occurred_at < self.as_of);
        for event in &mut events {
            event.seq <<= BITS;
            event.recorded_at = event.recorded_at.min(self.as_of);
        }
        let until_now = own.iter().filter(|(event, _)| event.seq <= head);
        events.extend(until_now.map(|(event, _)| event.clone()));
        events.sort_by_key(|event| event.seq);
        Ok(events)
    }
}

impl<P: Past> Folded<P> {
    /// The events of a case that stand in the record or were reported by the engine, by their places.
    pub(super) fn past(&self, case: &str, head: u64, as_of: Instant) -> Result<Vec<Event>, PastError> {
        let past = Joined {
            past: &self.past,
            own: &self.own,
            as_of,
        };
        past.events(case, head)
    }
}

/// Whether the engine reported it because of another.
fn is_own(event: &Event) -> bool {
    event.cause.is_some() && event.source.as_ref() == OWN_SOURCE
}

/// Folds a record.
pub(super) fn fold<P: Past>(
    folding: Folding,
    past: P,
    events: &Receiver<Chunk>,
    count: &dyn Fn(u64),
) -> Result<Folded<P>, PastError> {
    let Folding {
        history,
        seed,
        starts_at,
        as_of,
        mut begin,
    } = folding;
    let mut state = Folded {
        gates: Gates::new(&history, starts_at),
        world: World::unasked(history.spaced(BITS), seed),
        events: 0,
        past,
        own: Own::new(),
    };
    let (mut recorded, mut untold, mut place) = (None, 0, 0);
    for chunk in events {
        for event in chunk.iter() {
            untold += 1;
            if untold == TOLD_EVERY {
                count(std::mem::take(&mut untold));
            }
            if event.occurred_at >= as_of || is_own(event) {
                continue;
            }
            let mut event = event.clone();
            event.recorded_at = event.recorded_at.min(as_of);
            if event.recorded_at >= starts_at {
                begin_cases(&mut state, std::mem::take(&mut begin), place, as_of)?;
            }
            // As the writer did: before the events of each instant at which some were recorded.
            if recorded.is_none_or(|at| at < event.recorded_at) {
                pass(&mut state, event.recorded_at, as_of);
                recorded = Some(event.recorded_at);
            }
            place = event.seq << BITS;
            take(&mut state, event, place, as_of)?;
            state.events += 1;
        }
    }
    begin_cases(&mut state, begin, place, as_of)?;
    pass(&mut state, as_of, as_of);
    count(untold);
    Ok(state)
}

fn pass<P: Past>(state: &mut Folded<P>, now: Instant, as_of: Instant) {
    if state.world.wakes_at().is_none_or(|at| at > now) {
        return;
    }
    let past = Joined {
        past: &state.past,
        own: &state.own,
        as_of,
    };
    let mut draft = Draft::new(&state.world, &past, 0);
    draft.advance(now);
    let changes = draft.finish();
    state.world.apply(changes);
}

/// Begins cases that stand by themselves, after the event at a place.
fn begin_cases<P: Past>(
    state: &mut Folded<P>,
    events: Vec<Event>,
    place: u64,
    as_of: Instant,
) -> Result<(), PastError> {
    for (n, event) in (0_u64..).zip(events) {
        if state.world.case(&event.case).is_none() {
            let at = place + (1 << (BITS - 1)) + n * 64;
            take(state, event, at, as_of)?;
        }
    }
    Ok(())
}

fn take<P: Past>(state: &mut Folded<P>, event: Event, place: u64, as_of: Instant) -> Result<(), PastError> {
    let past = Joined {
        past: &state.past,
        own: &state.own,
        as_of,
    };
    let mut draft = Draft::new(&state.world, &past, place);
    state.gates.ask(&draft, &event, place)?;
    let recorded = draft.record(event)?;
    let changes = draft.finish();
    state.world.apply(changes);
    for one in recorded {
        // What has no place of its own in the record.
        if one.event.seq & ((1 << BITS) - 1) != 0 {
            let list = state.own.entry(one.event.case.clone()).or_default();
            // Few cases have more than one, and each is large.
            list.reserve_exact(1);
            list.push((Event::clone(&one.event), one.prev));
        }
    }
    Ok(())
}

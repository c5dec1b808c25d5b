//! What events would change, worked out beside a world that stays as it is.
//!
//! The writer records events in a draft, writes what came of it to disk, and only then lets the world take it over. A
//! rebuild does the same with the events on disk.

mod admit;
mod number;
mod period;
mod react;
mod spread;
mod tell;

use crate::domain::deadline::Reckoned;
use crate::domain::event::{Event, TARGET_DECIDED};
use crate::domain::fraction::Fraction;
use crate::domain::value::Value;
use crate::domain::zone::Instant;
use crate::engine::case::{self, Case, Context, TopUp};
use crate::engine::history::History;
use crate::engine::number::Series;
use crate::engine::obligation::{Drawn, Ending};
use crate::engine::occasion::Occasions;
use crate::engine::open::period_of;
use crate::engine::outcome::Outcome;
use crate::engine::rate::Decision;
use crate::engine::sample::Drawings;
use crate::engine::world::{HitRef, Spawned, Told, WatchKey, World};
use crate::policy::model::{Company, Id};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// How deep events that the engine reports because of others may follow on each other.
pub const MAX_CASCADE: u32 = 8;

/// The recorded events of a case, for when one comes late and the case is folded anew.
pub trait Past {
    /// All events of the case whose latest has this place in the record, in any order. 0: none.
    fn events(&self, case: &str, head: u64) -> Result<Vec<Event>, PastError>;
}

/// The record could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the recorded events of case `{case}` cannot be read")]
pub struct PastError {
    /// The case.
    pub case: String,
    /// Why.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Changes to a world, being worked out.
pub struct Draft<'w> {
    world: &'w World,
    /// The policies that decide; the world's own, unless others are tried.
    history: &'w History,
    past: &'w dyn Past,
    next_seq: u64,
    replays: bool,
    decides: bool,
    new_ids: HashMap<Id, u32>,
    log: HashMap<u32, Vec<Arc<Event>>>,
    changes: Changes,
}

/// The cases that time alone has changed by an instant, carried on to it: what recurs has come to be, what was missing
/// of a period that is over has been drawn. No sample is drawn that could not be drawn `now`: a question about what is
/// to come must not tell who will be.
pub fn woken(world: &World, as_of: Instant, now: Instant) -> BTreeMap<u32, Box<Case>> {
    let mut draft = Draft::new(world, &NoPast, 0);
    draft.pass(as_of, now);
    draft.changes.cases
}

/// What samples have drawn by an instant.
pub fn drawn(world: &World, now: Instant) -> Drawings {
    let mut draft = Draft::new(world, &NoPast, 0);
    draft.draw_samples(now);
    draft.changes.drawings.unwrap_or_else(|| world.drawings.clone())
}

/// Time alone asks for no past, and so does what begins.
pub(super) struct NoPast;

impl Past for NoPast {
    fn events(&self, _: &str, _: u64) -> Result<Vec<Event>, PastError> {
        Ok(Vec::new())
    }
}

/// Where a draft stood.
#[derive(Debug)]
pub struct Mark {
    next_seq: u64,
    new_ids: HashMap<Id, u32>,
    log: HashMap<u32, Vec<Arc<Event>>>,
    changes: Changes,
}

/// What a draft has worked out, for `World::apply`.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub(super) new_cases: Vec<(Id, u32)>,
    pub(super) cases: BTreeMap<u32, Box<Case>>,
    /// The hits of a key, in order.
    pub(super) watch: HashMap<WatchKey, Vec<HitRef>>,
    pub(super) spawned: HashMap<WatchKey, Vec<Spawned>>,
    pub(super) told: HashMap<WatchKey, Vec<Told>>,
    pub(super) decisions: Option<Vec<Decision>>,
    pub(super) topped: Option<HashMap<Id, TopUp>>,
    pub(super) occasions: Option<Occasions>,
    pub(super) settled: Vec<(Id, NaiveDate)>,
    /// How many numbers of a series were given.
    pub(super) numbers: HashMap<Series, u32>,
    /// The cases that hold a claim.
    pub(super) claims: HashMap<Id, BTreeSet<u32>>,
    pub(super) drawings: Option<Drawings>,
    pub(super) framed: Vec<(NaiveDate, Id)>,
    pub(super) latest_at: Option<Instant>,
    pub(super) recorded_at: Option<Instant>,
}

/// An event with its place in the record and what came of it.
#[derive(Debug)]
pub struct Recorded {
    /// The event.
    pub event: Arc<Event>,
    /// The place of the event before it in the same case; 0 for the first.
    pub prev: u64,
    /// What came of it.
    pub outcome: Outcome,
}

impl<'w> Draft<'w> {
    /// A draft over a world. `next_seq` is the place that the next event gets.
    pub fn new(world: &'w World, past: &'w dyn Past, next_seq: u64) -> Draft<'w> {
        let (new_ids, log, changes) = (HashMap::new(), HashMap::new(), Changes::default());
        Draft {
            world,
            history: &world.history,
            past,
            next_seq,
            replays: false,
            decides: true,
            new_ids,
            log,
            changes,
        }
    }

    /// A draft decided by other policies than those of the world: what they would do, before they serve.
    pub fn under(world: &'w World, past: &'w dyn Past, next_seq: u64, history: &'w History) -> Draft<'w> {
        Draft {
            history,
            ..Draft::new(world, past, next_seq)
        }
    }

    /// A draft that takes events from the record: they keep their places, and what the engine reported because of
    /// others stands in the record itself.
    pub fn replaying(world: &'w World, past: &'w dyn Past) -> Draft<'w> {
        Draft {
            replays: true,
            decides: false,
            ..Draft::new(world, past, 0)
        }
    }

    /// The same, and says again what each event decides.
    pub fn deciding(world: &'w World, past: &'w dyn Past) -> Draft<'w> {
        Draft {
            decides: true,
            ..Draft::replaying(world, past)
        }
    }

    /// The place that the next event gets.
    pub fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// What was worked out.
    pub fn finish(self) -> Changes {
        self.changes
    }

    /// The case of that number, carried on to an instant.
    pub fn carried(&self, ix: u32, as_of: Instant) -> Option<Case> {
        let (id, mut case) = (self.id_at(ix)?, self.case_at(ix)?.clone());
        case.advance(&id, as_of, &self.context());
        Some(case)
    }

    /// The cases that begin in the draft, with their ids, in order.
    pub fn begun(&self) -> impl Iterator<Item = (&Id, u32)> {
        self.changes.new_cases.iter().map(|(id, ix)| (id, *ix))
    }

    /// The case of that id as the draft leaves it.
    pub fn case(&self, id: &str) -> Option<&Case> {
        let ix = self.world.by_id.get(id).or_else(|| self.new_ids.get(id))?;
        self.case_at(*ix)
    }

    fn case_at(&self, ix: u32) -> Option<&Case> {
        self.changes
            .cases
            .get(&ix)
            .map(|case| &**case)
            .or_else(|| self.world.slot(ix).map(|s| &s.case))
    }

    fn id_at(&self, ix: u32) -> Option<Id> {
        let base = self.world.slots.len();
        match self.world.slot(ix) {
            Some(slot) => Some(slot.id.clone()),
            None => self.changes.new_cases.get(ix as usize - base).map(|(id, _)| id.clone()),
        }
    }

    /// When a person last took a turn of a role before an instant.
    pub fn last_turn(&self, role: &Id, person: &Id, before: Instant) -> Option<Instant> {
        let cases = &self.changes.cases;
        let turns = cases.values().flat_map(|case| &case.stints);
        let of = turns.filter(|t| t.role == *role && t.person == *person && t.at < before);
        let known = self.world.last_turn(role, person, before, |ix| cases.contains_key(&ix));
        of.map(|t| t.at).max().max(known)
    }

    /// Lets time pass for all cases, before the first event is recorded: what recurs comes to be, and where a period
    /// with a draw is over, what is missing is drawn.
    pub fn advance(&mut self, now: Instant) {
        self.pass(now, now);
    }

    fn pass(&mut self, as_of: Instant, now: Instant) {
        let mut woken = self.draw_samples(as_of.min(now));
        woken.extend(self.world.wakes.range(..=(as_of, u32::MAX)).map(|(_, ix)| *ix));
        for ix in woken {
            let Some(slot) = self.world.slot(ix) else { continue };
            let mut case = slot.case.clone();
            case.advance(&slot.id, as_of, &self.context());
            self.changes.cases.insert(ix, Box::new(case));
        }
        let zone = self.history.zone();
        let stale: Vec<(Id, NaiveDate)> = self
            .world
            .pools
            .iter()
            .filter(|((_, last_on), pool)| {
                let ready = zone.end_of(*last_on).ok().and_then(|end| pool.ready_at(end));
                ready.is_some_and(|at| at <= as_of)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in stale {
            self.top_up(&key);
            self.changes.settled.push(key);
        }
    }

    /// Draws what is missing of a rate's share in a period that is over.
    fn top_up(&mut self, (rate, last_on): &(Id, NaiveDate)) {
        let zone = self.history.zone();
        let (Some(pool), Ok(end)) = (self.world.pools.get(&(rate.clone(), *last_on)), zone.end_of(*last_on)) else {
            return;
        };
        let (mut population, mut have, mut out, mut share) = (0u64, 0u64, Vec::new(), None);
        let mut at = end;
        for ix in &pool.cases {
            let (Some(case), Some(id)) = (self.case_at(*ix), self.id_at(*ix)) else {
                continue;
            };
            for obligation in &case.obligations {
                let Some(draw) = obligation.duty.draw.as_ref().filter(|d| d.rate == *rate) else {
                    continue;
                };
                if period_of(draw.per, zone.date(obligation.trigger.at)).1 != *last_on {
                    continue;
                }
                match (&obligation.end, &obligation.drawn) {
                    (Some(end), _) if end.how != Ending::Fulfilled => continue,
                    (Some(_), _) | (None, Drawn::In | Drawn::All) => have += 1,
                    (None, Drawn::Out(undrawn)) => {
                        out.push((undrawn.place, *ix, obligation.key().id(&id), obligation.duty.clone()))
                    }
                }
                population += 1;
                at = at.max(obligation.trigger.recorded_at);
                share = Some(draw.share);
            }
        }
        let missing = share.map_or(0, |s| s.required(population)).saturating_sub(have);
        if missing == 0 {
            return;
        }
        out.sort_by(|a, b| (a.0, &a.2).cmp(&(b.0, &b.2)));
        let mut topped = self.changes.topped.clone().unwrap_or_else(|| self.world.topped.clone());
        let mut touched = BTreeSet::new();
        for (_, ix, id, duty) in out.into_iter().take(usize::try_from(missing).unwrap_or(usize::MAX)) {
            let Some(draw) = &duty.draw else { continue };
            if let Some(Reckoned { due, provisional }) = term_after(*last_on, draw.top_up, &duty, zone) {
                topped.insert(id.into(), TopUp { at, due, provisional });
                touched.insert(ix);
            }
        }
        self.changes.topped = Some(topped);
        for ix in touched {
            let (Some(mut case), Some(id)) = (self.case_at(ix).cloned(), self.id_at(ix)) else {
                continue;
            };
            case.advance(&id, at, &self.context());
            self.changes.cases.insert(ix, Box::new(case));
        }
    }

    /// The policies that serve now.
    pub fn company(&self) -> &'w Arc<Company> {
        self.history.current()
    }

    /// Marks where the draft stands.
    pub fn mark(&self) -> Mark {
        Mark {
            next_seq: self.next_seq,
            new_ids: self.new_ids.clone(),
            log: self.log.clone(),
            changes: self.changes.clone(),
        }
    }

    /// Goes back to where the draft stood.
    pub fn undo(&mut self, mark: Mark) {
        let Mark {
            next_seq,
            new_ids,
            log,
            changes,
        } = mark;
        self.next_seq = next_seq;
        self.new_ids = new_ids;
        self.log = log;
        self.changes = changes;
    }

    /// All events of a case so far, those of this draft included.
    pub fn events_of(&self, case: &str) -> Result<Vec<Event>, PastError> {
        match self.world.by_id.get(case).or_else(|| self.new_ids.get(case)) {
            Some(ix) => self.events(*ix, case),
            None => Ok(Vec::new()),
        }
    }

    /// What the fold is given beside the events.
    pub fn context(&self) -> Context<'_> {
        let topped = self.changes.topped.as_ref().unwrap_or(&self.world.topped);
        Context {
            history: self.history,
            seed: &self.world.seed,
            topped,
            occasions: self.changes.occasions.as_ref().unwrap_or(&self.world.occasions),
            drawings: self.changes.drawings.as_ref().unwrap_or(&self.world.drawings),
        }
    }

    /// Records an event, and after it what the engine itself reports because of it. The event must have been checked:
    /// its type is known, its id is new, what it corrects or retracts is there.
    pub fn record(&mut self, event: Event) -> Result<Vec<Recorded>, PastError> {
        let mut recorded = Vec::with_capacity(1);
        self.record_all(event, 0, &mut recorded)?;
        Ok(recorded)
    }

    fn record_all(&mut self, mut event: Event, depth: u32, recorded: &mut Vec<Recorded>) -> Result<(), PastError> {
        if !self.replays {
            event.seq = self.next_seq;
            self.next_seq += 1;
            self.fill_number(&mut event)?;
        }
        let ix = self.number(&event.case);
        let world = self.world;
        let drafted = self.changes.cases.get_mut(&ix).map(std::mem::take);
        let nothing = Case::default();
        let known = drafted.as_deref().or(world.slot(ix).map(|s| &s.case));
        let before = known.unwrap_or(&nothing);
        let prev = before.head;
        let after = match self.fold(ix, before, &event) {
            Ok(after) => after,
            Err(e) => {
                self.changes.cases.extend(drafted.map(|case| (ix, case)));
                return Err(e);
            }
        };
        self.changes.latest_at = self.changes.latest_at.max(Some(event.occurred_at));
        self.changes.recorded_at = self.changes.recorded_at.max(Some(event.recorded_at));
        self.take_decision(ix, &event, prev)?;
        let raised = (!before.raised.is_empty() || !after.raised.is_empty())
            .then(|| (before.raised.clone(), after.raised.clone()));
        self.count_number(&event);
        let touched = react::touched_keys(before, &after);
        let claims = (before.claims != after.claims).then(|| before.claims.clone());
        for key in &touched {
            self.rewatch(key, ix, &after);
        }
        let mut outcome = if self.decides {
            Outcome::between(before, &after)
        } else {
            Outcome::default()
        };
        if let Some(before) = claims {
            self.reclaim(ix, &before, &after.claims);
        }
        let back = self.back(&after, &event);
        let event = Arc::new(event);
        self.log.entry(ix).or_default().push(event.clone());
        self.changes.cases.insert(ix, Box::new(after));
        if let Some((before, after)) = raised {
            self.spread(&before, &after, event.recorded_at)?;
        }
        self.note_own(&event);
        let told = self.tell(&touched, before, &event);
        let mut follow = Vec::new();
        if self.decides && depth < MAX_CASCADE {
            follow.extend(back);
            self.settle(&touched, &told, &event, &mut outcome, &mut follow);
        }
        if self.replays {
            // What the engine reported because of it stands in the record itself.
            follow.clear();
        }
        recorded.push(Recorded { event, prev, outcome });
        for event in follow {
            self.record_all(event, depth + 1, recorded)?;
        }
        Ok(())
    }

    fn number(&mut self, id: &Id) -> u32 {
        if let Some(ix) = self.world.by_id.get(id).or_else(|| self.new_ids.get(id)) {
            return *ix;
        }
        let count = self.world.slots.len() + self.changes.new_cases.len();
        let ix = u32::try_from(count).unwrap_or(u32::MAX);
        self.new_ids.insert(id.clone(), ix);
        self.changes.new_cases.push((id.clone(), ix));
        ix
    }

    fn fold(&self, ix: u32, before: &Case, event: &Event) -> Result<Case, PastError> {
        let ctx = self.context();
        let mut after = if before.takes_next(event, ctx.history) {
            let mut case = before.clone();
            case.step(&event.case, event, &ctx);
            case
        } else {
            let mut events = self.events(ix, &event.case)?;
            events.push(event.clone());
            Case::fold(&event.case, &events, &ctx)
        };
        after.advance(&event.case, event.recorded_at, &ctx);
        Ok(after)
    }

    /// All events of a case so far, those of this draft included.
    fn events(&self, ix: u32, id: &str) -> Result<Vec<Event>, PastError> {
        let head = self.world.slot(ix).map_or(0, |s| s.case.head);
        let mut events = self.past.events(id, head)?;
        events.extend(self.log.get(&ix).into_iter().flatten().map(|e| Event::clone(e)));
        Ok(events)
    }

    fn take_decision(&mut self, ix: u32, event: &Event, prev: u64) -> Result<(), PastError> {
        let amends = event.corrects.is_some() || event.retracts.is_some();
        let decisions = self.changes.decisions.as_ref().unwrap_or(&self.world.decisions);
        let concerned = decisions.iter().any(|d| d.case == event.case);
        if event.kind.as_ref() != TARGET_DECIDED && !(amends && concerned) {
            return Ok(());
        }
        let mut kept: Vec<Decision> = decisions.iter().filter(|d| d.case != event.case).cloned().collect();
        let mut events = if prev == 0 {
            Vec::new()
        } else {
            self.events(ix, &event.case)?
        };
        events.push(event.clone());
        kept.extend(case::in_order(&events, self.history).iter().filter_map(decision));
        self.changes.decisions = Some(kept);
        Ok(())
    }
}

fn decision(event: &Event) -> Option<Decision> {
    if event.kind.as_ref() != TARGET_DECIDED {
        return None;
    }
    let text = |field: &str| event.data.get(field).map(Value::to_string);
    Some(Decision {
        rate: text("rate")?.into(),
        case: event.case.clone(),
        from: event.data.get("from").and_then(Value::as_date)?,
        target: text("target")?.parse::<Fraction>().ok()?,
        by: event.actor.person.clone().or_else(|| event.actor.role.clone()),
        reason: text("reason").unwrap_or_default().into(),
        event: event.id.clone(),
        at: event.occurred_at,
    })
}

fn term_after(
    last_on: NaiveDate,
    term: crate::domain::term::Term,
    duty: &crate::policy::model::Duty,
    zone: crate::domain::zone::Zone,
) -> Option<Reckoned> {
    use crate::domain::deadline::{Counting, reckon};
    use crate::domain::pause::Pauses;
    use crate::domain::term::{End, Shift};
    let none = Pauses::none();
    let how = Counting {
        zone,
        calendar: &duty.calendar,
        end: End::Midnight,
        shift: Shift::None,
        pauses: &none,
    };
    reckon(zone.start_of(last_on).ok()?, term, &how).ok()
}

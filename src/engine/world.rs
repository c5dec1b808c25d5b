//! All of a company's cases as their events have left them, and the questions asked of them.
//!
//! A world changes by `apply` alone, with what a `Draft` over it has worked out: so that what is being decided is seen
//! by nobody before it is on disk.

use crate::domain::event::Cause;
use crate::domain::zone::Instant;
use crate::engine::case::{Case, Context, TopUp};
use crate::engine::draft::Changes;
use crate::engine::history::History;
use crate::engine::number::Series;
use crate::engine::obligation::{Key, Obligation};
use crate::engine::occasion::Occasions;
use crate::engine::open::period_of;
use crate::engine::outcome::Notice;
use crate::engine::rate::Decision;
use crate::engine::sample::Drawings;
use crate::engine::threshold::{self, Counted, Hit};
use crate::engine::turn;
use crate::engine::who;
use crate::policy::model::{Company, Id};
use chrono::{NaiveDate, TimeDelta};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

/// All of a company's cases.
#[derive(Debug)]
pub struct World {
    /// The policies.
    pub history: History,
    /// The secret that draws are made with.
    pub seed: [u8; 32],
    pub(super) slots: Vec<Slot>,
    pub(super) by_id: HashMap<Id, u32>,
    pub(super) watch: HashMap<WatchKey, Vec<HitRef>>,
    /// By the rule and the case that led to it; what an opened case has written back stands apart.
    pub(super) spawned: HashMap<WatchKey, Vec<Spawned>>,
    /// What thresholds told of that leave nothing in the record, by the key that was counted.
    pub(super) told: HashMap<WatchKey, Vec<Told>>,
    pub(super) decisions: Vec<Decision>,
    pub(super) topped: HashMap<Id, TopUp>,
    pub(super) occasions: Occasions,
    pub(super) pools: BTreeMap<(Id, NaiveDate), Pool>,
    /// The cases that may belong to the frames of periods that are not drawn yet, by last date and sample.
    pub(super) frames: BTreeMap<(NaiveDate, Id), BTreeSet<u32>>,
    pub(super) drawings: Drawings,
    pub(super) wakes: BTreeSet<(Instant, u32)>,
    /// When somebody took a turn of a role, and in which case.
    turns: HashMap<Id, HashMap<Id, BTreeSet<(Instant, u32)>>>,
    /// How many numbers of a series were given.
    pub(super) numbers: HashMap<Series, u32>,
    /// The cases that hold a claim.
    pub(super) claims: HashMap<Id, BTreeSet<u32>>,
    all: BTreeSet<DueKey>,
    by_role: HashMap<Id, BTreeSet<DueKey>>,
    latest_at: Option<Instant>,
    is_asked: bool,
}

/// A case and its id.
#[derive(Debug)]
pub struct Slot {
    /// The id.
    pub id: Id,
    /// The case.
    pub case: Case,
}

/// A place in the order of what is due: by due time, then by case and its obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueKey {
    /// The due time, in milliseconds since 1970.
    pub due_at_ms: i64,
    /// The case's number.
    pub case: u32,
    /// The obligation's place in its case.
    pub obligation: u32,
}

/// A threshold and the values of its key.
pub type WatchKey = (Id, Id);

/// A hit's place in the order of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HitRef {
    /// When it occurred.
    pub at: Instant,
    /// Its place in the record.
    pub seq: u64,
    /// The case's number.
    pub case: u32,
}

/// An event that the engine itself reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spawned {
    /// Why.
    pub cause: Cause,
    /// The case that it was put on.
    pub case: Id,
    /// Its id; of several, the last one's.
    pub event: Id,
    /// When it was reported, each time, and when that was taken back.
    pub told: Vec<(Instant, Option<Instant>)>,
    /// Whether it stands; else it was taken back.
    pub stands: bool,
    /// How often it was reported.
    pub times: u32,
}

/// That somebody was told by a threshold that leaves nothing in the record.
#[derive(Clone, Debug)]
pub struct Told {
    /// Who, of what and when.
    pub notice: Notice,
    /// When it turned out that the threshold was not reached; none: it stands.
    pub taken_back: Option<Instant>,
}

/// The members of a rate with a draw in one period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// Their cases.
    pub cases: BTreeSet<u32>,
    /// When the last change was recorded that may have made it short; none: it was evaluated since.
    pub changed_at: Option<Instant>,
}

impl Pool {
    /// When it is to be evaluated, if its period ends at that instant: on the first full hour at which the period is over
    /// and which is after the last change. So what is drawn follows from the record alone, however often time is let pass.
    pub fn ready_at(&self, end: Instant) -> Option<Instant> {
        let after = self.changed_at?.checked_add_signed(TimeDelta::milliseconds(1))?;
        let at = after.max(end);
        let hour = full_hour(at);
        if hour == at {
            Some(hour)
        } else {
            hour.checked_add_signed(TimeDelta::hours(1))
        }
    }
}

/// The last full hour that is not after an instant.
fn full_hour(at: Instant) -> Instant {
    let past = at.timestamp_millis().rem_euclid(3_600_000);
    at.checked_sub_signed(TimeDelta::milliseconds(past)).unwrap_or(at)
}

impl World {
    /// A company without cases.
    pub fn new(history: History, seed: [u8; 32]) -> World {
        World {
            history,
            seed,
            slots: Vec::new(),
            by_id: HashMap::new(),
            watch: HashMap::new(),
            spawned: HashMap::new(),
            told: HashMap::new(),
            decisions: Vec::new(),
            topped: HashMap::new(),
            occasions: Occasions::default(),
            pools: BTreeMap::new(),
            frames: BTreeMap::new(),
            drawings: Drawings::default(),
            wakes: BTreeSet::new(),
            turns: HashMap::new(),
            numbers: HashMap::new(),
            claims: HashMap::new(),
            all: BTreeSet::new(),
            by_role: HashMap::new(),
            latest_at: None,
            is_asked: true,
        }
    }

    /// A company without cases, for a trial: nobody asks it what is due.
    pub(super) fn unasked(history: History, seed: [u8; 32]) -> World {
        World {
            is_asked: false,
            ..World::new(history, seed)
        }
    }

    /// What the fold is given beside the events.
    pub fn context(&self) -> Context<'_> {
        Context {
            history: &self.history,
            seed: &self.seed,
            topped: &self.topped,
            occasions: &self.occasions,
            drawings: &self.drawings,
        }
    }

    /// The policies that serve now.
    pub fn company(&self) -> &Arc<Company> {
        self.history.current()
    }

    /// The case of that id, and its number.
    pub fn case(&self, id: &str) -> Option<(u32, &Slot)> {
        let ix = *self.by_id.get(id)?;
        self.slots.get(ix as usize).map(|slot| (ix, slot))
    }

    /// The case of that number.
    pub fn slot(&self, ix: u32) -> Option<&Slot> {
        self.slots.get(ix as usize)
    }

    /// All cases, in the order in which they were first heard of.
    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter()
    }

    /// How many cases there are, and how many of their obligations are live.
    pub fn counts(&self) -> (usize, usize) {
        (self.slots.len(), self.all.len())
    }

    /// Who was told at once because a threshold was reached, and when that was taken back, if it was.
    pub fn notices(&self) -> Vec<(Notice, Option<Instant>)> {
        let opening = self.spawned.values().flatten();
        // What an opened case has written back tells nobody.
        let told = opening.filter_map(|own| {
            let origin = self.case(&own.cause.case).map(|(_, slot)| &slot.case);
            let hit = origin.and_then(|origin| {
                let mut hits = origin.hits.iter();
                hits.find(|h| h.threshold.id == own.cause.rule && h.event == own.cause.event)
            });
            // What was counted once and no longer is has left no hit; the rule is looked up by its name.
            let threshold = match hit {
                Some(hit) => hit.threshold.clone(),
                None => self.history.threshold(&own.cause.rule)?,
            };
            let marks = own.case == own.cause.case && threshold.open.is_none();
            if !marks && *own.case != *opened_case(&own.cause) {
                return None;
            }
            let nth = origin.map_or(1, |origin| origin.nth_hit(&threshold, &own.cause.event));
            let to = threshold.told(nth).cloned()?;
            Some(own.told.iter().map(move |(at, taken_back)| {
                let notice = Notice {
                    threshold: threshold.clone(),
                    to: to.clone(),
                    cause: own.cause.clone(),
                    at: *at,
                };
                (notice, *taken_back)
            }))
        });
        let mut told: Vec<(Notice, Option<Instant>)> = told.flatten().collect();
        let mut only: Vec<&Told> = self.told.values().flatten().collect();
        only.sort_by(|a, b| {
            let (one, other) = (&a.notice.cause, &b.notice.cause);
            let (at, other_at) = (a.notice.at, b.notice.at);
            (at, &one.case, &one.rule, &one.event).cmp(&(other_at, &other.case, &other.rule, &other.event))
        });
        told.extend(only.into_iter().map(|told| (told.notice.clone(), told.taken_back)));
        told
    }

    /// What a threshold had counted when an event reached it: the cases and events, in the order in which they occurred;
    /// of what is counted no more, that event alone.
    pub fn counted_for(&self, cause: &Cause) -> Vec<(Id, Id)> {
        let alone = || vec![(cause.case.clone(), cause.event.clone())];
        let reached_by = |h: &&Hit| h.threshold.id == cause.rule && h.event == cause.event;
        let origin = self.case(&cause.case).map(|(_, slot)| &slot.case);
        let Some(hit) = origin.and_then(|case| case.hits.iter().find(reached_by)) else {
            return alone();
        };
        let key = (hit.threshold.id.clone(), hit.key.clone());
        let hits = self.hits(&key, self.watch.get(&key).map_or(&[], Vec::as_slice));
        let counted: Vec<Counted<'_>> = hits.iter().map(|(slot, hit)| Counted { hit, case: &slot.id }).collect();
        let Some(threshold) = hits.last().map(|(_, hit)| &hit.threshold) else {
            return alone();
        };
        let company = self.company();
        let reached = threshold::reached_with(threshold, &counted, company.zone, &company.calendar);
        let own = |at: usize| {
            hits.get(at)
                .is_some_and(|(slot, h)| slot.id == cause.case && h.event == cause.event)
        };
        match reached.into_iter().find(|(at, _)| own(*at)) {
            Some((_, with)) => {
                let with = with.into_iter().filter_map(|at| hits.get(at));
                with.map(|(slot, hit)| (slot.id.clone(), hit.event.clone())).collect()
            }
            None => alone(),
        }
    }

    /// The hits of a key with their cases, in the order in which they occurred.
    fn hits(&self, key: &WatchKey, refs: &[HitRef]) -> Vec<(&Slot, &Hit)> {
        let hits = refs.iter().filter_map(|r| {
            let slot = self.slot(r.case)?;
            let of_key = |h: &&Hit| h.threshold.id == key.0 && h.key == key.1 && h.seq == r.seq;
            Some((slot, slot.case.hits.iter().find(of_key)?))
        });
        hits.collect()
    }

    /// The targets that were decided, in the order in which they were recorded.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// When the latest of all events occurred.
    pub fn latest_at(&self) -> Option<Instant> {
        self.latest_at
    }

    /// When time alone next changes which obligations there are.
    pub fn wakes_at(&self) -> Option<Instant> {
        let zone = self.history.zone();
        let ready = |((_, last_on), pool): (&(Id, NaiveDate), &Pool)| pool.ready_at(zone.end_of(*last_on).ok()?);
        let pool = self.pools.iter().filter_map(ready).min();
        let frame = self
            .frames
            .keys()
            .next()
            .and_then(|(last_on, _)| zone.end_of(*last_on).ok());
        let woken = self.wakes.first().map(|(at, _)| *at);
        woken.into_iter().chain(pool).chain(frame).min()
    }

    /// What is live, in the order of what is due, after a place in it. With a role, what that role owes, alone or with
    /// others.
    pub fn due_after(&self, role: Option<&str>, after: Option<DueKey>) -> impl Iterator<Item = DueKey> {
        let index = match role {
            None => Some(&self.all),
            Some(role) => self.by_role.get(role),
        };
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        index
            .into_iter()
            .flat_map(move |index| index.range((from, Bound::Unbounded)).copied())
    }

    /// The people whom cases have named as those who owe something.
    pub fn named_people(&self) -> impl Iterator<Item = &str> {
        self.by_role.keys().filter_map(|role| who::person_of(role))
    }

    /// Takes up the next set of policies, which serves since an instant.
    pub fn take_up(&mut self, from_seq: u64, since: Instant, company: Arc<Company>) {
        self.history.push(from_seq, since, company);
        for ix in 0..self.slots.len() {
            let Some(slot) = self.slots.get_mut(ix) else { break };
            let turns_at = turn::next(&slot.case, &self.history).map(|turn| turn.at);
            if turns_at == slot.case.turns_at {
                continue;
            }
            let ix = u32::try_from(ix).unwrap_or(u32::MAX);
            let before = slot.case.wakes_at();
            slot.case.turns_at = turns_at;
            let after = slot.case.wakes_at();
            if let Some(at) = before {
                self.wakes.remove(&(at, ix));
            }
            if let Some(at) = after {
                self.wakes.insert((at, ix));
            }
        }
    }

    /// Takes over what a draft has worked out.
    pub fn apply(&mut self, changes: Changes) {
        for (id, ix) in changes.new_cases {
            if ix as usize == self.slots.len() {
                self.slots.push(Slot {
                    id: id.clone(),
                    case: Case::default(),
                });
                self.by_id.insert(id, ix);
            }
        }
        for key in changes.settled {
            if let Some(pool) = self.pools.get_mut(&key) {
                pool.changed_at = None;
            }
        }
        for key in changes.framed {
            self.frames.remove(&key);
        }
        for (ix, case) in changes.cases {
            self.unindex(ix);
            self.pool(ix, changes.recorded_at);
            if let Some(slot) = self.slots.get_mut(ix as usize) {
                slot.case = *case;
                slot.case.shrink();
            }
            self.index(ix, changes.recorded_at);
        }
        for (key, mut hits) in changes.watch {
            if hits.is_empty() {
                self.watch.remove(&key);
            } else {
                hits.shrink_to_fit();
                self.watch.insert(key, hits);
            }
        }
        for (claim, holders) in changes.claims {
            if holders.is_empty() {
                self.claims.remove(&claim);
            } else {
                self.claims.insert(claim, holders);
            }
        }
        self.numbers.extend(changes.numbers);
        self.spawned.extend(changes.spawned);
        self.told.extend(changes.told);
        if let Some(decisions) = changes.decisions {
            self.decisions = decisions;
        }
        if let Some(topped) = changes.topped {
            self.topped = topped;
        }
        if let Some(occasions) = changes.occasions {
            self.occasions = occasions;
        }
        if let Some(drawings) = changes.drawings {
            self.drawings = drawings;
        }
        self.latest_at = self.latest_at.max(changes.latest_at);
    }

    fn unindex(&mut self, ix: u32) {
        let Some(slot) = self.slots.get(ix as usize) else {
            return;
        };
        if let Some(at) = slot.case.wakes_at() {
            self.wakes.remove(&(at, ix));
        }
        for turn in &slot.case.stints {
            if let Some(taken) = self.turns.get_mut(&turn.role).and_then(|t| t.get_mut(&turn.person)) {
                taken.remove(&(turn.at, ix));
            }
        }
        for (key, obligation) in live(&slot.case, ix).filter(|_| self.is_asked) {
            self.all.remove(&key);
            for role in obligation.roles.iter() {
                if let Some(index) = self.by_role.get_mut(role) {
                    index.remove(&key);
                }
            }
        }
    }

    fn index(&mut self, ix: u32, recorded_at: Option<Instant>) {
        let Some(slot) = self.slots.get(ix as usize) else {
            return;
        };
        if let Some(at) = slot.case.wakes_at() {
            self.wakes.insert((at, ix));
        }
        for turn in &slot.case.stints {
            let taken = self.turns.entry(turn.role.clone()).or_default();
            taken.entry(turn.person.clone()).or_default().insert((turn.at, ix));
        }
        for (key, obligation) in live(&slot.case, ix).filter(|_| self.is_asked) {
            self.all.insert(key);
            for role in obligation.roles.iter() {
                match self.by_role.get_mut(role) {
                    Some(index) => {
                        index.insert(key);
                    }
                    None => {
                        self.by_role.insert(role.clone(), BTreeSet::from([key]));
                    }
                }
            }
        }
        self.pool(ix, recorded_at);
        self.frame(ix, recorded_at);
    }

    /// Notes that a case has, or has had, members of a rate with a draw. Time alone adds none and takes none away.
    fn pool(&mut self, ix: u32, recorded_at: Option<Instant>) {
        let Some(slot) = self.slots.get(ix as usize) else {
            return;
        };
        let zone = self.history.zone();
        for obligation in slot.case.obligations.iter() {
            let Some(draw) = &obligation.duty.draw else { continue };
            let (_, last_on) = period_of(draw.per, zone.date(obligation.trigger.at));
            let pool = self.pools.entry((draw.rate.clone(), last_on)).or_default();
            pool.cases.insert(ix);
            pool.changed_at = pool.changed_at.max(recorded_at);
        }
    }

    /// When a person last took a turn of a role before an instant, in any case but those that are left out.
    pub fn last_turn(&self, role: &Id, person: &Id, before: Instant, without: impl Fn(u32) -> bool) -> Option<Instant> {
        let taken = self.turns.get(role)?.get(person)?;
        let mut taken = taken.range(..(before, 0)).rev();
        taken.find(|(_, case)| !without(*case)).map(|(at, _)| *at)
    }

    /// Whether a case other than the one of that number holds a claim.
    pub fn claimed(&self, claim: &str, except: u32) -> bool {
        let holders = self.claims.get(claim);
        holders.is_some_and(|holders| holders.iter().any(|ix| *ix != except))
    }

    /// Notes that a case belongs to the frames of periods. What is reported after a period's end comes too late for its
    /// draw, whether that was made or nobody was there to draw from.
    fn frame(&mut self, ix: u32, recorded_at: Option<Instant>) {
        let (Some(slot), Some(recorded_at)) = (self.slots.get(ix as usize), recorded_at) else {
            return;
        };
        for member in &slot.case.members {
            let end = self.history.zone().end_of(member.last_on);
            if end.is_ok_and(|end| recorded_at < end) {
                let key = (member.last_on, member.sample.id.clone());
                self.frames.entry(key).or_default().insert(ix);
            }
        }
    }

    /// What samples have drawn at the ends of periods.
    pub fn drawings(&self) -> &Drawings {
        &self.drawings
    }

    /// The obligation of that id.
    pub fn obligation(&self, id: &str) -> Option<(u32, &Slot, &Obligation)> {
        let (case, key) = Key::parse(id)?;
        let (ix, slot) = self.case(case)?;
        slot.case.find(&key).map(|(_, obligation)| (ix, slot, obligation))
    }
}

/// The case that a threshold opens because of something.
pub(super) fn opened_case(cause: &Cause) -> String {
    format!("{}.{}.{}", cause.case, cause.rule, cause.event)
}

fn live(case: &Case, ix: u32) -> impl Iterator<Item = (DueKey, &Obligation)> {
    let owed = case
        .obligations
        .iter()
        .enumerate()
        .filter(|(_, o)| o.is_live() && o.is_owed());
    owed.map(move |(at, obligation)| (due_key(obligation, ix, at), obligation))
}

/// The place of an obligation in the order of what is due.
pub fn due_key(obligation: &Obligation, case: u32, at: usize) -> DueKey {
    DueKey {
        due_at_ms: obligation.due.at().timestamp_millis(),
        case,
        obligation: u32::try_from(at).unwrap_or(u32::MAX),
    }
}

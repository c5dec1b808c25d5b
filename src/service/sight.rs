//! What whoever asks may see: the one way from a question to a company's cases.
//!
//! A [`Question`](crate::service::ask::Question) holds no other way to the live state than a [`Window`], which has no
//! case that its viewer may not see. What is handed out through it and is to be recorded is noted here too.

use crate::domain::event::{Cause, Event};
use crate::domain::zone::Instant;
use crate::engine::access::Sight;
use crate::engine::case::{Case, Context};
use crate::engine::history::History;
use crate::engine::outcome::Notice;
use crate::engine::rate::Decision;
use crate::engine::sample::Drawings;
use crate::engine::world::{DueKey, Slot, World};
use crate::engine::{draft, who};
use crate::policy::model::{Company, Id};
use crate::service::Live;
use parking_lot::{Mutex, RwLockReadGuard};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What somebody may see of a company.
pub(super) struct Outlook<'a> {
    live: &'a Live,
    sight: Sight,
    handed: Mutex<Handed>,
}

/// Cases that were handed out and whose showing is to be recorded; with each whether it was asked for by name.
pub type Handed = BTreeMap<Id, bool>;

/// The live state as somebody may see it; held for a moment only.
pub(super) struct Window<'s> {
    world: RwLockReadGuard<'s, World>,
    outlook: &'s Outlook<'s>,
}

impl<'a> Outlook<'a> {
    /// What a viewer may see by the rules in force now.
    pub fn new(live: &'a Live, viewer: Option<&str>, now: Instant) -> Outlook<'a> {
        Outlook {
            live,
            sight: Sight::new(live.world.read().company(), viewer, now),
            handed: Mutex::default(),
        }
    }

    /// The number of the company.
    pub fn company_no(&self) -> u32 {
        self.live.no
    }

    /// Who asks.
    pub fn viewer(&self) -> Option<&Id> {
        self.sight.viewer()
    }

    /// The live state.
    pub fn window(&self) -> Window<'_> {
        Window {
            world: self.live.world.read(),
            outlook: self,
        }
    }

    /// Whether a case may be seen as it was, too: `then` is its state at the instant asked about.
    pub fn admits(&self, then: &Case) -> bool {
        self.sight.is_open() || self.sight.admits(then)
    }

    /// Notes that a case is handed out; `named`: because it was asked for by name.
    pub fn hand(&self, id: &str, case: &Case, named: bool) {
        if !self.sight.is_open() && self.sight.audits(case) {
            let mut handed = self.handed.lock();
            let by_name = handed.entry(Id::from(id)).or_default();
            *by_name |= named;
        }
    }

    /// What was handed out and is to be recorded.
    pub fn into_handed(self) -> Handed {
        self.handed.into_inner()
    }
}

impl Window<'_> {
    fn shows(&self, slot: &Slot) -> bool {
        let sight = &self.outlook.sight;
        let find = |id: &str| self.world.case(id).map(|(_, slot)| &slot.case);
        sight.is_open() || sight.sees(&slot.case, find)
    }

    /// The case of that id, and its number.
    pub fn case(&self, id: &str) -> Option<(u32, &Slot)> {
        self.world.case(id).filter(|(_, slot)| self.shows(slot))
    }

    /// The case of that number.
    pub fn slot(&self, ix: u32) -> Option<&Slot> {
        self.world.slot(ix).filter(|slot| self.shows(slot))
    }

    /// All cases with their numbers, in the order in which they were first heard of.
    pub fn slots(&self) -> impl Iterator<Item = (u32, &Slot)> {
        (0u32..).zip(self.world.slots()).filter(|(_, slot)| self.shows(slot))
    }

    /// The ids of all cases that may not be seen, or not without a record of it; for leaving them out, never for showing.
    pub fn hidden(&self) -> BTreeSet<Id> {
        if self.outlook.sight.is_open() {
            return BTreeSet::new();
        }
        let sight = &self.outlook.sight;
        let hidden = self
            .world
            .slots()
            .filter(|slot| !self.shows(slot) || sight.audits(&slot.case));
        hidden.map(|slot| slot.id.clone()).collect()
    }

    /// Id and latest event of all cases of some kinds, for what they bring about for others whoever asks; none is shown.
    pub fn heads_of(&self, kinds: &BTreeSet<Id>) -> Vec<(Id, u64)> {
        let wanted = self.world.slots().filter(|slot| kinds.contains(&slot.case.kind));
        wanted.map(|slot| (slot.id.clone(), slot.case.head)).collect()
    }

    /// How many cases there are, and how many of their obligations are live at an instant.
    pub fn counts(&self, now: Instant) -> (usize, usize) {
        let live = |case: &Case| case.obligations.iter().filter(|o| o.is_live() && o.is_owed()).count();
        let counts = match self.outlook.sight.is_open() {
            true => self.world.counts(),
            false => self
                .slots()
                .fold((0, 0), |(cases, owed), (_, slot)| (cases + 1, owed + live(&slot.case))),
        };
        // What time alone has changed meanwhile counts as it is now.
        let woken = self.woken(now, now);
        woken.iter().fold(counts, |(cases, owed), (ix, case)| {
            let was = self.slot(*ix).map_or(0, |slot| live(&slot.case));
            (cases, owed.saturating_sub(was) + live(case))
        })
    }

    /// The cases that time alone has changed by an instant.
    pub fn woken(&self, as_of: Instant, now: Instant) -> BTreeMap<u32, Box<Case>> {
        let mut woken = draft::woken(&self.world, as_of, now);
        woken.retain(|ix, _| self.slot(*ix).is_some());
        woken
    }

    /// What samples have drawn by an instant, hidden cases among it.
    pub fn drawn(&self, now: Instant) -> Drawings {
        draft::drawn(&self.world, now)
    }

    /// What is live, in the order of what is due, after a place in it.
    pub fn due_after(&self, role: Option<&str>, after: Option<DueKey>) -> impl Iterator<Item = DueKey> {
        let due = self.world.due_after(role, after);
        due.filter(|key| self.slot(key.case).is_some())
    }

    /// The people whom cases name as those who owe something.
    pub fn named_people(&self) -> impl Iterator<Item = &str> {
        let owes = |person: &&str| self.due_after(Some(&who::named(person)), None).next().is_some();
        self.world.named_people().filter(owes)
    }

    /// Who was told at once because a threshold was reached, and when that was taken back.
    pub fn notices(&self) -> Vec<(Notice, Option<Instant>)> {
        let mut notices = self.world.notices();
        notices.retain(|(notice, _)| self.case(&notice.cause.case).is_some());
        notices
    }

    /// What a threshold had counted when an event reached it, of cases that may be seen.
    pub fn counted_for(&self, cause: &Cause) -> Vec<(Id, Id)> {
        let mut counted = self.world.counted_for(cause);
        counted.retain(|(case, _)| self.case(case).is_some());
        counted
    }

    /// Whether an event may be shown: the case that made the engine report it may be seen.
    pub fn shows_event(&self, event: &Event) -> bool {
        let hidden = |id: &str| self.world.case(id).is_some_and(|(_, slot)| !self.shows(slot));
        !event.cause.as_ref().is_some_and(|cause| hidden(&cause.case))
    }

    /// Whether another case has claimed something that only one may have.
    pub fn claimed(&self, claim: &str, own: u32) -> bool {
        self.world.claimed(claim, own)
    }

    /// When somebody last took a turn of a role before an instant: turns go round whoever may see the cases.
    pub fn last_turn(&self, role: &Id, person: &Id, before: Instant) -> Option<Instant> {
        self.world.last_turn(role, person, before, |_| false)
    }

    /// The targets that were decided.
    pub fn decisions(&self) -> &[Decision] {
        self.world.decisions()
    }

    /// When the latest of all events occurred.
    pub fn latest_at(&self) -> Option<Instant> {
        self.world.latest_at()
    }

    /// When time alone next changes which obligations there are.
    pub fn wakes_at(&self) -> Option<Instant> {
        self.world.wakes_at()
    }

    /// The policies that serve now.
    pub fn company(&self) -> &Arc<Company> {
        self.world.company()
    }

    /// The sets of policies that have served.
    pub fn history(&self) -> &History {
        &self.world.history
    }

    /// What the fold is given beside the events.
    pub fn context(&self) -> Context<'_> {
        self.world.context()
    }
}

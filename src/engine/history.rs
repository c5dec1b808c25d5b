//! Which edition decides: the sets of policies that served, in the order in which they did.

use crate::domain::event::Event;
use crate::domain::zone::Zone;
use crate::policy::model::{Company, Duty, EventType, Gate, Id, Kind, Procedure, Rate, Threshold};
use std::borrow::Cow;
use std::sync::Arc;

/// The sets of a company's policies that have served, oldest first.
#[derive(Clone, Debug)]
pub struct History {
    sets: Vec<Served>,
}

/// A set of policies and from when on it served.
#[derive(Clone, Debug)]
pub struct Served {
    /// Events after this place in the record are decided by it.
    pub from_seq: u64,
    /// The policies.
    pub company: Arc<Company>,
}

impl History {
    /// A history that begins with this set.
    pub fn new(company: Arc<Company>) -> History {
        History {
            sets: vec![Served { from_seq: 0, company }],
        }
    }

    /// Takes up the next set.
    pub fn push(&mut self, from_seq: u64, company: Arc<Company>) {
        self.sets.push(Served { from_seq, company });
    }

    /// The set that serves now.
    pub fn current(&self) -> &Arc<Company> {
        // INVARIANT: a history is never empty; `new` puts the first set in and nothing takes one out.
        match self.sets.last() {
            Some(served) => &served.company,
            None => unreachable!("a history holds at least the set it began with"),
        }
    }

    /// The zone of the company's local dates.
    pub fn zone(&self) -> Zone {
        self.current().zone
    }

    /// All sets, oldest first.
    pub fn sets(&self) -> impl Iterator<Item = &Arc<Company>> {
        self.sets.iter().map(|s| &s.company)
    }

    /// The threshold of that name, in the latest set that has one.
    pub fn threshold(&self, id: &Id) -> Option<Arc<Threshold>> {
        let sets = self.sets.iter().rev();
        let mut all = sets.flat_map(|s| &s.company.procedures).flat_map(|p| &p.thresholds);
        all.find(|t| t.id == *id).cloned()
    }

    /// The set that served when the event at this place was recorded; place 0 is not recorded yet.
    pub fn at(&self, seq: u64) -> &Arc<Company> {
        if seq == 0 {
            return self.current();
        }
        self.sets
            .iter()
            .rev()
            .find(|s| s.from_seq < seq)
            .or(self.sets.first())
            .map_or(self.current(), |s| &s.company)
    }

    /// The edition of each procedure that decides an event: among those known when it was recorded, the one in force
    /// on the local date on which it occurred; of two in force from the same date, the one that served last.
    pub fn editions(&self, event: &Event) -> Cow<'_, [Arc<Procedure>]> {
        let on = self.zone().date(event.occurred_at);
        let known = self.sets.iter().filter(|s| event.seq == 0 || s.from_seq < event.seq);
        let serving = self.at(event.seq);
        if serving.procedures.iter().all(|p| p.head.effective <= on) {
            return Cow::Borrowed(&serving.procedures);
        }
        let mut chosen: Vec<Arc<Procedure>> = Vec::new();
        for procedure in known
            .flat_map(|s| &s.company.procedures)
            .filter(|p| p.head.effective <= on)
        {
            match chosen.iter_mut().find(|c| c.head.id == procedure.head.id) {
                Some(slot) if slot.head.effective <= procedure.head.effective => slot.clone_from(procedure),
                Some(_) => {}
                None => chosen.push(procedure.clone()),
            }
        }
        Cow::Owned(chosen)
    }

    /// The duties that an event triggers, in the order of the files.
    pub fn triggered(&self, event: &Event) -> Vec<Arc<Duty>> {
        self.editions(event)
            .iter()
            .filter_map(|p| p.by_event.get(&event.kind))
            .flatten()
            .cloned()
            .collect()
    }

    /// The thresholds that count an event.
    pub fn counting(&self, event: &Event) -> Vec<Arc<Threshold>> {
        self.editions(event)
            .iter()
            .filter_map(|p| p.by_counted.get(&event.kind))
            .flatten()
            .cloned()
            .collect()
    }

    /// The gates that stand before an event.
    pub fn gating(&self, event: &Event) -> Vec<Arc<Gate>> {
        self.editions(event)
            .iter()
            .filter_map(|p| p.by_gated.get(&event.kind))
            .flatten()
            .cloned()
            .collect()
    }

    /// The duties that follow on an obligation of `rule`, by which map.
    pub fn following(&self, event: &Event, rule: &Id, how: Following) -> Vec<Arc<Duty>> {
        let editions = self.editions(event);
        let maps = editions.iter().filter_map(|p| match how {
            Following::Opened => p.by_opened.get(rule),
            Following::Fulfilled => p.by_fulfilled.get(rule),
        });
        maps.flatten().cloned().collect()
    }

    /// The procedure of that edition, if it ever served.
    pub fn in_edition(&self, edition: &str) -> Option<&Arc<Procedure>> {
        self.sets
            .iter()
            .rev()
            .flat_map(|s| &s.company.procedures)
            .find(|p| p.head.edition.as_ref() == edition)
    }

    /// What an event type is, in the set that served when the event was recorded.
    pub fn event_type(&self, event: &Event) -> Option<&Arc<EventType>> {
        let (kind, name) = event.parts();
        self.at(event.seq).kinds.get(kind)?.events.get(name)
    }

    /// What a kind of case is, in that set.
    pub fn kind(&self, event: &Event) -> Option<&Arc<Kind>> {
        self.at(event.seq).kinds.get(event.parts().0)
    }

    /// The rates of the set that serves now.
    pub fn rates(&self) -> impl Iterator<Item = &Arc<Rate>> {
        self.current().procedures.iter().flat_map(|p| &p.rates)
    }
}

/// How one duty follows on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Following {
    /// When it comes to be owed.
    Opened,
    /// When it is fulfilled.
    Fulfilled,
}

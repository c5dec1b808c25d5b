//! Which edition decides: the sets of policies that served, in the order in which they did.

mod trial;

use crate::domain::event::Event;
use crate::domain::zone::{Instant, Zone};
use crate::engine::turn::{self, Turn};
use crate::policy::model::{Company, Duty, EventType, Gate, Id, InForce, Kind, Procedure, Rate, Threshold};
use chrono::NaiveDate;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The sets of a company's policies that have served, oldest first.
#[derive(Clone, Debug)]
pub struct History {
    sets: Vec<Served>,
    turns: Arc<[Turn]>,
    /// The fields that exceptions of any of the sets ask for.
    excepting: Arc<BTreeSet<Id>>,
    /// The local date up to which calendars are known, where the question is what was known then.
    known_on: Option<NaiveDate>,
}

/// A set of policies and from when on it served.
#[derive(Clone, Debug)]
pub struct Served {
    /// Events after this place in the record are decided by it.
    pub from_seq: u64,
    /// Since when it serves; none: from the beginning.
    pub since: Option<Instant>,
    /// The policies.
    pub company: Arc<Company>,
}

/// A rule from a date on, until another (not included).
pub type Dated = (NaiveDate, Option<NaiveDate>, Arc<Duty>);

impl History {
    /// A history that begins with this set.
    pub fn new(company: Arc<Company>) -> History {
        let mut history = History {
            sets: vec![Served {
                from_seq: 0,
                since: None,
                company,
            }],
            turns: Arc::from([]),
            excepting: Arc::default(),
            known_on: None,
        };
        history.turns = history.find_turns().into();
        history.excepting = history.find_excepting();
        history
    }

    /// The history as it was known at an instant.
    pub fn as_known(&self, at: Instant) -> History {
        let mut sets = self.sets.clone();
        sets.retain(|s| s.since.is_none_or(|since| since <= at));
        let mut history = History {
            sets,
            turns: Arc::from([]),
            excepting: self.excepting.clone(),
            known_on: Some(self.zone().date(at)),
        };
        history.turns = history.find_turns().into();
        history
    }

    /// When what is in force changes for what is owed, in order.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// Whether something came into force after one instant and up to another.
    pub fn turns_between(&self, after: Instant, to: Instant) -> bool {
        self.turns.iter().any(|turn| after < turn.at && turn.at <= to)
    }

    /// The fields that exceptions ask for.
    pub fn excepting(&self) -> &BTreeSet<Id> {
        &self.excepting
    }

    fn find_excepting(&self) -> Arc<BTreeSet<Id>> {
        let exceptions = self.sets().flat_map(|c| c.editions()).flat_map(|p| &p.exceptions);
        let fields = exceptions.flat_map(|e| &e.when.0).map(|(field, _)| field.clone());
        Arc::new(fields.collect())
    }

    /// What is in force on a date, as known while the set at that place served.
    pub fn in_force(&self, place: usize, on: NaiveDate) -> Option<&InForce> {
        self.sets.get(place).map(|served| self.on(&served.company, on))
    }

    fn on<'c>(&self, company: &'c Company, on: NaiveDate) -> &'c InForce {
        let Some(known_on) = self.known_on else {
            return company.on(on);
        };
        let known = |set: &&InForce| {
            let passed = |limit: NaiveDate| set.from.is_none_or(|from| from <= limit);
            passed(on) && (!set.known || passed(known_on))
        };
        company.in_force.iter().rev().find(known).unwrap_or(company.on(on))
    }

    /// Each set from when on it serves, and within it each date on which something changes.
    fn find_turns(&self) -> Vec<Turn> {
        (0..self.sets.len()).flat_map(|place| self.turns_of(place)).collect()
    }

    /// The turns of the set at a place: its beginning, and each date within it on which something changes.
    fn turns_of(&self, place: usize) -> Vec<Turn> {
        let zone = self.zone();
        let mut turns = Vec::new();
        let Some(served) = self.sets.get(place) else {
            return turns;
        };
        let until = self.sets.get(place.saturating_add(1)).and_then(|next| next.since);
        let before = place.checked_sub(1).and_then(|before| self.sets.get(before));
        if let (Some(before), Some(at)) = (before, served.since) {
            let on = zone.date(at);
            if turn::matters(self.on(&before.company, on), self.on(&served.company, on)) {
                turns.push(Turn { at, place, on });
            }
        }
        for set in &served.company.in_force {
            let Some((on, at)) = set.from.and_then(|on| Some((on, zone.start_of(on).ok()?))) else {
                continue;
            };
            let serves = served.since.is_none_or(|since| since < at) && until.is_none_or(|until| at < until);
            let known = !set.known || self.known_on.is_none_or(|known_on| on <= known_on);
            let was = on.pred_opt().map(|before| self.on(&served.company, before));
            if serves && known && was.is_some_and(|was| turn::matters(was, set)) {
                turns.push(Turn { at, place, on });
            }
        }
        turns
    }

    /// Takes up the next set, which serves since an instant.
    pub fn push(&mut self, from_seq: u64, since: Instant, company: Arc<Company>) {
        let since = Some(since);
        self.sets.push(Served {
            from_seq,
            since,
            company,
        });
        // What came before stays, but for the dates of the set before that are now another's.
        let place = self.sets.len().saturating_sub(1);
        let last = place.saturating_sub(1);
        let mut turns = self.turns.to_vec();
        turns.retain(|turn| turn.place != last);
        turns.extend(self.turns_of(last));
        turns.extend(self.turns_of(place));
        self.turns = turns.into();
        self.excepting = self.find_excepting();
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
        let editions = sets
            .flat_map(|s| s.company.in_force.iter().rev())
            .flat_map(|set| &set.procedures);
        let mut all = editions.flat_map(|p| &p.thresholds);
        all.find(|t| t.id == *id).cloned()
    }

    /// The set that served when the event at this place was recorded; place 0 is not recorded yet.
    pub fn at(&self, seq: u64) -> &Arc<Company> {
        self.sets.get(self.place(seq)).map_or(self.current(), |s| &s.company)
    }

    /// The edition of each procedure that decides an event: among those known when it was recorded, the one in force
    /// on the local date on which it occurred; of two in force from the same date, the one that served last.
    pub fn editions(&self, event: &Event) -> Cow<'_, [Arc<Procedure>]> {
        let on = self.zone().date(event.occurred_at);
        self.editions_on(self.place(event.seq), on)
    }

    /// The editions in force on a date, as known while the set at that place served.
    fn editions_on(&self, place: usize, on: NaiveDate) -> Cow<'_, [Arc<Procedure>]> {
        let known = self.sets.get(..=place).unwrap_or(&self.sets);
        let Some((serving, before)) = known.split_last() else {
            return Cow::Owned(Vec::new());
        };
        let set = self.on(&serving.company, on);
        if set.whole_from <= on {
            return Cow::Borrowed(&set.procedures);
        }
        // Of what is not in force yet, an earlier set may have had what was.
        let mut chosen = Vec::new();
        for procedure in &set.procedures {
            let of_id = |s: &'_ Served| {
                let same = s
                    .company
                    .on(on)
                    .procedures
                    .iter()
                    .find(|p| p.head.id == procedure.head.id);
                same.filter(|p| p.head.effective <= on).cloned()
            };
            let found = (procedure.head.effective <= on).then(|| procedure.clone());
            chosen.extend(found.or_else(|| before.iter().rev().find_map(of_id)));
        }
        Cow::Owned(chosen)
    }

    /// The place of the set that served when the event at this place was recorded; 0 is not recorded yet.
    fn place(&self, seq: u64) -> usize {
        let last = self.sets.len().saturating_sub(1);
        if seq == 0 {
            return last;
        }
        self.sets.iter().rposition(|s| s.from_seq < seq).unwrap_or(0)
    }

    /// A recurring rule by the dates on which it reads so, as known at an instant, from the day after a date on: since
    /// when, until when (not included), and how it reads; none where only one edition was ever known.
    pub fn by_date(&self, duty: &Duty, known_at: Instant, after: NaiveDate) -> Option<Vec<Dated>> {
        if let [only] = &self.sets[..]
            && only.company.in_force.len() == 1
        {
            return None;
        }
        let place = self
            .sets
            .iter()
            .rposition(|s| s.since.is_none_or(|since| since <= known_at));
        let place = place.unwrap_or(0);
        let first = after.succ_opt()?;
        let known = self.sets.get(..=place).unwrap_or_default();
        let dates = known.iter().flat_map(|s| {
            let editions = s.company.in_force.iter().flat_map(|set| &set.procedures);
            let effective = editions.filter(|p| p.head.id == duty.head.id).map(|p| p.head.effective);
            s.company.in_force.iter().filter_map(|set| set.from).chain(effective)
        });
        let mut dates: BTreeSet<NaiveDate> = dates.filter(|on| *on > first).collect();
        dates.insert(first);
        let dates: Vec<NaiveDate> = dates.into_iter().collect();
        let reads = |on: NaiveDate| {
            let editions = self.editions_on(place, on);
            let procedure = editions.iter().find(|p| p.head.id == duty.head.id)?;
            procedure.duties.iter().find(|d| d.id == duty.id).cloned()
        };
        let spans = dates.iter().enumerate().filter_map(|(n, from)| {
            let until = dates.get(n.saturating_add(1)).copied();
            Some((*from, until, reads(*from)?))
        });
        Some(spans.collect())
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
            .flat_map(|s| s.company.in_force.iter().rev())
            .flat_map(|set| &set.procedures)
            .find(|p| p.head.edition.as_ref() == edition)
    }

    /// The procedure that a rule stands in: the edition, and of it the one whose calendar says what the rule's does. What has
    /// come to be known later is no part of it, or what follows would hang on when it is asked about.
    pub fn standing_in(&self, duty: &Duty) -> Option<&Arc<Procedure>> {
        let sets = self.sets.iter().rev().flat_map(|s| s.company.in_force.iter().rev());
        let editions = || {
            let all = sets.clone().flat_map(|set| &set.procedures);
            all.filter(|p| p.head.edition == duty.head.edition)
        };
        let counts = |p: &&Arc<Procedure>| {
            let mut mine = p.duties.iter().filter(|d| d.id == duty.id);
            mine.any(|d| d.calendar == duty.calendar)
        };
        editions().find(counts).or_else(|| editions().next())
    }

    /// What an event type is, in the set that served when the event was recorded.
    pub fn event_type(&self, event: &Event) -> Option<&Arc<EventType>> {
        let (kind, name) = event.parts();
        self.kinds(event).get(kind)?.events.get(name)
    }

    /// What a kind of case is, in that set.
    pub fn kind(&self, event: &Event) -> Option<&Arc<Kind>> {
        self.kinds(event).get(event.parts().0)
    }

    /// The kinds of case when an event occurred, as the set has them that served when it was recorded.
    fn kinds(&self, event: &Event) -> &BTreeMap<Id, Arc<Kind>> {
        let company = self.at(event.seq);
        match company.in_force.as_slice() {
            [only] => &only.kinds,
            _ => &company.on(self.zone().date(event.occurred_at)).kinds,
        }
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

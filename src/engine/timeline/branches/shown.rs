//! Which branches a timeline takes: read off what the evaluator leaves behind at the instants that the timeline asks
//! about, for what it asks about. Where the evaluator does not remember which entry of a list it took, the functions that
//! it chooses with are asked again, with the case as it stood.

mod absent;
mod figures;

use super::list::{family, gate_family, rows, unmet, until};
use super::{Key, Rows, Way, nth};
use crate::domain::event::Event;
use crate::domain::value::Fields;
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::obligation::{BreachStatus, Drawn, Ending, Obligation};
use crate::engine::seen::Seen;
use crate::engine::timeline::compare::Snapshot;
use crate::engine::timeline::run::Record;
use crate::engine::timeline::{At, Expect, Happens, Next, refer};
use crate::engine::waiver::{WaivedBy, Waiver};
use crate::engine::world::World;
use crate::engine::{escalation, intake, open, perform};
use crate::policy::model::{Bearers, Consent, Duty, Gate, GateSide, Id, Many, StepAt, Timing};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The branches that a timeline takes.
#[derive(Clone, Debug, Default)]
pub(in crate::engine::timeline) struct Taken(BTreeSet<Key>);

impl Taken {
    /// Whether a branch is among them.
    pub fn has(&self, key: &Key) -> bool {
        self.0.contains(key)
    }

    fn add(&mut self, what: &'static str, rule: &Id, way: Way) {
        self.0.insert((what, rule.clone(), way));
    }

    /// Notes what gates made of an event that came out as the timeline says. That it is taken is expected of every event
    /// without `refused`.
    pub fn event(
        &mut self,
        world: &World,
        record: &Record,
        event: &Event,
        wanted: &Happens,
        refusal: Option<&intake::Refusal>,
    ) {
        let gates = world.history.gating(event);
        if gates.is_empty() {
            return;
        }
        let seen = record.seen(&event.case, event.occurred_at, &world.context());
        let empty = Fields::default();
        let data = seen.last().map_or(&empty, |seen| &seen.data);
        let look = |field: &str| event.data.get(field).or_else(|| data.get(field));
        for gate in &gates {
            match refusal {
                None if gate.side == GateSide::Approving => {}
                None if gate.when.holds(look) => self.add(gate_family(gate), &gate.id, Way::LetsThrough),
                None => self.add(gate_family(gate), &gate.id, Way::When(false)),
                Some(refusal) => self.refused(gate, wanted, refusal),
            }
        }
    }

    /// A need counts where it alone is not met, or where the timeline names all that are not.
    fn refused(&mut self, gate: &Gate, wanted: &Happens, refusal: &intake::Refusal) {
        if refusal.unmet.len() != 1 && wanted.unmet.is_none() {
            return;
        }
        for (ix, need) in gate.needs.iter().enumerate() {
            if refusal.unmet.iter().any(|unmet| unmet.title == need.title) {
                self.add(gate_family(gate), &gate.id, unmet(gate, ix));
            }
        }
    }

    /// Notes what the expectations of an instant show. `matched` are the ids of the obligations that they are about.
    pub fn expect(&mut self, snapshot: &Snapshot<'_>, expect: &Expect, matched: &BTreeSet<String>) {
        let mut look = Look {
            snapshot,
            expect,
            seen: BTreeMap::new(),
            taken: self,
        };
        look.obligations(matched);
        look.absences();
        look.thresholds();
        look.rates();
        look.samples();
        look.penalties();
        look.visible();
    }
}

/// What is looked at, and what was seen of it so far.
struct Look<'a> {
    snapshot: &'a Snapshot<'a>,
    expect: &'a Expect,
    seen: BTreeMap<Id, Vec<Seen>>,
    taken: &'a mut Taken,
}

impl<'a> Look<'a> {
    /// The events of a case that stand by the instant asked about, each with what was known of the case right after it.
    fn seen(&mut self, case: &Id) -> &[Seen] {
        let (record, at) = (self.snapshot.record, self.snapshot.at);
        let ctx = self.snapshot.world.context();
        let seen = self.seen.entry(case.clone());
        seen.or_insert_with(|| record.seen(case, at, &ctx))
    }

    fn cases(&self) -> impl Iterator<Item = (&'a Id, &'a Case)> + use<'a> {
        self.snapshot.cases.iter().map(|(id, case)| (id, case))
    }

    /// The obligations that are expected whole, and those of which it is expected who was told or what is next.
    fn obligations(&mut self, matched: &BTreeSet<String>) {
        for (id, case) in self.cases() {
            for obligation in case.obligations.iter() {
                if matched.contains(&obligation.key().id(id)) {
                    self.whole(id, case, obligation);
                    continue;
                }
                let told = self.told(id, case, obligation);
                let next = self.expect.next.iter().flatten();
                let is_named = |o: &At<Next>| *o.what.case == **id && *o.what.rule == *obligation.duty.id;
                let is_next = obligation.is_live() && { next }.any(is_named);
                if is_next || !told.is_empty() {
                    let born = self.born(id, case, obligation);
                    self.note(&obligation.duty, born.into_iter().chain(told));
                }
            }
        }
    }

    /// What the expected messages show of an obligation: who was told, that it is overdue where they are told of that.
    fn told(&self, id: &Id, case: &Case, obligation: &Obligation) -> Vec<Way> {
        let told = self.expect.effects.iter().flatten().map(|o| &o.what);
        let named = told.filter(|told| *told.case == **id && *told.rule == *obligation.duty.id);
        let levels: BTreeSet<Option<u8>> = named.map(|told| told.level).collect();
        if levels.is_empty() {
            return Vec::new();
        }
        let (at, zone) = (self.snapshot.at, self.snapshot.company.zone);
        let fired = escalation::fired(case, obligation, zone, at).into_iter();
        let fired = fired.filter(|fired| fired.withdrawn_at.is_none());
        let fired = fired.filter(|fired| levels.contains(&None) || levels.contains(&Some(fired.step.level)));
        let mut ways = Vec::new();
        for fired in fired {
            let step = obligation
                .duty
                .escalate
                .get(usize::from(fired.step.level).saturating_sub(1));
            if step.is_some_and(|step| matches!(step.at, StepAt::Due | StepAt::AfterDue(_))) {
                ways.push(Way::Overdue);
            }
            ways.push(Way::Told(u16::from(fired.step.level)));
        }
        let passed = escalation::passed_over(case, obligation, zone, at).into_iter();
        ways.extend(passed.map(|level| Way::PassedOver(u16::from(level))));
        ways
    }

    fn note(&mut self, duty: &Duty, ways: impl IntoIterator<Item = Way>) {
        for way in ways {
            self.taken.add(family(duty), &duty.id, way);
        }
    }

    /// How an obligation came to be: that its condition held, which entries of lists count.
    fn born(&mut self, id: &Id, case: &Case, obligation: &Obligation) -> Vec<Way> {
        let stood = self.stood(id, case, obligation);
        let when = !obligation.duty.when.0.is_empty();
        let mut ways = self.entries(obligation, stood);
        ways.extend(when.then_some(Way::When(true)));
        ways
    }

    /// The case's data as they are, or were when the obligation ended.
    fn stood(&mut self, id: &Id, case: &Case, obligation: &Obligation) -> Fields {
        match &obligation.end {
            Some(end) => self.data_at(id, end.by.at),
            None => case.data.clone(),
        }
    }

    /// All that an obligation shows.
    fn whole(&mut self, id: &Id, case: &Case, obligation: &Obligation) {
        let duty = &*obligation.duty;
        let (at, zone) = (self.snapshot.at, self.snapshot.company.zone);
        let mut ways = self.born(id, case, obligation);
        let stood = self.stood(id, case, obligation);
        let ended_by = |how: Ending| obligation.end.as_ref().filter(|end| end.how == how);
        if ended_by(Ending::Fulfilled).is_some() {
            ways.push(Way::Done);
        }
        let breach = obligation.breach(at, case.paused(duty, at));
        if breach.is_some_and(|breach| breach.status == BreachStatus::Standing) {
            ways.push(Way::Overdue);
        }
        if let Some(end) = ended_by(Ending::Cancelled) {
            match self.snapshot.record.kind_of(&end.by.event, id) {
                Some(kind) if until(duty).contains(kind) => ways.push(Way::Until),
                // What recurs ends when its condition no longer holds.
                _ if matches!(duty.timing, Timing::Recurring { .. }) && !duty.when.holds_for(&stood) => {
                    ways.push(Way::When(false));
                }
                _ => {}
            }
        }
        let fired = escalation::fired(case, obligation, zone, at).into_iter();
        let told = fired.filter(|fired| fired.withdrawn_at.is_none());
        ways.extend(told.map(|fired| Way::Told(u16::from(fired.step.level))));
        let passed = escalation::passed_over(case, obligation, zone, at).into_iter();
        ways.extend(passed.map(|level| Way::PassedOver(u16::from(level))));
        if duty.draw.is_some() {
            ways.push(Way::Drawn(obligation.drawn == Drawn::In));
        }
        self.note(duty, ways);
        self.forms(id, obligation);
        self.exceptions(obligation, &stood);
        self.consents(&duty.consents, &stood);
    }

    /// A case's data as they were at an instant.
    fn data_at(&mut self, id: &Id, at: Instant) -> Fields {
        let mut seen = self.seen(id).iter().rev();
        let stood = seen.find(|seen| seen.event.occurred_at <= at);
        stood.map(|seen| seen.data.clone()).unwrap_or_default()
    }

    /// Which entries of its duty's lists hold for an obligation. What an older edition said counts where the newest has
    /// the same list.
    fn entries(&self, obligation: &Obligation, data: Fields) -> Vec<Way> {
        let duty = &*obligation.duty;
        let newest = refer::duty(self.snapshot.company, &duty.id);
        let listed = newest.map(|duty| rows(duty)).unwrap_or_default();
        let case = Case {
            data,
            ..Case::default()
        };
        let zone = self.snapshot.company.zone;
        let mut ways = Vec::new();
        for (of, entries) in rows(duty) {
            if !listed.contains(&(of, entries)) {
                continue;
            }
            let chosen = match (of, &duty.timing, &duty.bearers, duty.count.as_ref().map(|c| &c.many)) {
                (Rows::Term, Timing::ByCase(terms), ..) => terms.iter().position(|row| row.when.holds_for(&case.data)),
                (Rows::Pace, Timing::Recurring { rhythm, .. }, ..) => {
                    let mut paces = rhythm.paces.iter();
                    paces.position(|row| row.when.holds_for(&case.data))
                }
                (Rows::Bearer, _, Bearers::Choice(choices), _) => {
                    let at = obligation.trigger.at;
                    let mut choices = choices.iter();
                    choices.position(|row| open::chosen(row, &case, duty, at, zone))
                }
                (Rows::Share, _, _, Some(Many::Share { shares, .. })) => {
                    shares.iter().position(|row| row.when.holds_for(&case.data))
                }
                _ => None,
            };
            ways.extend(chosen.map(|ix| Way::Row(of, nth(ix))));
        }
        ways
    }

    /// What became of the forms with which an obligation was performed, or should have been.
    fn forms(&mut self, id: &Id, obligation: &Obligation) {
        let done = obligation.duty.done.iter();
        let forms: Vec<(Id, _)> = done
            .filter_map(|done| Some((done.event.clone(), done.record.clone()?)))
            .collect();
        if forms.is_empty() {
            return;
        }
        let end = obligation.end.as_ref();
        let until = end.map_or(self.snapshot.at, |end| end.by.at);
        let is_whole = end.is_some_and(|end| end.how == Ending::Fulfilled);
        let more = obligation.more.as_ref();
        let counted = more.is_some_and(|more| !more.distinct.is_empty());
        let lacks = more.is_some_and(|more| !more.missing.is_empty());
        let mut shown: Vec<(Id, Way)> = Vec::new();
        for seen in self.seen(id) {
            let event = &seen.event;
            let in_time = obligation.trigger.at <= event.occurred_at && event.occurred_at <= until;
            let Some((_, form)) = forms.iter().find(|(kind, _)| *kind == event.kind && in_time) else {
                continue;
            };
            let missing = perform::missing_fields(form, &event.data);
            let ends = is_whole && end.is_some_and(|end| end.by.event == event.id);
            let performs = ends || counted && missing.is_empty();
            if performs {
                shown.push((form.id.clone(), Way::Complete));
            }
            if !performs && (lacks || !missing.is_empty()) {
                shown.push((form.id.clone(), Way::Lacking));
            }
            let depend = form
                .required
                .iter()
                .enumerate()
                .filter(|(_, row)| !row.when.0.is_empty());
            let asks = depend.map(|(ix, row)| Way::Asks(nth(ix), row.when.holds_for(&event.data)));
            shown.extend(asks.map(|way| (form.id.clone(), way)));
        }
        for (form, way) in shown {
            self.taken.add("record", &form, way);
        }
    }

    /// Which exceptions waive an obligation, and which do not although it is owed on their dates.
    fn exceptions(&mut self, obligation: &Obligation, data: &Fields) {
        let at = self.snapshot.at;
        for exception in &obligation.duty.exceptions {
            let by = |waiver: &Waiver| match &waiver.by {
                WaivedBy::Exception(by) => by.id == exception.id && waiver.from <= at,
                WaivedBy::Event { .. } => false,
            };
            let until = obligation.end.as_ref().map_or(at, |end| end.by.at.min(at));
            let span = exception.span(self.snapshot.company.zone);
            let on_its_dates = span.is_some_and(|(from, to)| from <= until && obligation.trigger.at < to);
            if obligation.waivers().iter().any(by) {
                self.taken.add("exception", &exception.id, Way::Waives);
            } else if on_its_dates && !exception.when.holds_for(data) {
                self.taken.add("exception", &exception.id, Way::When(false));
            }
        }
    }

    fn consents(&mut self, consents: &[Arc<Consent>], data: &Fields) {
        for consent in consents {
            let holds = consent.when.holds_for(data);
            self.taken.add("consent", &consent.id, Way::When(holds));
        }
    }
}

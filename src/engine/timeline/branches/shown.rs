//! Which branches a timeline takes: read off what the evaluator leaves behind at the instants that the timeline asks
//! about, for what it asks about. Where the evaluator does not remember which entry of a list it took, the functions that
//! it chooses with are asked again, with the case as it stood.

use super::list::{family, gate_family, rows, unmet, until};
use super::{Key, Rows, Way, nth};
use crate::domain::event::Event;
use crate::domain::value::Fields;
use crate::domain::zone::Instant;
use crate::engine::access::Sight;
use crate::engine::case::Case;
use crate::engine::obligation::{BreachStatus, Drawn, Ending, Obligation};
use crate::engine::penalty::{Entry, ledger};
use crate::engine::seen::Seen;
use crate::engine::timeline::compare::Snapshot;
use crate::engine::timeline::run::Record;
use crate::engine::timeline::{Expect, Happens, refer, sample};
use crate::engine::waiver::WaivedBy;
use crate::engine::world::World;
use crate::engine::{consent, escalation, intake, open, perform};
use crate::policy::model::{
    Bearers, Company, Consent, Duty, Frame, Gate, GateSide, Id, Limit, Many, Offence, Sum, Threshold, Timing, Trigger,
};
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

    /// The obligations that are expected, and those of rules of which it is expected who was told or what is next.
    fn obligations(&mut self, matched: &BTreeSet<String>) {
        let told = self.expect.effects.iter().flatten();
        let next = self.expect.next.iter().flatten();
        let named: BTreeSet<(&str, &str)> = told
            .map(|o| (o.what.case.as_str(), o.what.rule.as_str()))
            .chain(next.map(|o| (o.what.case.as_str(), o.what.rule.as_str())))
            .collect();
        for (id, case) in self.cases() {
            for obligation in case.obligations.iter() {
                let duty = &obligation.duty;
                if named.contains(&(&**id, &*duty.id)) || matched.contains(&obligation.key().id(id)) {
                    self.obligation(id, case, obligation);
                }
            }
        }
    }

    fn obligation(&mut self, id: &Id, case: &Case, obligation: &Obligation) {
        let duty = &*obligation.duty;
        let (what, rule, at) = (family(duty), &duty.id, self.snapshot.at);
        let zone = self.snapshot.company.zone;
        let paused = case.paused(duty, at);
        let mut ways: Vec<Way> = Vec::new();
        if !duty.when.0.is_empty() {
            ways.push(Way::When(true));
        }
        let stood = match &obligation.end {
            Some(end) => self.data_at(id, end.by.at),
            None => case.data.clone(),
        };
        ways.extend(self.entries(obligation, stood.clone()));
        let ended_by = |how: Ending| obligation.end.as_ref().filter(|end| end.how == how);
        if ended_by(Ending::Fulfilled).is_some() {
            ways.push(Way::Done);
        }
        let breach = obligation.breach(at, paused);
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
        for way in ways {
            self.taken.add(what, rule, way);
        }
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
            let performs = is_whole && end.is_some_and(|end| end.by.event == event.id) || counted;
            let missing = perform::missing_fields(form, &event.data);
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
            let by = |waiver: &&crate::engine::waiver::Waiver| match &waiver.by {
                WaivedBy::Exception(by) => by.id == exception.id && waiver.from <= at,
                WaivedBy::Event { .. } => false,
            };
            let until = obligation.end.as_ref().map_or(at, |end| end.by.at.min(at));
            let span = exception.span(self.snapshot.company.zone);
            let on_its_dates = span.is_some_and(|(from, to)| from <= until && obligation.trigger.at < to);
            if obligation.waivers().iter().any(|waiver| by(&waiver)) {
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

    /// What is expected not to be: by `none`, where the case has had nothing of the rule, and by `only`.
    fn absences(&mut self) {
        let company = self.snapshot.company;
        let owed = self.expect.obligations.iter().flatten();
        let none: BTreeSet<(&str, &str)> = owed
            .clone()
            .filter(|o| o.what.none)
            .map(|o| (o.what.case.as_str(), o.what.rule.as_str()))
            .collect();
        let whole: BTreeSet<&str> = owed
            .filter(|_| self.expect.only)
            .map(|o| o.what.case.as_str())
            .collect();
        let duties: Vec<&'a Arc<Duty>> = company.procedures.iter().flat_map(|p| &p.duties).collect();
        for (id, case) in self.cases() {
            for duty in &duties {
                let is_none = none.contains(&(&**id, &*duty.id));
                if !is_none && !whole.contains(&**id) {
                    continue;
                }
                let has = case.obligations.iter().any(|o| o.duty.id == duty.id);
                if !has || whole.contains(&**id) {
                    self.absent(id, case, duty);
                }
                self.over(id, case, duty);
            }
        }
    }

    fn absent(&mut self, id: &Id, case: &Case, duty: &Duty) {
        let what = family(duty);
        if !duty.when.0.is_empty() && self.turned_away(id, case, duty) {
            self.taken.add(what, &duty.id, Way::When(false));
        }
        let stops = consent::holding(duty, &case.data).filter(|consent| consent.limit == Limit::Stop);
        let stops: Vec<Id> = stops.map(|consent| consent.id.clone()).collect();
        if self.began(id, duty).is_some() {
            for consent in stops {
                self.taken.add("consent", &consent, Way::When(true));
            }
        }
    }

    /// That nothing more of a duty is there after an event ended it.
    fn over(&mut self, id: &Id, case: &Case, duty: &Duty) {
        let live = case
            .obligations
            .iter()
            .any(|o| o.duty.id == duty.id && o.is_live() && !o.due.passed(self.snapshot.at));
        let Some(began) = self.began(id, duty).filter(|_| !live) else {
            return;
        };
        let mut after = self.seen(id).iter().skip(began);
        if after.any(|seen| until(duty).contains(&seen.event.kind)) {
            self.taken.add(family(duty), &duty.id, Way::Until);
        }
    }

    /// The place of the first event of a case that triggers a duty.
    fn began(&mut self, id: &Id, duty: &Duty) -> Option<usize> {
        let Trigger::Events(kinds) = &duty.on else {
            return None;
        };
        self.seen(id).iter().position(|seen| kinds.contains(&seen.event.kind))
    }

    /// Whether something would have triggered a duty if its condition had held.
    fn turned_away(&mut self, id: &Id, case: &Case, duty: &Duty) -> bool {
        let recurs = matches!(duty.timing, Timing::Recurring { .. });
        match &duty.on {
            Trigger::Events(kinds) => {
                let mut begun = false;
                self.seen(id).iter().any(|seen| {
                    begun = kinds.contains(&seen.event.kind) || begun && recurs;
                    begun && !seen.meets(&duty.when)
                })
            }
            Trigger::Occasion(_) | Trigger::Sampled(_) => {
                let occasions = self.snapshot.world.context().occasions.of(&case.kind);
                let mut due = occasions
                    .iter()
                    .filter(|one| one.duty.id == duty.id && one.what.at <= self.snapshot.at);
                due.any(|one| one.turns_away(case))
            }
            Trigger::Opened(rules) | Trigger::Fulfilled(rules) | Trigger::Breached(rules) => {
                let at = self.snapshot.at;
                for (ix, above) in case.obligations.iter().enumerate() {
                    let follows = |o: &Obligation| o.duty.id == duty.id && o.parent == u32::try_from(ix).ok();
                    if !rules.contains(&above.duty.id) || case.obligations.iter().any(follows) {
                        continue;
                    }
                    let breach = above.breach(at, case.paused(&above.duty, at));
                    let fulfilled = above.end.as_ref().filter(|end| end.how == Ending::Fulfilled);
                    let when = match &duty.on {
                        Trigger::Fulfilled(_) => fulfilled.map(|end| end.by.at),
                        Trigger::Breached(_) => breach.map(|breach| breach.at),
                        _ => above.is_owed().then_some(above.trigger.at),
                    };
                    let Some(when) = when else { continue };
                    let mut seen = self.seen(id).iter().rev();
                    let stood = seen.find(|seen| seen.event.occurred_at <= when);
                    let by_event = matches!(duty.on, Trigger::Fulfilled(_));
                    let holds = stood.is_some_and(|seen| match by_event {
                        true => seen.meets(&duty.when),
                        false => duty.when.holds_for(&seen.data),
                    });
                    if !holds {
                        return true;
                    }
                }
                false
            }
        }
    }

    /// Thresholds that are expected to have told somebody or opened a case, and those that are expected not to.
    fn thresholds(&mut self) {
        let company = self.snapshot.company;
        for told in self.expect.effects.iter().flatten() {
            let Some(rule) = refer::threshold(company, &told.what.rule) else {
                continue;
            };
            self.taken.add("threshold", &rule.id, Way::Reached);
            let by_then = self.snapshot.notices.iter().filter(|n| n.at <= self.snapshot.at);
            let mine = by_then.filter(|n| n.threshold.id == rule.id && *n.cause.case == *told.what.case);
            let named = mine.filter(|n| told.what.to.as_ref().is_none_or(|to| *to == *n.to));
            for notice in named {
                let rung = rule.to.iter().position(|role| *role == notice.to);
                let ways = rung.into_iter().map(|ix| Way::Rung(nth(ix)));
                ways.for_each(|way| self.taken.add("threshold", &rule.id, way));
            }
        }
        let opened = self.expect.spawned.iter().flatten();
        let opened: BTreeSet<&str> = opened.map(|o| o.what.threshold.as_str()).collect();
        let nobody = self.expect.effects.as_ref().is_some_and(Vec::is_empty);
        for rule in company.procedures.iter().flat_map(|p| &p.thresholds) {
            let leaves = !rule.only_tells();
            let all_listed = self.expect.spawned.is_some() && leaves;
            if opened.contains(&*rule.id) {
                self.taken.add("threshold", &rule.id, Way::Reached);
            } else if all_listed || nobody && !rule.to.is_empty() {
                self.not_reached(rule);
            }
        }
    }

    fn not_reached(&mut self, rule: &Threshold) {
        let mut ways = BTreeSet::new();
        for (id, case) in self.cases() {
            if case.hits.iter().any(|hit| hit.threshold.id == rule.id) {
                ways.insert(Way::Below);
            }
            let other = |seen: &Seen| rule.on.contains(&seen.event.kind) && !seen.meets(&rule.when);
            if self.seen(id).iter().any(other) {
                ways.insert(Way::When(false));
            }
        }
        ways.into_iter()
            .for_each(|way| self.taken.add("threshold", &rule.id, way));
    }

    fn rates(&mut self) {
        for figure in self.expect.rates.iter().flatten() {
            let Some((rule, figures)) = self.snapshot.figures(&figure.what) else {
                continue;
            };
            let way = figures.met.map(|met| if met { Way::Met } else { Way::Missed });
            let warning = figures.warning.then_some(Way::Warning);
            for way in way.into_iter().chain(warning) {
                self.taken.add("rate", &rule.id, way);
            }
        }
    }

    fn samples(&mut self) {
        for figure in self.expect.samples.iter().flatten() {
            let Some(rule) = sample::sample(self.snapshot.company, &figure.what.sample) else {
                continue;
            };
            let of = figure.what.case.as_deref();
            let mut ways = BTreeSet::new();
            for (id, case) in self.cases().filter(|(id, _)| of.is_none_or(|of| *of == ***id)) {
                let members = matches!(rule.frame, Frame::Members { .. });
                let mut sizes = rule.size.iter();
                let size = sizes.position(|(when, _)| when.holds(|field| case.data.get(field).filter(|_| members)));
                ways.extend(size.map(|ix| Way::Row(Rows::Size, nth(ix))));
                let other = |seen: &Seen| rule.on.contains(&seen.event.kind) && !seen.meets(&rule.when);
                if self.seen(id).iter().any(other) {
                    ways.insert(Way::When(false));
                }
            }
            ways.into_iter().for_each(|way| self.taken.add("sample", &rule.id, way));
        }
    }

    fn penalties(&mut self) {
        let Some(wanted) = &self.expect.penalties else {
            return;
        };
        if wanted.is_empty() {
            self.nothing_charged();
        }
        let (record, world, at) = (self.snapshot.record, self.snapshot.world, self.snapshot.at);
        let company: &Company = self.snapshot.company;
        for charged in wanted {
            let Some(rule) = refer::penalty(company, &charged.what.penalty) else {
                continue;
            };
            let case = &charged.what.case;
            let entries = ledger(company, case, &record.known(case, at), &world.context(), at);
            let mine = |entry: &&Entry| entry.penalty.id == rule.id && charged.what.fits(entry);
            for entry in entries.iter().filter(mine) {
                let decided = matches!(rule.sum, Sum::Decided { .. });
                let way = match entry.beside {
                    Some(ix) => Way::Beside(nth(ix)),
                    None if entry.is_proposed => Way::Proposed,
                    None if decided => Way::Decided,
                    None => Way::Charged,
                };
                self.taken.add("penalty", &rule.id, way);
            }
        }
    }

    /// An empty ledger shows that violations outside of a penalty's condition cost nothing.
    fn nothing_charged(&mut self) {
        for rule in self.snapshot.company.procedures.iter().flat_map(|p| &p.penalties) {
            let Offence::Violation { on, when, .. } = &rule.offence else {
                continue;
            };
            let other = |seen: &Seen| on.contains(&seen.event.kind) && !seen.meets(when);
            let cases: Vec<&Id> = self.cases().map(|(id, _)| id).collect();
            if cases.into_iter().any(|id| self.seen(id).iter().any(other)) {
                self.taken.add("penalty", &rule.id, Way::When(false));
            }
        }
    }

    fn visible(&mut self) {
        for asked in self.expect.visible.iter().flatten() {
            let (Some(person), Some(_)) = (&asked.what.person, asked.what.visible) else {
                continue;
            };
            let Some((_, case)) = self.cases().find(|(id, _)| ***id == *asked.what.case) else {
                continue;
            };
            let sight = Sight::new(self.snapshot.world.company(), Some(person), self.snapshot.at);
            for (rule, may) in sight.each(case, person) {
                let way = if may { Way::Shown } else { Way::Hidden };
                self.taken.add("access", &rule, way);
            }
        }
    }
}

//! What can be known of an event's data before it happens.

use crate::policy::model::{
    Bearers, Company, Compute, Condition, Duty, EventType, FieldType, Id, InForce, Kind, Many, Timing, Trigger,
};
use std::collections::BTreeSet;

/// The data that a rule can look at when an event happens, or of a case at any time.
#[derive(Clone, Copy)]
pub(super) struct Sight<'c> {
    kind: &'c Kind,
    event: Option<&'c EventType>,
}

impl<'c> Sight<'c> {
    /// What can be looked at when this event happens.
    pub fn of(set: &'c InForce, event: &str) -> Option<Sight<'c>> {
        let (kind, name) = event.split_once('.')?;
        let kind = set.kinds.get(kind)?;
        let event = kind.events.get(name)?;
        let event: Option<&EventType> = Some(event);
        Some(Sight { kind, event })
    }

    /// What can be looked at of a case of a kind, whatever has happened to it.
    pub fn of_case(set: &'c InForce, kind: &str) -> Option<Sight<'c>> {
        let (kind, event) = (set.kinds.get(kind)?, None);
        Some(Sight { kind, event })
    }

    /// What a field may hold; none: there is no such field, and it is always missing.
    pub fn field(&self, name: &str) -> Option<&'c FieldType> {
        self.own(name).or(self.kind.fields.get(name))
    }

    /// What a field may hold that the event has for itself, or on its form.
    fn own(&self, name: &str) -> Option<&'c FieldType> {
        let event = self.event?;
        let form = || event.record.as_ref().and_then(|record| record.fields.get(name));
        event.data.get(name).or_else(form)
    }

    /// Whether the event has a field for itself, or on its form.
    pub fn is_of_event(&self, name: &str) -> bool {
        self.own(name).is_some()
    }

    /// Whether the event is refused without it.
    pub fn is_needed(&self, name: &str) -> bool {
        let needs = self.event.iter().flat_map(|event| event.needs.iter());
        needs.into_iter().any(|needed| **needed == *name)
    }

    /// Whether a condition looks at what is worked out, so that what it holds cannot be chosen.
    pub fn reads_computed(&self, condition: &Condition) -> bool {
        condition.0.iter().any(|(field, _)| self.kind.computes(field))
    }
}

/// The conditions that decide whether, when and by whom a duty is owed.
pub(super) fn conditions(duty: &Duty) -> Vec<&Condition> {
    let mut all = vec![&duty.when];
    match &duty.timing {
        Timing::ByCase(entries) => all.extend(entries.iter().map(|entry| &entry.when)),
        Timing::Recurring { rhythm, .. } => all.extend(rhythm.paces.iter().map(|pace| &pace.when)),
        _ => {}
    }
    if let Bearers::Choice(entries) = &duty.bearers {
        all.extend(entries.iter().map(|entry| &entry.when));
    }
    if let Some(Many::Share { shares, .. }) = duty.count.as_ref().map(|count| &count.many) {
        all.extend(shares.iter().map(|entry| &entry.when));
    }
    all.extend(duty.escalate.iter().map(|step| &step.when));
    all
}

/// How many rules of a company depend on what scripts answer, which the analysis cannot look into.
pub fn opaque(company: &Company) -> usize {
    let mut fields: BTreeSet<(&str, &str)> = BTreeSet::new();
    for kind in company.kinds.values() {
        let scripted = kind.computed.iter().filter(|c| matches!(c.how, Compute::Script { .. }));
        fields.extend(scripted.map(|c| (&*kind.id, &*c.field)));
    }
    let reads = |kinds: &BTreeSet<&str>, conditions: &[&Condition]| {
        let mut tested = conditions.iter().flat_map(|condition| &condition.0);
        tested.any(|(field, _)| kinds.iter().any(|kind| fields.contains(&(kind, &**field))))
    };
    let mut rules: BTreeSet<&Id> = BTreeSet::new();
    for procedure in &company.procedures {
        let duties = procedure.duties.iter();
        rules.extend(duties.filter(|d| reads(&kinds(d), &conditions(d))).map(|d| &d.id));
        let thresholds = procedure.thresholds.iter();
        rules.extend(thresholds.filter(|t| reads(&of(&t.on), &[&t.when])).map(|t| &t.id));
        let gates = procedure.gates.iter();
        rules.extend(gates.filter(|g| reads(&of(&g.on), &[&g.when])).map(|g| &g.id));
        rules.extend(procedure.records.iter().filter(|r| r.accept.is_some()).map(|r| &r.id));
    }
    rules.len()
}

/// The kinds of case that a duty's events are of.
pub(super) fn kinds(duty: &Duty) -> BTreeSet<&str> {
    let mut kinds: BTreeSet<&str> = duty.done.iter().filter_map(|done| kind(&done.event)).collect();
    if let Trigger::Events(events) | Trigger::Occasion(events) | Trigger::Sampled(events) = &duty.on {
        kinds.extend(of(events));
    }
    kinds
}

fn of(events: &[Id]) -> BTreeSet<&str> {
    events.iter().filter_map(|event| kind(event)).collect()
}

fn kind(event: &str) -> Option<&str> {
    event.split_once('.').map(|(kind, _)| kind)
}

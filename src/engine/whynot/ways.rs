//! The ways in which an obligation of a rule could come to be, each with what it lacks.

use super::need::{BEGUN, DONE, Need, SUPPOSED};
use super::way::{Met, Way};
use super::{Before, MAX_DEPTH, Of};
use crate::domain::event::Event;
use crate::domain::value::{Fields, Value};
use crate::engine::case::Case;
use crate::engine::obligation::{Ending, Obligation};
use crate::policy::model::{Condition, Course, Duty, Id, Procedure, Timing, Trigger};
use std::sync::Arc;

/// The ways of a rule, as far as rules that it follows on are looked into.
pub(super) fn ways(before: &Before<'_>, rule: &Id, depth: u8) -> Vec<Way> {
    let Some(duty) = duty_now(before, rule).filter(|_| depth > 0) else {
        return Vec::new();
    };
    if let Some(undrawn) = before
        .case
        .obligations
        .iter()
        .find(|o| o.duty.id == *rule && !o.is_owed())
    {
        return vec![Way {
            duty: undrawn.duty.clone(),
            met: vec![(
                undrawn.duty.clone(),
                Met::Event(undrawn.trigger.event.clone(), Id::default()),
            )],
            needs: vec![(undrawn.duty.clone(), Need::Drawn { rule: rule.clone() })],
        }];
    }
    if before
        .case
        .obligations
        .iter()
        .any(|o| o.duty.id == *rule && depth == MAX_DEPTH)
    {
        let needs = vec![(duty.clone(), Need::Secret)];
        return vec![Way {
            duty,
            met: Vec::new(),
            needs,
        }];
    }
    match &duty.on {
        Trigger::Events(kinds) => by_event(before, &duty, kinds),
        Trigger::Occasion(kinds) => vec![by_occasion(before, &duty, kinds)],
        Trigger::Sampled(kinds) => by_sample(before, &duty, kinds),
        Trigger::Opened(rules) => by_rule(before, &duty, rules, Following::Opened, depth),
        Trigger::Fulfilled(rules) => by_rule(before, &duty, rules, Following::Fulfilled, depth),
        Trigger::Breached(rules) => by_rule(before, &duty, rules, Following::Breached, depth),
    }
}

/// The rule as it is in force then; else in whichever edition has it.
fn duty_now(before: &Before<'_>, rule: &Id) -> Option<Of> {
    let on = before.ctx.history.zone().date(before.as_of);
    let company = before.ctx.history.current();
    let of = |p: &Arc<Procedure>| p.duties.iter().find(|d| d.id == *rule).cloned();
    let now = company.on(on).procedures.iter().find_map(of);
    let mut ever = before.ctx.history.sets().flat_map(|c| c.editions());
    now.or_else(|| ever.find_map(of))
}

fn by_event(before: &Before<'_>, duty: &Of, kinds: &[Id]) -> Vec<Way> {
    let recorded = before
        .events
        .iter()
        .enumerate()
        .filter(|(_, e)| kinds.contains(&e.kind));
    let mut ways: Vec<Way> = recorded
        .map(|(ix, event)| by_recorded(before, duty, ix, event))
        .collect();
    if ways.is_empty() {
        let mut way = Way::new(duty);
        way.lack(Need::Happens { kinds: kinds.to_vec() });
        way.open_case(before.case, before);
        way.asks(duty, &before.case.data, &Fields::default(), &[SUPPOSED.into()]);
        way.anchor(before);
        way.dated(before, &SUPPOSED.into());
        ways.push(way);
    }
    ways
}

fn by_recorded(before: &Before<'_>, duty: &Of, ix: usize, event: &Event) -> Way {
    let editions = before.ctx.history.editions(event);
    let deciding = editions
        .iter()
        .flat_map(|p| &p.duties)
        .find(|d| d.id == duty.id)
        .cloned();
    let mut way = Way::new(deciding.as_ref().unwrap_or(duty));
    way.met
        .push((duty.clone(), Met::Event(event.id.clone(), event.kind.clone())));
    let zone = before.ctx.history.zone();
    let occurred_on = zone.date(event.occurred_at);
    let triggers = |d: &Of| matches!(&d.on, Trigger::Events(kinds) if kinds.contains(&event.kind));
    if !deciding.as_ref().is_some_and(triggers) {
        let all = before.ctx.history.sets().flat_map(|c| c.editions());
        let having = all.filter(|p| p.duties.iter().any(|d| d.id == duty.id && triggers(d)));
        let dates: Vec<_> = having.map(|p| p.head.effective).collect();
        let later = dates.iter().filter(|on| **on > occurred_on).min();
        if let Some(effective) = later.or(dates.iter().max()) {
            let (event, effective) = (event.id.clone(), *effective);
            way.lack(Need::InForce {
                event,
                occurred_on,
                effective,
            });
        }
    }
    let mut then = Case::default();
    for earlier in before.events.get(..=ix).unwrap_or_default() {
        then.step(before.id, earlier, &before.ctx);
    }
    way.open_case(&then, before);
    // What recurs and what waits for a second event looks at the case as it is.
    let duty = way.duty.clone();
    let recurs = matches!(duty.timing, Timing::Recurring { .. });
    let data = if recurs || duty.from.is_some() {
        &before.case.data
    } else {
        &then.data
    };
    way.asks(&duty, data, &event.data, std::slice::from_ref(&event.id));
    way.anchor(before);
    way.series(before, event);
    way
}

fn by_occasion(before: &Before<'_>, duty: &Of, kinds: &[Id]) -> Way {
    let mut way = Way::new(duty);
    let company = before.ctx.history.current();
    let other = duty.audience.as_ref().map(|audience| &audience.kind);
    let other = other.filter(|kind| **kind != before.case.kind);
    if let Some((kind, known)) = other.and_then(|kind| company.kinds.get_key_value(kind)) {
        let plain = known.events.values().find(|e| e.course == Course::None);
        if let Some(event) = plain.or(known.events.values().next()) {
            let (kind, event) = (kind.clone(), event.id.clone());
            way.lack(Need::Kind { kind, event });
        }
    }
    let (kinds, of) = (kinds.to_vec(), duty.clone());
    way.lack(Need::Occasion { kinds, duty: of });
    way.open_case(before.case, before);
    let own = duty
        .when
        .0
        .iter()
        .filter(|(field, _)| before.case.data.get(field).is_some());
    let own = Condition(own.cloned().collect());
    let all: Vec<Id> = match other {
        Some(_) => vec![BEGUN.into()],
        None => before.events.iter().map(|e| e.id.clone()).collect(),
    };
    way.tests(duty, &own, &before.case.data, &Fields::default(), &all);
    // What must agree with the other case must be there.
    let known = before.case.data.clone();
    let pairs = duty.audience.iter().flat_map(|audience| &audience.pairs);
    for (field, _) in pairs.filter(|(field, _)| known.get(field).is_none_or(|value| !value.is_filled())) {
        way.fill(duty, field, &known, Value::Text(SUPPOSED.into()), &all);
    }
    way
}

fn by_sample(before: &Before<'_>, duty: &Of, kinds: &[Id]) -> Vec<Way> {
    let all = before
        .ctx
        .history
        .sets()
        .flat_map(|c| c.editions())
        .flat_map(|p| &p.samples);
    let Some(sample) = all.into_iter().find(|s| s.id == duty.id) else {
        return Vec::new();
    };
    let mut way = Way::new(duty);
    let sampled = Need::Sampled { sample: sample.clone() };
    match before.case.members.iter().find(|m| m.sample.id == sample.id) {
        Some(member) => way
            .met
            .push((duty.clone(), Met::Event(member.by.event.clone(), Id::default()))),
        None => {
            let recorded = before.events.iter().rfind(|e| kinds.contains(&e.kind));
            let (at, data) = match recorded {
                Some(event) => {
                    way.met
                        .push((duty.clone(), Met::Event(event.id.clone(), event.kind.clone())));
                    (event.id.clone(), event.data.clone())
                }
                None => {
                    way.lack(Need::Happens { kinds: kinds.to_vec() });
                    (SUPPOSED.into(), Fields::default())
                }
            };
            way.open_case(before.case, before);
            way.tests(duty, &sample.when, &before.case.data, &data, &[at]);
        }
    }
    way.lack(sampled);
    vec![way]
}

/// How one rule follows on another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Following {
    Opened,
    Fulfilled,
    Breached,
}

fn by_rule(before: &Before<'_>, duty: &Of, rules: &[Id], how: Following, depth: u8) -> Vec<Way> {
    let mut ways = Vec::new();
    for rule in rules {
        let there = before
            .case
            .obligations
            .iter()
            .filter(|o| o.duty.id == *rule && o.is_owed());
        let there: Vec<&Obligation> = there.collect();
        for parent in &there {
            ways.push(after(before, duty, parent, how));
        }
        if !there.is_empty() {
            continue;
        }
        for parent in self::ways(before, rule, depth.saturating_sub(1)) {
            let mut way = parent.clone();
            way.duty = duty.clone();
            match how {
                Following::Opened => {}
                Following::Fulfilled => way.needs.push((
                    duty.clone(),
                    Need::Performed {
                        duty: parent.duty.clone(),
                    },
                )),
                Following::Breached => way.needs.push((
                    duty.clone(),
                    Need::Overdue {
                        duty: parent.duty.clone(),
                    },
                )),
            }
            let (mut at, mut said) = (vec![Id::from(SUPPOSED)], Fields::default());
            if let Some((_, Met::Event(event, _))) = parent.met.first() {
                at.push(event.clone());
                let event = before.events.iter().find(|e| e.id == *event);
                said = event.map(|e| e.data.clone()).unwrap_or_default();
            }
            if way.needs.iter().any(|(_, need)| matches!(need, Need::Occasion { .. })) {
                at.push(BEGUN.into());
                at.extend(before.events.iter().map(|e| e.id.clone()));
            }
            if how == Following::Fulfilled {
                (at, said) = (vec![DONE.into()], Fields::default());
            }
            // What the rule before has had supposed already need not be asked for again.
            let supposed: Vec<(Id, Option<Value>)> = way
                .needs
                .iter()
                .filter_map(|(_, need)| match need {
                    Need::Field { field, supposed, .. } => Some((field.clone(), supposed.clone())),
                    _ => None,
                })
                .collect();
            let mut data = before.case.data.clone();
            for (field, value) in supposed {
                if let Some(value) = value {
                    data.set(field, value);
                }
            }
            way.asks(duty, &data, &said, &at);
            ways.push(way);
        }
    }
    ways
}

/// What is lacking where the obligation that this one follows on is there.
fn after(before: &Before<'_>, duty: &Of, parent: &Obligation, how: Following) -> Way {
    let mut way = Way::new(duty);
    let own = |p: &Arc<Procedure>| p.duties.iter().find(|d| d.id == duty.id).cloned();
    if let Some(same) = before.ctx.history.standing_in(&parent.duty).and_then(own) {
        way.duty = same;
    }
    let rule = parent.duty.id.clone();
    let duty = way.duty.clone();
    let born = before.events.iter().position(|e| e.id == parent.trigger.event);
    let (mut data, mut said, mut at) = (before.case.data.clone(), Fields::default(), Vec::new());
    let ended = parent.end.as_ref();
    match how {
        Following::Opened => {
            way.met.push((duty.clone(), Met::Parent(rule, "opened")));
            if let Some(born) = born {
                let mut then = Case::default();
                for event in before.events.get(..=born).unwrap_or_default() {
                    then.step(before.id, event, &before.ctx);
                }
                data = then.data;
            }
            at.push(parent.trigger.event.clone());
        }
        Following::Fulfilled => match ended.filter(|e| e.how == Ending::Fulfilled) {
            Some(end) => {
                way.met.push((duty.clone(), Met::Parent(rule, "fulfilled")));
                at.push(end.by.event.clone());
                let by = before.events.iter().find(|e| e.id == end.by.event);
                said = by.map(|e| e.data.clone()).unwrap_or_default();
            }
            None => {
                if let Some(end) = ended {
                    way.lack(Need::NotEnded {
                        events: vec![end.by.event.clone()],
                    });
                }
                way.lack(Need::Performed {
                    duty: parent.duty.clone(),
                });
                at.push(DONE.into());
            }
        },
        Following::Breached => {
            let passed = parent.due.passed(before.as_of) && ended.is_none_or(|e| parent.due.passed(e.by.at));
            if passed {
                way.met.push((duty.clone(), Met::Parent(rule, "breached")));
            } else {
                way.lack(Need::Overdue {
                    duty: parent.duty.clone(),
                });
            }
            at.push(parent.trigger.event.clone());
        }
    }
    way.asks(&duty, &data, &said, &at);
    way
}

/// The titles of duties, for telling of them.
pub(super) fn title(before: &Before<'_>, rule: &Id) -> String {
    duty_now(before, rule).map_or_else(|| rule.to_string(), |d: Arc<Duty>| d.title.to_string())
}

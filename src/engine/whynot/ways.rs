//! The ways in which an obligation of a rule could come to be, each with what it lacks.

use super::need::{self, DONE, Need, SUPPOSED};
use super::{Before, MAX_DEPTH, Of};
use crate::domain::event::Event;
use crate::domain::value::{Fields, Value};
use crate::engine::case::Case;
use crate::engine::consent;
use crate::engine::obligation::{Ending, Obligation};
use crate::engine::recur::State;
use crate::policy::model::{Beat, Condition, Course, Duty, Id, Limit, Many, Procedure, Test, Timing, Trigger};
use chrono::Months;
use std::sync::Arc;

/// A way in which an obligation could come to be: what is met of its conditions and what is not, each with the duty
/// whose condition it is.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub duty: Of,
    pub met: Vec<(Of, Met)>,
    pub needs: Vec<(Of, Need)>,
}

/// A condition that is met.
#[derive(Clone, Debug)]
pub(super) enum Met {
    /// This event was recorded.
    Event(Id, Id),
    /// A field says what it must.
    Field(Id, Test, Option<Value>),
    /// An obligation that it follows on is there, or is done, or is overdue.
    Parent(Id, &'static str),
}

/// The ways of a rule, as far as rules that it follows on are looked into.
pub(super) fn ways(before: &Before<'_>, rule: &Id, depth: u8) -> Vec<Way> {
    let Some(duty) = duty_now(before, rule).filter(|_| depth > 0) else {
        return Vec::new();
    };
    if let Some(undrawn) = before.case.obligations.iter().find(|o| o.duty.id == *rule && !o.is_owed()) {
        let key = undrawn.key();
        return vec![Way {
            duty: undrawn.duty.clone(),
            met: vec![(
                undrawn.duty.clone(),
                Met::Event(undrawn.trigger.event.clone(), Id::default()),
            )],
            needs: vec![(undrawn.duty.clone(), Need::Drawn { key })],
        }];
    }
    if before.case.obligations.iter().any(|o| o.duty.id == *rule && depth == MAX_DEPTH) {
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
    let recorded = before.events.iter().enumerate().filter(|(_, e)| kinds.contains(&e.kind));
    let mut ways: Vec<Way> = recorded.map(|(ix, event)| by_recorded(before, duty, ix, event)).collect();
    if ways.is_empty() {
        let mut way = Way::new(duty);
        way.lack(Need::Happens { kinds: kinds.to_vec() });
        way.open_case(before.case, before);
        way.asks(duty, &before.case.data, &Fields::default(), &[SUPPOSED.into()]);
        way.anchor(before);
        ways.push(way);
    }
    ways
}

fn by_recorded(before: &Before<'_>, duty: &Of, ix: usize, event: &Event) -> Way {
    let editions = before.ctx.history.editions(event);
    let deciding = editions.iter().flat_map(|p| &p.duties).find(|d| d.id == duty.id).cloned();
    let mut way = Way::new(deciding.as_ref().unwrap_or(duty));
    way.met.push((duty.clone(), Met::Event(event.id.clone(), event.kind.clone())));
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
    let data = if recurs || duty.from.is_some() { &before.case.data } else { &then.data };
    way.asks(&duty, data, &event.data, std::slice::from_ref(&event.id));
    way.anchor(before);
    way.series(before, event);
    way
}

fn by_occasion(before: &Before<'_>, duty: &Of, kinds: &[Id]) -> Way {
    let mut way = Way::new(duty);
    let (kinds, of) = (kinds.to_vec(), duty.clone());
    way.lack(Need::Occasion { kinds, duty: of });
    way.open_case(before.case, before);
    let own = duty.when.0.iter().filter(|(field, _)| before.case.data.get(field).is_some());
    let own = Condition(own.cloned().collect());
    let all: Vec<Id> = before.events.iter().map(|e| e.id.clone()).collect();
    way.tests(duty, &own, &before.case.data, &Fields::default(), &all);
    way
}

fn by_sample(before: &Before<'_>, duty: &Of, kinds: &[Id]) -> Vec<Way> {
    let all = before.ctx.history.sets().flat_map(|c| c.editions()).flat_map(|p| &p.samples);
    let Some(sample) = all.into_iter().find(|s| s.id == duty.id) else {
        return Vec::new();
    };
    let mut way = Way::new(duty);
    let sampled = Need::Sampled { sample: sample.clone() };
    match before.case.members.iter().find(|m| m.sample.id == sample.id) {
        Some(member) => way.met.push((duty.clone(), Met::Event(member.by.event.clone(), Id::default()))),
        None => {
            let recorded = before.events.iter().rfind(|e| kinds.contains(&e.kind));
            let (at, data) = match recorded {
                Some(event) => {
                    way.met.push((duty.clone(), Met::Event(event.id.clone(), event.kind.clone())));
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
        let there = before.case.obligations.iter().filter(|o| o.duty.id == *rule && o.is_owed());
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
    if let Some(same) = before.ctx.history.in_edition(&parent.duty.head.edition).and_then(own) {
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

impl Way {
    fn new(duty: &Of) -> Way {
        Way {
            duty: duty.clone(),
            met: Vec::new(),
            needs: Vec::new(),
        }
    }

    fn lack(&mut self, need: Need) {
        self.needs.push((self.duty.clone(), need));
    }

    /// The case must not have been ended.
    fn open_case(&mut self, then: &Case, before: &Before<'_>) {
        if !then.cancelled {
            return;
        }
        let ends = |e: &&Event| {
            let what = before.ctx.history.event_type(e);
            what.is_some_and(|what| matches!(what.course, Course::Cancel | Course::Merge))
        };
        let events = before.events.iter().filter(ends).map(|e| e.id.clone()).collect();
        self.lack(Need::NotEnded { events });
    }

    /// The conditions of a duty on the case, its wishes, its dates and its members.
    fn asks(&mut self, duty: &Of, data: &Fields, said: &Fields, at: &[Id]) {
        self.tests(duty, &duty.when, data, said, at);
        let mut known = data.clone();
        known.merge(said);
        for (_, need) in &self.needs {
            if let Need::Field {
                field,
                supposed: Some(value),
                ..
            } = need
            {
                known.set(field.clone(), value.clone());
            }
        }
        let stopping = consent::holding(duty, &known).filter(|c| c.limit == Limit::Stop);
        let stopping: Vec<_> = stopping.cloned().collect();
        for consent in stopping {
            if let Some((field, test)) = consent.when.0.first() {
                let (field, supposed) = (field.clone(), need::failing(test));
                let (of, need) = (duty.clone(), Need::Wishes { consent, field, supposed });
                self.needs.push((of, need));
            }
        }
        if let Some(Many::Share { of, .. } | Many::Drawn { of, .. }) = duty.count.as_ref().map(|c| &c.many)
            && known.get(of).is_none_or(|v| v.members() == 0)
        {
            let members: Vec<Id> = (1..=20).map(|n| Id::from(n.to_string())).collect();
            self.fill(duty, of, &known, Value::List(members.into()), at);
        }
    }

    fn tests(&mut self, duty: &Of, when: &Condition, data: &Fields, said: &Fields, at: &[Id]) {
        let mut done: Vec<Id> = Vec::new();
        for (field, test) in &when.0 {
            let value = said.get(field).or_else(|| data.get(field));
            if test.holds(value) {
                let met = Met::Field(field.clone(), test.clone(), value.cloned());
                self.met.push((duty.clone(), met));
                continue;
            }
            if done.contains(field) {
                continue;
            }
            done.push(field.clone());
            let tests: Vec<Test> = when.0.iter().filter(|(f, _)| f == field).map(|(_, t)| t.clone()).collect();
            let need = Need::Field {
                field: field.clone(),
                supposed: need::passing(&tests, value),
                tests,
                value: value.cloned(),
                at: at.to_vec(),
            };
            self.needs.push((duty.clone(), need));
        }
    }

    fn fill(&mut self, duty: &Of, field: &Id, known: &Fields, supposed: Value, at: &[Id]) {
        let need = Need::Field {
            field: field.clone(),
            tests: Vec::new(),
            value: known.get(field).cloned(),
            supposed: Some(supposed),
            at: at.to_vec(),
        };
        self.needs.push((duty.clone(), need));
    }

    /// The event that the term is counted from.
    fn anchor(&mut self, before: &Before<'_>) {
        let Some(from) = self.duty.from.clone() else { return };
        if !before.events.iter().any(|e| e.kind == from) {
            self.lack(Need::Anchor { kind: from });
        }
    }

    /// What keeps a series or reminders from going on.
    fn series(&mut self, before: &Before<'_>, trigger: &Event) {
        let duty = self.duty.clone();
        let (until, field) = match &duty.timing {
            Timing::Recurring { until, rhythm } => {
                let beats = rhythm.paces.iter().map(|pace| &pace.beat);
                let field = beats.filter_map(|beat| match beat {
                    Beat::Birthday(field) => Some((field, false)),
                    Beat::Interval(field) => Some((field, true)),
                    _ => None,
                });
                (until, field.into_iter().next())
            }
            Timing::Reminder { until, field, .. } => (until, Some((field, false))),
            _ => return,
        };
        let ended = before.events.iter().filter(|e| until.contains(&e.kind));
        let ended: Vec<Id> = ended.map(|e| e.id.clone()).collect();
        let mine = before.case.series.iter().find(|s| s.duty.id == duty.id);
        let runs = mine.is_some() || before.case.reminders.iter().any(|p| p.duty.id == duty.id);
        if !runs && !ended.is_empty() {
            self.lack(Need::NotEnded { events: ended });
        }
        let sleeps = mine.is_none_or(|s| matches!(s.state, State::Sleeps));
        let Some((field, number)) = field.filter(|_| sleeps) else { return };
        let zone = before.ctx.history.zone();
        let ahead = zone.date(before.as_of).checked_add_months(Months::new(13));
        let supposed = match number {
            true => Value::Int(30),
            false => Value::Text(ahead.map(|on| on.to_string()).unwrap_or_default().into()),
        };
        let known = before.case.data.clone();
        self.fill(&duty, field, &known, supposed, std::slice::from_ref(&trigger.id));
    }
}

/// The titles of duties, for telling of them.
pub(super) fn title(before: &Before<'_>, rule: &Id) -> String {
    duty_now(before, rule).map_or_else(|| rule.to_string(), |d: Arc<Duty>| d.title.to_string())
}

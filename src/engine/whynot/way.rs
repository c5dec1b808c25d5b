//! A way in which an obligation could come to be: what is met of it, and what is lacking.

use super::need::{self, Need};
use super::{Before, Of};
use crate::domain::event::Event;
use crate::domain::value::{Fields, Value};
use crate::engine::case::Case;
use crate::engine::consent;
use crate::engine::recur::State;
use crate::policy::model::{Beat, Condition, Course, Id, Limit, Many, Test, Timing};
use chrono::Months;

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

impl Way {
    pub fn new(duty: &Of) -> Way {
        Way {
            duty: duty.clone(),
            met: Vec::new(),
            needs: Vec::new(),
        }
    }

    pub fn lack(&mut self, need: Need) {
        self.needs.push((self.duty.clone(), need));
    }

    /// The case must not have been ended.
    pub fn open_case(&mut self, then: &Case, before: &Before<'_>) {
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
    pub fn asks(&mut self, duty: &Of, data: &Fields, said: &Fields, at: &[Id]) {
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
                let (of, need) = (
                    duty.clone(),
                    Need::Wishes {
                        consent,
                        field,
                        supposed,
                    },
                );
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

    pub fn tests(&mut self, duty: &Of, when: &Condition, data: &Fields, said: &Fields, at: &[Id]) {
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
            let tests: Vec<Test> = when
                .0
                .iter()
                .filter(|(f, _)| f == field)
                .map(|(_, t)| t.clone())
                .collect();
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

    pub fn fill(&mut self, duty: &Of, field: &Id, known: &Fields, supposed: Value, at: &[Id]) {
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
    pub fn anchor(&mut self, before: &Before<'_>) {
        let Some(from) = self.duty.from.clone() else { return };
        if !before.events.iter().any(|e| e.kind == from) {
            self.lack(Need::Anchor { kind: from });
        }
    }

    /// The dates that a series or reminders wait for, of a case that does not have them.
    pub fn dated(&mut self, before: &Before<'_>, at: &Id) {
        let duty = self.duty.clone();
        let Some((_, Some((field, number)))) = beats(&duty.timing) else {
            return;
        };
        let known = before.case.data.clone();
        if known.get(field).is_none_or(|value| !value.is_filled()) {
            let supposed = coming(before, number);
            self.fill(&duty, field, &known, supposed, std::slice::from_ref(at));
        }
    }

    /// What keeps a series or reminders from going on.
    pub fn series(&mut self, before: &Before<'_>, trigger: &Event) {
        let duty = self.duty.clone();
        let Some((until, field)) = beats(&duty.timing) else {
            return;
        };
        let ended = before.events.iter().filter(|e| until.contains(&e.kind));
        let ended: Vec<Id> = ended.map(|e| e.id.clone()).collect();
        let mine = before.case.series.iter().find(|s| s.duty.id == duty.id);
        let runs = mine.is_some() || before.case.reminders.iter().any(|p| p.duty.id == duty.id);
        if !runs && !ended.is_empty() {
            self.lack(Need::NotEnded { events: ended });
        }
        let sleeps = mine.is_none_or(|s| matches!(s.state, State::Sleeps));
        let Some((field, number)) = field.filter(|_| sleeps) else {
            return;
        };
        let supposed = coming(before, number);
        let known = before.case.data.clone();
        self.fill(&duty, field, &known, supposed, std::slice::from_ref(&trigger.id));
    }
}

/// The field that a series or reminders wait for, and whether it is a number of days.
type Awaited<'a> = Option<(&'a Id, bool)>;

/// The events that end a series or reminders, and the field that they wait for.
fn beats(timing: &Timing) -> Option<(&Vec<Id>, Awaited<'_>)> {
    match timing {
        Timing::Recurring { until, rhythm } => {
            let mut beats = rhythm.paces.iter().map(|pace| &pace.beat);
            let field = beats.find_map(|beat| match beat {
                Beat::Birthday(field) => Some((field, false)),
                Beat::Interval(field) => Some((field, true)),
                _ => None,
            });
            Some((until, field))
        }
        Timing::Reminder { until, field, .. } => Some((until, Some((field, false)))),
        _ => None,
    }
}

/// A number of days, or a date ahead.
fn coming(before: &Before<'_>, number: bool) -> Value {
    let today = before.ctx.history.zone().date(before.as_of);
    let ahead = today.checked_add_months(Months::new(13));
    match number {
        true => Value::Int(30),
        false => Value::Text(ahead.map(|on| on.to_string()).unwrap_or_default().into()),
    }
}

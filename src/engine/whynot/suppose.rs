//! The evaluator, asked with data that are only supposed.

use super::Before;
use super::need::{BEGUN, DONE, Need, SUPPOSED};
use crate::domain::event::{Actor, Event};
use crate::domain::value::{Fields, Value};
use crate::domain::zone::Instant;
use crate::engine::case::{Case, Context, TopUp};
use crate::engine::lot::{Entry, Lot};
use crate::engine::obligation::{Happening, Obligation};
use crate::engine::occasion::{Occasion, Occasions};
use crate::engine::sample::{self, Drawings, PeriodDraw};
use crate::policy::model::{Duty, FieldType, Id, Same, Test};
use chrono::TimeDelta;
use std::collections::HashMap;
use std::sync::Arc;

/// The most performances that are supposed where a duty asks for several.
const MAX_PERFORMANCES: usize = 400;

struct Supposed {
    events: Vec<Event>,
    as_of: Instant,
    topped: HashMap<Id, TopUp>,
    occasions: Occasions,
    drawings: Drawings,
}

/// Whether the case has an obligation of a rule when these needs are supposed to be met.
pub(super) fn arises(before: &Before<'_>, rule: &Id, needs: &[&Need]) -> bool {
    let mut supposed = Supposed {
        events: before.events.to_vec(),
        as_of: before.as_of,
        topped: before.ctx.topped.clone(),
        occasions: before.ctx.occasions.clone(),
        drawings: before.ctx.drawings.clone(),
    };
    let mut needs = needs.to_vec();
    needs.sort_by_key(|need| need.rank());
    for need in &needs {
        supposed.put(before, need);
    }
    // What an event says that was supposed last.
    for need in needs.iter().filter(|need| need.rank() == 3) {
        supposed.put(before, need);
    }
    let case = supposed.fold(before);
    let owed = |o: &Obligation| o.duty.id == *rule && o.is_owed();
    case.obligations.iter().any(owed)
}

impl Supposed {
    fn fold(&self, before: &Before<'_>) -> Case {
        let ctx = Context {
            topped: &self.topped,
            occasions: &self.occasions,
            drawings: &self.drawings,
            ..before.ctx
        };
        let mut case = Case::fold(before.id, &self.events, &ctx);
        case.advance(before.id, self.as_of, &ctx);
        case
    }

    fn put(&mut self, before: &Before<'_>, need: &Need) {
        match need {
            Need::NotEnded { events } => self.events.retain(|e| !events.contains(&e.id)),
            Need::InForce { event, effective, .. } => {
                let zone = before.ctx.history.zone();
                let Ok(at) = zone.start_of(*effective) else { return };
                for e in self.events.iter_mut().filter(|e| e.id == *event) {
                    e.occurred_at = at;
                }
                self.as_of = self.as_of.max(at);
            }
            Need::Happens { kinds } => {
                let own = kinds.iter().find(|k| k.split('.').next() == Some(&*before.case.kind));
                if let Some(kind) = own.or(kinds.first()) {
                    self.add(before, SUPPOSED, kind, self.as_of, Fields::default());
                }
            }
            Need::Kind { event, .. } => {
                // The first event makes a case what it is.
                let first = self.events.iter().map(|e| e.occurred_at).min().unwrap_or(self.as_of);
                let at = first.checked_sub_signed(TimeDelta::milliseconds(1)).unwrap_or(first);
                self.add(before, BEGUN, event, at, Fields::default());
                self.events.rotate_right(1);
            }
            Need::Anchor { kind } => self.add(before, SUPPOSED, kind, self.as_of, Fields::default()),
            Need::Field {
                field, supposed, at, ..
            } => self.say(field, supposed.as_ref(), at),
            Need::Wishes { field, supposed, .. } => {
                let all: Vec<Id> = self.events.iter().map(|e| e.id.clone()).collect();
                match supposed {
                    None => self.say(field, None, &all),
                    supposed => self.say(field, supposed.as_ref(), all.get(..1).unwrap_or_default()),
                }
            }
            Need::Drawn { rule } => {
                let case = self.fold(before);
                let undrawn = case.obligations.iter().filter(|o| o.duty.id == *rule && !o.is_owed());
                for o in undrawn {
                    let top = TopUp {
                        at: self.as_of,
                        due: o.due,
                        provisional: o.provisional,
                    };
                    self.topped.insert(o.key().id(before.id).into(), top);
                }
            }
            Need::Sampled { sample } => self.draw(before, &sample.id),
            Need::Occasion { kinds, duty } => self.befall(before, kinds, duty),
            Need::Performed { duty } => self.perform(before, duty),
            Need::Overdue { duty } => self.miss(before, duty),
            Need::Secret => {}
        }
    }

    fn add(&mut self, before: &Before<'_>, id: &str, kind: &Id, at: Instant, data: Fields) {
        let last = self.events.iter().map(|e| e.seq).max().unwrap_or(before.case.head);
        self.events.push(Event {
            seq: last.saturating_add(1),
            id: id.into(),
            source: SUPPOSED.into(),
            kind: kind.clone(),
            case: before.id.into(),
            occurred_at: at,
            recorded_at: at,
            actor: Actor::default(),
            data,
            corrects: None,
            retracts: None,
            cause: None,
            effects_from: None,
        });
    }

    /// Lets events say something of a field, and all later ones that say anything of it.
    fn say(&mut self, field: &Id, value: Option<&Value>, at: &[Id]) {
        let from = self.events.iter().position(|e| at.contains(&e.id));
        for (ix, event) in self.events.iter_mut().enumerate() {
            let says = event.data.get(field).is_some() && from.is_some_and(|from| from <= ix);
            match value {
                Some(value) if at.contains(&event.id) || says => event.data.set(field.clone(), value.clone()),
                Some(_) => {}
                None => {
                    let kept = event.data.iter().filter(|(name, _)| *name != field);
                    event.data = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
                }
            }
        }
    }

    /// Draws the case in every period of a sample that it belongs to.
    fn draw(&mut self, before: &Before<'_>, sample: &Id) {
        let zone = before.ctx.history.zone();
        let case = self.fold(before);
        for member in case.members.iter().filter(|m| m.sample.id == *sample) {
            let Ok(at) = zone.end_of(member.last_on) else { continue };
            let me = Entry {
                member: before.id.into(),
                stratum: sample::stratum(&member.sample, before.id, &case),
            };
            self.as_of = self.as_of.max(at);
            self.drawings.add(PeriodDraw {
                sample: member.sample.clone(),
                last_on: member.last_on,
                at,
                lot: Lot {
                    frame: vec![me.clone()],
                    seed: [0; 32],
                    drawn: vec![me],
                },
            });
        }
    }

    /// Lets something happen to another case that this one goes with.
    fn befall(&mut self, before: &Before<'_>, kinds: &[Id], duty: &Arc<Duty>) {
        let (Some(audience), Some(_)) = (&duty.audience, kinds.first()) else {
            return;
        };
        let case = self.fold(before);
        let (mut data, mut of) = (Fields::default(), Id::from(SUPPOSED));
        for (field, same) in &audience.pairs {
            match (case.data.get(field), same) {
                (Some(value), Same::Case) => of = value.text().as_ref().into(),
                (Some(value), Same::Field(other)) => data.set(other.clone(), value.clone()),
                (None, _) => {}
            }
        }
        for (field, test) in &duty.when.0 {
            if let Some(value) = super::need::passing(std::slice::from_ref(test), None) {
                data.set(field.clone(), value);
            }
        }
        let what = Happening {
            event: SUPPOSED.into(),
            at: self.as_of,
            recorded_at: self.as_of,
        };
        let occasion = Occasion {
            duty: duty.clone(),
            case: of,
            what,
            seq: u64::MAX,
            data,
        };
        self.occasions.replace(&[], &[Arc::new(occasion)]);
    }

    /// Lets what a duty asks for be done, as often as it asks.
    fn perform(&mut self, before: &Before<'_>, duty: &Arc<Duty>) {
        for n in 0..MAX_PERFORMANCES {
            let case = self.fold(before);
            let mut live = case.obligations.iter();
            let Some(o) = live.find(|o| o.duty.id == duty.id && o.is_live() && o.is_owed()) else {
                return;
            };
            let of_kind = |d: &&crate::policy::model::Done| d.event.split('.').next() == Some(&*case.kind);
            let Some(done) = duty.done.iter().find(of_kind).or(duty.done.first()) else {
                return;
            };
            let at = self.as_of.max(o.opens_at);
            let mut data = Fields::default();
            if let Some(record) = &done.record {
                let fields = record.fields.iter();
                for (field, kind) in fields {
                    data.set(field.clone(), plausible(kind, at, before, o));
                }
                for field in record
                    .required
                    .iter()
                    .flat_map(|r| r.fields.iter().map(move |f| (f, r)))
                {
                    if field.1.signed {
                        data.set(field.0.clone(), Value::Bool(true));
                    }
                }
            }
            for (field, _) in &duty.done_when.0 {
                let tests: Vec<Test> = tests_of(duty, field);
                if let Some(value) = super::need::passing(&tests, None) {
                    data.set(field.clone(), value);
                }
            }
            if o.joint {
                data.set("participants".into(), Value::List(o.roles.clone()));
            }
            if let Some(field) = duty.count.as_ref().and_then(|c| c.distinct.as_ref()) {
                let waiting = sample::outstanding(&case, o);
                let whom = waiting.first().cloned().unwrap_or_else(|| format!("{DONE}{n}").into());
                data.set(field.clone(), Value::Text(whom));
            }
            let kind = done.event.clone();
            self.add(before, DONE, &kind, at, data);
            self.as_of = self.as_of.max(at);
        }
    }

    /// Lets a duty be missed: time passes, and what ended it in time did not happen.
    fn miss(&mut self, before: &Before<'_>, duty: &Arc<Duty>) {
        for _ in 0..8 {
            let case = self.fold(before);
            let mine = case.obligations.iter().rfind(|o| o.duty.id == duty.id && o.is_owed());
            let Some(o) = mine else { return };
            if let Some(end) = &o.end {
                let by = end.by.event.clone();
                self.events.retain(|e| e.id != by);
                continue;
            }
            let passed = o.due.at().checked_add_signed(TimeDelta::seconds(1));
            self.as_of = self.as_of.max(passed.unwrap_or(self.as_of));
            return;
        }
    }
}

/// All tests of a field in a duty's condition on its performance.
fn tests_of(duty: &Duty, field: &Id) -> Vec<Test> {
    let of = duty.done_when.0.iter().filter(|(f, _)| f == field);
    of.map(|(_, test)| test.clone()).collect()
}

/// A value that a form would take.
fn plausible(kind: &FieldType, at: Instant, before: &Before<'_>, o: &Obligation) -> Value {
    let zone = before.ctx.history.zone();
    let text = |text: String| Value::Text(text.into());
    match kind {
        FieldType::Choice(choices) => Value::Text(choices.first().cloned().unwrap_or_default()),
        FieldType::Number | FieldType::Members => Value::Int(1),
        FieldType::Bool | FieldType::Any => Value::Bool(true),
        FieldType::Date => text(zone.date(at).to_string()),
        FieldType::Time => text(zone.rfc3339(at)),
        FieldType::List => Value::List(Arc::from([Id::from("—")])),
        FieldType::Roles => Value::List(o.roles.clone()),
        FieldType::Text | FieldType::Person => text("—".to_owned()),
    }
}

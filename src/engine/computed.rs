//! What is worked out in the fold: computed fields, and whether a script accepts a record. Scripts are pure, so that
//! what they answer is the same whenever a case is folded. One that fails loses nothing: its field takes the value that
//! the policy has for that, its record is not accepted, and the administrator is to look at it.

use crate::domain::date::whole_years;
use crate::domain::event::Event;
use crate::domain::value::{Fields, Value};
use crate::domain::zone::Zone;
use crate::engine::case::{Case, Context, happening, happening_end};
use crate::engine::obligation::{Drawn, Ending, More, Obligation};
use crate::engine::open::{self, ADMINISTRATOR};
use crate::policy::model::{Accept, Compute, Computed, Course, Duty, FieldType, Id};
use crate::script::{Fault, Function};
use std::sync::Arc;

/// The most that a record may lack in a script's words, and the longest of these, in characters.
const MAX_MISSING: (usize, usize) = (50, 200);

/// Works the computed fields of a case out after an event; adds those that changed to `changed`.
pub fn refresh(case: &mut Case, event: &Event, changed: &mut Vec<Id>, ctx: &Context<'_>) {
    let (zone, what) = (ctx.history.zone(), ctx.history.event_type(event));
    let Some(kind) = ctx.history.at(event.seq).kinds.get(&case.kind) else {
        return;
    };
    for computed in &kind.computed {
        let value = match &computed.how {
            Compute::YearsSince(field) => case.data.get(field).and_then(|value| {
                let from = value
                    .as_date()
                    .or_else(|| Some(zone.date(zone.parse_instant(value.as_text()?).ok()?)))?;
                Some(Value::Int(whole_years(from, zone.date(event.occurred_at))))
            }),
            Compute::Count(counted) => {
                let anew = what.is_some_and(|w| w.course == Course::Reopen);
                let before = match case.data.get(&computed.field) {
                    Some(Value::Int(n)) if !anew => *n,
                    _ => 0,
                };
                Some(Value::Int(before.saturating_add(i64::from(event.kind == *counted))))
            }
            Compute::Script {
                function,
                from,
                otherwise,
            } => {
                let asks = from.iter().any(|field| changed.contains(field)) || under_review(case, &computed.review);
                if !asks {
                    continue;
                }
                Some(match answer(case, computed, function, from) {
                    Ok(value) => {
                        settle(case, &computed.review, event);
                        value
                    }
                    Err(fault) => {
                        review(case, &computed.review, &fault, event, zone);
                        otherwise.clone()
                    }
                })
            }
        };
        if let Some(value) = value.filter(|value| case.data.get(&computed.field) != Some(value)) {
            case.data.set(computed.field.clone(), value);
            changed.push(computed.field.clone());
        }
    }
}

fn answer(case: &Case, computed: &Computed, function: &Function, from: &[Id]) -> Result<Value, Fault> {
    let data: Vec<(&str, Option<&Value>)> = from.iter().map(|f| (&**f, case.data.get(f))).collect();
    let value = function.call(&data)?;
    match holds(computed, &value) {
        true => Ok(value),
        false => Err(unfit(computed, function.name(), &value)),
    }
}

/// Whether a computed field may hold a value.
pub fn holds(computed: &Computed, value: &Value) -> bool {
    fits(&computed.kind, value)
}

/// The fault of a function that answered what its field may not hold.
pub fn unfit(computed: &Computed, function: &str, value: &Value) -> Fault {
    let shown: String = value.to_string().chars().take(80).collect();
    let field = &computed.field;
    Fault(format!(
        "script `{function}`: the answer `{shown}` is none that the field `{field}` may hold"
    ))
}

/// Whether a field of that type may hold a value.
fn fits(kind: &FieldType, value: &Value) -> bool {
    match (kind, value) {
        (FieldType::Choice(values), Value::Text(text)) => values.contains(text),
        (FieldType::Date, value) => value.as_date().is_some(),
        (FieldType::Text | FieldType::Person | FieldType::Time, Value::Text(_)) => true,
        (FieldType::Number, Value::Int(_)) | (FieldType::Bool, Value::Bool(_)) => true,
        (FieldType::List | FieldType::Roles, Value::List(_)) => true,
        (FieldType::Members, Value::Int(_) | Value::List(_)) => true,
        (FieldType::Any, value) => !matches!(value, Value::List(_)),
        _ => false,
    }
}

/// What a record lacks in the words of its script; a fault is one more thing that it lacks.
pub fn judge(case: &mut Case, accept: &Accept, brought: &Fields, event: &Event, zone: Zone) -> Vec<Id> {
    let value = |field: &Id| brought.get(field).or_else(|| case.data.get(field));
    let data: Vec<(&str, Option<&Value>)> = accept.fields.iter().map(|f| (&**f, value(f))).collect();
    let judged = accept.function.call(&data).and_then(|answer| match answer {
        Value::List(texts) => Ok(texts),
        _ => {
            let name = accept.function.name();
            Err(Fault(format!("script `{name}`: the answer is not a list of texts")))
        }
    });
    match judged {
        Ok(texts) => {
            settle(case, &accept.review, event);
            let (most, longest) = MAX_MISSING;
            let cut = |text: &Arc<str>| -> Id { text.chars().take(longest).collect::<String>().into() };
            texts.iter().take(most).map(cut).collect()
        }
        Err(fault) => {
            review(case, &accept.review, &fault, event, zone);
            vec![fault.0.into()]
        }
    }
}

fn under_review(case: &Case, duty: &Duty) -> bool {
    case.obligations.iter().any(|o| o.is_live() && o.duty.id == duty.id)
}

/// Lets the administrator owe a look at what failed, or tells him of the latest fault.
fn review(case: &mut Case, duty: &Arc<Duty>, fault: &Fault, event: &Event, zone: Zone) {
    let live = case
        .obligations
        .iter()
        .position(|o| o.is_live() && o.duty.id == duty.id);
    if let Some(obligation) = live.and_then(|ix| case.obligations.get_mut(ix)) {
        obligation.more_mut().fault = Some(fault.0.clone());
        return;
    }
    let more = More {
        fault: Some(fault.0.clone()),
        ..More::default()
    };
    let obligation = Obligation {
        duty: Arc::clone(duty),
        cycle: case.cycle,
        occurrence: case.next_nth(duty),
        opens_at: event.occurred_at,
        due: open::same_day(zone, event.occurred_at),
        provisional: false,
        roles: Arc::from([Id::from(ADMINISTRATOR)]),
        joint: false,
        drawn: Drawn::All,
        end: None,
        parent: None,
        trigger: happening(event),
        more: Some(Box::new(more)),
    };
    case.obligations.push(obligation);
}

/// Ends the look at what does not fail any more.
fn settle(case: &mut Case, duty: &Duty, event: &Event) {
    case.obligations.change(
        |o| o.is_live() && o.duty.id == duty.id,
        |o| o.end = Some(happening_end(Ending::Cancelled, event)),
    );
}

//! What of the outside is taken as an event, and what is refused and why.

use crate::domain::event::{
    Actor, CONFIRMED, DISPOSED, EXTENDED, Event, MARKED, PENALTY_DECIDED, TARGET_DECIDED, WAIVED, is_reserved,
};
use crate::domain::fraction::Fraction;
use crate::domain::value::{Fields, Value};
use crate::domain::zone::Instant;
use crate::policy::finding::Text;
use crate::policy::model::{Company, EventType, FieldType, Id, Kind};
use chrono::{TimeDelta, Timelike};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How far in the future an event may lie: clocks differ a little.
pub const SKEW_MINUTES: i64 = 5;

/// The longest id that is taken, in bytes.
pub const MAX_ID: usize = 160;

/// The longest text that is taken as a value, in bytes.
pub const MAX_TEXT: usize = 16 * 1024;

/// The most members of a list that are taken.
pub const MAX_LIST: usize = 20_000;

/// An event as it comes in: our own shape, or CloudEvents in structured mode (`subject` is the case, `time` is when it
/// occurred).
#[derive(Clone, Debug, Deserialize, Serialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Incoming {
    /// Its id, unique for its source.
    pub id: String,
    /// The system that reports it; `""` where there is only one.
    #[serde(default)]
    pub source: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The case.
    #[serde(default, alias = "subject")]
    pub case: String,
    /// When it occurred: RFC 3339, or a local time of the company's zone.
    #[serde(default, alias = "time")]
    pub occurred_at: String,
    /// Who did it.
    #[serde(default)]
    pub actor: Option<IncomingActor>,
    /// What it says.
    #[serde(default)]
    pub data: serde_json::Map<String, serde_json::Value>,
    /// The earlier event whose content it replaces.
    #[serde(default)]
    pub corrects: Option<String>,
    /// The earlier event that it takes back.
    #[serde(default)]
    pub retracts: Option<String>,
    /// CloudEvents' version, `1.0`; not kept.
    #[serde(default, skip_serializing)]
    pub specversion: Option<String>,
}

/// Who did it.
#[derive(Clone, Debug, Deserialize, Serialize, Default)]
#[serde(deny_unknown_fields)]
pub struct IncomingActor {
    /// The person's id.
    #[serde(default)]
    pub person: Option<String>,
    /// The role in which it was done.
    #[serde(default)]
    pub role: Option<String>,
}

/// Why an event is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", message.en)]
pub struct Refusal {
    /// A stable code.
    pub code: &'static str,
    /// The offending field as a JSON pointer.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub message: Text,
    /// The clause that asks for it.
    pub clause: Option<Id>,
    /// What a gate needs and is not so.
    pub unmet: Box<[Unmet]>,
}

/// A need of a gate that is not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unmet {
    /// What it is called.
    pub title: Id,
    /// The clause that asks for it.
    pub clause: Option<Id>,
}

impl Refusal {
    /// A refusal without a clause.
    pub fn new(code: &'static str, pointer: impl Into<String>, zh: String, en: String) -> Refusal {
        Refusal {
            code,
            pointer: pointer.into(),
            message: Text::new(zh, en),
            clause: None,
            unmet: Box::default(),
        }
    }

    fn by(self, clause: Option<Id>) -> Refusal {
        Refusal { clause, ..self }
    }
}

/// Takes an event of a company, or refuses it. `now` is when it was received; the event has no place in the record yet.
pub fn take(company: &Company, incoming: &Incoming, now: Instant) -> Result<Event, Refusal> {
    check_id("id", &incoming.id)?;
    check_id("case", &incoming.case)?;
    if incoming.source.len() > MAX_ID || incoming.source == crate::domain::event::OWN_SOURCE {
        let en = "`source` may have at most 160 bytes, and `guicheng` is reserved".to_owned();
        return Err(Refusal::new(
            "bad-id",
            "/source",
            "`source` 最多160字节，且不得为 guicheng".to_owned(),
            en,
        ));
    }
    if incoming.kind == MARKED {
        let zh = format!("`{MARKED}` 只由系统自行报告");
        let en = format!("`{MARKED}` is reported by the system alone");
        return Err(Refusal::new("unknown-type", "/type", zh, en));
    }
    let occurred_at = occurred_at(company, incoming, now)?;
    let shape = match is_reserved(&incoming.kind) {
        true => None,
        false => Some(event_type(company, &incoming.kind)?),
    };
    let data = match (&incoming.retracts, shape) {
        (Some(_), _) => Fields::default(),
        (None, Some((kind, event))) => data(company, kind, event, incoming)?,
        (None, None) => reserved(company, incoming)?,
    };
    if incoming.corrects.is_some() && incoming.retracts.is_some() {
        let zh = "corrects 和 retracts 只能写一个".to_owned();
        let en = "an event either corrects or retracts, not both".to_owned();
        return Err(Refusal::new("bad-value", "/retracts", zh, en));
    }
    let actor = incoming.actor.clone().unwrap_or_default();
    if let Some(role) = actor.role.as_ref().filter(|r| !company.roles.contains_key(r.as_str())) {
        return Err(unknown(
            "unknown-role",
            "/actor/role",
            "角色",
            "role",
            role,
            company.roles.keys(),
        ));
    }
    let shared = |text: &Option<String>| text.as_deref().filter(|t| !t.is_empty()).map(Arc::from);
    Ok(Event {
        seq: 0,
        id: incoming.id.as_str().into(),
        source: incoming.source.as_str().into(),
        kind: shape.map_or_else(|| incoming.kind.as_str().into(), |(_, event)| event.id.clone()),
        case: incoming.case.as_str().into(),
        occurred_at,
        recorded_at: now,
        actor: Actor {
            person: shared(&actor.person),
            role: shared(&actor.role),
        },
        data,
        corrects: shared(&incoming.corrects),
        retracts: shared(&incoming.retracts),
        cause: None,
        effects_from: None,
    })
}

fn check_id(field: &str, id: &str) -> Result<(), Refusal> {
    let bad = id.is_empty() || id.len() > MAX_ID || id.chars().any(char::is_control);
    if !bad {
        return Ok(());
    }
    let zh = format!("`{field}` 须有1到{MAX_ID}字节，不得含控制字符");
    let en = format!("`{field}` must have 1 to {MAX_ID} bytes and no control characters");
    Err(Refusal::new("bad-id", format!("/{field}"), zh, en))
}

fn occurred_at(company: &Company, incoming: &Incoming, now: Instant) -> Result<Instant, Refusal> {
    let at = company.zone.parse_instant(&incoming.occurred_at).map_err(|e| {
        let zh = format!(
            "`occurred_at` 写成了 `{}`：{e}；应写成 2026-03-02T10:00:00+08:00",
            incoming.occurred_at
        );
        let en = format!(
            "`occurred_at` is `{}`: {e}; write it like 2026-03-02T10:00:00+08:00",
            incoming.occurred_at
        );
        Refusal::new("bad-time", "/occurred_at", zh, en)
    })?;
    // What is kept is exact to the millisecond.
    let at = at
        .with_nanosecond(at.nanosecond() / 1_000_000 * 1_000_000)
        .unwrap_or(at);
    let latest = now.checked_add_signed(TimeDelta::minutes(SKEW_MINUTES));
    if latest.is_some_and(|latest| at > latest) {
        let shown = company.zone.rfc3339(now);
        let zh = format!("`occurred_at` 比现在（{shown}）晚五分钟以上：还没有发生的事不能报");
        let en = format!(
            "`occurred_at` is more than 5 minutes after now ({shown}): what has not happened cannot be reported"
        );
        return Err(Refusal::new("in-future", "/occurred_at", zh, en));
    }
    Ok(at)
}

fn event_type<'a>(company: &'a Company, name: &str) -> Result<(&'a Kind, &'a Arc<EventType>), Refusal> {
    let found = name.split_once('.').and_then(|(kind, event)| {
        let kind = company.kinds.get(kind)?;
        Some((kind.as_ref(), kind.events.get(event)?))
    });
    found.ok_or_else(|| {
        let known: Vec<Id> = company
            .kinds
            .values()
            .flat_map(|k| k.events.values().map(|e| e.id.clone()))
            .collect();
        unknown("unknown-type", "/type", "事件类型", "event type", name, known.iter())
    })
}

fn unknown<'a>(
    code: &'static str,
    pointer: &str,
    zh: &str,
    en: &str,
    name: &str,
    known: impl Iterator<Item = &'a Id> + Clone,
) -> Refusal {
    let near = known
        .clone()
        .map(|k| (strsim::damerau_levenshtein(k, name), k))
        .filter(|(distance, k)| *distance <= 2.max(k.len() / 3))
        .min_by_key(|(distance, _)| *distance);
    let (hint_zh, hint_en) = match near {
        Some((_, k)) => (format!("，是不是 `{k}`？"), format!("; did you mean `{k}`?")),
        None => {
            let list: Vec<&str> = known.take(40).map(|k| k.as_ref()).collect();
            (
                format!("；有的是：{}", list.join("、")),
                format!("; there are: {}", list.join(", ")),
            )
        }
    };
    Refusal::new(
        code,
        pointer,
        format!("没有{zh} `{name}`{hint_zh}"),
        format!("there is no {en} `{name}`{hint_en}"),
    )
}

fn data(company: &Company, kind: &Kind, event: &EventType, incoming: &Incoming) -> Result<Fields, Refusal> {
    let record = event.record.as_deref();
    let field = |name: &str| {
        let own = event.data.get_key_value(name);
        let form = || record.and_then(|r| r.fields.get_key_value(name));
        own.or_else(form).or_else(|| kind.fields.get_key_value(name))
    };
    // The clause of a form's field, where the form says what the field is.
    let clause = |name: &str| match event.data.contains_key(name) {
        true => None,
        false => record
            .filter(|r| r.fields.contains_key(name))
            .and_then(|r| r.clause_of(name)),
    };
    let mut fields = Fields::default();
    for (name, value) in &incoming.data {
        let pointer = || format!("/data/{name}");
        if kind.computes(name) {
            let zh = format!("数据项 `{name}` 由规程计算，不由人报");
            let en = format!("the field `{name}` is worked out by the policy and cannot be reported");
            return Err(Refusal::new("computed-field", pointer(), zh, en));
        }
        let Some((id, wanted)) = field(name) else {
            let names = event
                .data
                .keys()
                .chain(record.into_iter().flat_map(|r| r.fields.keys()))
                .chain(kind.fields.keys());
            return Err(unknown("unknown-field", &pointer(), "数据项", "field", name, names));
        };
        let refused = |e| refuse(&pointer(), wanted, value, e).by(clause(name));
        if let Some(value) = read(company, wanted, value).map_err(refused)? {
            fields.set(id.clone(), value);
        }
    }
    // What is numbered gets its number when it is recorded.
    let numbered = record.and_then(|r| r.number.as_ref()).map(|number| &number.field);
    for name in event.needs.iter().filter(|name| Some(*name) != numbered) {
        if !fields.get(name).is_some_and(Value::is_filled) {
            let zh = format!("事件 `{}` 须有数据 `{name}`", event.id);
            let en = format!("event `{}` needs the data `{name}`", event.id);
            return Err(Refusal::new("missing-data", format!("/data/{name}"), zh, en));
        }
    }
    Ok(fields)
}

fn refuse(pointer: &str, wanted: &FieldType, value: &serde_json::Value, role: Option<Refusal>) -> Refusal {
    if let Some(refusal) = role {
        return Refusal {
            pointer: pointer.to_owned(),
            ..refusal
        };
    }
    let (zh, en) = match wanted {
        FieldType::Choice(values) => {
            let list: Vec<&str> = values.iter().map(|v| v.as_ref()).collect();
            (
                format!("以下之一：{}", list.join("、")),
                format!("one of {}", list.join(", ")),
            )
        }
        FieldType::Text => ("文字".to_owned(), "a text".to_owned()),
        FieldType::Number => ("整数".to_owned(), "a whole number".to_owned()),
        FieldType::Bool => ("true 或 false".to_owned(), "true or false".to_owned()),
        FieldType::Date => ("日期，如 2026-03-05".to_owned(), "a date like 2026-03-05".to_owned()),
        FieldType::Time => (
            "时刻，如 2026-03-05T10:00".to_owned(),
            "an instant like 2026-03-05T10:00".to_owned(),
        ),
        FieldType::Person => ("人的编号或姓名".to_owned(), "a person's id or name".to_owned()),
        FieldType::List => ("文字的列表".to_owned(), "a list of texts".to_owned()),
        FieldType::Any => (
            "文字、数或 true/false".to_owned(),
            "a text, a number, true or false".to_owned(),
        ),
        FieldType::Roles => ("角色的列表".to_owned(), "a list of roles".to_owned()),
        FieldType::Members => ("人数或名单".to_owned(), "a number or a list of names".to_owned()),
    };
    let shown: String = value.to_string().chars().take(80).collect();
    let zh = format!("`{pointer}` 的值 {shown} 不对，应为{zh}");
    let en = format!("`{pointer}` is {shown}, but must be {en}");
    Refusal::new("bad-value", pointer, zh, en)
}

/// Reads a value of a field; null is none. The error is a refusal of its own where the type alone does not say it.
fn read(company: &Company, wanted: &FieldType, value: &serde_json::Value) -> Result<Option<Value>, Option<Refusal>> {
    let read = value_of(value).map_err(|NotAValue| None)?;
    let Some(read) = read else { return Ok(None) };
    let fits = match (wanted, &read) {
        (FieldType::Choice(values), Value::Text(text)) => values.contains(text),
        (FieldType::Text, Value::Text(_)) => true,
        (FieldType::Person, Value::Text(name)) => name.len() <= MAX_ID,
        (FieldType::List, Value::List(_)) => true,
        // One instant is one text, however it was written.
        (FieldType::Time, Value::Text(text)) => {
            let at = company.zone.parse_instant(text).map_err(|_| None)?;
            return Ok(Some(Value::Text(company.zone.rfc3339(at).into())));
        }
        (FieldType::Number, Value::Int(_)) => true,
        (FieldType::Bool, Value::Bool(_)) => true,
        (FieldType::Date, value @ Value::Text(_)) => value.as_date().is_some(),
        (FieldType::Any, Value::Text(_) | Value::Int(_) | Value::Decimal(_) | Value::Bool(_)) => true,
        (FieldType::Members, Value::Int(n)) => *n >= 0,
        (FieldType::Members, Value::List(_)) => true,
        (FieldType::Roles, Value::List(roles)) => {
            if let Some(role) = roles.iter().find(|r| !company.roles.contains_key(*r)) {
                return Err(Some(unknown(
                    "unknown-role",
                    "",
                    "角色",
                    "role",
                    role,
                    company.roles.keys(),
                )));
            }
            true
        }
        _ => false,
    };
    if fits { Ok(Some(read)) } else { Err(None) }
}

/// What no field can hold: objects, nested lists, overlong texts.
#[derive(Clone, Copy, Debug)]
pub struct NotAValue;

/// A value as JSON writes it; null is none. Fails on what no field can hold: objects, nested lists, overlong texts.
pub fn value_of(value: &serde_json::Value) -> Result<Option<Value>, NotAValue> {
    use serde_json::Value as Json;
    Ok(Some(match value {
        Json::Null => return Ok(None),
        Json::Bool(yes) => Value::Bool(*yes),
        Json::Number(number) => match number.as_i64() {
            Some(n) => Value::Int(n),
            None => Value::Decimal(number.to_string().into()),
        },
        Json::String(text) if text.len() <= MAX_TEXT => Value::Text(text.as_str().into()),
        Json::Array(list) if list.len() <= MAX_LIST => {
            let texts: Option<Vec<Arc<str>>> = list
                .iter()
                .map(|v| v.as_str().filter(|t| t.len() <= MAX_TEXT).map(Arc::from))
                .collect();
            Value::List(texts.ok_or(NotAValue)?.into())
        }
        _ => return Err(NotAValue),
    }))
}

fn reserved(company: &Company, incoming: &Incoming) -> Result<Fields, Refusal> {
    let shape: &[(&str, bool)] = match incoming.kind.as_str() {
        WAIVED => &[("obligation", true), ("until", true), ("reason", true)],
        CONFIRMED => &[("obligation", true), ("reason", true)],
        EXTENDED => &[("obligation", true), ("to", true), ("reason", true)],
        TARGET_DECIDED => &[("rate", true), ("target", true), ("from", true), ("reason", true)],
        PENALTY_DECIDED => &[("obligation", true), ("amount_fen", true), ("reason", true)],
        DISPOSED => &[("record", true), ("reason", true)],
        _ => &[],
    };
    let mut fields = Fields::default();
    for (name, value) in &incoming.data {
        let pointer = format!("/data/{name}");
        if !shape.iter().any(|(known, _)| known == name) {
            let names: Vec<Id> = shape.iter().map(|(n, _)| Id::from(*n)).collect();
            return Err(unknown(
                "unknown-field",
                &pointer,
                "数据项",
                "field",
                name,
                names.iter(),
            ));
        }
        let wanted = match name.as_str() {
            "to" | "from" | "until" => FieldType::Date,
            "amount_fen" => FieldType::Number,
            _ => FieldType::Text,
        };
        if let Some(value) = read(company, &wanted, value).map_err(|e| refuse(&pointer, &wanted, value, e))? {
            fields.set(name.as_str().into(), value);
        }
    }
    for (name, _) in shape.iter().filter(|(_, needed)| *needed) {
        if !fields.get(name).is_some_and(Value::is_filled) {
            let zh = format!("事件 `{}` 须有数据 `{name}`", incoming.kind);
            let en = format!("event `{}` needs the data `{name}`", incoming.kind);
            return Err(Refusal::new("missing-data", format!("/data/{name}"), zh, en));
        }
    }
    if let Some(target) = fields.get("target").and_then(Value::as_text) {
        let share = target.parse::<Fraction>().ok().filter(|f| !f.exceeds_whole());
        if share.is_none() {
            let zh = format!("`target` 写成了 `{target}`，应写成 0% 到 100%，如 \"60%\"");
            let en = format!("`target` is `{target}`; write 0% to 100%, like \"60%\"");
            return Err(Refusal::new("bad-value", "/data/target", zh, en));
        }
    }
    Ok(fields)
}

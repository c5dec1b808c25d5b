//! An event as it stands in the record: JSON in one fixed spelling, so that the same content is the same text.

use crate::domain::event::{Actor, Cause, Event};
use crate::domain::value::{Fields, Value};
use crate::domain::zone::Instant;
use crate::engine::intake::value_of;
use chrono::{DateTime, SecondsFormat};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::sync::Arc;

/// A body that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is not the JSON of an event.
    #[error("event {seq} of the record is not readable")]
    Json {
        /// Its place.
        seq: u64,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Its instant is out of range.
    #[error("event {seq} of the record has an instant out of range")]
    Time {
        /// Its place.
        seq: u64,
    },
}

#[derive(Serialize, Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "is_empty")]
    source: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    case: Cow<'a, str>,
    occurred_at: DateTime<chrono::Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Data::is_empty")]
    data: Data<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrects: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retracts: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<[Cow<'a, str>; 3]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effects_from: Option<DateTime<chrono::Utc>>,
}

fn is_empty(text: &str) -> bool {
    text.is_empty()
}

/// Values by name: written and read without a map of JSON values between.
#[derive(Default)]
struct Data<'a>(Cow<'a, Fields>);

impl Data<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (&**name, Json(value))))
    }
}

/// A value as JSON writes it, like `json_value`.
struct Json<'a>(&'a Value);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(yes) => serializer.serialize_bool(*yes),
            Value::Int(n) => serializer.serialize_i64(*n),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(list) => serializer.collect_seq(list.iter().map(|text| &**text)),
            Value::Decimal(_) => json_value(self.0).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Data<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Fields;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("values by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                while let Some((name, value)) = map.next_entry::<String, serde_json::Value>()? {
                    if let Ok(Some(value)) = value_of(&value) {
                        fields.set(name.into(), value);
                    }
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Entries).map(|f| Data(Cow::Owned(f)))
    }
}

/// The body of an event. Its place in the record and when it was recorded stand beside it.
pub fn write(event: &Event) -> String {
    fn text(text: &Arc<str>) -> Cow<'_, str> {
        Cow::Borrowed(text)
    }
    let body = Body {
        id: text(&event.id),
        source: text(&event.source),
        kind: text(&event.kind),
        case: text(&event.case),
        occurred_at: event.occurred_at,
        person: event.actor.person.as_ref().map(text),
        role: event.actor.role.as_ref().map(text),
        data: Data(Cow::Borrowed(&event.data)),
        corrects: event.corrects.as_ref().map(text),
        retracts: event.retracts.as_ref().map(text),
        effects_from: event.effects_from,
        cause: event
            .cause
            .as_ref()
            .map(|c| [text(&c.rule), text(&c.case), text(&c.event)]),
    };
    // INVARIANT: a body holds texts, numbers and lists of texts, all of which JSON can write.
    serde_json::to_string(&body).unwrap_or_default()
}

/// Reads an event from its body.
pub fn read(seq: u64, recorded_at: Instant, text: &str) -> Result<Event, BodyError> {
    let body: Body<'_> = serde_json::from_str(text).map_err(|source| BodyError::Json { seq, source })?;
    let shared = |text: Option<Cow<'_, str>>| text.map(|t| Arc::from(&*t));
    Ok(Event {
        seq,
        id: Arc::from(&*body.id),
        source: Arc::from(&*body.source),
        kind: Arc::from(&*body.kind),
        case: Arc::from(&*body.case),
        occurred_at: body.occurred_at,
        recorded_at,
        actor: Actor {
            person: shared(body.person),
            role: shared(body.role),
        },
        data: body.data.0.into_owned(),
        corrects: shared(body.corrects),
        retracts: shared(body.retracts),
        effects_from: body.effects_from,
        cause: body.cause.map(|[rule, case, event]| Cause {
            rule: Arc::from(&*rule),
            case: Arc::from(&*case),
            event: Arc::from(&*event),
        }),
    })
}

/// Values as JSON, by name.
pub fn json(fields: &Fields) -> serde_json::Map<String, serde_json::Value> {
    fields
        .iter()
        .map(|(name, value)| (name.to_string(), json_value(value)))
        .collect()
}

fn json_value(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(yes) => (*yes).into(),
        Value::Int(n) => (*n).into(),
        Value::Decimal(text) => text
            .parse::<f64>()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .map_or(serde_json::Value::Null, Into::into),
        Value::Text(text) => text.to_string().into(),
        Value::List(list) => list.iter().map(|t| serde_json::Value::from(t.to_string())).collect(),
    }
}

/// An instant as it is written for machines: RFC 3339 in UTC, to the millisecond.
pub fn utc(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

//! An event as it stands in the record: JSON in one fixed spelling, so that the same content is the same text.

mod reading;

pub use reading::{Reading, read};

use crate::domain::event::Event;
use crate::domain::value::{Fields, Value};
use crate::domain::zone::Instant;
use chrono::SecondsFormat;
use serde::{Serialize, Serializer};

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
}

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    source: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    case: &'a str,
    occurred_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Data::is_empty")]
    data: Data<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retracts: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<[&'a str; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effects_from: Option<Instant>,
}

/// Values by name: written without a map of JSON values between.
struct Data<'a>(&'a Fields);

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

/// The body of an event. Its place in the record and when it was recorded stand beside it.
pub fn write(event: &Event) -> String {
    let body = Body {
        id: &event.id,
        source: &event.source,
        kind: &event.kind,
        case: &event.case,
        occurred_at: event.occurred_at,
        person: event.actor.person.as_deref(),
        role: event.actor.role.as_deref(),
        data: Data(&event.data),
        corrects: event.corrects.as_deref(),
        retracts: event.retracts.as_deref(),
        effects_from: event.effects_from,
        cause: event.cause.as_ref().map(|c| [&*c.rule, &*c.case, &*c.event]),
    };
    // INVARIANT: a body holds texts, numbers and lists of texts, all of which JSON can write.
    serde_json::to_string(&body).unwrap_or_default()
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

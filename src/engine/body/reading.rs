//! Events read from their bodies.

use super::BodyError;
use crate::domain::event::{Actor, Cause, Event};
use crate::domain::value::{Fields, Value};
use crate::domain::zone::Instant;
use crate::engine::intake::{MAX_LIST, MAX_TEXT};
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// The longest text, in bytes, that is looked for among those that came before.
const SHORT: usize = 32;

/// How many texts are remembered; then it begins anew.
const MAX_KNOWN: usize = 8_192;

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    source: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    case: Cow<'a, str>,
    occurred_at: Instant,
    #[serde(borrow, default)]
    person: Option<Lent<'a>>,
    #[serde(borrow, default)]
    role: Option<Lent<'a>>,
    #[serde(borrow, default)]
    data: Data<'a>,
    #[serde(borrow, default)]
    corrects: Option<Lent<'a>>,
    #[serde(borrow, default)]
    retracts: Option<Lent<'a>>,
    #[serde(borrow, default)]
    cause: Option<[Lent<'a>; 3]>,
    #[serde(default)]
    effects_from: Option<Instant>,
}

/// Values by name, as they stand in the text.
#[derive(Default)]
struct Data<'a>(Vec<(Cow<'a, str>, Said<'a>)>);

enum Said<'a> {
    Value(Value),
    Text(Cow<'a, str>),
    List(Vec<Cow<'a, str>>),
    /// What no field can hold.
    Nothing,
}

/// Reads bodies one after the other. Short texts that come again and again, names, types, sources, roles and values, are kept
/// once for all of them.
#[derive(Default)]
pub struct Reading {
    known: HashSet<Arc<str>>,
}

impl Reading {
    /// Reads an event from its body.
    ///
    /// # Errors
    /// The text is not the JSON of an event.
    pub fn read(&mut self, seq: u64, recorded_at: Instant, text: &str) -> Result<Event, BodyError> {
        let body: Body<'_> = serde_json::from_str(text).map_err(|source| BodyError::Json { seq, source })?;
        let one = |text: Option<Lent<'_>>| text.map(|Lent(text)| Arc::from(&*text));
        Ok(Event {
            seq,
            id: Arc::from(&*body.id),
            source: self.shared(&body.source),
            kind: self.shared(&body.kind),
            case: Arc::from(&*body.case),
            occurred_at: body.occurred_at,
            recorded_at,
            actor: Actor {
                person: body.person.map(|Lent(person)| self.shared(&person)),
                role: body.role.map(|Lent(role)| self.shared(&role)),
            },
            data: self.fields(body.data),
            corrects: one(body.corrects),
            retracts: one(body.retracts),
            effects_from: body.effects_from,
            cause: body.cause.map(|[Lent(rule), Lent(case), Lent(event)]| Cause {
                rule: self.shared(&rule),
                case: Arc::from(&*case),
                event: Arc::from(&*event),
            }),
        })
    }

    fn fields(&mut self, data: Data<'_>) -> Fields {
        let mut fields = Fields::default();
        for (name, said) in data.0 {
            let value = match said {
                Said::Value(value) => value,
                Said::Text(text) => Value::Text(self.shared(&text)),
                Said::List(list) => Value::List(list.iter().map(|text| self.shared(text)).collect()),
                Said::Nothing => continue,
            };
            fields.set(self.shared(&name), value);
        }
        fields
    }

    fn shared(&mut self, text: &str) -> Arc<str> {
        if text.len() > SHORT {
            return Arc::from(text);
        }
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        if self.known.len() >= MAX_KNOWN {
            self.known.clear();
        }
        let new: Arc<str> = Arc::from(text);
        self.known.insert(new.clone());
        new
    }
}

/// Reads one event from its body.
///
/// # Errors
/// As [`Reading::read`].
pub fn read(seq: u64, recorded_at: Instant, text: &str) -> Result<Event, BodyError> {
    Reading::default().read(seq, recorded_at, text)
}

impl<'de: 'a, 'a> Deserialize<'de> for Data<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Data<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("values by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some((Lent(name), said)) = map.next_entry::<Lent<'de>, Said<'de>>()? {
                    entries.push((name, said));
                }
                Ok(Data(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// A text, lent by what is read where it stands there as it is.
struct Lent<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Lent<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Lent<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Lent<'de>, E> {
                Ok(Lent(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Lent<'de>, E> {
                Ok(Lent(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Said<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Said<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Said<'de>, E> {
                Ok(Said::Nothing)
            }

            fn visit_bool<E>(self, yes: bool) -> Result<Said<'de>, E> {
                Ok(Said::Value(Value::Bool(yes)))
            }

            fn visit_i64<E>(self, n: i64) -> Result<Said<'de>, E> {
                Ok(Said::Value(Value::Int(n)))
            }

            fn visit_u64<E>(self, n: u64) -> Result<Said<'de>, E> {
                let whole = i64::try_from(n).map(Value::Int);
                Ok(Said::Value(
                    whole.unwrap_or_else(|_| Value::Decimal(n.to_string().into())),
                ))
            }

            fn visit_f64<E>(self, n: f64) -> Result<Said<'de>, E> {
                let number = serde_json::Number::from_f64(n);
                Ok(number.map_or(Said::Nothing, |n| Said::Value(Value::Decimal(n.to_string().into()))))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Said<'de>, E> {
                Ok(said(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Said<'de>, E> {
                Ok(said(Cow::Owned(text.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Said<'de>, A::Error> {
                let (mut texts, mut are_texts) = (Vec::new(), true);
                while let Some(member) = list.next_element::<Said<'de>>()? {
                    match member {
                        Said::Text(text) if texts.len() < MAX_LIST => texts.push(text),
                        _ => are_texts = false,
                    }
                }
                Ok(if are_texts { Said::List(texts) } else { Said::Nothing })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Said<'de>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Said::Nothing)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

fn said(text: Cow<'_, str>) -> Said<'_> {
    if text.len() <= MAX_TEXT {
        Said::Text(text)
    } else {
        Said::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::body::write;
    use crate::engine::intake::value_of;
    use serde_json::json;

    const AT: &str = "2026-03-02T01:00:00Z";

    fn event(data: &serde_json::Value) -> String {
        json!({ "id": "e1", "type": "a.b", "case": "C-1", "occurred_at": AT, "data": data }).to_string()
    }

    /// What stands in a body is what posting it would give.
    #[test]
    fn values_are_read_as_they_are_taken() {
        let long = "长".repeat(MAX_TEXT);
        let values = [
            json!(null),
            json!(true),
            json!(-7),
            json!(i64::MAX),
            json!(u64::MAX),
            json!(1.50),
            json!(1e300),
            json!("重大"),
            json!("\"quoted\"\n"),
            json!(""),
            json!(long),
            json!([]),
            json!(["a", "b\t"]),
            json!(["a", 1]),
            json!([["a"]]),
            json!({ "a": { "b": [1, { "c": null }] } }),
        ];
        for value in values {
            let read = read(1, AT.parse().unwrap(), &event(&json!({ "x": value, "y": "z" }))).unwrap();
            assert_eq!(
                read.data.get("x").cloned(),
                value_of(&value).ok().flatten(),
                "{:.80}",
                value.to_string()
            );
            assert_eq!(read.data.get("y"), Some(&Value::Text("z".into())));
        }
    }

    #[test]
    fn a_body_is_read_as_it_was_written_and_what_comes_again_is_kept_once() {
        let mut reading = Reading::default();
        let text = event(&json!({ "severity": "major", "sum": 3 }));
        let one = reading.read(1, AT.parse().unwrap(), &text).unwrap();
        let other = reading.read(2, AT.parse().unwrap(), &write(&one)).unwrap();
        assert_eq!(
            Event {
                seq: 1,
                ..other.clone()
            },
            one
        );
        let texts = |event: &Event| -> Vec<Arc<str>> {
            let names = event.data.iter().map(|(name, _)| name.clone());
            names.chain([event.kind.clone()]).collect()
        };
        let pairs: Vec<_> = texts(&one).into_iter().zip(texts(&other)).collect();
        assert!(!pairs.is_empty() && pairs.iter().all(|(a, b)| Arc::ptr_eq(a, b)));
    }

    #[test]
    fn what_is_no_event_is_an_error() {
        for text in ["", "{}", "[]", "{\"id\":1}", &event(&json!([1]))] {
            assert!(read(1, AT.parse().unwrap(), text).is_err(), "{text}");
        }
    }
}

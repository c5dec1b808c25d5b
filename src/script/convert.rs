//! Values of the engine to values of scripts and back: bounded, and nothing else passes.

use super::sandbox::{MAX_LIST, MAX_MAP};
use crate::domain::value::Value;
use rhai::{Array, Dynamic, ImmutableString, Map};
use rust_decimal::Decimal;
use std::sync::Arc;

/// The longest text that a script may answer, in bytes.
const MAX_ANSWER: usize = 16 * 1024;

/// The data that a script is given: a map with every name, those without a value as `()`.
pub(super) fn input(data: &[(&str, Option<&Value>)]) -> Result<Map, String> {
    if data.len() > MAX_MAP {
        return Err(format!("it is given {} fields, more than {MAX_MAP}", data.len()));
    }
    let mut map = Map::new();
    for (name, value) in data {
        let value = match value {
            None => Dynamic::UNIT,
            Some(value) => given(value).map_err(|fault| format!("`{name}` {fault}"))?,
        };
        map.insert((*name).into(), value);
    }
    Ok(map)
}

fn given(value: &Value) -> Result<Dynamic, String> {
    let text = |text: &Arc<str>| Dynamic::from(ImmutableString::from(&**text));
    Ok(match value {
        Value::Bool(yes) => (*yes).into(),
        Value::Int(n) => (*n).into(),
        Value::Decimal(written) => match written
            .parse::<Decimal>()
            .or_else(|_| Decimal::from_scientific(written))
        {
            Ok(number) => Dynamic::from_decimal(number),
            Err(_) => return Err(format!("is a number that cannot be counted with: {written}")),
        },
        Value::Text(written) => text(written),
        Value::List(list) if list.len() > MAX_LIST => {
            return Err(format!("has {} elements, more than {MAX_LIST}", list.len()));
        }
        Value::List(list) => list.iter().map(text).collect::<Array>().into(),
    })
}

/// What a script answers: yes or no, a number, a text, or a list of texts.
pub(super) fn answer(value: &Dynamic) -> Result<Value, String> {
    if let Ok(yes) = value.as_bool() {
        return Ok(Value::Bool(yes));
    }
    if let Ok(n) = value.as_int() {
        return Ok(Value::Int(n));
    }
    if let Ok(number) = value.as_decimal() {
        return Ok(Value::Decimal(number.normalize().to_string().into()));
    }
    if let Ok(list) = value.as_array_ref() {
        if list.len() > MAX_LIST {
            return Err(format!("it answers {} elements, more than {MAX_LIST}", list.len()));
        }
        let texts: Option<Vec<Arc<str>>> = list.iter().map(text).collect();
        return match texts {
            Some(texts) => Ok(Value::List(texts.into())),
            None => Err("it answers a list of something else than texts".to_owned()),
        };
    }
    match text(value) {
        Some(text) => Ok(Value::Text(text)),
        None if value.is_unit() => Err("it answers nothing".to_owned()),
        None => Err(format!("it answers something that is no value: {}", value.type_name())),
    }
}

fn text(value: &Dynamic) -> Option<Arc<str>> {
    if let Ok(one) = value.as_char() {
        return Some(one.to_string().into());
    }
    let text = value.as_immutable_string_ref().ok()?;
    (text.len() <= MAX_ANSWER).then(|| Arc::from(text.as_str()))
}

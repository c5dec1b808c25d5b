//! The data that cases, events and records carry, and what a rule may look at.

use super::codes;
use super::model::{FieldType, Id};
use super::names::Names;
use super::nearest::{suggest, unknown};
use super::node::{Node, Word};
use super::source::say;
use crate::domain::value::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::de::DeValue;

/// Fields by name.
pub(super) type FieldMap = BTreeMap<Id, FieldType>;

/// Reads a table of fields and their types.
pub(super) fn read(node: &Node<'_>) -> FieldMap {
    let entries = node.entries().into_iter();
    entries
        .map(|(name, node)| (name.id(), field_type(&node).unwrap_or(FieldType::Any)))
        .collect()
}

/// The type that a field is declared with.
pub(super) fn field_type(node: &Node<'_>) -> Option<FieldType> {
    if node.value.is_array() {
        return Some(FieldType::Choice(node.texts().iter().map(Word::id).collect()));
    }
    node.one_of(&[
        ("text", FieldType::Text),
        ("number", FieldType::Number),
        ("bool", FieldType::Bool),
        ("date", FieldType::Date),
        ("time", FieldType::Time),
        ("person", FieldType::Person),
        ("list", FieldType::List),
        ("any", FieldType::Any),
        ("roles", FieldType::Roles),
        ("members", FieldType::Members),
    ])
}

/// What can be looked at when an event happens: the case's data, the event's, its record's.
pub(super) struct View<'n> {
    /// What people call it: the event type, or the record.
    pub label: String,
    /// Its fields.
    pub maps: Vec<&'n FieldMap>,
}

impl View<'_> {
    /// The type of a field.
    pub fn get(&self, field: &str) -> Option<&FieldType> {
        self.maps.iter().find_map(|map| map.get(field))
    }
}

/// The types that a field has in these views; none of them knowing it is a finding. Without views nothing is known,
/// because an event is at fault that was reported already.
pub(super) fn somewhere<'v>(views: &'v [View<'_>], field: &Word<'_>) -> Vec<&'v FieldType> {
    let types: Vec<&FieldType> = views.iter().filter_map(|view| view.get(field.text)).collect();
    if types.is_empty() && !views.is_empty() {
        unknown(codes::UNKNOWN_FIELD, field, ("字段", "field"), all(views));
    }
    types
}

/// Like [`somewhere`], but each view must know the field.
pub(super) fn everywhere<'v>(views: &'v [View<'_>], field: &Word<'_>) -> Vec<&'v FieldType> {
    let types = somewhere(views, field);
    if !types.is_empty()
        && let Some(lacking) = views.iter().find(|view| view.get(field.text).is_none())
    {
        let (name, event) = (field.text, &lacking.label);
        field.at.find(
            codes::UNKNOWN_FIELD,
            say!("{event} 没有字段“{name}”", "{event} has no field `{name}`"),
            say!(
                "在那一类案件的 data 里加上它；写在文字里时可以给一个替代：{{{name}|没有时写什么}}",
                "add it to the data of that kind; in a text, give a substitute: {{{name}|otherwise}}"
            ),
        );
        return Vec::new();
    }
    types
}

fn all<'v>(views: &'v [View<'_>]) -> impl Iterator<Item = &'v str> {
    views
        .iter()
        .flat_map(|view| view.maps.iter().flat_map(|map| map.keys().map(AsRef::as_ref)))
}

/// A value for a field that has one of these types.
pub(super) fn value(node: &Node<'_>, field: &str, types: &[&FieldType], names: &Names<'_>) -> Option<Value> {
    let value = plain(node)?;
    if types.is_empty() {
        return Some(value);
    }
    if let Value::Text(text) = &value
        && types.iter().all(|known| matches!(known, FieldType::Roles))
    {
        return names
            .role(&Word {
                text: node.as_text()?.text,
                at: node.at,
            })
            .map(|_| Value::Text(Arc::clone(text)));
    }
    if types.iter().any(|known| fits(&value, known)) {
        return Some(value);
    }
    let choices: Vec<&str> = types.iter().flat_map(|known| choices(known)).collect();
    if let Some(word) = node.as_text().filter(|_| !choices.is_empty()) {
        let text = word.text;
        word.at.find(
            codes::CHOICE_VALUE_UNKNOWN,
            say!("“{field}”没有“{text}”这个值", "`{field}` has no value `{text}`"),
            suggest(text, choices.into_iter(), "声明过的值", "declared values"),
        );
        return None;
    }
    match types.first() {
        Some(FieldType::Bool) => node.wrong_type(" true 或 false（不加引号）", "true or false without quotes"),
        Some(FieldType::Number | FieldType::Members) => node.wrong_type("整数", "a whole number"),
        Some(FieldType::Date) => node.wrong_type("日期，如 2024-01-01", "a date such as 2024-01-01"),
        Some(FieldType::Time) => node.wrong_type(
            "表 { exists = true }：时刻只能问填没填",
            "{ exists = true }: of an instant only that can be asked",
        ),
        _ => node.wrong_type("文字", "a text"),
    }
    None
}

/// The texts that a field may have, where they are declared.
pub(super) fn choices(known: &FieldType) -> impl Iterator<Item = &str> {
    let list: &[Id] = match known {
        FieldType::Choice(list) => list,
        _ => &[],
    };
    list.iter().map(AsRef::as_ref)
}

fn plain(node: &Node<'_>) -> Option<Value> {
    match node.value {
        DeValue::String(text) => Some(Value::Text(Arc::from(text.as_ref()))),
        DeValue::Integer(_) => node.int().map(Value::Int),
        DeValue::Float(number) => Some(Value::Decimal(Arc::from(number.as_str()))),
        DeValue::Boolean(yes) => Some(Value::Bool(*yes)),
        // Data has the kinds of JSON, where a date is a text that writes one.
        DeValue::Datetime(_) => node.date().map(|date| Value::Text(Arc::from(date.to_string()))),
        DeValue::Array(_) | DeValue::Table(_) => {
            node.wrong_type("一个值", "a single value");
            None
        }
    }
}

fn fits(value: &Value, known: &FieldType) -> bool {
    match known {
        FieldType::Choice(list) => value
            .as_text()
            .is_some_and(|text| list.iter().any(|choice| choice.as_ref() == text)),
        // What a condition names is one of a list's texts.
        FieldType::Text | FieldType::Person | FieldType::List => matches!(value, Value::Text(_)),
        FieldType::Number => matches!(value, Value::Int(_)),
        FieldType::Bool => matches!(value, Value::Bool(_)),
        FieldType::Date => value.as_date().is_some(),
        // An instant is never met again: comparing with one would be a condition that never holds.
        FieldType::Time => false,
        FieldType::Any => !matches!(value, Value::List(_)),
        FieldType::Roles => matches!(value, Value::Text(_)),
        FieldType::Members => matches!(value, Value::Int(_) | Value::Text(_)),
    }
}

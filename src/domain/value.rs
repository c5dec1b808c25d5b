//! Values of case data and of records. Their kinds are those of JSON: a date is a text that writes one.

use super::date;
use chrono::NaiveDate;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// One value of a case's data or of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with decimals, as it was written: the engine never counts with floating point.
    Decimal(Arc<str>),
    /// A text.
    Text(Arc<str>),
    /// Several texts, in the order given.
    List(Arc<[Arc<str>]>),
}

impl Value {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// It as a text; one that is a text already is lent.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Value::Decimal(text) | Value::Text(text) => Cow::Borrowed(text),
            other => Cow::Owned(other.to_string()),
        }
    }

    /// The local date, if it is a text that writes one, `2026-03-05`.
    pub fn as_date(&self) -> Option<NaiveDate> {
        date::written(self.as_text()?)
    }

    /// How many members it stands for: a whole number itself, a list its length, a single text one.
    pub fn members(&self) -> u64 {
        match self {
            Value::Int(n) => u64::try_from(*n).unwrap_or(0),
            Value::List(list) => list.len() as u64,
            Value::Text(_) => 1,
            _ => 0,
        }
    }

    /// Whether somebody filled it in: an empty text or list does not count.
    pub fn is_filled(&self) -> bool {
        match self {
            Value::Text(text) => !text.trim().is_empty(),
            Value::List(list) => !list.is_empty(),
            _ => true,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(yes) => write!(f, "{yes}"),
            Value::Int(n) => write!(f, "{n}"),
            Value::Decimal(text) | Value::Text(text) => f.write_str(text),
            Value::List(list) => f.write_str(&list.join(", ")),
        }
    }
}

/// Named values, sorted by name, compact: a case carries a handful.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(Arc<str>, Value)>);

impl Fields {
    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let at = self.0.binary_search_by(|(n, _)| n.as_ref().cmp(name)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Sets a value; the former one of that name goes.
    pub fn set(&mut self, name: Arc<str>, value: Value) {
        match self.0.binary_search_by(|(n, _)| n.cmp(&name)) {
            Ok(at) => {
                if let Some(slot) = self.0.get_mut(at) {
                    slot.1 = value;
                }
            }
            Err(at) => self.0.insert(at, (name, value)),
        }
    }

    /// Takes over all values of `other`.
    pub fn merge(&mut self, other: &Fields) {
        for (name, value) in &other.0 {
            self.set(name.clone(), value.clone());
        }
    }

    /// All values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives back spare room.
    pub fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }
}

impl FromIterator<(Arc<str>, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(values: I) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in values {
            fields.set(name, value);
        }
        fields
    }
}

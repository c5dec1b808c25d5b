//! Conditions over declared data.

use super::Id;
use crate::domain::value::{Fields, Value};

/// Tests over declared data, all of which must hold; without any it always holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Condition(pub Vec<(Id, Test)>);

/// A test of one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Is one of these values; a list: has one of them in it.
    OneOf(Vec<Value>),
    /// Is filled in, or is not.
    Exists(bool),
    /// A number of at least this (以上), included.
    AtLeast(i64),
    /// A number above this (超过), not included.
    MoreThan(i64),
    /// A number of at most this (以下), included.
    AtMost(i64),
    /// A number below this (不满), not included.
    LessThan(i64),
}

impl Condition {
    /// Whether it holds, given how to look a field up.
    pub fn holds<'a>(&self, get: impl Fn(&str) -> Option<&'a Value>) -> bool {
        self.0.iter().all(|(field, test)| test.holds(get(field)))
    }

    /// Whether it holds over these values.
    pub fn holds_for(&self, data: &Fields) -> bool {
        self.holds(|field| data.get(field))
    }
}

impl Test {
    /// Whether the value passes. A missing one passes only `Exists(false)`.
    pub fn holds(&self, value: Option<&Value>) -> bool {
        let number = match value {
            Some(Value::Int(n)) => Some(*n),
            _ => None,
        };
        match self {
            Test::OneOf(values) => match value {
                Some(Value::List(list)) => list.iter().any(|one| values.iter().any(|v| v.as_text() == Some(one))),
                value => value.is_some_and(|v| values.contains(v)),
            },
            Test::Exists(wanted) => value.is_some_and(Value::is_filled) == *wanted,
            Test::AtLeast(n) => number.is_some_and(|v| v >= *n),
            Test::MoreThan(n) => number.is_some_and(|v| v > *n),
            Test::AtMost(n) => number.is_some_and(|v| v <= *n),
            Test::LessThan(n) => number.is_some_and(|v| v < *n),
        }
    }
}

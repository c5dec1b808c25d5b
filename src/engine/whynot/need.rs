//! What an obligation lacks to come to be.

use crate::domain::value::Value;
use crate::policy::model::{Consent, Duty, Id, Sample, Test};
use chrono::NaiveDate;
use std::sync::Arc;

/// The id of an event that is only supposed.
pub(super) const SUPPOSED: &str = "~supposed";

/// The id of the event that a case of another kind is supposed to begin with.
pub(super) const BEGUN: &str = "~begun";

/// The id of a performance that is only supposed.
pub(super) const DONE: &str = "~done";

/// Something that is not met.
#[derive(Clone, Debug)]
pub(super) enum Need {
    /// None of these events was recorded.
    Happens { kinds: Vec<Id> },
    /// The event that the term is counted from was not recorded.
    Anchor { kind: Id },
    /// A field does not say what the rule asks for.
    Field {
        field: Id,
        /// All tests of the field; with none, it must be filled in.
        tests: Vec<Test>,
        /// What it says.
        value: Option<Value>,
        /// What is supposed that it says; none: nothing.
        supposed: Option<Value>,
        /// The events that are supposed to say so.
        at: Vec<Id>,
    },
    /// The customer's wishes forbid it.
    Wishes {
        consent: Arc<Consent>,
        /// The field that is supposed to say something else.
        field: Id,
        supposed: Option<Value>,
    },
    /// The event occurred when no edition with the rule was in force.
    InForce {
        event: Id,
        occurred_on: NaiveDate,
        effective: NaiveDate,
    },
    /// These events had ended it or its case.
    NotEnded { events: Vec<Id> },
    /// An obligation that it follows on has not been fulfilled.
    Performed { duty: Arc<Duty> },
    /// An obligation that it follows on has not fallen overdue.
    Overdue { duty: Arc<Duty> },
    /// It was not drawn for a rate.
    Drawn { rule: Id },
    /// Its case was not drawn in a sample.
    Sampled { sample: Arc<Sample> },
    /// It is another kind of case than the rule is for.
    Kind {
        kind: Id,
        /// The event that it is supposed to begin with.
        event: Id,
    },
    /// Nothing happened on another case.
    Occasion { kinds: Vec<Id>, duty: Arc<Duty> },
    /// Its day is drawn, and is not shown before.
    Secret,
}

impl Need {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Need::Happens { .. } => "event",
            Need::Anchor { .. } => "anchor",
            Need::Field { .. } => "field",
            Need::Wishes { .. } => "wish",
            Need::InForce { .. } => "in-force",
            Need::NotEnded { .. } => "not-ended",
            Need::Performed { .. } => "performed",
            Need::Overdue { .. } => "overdue",
            Need::Drawn { .. } | Need::Sampled { .. } => "drawn",
            Need::Kind { .. } => "kind",
            Need::Occasion { .. } => "occasion",
            Need::Secret => "secret",
        }
    }

    /// In which order what is supposed is put in place.
    pub fn rank(&self) -> u8 {
        match self {
            Need::NotEnded { .. } => 0,
            Need::InForce { .. } => 1,
            Need::Happens { .. } | Need::Anchor { .. } | Need::Kind { .. } => 2,
            Need::Field { .. } | Need::Wishes { .. } | Need::Secret => 3,
            Need::Sampled { .. } | Need::Drawn { .. } | Need::Occasion { .. } => 4,
            Need::Performed { .. } => 5,
            Need::Overdue { .. } => 6,
        }
    }
}

/// A value that passes all tests of a field; none: nothing passes but a field that is not filled in, or nothing at all.
pub(super) fn passing(tests: &[Test], now: Option<&Value>) -> Option<Value> {
    let mut tried: Vec<Value> = Vec::new();
    for test in tests {
        match test {
            Test::OneOf(values) => tried.extend(values.iter().cloned()),
            Test::Exists(true) => tried.extend([Value::Text("—".into()), Value::Int(1)]),
            Test::Exists(false) => {}
            Test::AtLeast(n) | Test::AtMost(n) => tried.push(Value::Int(*n)),
            Test::MoreThan(n) => tried.push(Value::Int(n.saturating_add(1))),
            Test::LessThan(n) => tried.push(Value::Int(n.saturating_sub(1))),
        }
    }
    let fits = |value: &Value| tests.iter().all(|test| test.holds(Some(value)));
    let found = tried.into_iter().find(fits)?;
    match (now, found) {
        // A list stays one.
        (Some(Value::List(_)), Value::Text(one)) => Some(Value::List(Arc::from([one]))),
        (_, found) => Some(found),
    }
}

/// A value that fails a test; none: that it is not filled in does.
pub(super) fn failing(test: &Test) -> Option<Value> {
    match test {
        Test::Exists(false) => Some(Value::Text("—".into())),
        _ => None,
    }
}

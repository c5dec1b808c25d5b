//! One difference between what was and what would have been.

use serde::Serialize;
use serde_json::{Map, Value};

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// An obligation.
    Obligation,
    /// A step of an escalation.
    Escalation,
    /// What a threshold that was reached leads to.
    Threshold,
    /// A line of the ledger of penalties.
    Penalty,
    /// An event that a gate would have refused; it is taken all the same, for it happened.
    Gate,
}

/// How it differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It is there only under the draft.
    New,
    /// It is not there under the draft.
    Gone,
    /// It is due, or taken, earlier.
    Earlier,
    /// It is due, or taken, later.
    Later,
    /// Others owe it.
    Elsewhere,
    /// Something else of it that the rules say.
    Changed,
    /// What became of it: its standing, its breach, how far it was escalated, what its record lacks.
    Standing,
}

/// What a difference hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Depends {
    /// It follows from what was reported, whatever people would have done.
    Mechanical,
    /// It hangs on how people would have acted under the draft.
    Behaviour,
}

/// One difference.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What differs.
    pub what: What,
    /// How.
    pub change: Change,
    /// What it hangs on.
    pub depends: Depends,
    /// The procedure.
    pub procedure: String,
    /// The clause that its rule cites first.
    pub clause: String,
    /// The rule.
    pub rule: String,
    /// The rule's name for people.
    pub title: String,
    /// The case.
    pub case: String,
    /// The obligation's id, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obligation: Option<String>,
    /// By how much it is later, below zero earlier, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shift_minutes: Option<i64>,
    /// What it was, as far as it differs.
    pub before: Option<Value>,
    /// What it would have been.
    pub after: Option<Value>,
}

impl What {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            What::Obligation => "obligation",
            What::Escalation => "escalation",
            What::Threshold => "threshold",
            What::Penalty => "penalty",
            What::Gate => "gate",
        }
    }
}

impl Change {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Change::New => "new",
            Change::Gone => "gone",
            Change::Earlier => "earlier",
            Change::Later => "later",
            Change::Elsewhere => "elsewhere",
            Change::Changed => "changed",
            Change::Standing => "standing",
        }
    }
}

impl Depends {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Depends::Mechanical => "mechanical",
            Depends::Behaviour => "behaviour",
        }
    }
}

/// Values by name.
pub(super) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    Value::Object(fields.collect::<Map<_, _>>())
}

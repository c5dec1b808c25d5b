//! What may be written in a file: the keys of each table, what they take, and what they mean. From these come the JSON
//! Schemas by which editors complete and check; a test holds them against the keys that the readers ask for.

mod calendar;
mod company;
mod duty;
mod json;
mod procedure;
mod rules;
mod tables;
mod telling;
mod timeline;

pub use json::{generate, write};

/// The kinds of file that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// A procedure: any file of a company's folder but `company.toml`.
    Procedure,
    /// `company.toml`.
    Company,
    /// `calendars/*.toml`.
    Calendar,
    /// Timelines: `tests/*.toml` of a company's folder.
    Timeline,
}

impl Of {
    /// All of them.
    pub const ALL: [Of; 4] = [Of::Procedure, Of::Company, Of::Calendar, Of::Timeline];

    /// The word for it, which is also the stem of the schema's file.
    pub fn word(self) -> &'static str {
        match self {
            Of::Procedure => "procedure",
            Of::Company => "company",
            Of::Calendar => "calendar",
            Of::Timeline => "timeline",
        }
    }

    /// The table that a whole file of that kind is.
    pub fn root(self) -> &'static Shape {
        match self {
            Of::Procedure => &procedure::ROOT,
            Of::Company => &company::ROOT,
            Of::Calendar => &calendar::ROOT,
            Of::Timeline => &timeline::ROOT,
        }
    }
}

/// The keys of a table.
#[derive(Debug)]
pub struct Shape {
    /// Its name among all shapes.
    pub name: &'static str,
    /// What it is, in Chinese.
    pub zh: &'static str,
    /// What it is, in English.
    pub en: &'static str,
    /// Its keys, in groups that it may share with others.
    pub groups: &'static [&'static [Key]],
}

impl Shape {
    /// Its keys.
    pub fn keys(&self) -> impl Iterator<Item = &'static Key> {
        self.groups.iter().flat_map(|group| group.iter())
    }
}

/// Whether there is a table that may have both of these keys.
pub(super) fn stand_together(one: &str, other: &str) -> bool {
    let mut seen = Vec::new();
    for of in Of::ALL {
        gather(of.root(), &mut seen);
    }
    let has = |shape: &Shape, name: &str| shape.keys().any(|key| key.name == name);
    seen.into_iter().any(|shape| has(shape, one) && has(shape, other))
}

/// Adds a shape and those within it.
fn gather(shape: &'static Shape, seen: &mut Vec<&'static Shape>) {
    if seen.iter().any(|known| known.name == shape.name) {
        return;
    }
    seen.push(shape);
    shape.keys().for_each(|key| gather_value(&key.value, seen));
}

fn gather_value(value: &'static Value, seen: &mut Vec<&'static Shape>) {
    match value {
        Value::Table(shape) => gather(shape, seen),
        Value::Map(each) | Value::List(each) => gather_value(each, seen),
        Value::OneOf(all) => all.iter().for_each(|one| gather_value(one, seen)),
        _ => {}
    }
}

/// A key of a table.
#[derive(Debug)]
pub struct Key {
    /// The key as it is written.
    pub name: &'static str,
    /// What it takes.
    pub value: Value,
    /// Whether it must be written.
    pub needed: bool,
    /// What it means, in Chinese.
    pub zh: &'static str,
    /// What it means, in English.
    pub en: &'static str,
    /// Values that work, as JSON writes them.
    pub examples: &'static [&'static str],
}

/// A key of a table: its name, what it takes, what it means in Chinese and in English; then whether it must be written,
/// and values that work, as JSON writes them.
macro_rules! key {
    ($name:expr, $value:expr, $zh:expr, $en:expr) => {
        key!($name, $value, $zh, $en; false, &[])
    };
    ($name:expr, $value:expr, $zh:expr, $en:expr, needed) => {
        key!($name, $value, $zh, $en; true, &[])
    };
    ($name:expr, $value:expr, $zh:expr, $en:expr, like $examples:expr) => {
        key!($name, $value, $zh, $en; false, $examples)
    };
    ($name:expr, $value:expr, $zh:expr, $en:expr, needed, like $examples:expr) => {
        key!($name, $value, $zh, $en; true, $examples)
    };
    ($name:expr, $value:expr, $zh:expr, $en:expr; $needed:expr, $examples:expr) => {
        $crate::policy::schema::Key {
            name: $name,
            value: $value,
            needed: $needed,
            zh: $zh,
            en: $en,
            examples: $examples,
        }
    };
}
use key;

/// What a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Value {
    /// A text.
    Text,
    /// A text, or a list of texts.
    Texts,
    /// A whole number.
    Int,
    /// A whole number of at least 1, or a parameter.
    Positive,
    /// A whole number or one with decimals.
    Number,
    /// Yes or no.
    Bool,
    /// A local date, without quotes.
    Date,
    /// A term such as `"3天"`, or a parameter.
    Term,
    /// A share such as `"30%"`, or a parameter.
    Share,
    /// An instant: a text, a date and time without quotes, or a year.
    Instant,
    /// One of these words.
    Words(&'static [&'static str]),
    /// Anything.
    Any,
    /// A table.
    Table(&'static Shape),
    /// A table whose keys the author chooses.
    Map(&'static Value),
    /// A list.
    List(&'static Value),
    /// One of these.
    OneOf(&'static [Value]),
}

/// Days of the week.
const WEEKDAYS: Value = Value::List(&Value::Words(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"]));

/// Spans of a day: `[["09:00", "12:00"]]`.
const HOURS: Value = Value::List(&Value::List(&Value::Text));

/// Lengths of periods.
const PERIOD: Value = Value::Words(&["day", "month", "quarter", "year"]);

/// A single value of data.
const SCALAR: Value = Value::OneOf(&[Value::Text, Value::Number, Value::Bool, Value::Date]);

/// A condition over data.
const WHEN: Value = Value::Map(&Value::OneOf(&[
    Value::Text,
    Value::Number,
    Value::Bool,
    Value::Date,
    Value::List(&SCALAR),
    Value::Table(&tables::COMPARED),
]));

/// Fields and their types.
const FIELDS: Value = Value::Map(&FIELD_TYPE);

/// The type of a field.
const FIELD_TYPE: Value = Value::OneOf(&[
    Value::Words(&[
        "text", "number", "bool", "date", "time", "person", "list", "any", "roles", "members",
    ]),
    Value::List(&Value::Text),
]);

/// Steps of escalation.
const ESCALATE: Value = Value::List(&Value::Table(&duty::STEP));

/// Who owes it.
const BEARER: Value = Value::OneOf(&[
    Value::Text,
    Value::List(&Value::OneOf(&[Value::Text, Value::Table(&duty::BEARER)])),
]);

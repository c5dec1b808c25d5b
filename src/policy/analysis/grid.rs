//! The cases that conditions tell apart: for each field the values that some test treats differently from the others,
//! one of each. What holds at such a value holds at all that it stands for, so that trying them all is a proof.

use super::sight::Sight;
use crate::domain::value::{Fields, Value};
use crate::policy::finding::Text;
use crate::policy::model::{Condition, FieldType, Id, Test};
use std::collections::BTreeSet;

/// More cases than these are not tried; a rule tells a few dozen apart.
const MAX_POINTS: usize = 20_000;

/// A text that no rule names.
const OTHER: &str = "其他";

/// The values of one field that are told apart.
pub(super) struct Axis {
    /// The field.
    pub field: Id,
    /// The classes of its values.
    pub classes: Vec<Class>,
}

/// Values of a field that no test tells apart.
pub(super) struct Class {
    /// One of them; none: it is missing.
    pub value: Option<Value>,
    /// Of whole numbers: the first and the last of them, both included; none: no end.
    pub range: Option<(Option<i64>, Option<i64>)>,
}

/// All combinations of the classes of some fields.
pub(super) struct Grid {
    /// The fields, by name.
    pub axes: Vec<Axis>,
}

impl Grid {
    /// What these conditions tell apart when an event happens. `missing`: whether fields that the event does not need
    /// may be missing too. None: they look at what is worked out, or tell too much apart.
    pub fn of(conditions: &[&Condition], sight: &Sight<'_>, missing: bool) -> Option<Grid> {
        if conditions.iter().any(|condition| sight.reads_computed(condition)) {
            return None;
        }
        let tests: Vec<&(Id, Test)> = conditions.iter().flat_map(|condition| &condition.0).collect();
        let fields: BTreeSet<&Id> = tests.iter().map(|(field, _)| field).collect();
        let mut axes = Vec::new();
        for field in fields {
            let of_field: Vec<&Test> = tests.iter().filter(|(f, _)| f == field).map(|(_, test)| test).collect();
            let mut classes = sight.field(field).map_or(Vec::new(), |kind| classes(kind, &of_field));
            if classes.is_empty() || (missing && !sight.is_needed(field)) {
                classes.push(Class {
                    value: None,
                    range: None,
                });
            }
            axes.push(Axis {
                field: field.clone(),
                classes,
            });
        }
        let size = axes
            .iter()
            .try_fold(1_usize, |size, axis| size.checked_mul(axis.classes.len()));
        size.filter(|size| *size <= MAX_POINTS)?;
        Some(Grid { axes })
    }

    /// Each combination: for each field the place of its class. The last field runs first.
    pub fn points(&self) -> impl Iterator<Item = Vec<usize>> + '_ {
        let first = vec![0_usize; self.axes.len()];
        std::iter::successors(Some(first), |point| self.next(point))
    }

    fn next(&self, point: &[usize]) -> Option<Vec<usize>> {
        let mut next = point.to_vec();
        for (at, axis) in next.iter_mut().zip(&self.axes).rev() {
            *at = at.saturating_add(1);
            if *at < axis.classes.len() {
                return Some(next);
            }
            *at = 0;
        }
        None
    }

    /// The data of a combination.
    pub fn data(&self, point: &[usize]) -> Fields {
        let chosen = self.axes.iter().zip(point);
        chosen
            .filter_map(|(axis, at)| Some((axis.field.clone(), axis.classes.get(*at)?.value.clone()?)))
            .collect()
    }

    /// A combination in words, without the fields left out.
    pub fn says(&self, point: &[usize], leave_out: &BTreeSet<usize>) -> Text {
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        for (nth, (axis, at)) in self.axes.iter().zip(point).enumerate() {
            let Some(class) = axis.classes.get(*at).filter(|_| !leave_out.contains(&nth)) else {
                continue;
            };
            let text = class.says(&axis.field);
            zh.push(text.zh);
            en.push(text.en);
        }
        Text::new(zh.join("，"), en.join(", "))
    }
}

impl Class {
    fn says(&self, field: &str) -> Text {
        let both = |text: String| Text::new(text.clone(), text);
        match (&self.range, &self.value) {
            (Some((Some(low), Some(high))), _) if low == high => both(format!("{field} = {low}")),
            (Some((Some(low), Some(high))), _) => Text::new(
                format!("{field} 在 {low} 到 {high}"),
                format!("{field} from {low} to {high}"),
            ),
            (Some((Some(low), None)), _) => Text::new(format!("{field} ≥ {low}"), format!("{field} >= {low}")),
            (Some((None, Some(high))), _) => Text::new(format!("{field} ≤ {high}"), format!("{field} <= {high}")),
            (Some((None, None)), _) => Text::new(format!("{field} 任意"), format!("any {field}")),
            (None, Some(value)) => both(format!("{field} = {value}")),
            (None, None) => Text::new(format!("没有 {field}"), format!("no {field}")),
        }
    }
}

/// The classes of a field's values under these tests.
fn classes(kind: &FieldType, tests: &[&Test]) -> Vec<Class> {
    let named = || {
        let lists = tests.iter().filter_map(|test| match test {
            Test::OneOf(values) => Some(values),
            _ => None,
        });
        let mut values: Vec<Value> = lists.flatten().cloned().collect();
        values.sort();
        values.dedup();
        values
    };
    let one = |value: Value| Class {
        value: Some(value),
        range: None,
    };
    match kind {
        FieldType::Choice(values) => values.iter().map(|v| one(Value::Text(v.clone()))).collect(),
        FieldType::Bool => [true, false].into_iter().map(|yes| one(Value::Bool(yes))).collect(),
        FieldType::Number => numbers(tests),
        FieldType::Any | FieldType::Members => {
            let mut all = numbers(tests);
            all.extend(named().into_iter().filter(|v| !matches!(v, Value::Int(_))).map(one));
            all.push(one(Value::Text(OTHER.into())));
            all
        }
        FieldType::List | FieldType::Roles => {
            let texts: Vec<Id> = named().iter().filter_map(|v| v.as_text().map(Id::from)).collect();
            let list = |texts: &[Id]| one(Value::List(texts.into()));
            let mut all: Vec<Class> = texts.iter().map(|text| list(std::slice::from_ref(text))).collect();
            if texts.len() > 1 {
                all.push(list(&texts));
            }
            all.push(list(&[OTHER.into()]));
            all
        }
        FieldType::Text | FieldType::Person | FieldType::Date | FieldType::Time => {
            let mut all: Vec<Class> = named().into_iter().map(one).collect();
            let other = match kind {
                FieldType::Date => "2000-01-01",
                FieldType::Time => "2000-01-01T00:00:00",
                _ => OTHER,
            };
            all.push(one(Value::Text(other.into())));
            all
        }
    }
}

/// Whole numbers, cut where a test changes its answer.
fn numbers(tests: &[&Test]) -> Vec<Class> {
    let mut cuts: BTreeSet<i64> = BTreeSet::new();
    for test in tests {
        match test {
            Test::AtLeast(n) | Test::LessThan(n) => drop(cuts.insert(*n)),
            Test::MoreThan(n) | Test::AtMost(n) => drop(cuts.insert(n.saturating_add(1))),
            Test::OneOf(values) => {
                for value in values {
                    if let Value::Int(n) = value {
                        cuts.extend([*n, n.saturating_add(1)]);
                    }
                }
            }
            Test::Exists(_) => {}
        }
    }
    let starts = std::iter::once(None).chain(cuts.iter().copied().map(Some));
    let ends = cuts.iter().map(|cut| Some(cut.saturating_sub(1))).chain([None]);
    let ranges = starts.zip(ends);
    let classes = ranges.map(|(low, high)| Class {
        value: Some(Value::Int(low.or(high).unwrap_or(0))),
        range: Some((low, high)),
    });
    // At the ends of the numbers a class may have none.
    let empty = |class: &Class| matches!(class.range, Some((Some(low), Some(high))) if low > high);
    classes.filter(|class| !empty(class)).collect()
}

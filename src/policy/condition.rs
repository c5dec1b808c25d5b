//! Conditions: tests over declared data, so that what they can mean is known before they run.

use super::codes;
use super::fields::{self, View};
use super::model::{Condition, FieldType, Test};
use super::names::Names;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use toml::de::DeValue;

/// Reads a `when`. What is at fault is reported and left out.
pub(super) fn read(node: &Node<'_>, views: &[View<'_>], names: &Names<'_>) -> Condition {
    let entries = node.entries();
    if entries.is_empty() && node.value.is_table() {
        node.bad_value("至少一个字段，或删去这个键", "at least one field, or remove the key");
    }
    let mut tests = Vec::new();
    for (field, node) in entries {
        let types = fields::somewhere(views, &field);
        let id = names.id(field.text);
        match node.value {
            DeValue::Table(_) => {
                let found = compared(&field, &node, &types, names);
                tests.extend(found.into_iter().map(|test| (id.clone(), test)));
            }
            DeValue::Array(_) => {
                let values = node.list();
                if values.is_empty() {
                    node.bad_value("至少一个值", "at least one value");
                }
                let values = values
                    .iter()
                    .filter_map(|item| fields::value(item, field.text, &types, names))
                    .collect();
                tests.push((id, Test::OneOf(values)));
            }
            _ => {
                let value = fields::value(&node, field.text, &types, names);
                tests.extend(value.map(|value| (id, Test::OneOf(vec![value]))));
            }
        }
    }
    Condition(tests)
}

/// `{ exists = false }`, `{ at_least = 3, less_than = 10 }`, `{ one_of = [..] }`.
fn compared(field: &Word<'_>, node: &Node<'_>, types: &[&FieldType], names: &Names<'_>) -> Vec<Test> {
    let Some(mut table) = node.table() else {
        return Vec::new();
    };
    let mut tests = Vec::new();
    let exists = table.take("exists").and_then(|node| node.boolean());
    tests.extend(exists.map(Test::Exists));
    if let Some(list) = table.take("one_of") {
        let values = list.list();
        tests.push(Test::OneOf(
            values
                .iter()
                .filter_map(|item| fields::value(item, field.text, types, names))
                .collect(),
        ));
    }
    let numbers = types.is_empty()
        || types
            .iter()
            .any(|known| matches!(known, FieldType::Number | FieldType::Any | FieldType::Members));
    let (mut low, mut high) = (i64::MIN, i64::MAX);
    let mut bound = |table: &mut Table<'_>, key: &'static str, test: fn(i64) -> Test| {
        let node = table.take(key)?;
        if !numbers {
            let name = field.text;
            node.at.find(
                codes::WRONG_TYPE,
                say!(
                    "“{name}”不是数，不能比大小",
                    "`{name}` is not a number and cannot be compared"
                ),
                say!("在 data 里把它声明为 \"number\"", "declare it as \"number\""),
            );
            return None;
        }
        let n = node.int()?;
        match key {
            "at_least" => low = low.max(n),
            "more_than" => low = low.max(n.saturating_add(1)),
            "at_most" => high = high.min(n),
            _ => high = high.min(n.saturating_sub(1)),
        }
        Some(test(n))
    };
    for (key, test) in [
        ("at_least", Test::AtLeast as fn(i64) -> Test),
        ("more_than", Test::MoreThan),
        ("at_most", Test::AtMost),
        ("less_than", Test::LessThan),
    ] {
        tests.extend(bound(&mut table, key, test));
    }
    if low > high || (exists == Some(false) && tests.len() > 1) {
        let name = field.text;
        node.at.find(
            codes::CONDITION_NEVER_HOLDS,
            say!(
                "对“{name}”的几个要求不能同时成立",
                "the tests of `{name}` cannot hold together"
            ),
            say!("改掉其中一个", "change one of them"),
        );
    }
    table.finish();
    if tests.is_empty() && node.value.as_table().is_some_and(|table| table.is_empty()) {
        node.bad_value(
            " exists、at_least、more_than、at_most、less_than 之一",
            "exists, at_least, more_than, at_most or less_than",
        );
    }
    tests
}

//! By when a duty is owed: terms, windows, middles, dates to come before, recurrences.

use super::codes;
use super::fields::{self, View};
use super::model::{FieldType, Timing};
use super::names::Names;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use super::terms;
use crate::domain::deadline::OpenEdge;

/// The timing of a `[deadline]`, and the value it stands in.
pub(super) fn deadline<'a>(table: &mut Table<'a>, views: &[View<'_>], names: &Names<'a>) -> Option<(Timing, Node<'a>)> {
    let node = table.exactly_one(&["within", "window", "midpoint", "before"])?;
    let timing = match node.name {
        "within" if node.as_text().is_some_and(|word| word.text == "same") => Some(Timing::Same),
        "within" => terms::term(&node).map(Timing::Within),
        "window" => window(&node),
        "midpoint" => midpoint(&node, views, names),
        _ => before(&node, views, names),
    };
    Some((timing?, node))
}

fn window(node: &Node<'_>) -> Option<Timing> {
    let mut table = node.table()?;
    let after = table.need("after").map(|node| terms::term(&node));
    let within = table.need("within").map(|node| terms::term(&node));
    let edge = table
        .take("open_edge")
        .and_then(|node| node.one_of(&[("exclusive", OpenEdge::Exclusive), ("inclusive", OpenEdge::Inclusive)]));
    table.finish();
    Some(Timing::Window {
        after: after??,
        within: within??,
        edge: edge.unwrap_or_default(),
    })
}

fn midpoint(node: &Node<'_>, views: &[View<'_>], names: &Names<'_>) -> Option<Timing> {
    let mut table = node.table()?;
    let of = table.need("of");
    let tolerance = table.need("tolerance").and_then(|node| terms::day_term(&node));
    table.finish();
    let of = of?;
    let words = of.texts();
    words.iter().for_each(|word| date_field(word, views));
    let [start, end] = words.as_slice() else {
        of.bad_value(
            "两个日期字段，如 [\"starts\", \"ends\"]",
            "two fields with dates, such as [\"starts\", \"ends\"]",
        );
        return None;
    };
    Some(Timing::Midpoint {
        start: names.id(start.text),
        end: names.id(end.text),
        tolerance: tolerance?,
    })
}

fn before(node: &Node<'_>, views: &[View<'_>], names: &Names<'_>) -> Option<Timing> {
    let mut table = node.table()?;
    let field = table.title("field");
    let term = table.need("term").and_then(|node| terms::day_term(&node));
    table.finish();
    let field = field?;
    date_field(&field, views);
    Some(Timing::Before {
        field: names.id(field.text),
        term: term?,
    })
}

/// Reports a field that is no date.
pub(super) fn date_field(word: &Word<'_>, views: &[View<'_>]) {
    let types = fields::everywhere(views, word);
    if !types.is_empty() && !types.iter().all(|known| **known == FieldType::Date) {
        let name = word.text;
        word.at.find(
            codes::WRONG_TYPE,
            say!("字段“{name}”不是日期", "the field `{name}` is not a date"),
            say!("在 data 里写 {name} = \"date\"", "declare {name} = \"date\" in data"),
        );
    }
}

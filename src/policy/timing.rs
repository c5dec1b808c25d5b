//! By when a duty is owed: terms, windows, middles, dates to come before, recurrences.

use super::chain::Chain;
use super::codes;
use super::condition;
use super::fields::{self, View};
use super::model::{CaseTerm, FieldType, Id, Timing};
use super::names::Names;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use super::terms;
use crate::domain::deadline::OpenEdge;
use crate::domain::term::Term;

/// The timing of a `[deadline]`, and the value it stands in. `views` is what can be looked at when it comes into being,
/// `cases` what the cases themselves carry: only that can change while it is owed.
pub(super) fn deadline<'a>(
    table: &mut Table<'a>,
    views: &[View<'_>],
    cases: &[View<'_>],
    names: &Names<'a>,
) -> Option<(Timing, Node<'a>)> {
    let node = table.exactly_one(&["within", "by", "window", "midpoint", "before"])?;
    let timing = match node.name {
        "within" if node.as_text().is_some_and(|word| word.text == "same") => Some(Timing::Same),
        "within" if node.value.is_array() => by_case(&node, cases, names),
        "by" => by(&node, table.text("opens"), cases, names),
        "within" => terms::term(&node).map(Timing::Within),
        "window" => window(&node),
        "midpoint" => midpoint(&node, views, names),
        _ => before(&node, cases, names),
    };
    Some((timing?, node))
}

/// `by = "ends_on"`, and `opens = "starts_on"` where it may not be done before.
fn by(node: &Node<'_>, opens: Option<Word<'_>>, cases: &[View<'_>], names: &Names<'_>) -> Option<Timing> {
    let field = node.text()?;
    for word in opens.iter().chain([&field]) {
        moment_field(word, cases);
    }
    Some(Timing::By {
        field: names.id(field.text),
        opens: opens.map(|word| names.id(word.text)),
    })
}

/// `within = [{ when = { … }, term = "30min" }, { term = "2h" }]`.
fn by_case(node: &Node<'_>, cases: &[View<'_>], names: &Names<'_>) -> Option<Timing> {
    let mut entries: Vec<CaseTerm> = Vec::new();
    let mut complete = true;
    let mut chain = Chain::default();
    for item in node.list() {
        let Some(mut table) = item.table() else {
            complete = false;
            continue;
        };
        let when_node = table.take("when");
        let when = when_node
            .map(|node| condition::read(&node, cases, names))
            .unwrap_or_default();
        let term = table.need("term").and_then(|node| terms::term(&node));
        table.finish();
        chain.entry(&item, &when, when_node.is_some());
        match term {
            Some(term) => entries.push(CaseTerm { when, term }),
            None => complete = false,
        }
    }
    chain.close(node);
    (complete && !entries.is_empty()).then_some(Timing::ByCase(entries))
}

/// The timing of what a period's draw asks for, counted from the period's last day.
pub(super) fn after_period<'a>(table: &mut Table<'a>) -> Option<(Timing, Node<'a>)> {
    let node = table.need("within")?;
    let term = terms::term(&node)?;
    if term == Term::Days(0) {
        node.bad_value(
            "至少一天，从期间的最后一天起",
            "at least a day from the period's last day",
        );
    }
    Some((Timing::Within(term), node))
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
    let term = table.need("term");
    table.finish();
    let field = field?;
    // Before an instant, hours and minutes can be counted back as well.
    let term = match moment_field(&field, views) {
        Some(FieldType::Time) => term.and_then(|node| terms::fixed_term(&node)),
        _ => term.and_then(|node| terms::day_term(&node)),
    };
    Some(Timing::Before {
        field: names.id(field.text),
        term: term?,
    })
}

/// The type of a field that has a date or an instant, in all views the same.
pub(super) fn moment_field(word: &Word<'_>, views: &[View<'_>]) -> Option<FieldType> {
    let types = fields::everywhere(views, word);
    let first = types.first()?;
    let fits = matches!(first, FieldType::Date | FieldType::Time) && types.iter().all(|known| known == first);
    if !fits {
        let name = word.text;
        word.at.find(
            codes::WRONG_TYPE,
            say!(
                "字段“{name}”不是日期，也不是时刻",
                "the field `{name}` is neither a date nor an instant"
            ),
            say!(
                "在 data 里写 {name} = \"date\" 或 \"time\"",
                "declare {name} = \"date\" or \"time\" in data"
            ),
        );
        return None;
    }
    Some((*first).clone())
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
/// The timing of a `[reminder]`; `until` are the events that end it.
pub(super) fn reminder<'a>(
    table: &mut Table<'a>,
    cases: &[View<'_>],
    until: Vec<Id>,
    names: &Names<'a>,
) -> Option<(Timing, Node<'a>)> {
    let field = table.title("field");
    let node = table.need("before");
    let at = table.take("at").and_then(|node| terms::time_of_day(&node));
    let field = field?;
    moment_field(&field, cases);
    let node = node?;
    let items = match node.value.is_array() {
        true => node.list(),
        false => vec![node],
    };
    if items.is_empty() {
        node.bad_value(
            "至少一个期限，如 [\"5天\", \"2天\"]",
            "at least one term, such as [\"5d\", \"2d\"]",
        );
    }
    let mut before: Vec<Term> = items.iter().filter_map(terms::day_term).collect();
    before.dedup();
    let whole = !before.is_empty() && before.len() <= items.len();
    let field = names.id(field.text);
    let at = at.unwrap_or_default();
    let timing = Timing::Reminder {
        field,
        before,
        at,
        until,
    };
    whole.then_some((timing, node))
}

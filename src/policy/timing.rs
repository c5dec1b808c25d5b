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
use crate::domain::recurrence::{Every, HolidayRule, Overflow, Recurrence};
use crate::domain::term::Term;
use chrono::NaiveDate;

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
        "by" => node.text().map(|word| {
            moment_field(&word, cases);
            Timing::By {
                field: names.id(word.text),
            }
        }),
        "within" => terms::term(&node).map(Timing::Within),
        "window" => window(&node),
        "midpoint" => midpoint(&node, views, names),
        _ => before(&node, cases, names),
    };
    Some((timing?, node))
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
fn moment_field(word: &Word<'_>, views: &[View<'_>]) -> Option<FieldType> {
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

fn date_field(word: &Word<'_>, views: &[View<'_>]) {
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
    whole.then_some((Timing::Reminder { field, before, until }, node))
}

/// The timing of a `[recurring]`; `until` are the events that end it.
pub(super) fn recurring<'a>(table: &mut Table<'a>, until: Vec<Id>) -> Option<(Timing, Node<'a>)> {
    let node = table.need("every");
    let overflow = table
        .take("overflow")
        .and_then(|node| node.one_of(&[("last-day", Overflow::LastDay), ("skip", Overflow::Skip)]));
    let holidays = table.take("holidays").and_then(|node| {
        node.one_of(&[
            ("none", HolidayRule::None),
            ("next", HolidayRule::Next),
            ("previous", HolidayRule::Previous),
            ("skip", HolidayRule::Skip),
        ])
    });
    let count = table.take("times").and_then(|node| node.positive());
    let node = node?;
    let every = every(&node)?;
    let recurrence = Recurrence {
        every,
        overflow: overflow.unwrap_or_default(),
        holidays: holidays.unwrap_or_default(),
        count,
    };
    Some((Timing::Recurring { recurrence, until }, node))
}

fn every(node: &Node<'_>) -> Option<Every> {
    if node.as_text().is_some() {
        return node.one_of(&[
            ("month-end", Every::MonthLast),
            ("quarter-end", Every::QuarterLast),
            ("year-end", Every::YearLast),
            ("day", Every::Days(1)),
            ("week", Every::Weeks(1)),
        ]);
    }
    let mut table = node.table()?;
    let chosen = table.exactly_one(&[
        "days",
        "weeks",
        "months",
        "weekdays",
        "day_of_month",
        "working_day_of_month",
        "yearly",
    ]);
    table.finish();
    let node = chosen?;
    match node.name {
        "days" => node.positive().map(Every::Days),
        "weeks" => node.positive().map(Every::Weeks),
        "months" => node.positive().map(Every::Months),
        "weekdays" => terms::weekdays(&node).map(Every::Weekdays),
        "day_of_month" => days_of_month(&node).map(Every::DaysOfMonth),
        "working_day_of_month" => ranged(&node, 1, 23).map(Every::WorkingDayOfMonth),
        _ => yearly(&node),
    }
}

fn days_of_month(node: &Node<'_>) -> Option<Vec<u32>> {
    if !node.value.is_array() {
        return ranged(node, 1, 31).map(|day| vec![day]);
    }
    let mut days: Vec<u32> = node.list().iter().filter_map(|item| ranged(item, 1, 31)).collect();
    if days.is_empty() && node.value.as_array().is_some_and(|list| list.is_empty()) {
        node.bad_value("至少一天，如 [15, 30]", "at least one day, such as [15, 30]");
    }
    days.sort_unstable();
    days.dedup();
    (!days.is_empty()).then_some(days)
}

fn ranged(node: &Node<'_>, low: u32, high: u32) -> Option<u32> {
    let number = node.int()?;
    let fitting = u32::try_from(number).ok().filter(|n| (low..=high).contains(n));
    if fitting.is_none() {
        node.bad_value(
            &format!(" {low} 到 {high} 的整数"),
            &format!("a whole number from {low} to {high}"),
        );
    }
    fitting
}

fn yearly(node: &Node<'_>) -> Option<Every> {
    let text = node.text()?.text;
    let numbers = text
        .split_once('-')
        .and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
    let numbers = numbers.filter(|(month, day)| NaiveDate::from_ymd_opt(2024, *month, *day).is_some());
    if numbers.is_none() {
        node.bad_value("月-日，如 \"12-31\"", "month and day, such as \"12-31\"");
    }
    numbers.map(|(month, day)| Every::Yearly { month, day })
}

//! Named hours, as the author wrote them.

use super::calendar::{self, Calendars};
use super::codes;
use super::duty;
use super::model::{Head, Hours};
use super::names::Names;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use crate::domain::calendar::CalendarLayer;
use std::sync::Arc;

/// Reads `[hours.<id>]`, and makes them a calendar that rules can name.
pub(super) fn lower<'a>(
    name: Word<'a>,
    node: Node<'a>,
    file: usize,
    head: &Arc<Head>,
    names: &Names<'a>,
    calendars: &mut Calendars<'a>,
) -> Option<Arc<Hours>> {
    let mut table = Table::rule(name, node)?;
    let common = duty::common(&mut table, file, names);
    let chosen = table.exactly_one(&["workday", "open"]);
    let rest = table.take("rest");
    table.finish();
    let chosen = chosen?;
    let mut layer = CalendarLayer {
        hours: Some(calendar::hours(&chosen)),
        rest_hours: Some(rest.map(|node| calendar::hours(&node)).unwrap_or_default()),
        ..CalendarLayer::default()
    };
    if chosen.name == "open" {
        if let Some(rest) = rest {
            rest.at.find(
                codes::CONFLICTING_KEYS,
                say!(
                    "open 每天都一样，不能再写 rest",
                    "`open` is for every day; `rest` cannot stand beside it"
                ),
                say!(
                    "把 open 改成 workday，或删去 rest",
                    "write `workday` for `open`, or remove `rest`"
                ),
            );
        }
        layer.rest_hours.clone_from(&layer.hours);
    }
    if layer.hours.as_ref().is_some_and(Vec::is_empty) && layer.rest_hours.as_ref().is_some_and(Vec::is_empty) {
        chosen.bad_value(
            "至少一段时间，如 [[\"08:00\", \"17:30\"]]",
            "at least one span, such as [[\"08:00\", \"17:30\"]]",
        );
        return None;
    }
    let hours = Arc::new(Hours {
        id: names.id(name.text),
        title: common.title?,
        clauses: common.clauses,
        head: Arc::clone(head),
        line: name.at.line(),
        assume: common.assume,
        calendar: calendars.with_hours(&name, &layer)?,
    });
    calendars.hours.push(Arc::clone(&hours));
    Some(hours)
}

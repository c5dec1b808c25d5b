//! Whether a window can be kept at all: tried from every day of a leap year and of the months before it.

use super::codes;
use super::node::Node;
use super::source::say;
use crate::domain::calendar::Calendar;
use crate::domain::deadline::{Counting, OpenEdge, window};
use crate::domain::pause::Pauses;
use crate::domain::term::{End, Shift, Term};
use crate::domain::zone::{TimeError, Zone};
use chrono::{NaiveDate, NaiveTime};

/// Long enough to have every length of month, both lengths of February, and the holidays of a year.
const SAMPLE_DAYS: usize = 460;

/// Reports a window that closes before it opens, with the first day on which it does.
pub(super) fn check(
    node: &Node<'_>,
    (after, within, edge): (Term, Term, OpenEdge),
    (end, shift): (End, Shift),
    calendar: &Calendar,
    zone: Zone,
) {
    let pauses = Pauses::none();
    let how = Counting {
        zone,
        calendar,
        end,
        shift,
        pauses: &pauses,
    };
    let Some(first) = NaiveDate::from_ymd_opt(2023, 11, 1) else {
        return;
    };
    let noon = NaiveTime::MIN.overflowing_add_signed(chrono::TimeDelta::hours(12)).0;
    for day in first.iter_days().take(SAMPLE_DAYS) {
        let Ok(start) = zone.resolve_forward(day.and_time(noon)) else {
            continue;
        };
        if let Err(TimeError::WindowEmpty { opens_on, latest_on }) = window(start, after, start, within, edge, &how) {
            node.at.find(
                codes::WINDOW_EMPTY,
                say!(
                    "从 {day} 起算，{opens_on} 才打开，{latest_on} 已到期",
                    "counted from {day}, it opens on {opens_on} and is due on {latest_on}"
                ),
                say!(
                    "within 要比 after 长；after 的当天也算打开时写 open_edge = \"inclusive\"",
                    "make `within` longer than `after`, or write open_edge = \"inclusive\""
                ),
            );
            return;
        }
    }
}

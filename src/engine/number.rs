//! Numbers of forms: given in the order in which events are recorded, so that none is missing and none is twice. A
//! number is part of what is recorded; how many were given follows from the record.

use crate::domain::event::Event;
use crate::domain::value::Value;
use crate::engine::history::History;
use crate::engine::intake::Refusal;
use crate::engine::rate::period_name;
use crate::policy::model::{Id, Numbering, Record};
use std::sync::Arc;

/// A record and a period in which its numbers run.
pub type Series = (Id, Id);

/// The record whose numbers an event gets, if its events are numbered.
pub fn numbered<'h>(history: &'h History, event: &Event) -> Option<(&'h Arc<Record>, &'h Numbering)> {
    let record = history.event_type(event)?.record.as_ref()?;
    Some((record, record.number.as_ref()?))
}

/// The number that an event has.
pub fn of<'e>(history: &History, event: &'e Event) -> Option<&'e str> {
    let (_, numbering) = numbered(history, event)?;
    event.data.get(&numbering.field).and_then(Value::as_text)
}

/// In which series an event's number runs.
pub fn series(history: &History, record: &Record, numbering: &Numbering, event: &Event) -> Series {
    let on = history.zone().date(event.occurred_at);
    let period = numbering.per.map(|per| period_name(per, on));
    (record.id.clone(), period.unwrap_or_default().into())
}

/// The number that the event gets after so many of its series.
pub fn next(history: &History, numbering: &Numbering, event: &Event, given: u32) -> String {
    let on = history.zone().date(event.occurred_at);
    numbering.write(on, given.saturating_add(1))
}

/// Whether the number that an event brings, if it does, is the one that it gets; none: it gets none.
pub fn check(record: &Record, numbering: &Numbering, event: &Event, expected: Option<&str>) -> Result<(), Refusal> {
    let field = &numbering.field;
    let Some(brought) = event.data.get(field).filter(|v| v.is_filled()) else {
        return Ok(());
    };
    if brought.as_text() == expected {
        return Ok(());
    }
    let title = &record.title;
    let (zh, en) = match expected {
        Some(expected) => (
            format!("{title}的编号应为 {expected}，不是 {brought}；可以不写，由系统编"),
            format!("the number must be {expected}, not {brought}; it may be left out"),
        ),
        None => (
            format!("更正的{title}没有编号，不能补编"),
            "what is corrected has no number and gets none".to_owned(),
        ),
    };
    Err(Refusal {
        clause: record.clause_of(field),
        ..Refusal::new("number", format!("/data/{field}"), zh, en)
    })
}

/// An event as it comes in again, with the number that it got.
pub fn as_recorded(history: &History, event: &Event, was: &Event) -> Event {
    let mut event = event.clone();
    if let Some((_, numbering)) = numbered(history, was)
        && event.data.get(&numbering.field).is_none()
        && let Some(number) = was.data.get(&numbering.field)
    {
        event.data.set(numbering.field.clone(), number.clone());
    }
    event
}

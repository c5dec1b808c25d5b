//! The forms that were filled, and until when each is kept.

use super::{Month, Report, ReportQuery};
use crate::domain::deadline::{Counting, reckon};
use crate::domain::event::{DISPOSED, Event};
use crate::domain::pause::Pauses;
use crate::domain::term::{End, Shift};
use crate::domain::value::Value;
use crate::engine::history::History;
use crate::engine::{case, who};
use crate::policy::model::{Id, Procedure, Record};
use crate::service::ServiceError;
use crate::service::ask::Question;
use serde_json::json;
use std::sync::Arc;

/// Lists them.
pub(super) fn records(
    question: &Question<'_>,
    query: &ReportQuery,
    month: Month,
    table: &mut Report,
) -> Result<(), ServiceError> {
    let company = question.company();
    let retention = table.report == "retention";
    let mut cases: Vec<(String, u64)> = Vec::new();
    question.each_case(&mut |_, id, case| {
        let area = who::area_of(&company, &case.data).map(|a| a.to_string());
        if query.area.is_none() || area == query.area {
            cases.push((id.to_owned(), case.head));
        }
    })?;
    let history = question.history();
    let mut rows: Vec<(chrono::DateTime<chrono::Utc>, Vec<serde_json::Value>)> = Vec::new();
    for (id, head) in cases {
        let events = case::in_order(&question.events(&id, head)?, &history);
        let disposed: Vec<&str> = events
            .iter()
            .filter(|e| e.kind.as_ref() == DISPOSED)
            .filter_map(|e| e.data.get("record").and_then(Value::as_text))
            .collect();
        for event in &events {
            let Some(record) = history.event_type(event).and_then(|t| t.record.clone()) else {
                continue;
            };
            let on = company.zone.date(event.occurred_at);
            let asked = query.record.as_ref().is_none_or(|r| *r == *record.id);
            // Retention looks at all that was ever filed, unless a month is named.
            let in_month = month.0 <= on && on <= month.1 || retention && query.period.is_none();
            if !asked || !in_month {
                continue;
            }
            let none = Pauses::none();
            let how = Counting {
                zone: company.zone,
                calendar: &company.calendar,
                end: End::Midnight,
                shift: Shift::None,
                pauses: &none,
            };
            let kept = record
                .retain
                .and_then(|term| reckon(event.occurred_at, term, &how).ok());
            let kept_on = kept.map(|k| k.due.date(company.zone));
            let by = event
                .actor
                .person
                .as_ref()
                .or(event.actor.role.as_ref())
                .map(|b| b.to_string());
            let mut row = vec![
                json!(record.id),
                json!(record.title),
                json!(id),
                json!(event.id),
                json!(company.zone.rfc3339(event.occurred_at)),
                json!(by),
            ];
            if retention {
                let state = match kept_on {
                    _ if disposed.contains(&event.id.as_ref()) => "disposed",
                    Some(kept_on) if kept_on < company.zone.date(question.as_of()) => "disposable",
                    _ => "kept",
                };
                row.extend([json!(kept_on.map(|d| d.to_string())), json!(state)]);
            } else {
                let missing = crate::engine::perform::missing_fields(&record, &event.data);
                let missing: Vec<&str> = missing.iter().map(|m| m.as_ref()).collect();
                let fields = serde_json::Value::Object(crate::engine::body::json(&event.data));
                row.extend([json!(missing.join(", ")), fields]);
            }
            row.extend([
                json!(record.clauses.first()),
                json!(edition_of(&history, event, &record)),
            ]);
            rows.push((event.occurred_at, row));
        }
    }
    rows.sort_by_key(|(at, _)| *at);
    table.rows = rows.into_iter().map(|(_, row)| row).collect();
    table.columns = vec!["record", "title", "case", "event", "at", "by"];
    table.columns.extend(if retention {
        ["kept_until", "state"]
    } else {
        ["missing", "fields"]
    });
    table.columns.extend(["clause", "edition"]);
    Ok(())
}

/// The edition that an event's form stands in: SHA-256 of its text.
pub(super) fn edition_of(history: &History, event: &Event, record: &Record) -> Option<Id> {
    let has = |p: &&Arc<Procedure>| p.records.iter().any(|r| r.id == record.id);
    let editions = history.editions(event);
    let known = || history.sets().flat_map(|c| c.editions()).find(has);
    let found = editions.iter().find(has).or_else(known);
    found.map(|p| p.head.edition.clone())
}

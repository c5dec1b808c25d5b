//! Reports: tables over a company's cases, for a month.
//!
//! `plan`: what is to be done in the month. `statistics`: each area's follow-ups by rule. `performance`: by person, role
//! or area, what was done in time, late, or not. `records`: the forms that were filled. `retention`: until when each
//! form is kept, and which may go. `metrics`: the figures of metrics, each for a period of its own kind.
//! `numbers`: the numbers that forms got, void ones included. `turns`: who is next in turn.
//! `penalties`: the lines of the ledger of penalties.

mod numbers;
mod turns;

use crate::domain::deadline::{Counting, reckon};
use crate::domain::event::DISPOSED;
use crate::domain::pause::Pauses;
use crate::domain::term::{End, Shift};
use crate::domain::value::Value;
use crate::engine::case;
use crate::engine::open::period_of;
use crate::engine::rate::{Tally, counted, parse_period, period_name};
use crate::engine::view::obligation_view;
use crate::engine::who;
use crate::policy::model::{Id, Period};
use crate::service::ServiceError;
use crate::service::ask::Question;
use crate::service::{metrics, penalties};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// How a report is asked for.
#[derive(Clone, Debug, Default)]
pub struct ReportQuery {
    /// The month, `2026-03`; none: the one that runs.
    pub period: Option<String>,
    /// In this area alone.
    pub area: Option<String>,
    /// Of this record alone.
    pub record: Option<String>,
    /// `person`, `role` or `area`.
    pub by: Option<String>,
    /// Of this metric alone.
    pub metric: Option<String>,
    /// The statement of this case's points.
    pub case: Option<String>,
}

/// A table.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Its name.
    pub report: String,
    /// The month.
    pub period: String,
    /// As things stand at this instant.
    pub as_of: String,
    /// The names of the columns.
    pub columns: Vec<&'static str>,
    /// The rows; each has a value for each column.
    pub rows: Vec<Vec<serde_json::Value>>,
}

impl Report {
    /// The table as CSV for spreadsheets: UTF-8 with its mark, cells quoted, and none that begins like a formula.
    pub fn csv(&self) -> String {
        let mut text = String::from("\u{feff}");
        let header: Vec<serde_json::Value> = self.columns.iter().map(|c| json!(c)).collect();
        for row in std::iter::once(&header).chain(&self.rows) {
            let cells: Vec<String> = row.iter().map(cell).collect();
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
        text
    }
}

fn cell(value: &serde_json::Value) -> String {
    let text = match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let number = value.is_number();
    let mark = if formula && !number { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

/// Makes a report.
pub fn report(question: &Question<'_>, name: &str, query: &ReportQuery) -> Result<Report, ServiceError> {
    if name == "metrics" {
        return metrics::metrics(question, query);
    }
    if name == "penalties" {
        return penalties::table(question, query);
    }
    let company = question.company();
    let today = company.zone.date(question.as_of());
    let on = match &query.period {
        None => today,
        Some(text) => parse_period(Period::Month, text).ok_or_else(|| ServiceError::BadQuestion {
            parameter: "period",
            message: format!(
                "`{text}` is no month; write it like {}",
                period_name(Period::Month, today)
            ),
        })?,
    };
    let month = period_of(Period::Month, on);
    let mut table = Report {
        report: name.to_owned(),
        period: period_name(Period::Month, on),
        as_of: company.zone.rfc3339(question.as_of()),
        columns: Vec::new(),
        rows: Vec::new(),
    };
    match name {
        "plan" => plan(question, query, month, &mut table)?,
        "statistics" => statistics(question, query, month, &mut table)?,
        "performance" => performance(question, query, month, &mut table)?,
        "turns" => turns::turns(question, &mut table)?,
        "numbers" => numbers::numbers(question, query, month, &mut table)?,
        "records" | "retention" => records(question, query, month, &mut table)?,
        "reads" => crate::service::reads::report(question, month, &mut table)?,
        _ => {
            return Err(ServiceError::NotFound {
                what: "report",
                id: name.to_owned(),
            });
        }
    }
    Ok(table)
}

type Month = (chrono::NaiveDate, chrono::NaiveDate);

fn metric_rules(question: &Question<'_>) -> Vec<Id> {
    let company = question.company();
    company
        .procedures
        .iter()
        .flat_map(|p| &p.metrics)
        .flat_map(|m| m.duties().to_vec())
        .collect()
}

fn plan(question: &Question<'_>, query: &ReportQuery, month: Month, table: &mut Report) -> Result<(), ServiceError> {
    let company = question.company();
    let rules = metric_rules(question);
    table.columns = vec![
        "due_on",
        "area",
        "role",
        "person",
        "case",
        "rule",
        "title",
        "standing",
        "obligation",
        "would_be",
        "waived_by",
        "waived_why",
        "waived_until",
        "provisional",
    ];
    question.each_case(&mut |_, id, case| {
        let area = who::area_of(&company, &case.data).map(|a| a.to_string());
        if query.area.is_some() && area != query.area {
            return;
        }
        for obligation in case
            .obligations
            .iter()
            .filter(|o| o.is_owed() && rules.contains(&o.duty.id))
            .filter(|o| !o.is_hidden(question.as_of()))
        {
            let on = obligation.due.date(company.zone);
            let waived = obligation.waived_at(question.as_of()).is_some();
            let ahead = obligation.is_live() && on < month.0 && !waived;
            if !(ahead || month.0 <= on && on <= month.1) {
                continue;
            }
            let view = obligation_view(&company, id, case, obligation, question.as_of());
            for bearer in &view.bearers {
                let name = bearer.name.clone();
                let waived = view.waived.as_ref();
                table.rows.push(vec![
                    json!(on.to_string()),
                    json!(area),
                    json!(bearer.role),
                    json!(name),
                    json!(id),
                    json!(view.rule),
                    json!(view.title),
                    json!(view.standing),
                    json!(view.id),
                    json!(waived.map(|w| w.would_be)),
                    json!(waived.map(|w| &w.by)),
                    json!(waived.map(|w| &w.why)),
                    json!(waived.and_then(|w| w.until.as_ref())),
                    json!(obligation.provisional),
                ]);
            }
        }
    })?;
    table
        .rows
        .sort_by_key(|row| row.iter().take(5).map(|v| v.to_string()).collect::<Vec<_>>());
    Ok(())
}

fn statistics(
    question: &Question<'_>,
    query: &ReportQuery,
    month: Month,
    table: &mut Report,
) -> Result<(), ServiceError> {
    let company = question.company();
    let rules = metric_rules(question);
    let mut counts: BTreeMap<(String, Id), (Tally, u64)> = BTreeMap::new();
    question.each_case(&mut |_, _, case| {
        let area = who::area_of(&company, &case.data)
            .map(|a| a.to_string())
            .unwrap_or_default();
        if query.area.as_ref().is_some_and(|a| *a != area) {
            return;
        }
        for obligation in case.obligations.iter().filter(|o| rules.contains(&o.duty.id)) {
            let on = company.zone.date(obligation.trigger.at);
            if on < month.0 || on > month.1 {
                continue;
            }
            let entry = counts.entry((area.clone(), obligation.duty.id.clone())).or_default();
            entry.0.add(&counted(obligation, question.as_of()));
            let by = obligation.end.as_ref().map(|e| &e.by.event);
            let unqualified = case
                .hits
                .iter()
                .any(|h| Some(&h.event) == by && h.threshold.key.is_empty() && !h.threshold.to.is_empty());
            entry.1 += u64::from(unqualified);
        }
    })?;
    table.columns = vec![
        "area",
        "rule",
        "population",
        "done",
        "on_time",
        "late",
        "overdue",
        "in_time",
        "unqualified",
        "coverage_pct",
        "timeliness_pct",
        "waived",
        "waived_late",
    ];
    for ((area, rule), (tally, unqualified)) in counts {
        table.rows.push(vec![
            json!(area),
            json!(rule),
            json!(tally.population),
            json!(tally.done),
            json!(tally.on_time),
            json!(tally.done - tally.on_time),
            json!(tally.overdue),
            json!(tally.in_time),
            json!(unqualified),
            json!(tally.coverage_pct()),
            json!(tally.timeliness_pct()),
            json!(tally.waived),
            json!(tally.waived_late),
        ]);
    }
    Ok(())
}

fn performance(
    question: &Question<'_>,
    query: &ReportQuery,
    month: Month,
    table: &mut Report,
) -> Result<(), ServiceError> {
    let company = question.company();
    let rules = metric_rules(question);
    let by = query.by.as_deref().unwrap_or("person");
    if !["person", "role", "area"].contains(&by) {
        let message = format!("`{by}` is not offered; there are person, role and area");
        return Err(ServiceError::BadQuestion {
            parameter: "by",
            message,
        });
    }
    let mut counts: BTreeMap<String, (Tally, u64)> = BTreeMap::new();
    question.each_case(&mut |_, _, case| {
        let area = who::area_of(&company, &case.data).map(|a| a.to_string());
        if query.area.is_some() && area != query.area {
            return;
        }
        for obligation in case
            .obligations
            .iter()
            .filter(|o| o.is_owed() && rules.contains(&o.duty.id))
        {
            let on = company.zone.date(obligation.trigger.at);
            if on < month.0 || on > month.1 {
                continue;
            }
            let tally = counted(obligation, question.as_of());
            let mut names: Vec<String> = match by {
                "role" => {
                    let role = |r| who::resolve(&company, r, &case.data).role.to_owned();
                    obligation.roles.iter().map(|r| role(r.as_ref())).collect()
                }
                "area" => vec![area.clone().unwrap_or_default()],
                _ => obligation
                    .roles
                    .iter()
                    .map(|r| {
                        let bearer = who::resolve(&company, r, &case.data);
                        let person = bearer.person.map(|p| p.id.as_ref()).or(bearer.named);
                        person.unwrap_or_default().to_owned()
                    })
                    .collect(),
            };
            names.dedup();
            for name in names {
                let entry = counts.entry(name).or_default();
                entry.0.add(&tally);
                let paused = case.paused(&obligation.duty, question.as_of());
                let standing = crate::engine::obligation::BreachStatus::Standing;
                let breached = obligation
                    .breach(question.as_of(), paused)
                    .is_some_and(|b| b.status == standing);
                entry.1 += u64::from(breached);
            }
        }
    })?;
    table.columns = vec![
        "by",
        "owed",
        "on_time",
        "late",
        "missed",
        "open",
        "breaches",
        "timeliness_pct",
        "waived",
        "waived_late",
    ];
    for (name, (tally, breaches)) in counts {
        table.rows.push(vec![
            json!(name),
            json!(tally.population),
            json!(tally.on_time),
            json!(tally.done - tally.on_time),
            json!(tally.overdue),
            json!(tally.in_time),
            json!(breaches),
            json!(tally.timeliness_pct()),
            json!(tally.waived),
            json!(tally.waived_late),
        ]);
    }
    Ok(())
}

fn records(question: &Question<'_>, query: &ReportQuery, month: Month, table: &mut Report) -> Result<(), ServiceError> {
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
    Ok(())
}

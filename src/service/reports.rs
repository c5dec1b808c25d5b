//! Reports: tables over a company's cases, for a month.
//!
//! `plan`: what is to be done in the month. `statistics`: each area's follow-ups by rule. `performance`: by person, role
//! or area, what was done in time, late, or not. `records`: the forms that were filled. `retention`: until when each
//! form is kept, and which may go. `metrics`: the figures of metrics, each for a period of its own kind.
//! `numbers`: the numbers that forms got, void ones included. `turns`: who is next in turn.
//! `penalties`: the lines of the ledger of penalties. Every row names its clause, its edition, and the `event` that it is
//! about or the `events` that it counts.

mod counts;
mod forms;
mod numbers;
mod plan;
mod turns;

use crate::engine::member::Member;
use crate::engine::open::period_of;
use crate::engine::rate::{parse_period, period_name};
use crate::policy::model::{Id, Period};
use crate::service::ServiceError;
use crate::service::ask::Question;
use crate::service::members::Counted;
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
    /// Of each row those that it counts; empty where rows are about one event each.
    #[serde(skip)]
    pub members: Vec<Vec<Member>>,
}

impl Report {
    /// The rows by the names of their columns, each with those that it counts.
    pub fn counted(self) -> Vec<Counted<BTreeMap<&'static str, serde_json::Value>>> {
        let columns = self.columns;
        let named = |row: Vec<serde_json::Value>| columns.iter().copied().zip(row).collect();
        let mut members = self.members.into_iter();
        let rows = self.rows.into_iter();
        rows.map(|row| Counted {
            row: named(row),
            members: members.next(),
        })
        .collect()
    }

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
        members: Vec::new(),
    };
    match name {
        "plan" => plan::plan(question, query, month, &mut table)?,
        "statistics" => counts::statistics(question, query, month, &mut table)?,
        "performance" => counts::performance(question, query, month, &mut table)?,
        "turns" => turns::turns(question, &mut table)?,
        "numbers" => numbers::numbers(question, query, month, &mut table)?,
        "records" | "retention" => forms::records(question, query, month, &mut table)?,
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

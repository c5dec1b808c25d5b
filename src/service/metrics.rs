//! The figures of metrics as a table, and the statement of a case's points.

use crate::engine::metric::{Counter, is_share, movements, text};
use crate::engine::open::period_of;
use crate::engine::rate::{parse_period, period_name};
use crate::engine::seen::seen;
use crate::engine::who;
use crate::policy::model::{Company, Measure, Metric};
use crate::service::ServiceError;
use crate::service::ask::Question;
use crate::service::members::cited;
use crate::service::reports::{Report, ReportQuery};
use chrono::NaiveDate;
use serde_json::json;
use std::sync::Arc;

/// A metric, and the local date that its period is named by.
type Asked = (Arc<Metric>, NaiveDate);

/// The figures of all metrics, or one, each for the period of that name or the one that runs.
pub fn metrics(question: &Question<'_>, query: &ReportQuery) -> Result<Report, ServiceError> {
    let company = question.company();
    let asked = asked(&company, question, query)?;
    let mut table = Report {
        report: "metrics".to_owned(),
        period: query.period.clone().unwrap_or_default(),
        as_of: company.zone.rfc3339(question.as_of()),
        columns: Vec::new(),
        rows: Vec::new(),
        members: Vec::new(),
    };
    if let Some(case) = &query.case {
        statement(question, &asked, case, &mut table)?;
        return Ok(table);
    }
    let mut counters = Vec::new();
    for (metric, on) in &asked {
        let period = period_of(metric.per, *on);
        counters.push(Counter::new(&company, metric, period, question.as_of()));
    }
    let is_here = |data: &crate::domain::value::Fields| {
        let area = who::area_of(&company, data);
        query.area.is_none() || area.map(|a| a.to_string()) == query.area
    };
    question.each_case(&mut |_, id, case| {
        for ((metric, _), counter) in asked.iter().zip(&mut counters) {
            if !metric.duties().is_empty() && is_here(&case.data) {
                counter.case(id, case, &[]);
            }
        }
    })?;
    let of_events = |kind: &str| asked.iter().any(|(metric, _)| metric.is_about(kind));
    question.each_past(
        &|case| of_events(&case.kind) && is_here(&case.data),
        &mut |id, case, events, ctx| {
            let events = seen(id, events, ctx);
            for ((metric, _), counter) in asked.iter().zip(&mut counters) {
                if metric.is_about(&case.kind) {
                    counter.case(id, case, &events);
                }
            }
        },
    )?;
    table.columns = vec![
        "metric",
        "title",
        "clause",
        "period",
        "by",
        "of",
        "value",
        "value_exact",
        "population",
        "line",
        "below",
        "missing",
        "edition",
        "events",
    ];
    for ((metric, on), counter) in asked.iter().zip(counters) {
        for row in counter.rows() {
            let missing: Vec<&str> = row.missing.iter().map(AsRef::as_ref).collect();
            let shown = row.value.map(|value| match is_share(metric) {
                true => {
                    crate::domain::fraction::percent_text(value.numerator(), value.denominator()).unwrap_or_default()
                }
                false => value.rounded(),
            });
            table.rows.push(vec![
                json!(metric.id),
                json!(metric.title),
                json!(metric.clauses.first()),
                json!(period_name(metric.per, *on)),
                json!(row.by),
                json!(row.of),
                json!(shown),
                json!(row.value.map(|value| text(metric, value))),
                json!(row.population),
                json!(metric.line_of_improvement().map(|line| line.to_string())),
                json!(row.below),
                json!(missing.join(", ")),
                json!(metric.head.edition),
                json!(cited(&row.members)),
            ]);
            table.members.push(row.members);
        }
    }
    Ok(table)
}

fn asked(company: &Company, question: &Question<'_>, query: &ReportQuery) -> Result<Vec<Asked>, ServiceError> {
    let today = company.zone.date(question.as_of());
    let mut asked = Vec::new();
    let mut known = Vec::new();
    for metric in company.procedures.iter().flat_map(|p| &p.metrics) {
        known.push(metric.id.as_ref());
        if query.metric.as_ref().is_some_and(|id| *id != *metric.id) {
            continue;
        }
        let on = match &query.period {
            None => Some(today),
            Some(text) => parse_period(metric.per, text),
        };
        if on.is_none() && query.metric.is_some() {
            return Err(ServiceError::BadQuestion {
                parameter: "period",
                message: format!(
                    "`{}` is no period of metric `{}`; write it like {}",
                    query.period.as_deref().unwrap_or_default(),
                    metric.id,
                    period_name(metric.per, today)
                ),
            });
        }
        asked.extend(on.map(|on| (metric.clone(), on)));
    }
    match &query.metric {
        Some(id) if asked.is_empty() => Err(ServiceError::BadQuestion {
            parameter: "metric",
            message: format!("`{id}` is not known; there are {}", known.join(", ")),
        }),
        _ => Ok(asked),
    }
}

/// What earned and spent a case's points, up to the end of the period.
fn statement(question: &Question<'_>, asked: &[Asked], case: &str, table: &mut Report) -> Result<(), ServiceError> {
    let zone = question.company().zone;
    let folded = question.case(case)?;
    let events = question.events(case, folded.head)?;
    let events = question.seen(case, &events);
    table.columns = vec![
        "metric", "at", "event", "type", "earned", "spent", "balance", "clause", "edition",
    ];
    for (metric, on) in asked
        .iter()
        .filter(|(m, _)| matches!(m.measure, Measure::Points { .. }))
    {
        let (_, last_on) = period_of(metric.per, *on);
        for movement in movements(metric, &events).iter().filter(|m| zone.date(m.at) <= last_on) {
            table.rows.push(vec![
                json!(metric.id),
                json!(zone.rfc3339(movement.at)),
                json!(movement.event),
                json!(movement.kind),
                json!(movement.amount.max(0)),
                json!(movement.amount.min(0).saturating_neg()),
                json!(movement.balance),
                json!(metric.clauses.first()),
                json!(metric.head.edition),
            ]);
        }
    }
    Ok(())
}

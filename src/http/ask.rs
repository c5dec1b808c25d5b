//! Questions.

use crate::domain::obligation::Standing;

use crate::engine::explain;
use crate::engine::open::ADMINISTRATOR;
use crate::http;
use crate::http::App;
use crate::http::asked::{Pairs, answer};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::policy::finding::Lang;
use crate::policy::model::{Company, Id};
use crate::service::ServiceError;
use crate::service::ask::Question;
use crate::service::due::{DueQuery, MAX_PAGE};
use crate::service::members::{self, Asked, Counted};
use crate::service::reports::{self, ReportQuery};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;

/// What is due next.
pub async fn due(State(app): State<App>, Path(company): Path<String>, pairs: Pairs) -> Result<Response, Problem> {
    answer(app, &company, "due", pairs, |_, question, mut query| {
        let zone = question.company().zone;
        let standing = match query.take("standing") {
            None => Vec::new(),
            Some(list) if list == "all" => Standing::ALL.to_vec(),
            Some(list) => list
                .split(',')
                .map(|word| {
                    Standing::parse(word.trim()).ok_or_else(|| {
                        let words: Vec<&str> = Standing::ALL.iter().map(|s| s.word()).collect();
                        let message = format!("`{word}` is no standing; there are {}, and all", words.join(", "));
                        ServiceError::BadQuestion {
                            parameter: "standing",
                            message,
                        }
                    })
                })
                .collect::<Result<_, _>>()?,
        };
        let asked = DueQuery {
            role: query.take("role"),
            person: query.take("person"),
            case: query.take("case"),
            kind: query.take("kind"),
            rule: query.take("rule"),
            area: query.take("area"),
            standing,
            before: query.instant("before", zone)?,
            limit: query.number("limit", 1, MAX_PAGE)?,
            cursor: query.take("cursor"),
        };
        query.finish(&[
            "role", "person", "case", "kind", "rule", "area", "standing", "before", "as_of", "known_at", "viewer",
            "limit", "cursor",
        ])?;
        known_names(question, &asked)?;
        Ok(http::json(StatusCode::OK, &question.due(&asked)?))
    })
    .await
}

/// A misspelt role must not read as "nothing is due". What is known is only looked up for what is asked.
fn known_names(question: &Question<'_>, asked: &DueQuery) -> Result<(), Problem> {
    let company = question.company();
    let check = |parameter, value: &Option<String>, known: &dyn Fn() -> Vec<String>| {
        let Some(value) = value else { return Ok(()) };
        let known = known();
        if known.contains(value) {
            return Ok(());
        }
        let message = format!("`{value}` is not known; there are {}", known.join(", "));
        Err(ServiceError::BadQuestion { parameter, message })
    };
    check("role", &asked.role, &|| {
        let roles = company.roles.keys().map(|r| r.to_string());
        roles.chain([ADMINISTRATOR.to_owned()]).collect()
    })?;
    check("rule", &asked.rule, &|| {
        // What an earlier edition asked for may still be owed.
        let history = question.history();
        let procedures = history.sets().flat_map(|c| c.editions());
        let rules: BTreeSet<&Id> = procedures.flat_map(|p| &p.duties).map(|d| &d.id).collect();
        rules.into_iter().map(|r| r.to_string()).collect()
    })?;
    check("person", &asked.person, &|| {
        let people = company.people.iter().map(|p| p.id.to_string());
        people.chain(question.named_people()).collect()
    })?;
    check("kind", &asked.kind, &|| {
        company.kinds.keys().map(|k| k.to_string()).collect()
    })?;
    known_area(&company, &asked.area)
}

pub(super) fn known_area(company: &Company, area: &Option<String>) -> Result<(), Problem> {
    let known: Vec<&str> = company.areas.iter().map(|a| a.id.as_ref()).collect();
    match area {
        Some(area) if !known.contains(&area.as_str()) => {
            let message = format!("`{area}` is not known; there are {}", known.join(", "));
            let parameter = "area";
            Err(ServiceError::BadQuestion { parameter, message }.into())
        }
        _ => Ok(()),
    }
}

/// A case with its events and obligations.
pub async fn case(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    answer(app, &company, "case", pairs, |_, question, query| {
        query.finish(&["as_of", "known_at", "viewer"])?;
        Ok(Json(question.case_view(&id)?).into_response())
    })
    .await
}

/// What is due next for a case, what will be, and which events it can take.
pub async fn next(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    answer(app, &company, "next", pairs, |_, question, query| {
        query.finish(&["as_of", "known_at", "viewer"])?;
        Ok(http::json(StatusCode::OK, &question.next(&id)?))
    })
    .await
}

/// One obligation.
pub async fn obligation(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    answer(app, &company, "obligation", pairs, |_, question, query| {
        query.finish(&["as_of", "known_at", "viewer"])?;
        let (case_id, case, at) = question.obligation(&id)?;
        let Some(obligation) = case.obligations.get(at) else {
            return Err(ServiceError::NotFound { what: "obligation", id }.into());
        };
        Ok(Json(question.obligation_view(&case_id, &case, obligation)).into_response())
    })
    .await
}

/// Why an obligation exists, how its due date was counted, who and what comes next.
pub async fn explain(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    answer(app, &company, "explain", pairs, |_, question, mut query| {
        let format = query.take("format");
        let lang = match query.take("lang").as_deref() {
            None | Some("zh") => Lang::Zh,
            Some("en") => Lang::En,
            Some(other) => {
                let message = format!("`{other}` is not offered; there are zh and en");
                return Err(ServiceError::BadQuestion {
                    parameter: "lang",
                    message,
                }
                .into());
            }
        };
        query.finish(&["as_of", "known_at", "viewer", "format", "lang"])?;
        let (case_id, case, at) = question.obligation(&id)?;
        let Some(obligation) = case.obligations.get(at) else {
            return Err(ServiceError::NotFound { what: "obligation", id }.into());
        };
        let explanation = question.explanation(&case_id, &case, obligation);
        match format.as_deref() {
            None | Some("json") => Ok(Json(explanation).into_response()),
            Some("text") => {
                let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
                Ok((kind, explain::text(&explanation, lang)).into_response())
            }
            Some(other) => {
                let message = format!("`{other}` is not offered; there are json and text");
                Err(ServiceError::BadQuestion {
                    parameter: "format",
                    message,
                }
                .into())
            }
        }
    })
    .await
}

/// How the rates stand.
pub async fn rates(State(app): State<App>, Path(company): Path<String>, pairs: Pairs) -> Result<Response, Problem> {
    answer(app, &company, "rates", pairs, |_, question, mut query| {
        let (rate, period, area) = (query.take("rate"), query.take("period"), query.take("area"));
        let members = members(&mut query)?;
        query.finish(&[
            "rate", "period", "area", "row", "limit", "cursor", "as_of", "known_at", "viewer",
        ])?;
        known_area(&question.company(), &area)?;
        let items = question.rates(rate.as_deref(), period.as_deref(), area.as_deref())?;
        rows(question, items, members.as_ref())
    })
    .await
}

/// Which row's members are asked for, if any are.
fn members(query: &mut Query) -> Result<Option<Asked>, Problem> {
    let row = query.number("row", 1, usize::MAX)?;
    let limit = query.number("limit", 1, members::MAX_PAGE)?;
    let cursor = query.take("cursor");
    match row {
        Some(row) => Ok(Some(Asked { row, limit, cursor })),
        None if limit.is_none() && cursor.is_none() => Ok(None),
        None => {
            let message = "`limit` and `cursor` page those that a row counts: say which with `row`".to_owned();
            let parameter = "row";
            Err(ServiceError::BadQuestion { parameter, message }.into())
        }
    }
}

/// All rows, or the members of the one that is asked for.
fn rows<T: Serialize>(
    question: &Question<'_>,
    rows: Vec<Counted<T>>,
    asked: Option<&Asked>,
) -> Result<Response, Problem> {
    if let Some(asked) = asked {
        return Ok(http::json(StatusCode::OK, &members::page(question, rows, asked)?));
    }
    let as_of = question.company().zone.rfc3339(question.as_of());
    let items: Vec<T> = rows.into_iter().map(|counted| counted.row).collect();
    Ok(http::json(StatusCode::OK, &Items { as_of, items }))
}

/// Rows as they are listed.
#[derive(Serialize)]
struct Items<T> {
    /// As things stand at this instant.
    as_of: String,
    /// The rows.
    items: Vec<T>,
}

/// Who was told what: escalations that time brought about, what was taken back, and notices at once.
pub async fn effects(State(app): State<App>, Path(company): Path<String>, pairs: Pairs) -> Result<Response, Problem> {
    answer(app, &company, "effects", pairs, |_, question, mut query| {
        let zone = question.company().zone;
        let from = query.instant("from", zone)?.unwrap_or(chrono::DateTime::UNIX_EPOCH);
        let to = query.instant("to", zone)?.unwrap_or(question.as_of());
        let digest = query.flag("digest")?;
        let members = members(&mut query)?;
        query.finish(&[
            "from", "to", "digest", "row", "limit", "cursor", "as_of", "known_at", "viewer",
        ])?;
        if digest && members.is_some() {
            let message = "`digest` has messages, which are not numbered as rows: ask without it".to_owned();
            let parameter = "row";
            return Err(ServiceError::BadQuestion { parameter, message }.into());
        }
        if digest {
            let items = question.digests(from, to)?;
            return Ok(Json(json!({ "as_of": zone.rfc3339(question.as_of()), "items": items })).into_response());
        }
        rows(question, question.effects(from, to)?, members.as_ref())
    })
    .await
}

/// A report: `plan`, `statistics`, `performance`, `records`, `retention`, `metrics`; as JSON, or CSV with `?format=csv`.
pub async fn report(
    State(app): State<App>,
    Path((company, name)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    answer(app, &company, "report", pairs, |_, question, mut query| {
        let asked = ReportQuery {
            period: query.take("period"),
            area: query.take("area"),
            record: query.take("record"),
            by: query.take("by"),
            metric: query.take("metric"),
            case: query.take("case"),
        };
        let format = query.take("format");
        let members = members(&mut query)?;
        query.finish(&[
            "period", "area", "record", "by", "metric", "case", "format", "row", "limit", "cursor", "as_of",
            "known_at", "viewer",
        ])?;
        known_area(&question.company(), &asked.area)?;
        let report = reports::report(question, &name, &asked)?;
        if members.is_some() && format.as_deref().is_none_or(|f| f == "json") {
            return rows(question, report.counted(), members.as_ref());
        }
        match format.as_deref() {
            None | Some("json") => Ok(Json(report).into_response()),
            Some("csv") if members.is_none() => {
                let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
                Ok((kind, report.csv()).into_response())
            }
            Some(other) => {
                let message = match members {
                    Some(_) => format!("`{other}` is not offered with `row`; there is json"),
                    None => format!("`{other}` is not offered; there are json and csv"),
                };
                Err(ServiceError::BadQuestion {
                    parameter: "format",
                    message,
                }
                .into())
            }
        }
    })
    .await
}

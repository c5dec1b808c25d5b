//! Questions.

use crate::domain::obligation::Standing;

use crate::engine::explain;
use crate::engine::view::obligation_view;
use crate::http;
use crate::http::App;
use crate::http::problem::Problem;
use crate::http::query::Query as Parameters;
use crate::policy::finding::Lang;
use crate::policy::model::Company;
use crate::service::ask::Question;
use crate::service::due::{DueQuery, MAX_PAGE};
use crate::service::reports::{self, ReportQuery};
use crate::service::{Live, ServiceError};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) type Pairs = Query<Vec<(String, String)>>;

/// Takes `as_of` and `known_at` and puts the question.
pub(super) fn question<'a>(app: &'a App, live: &'a Arc<Live>, query: &mut Parameters) -> Result<Question<'a>, Problem> {
    let zone = live.world.read().company().zone;
    let as_of = query.instant("as_of", zone)?;
    let known_at = query.instant("known_at", zone)?;
    Ok(Question::new(&app.shared, live, as_of, known_at))
}

/// What is due next.
pub async fn due(
    State(app): State<App>,
    Path(company): Path<String>,
    Query(pairs): Pairs,
) -> Result<Response, Problem> {
    let live = app.live(&company)?;
    let zone = live.world.read().company().zone;
    let mut query = Parameters::new(pairs);
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
    let question = question(&app, &live, &mut query)?;
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
        "role", "person", "case", "kind", "rule", "area", "standing", "before", "as_of", "known_at", "limit", "cursor",
    ])?;
    known_names(&live, &asked)?;
    Ok(http::json(StatusCode::OK, &question.due(&asked)?))
}

/// A misspelt role must not read as "nothing is due".
fn known_names(live: &Live, asked: &DueQuery) -> Result<(), Problem> {
    let world = live.world.read();
    let company = world.company();
    let check = |parameter, value: &Option<String>, known: Vec<String>| match value {
        Some(value) if !known.contains(value) => {
            let message = format!("`{value}` is not known; there are {}", known.join(", "));
            Err(ServiceError::BadQuestion { parameter, message })
        }
        _ => Ok(()),
    };
    let mut roles: Vec<String> = company.roles.keys().map(|r| r.to_string()).collect();
    roles.push(crate::engine::open::ADMINISTRATOR.to_owned());
    check("role", &asked.role, roles)?;
    // What an earlier edition asked for may still be owed.
    let procedures = world.history.sets().flat_map(|c| &c.procedures);
    let mut rules: Vec<String> = procedures.flat_map(|p| &p.duties).map(|d| d.id.to_string()).collect();
    rules.sort_unstable();
    rules.dedup();
    check("rule", &asked.rule, rules)?;
    let people = company.people.iter().map(|p| p.id.as_ref());
    let people = people.chain(world.named_people()).map(str::to_owned);
    check("person", &asked.person, people.collect())?;
    check(
        "kind",
        &asked.kind,
        company.kinds.keys().map(|k| k.to_string()).collect(),
    )?;
    known_area(company, &asked.area)
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
    Query(pairs): Pairs,
) -> Result<Response, Problem> {
    let live = app.live(&company)?;
    let mut query = Parameters::new(pairs);
    let question = question(&app, &live, &mut query)?;
    query.finish(&["as_of", "known_at"])?;
    Ok(Json(question.case_view(&id)?).into_response())
}

/// What is due next for a case, what will be, and which events it can take.
pub async fn next(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    Query(pairs): Pairs,
) -> Result<Json<Value>, Problem> {
    let live = app.live(&company)?;
    let mut query = Parameters::new(pairs);
    let question = question(&app, &live, &mut query)?;
    query.finish(&["as_of", "known_at"])?;
    let live_ones = question.next(&id)?;
    let (upcoming, next): (Vec<_>, Vec<_>) = live_ones.into_iter().partition(|o| o.standing == "scheduled");
    let refused = question.refused(&id)?;
    let case = question.case(&id)?;
    let company = question.company();
    let events: Vec<Value> = company
        .kinds
        .get(&case.kind)
        .map(|kind| {
            let of = |e: &Arc<crate::policy::model::EventType>| {
                json!({ "type": e.id, "title": e.title, "needs": e.needs, "record": e.record.as_ref().map(|r| &r.id) })
            };
            kind.events.values().map(of).collect()
        })
        .unwrap_or_default();
    let as_of = company.zone.rfc3339(question.as_of());
    Ok(Json(
        json!({ "case": id, "as_of": as_of, "next": next, "upcoming": upcoming, "events": events, "refused": refused }),
    ))
}

/// One obligation.
pub async fn obligation(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    Query(pairs): Pairs,
) -> Result<Response, Problem> {
    let live = app.live(&company)?;
    let mut query = Parameters::new(pairs);
    let question = question(&app, &live, &mut query)?;
    query.finish(&["as_of", "known_at"])?;
    let (case_id, case, at) = question.obligation(&id)?;
    let Some(obligation) = case.obligations.get(at) else {
        return Err(ServiceError::NotFound { what: "obligation", id }.into());
    };
    Ok(Json(obligation_view(
        &question.company(),
        &case_id,
        &case,
        obligation,
        question.as_of(),
    ))
    .into_response())
}

/// Why an obligation exists, how its due date was counted, who and what comes next.
pub async fn explain(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    Query(pairs): Pairs,
) -> Result<Response, Problem> {
    let live = app.live(&company)?;
    let mut query = Parameters::new(pairs);
    let question = question(&app, &live, &mut query)?;
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
    query.finish(&["as_of", "known_at", "format", "lang"])?;
    let (case_id, case, at) = question.obligation(&id)?;
    let Some(obligation) = case.obligations.get(at) else {
        return Err(ServiceError::NotFound { what: "obligation", id }.into());
    };
    let explanation = explain::explain(&question.history(), &case_id, &case, obligation, question.as_of());
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
}

/// How the rates stand.
pub async fn rates(
    State(app): State<App>,
    Path(company): Path<String>,
    Query(pairs): Pairs,
) -> Result<Json<Value>, Problem> {
    let live = app.live(&company)?;
    let mut query = Parameters::new(pairs);
    let question = question(&app, &live, &mut query)?;
    let (rate, period, area) = (query.take("rate"), query.take("period"), query.take("area"));
    query.finish(&["rate", "period", "area", "as_of", "known_at"])?;
    known_area(&question.company(), &area)?;
    let items = question.rates(rate.as_deref(), period.as_deref(), area.as_deref())?;
    let as_of = question.company().zone.rfc3339(question.as_of());
    Ok(Json(json!({ "as_of": as_of, "items": items })))
}

/// Who was told what: escalations that time brought about, what was taken back, and notices at once.
pub async fn effects(
    State(app): State<App>,
    Path(company): Path<String>,
    Query(pairs): Pairs,
) -> Result<Json<Value>, Problem> {
    let live = app.live(&company)?;
    let zone = live.world.read().company().zone;
    let mut query = Parameters::new(pairs);
    let question = question(&app, &live, &mut query)?;
    let from = query.instant("from", zone)?.unwrap_or(chrono::DateTime::UNIX_EPOCH);
    let to = query.instant("to", zone)?.unwrap_or(question.as_of());
    query.finish(&["from", "to", "as_of", "known_at"])?;
    let items = question.effects(from, to)?;
    Ok(Json(json!({ "as_of": zone.rfc3339(question.as_of()), "items": items })))
}

/// A report: `plan`, `statistics`, `performance`, `records`, `retention`, `metrics`; as JSON, or CSV with `?format=csv`.
pub async fn report(
    State(app): State<App>,
    Path((company, name)): Path<(String, String)>,
    Query(pairs): Pairs,
) -> Result<Response, Problem> {
    let live = app.live(&company)?;
    let mut query = Parameters::new(pairs);
    let question = question(&app, &live, &mut query)?;
    let asked = ReportQuery {
        period: query.take("period"),
        area: query.take("area"),
        record: query.take("record"),
        by: query.take("by"),
        metric: query.take("metric"),
        case: query.take("case"),
    };
    let format = query.take("format");
    query.finish(&[
        "period", "area", "record", "by", "metric", "case", "format", "as_of", "known_at",
    ])?;
    known_area(&question.company(), &asked.area)?;
    let report = reports::report(&question, &name, &asked)?;
    match format.as_deref() {
        None | Some("json") => Ok(Json(report).into_response()),
        Some("csv") => {
            let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
            Ok((kind, report.csv()).into_response())
        }
        Some(other) => {
            let message = format!("`{other}` is not offered; there are json and csv");
            Err(ServiceError::BadQuestion {
                parameter: "format",
                message,
            }
            .into())
        }
    }
}

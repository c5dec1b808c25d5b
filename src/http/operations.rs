//! What serves and how it is: policies, status, reload, health.

use crate::files;
use crate::http::App;
use crate::http::problem::Problem;
use crate::http::query::Query as Parameters;
use crate::http::sentences;
use crate::policy::model::Procedure;
use crate::service::ServiceError;
use crate::service::load::Reloaded;
use crate::service::writer::{PostError, Request};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// The companies that serve.
pub async fn companies(State(app): State<App>) -> Json<Value> {
    let companies = app.shared.companies.read();
    let items: Vec<Value> = companies
        .values()
        .map(|live| {
            let company = live.company();
            json!({ "id": company.id, "title": company.title, "zone": company.zone.name() })
        })
        .collect();
    Json(json!({ "items": items }))
}

/// What serves, since when, and why nothing newer does.
pub async fn status(State(app): State<App>) -> Json<Value> {
    let status = app.shared.status.read();
    let mut companies = serde_json::Map::new();
    for (id, served) in &status.companies {
        let live = app.shared.live(id).ok();
        let (cases, open) = live.as_ref().map_or((0, 0), |l| app.shared.counts(l));
        let stale = served.stale.as_ref().map(|stale| {
            let findings: Vec<Value> = stale.findings.iter().map(|f| f.json()).collect();
            json!({ "since": stale.since.to_rfc3339(), "findings": findings })
        });
        let state = match (&live, &served.stale) {
            (None, _) => "none",
            (Some(_), Some(_)) => "stale",
            (Some(_), None) => "current",
        };
        let entry = json!({
            "policies": state,
            "hash": served.hash,
            "serving_since": served.since.to_rfc3339(),
            "stale": stale,
            "cases": cases,
            "open_obligations": open,
        });
        companies.insert(id.clone(), entry);
    }
    let stopped = app.shared.stopped.read().clone();
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "now": app.shared.clock.now().to_rfc3339(),
        "writing": stopped.is_none(),
        "writing_stopped_because": stopped,
        "companies": companies,
        "folder_error": status.folder_error,
    }))
}

/// Reads the policy folder again and takes up what is right in it: each company whole or not at all.
pub async fn reload(State(app): State<App>, Query(pairs): Query<Vec<(String, String)>>) -> Result<Response, Problem> {
    let mut query = Parameters::new(pairs);
    let dry_run = query.flag("dry_run")?;
    query.finish(&["dry_run"])?;
    let (policies, scripts) = (app.policies.clone(), app.scripts.clone());
    let read = tokio::task::spawn_blocking(move || files::read_policies(&policies, &scripts)).await;
    let folders = match read {
        Ok(Ok(folders)) => folders,
        Ok(Err(error)) => {
            app.shared.status.write().folder_error = Some(error.to_string());
            let zh = format!("规程目录读不出来，原来的继续执行：{error}");
            return Err(Problem::new(422, "folder-unreadable", error.to_string(), zh));
        }
        Err(_) => return Err(ServiceError::Stopped("reading the policy folder was cut off".to_owned()).into()),
    };
    app.shared.status.write().folder_error = None;
    let (sender, receiver) = oneshot::channel::<Result<Reloaded, PostError>>();
    let reply = Box::new(move |result| drop(sender.send(result)));
    app.mailbox.send(Request::Reload {
        folders,
        dry_run,
        reply,
    })?;
    let reloaded = receiver
        .await
        .map_err(|_| ServiceError::Stopped("the writer has stopped".to_owned()))??;
    if !reloaded.refused.is_empty() {
        let names: Vec<&str> = reloaded.refused.iter().map(|(id, _)| id.as_str()).collect();
        let en = format!(
            "the policies of {} are refused; what served before goes on serving",
            names.join(", ")
        );
        let zh = format!("{}的规程有错，没有启用；原来的继续执行", names.join("、"));
        let findings = reloaded
            .refused
            .iter()
            .flat_map(|(_, list)| list)
            .map(|f| f.json())
            .collect();
        return Err(Problem::new(422, "policies-refused", en, zh).with_findings(findings));
    }
    let warnings: Vec<Value> = reloaded.warnings.iter().map(|f| f.json()).collect();
    let body = json!({
        "dry_run": dry_run,
        "changed": reloaded.changed,
        "unchanged": reloaded.unchanged,
        "warnings": warnings,
    });
    Ok((StatusCode::OK, Json(body)).into_response())
}

/// The procedures in force.
pub async fn policies(State(app): State<App>, Path(company): Path<String>) -> Result<Json<Value>, Problem> {
    let live = app.live(&company)?;
    let serving = live.company();
    let items: Vec<Value> = serving
        .editions()
        .map(|p| {
            json!({
                "id": p.head.id,
                "title": p.head.title,
                "document": p.head.document,
                "effective": p.head.effective.to_string(),
                "edition": p.head.edition,
                "clauses": p.clauses.len(),
                "rules": p.rules().len() - p.records.len(),
            })
        })
        .collect();
    Ok(Json(
        json!({ "company": company, "hash": serving.hash, "items": items }),
    ))
}

/// One procedure: as JSON with its clauses and the rules that cite them, as written (`?format=toml`), or in sentences
/// (`?format=markdown` or `html`, or by `Accept`; `?lang=zh` or `en`, else by `Accept-Language`).
pub async fn policy(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut query = Parameters::new(pairs);
    let format = query.take("format");
    let edition = query.take("edition");
    let lang = query.take("lang");
    query.finish(&["format", "edition", "lang"])?;
    let format = format.or_else(|| sentences::accepted(&headers).map(str::to_owned));
    let live = app.live(&company)?;
    let serving = live.company();
    let today = serving.zone.date(app.shared.clock.now());
    // The edition that is asked for, by its hash or the date from which it is in force; else that of today.
    let mut editions: Vec<_> = match &edition {
        None => serving.on(today).procedures.iter().collect(),
        Some(_) => serving.editions().collect(),
    };
    if let Some(wanted) = &edition {
        editions.retain(|p| p.head.edition.as_ref() == wanted || p.head.effective.to_string() == *wanted);
    }
    let found = editions
        .into_iter()
        .find(|p| p.head.id.as_ref() == id || p.head.id.strip_prefix(&format!("{company}/")) == Some(id.as_str()));
    let Some(procedure) = found else {
        return Err(ServiceError::NotFound { what: "procedure", id }.into());
    };
    match format.as_deref() {
        Some("toml") => {
            let kind = [(header::CONTENT_TYPE, "application/toml; charset=utf-8")];
            return Ok((kind, procedure.text.to_string()).into_response());
        }
        Some("markdown" | "html") => {
            let lang = sentences::lang(lang.as_deref(), &headers)?;
            let html = format.as_deref() == Some("html");
            return Ok(sentences::procedure(&serving, procedure, html, lang));
        }
        None | Some("json") => {}
        Some(other) => {
            let message = format!("`{other}` is not offered; there are json, toml, markdown and html");
            return Err(ServiceError::BadQuestion {
                parameter: "format",
                message,
            }
            .into());
        }
    }
    let rules = procedure.rules();
    let clauses: Vec<Value> = procedure
        .clauses
        .iter()
        .map(|clause| {
            let rules = rules.iter().filter(|rule| rule.clauses.contains(&clause.id));
            let rules: Vec<_> = rules.map(|rule| &rule.id).collect();
            json!({ "id": clause.id, "text": clause.text, "rules": rules })
        })
        .collect();
    let body = json!({
        "id": procedure.head.id,
        "title": procedure.head.title,
        "document": procedure.head.document,
        "effective": procedure.head.effective.to_string(),
        "edition": procedure.head.edition,
        "file": procedure.file,
        "clauses": clauses,
        "adopts": procedure.adoption.as_ref().map(|a| &a.procedure),
        "overrides": overrides(procedure),
    });
    Ok(Json(body).into_response())
}

/// What of an adopted procedure is the company's own, with the base's value beside it.
fn overrides(procedure: &Procedure) -> Vec<Value> {
    let own = procedure.adoption.iter().flat_map(|a| &a.overrides);
    own.map(|o| {
        json!({
            "rule": o.rule,
            "family": o.family,
            "key": o.key,
            "value": o.value,
            "base": o.base,
            "reason": o.reason,
            "place": format!("{}:{}", procedure.file, o.line),
        })
    })
    .collect()
}

/// Whether the process runs.
pub async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Whether it takes events and answers questions; names what does not.
pub async fn readyz(State(app): State<App>) -> Response {
    let stopped = app.shared.stopped.read().clone();
    let companies = app.shared.companies.read().len();
    let ready = stopped.is_none() && companies > 0;
    let store = stopped.unwrap_or_else(|| "ok".to_owned());
    let policies = if companies == 0 { "no company serves" } else { "ok" };
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(json!({ "ready": ready, "store": store, "policies": policies })),
    )
        .into_response()
}

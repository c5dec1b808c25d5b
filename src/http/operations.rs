//! What serves and how it is: policies, status, reload, health.

use crate::http::App;
use crate::http::problem::Problem;
use crate::http::query::Query as Parameters;
use crate::http::sentences;
use crate::policy::model::Procedure;
use crate::service::ServiceError;
use crate::service::reload::Asked;
use crate::service::status::{By, Served};
use axum::Json;
use axum::extract::{Path, Query, RawPathParams, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

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
    let (mut companies, folder_error) = {
        let status = app.shared.status.read();
        let of = |(id, served): (&String, &Served)| (id.clone(), served.json(app.shared.live(id).is_ok()));
        let companies: Map<String, Value> = status.companies.iter().map(of).collect();
        (companies, status.folder_error.clone())
    };
    for (id, entry) in &mut companies {
        count(&app, id, entry);
    }
    let stopped = app.shared.stopped.read().clone();
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "now": app.shared.clock.now().to_rfc3339(),
        "writing": stopped.is_none(),
        "writing_stopped_because": stopped,
        "companies": companies,
        "folder_error": folder_error,
    }))
}

/// The same for one company.
pub async fn company_status(State(app): State<App>, Path(company): Path<String>) -> Result<Json<Value>, Problem> {
    let served = app.shared.status.read().companies.get(&company).cloned();
    let Some(served) = served else {
        return Err(ServiceError::NoCompany(company).into());
    };
    let mut entry = served.json(app.shared.live(&company).is_ok());
    count(&app, &company, &mut entry);
    Ok(Json(entry))
}

/// Adds how many cases a company has, and how much is owed in them.
fn count(app: &App, company: &str, entry: &mut Value) {
    let (cases, open) = app.shared.live(company).map_or((0, 0), |live| app.shared.counts(&live));
    if let Value::Object(members) = entry {
        members.insert("cases".to_owned(), json!(cases));
        members.insert("open_obligations".to_owned(), json!(open));
    }
}

/// Takes up what lies in the policy folder: each company whole or not at all. 200 only if every company asked for serves
/// it, or would.
pub async fn reload(State(app): State<App>, Query(pairs): Query<Vec<(String, String)>>) -> Result<Response, Problem> {
    let mut query = Parameters::new(pairs);
    let named = query.take("company");
    let asked = Asked {
        // Several are parted by commas.
        companies: named
            .iter()
            .flat_map(|list| list.split(','))
            .map(str::to_owned)
            .collect(),
        dry_run: query.flag("dry_run")?,
        skip_tests: query.flag("skip_tests")?,
        by: By::Http,
    };
    query.finish(&["company", "dry_run", "skip_tests"])?;
    let reloader = app.reloader();
    let ran = tokio::task::spawn_blocking(move || reloader.run(&asked)).await;
    let report = ran.map_err(|_| ServiceError::Stopped("the reload was cut off".to_owned()))??;
    if report.is_good() {
        return Ok((StatusCode::OK, Json(report.json())).into_response());
    }
    let mut findings: Vec<Value> = Vec::new();
    let (mut en, mut zh) = (Vec::new(), Vec::new());
    if let Some(error) = &report.folder_error {
        en.push(error.clone());
        zh.push(format!("规程目录读不出来：{error}"));
    }
    for (id, why) in report.refused() {
        findings.extend(why.findings.iter().map(|f| f.json()));
        if report.folder_error.is_none() {
            en.push(format!("{id}, at the stage `{}`: {}", why.stage.word(), why.why.en));
            zh.push(format!("{id}，{}：{}", why.stage.title(), why.why.zh));
        }
    }
    let en = format!("what served before goes on serving; {}", en.join("; "));
    let zh = format!("原来的继续执行；{}", zh.join("；"));
    Err(Problem::new(422, report.code(), en, zh)
        .with_findings(findings)
        .with_companies(report.companies_json()))
}

/// Lets no question through about a company that has been stale for longer than it may be.
pub async fn not_too_stale(State(app): State<App>, path: RawPathParams, request: Request, next: Next) -> Response {
    let company = path
        .iter()
        .find(|(name, _)| *name == "company")
        .map(|(_, id)| id.to_owned());
    let since = company.filter(|_| request.method() == Method::GET).and_then(|id| {
        let status = app.shared.status.read();
        status.too_stale(&id, app.shared.clock.now())
    });
    match since {
        None => next.run(request).await,
        Some(since) => {
            let since = since.to_rfc3339();
            let en = format!(
                "newer policies have been refused since {since}, longer than answers may be given; /v1/status says why"
            );
            let zh = format!("自 {since} 起新规程一直没有通过，超过了允许的时间，暂不回答；原因见 /v1/status");
            Problem::new(503, "policies-stale", en, zh).into_response()
        }
    }
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

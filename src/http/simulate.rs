//! `POST /simulate`: a draft tried on the company's past.

use crate::engine::simulate::{Comparison, Row, TrialError};
use crate::http::problem::Problem;
use crate::http::query::Query as Parameters;
use crate::http::{self, App};
use crate::policy::Source;
use crate::policy::trial::Draft;
use crate::service::ServiceError;
use crate::service::simulate::{Asked, SimulateError, of_live};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The largest body that is taken, in bytes.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// The most files and scripts of a draft.
const MAX_FILES: usize = 200;

/// The most differences that are listed one by one.
const MAX_ROWS: usize = 500;

/// What is asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    /// The draft's files: their texts by name.
    files: BTreeMap<String, String>,
    /// Its scripts.
    #[serde(default)]
    scripts: BTreeMap<String, String>,
    /// The first local date on which it is in force.
    from: NaiveDate,
    /// The last local date that is looked at, included.
    to: NaiveDate,
}

/// What is answered.
#[derive(Serialize)]
struct Answer {
    /// Whether there is any difference.
    differs: bool,
    #[serde(flatten)]
    comparison: Comparison,
    /// The first differences.
    rows: Vec<Row>,
    /// How many more there are.
    left_out: u64,
}

/// The route, with its own limit on the body.
pub fn route() -> MethodRouter<App> {
    post(try_draft).layer(DefaultBodyLimit::max(MAX_BODY))
}

/// Somebody who waits for an answer. The framework drops what he waits in when he hangs up.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

async fn try_draft(
    State(app): State<App>,
    Path(company): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    Parameters::new(pairs).finish(&[])?;
    let live = app.live(&company)?;
    let body = body.map_err(|_| {
        let en = "the body is larger than 4 MiB or broke off";
        Problem::new(413, "body-too-large", en, "内容超过4兆字节或中断")
    })?;
    let body: Body = serde_json::from_slice(&body).map_err(|e| {
        let en = format!("the body is not a draft: {e}; write {{ \"files\": {{ \"follow-up.toml\": \"…\" }}, \"from\": \"2026-03-01\", \"to\": \"2026-03-31\" }}");
        let zh = format!("内容不是草案：{e}；应写成 {{ \"files\": {{ \"follow-up.toml\": \"…\" }}, \"from\": \"2026-03-01\", \"to\": \"2026-03-31\" }}");
        Problem::new(400, "bad-request", en, zh)
    })?;
    if body.files.len().saturating_add(body.scripts.len()) > MAX_FILES {
        let en = "a draft may have at most 200 files";
        return Err(Problem::new(422, "too-many-files", en, "草案最多200个文件"));
    }
    let asked = Asked {
        draft: Draft {
            files: sources(&company, body.files, ".toml", "/files")?,
            calendars: Vec::new(),
            scripts: sources(&company, body.scripts, ".rhai", "/scripts")?,
            is_whole: false,
        },
        from: body.from,
        to: body.to,
    };
    let shared = app.shared.clone();
    let wanted = Arc::new(AtomicBool::new(true));
    let _waiting = Waiting(wanted.clone());
    let tried = tokio::task::spawn_blocking(move || {
        let (mut rows, mut left_out) = (Vec::new(), 0_u64);
        let mut each = |row: &Row| match rows.len() < MAX_ROWS {
            true => rows.push(row.clone()),
            false => left_out = left_out.saturating_add(1),
        };
        let comparison = of_live(
            &shared,
            &live,
            &asked,
            &|| wanted.load(Ordering::Relaxed),
            &|_| {},
            &mut each,
        )?;
        Ok::<Answer, SimulateError>(Answer {
            differs: comparison.differs(),
            comparison,
            rows,
            left_out,
        })
    });
    let answer = tried
        .await
        .map_err(|_| ServiceError::Stopped("trying the draft was cut off".to_owned()))??;
    Ok(http::json(StatusCode::OK, &answer))
}

/// The texts as files of the company's folder. A name is the name of a file and no path.
fn sources(
    company: &str,
    texts: BTreeMap<String, String>,
    ending: &str,
    pointer: &'static str,
) -> Result<Vec<Source>, Problem> {
    let mut sources = Vec::new();
    for (name, text) in texts {
        let stem = name.strip_suffix(ending).unwrap_or_default();
        let is_plain = !stem.is_empty() && stem.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
        if !is_plain || name.starts_with('.') || name.len() > 100 {
            let en = format!("`{name}` is no name of a file that ends in {ending}");
            let zh = format!("`{name}` 不是以 {ending} 结尾的文件名");
            return Err(Problem::new(422, "bad-file-name", en, zh).at(pointer));
        }
        sources.push(Source {
            name: format!("{company}/{name}").into(),
            text: text.into(),
        });
    }
    Ok(sources)
}

impl From<SimulateError> for Problem {
    fn from(error: SimulateError) -> Problem {
        match error {
            SimulateError::Findings { findings, .. } => {
                let findings = findings.iter().map(|f| f.json()).collect();
                let en = "the draft has errors, so it was not tried";
                Problem::new(422, "policies-refused", en, "草案有错，没有试行").with_findings(findings)
            }
            SimulateError::Trial(TrialError::Past(error)) => ServiceError::Past(error).into(),
            SimulateError::Trial(TrialError::Zone(why)) => Problem::new(422, "other-zone", why.en, why.zh).at("/files"),
            SimulateError::Trial(error) => {
                let zh = format!("不能这样试行：{error}");
                Problem::new(422, "bad-span", error.to_string(), zh).at("/from")
            }
            SimulateError::Busy => {
                let en = "another draft is being tried; try again when it is done";
                Problem::new(503, "busy", en, "正在试行另一份草案，请稍后再试")
            }
            SimulateError::Service(error) => error.into(),
            SimulateError::Line { .. } | SimulateError::Refused { .. } => {
                Problem::new(422, "bad-event", error.to_string(), "事件读不懂")
            }
        }
    }
}

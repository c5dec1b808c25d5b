//! `POST /events`: one event, or a batch of them.

use crate::engine::intake::Incoming;
use crate::http;
use crate::http::problem::Problem;
use crate::http::query::Query as Parameters;
use crate::http::{App, MAX_BATCH};
use crate::service::ServiceError;
use crate::service::record::{Answer, BatchAnswer, RefusedLine};
use crate::service::writer::{Batch, PostError, Request};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::oneshot;

/// Takes one event (JSON) or many (NDJSON, or a JSON array in CloudEvents' batch mode).
pub async fn post(
    State(app): State<App>,
    Path(company): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let live = app.live(&company)?;
    let mut query = Parameters::new(pairs);
    let zone = live.company().zone;
    let how = Batch {
        partial: query.flag("partial")?,
        dry_run: query.flag("dry_run")?,
        effects_from: query.instant("effects_from", zone)?,
    };
    query.finish(&["partial", "dry_run", "effects_from"])?;
    let body = body.map_err(|_| {
        let en = "the body is larger than 32 MiB or broke off; send smaller batches";
        Problem::new(413, "body-too-large", en, "内容超过32兆字节或中断，请分小批发送")
    })?;
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("application/json");
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let lines = match kind.as_str() {
        "application/json" | "application/cloudevents+json" => {
            if how.partial || how.dry_run || how.effects_from.is_some() {
                let en = "`partial`, `dry_run` and `effects_from` are for batches (application/x-ndjson)";
                let zh = "partial、dry_run、effects_from 只用于成批发送（application/x-ndjson）";
                return Err(Problem::new(400, "bad-parameter", en, zh));
            }
            let event = match kind.as_str() {
                "application/cloudevents+json" => {
                    cloud_event(serde_json::from_slice(&body).map_err(|e| unreadable(&e))?)
                }
                _ => serde_json::from_slice(&body),
            };
            let event: Incoming = event.map_err(|e| unreadable(&e))?;
            let (sender, receiver) = oneshot::channel::<Result<Answer, PostError>>();
            let reply = Box::new(move |result| drop(sender.send(result)));
            app.mailbox.send(Request::One {
                company: live,
                event: Box::new(event),
                reply,
            })?;
            let answer = receiver.await.map_err(|_| gone())??;
            let status = if answer.repeated {
                StatusCode::OK
            } else {
                StatusCode::CREATED
            };
            return Ok(http::json(status, &answer));
        }
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => ndjson(&body)?,
        "application/cloudevents-batch+json" => array(&body)?,
        other => {
            let en = format!("`{other}` is not taken; send application/json or application/x-ndjson");
            let zh = format!("不接受 `{other}`；请用 application/json 或 application/x-ndjson");
            return Err(Problem::new(415, "unknown-content-type", en, zh));
        }
    };
    let (events, unread) = lines;
    let (sender, receiver) = oneshot::channel::<Result<BatchAnswer, PostError>>();
    let reply = Box::new(move |result| drop(sender.send(result)));
    app.mailbox.send(Request::Many {
        company: live,
        events,
        unread,
        how,
        reply,
    })?;
    let answer = receiver.await.map_err(|_| gone())??;
    Ok(axum::Json(answer).into_response())
}

type Lines = (Vec<(usize, Incoming)>, Vec<RefusedLine>);

fn ndjson(body: &[u8]) -> Result<Lines, Problem> {
    let mut lines: Lines = (Vec::new(), Vec::new());
    for (ix, line) in body.split(|b| *b == b'\n').enumerate() {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match serde_json::from_slice::<Incoming>(line) {
            Ok(event) => lines.0.push((ix + 1, event)),
            Err(e) => lines.1.push(unreadable_line(ix + 1, &e)),
        }
        bounded(lines.0.len() + lines.1.len())?;
    }
    Ok(lines)
}

fn array(body: &[u8]) -> Result<Lines, Problem> {
    let list: Vec<serde_json::Value> = serde_json::from_slice(body).map_err(|e| unreadable(&e))?;
    bounded(list.len())?;
    let mut lines: Lines = (Vec::new(), Vec::new());
    for (ix, value) in list.into_iter().enumerate() {
        match cloud_event(value) {
            Ok(event) => lines.0.push((ix + 1, event)),
            Err(e) => lines.1.push(unreadable_line(ix + 1, &e)),
        }
    }
    Ok(lines)
}

/// Reads a CloudEvent. Attributes that it may carry beyond ours (`dataschema`, `traceparent`, …) are left aside, as the
/// specification has it; in our own shape an unknown field is a mistake.
fn cloud_event(mut value: serde_json::Value) -> Result<Incoming, serde_json::Error> {
    const OURS: [&str; 12] = [
        "id",
        "source",
        "type",
        "subject",
        "case",
        "time",
        "occurred_at",
        "actor",
        "data",
        "corrects",
        "retracts",
        "specversion",
    ];
    if let Some(event) = value.as_object_mut() {
        event.retain(|name, _| OURS.contains(&name.as_str()));
    }
    serde_json::from_value(value)
}

fn bounded(count: usize) -> Result<(), Problem> {
    if count <= MAX_BATCH {
        return Ok(());
    }
    let en = format!("a batch may hold {MAX_BATCH} events; send several");
    Err(Problem::new(
        413,
        "batch-too-large",
        en,
        format!("一批最多{MAX_BATCH}件事件，请分批发送"),
    ))
}

fn unreadable_line(line: usize, error: &serde_json::Error) -> RefusedLine {
    RefusedLine {
        line,
        id: None,
        code: "unreadable",
        pointer: String::new(),
        detail: error.to_string(),
        detail_zh: format!("这一行不是事件的JSON：{error}"),
        clause: None,
        unmet: Vec::new(),
    }
}

fn unreadable(error: &serde_json::Error) -> Problem {
    let en = format!("the body is not the JSON of an event: {error}");
    Problem::new(400, "unreadable", en, format!("内容不是事件的JSON：{error}"))
}

fn gone() -> ServiceError {
    ServiceError::Stopped("the writer has stopped".to_owned())
}

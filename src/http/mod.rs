//! The outside over HTTP: requests parsed once, answers written, and no rule of the domain.

mod ask;
mod asked;
mod events;
mod figures;
mod hours;
mod notice;
mod operations;
mod problem;
mod query;
mod samples;
mod sentences;
mod simulate;
mod whynot;

use crate::service::reload::Reloader;
use crate::service::writer::Mailbox;
use crate::service::{Live, ServiceError, Shared};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use problem::Problem;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

/// The largest body that is taken, in bytes.
pub const MAX_BODY: usize = 32 * 1024 * 1024;

/// The most events that a batch may hold.
pub const MAX_BATCH: usize = 50_000;

/// What every handler has at hand.
#[derive(Clone)]
pub struct App {
    /// What the writer publishes.
    pub shared: Arc<Shared>,
    /// The way to the writer.
    pub mailbox: Mailbox,
    /// The policy folder, for reloads.
    pub policies: PathBuf,
    /// The folder of the companies' scripts.
    pub scripts: PathBuf,
}

impl App {
    fn live(&self, company: &str) -> Result<Arc<Live>, ServiceError> {
        self.shared.live(company)
    }

    /// Takes policies up from the folders.
    pub fn reloader(&self) -> Reloader {
        let (shared, mailbox) = (self.shared.clone(), self.mailbox.clone());
        Reloader::new(shared, mailbox, self.policies.clone(), self.scripts.clone())
    }
}

/// An answer in JSON, written at one go.
fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => (status, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
        // INVARIANT: answers are texts, numbers and lists of them, all of which JSON can write.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// All routes.
pub fn router(app: App) -> Router {
    let company = Router::new()
        .route("/events", post(events::post))
        .route("/due", get(ask::due))
        .route("/cases/{id}", get(ask::case))
        .route("/cases/{id}/next", get(ask::next))
        .route("/cases/{id}/why-not", get(whynot::why_not))
        .route("/obligations/{id}", get(ask::obligation))
        .route("/obligations/{id}/explain", get(ask::explain))
        .route("/hours/{id}", get(hours::hours))
        .route("/obligations/{id}/notice", get(notice::of_obligation))
        .route("/notices/{id}", get(notice::list))
        .route("/rates", get(ask::rates))
        .route("/samples", get(samples::samples))
        .route("/samples/{id}", get(samples::sample))
        .route("/effects", get(ask::effects))
        .route("/penalties", get(figures::penalties))
        .route("/reports/{name}", get(ask::report))
        .route("/simulate", simulate::route())
        // What has been stale for too long answers no question, if that was asked for; what serves can still be seen.
        .route_layer(from_fn_with_state(app.clone(), operations::not_too_stale))
        .route("/status", get(operations::company_status))
        .route("/policies", get(operations::policies))
        .route("/policies/{*id}", get(operations::policy));
    Router::new()
        .nest("/v1/companies/{company}", company)
        .route("/v1/companies", get(operations::companies))
        .route("/v1/status", get(operations::status))
        .route("/v1/reload", post(operations::reload))
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .fallback(async || Problem::new(404, "not-found", "there is nothing at this path", "此处没有内容"))
        .method_not_allowed_fallback(async || {
            Problem::new(
                405,
                "method-not-allowed",
                "this path does not take this method",
                "此路径不支持该方法",
            )
        })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(map_response(as_problem))
        .with_state(app)
}

/// What the framework itself refuses, such as a path that is not UTF-8, is a problem like any other.
async fn as_problem(response: Response) -> Response {
    let status = response.status();
    let text = response.headers().get(header::CONTENT_TYPE);
    let plain = text.is_some_and(|t| t.as_bytes().starts_with(b"text/plain"));
    if !status.is_client_error() || !plain {
        return response;
    }
    let body = axum::body::to_bytes(response.into_body(), 4096)
        .await
        .unwrap_or_default();
    let why = String::from_utf8_lossy(&body).into_owned();
    Problem::new(status.as_u16(), "bad-request", why, "请求读不懂：路径或参数写错了").into_response()
}

//! Samples and the records of their draws.

use crate::http::App;
use crate::http::asked::{Pairs, answer};
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// All samples, for a period or the one that runs.
pub async fn samples(State(app): State<App>, Path(company): Path<String>, pairs: Pairs) -> Result<Response, Problem> {
    answer(app, &company, "samples", pairs, |_, question, mut query| {
        let period = query.take("period");
        query.finish(&["period", "as_of", "known_at", "viewer"])?;
        let items = question.samples(period.as_deref())?;
        let as_of = question.company().zone.rfc3339(question.as_of());
        Ok(Json(json!({ "as_of": as_of, "items": items })).into_response())
    })
    .await
}

/// One sample with the record of its draws.
pub async fn sample(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    answer(app, &company, "samples", pairs, |_, question, mut query| {
        let (period, case) = (query.take("period"), query.take("case"));
        query.finish(&["period", "case", "as_of", "known_at", "viewer"])?;
        let view = question.sample(&id, period.as_deref(), case.as_deref())?;
        Ok(Json(json!(view)).into_response())
    })
    .await
}

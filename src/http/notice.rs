//! The texts that go out.

use crate::http::App;
use crate::http::asked::{Pairs, answer};
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};

/// The notice that goes with an obligation.
pub async fn of_obligation(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    answer(app, &company, "notice", pairs, |_, question, query| {
        query.finish(&["as_of", "known_at", "viewer"])?;
        Ok(Json(question.notice(&id)?).into_response())
    })
    .await
}

/// The list of a period.
pub async fn list(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    answer(app, &company, "notices", pairs, |_, question, mut query| {
        let period = query.take("period");
        query.finish(&["period", "as_of", "known_at", "viewer"])?;
        Ok(Json(question.notice_list(&id, period.as_deref())?).into_response())
    })
    .await
}

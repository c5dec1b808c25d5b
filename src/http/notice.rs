//! The texts that go out.

use crate::http::App;
use crate::http::ask::{Pairs, question};
use crate::http::problem::Problem;
use crate::http::query::Query as Parameters;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};

/// The notice that goes with an obligation.
pub async fn of_obligation(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    Query(pairs): Pairs,
) -> Result<Response, Problem> {
    let live = app.live(&company)?;
    let mut query = Parameters::new(pairs);
    let question = question(&app, &live, &mut query)?;
    query.finish(&["as_of", "known_at"])?;
    Ok(Json(question.notice(&id)?).into_response())
}

/// The list of a period.
pub async fn list(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    Query(pairs): Pairs,
) -> Result<Response, Problem> {
    let live = app.live(&company)?;
    let mut query = Parameters::new(pairs);
    let question = question(&app, &live, &mut query)?;
    let period = query.take("period");
    query.finish(&["period", "as_of", "known_at"])?;
    Ok(Json(question.notice_list(&id, period.as_deref())?).into_response())
}

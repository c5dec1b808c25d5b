//! Named hours.

use crate::engine::hours;
use crate::http::App;
use crate::http::problem::Problem;
use crate::http::query::Query as Parameters;
use crate::service::ServiceError;
use axum::Json;
use axum::extract::{Path, Query, State};

/// Whether hours are open at an instant, and when they open next.
pub async fn hours(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<hours::HoursView>, Problem> {
    let live = app.live(&company)?;
    let company = live.company();
    let mut query = Parameters::new(pairs);
    let at = query.instant("at", company.zone)?;
    query.finish(&["at"])?;
    let Some(found) = hours::find(&company, &id) else {
        return Err(ServiceError::NotFound { what: "hours", id }.into());
    };
    let at = at.unwrap_or_else(|| app.shared.clock.now());
    Ok(Json(hours::view(&company, found, at)))
}

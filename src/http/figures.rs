//! Ledgers.

use super::App;
use super::ask::{known_area, question};
use super::problem::Problem;
use super::query::Query as Parameters;
use crate::service::ServiceError;
use crate::service::penalties;
use crate::service::reports::ReportQuery;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// The ledger of penalties for a period, with what it comes to by person and by role; as JSON, or its lines as CSV.
pub async fn penalties(
    State(app): State<App>,
    Path(company): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let live = app.live(&company)?;
    let mut query = Parameters::new(pairs);
    let question = question(&app, &live, &mut query)?;
    let asked = ReportQuery {
        period: query.take("period"),
        area: query.take("area"),
        ..ReportQuery::default()
    };
    let format = query.take("format");
    query.finish(&["period", "area", "format", "as_of", "known_at"])?;
    known_area(&question.company(), &asked.area)?;
    match format.as_deref() {
        None | Some("json") => Ok(Json(penalties::ledger(&question, &asked)?).into_response()),
        Some("csv") => {
            let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
            Ok((kind, penalties::table(&question, &asked)?.csv()).into_response())
        }
        Some(other) => {
            let message = format!("`{other}` is not offered; there are json and csv");
            let parameter = "format";
            Err(ServiceError::BadQuestion { parameter, message }.into())
        }
    }
}

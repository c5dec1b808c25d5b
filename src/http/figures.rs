//! Ledgers.

use super::App;
use super::ask::known_area;
use super::asked::{Pairs, answer};
use super::problem::Problem;
use crate::service::ServiceError;
use crate::service::penalties;
use crate::service::reports::ReportQuery;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// The ledger of penalties for a period, with what it comes to by person and by role; as JSON, or its lines as CSV.
pub async fn penalties(State(app): State<App>, Path(company): Path<String>, pairs: Pairs) -> Result<Response, Problem> {
    answer(app, &company, "penalties", pairs, |_, question, mut query| {
        let asked = ReportQuery {
            period: query.take("period"),
            area: query.take("area"),
            ..ReportQuery::default()
        };
        let format = query.take("format");
        query.finish(&["period", "area", "format", "as_of", "known_at", "viewer"])?;
        known_area(&question.company(), &asked.area)?;
        match format.as_deref() {
            None | Some("json") => Ok(Json(penalties::ledger(question, &asked)?).into_response()),
            Some("csv") => {
                let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
                Ok((kind, penalties::table(question, &asked)?.csv()).into_response())
            }
            Some(other) => {
                let message = format!("`{other}` is not offered; there are json and csv");
                let parameter = "format";
                Err(ServiceError::BadQuestion { parameter, message }.into())
            }
        }
    })
    .await
}

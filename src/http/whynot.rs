//! Why an obligation that somebody expected is not there.

use crate::engine::whynot;
use crate::http;
use crate::http::App;
use crate::http::asked::{Pairs, answer};
use crate::http::problem::Problem;
use crate::policy::finding::Lang;
use crate::service::ServiceError;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Why a case has no obligation of a rule.
pub async fn why_not(
    State(app): State<App>,
    Path((company, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    answer(app, &company, "why-not", pairs, |_, question, mut query| {
        let (rule, format, lang) = (query.take("rule"), query.take("format"), query.take("lang"));
        query.finish(&["rule", "as_of", "known_at", "viewer", "format", "lang"])?;
        let bad = |parameter, message: String| ServiceError::BadQuestion { parameter, message };
        let rule = rule.ok_or_else(|| bad("rule", "say which rule, such as rule=complaint-follow-up".to_owned()))?;
        let lang = match lang.as_deref() {
            None | Some("zh") => Lang::Zh,
            Some("en") => Lang::En,
            Some(other) => return Err(bad("lang", format!("`{other}` is not offered; there are zh and en")).into()),
        };
        let found = question.why_not(&id, &rule)?;
        match format.as_deref() {
            None | Some("json") => Ok(http::json(StatusCode::OK, &found)),
            Some("text") => {
                let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
                Ok((kind, whynot::text(&found, lang)).into_response())
            }
            Some(other) => Err(bad("format", format!("`{other}` is not offered; there are json and text")).into()),
        }
    })
    .await
}

//! Procedures in sentences over HTTP: which form and language is asked for.

use crate::policy::finding::Lang;
use crate::policy::model::{Company, Procedure};
use crate::policy::words::{document, html, markdown};
use crate::service::ServiceError;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

/// The form that `Accept` asks for, where it names one of those in sentences before JSON.
pub fn accepted(headers: &HeaderMap) -> Option<&'static str> {
    let accept = headers.get(header::ACCEPT)?.to_str().ok()?;
    let kinds = accept
        .split(',')
        .map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let known = kinds.filter_map(|kind| match kind {
        "text/html" => Some(Some("html")),
        "text/markdown" => Some(Some("markdown")),
        "application/json" => Some(None),
        _ => None,
    });
    known.into_iter().next().flatten()
}

/// The language: as asked for, else the first of `Accept-Language` that there is, else Chinese, in which procedures are
/// written.
pub fn lang(asked: Option<&str>, headers: &HeaderMap) -> Result<Lang, ServiceError> {
    match asked {
        Some("zh") => Ok(Lang::Zh),
        Some("en") => Ok(Lang::En),
        Some(other) => Err(ServiceError::BadQuestion {
            parameter: "lang",
            message: format!("`{other}` is not offered; there are zh and en"),
        }),
        None => {
            let wanted = headers
                .get(header::ACCEPT_LANGUAGE)
                .and_then(|value| value.to_str().ok());
            let first = wanted
                .unwrap_or_default()
                .split(',')
                .map(str::trim)
                .find_map(|tag| match tag {
                    tag if tag.starts_with("zh") => Some(Lang::Zh),
                    tag if tag.starts_with("en") => Some(Lang::En),
                    _ => None,
                });
            Ok(first.unwrap_or(Lang::Zh))
        }
    }
}

/// One edition of a procedure in sentences.
pub fn procedure(company: &Company, procedure: &Procedure, as_html: bool, lang: Lang) -> Response {
    // It is in force from this date on, whatever else is.
    let all = document(company, Some(procedure.head.effective));
    let Some(document) = all.only(&procedure.head.id) else {
        return axum::http::StatusCode::NOT_FOUND.into_response();
    };
    let (kind, text) = match as_html {
        true => ("text/html; charset=utf-8", html(&document, lang)),
        false => ("text/markdown; charset=utf-8", markdown(&document, lang)),
    };
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

//! Errors as RFC 9457 problems: a stable `code`, what is wrong in English and Chinese, the field, the clause.

use crate::engine::intake::{Refusal, Unmet};
use crate::service::ServiceError;
use crate::service::record::RefusedLine;
use crate::service::writer::PostError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A problem as RFC 9457 has it. Boxed: it is large, and rare.
#[derive(Debug)]
pub struct Problem(Box<Members>);

/// Its members.
#[derive(Debug, Serialize)]
struct Members {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: String,
    detail_zh: String,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clause: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unmet: Vec<Unmet>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<RefusedLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    companies: Option<serde_json::Value>,
}

impl Problem {
    /// A problem in words.
    pub fn new(status: u16, code: &'static str, detail: impl Into<String>, detail_zh: impl Into<String>) -> Problem {
        let known = StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason());
        Problem(Box::new(Members {
            kind: format!("/problems/{code}"),
            title: known.unwrap_or("Problem"),
            status,
            detail: detail.into(),
            detail_zh: detail_zh.into(),
            code,
            pointer: None,
            clause: None,
            unmet: Vec::new(),
            missing: Vec::new(),
            errors: Vec::new(),
            findings: Vec::new(),
            companies: None,
        }))
    }

    /// With the field that is meant.
    pub fn at(mut self, pointer: impl Into<String>) -> Problem {
        self.0.pointer = Some(pointer.into());
        self
    }

    /// With findings of policy files.
    pub fn with_findings(mut self, findings: Vec<serde_json::Value>) -> Problem {
        self.0.findings = findings;
        self
    }

    /// With what came of it for each company.
    pub fn with_companies(mut self, companies: serde_json::Value) -> Problem {
        self.0.companies = Some(companies);
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        (status, [(header::CONTENT_TYPE, kind)], body).into_response()
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let status = if refusal.code == "conflict" { 409 } else { 422 };
        let mut problem =
            Problem::new(status, refusal.code, refusal.message.en, refusal.message.zh).at(refusal.pointer);
        problem.0.clause = refusal.clause.map(|c| c.to_string());
        problem.0.unmet = refusal.unmet.into_vec();
        problem
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Problem {
        match &error {
            ServiceError::NoCompany(id) => {
                Problem::new(404, "unknown-company", error.to_string(), format!("没有公司 `{id}`"))
            }
            ServiceError::NotFound { what, id } => {
                let zh = match *what {
                    "case" => "案件",
                    "obligation" => "义务",
                    "rate" => "比率",
                    "hours" => "时段",
                    "procedure" => "规程",
                    "report" => "报表",
                    "notice" => "文书",
                    _ => "记录",
                };
                let code = match *what {
                    "case" => "unknown-case",
                    "obligation" => "unknown-obligation",
                    "rate" => "unknown-rate",
                    "hours" => "unknown-hours",
                    "procedure" => "unknown-procedure",
                    "report" => "unknown-report",
                    "notice" => "unknown-notice",
                    _ => "not-found",
                };
                Problem::new(404, code, error.to_string(), format!("没有{zh} `{id}`"))
            }
            ServiceError::BadQuestion { parameter, message } => {
                let en = format!("parameter `{parameter}`: {message}");
                let zh = format!("参数 `{parameter}` 不对：{message}");
                Problem::new(400, "bad-parameter", en, zh).at(format!("?{parameter}"))
            }
            ServiceError::NoticeIncomplete {
                notice,
                clause,
                missing,
            } => {
                let zh = format!("文书 `{notice}` 写不出来，缺：{}", missing.join("、"));
                let mut problem = Problem::new(422, "notice-incomplete", error.to_string(), zh);
                problem.0.clause = clause.clone();
                problem.0.missing = missing.clone();
                problem
            }
            ServiceError::Busy => Problem::new(
                503,
                "busy",
                "too many events wait to be recorded; try again",
                "排队的事件太多，请稍后再试",
            ),
            ServiceError::Stopped(_) | ServiceError::Store(_) | ServiceError::Body(_) | ServiceError::Past(_) => {
                tracing::error!(error = %error, "a request failed");
                let en = "the server cannot do this now; nothing was recorded, try again with the same id";
                Problem::new(
                    503,
                    "unavailable",
                    en,
                    "服务器暂时做不到；没有记录任何内容，请用同一编号重试",
                )
            }
        }
    }
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Problem {
        match error {
            PostError::Refused(refusal) => refusal.into(),
            PostError::Failed(error) => error.into(),
            PostError::Batch(answer) => {
                let bad = answer.refused.len();
                let en = format!("{bad} of the batch's lines are refused, so nothing of it was recorded");
                let zh = format!("这一批中有{bad}行不能接受，整批都没有记录");
                let mut problem = Problem::new(422, "batch-refused", en, zh);
                problem.0.errors = answer.refused;
                problem
            }
        }
    }
}

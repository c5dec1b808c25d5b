//! What serves, since when, and why nothing newer does.

use crate::domain::zone::Instant;
use crate::policy::finding::{Finding, Text};
use crate::service::stage::{Stage, Tested};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How the policies of each company stand.
#[derive(Debug, Default)]
pub struct Reloads {
    /// By company.
    pub companies: BTreeMap<String, Served>,
    /// Why the folder as a whole could not be read the last time.
    pub folder_error: Option<String>,
    /// After how long of being stale a company's questions are no longer answered; none: they always are.
    pub max_stale: Option<TimeDelta>,
}

/// How the policies of a company stand.
#[derive(Debug, Clone)]
pub struct Served {
    /// The content hash of what serves; empty: nothing does.
    pub hash: String,
    /// Since when it serves.
    pub since: Instant,
    /// What its timelines said before it served; none: it served without being asked about them.
    pub tests: Option<Tested>,
    /// Why what lies in the folder now does not serve, and since when it was refused.
    pub stale: Option<Stale>,
    /// The last time that it was to be taken up anew; none: not since the start.
    pub last_reload: Option<Attempt>,
}

/// Policies that were refused.
#[derive(Debug, Clone)]
pub struct Stale {
    /// Since when what lies in the folder has not served. A refusal that follows on another one leaves it.
    pub since: Instant,
    /// Why, as of the last time.
    pub why: Refused,
}

/// Why policies were refused.
#[derive(Debug, Clone)]
pub struct Refused {
    /// At which stage.
    pub stage: Stage,
    /// In words.
    pub why: Text,
    /// What is wrong in the files.
    pub findings: Vec<Finding>,
    /// What timelines did not come out as they say.
    pub failures: Vec<Failed>,
}

/// A timeline that failed.
#[derive(Debug, Clone)]
pub struct Failed {
    /// The file.
    pub file: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
    /// What the timeline shows; none: the file could not be read.
    pub timeline: Option<String>,
    /// What it expects, and what came of it.
    pub message: Text,
}

/// A time that policies were to be taken up.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// When.
    pub at: Instant,
    /// Who asked for it.
    pub by: By,
    /// The content hash of what was to serve; none: it could not be read.
    pub hash: Option<String>,
    /// What came of it: `changed`, `unchanged`, `refused`.
    pub result: &'static str,
    /// Where it ended, if it was refused.
    pub stage: Option<Stage>,
}

/// Who asks for policies to be taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The server, when it starts.
    Start,
    /// Somebody over HTTP, or with the command.
    Http,
    /// The signal HUP.
    Signal,
    /// A change of a file.
    Watch,
}

impl By {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            By::Start => "start",
            By::Http => "http",
            By::Signal => "signal",
            By::Watch => "watch",
        }
    }
}

impl Refused {
    /// For reasons that stand in no file.
    pub fn new(stage: Stage, why: Text) -> Refused {
        Refused {
            stage,
            why,
            findings: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// For machines.
    pub fn json(&self) -> Value {
        let findings: Vec<Value> = self.findings.iter().map(Finding::json).collect();
        let failures: Vec<Value> = self.failures.iter().map(Failed::json).collect();
        json!({
            "stage": self.stage.word(),
            "code": self.stage.code(),
            "why": { "zh": self.why.zh, "en": self.why.en },
            "findings": findings,
            "failures": failures,
        })
    }
}

impl Failed {
    fn json(&self) -> Value {
        json!({
            "file": self.file, "line": self.line, "timeline": self.timeline,
            "zh": self.message.zh, "en": self.message.en,
        })
    }
}

impl Served {
    /// What serves, since when, and why nothing newer does; `serves`: whether the company serves at all.
    pub fn json(&self, serves: bool) -> Value {
        let state = match (serves, &self.stale) {
            (false, _) => "none",
            (true, Some(_)) => "stale",
            (true, None) => "current",
        };
        let stale = self.stale.as_ref().map(|stale| {
            let mut told = stale.why.json();
            if let Value::Object(members) = &mut told {
                members.insert("since".to_owned(), json!(stale.since.to_rfc3339()));
            }
            told
        });
        let last = self.last_reload.as_ref().map(|attempt| {
            json!({
                "at": attempt.at.to_rfc3339(),
                "by": attempt.by.word(),
                "hash": attempt.hash,
                "result": attempt.result,
                "stage": attempt.stage.map(Stage::word),
            })
        });
        json!({
            "policies": state,
            "hash": self.hash,
            "serving_since": self.since.to_rfc3339(),
            "tests": self.tests,
            "stale": stale,
            "last_reload": last,
        })
    }
}

impl Reloads {
    /// Notes that what lies in a company's folder is refused.
    pub(super) fn refuse(&mut self, company: &str, why: Refused, now: Instant) {
        let served = self.companies.entry(company.to_owned()).or_insert_with(|| Served {
            hash: String::new(),
            since: now,
            tests: None,
            stale: None,
            last_reload: None,
        });
        let since = served.stale.as_ref().map_or(now, |stale| stale.since);
        served.stale = Some(Stale { since, why });
    }

    /// Since when a company has been stale, where that is longer than it may be.
    pub fn too_stale(&self, company: &str, now: Instant) -> Option<Instant> {
        let since = self.companies.get(company)?.stale.as_ref()?.since;
        (now.signed_duration_since(since) > self.max_stale?).then_some(since)
    }
}

//! Reloads: what lies in the policy folder goes through all stages, each company on its own, and serves then or not at
//! all. Only the last stage is the writer's; events and questions go on meanwhile.

use crate::domain::zone::Instant;
use crate::engine::change::Difference;
use crate::files::{self, FilesError};
use crate::policy::elsewhere::other_zone;
use crate::policy::finding::{Finding, Severity, Text};
use crate::policy::{Folder, content_hash};
use crate::service::stage::{self, Candidate, Stage, Tested};
use crate::service::status::{Attempt, By, Refused};
use crate::service::writer::{Mailbox, PostError, Request};
use crate::service::{ServiceError, Shared, difference};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long a reload waits for the one before it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asked before each stage of each company, may end its reload there: a server that is about to stop begins nothing.
pub type Gate = Arc<dyn Fn(&str, Stage) -> Result<(), Text> + Send + Sync>;

/// How a reload is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// These companies; empty: all that serve or lie in the folder.
    pub companies: Vec<String>,
    /// Only to say what would come of it.
    pub dry_run: bool,
    /// Whether the timelines are passed over, which is said in the record and in the status.
    pub skip_tests: bool,
    /// Who asks.
    pub by: By,
}

/// Takes policies up while the server runs.
#[derive(Clone)]
pub struct Reloader {
    shared: Arc<Shared>,
    mailbox: Mailbox,
    policies: PathBuf,
    scripts: PathBuf,
    gate: Option<Gate>,
}

/// What came of a reload.
#[derive(Debug)]
pub struct Report {
    /// When it was asked for.
    pub at: Instant,
    /// Whether it was only to say what would come of it.
    pub dry_run: bool,
    /// Why the folder as a whole could not be read.
    pub folder_error: Option<String>,
    /// By company.
    pub companies: BTreeMap<String, Outcome>,
}

/// What came of a reload for a company.
#[derive(Debug)]
pub struct Outcome {
    /// The content hash of what lies in the folder; none: it could not be read.
    pub hash: Option<String>,
    /// How it went.
    pub result: Result<TakenUp, Refused>,
    /// What is to be looked at in the files all the same.
    pub warnings: Vec<Finding>,
}

/// Policies that serve now, or would.
#[derive(Debug)]
pub struct TakenUp {
    /// What changed of what is owed; none: the same policies serve already.
    pub difference: Option<Difference>,
    /// What the timelines said.
    pub tests: Option<Tested>,
}

impl Report {
    /// Whether every company asked for serves what lies in the folder, or would.
    pub fn is_good(&self) -> bool {
        self.folder_error.is_none() && self.companies.values().all(|c| c.result.is_ok())
    }

    /// The companies that were refused, and why.
    pub fn refused(&self) -> impl Iterator<Item = (&str, &Refused)> {
        let companies = self.companies.iter();
        companies.filter_map(|(id, outcome)| Some((id.as_str(), outcome.result.as_ref().err()?)))
    }

    /// The code of the problem that it is: that of the stage where all were refused that were.
    pub fn code(&self) -> &'static str {
        if self.folder_error.is_some() {
            return Stage::Read.code();
        }
        let codes: BTreeSet<&'static str> = self.refused().map(|(_, why)| why.stage.code()).collect();
        match codes.first() {
            Some(only) if codes.len() == 1 => only,
            _ => "policies-refused",
        }
    }

    /// For machines.
    pub fn json(&self) -> Value {
        let with = |changed: bool| -> Vec<&String> {
            let has = |c: &Outcome| c.result.as_ref().is_ok_and(|t| t.difference.is_some() == changed);
            self.companies
                .iter()
                .filter(|(_, c)| has(c))
                .map(|(id, _)| id)
                .collect()
        };
        let refused: Vec<&str> = self.refused().map(|(id, _)| id).collect();
        let warnings: Vec<Value> = self
            .companies
            .values()
            .flat_map(|c| &c.warnings)
            .map(Finding::json)
            .collect();
        json!({
            "dry_run": self.dry_run,
            "changed": with(true),
            "unchanged": with(false),
            "refused": refused,
            "warnings": warnings,
            "companies": self.companies_json(),
        })
    }

    /// What came of it for each company, for machines.
    pub fn companies_json(&self) -> Value {
        let companies = self.companies.iter().map(|(id, outcome)| (id.clone(), outcome.json()));
        Value::Object(companies.collect::<Map<String, Value>>())
    }
}

impl Outcome {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match &self.result {
            Ok(TakenUp {
                difference: Some(_), ..
            }) => "changed",
            Ok(TakenUp { difference: None, .. }) => "unchanged",
            Err(_) => "refused",
        }
    }

    fn json(&self) -> Value {
        let (word, hash) = (self.word(), &self.hash);
        match &self.result {
            Ok(taken) => {
                json!({ "result": word, "hash": hash, "tests": taken.tests, "difference": taken.difference })
            }
            Err(why) => {
                let mut told = why.json();
                if let Value::Object(members) = &mut told {
                    members.insert("result".to_owned(), json!(word));
                    members.insert("hash".to_owned(), json!(hash));
                }
                told
            }
        }
    }
}

impl Reloader {
    /// Takes up what lies in these folders.
    pub fn new(shared: Arc<Shared>, mailbox: Mailbox, policies: PathBuf, scripts: PathBuf) -> Reloader {
        Reloader {
            shared,
            mailbox,
            policies,
            scripts,
            gate: None,
        }
    }

    /// With something to ask before each stage.
    pub fn with_gate(mut self, gate: Gate) -> Reloader {
        self.gate = Some(gate);
        self
    }

    /// Takes up what lies in the folder. Waits for files, compiles, runs timelines: not for a thread that must answer.
    /// Fails where a company is asked for that there is not, and where too many reloads wait.
    pub fn run(&self, asked: &Asked) -> Result<Report, ServiceError> {
        let one_at_a_time = self.shared.reloading.try_lock_for(PATIENCE);
        if one_at_a_time.is_none() {
            return Err(ServiceError::Busy);
        }
        let at = self.shared.clock.now();
        let mut report = Report {
            at,
            dry_run: asked.dry_run,
            folder_error: None,
            companies: BTreeMap::new(),
        };
        let read = files::read_companies(&self.policies, &self.scripts);
        let mut read: BTreeMap<String, Result<Folder, FilesError>> = match read {
            Ok(list) => list.into_iter().collect(),
            Err(error) => {
                report.folder_error = Some(told(&error));
                BTreeMap::new()
            }
        };
        if !asked.dry_run {
            self.shared.status.write().folder_error = report.folder_error.clone();
        }
        let serving: Vec<String> = self.shared.companies.read().keys().cloned().collect();
        let known: BTreeSet<String> = read.keys().cloned().chain(serving).collect();
        if let Some(missing) = asked.companies.iter().find(|id| !known.contains(*id)) {
            return Err(ServiceError::NoCompany(missing.clone()));
        }
        for id in known {
            if !asked.companies.is_empty() && !asked.companies.contains(&id) {
                continue;
            }
            let outcome = self.one(&id, read.remove(&id), &report, asked);
            if !asked.dry_run {
                self.note(&id, &outcome, at, asked.by);
            }
            report.companies.insert(id, outcome);
        }
        Ok(report)
    }

    /// Takes one company through the stages.
    fn one(&self, id: &str, read: Option<Result<Folder, FilesError>>, report: &Report, asked: &Asked) -> Outcome {
        let mut outcome = Outcome {
            hash: None,
            result: Ok(TakenUp {
                difference: None,
                tests: None,
            }),
            warnings: Vec::new(),
        };
        outcome.result = self.stages(id, read, report, asked, &mut outcome);
        outcome
    }

    fn stages(
        &self,
        id: &str,
        read: Option<Result<Folder, FilesError>>,
        report: &Report,
        asked: &Asked,
        outcome: &mut Outcome,
    ) -> Result<TakenUp, Refused> {
        self.may(id, Stage::Read)?;
        let unreadable = |zh: String, en: String| Refused::new(Stage::Read, Text::new(zh, en));
        let folder = match read {
            Some(Ok(folder)) => folder,
            Some(Err(error)) => {
                let en = told(&error);
                return Err(unreadable(format!("规程文件读不出来：{en}"), en));
            }
            None => {
                let en = match &report.folder_error {
                    Some(error) => error.clone(),
                    None => format!("the company has no folder in `{}` any more", self.policies.display()),
                };
                return Err(unreadable(format!("规程目录读不出来：{en}"), en));
            }
        };
        let timelines = files::read_timelines(&self.policies, id);
        let timelines = timelines.map_err(|error| {
            let en = told(&error);
            unreadable(format!("时间线读不出来：{en}"), en)
        })?;
        let hash = content_hash(&folder);
        outcome.hash = Some(hash.to_string());
        let serving = self.shared.live(id).ok();
        if serving.as_ref().is_some_and(|live| live.company().hash == hash) {
            // What serves was compiled from these very texts.
            return Ok(TakenUp {
                difference: None,
                tests: None,
            });
        }
        self.may(id, Stage::Compile)?;
        let compiled = stage::compiled(&folder)?;
        self.may(id, Stage::Check)?;
        let warnings = compiled.findings.iter().filter(|f| f.severity == Severity::Warning);
        let warnings: Vec<Finding> = warnings.cloned().collect();
        let company = Arc::new(stage::checked(compiled)?);
        if let Some(why) = serving.and_then(|live| other_zone(&live.company(), &company)) {
            return Err(Refused::new(Stage::Check, why));
        }
        outcome.warnings = warnings;
        self.may(id, Stage::Test)?;
        let tests = match asked.skip_tests {
            true => Tested {
                passed: 0,
                skipped: true,
            },
            false => stage::tested(&company, &timelines)?,
        };
        self.may(id, Stage::Difference)?;
        let difference = stage::guarded(Stage::Difference, || difference::of(&self.shared, id, &company))?;
        let difference = difference.map_err(|error| failed(Stage::Difference, &error))?;
        if !asked.dry_run {
            self.may(id, Stage::Swap)?;
            let candidate = Candidate {
                folder,
                company,
                tests: Some(tests),
            };
            self.swap(candidate).map_err(|error| failed(Stage::Swap, &error))?;
        }
        Ok(TakenUp {
            difference: Some(difference),
            tests: Some(tests),
        })
    }

    fn may(&self, id: &str, stage: Stage) -> Result<(), Refused> {
        tracing::debug!(company = id, stage = stage.word(), "a reload goes on");
        match &self.gate {
            Some(gate) => gate(id, stage).map_err(|why| Refused::new(stage, why)),
            None => Ok(()),
        }
    }

    /// Has the writer let the candidate serve, between two events.
    fn swap(&self, candidate: Candidate) -> Result<Instant, PostError> {
        let (sender, receiver) = channel();
        self.mailbox.wait(Request::TakeUp {
            candidate: Box::new(candidate),
            reply: Box::new(move |result| drop(sender.send(result))),
        })?;
        let gone = |_| ServiceError::Stopped("the writer has stopped".to_owned());
        receiver.recv().map_err(gone)?
    }

    /// Notes how it went, for whoever asks for the status.
    fn note(&self, id: &str, outcome: &Outcome, at: Instant, by: By) {
        let mut status = self.shared.status.write();
        match &outcome.result {
            Ok(_) => {
                if let Some(served) = status.companies.get_mut(id) {
                    served.stale = None;
                }
            }
            Err(why) => {
                tracing::warn!(company = id, stage = why.stage.word(), why = %why.why.en, "policies are refused; what served goes on serving");
                status.refuse(id, why.clone(), at);
            }
        }
        if let Some(served) = status.companies.get_mut(id) {
            served.last_reload = Some(Attempt {
                at,
                by,
                hash: outcome.hash.clone(),
                result: outcome.word(),
                stage: outcome.result.as_ref().err().map(|why| why.stage),
            });
        }
        if outcome.word() == "changed" {
            tracing::info!(
                company = id,
                hash = outcome.hash.as_deref(),
                by = by.word(),
                "other policies serve"
            );
        }
    }
}

/// An error with its causes.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

fn failed(stage: Stage, error: &dyn Error) -> Refused {
    let en = told(error);
    Refused::new(stage, Text::new(format!("没有做成：{en}"), en))
}

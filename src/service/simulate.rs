//! A draft tried on a company's past: the record is read beside the writer, which goes on.

use crate::domain::event::Event;
use crate::domain::zone::Instant;
use crate::engine::access::Sight;
use crate::engine::body;
use crate::engine::draft::{Past, PastError};
use crate::engine::history::History;
use crate::engine::intake::{self, Incoming, Refusal};
use crate::engine::simulate::{Comparison, Record, Row, Trial, TrialError, simulate};
use crate::engine::standing;
use crate::policy::finding::{Finding, Severity};
use crate::policy::model::Company;
use crate::policy::trial::{Draft, join, on_trial};
use crate::policy::{Folder, compile};
use crate::service::sight::Outlook;
use crate::service::{Live, ServiceError, Shared, StorePast, instant, load, swap};
use crate::store::{EditionRow, Reader, Store, StoreError};
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::slice::Chunks;
use std::sync::Arc;

/// How many places of the record are read at one go.
const CHUNK: u64 = 1_024;

/// Says whether somebody still waits for the answer.
pub type Wanted<'w> = dyn Fn() -> bool + Sync + 'w;

/// What is tried, and over which local dates, both included.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The draft.
    pub draft: Draft,
    /// The first date on which it is in force.
    pub from: NaiveDate,
    /// The last date that is looked at.
    pub to: NaiveDate,
}

/// Why a draft was not tried.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The draft has errors.
    #[error("the draft has errors")]
    Findings {
        /// The folder with the draft put in.
        folder: Box<Folder>,
        /// All that was found.
        findings: Vec<Finding>,
    },
    /// It cannot be tried as asked.
    #[error(transparent)]
    Trial(#[from] TrialError),
    /// A line of the events is not readable.
    #[error("line {line} of the events is not an event")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A line of the events is refused.
    #[error("line {line} of the events is refused: {refusal}")]
    Refused {
        /// The line, counted from 1.
        line: usize,
        /// Why.
        refusal: Box<Refusal>,
    },
    /// Another draft is being tried.
    #[error("another draft is being tried; try again when it is done")]
    Busy,
    /// The record cannot be read, or there is no such company.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for SimulateError {
    fn from(error: StoreError) -> SimulateError {
        SimulateError::Service(error.into())
    }
}

/// Tries a draft on a company that serves. One at a time; others are told to come back. What is not for everybody to see is left
/// out of it. Ends soon after nobody wants the answer any more.
pub fn of_live(
    shared: &Shared,
    live: &Live,
    asked: &Asked,
    wanted: &Wanted<'_>,
    progress: &(dyn Fn(u64) + Sync),
    each: &mut dyn FnMut(&Row),
) -> Result<Comparison, SimulateError> {
    let Some(mut readers) = shared.trying.try_lock() else {
        return Err(SimulateError::Busy);
    };
    let served = live.history();
    let rows = editions(&readers.0, live.no)?;
    let folder = rows
        .last()
        .and_then(swap::kept)
        .map_or_else(nothing, |(folder, _)| folder);
    let trial = Trial {
        draft: drafted(&folder, served.current(), asked)?,
        seed: live.seed(),
        from: asked.from,
        to: asked.to,
        sight: Some(Sight::new(served.current(), None, shared.clock.now())),
        hidden: Outlook::new(live, None, shared.clock.now()).window().hidden(),
        served,
    };
    let last = readers.0.last_seq()?;
    let (whole, one, other) = &mut *readers;
    let mut record = StoreRecord::new(whole, live.no, last, wanted);
    let pasts = (OwnReader(one), OwnReader(other));
    Ok(simulate(&trial, &mut record, pasts, progress, each)?)
}

/// Tries a draft on a data folder that no server is using. Without a company's id there must be only one.
/// `progress` is told how many events were folded, and how many there are to fold, of both folds together.
pub fn of_data(
    data: &Path,
    company: Option<&str>,
    asked: &Asked,
    progress: &(dyn Fn(u64, u64) + Sync),
    each: &mut dyn FnMut(&Row),
) -> Result<Comparison, SimulateError> {
    let store = Store::open(data)?;
    let (mut whole, mut one, mut other) = (store.reader()?, store.reader()?, store.reader()?);
    let companies = whole.companies()?;
    let row = match (company, companies.as_slice()) {
        (Some(id), all) => all.iter().find(|row| row.id == id),
        (None, [only]) => Some(only),
        (None, _) => {
            return Err(SimulateError::Service(ServiceError::BadQuestion {
                parameter: "company",
                message: "there are several companies; say which".to_owned(),
            }));
        }
    };
    let none = || ServiceError::NoCompany(company.unwrap_or_default().to_owned());
    let row = row.ok_or_else(none)?;
    let rows = editions(&whole, row.no)?;
    let served = load::history(&rows).ok_or_else(none)?;
    let folder = rows
        .last()
        .and_then(swap::kept)
        .map_or_else(nothing, |(folder, _)| folder);
    let trial = Trial {
        draft: drafted(&folder, served.current(), asked)?,
        seed: row.seed,
        from: asked.from,
        to: asked.to,
        sight: Some(Sight::new(
            served.current(),
            None,
            served.zone().end_of(asked.to).map_err(TrialError::Time)?,
        )),
        hidden: BTreeSet::new(),
        served,
    };
    let last = store.last_seq();
    let mut record = StoreRecord::new(&mut whole, row.no, last, &|| true);
    let pasts = (OwnReader(&mut one), OwnReader(&mut other));
    let told = |done: u64| progress(done, last.saturating_mul(2));
    Ok(simulate(&trial, &mut record, pasts, &told, each)?)
}

/// Tries a draft on events that stand in a text, one a line, as if each had been recorded when it occurred (a correction after what
/// it corrects) under a company's own policies from the beginning. What has happened is taken as it stands: no gate refuses anything.
pub fn of_events(
    folder: &Folder,
    ndjson: &str,
    asked: &Asked,
    progress: &(dyn Fn(u64, u64) + Sync),
    each: &mut dyn FnMut(&Row),
) -> Result<Comparison, SimulateError> {
    let compiled = compile(folder);
    let served = match compiled.company {
        Some(company) => Arc::new(company),
        None => {
            return Err(SimulateError::Findings {
                folder: Box::new(folder.clone()),
                findings: compiled.findings,
            });
        }
    };
    let lines = Lines::read(&served, ndjson, asked.from)?;
    let trial = Trial {
        draft: drafted(folder, &served, asked)?,
        seed: [0; 32],
        from: asked.from,
        to: asked.to,
        sight: None,
        hidden: BTreeSet::new(),
        served: History::new(served),
    };
    let all = (lines.events.len() as u64).saturating_mul(2);
    let mut left = lines.events.chunks(CHUNK as usize);
    Ok(simulate(
        &trial,
        &mut left,
        (&lines, &lines),
        &|done| progress(done, all),
        each,
    )?)
}

fn nothing() -> Folder {
    Folder {
        id: String::new(),
        files: Vec::new(),
        calendars: Vec::new(),
        scripts: Vec::new(),
    }
}

fn editions(reader: &Reader, company: u32) -> Result<Vec<EditionRow>, StoreError> {
    let mut rows = reader.editions()?;
    rows.retain(|row| row.company == company);
    Ok(rows)
}

/// Compiles the draft together with the company's own files, its new editions in force from the first date on.
fn drafted(folder: &Folder, serving: &Company, asked: &Asked) -> Result<Arc<Company>, SimulateError> {
    let joined = on_trial(&join(folder, &asked.draft), serving, asked.from);
    let compiled = compile(&joined);
    let is_faulty = compiled.findings.iter().any(|f| f.severity == Severity::Error);
    match compiled.company.filter(|_| !is_faulty) {
        Some(company) => Ok(Arc::new(company)),
        None => Err(SimulateError::Findings {
            folder: Box::new(joined),
            findings: compiled.findings,
        }),
    }
}

/// A company's record in the store.
struct StoreRecord<'r> {
    reader: &'r mut Reader,
    company: u32,
    next: u64,
    last: u64,
    reading: body::Reading,
    wanted: &'r Wanted<'r>,
}

impl<'r> StoreRecord<'r> {
    fn new(reader: &'r mut Reader, company: u32, last: u64, wanted: &'r Wanted<'r>) -> StoreRecord<'r> {
        StoreRecord {
            reader,
            company,
            next: 1,
            last,
            reading: body::Reading::default(),
            wanted,
        }
    }

    fn read(&mut self) -> Result<Vec<Event>, ServiceError> {
        let mut events = Vec::new();
        while events.is_empty() && self.next <= self.last {
            let to = self.next.saturating_add(CHUNK - 1).min(self.last);
            let (company, reading) = (self.company, &mut self.reading);
            self.reader
                .scan::<ServiceError>(self.next, to, &mut |row: crate::store::EventRefRow<'_>| {
                    if row.company == company {
                        events.push(reading.read(row.seq, instant(row.recorded_at_ms), row.body)?);
                    }
                    Ok(())
                })?;
            self.next = to.saturating_add(1);
        }
        Ok(events)
    }
}

/// The past of cases, by a connection that nobody else uses meanwhile.
struct OwnReader<'r>(&'r mut Reader);

impl Past for OwnReader<'_> {
    fn events(&self, case: &str, head: u64) -> Result<Vec<Event>, PastError> {
        StorePast(self.0).events(case, head)
    }
}

impl Record for StoreRecord<'_> {
    fn is_wanted(&self) -> bool {
        (self.wanted)()
    }

    fn next(&mut self) -> Result<Vec<Event>, PastError> {
        if !self.is_wanted() {
            return Err(PastError {
                case: String::new(),
                source: TrialError::Unwanted.into(),
            });
        }
        self.read().map_err(|error| PastError {
            case: String::new(),
            source: error.into(),
        })
    }
}

/// Events of a text in the order in which they are taken, each with its place and its body.
struct Lines {
    events: Vec<Event>,
    by_case: HashMap<Arc<str>, Vec<usize>>,
}

impl Lines {
    fn read(company: &Company, ndjson: &str, from: NaiveDate) -> Result<Lines, SimulateError> {
        let mut taken: Vec<(Instant, bool, Event)> = Vec::new();
        let (mut known, mut recorded) = (HashSet::new(), HashMap::new());
        for (ix, text) in ndjson.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            let line = ix + 1;
            let incoming: Incoming =
                serde_json::from_str(text).map_err(|source| SimulateError::Line { line, source })?;
            if !known.insert((incoming.source.clone(), incoming.id.clone())) {
                continue;
            }
            let event =
                intake::take(company, &incoming, Instant::MAX_UTC).map_err(|refusal| SimulateError::Refused {
                    line,
                    refusal: Box::new(refusal),
                })?;
            let amended = event.corrects.as_ref().or(event.retracts.as_ref());
            let after = amended.and_then(|id| recorded.get(id)).copied();
            let at = after.map_or(event.occurred_at, |after: Instant| after.max(event.occurred_at));
            recorded.insert(event.id.clone(), at);
            taken.push((at, amended.is_some(), event));
        }
        // Stable: of the same instant in the order of the lines.
        taken.sort_by_key(|(at, amends, _)| (*at, *amends));
        let cases: HashSet<Arc<str>> = taken.iter().map(|(.., event)| event.case.clone()).collect();
        let zone = company.zone;
        let starts_on = taken.first().map_or(from, |(at, ..)| zone.date(*at).min(from));
        let starts_at = zone.start_of(starts_on).map_err(TrialError::Time)?;
        let mut events = standing::beginnings(company, starts_at);
        events.retain(|event| !cases.contains(&event.case));
        events.extend(taken.into_iter().map(|(at, _, event)| Event {
            recorded_at: at,
            ..event
        }));
        let mut by_case: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
        for (ix, event) in events.iter_mut().enumerate() {
            event.seq = ix as u64 + 1;
            by_case.entry(event.case.clone()).or_default().push(ix);
        }
        Ok(Lines { events, by_case })
    }
}

impl Past for &Lines {
    fn events(&self, case: &str, head: u64) -> Result<Vec<Event>, PastError> {
        let mine = self.by_case.get(case).map_or(&[][..], Vec::as_slice);
        let mine = mine.iter().filter_map(|ix| self.events.get(*ix));
        Ok(mine.filter(|event| event.seq <= head).cloned().collect())
    }
}

impl Record for Chunks<'_, Event> {
    fn next(&mut self) -> Result<Vec<Event>, PastError> {
        Ok(Iterator::next(self).map(<[Event]>::to_vec).unwrap_or_default())
    }
}

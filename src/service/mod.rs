//! The use cases: record events, ask what is due, explain, reload. No HTTP, no printing.
//!
//! One writer thread owns the database and decides; questions read what it has published and never wait for a disk.

pub mod ask;
pub mod demo;
mod desk;
pub mod difference;
pub mod digest;
pub mod due;
pub mod figures;
pub mod index;
pub mod load;
pub mod members;
pub mod metrics;
pub mod notice;
pub mod penalties;
pub mod reads;
pub mod record;
pub mod reload;
pub mod reports;
pub mod samples;
mod sight;
pub mod simulate;
pub mod stage;
pub mod status;
mod swap;
pub mod verify;
pub mod writer;

use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::zone::Instant;
use crate::engine::body::{self, BodyError};
use crate::engine::draft::{Past, PastError};
use crate::engine::history::History;
use crate::engine::world::World;
use crate::policy::model::Company;
use crate::service::sight::Outlook;
use crate::store::{ReadRow, Reader, StoreError};
use chrono::DateTime;
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The longest history of one case that is folded anew.
pub const MAX_CASE_EVENTS: usize = 100_000;

/// The most showings of cases that a report lists, the latest.
pub const MAX_READS_SHOWN: u32 = 50_000;

/// What the writer publishes and everybody may read.
pub struct Shared {
    /// The companies that serve, by id.
    pub companies: RwLock<BTreeMap<String, Arc<Live>>>,
    /// How the last reload went.
    pub status: RwLock<status::Reloads>,
    /// Where the time of day comes from.
    pub clock: Clock,
    /// A connection for questions about the past.
    reader: Mutex<Reader>,
    /// Three connections for whoever tries a draft on the past, for the whole record and the pasts of single cases under both; one
    /// at a time.
    trying: Mutex<(Reader, Reader, Reader)>,
    /// Why the writer no longer writes, if so.
    pub stopped: RwLock<Option<String>>,
    /// Held by the one reload at a time.
    reloading: Mutex<()>,
}

/// A company that serves.
pub struct Live {
    /// Its number in the store.
    pub no: u32,
    /// Its cases. The writer alone changes it, after the commit; the lock is never held over a disk.
    pub world: RwLock<World>,
    /// Held by whoever must have the same policies for the whole of an answer: others begin to serve after it.
    pub steady: RwLock<()>,
}

impl Live {
    /// The policies that serve.
    pub fn company(&self) -> Arc<Company> {
        self.world.read().company().clone()
    }

    /// The secret that draws are made with.
    pub fn seed(&self) -> [u8; 32] {
        self.world.read().seed
    }

    /// The sets of policies that have served.
    pub fn history(&self) -> History {
        self.world.read().history.clone()
    }
}

/// An operation that failed.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no such company.
    #[error("there is no company `{0}`")]
    NoCompany(String),
    /// There is no such thing.
    #[error("there is no {what} `{id}`")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A question cannot be answered as it is put.
    #[error("{message}")]
    BadQuestion {
        /// The parameter.
        parameter: &'static str,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A notice cannot be written because data is missing.
    #[error("the notice `{notice}` cannot be written: {} is missing", missing.join(", "))]
    NoticeIncomplete {
        /// The notice.
        notice: String,
        /// The clause that it cites first.
        clause: Option<String>,
        /// Every gap.
        missing: Vec<String>,
    },
    /// More is asked of the writer than it can take.
    #[error("the queue of events is full; try again")]
    Busy,
    /// The writer has stopped.
    #[error("events are not taken any more: {0}")]
    Stopped(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A recorded event cannot be read.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// A case's past cannot be read.
    #[error(transparent)]
    Past(#[from] PastError),
}

impl Shared {
    /// The company of that id.
    pub fn live(&self, company: &str) -> Result<Arc<Live>, ServiceError> {
        self.companies
            .read()
            .get(company)
            .cloned()
            .ok_or_else(|| ServiceError::NoCompany(company.to_owned()))
    }

    /// Whether a draft is on trial.
    pub fn is_trying(&self) -> bool {
        self.trying.is_locked()
    }

    /// How many cases of a company there are for everybody to see, and how many of their obligations are live.
    pub fn counts(&self, live: &Live) -> (usize, usize) {
        let now = self.clock.now();
        Outlook::new(live, None, now).window().counts(now)
    }

    /// Who was shown which cases of a company.
    pub fn reads(&self, company: u32, from_ms: i64, to_ms: i64) -> Result<Vec<ReadRow>, StoreError> {
        self.reader.lock().reads(company, from_ms, to_ms, MAX_READS_SHOWN)
    }

    /// The recorded events of a case.
    pub fn past(&self, case: &str, head: u64) -> Result<Vec<Event>, PastError> {
        StorePast(&self.reader.lock()).events(case, head)
    }
}

/// The past of cases, as the store has it.
pub struct StorePast<'a>(pub &'a Reader);

impl Past for StorePast<'_> {
    fn events(&self, case: &str, head: u64) -> Result<Vec<Event>, PastError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| PastError {
            case: case.to_owned(),
            source,
        };
        let rows = self.0.chain(head, MAX_CASE_EVENTS).map_err(|e| failed(e.into()))?;
        let mut reading = body::Reading::default();
        let mut read = |row: &crate::store::EventRow| reading.read(row.seq, instant(row.recorded_at_ms), &row.body);
        rows.iter().map(|row| read(row).map_err(|e| failed(e.into()))).collect()
    }
}

/// An instant from milliseconds since 1970.
pub fn instant(ms: i64) -> Instant {
    DateTime::from_timestamp_millis(ms).unwrap_or(Instant::MIN_UTC)
}

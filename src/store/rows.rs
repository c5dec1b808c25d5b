//! The rows of the record, and their place in its chains.

use rusqlite::Row;
use rusqlite::types::FromSqlError;

use super::chain;
use super::error::{StoreError, sqlite};

/// The query for events whose rows [`EventRefRow::of`] takes; what is given follows.
macro_rules! select_event {
    ($rest:literal) => {
        concat!(
            "SELECT seq, company, prev, recorded_at, body, decided, hash FROM event ",
            $rest
        )
    };
}

/// The query for editions whose rows [`EditionRow::of`] takes; what is given follows.
macro_rules! select_edition {
    ($rest:literal) => {
        concat!(
            "SELECT no, company, from_seq, loaded_at, hash, files, hash_chain FROM edition ",
            $rest
        )
    };
}

pub(super) use {select_edition, select_event};

/// A company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyRow {
    /// Its number, from 1; what events and editions carry.
    pub no: u32,
    /// Its id in the outside world.
    pub id: String,
    /// Random bytes, from which its draws are made.
    pub seed: [u8; 32],
}

/// An edition that serves or served a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionRow {
    /// Its number, from 1.
    pub no: u64,
    /// The number of the company.
    pub company: u32,
    /// It serves the events of the company with a greater sequence, until the company's next edition does.
    pub from_seq: u64,
    /// When the server loaded it, Unix milliseconds.
    pub loaded_at_ms: i64,
    /// The content hash of its files.
    pub hash: String,
    /// Its files, JSON: `[[name, text], …]`.
    pub files: String,
    /// Its link in the chain of the editions.
    pub hash_chain: [u8; 32],
}

/// An event, with what it decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its sequence, from 1.
    pub seq: u64,
    /// The number of the company.
    pub company: u32,
    /// The sequence of the previous event of the same case, 0 for its first.
    pub prev: u64,
    /// When the server took it in, Unix milliseconds.
    pub recorded_at_ms: i64,
    /// The event, canonical JSON.
    pub body: String,
    /// What came of it, canonical JSON.
    pub decided: String,
    /// Its link in the chain of the events.
    pub hash: [u8; 32],
}

/// Like [`EventRow`], but lent for one call of [`Reader::scan`] instead of copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventRefRow<'a> {
    /// See [`EventRow::seq`].
    pub seq: u64,
    /// See [`EventRow::company`].
    pub company: u32,
    /// See [`EventRow::prev`].
    pub prev: u64,
    /// See [`EventRow::recorded_at_ms`].
    pub recorded_at_ms: i64,
    /// See [`EventRow::body`].
    pub body: &'a str,
    /// See [`EventRow::decided`].
    pub decided: &'a str,
    /// See [`EventRow::hash`].
    pub hash: &'a [u8; 32],
}

impl CompanyRow {
    /// Takes a row of number, id and seed.
    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            no: row.get(0)?,
            id: row.get(1)?,
            seed: row.get(2)?,
        })
    }
}

impl EditionRow {
    /// Takes a row of [`select_edition`].
    pub(super) fn of(row: &Row<'_>) -> Result<Self, StoreError> {
        let read = || {
            Ok(Self {
                no: unsigned(row, 0)?,
                company: row.get(1)?,
                from_seq: unsigned(row, 2)?,
                loaded_at_ms: row.get(3)?,
                hash: row.get(4)?,
                files: row.get(5)?,
                hash_chain: row.get(6)?,
            })
        };
        read().map_err(sqlite("reading editions"))
    }

    /// Its hash, if that is what its content and the edition before it give.
    pub(super) fn checked(&self, before: &[u8; 32], owner: Option<&CompanyRow>) -> Result<[u8; 32], StoreError> {
        let wrong = || StoreError::damaged(format!("edition {} does not fit its hash", self.no));
        let owner = owner.ok_or_else(wrong)?;
        let [no, from_seq] = [self.no, self.from_seq].map(i64::try_from);
        let hash = chain::link(
            before,
            [
                no.map_err(|_| wrong())?,
                i64::from(self.company),
                from_seq.map_err(|_| wrong())?,
                self.loaded_at_ms,
            ],
            &[
                self.hash.as_bytes(),
                self.files.as_bytes(),
                owner.id.as_bytes(),
                &owner.seed,
            ],
        );
        if hash == self.hash_chain {
            Ok(hash)
        } else {
            Err(wrong())
        }
    }
}

impl<'a> EventRefRow<'a> {
    /// Borrows the columns of a row of [`select_event`].
    pub(super) fn of(row: &'a Row<'_>) -> Result<Self, StoreError> {
        let read = || {
            let hash = row.get_ref(6)?.as_blob()?;
            Ok(Self {
                seq: unsigned(row, 0)?,
                company: row.get(1)?,
                prev: unsigned(row, 2)?,
                recorded_at_ms: row.get(3)?,
                body: row.get_ref(4)?.as_str()?,
                decided: row.get_ref(5)?.as_str()?,
                hash: hash.try_into().map_err(|_| FromSqlError::InvalidBlobSize {
                    expected_size: 32,
                    blob_size: hash.len(),
                })?,
            })
        };
        read().map_err(sqlite("reading events"))
    }

    /// Copies it.
    pub fn to_owned(&self) -> EventRow {
        EventRow {
            seq: self.seq,
            company: self.company,
            prev: self.prev,
            recorded_at_ms: self.recorded_at_ms,
            body: self.body.to_owned(),
            decided: self.decided.to_owned(),
            hash: *self.hash,
        }
    }

    /// Its hash, if that is what its content and the event before it give.
    pub(super) fn checked(&self, before: &[u8; 32]) -> Result<[u8; 32], StoreError> {
        let wrong = |what| StoreError::damaged(format!("event {} {what}", self.seq));
        if self.prev >= self.seq {
            return Err(wrong("names a later one as the previous of its case"));
        }
        let [seq, prev] = [self.seq, self.prev].map(i64::try_from);
        let (Ok(seq), Ok(prev)) = (seq, prev) else {
            return Err(wrong("has a number out of range"));
        };
        let hash = chain::link(
            before,
            [seq, i64::from(self.company), prev, self.recorded_at_ms],
            &[self.body.as_bytes(), self.decided.as_bytes()],
        );
        if hash == *self.hash {
            Ok(hash)
        } else {
            Err(wrong("does not fit its hash"))
        }
    }
}

/// A column that holds a number of ours, none of which is negative.
fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

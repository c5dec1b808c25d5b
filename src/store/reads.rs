//! Who was shown what: a table of its own beside the record, off its chains, which keeps the latest.

use rusqlite::params;

use super::error::{StoreError, sqlite};
use super::{Reader, WriteTxn};

/// How many showings are kept; the oldest go first.
pub const MAX_READS: u32 = 1_000_000;

/// That somebody was shown a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRow {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Who; none: it was not said.
    pub viewer: Option<String>,
    /// The case.
    pub case: String,
    /// What it was shown in.
    pub what: String,
}

impl WriteTxn<'_> {
    /// Adds what a company's viewer was shown; the oldest beyond `most` go.
    ///
    /// # Errors
    /// [`StoreError::Full`]; [`StoreError::Sqlite`] when the company does not exist.
    pub fn add_reads(&mut self, company: u32, reads: &[ReadRow], most: u32) -> Result<(), StoreError> {
        const DOING: &str = "recording who was shown what";
        self.usable()?;
        let added = (|| {
            let mut insert = self
                .txn
                .prepare("INSERT INTO read(company, at, viewer, case_id, what) VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for read in reads {
                insert.execute(params![company, read.at_ms, read.viewer, read.case, read.what])?;
            }
            let gone = "DELETE FROM read WHERE no <= (SELECT max(no) FROM read) - ?1";
            self.txn.execute(gone, [most])
        })();
        let added = added.map(|_| ()).map_err(sqlite(DOING));
        self.kept(added)
    }
}

impl Reader {
    /// What a company's viewers were shown from one instant to another, both included, in order; the latest, if there
    /// are more than `limit`.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] when the file cannot be read.
    pub fn reads(&self, company: u32, from_ms: i64, to_ms: i64, limit: u32) -> Result<Vec<ReadRow>, StoreError> {
        let read = || {
            let mut query = self.conn.prepare(
                "SELECT at, viewer, case_id, what FROM read WHERE company = ?1 AND at BETWEEN ?2 AND ?3
                 ORDER BY no DESC LIMIT ?4",
            )?;
            let rows = query.query_map(params![company, from_ms, to_ms, limit], |row| {
                Ok(ReadRow {
                    at_ms: row.get(0)?,
                    viewer: row.get(1)?,
                    case: row.get(2)?,
                    what: row.get(3)?,
                })
            })?;
            let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
            rows.reverse();
            Ok(rows)
        };
        read().map_err(sqlite("reading who was shown what"))
    }
}

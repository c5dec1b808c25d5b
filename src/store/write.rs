//! Appending to the record.

use rusqlite::{Connection, OptionalExtension, Statement, Transaction, params};

use super::error::{StoreError, sqlite};
use super::rows::CompanyRow;
use super::{Tip, chain};

/// A transaction of the one writer: all of it is kept, or nothing.
///
/// When a statement fails in SQLite, the transaction is over: what follows is refused with [`StoreError::Aborted`],
/// for SQLite may have rolled back by itself, and a later statement would then be kept alone. Only
/// [`StoreError::Refused`] leaves it as it was.
#[derive(Debug)]
pub struct WriteTxn<'a> {
    // Finalised before the transaction ends.
    insert: Statement<'a>,
    pub(super) txn: Transaction<'a>,
    /// The record's end as this transaction sees it.
    next: Tip,
    /// The committed end, which a commit moves to `next`.
    tip: &'a mut Tip,
    aborted: bool,
}

/// An event to be appended, with what it decided.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    /// The number of the company, as in [`CompanyRow::no`].
    pub company: u32,
    /// The sequence of the previous event of the same case, 0 for its first. It may be of the same transaction.
    pub prev: u64,
    /// When the server took it in, Unix milliseconds.
    pub recorded_at_ms: i64,
    /// The event, canonical JSON; not empty.
    pub body: &'a str,
    /// What came of it, canonical JSON.
    pub decided: &'a str,
}

/// An edition that begins to serve a company with the next event.
#[derive(Debug, Clone, Copy)]
pub struct NewEdition<'a> {
    /// The number of the company, as in [`CompanyRow::no`].
    pub company: u32,
    /// When the server loaded it, Unix milliseconds.
    pub loaded_at_ms: i64,
    /// The content hash of its files; not empty.
    pub hash: &'a str,
    /// Its files, JSON: `[[name, text], …]`.
    pub files: &'a str,
}

impl<'a> WriteTxn<'a> {
    /// Wraps a transaction that has begun on `conn`.
    pub(super) fn new(conn: &'a Connection, txn: Transaction<'a>, tip: &'a mut Tip) -> Result<Self, StoreError> {
        // Prepared once for the transaction: a batch parses no SQL.
        let insert = conn
            .prepare(
                "INSERT INTO event(seq, company, prev, recorded_at, body, decided, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )
            .map_err(sqlite("preparing to append"))?;
        Ok(Self {
            insert,
            txn,
            next: tip.clone(),
            tip,
            aborted: false,
        })
    }

    /// Appends an event and returns its sequence. It is readable by others after the commit.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when `prev` is not an earlier sequence; [`StoreError::Full`]; [`StoreError::Sqlite`]
    /// when the company does not exist or the body is empty.
    pub fn append(&mut self, event: &NewEvent<'_>) -> Result<u64, StoreError> {
        self.usable()?;
        let seq = after(self.next.last_seq, "event")?;
        if event.prev >= seq.unsigned {
            let what = format!(
                "event {} names event {} as the previous of its case",
                seq.unsigned, event.prev
            );
            return Err(StoreError::refused(what));
        }
        let prev = signed(event.prev)?;
        let company = i64::from(event.company);
        let hash = chain::link(
            &self.next.head,
            [seq.signed, company, prev, event.recorded_at_ms],
            &[event.body.as_bytes(), event.decided.as_bytes()],
        );
        let appended = self
            .insert
            .execute(params![
                seq.signed,
                company,
                prev,
                event.recorded_at_ms,
                event.body,
                event.decided,
                hash
            ])
            .map_err(sqlite("appending an event"));
        self.kept(appended)?;
        self.next.last_seq = seq.unsigned;
        self.next.head = hash;
        Ok(seq.unsigned)
    }

    /// Adds a company under a new number, with a random seed that stays its own for ever.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the id is empty or taken; [`StoreError::Full`].
    pub fn add_company(&mut self, id: &str) -> Result<CompanyRow, StoreError> {
        const DOING: &str = "adding a company";
        self.usable()?;
        if id.is_empty() {
            return Err(StoreError::refused("a company with an empty id"));
        }
        let taken = self
            .txn
            .query_row("SELECT no FROM company WHERE id = ?1", [id], |row| row.get::<_, i64>(0))
            .optional()
            .map_err(sqlite(DOING));
        if self.kept(taken)?.is_some() {
            return Err(StoreError::refused(format!("a second company with the id {id:?}")));
        }
        let added = self
            .txn
            .query_row(
                "INSERT INTO company(id, seed) VALUES (?1, randomblob(32)) RETURNING no, seed",
                [id],
                |row| {
                    Ok(CompanyRow {
                        no: row.get(0)?,
                        id: id.to_owned(),
                        seed: row.get(1)?,
                    })
                },
            )
            .map_err(sqlite(DOING));
        self.kept(added)
    }

    /// Adds an edition and returns its number. It serves the events of its company after the last one appended so far,
    /// those of this transaction included.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the company does not exist; [`StoreError::Full`]; [`StoreError::Sqlite`] when the
    /// hash is empty or the files are not JSON.
    pub fn add_edition(&mut self, edition: &NewEdition<'_>) -> Result<u64, StoreError> {
        const DOING: &str = "adding an edition";
        self.usable()?;
        let no = after(self.next.last_edition, "edition")?;
        let from_seq = signed(self.next.last_seq)?;
        let company = i64::from(edition.company);
        let owner = self
            .txn
            .query_row("SELECT id, seed FROM company WHERE no = ?1", [company], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, [u8; 32]>(1)?))
            })
            .optional()
            .map_err(sqlite(DOING));
        let Some((id, seed)) = self.kept(owner)? else {
            return Err(StoreError::refused(format!(
                "an edition of company {company}, which is not there"
            )));
        };
        let hash = chain::link(
            &self.next.edition_head,
            [no.signed, company, from_seq, edition.loaded_at_ms],
            &[edition.hash.as_bytes(), edition.files.as_bytes(), id.as_bytes(), &seed],
        );
        let added = self
            .txn
            .execute(
                "INSERT INTO edition(no, company, from_seq, loaded_at, hash, files, hash_chain)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    no.signed,
                    company,
                    from_seq,
                    edition.loaded_at_ms,
                    edition.hash,
                    edition.files,
                    hash
                ],
            )
            .map_err(sqlite(DOING));
        self.kept(added)?;
        self.next.last_edition = no.unsigned;
        self.next.edition_head = hash;
        Ok(no.unsigned)
    }

    /// Keeps the transaction; when this returns, it is on the disk.
    ///
    /// # Errors
    /// [`StoreError::Aborted`] after a failed statement; [`StoreError::Full`], after which nothing was kept; any other
    /// failure leaves open whether it was kept, and stops the writing where [`StoreError::stops_writing`] says so.
    pub fn commit(self) -> Result<(), StoreError> {
        self.usable()?;
        let Self {
            insert, txn, next, tip, ..
        } = self;
        drop(insert);
        let committed = txn.commit().map_err(sqlite("committing"));
        match &committed {
            Ok(()) => *tip = next,
            Err(error) => tip.stopped |= error.stops_writing(),
        }
        committed
    }

    /// Refuses a transaction of which a statement failed.
    pub(super) fn usable(&self) -> Result<(), StoreError> {
        if self.aborted { Err(StoreError::Aborted) } else { Ok(()) }
    }

    /// Takes note of a failure on its way out.
    pub(super) fn kept<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            self.aborted = true;
            self.tip.stopped |= error.stops_writing();
        }
        result
    }
}

/// A number as the interface and as SQLite has it.
struct Number {
    unsigned: u64,
    signed: i64,
}

/// The number after the last one.
fn after(last: u64, of: &str) -> Result<Number, StoreError> {
    let unsigned = last
        .checked_add(1)
        .ok_or_else(|| StoreError::refused(format!("no {of} number is left")))?;
    Ok(Number {
        unsigned,
        signed: signed(unsigned)?,
    })
}

/// A number as SQLite has it.
fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::refused(format!("the number {number} is too large")))
}

//! Reading the record back, and checking it.

use std::fs::File;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use super::error::{StoreError, sqlite};
use super::rows::{CompanyRow, EditionRow, EventRefRow, EventRow, select_edition, select_event};
use super::{Tip, chain};

/// What is being done, for errors.
const COMPANIES: &str = "reading companies";

/// Likewise.
const EVENTS: &str = "reading events";

/// A connection for reading. It never waits for the writer and never writes.
///
/// As long as one call runs, what the writer commits piles up in the write-ahead log: read long stretches in pieces.
#[derive(Debug)]
pub struct Reader {
    // Closed before the lock below is let go.
    pub(super) conn: Connection,
    _lock: Arc<File>,
}

/// What [`Reader::verify`] found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many events there are; the last one has this sequence.
    pub events: u64,
    /// The hash of the last event, 32 zero bytes when there is none.
    pub head: [u8; 32],
    /// How many editions there are.
    pub editions: u64,
}

impl Reader {
    pub(super) fn new(conn: Connection, lock: Arc<File>) -> Self {
        Self { conn, _lock: lock }
    }

    /// All companies, by number.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], or [`StoreError::Sqlite`] when the file cannot be read.
    pub fn companies(&self) -> Result<Vec<CompanyRow>, StoreError> {
        let read = || {
            let mut query = self.conn.prepare("SELECT no, id, seed FROM company ORDER BY no")?;
            query.query_map([], CompanyRow::of)?.collect::<Result<_, _>>()
        };
        read().map_err(sqlite(COMPANIES))
    }

    /// All editions that ever served, by number, which is the order in which they were added.
    ///
    /// # Errors
    /// As [`Self::companies`].
    pub fn editions(&self) -> Result<Vec<EditionRow>, StoreError> {
        let mut editions = Vec::new();
        each_edition(&self.conn, select_edition!("ORDER BY no"), |edition| {
            editions.push(edition);
            Ok(())
        })?;
        Ok(editions)
    }

    /// The sequence of the last event that is committed, 0 when there is none.
    ///
    /// # Errors
    /// As [`Self::companies`].
    pub fn last_seq(&self) -> Result<u64, StoreError> {
        let last: i64 = self
            .conn
            .query_row("SELECT coalesce(max(seq), 0) FROM event", [], |row| row.get(0))
            .map_err(sqlite(EVENTS))?;
        Ok(u64::try_from(last).unwrap_or(0))
    }

    /// The event of a sequence, if there is one.
    ///
    /// # Errors
    /// As [`Self::companies`].
    pub fn event(&self, seq: u64) -> Result<Option<EventRow>, StoreError> {
        let Ok(seq) = i64::try_from(seq) else { return Ok(None) };
        let mut query = self
            .conn
            .prepare_cached(select_event!("WHERE seq = ?1"))
            .map_err(sqlite(EVENTS))?;
        let mut rows = query.query([seq]).map_err(sqlite(EVENTS))?;
        match rows.next().map_err(sqlite(EVENTS))? {
            Some(row) => Ok(Some(EventRefRow::of(row)?.to_owned())),
            None => Ok(None),
        }
    }

    /// The events of one case up to the one with sequence `head`, oldest first; none for the sequence 0.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] when there are more than `limit`, [`StoreError::Damaged`] when an event on the way is
    /// missing, belongs to another company or names one that is not earlier; else as [`Self::companies`].
    pub fn chain(&self, head: u64, limit: usize) -> Result<Vec<EventRow>, StoreError> {
        let mut query = self
            .conn
            .prepare_cached(select_event!("WHERE seq = ?1"))
            .map_err(sqlite(EVENTS))?;
        let mut events: Vec<EventRow> = Vec::new();
        let mut wanted = head;
        while wanted != 0 {
            if events.len() >= limit {
                return Err(StoreError::TooLong { head, limit });
            }
            let missing = || StoreError::damaged(format!("event {wanted} of the case of event {head} is missing"));
            let key = i64::try_from(wanted).map_err(|_| missing())?;
            let mut rows = query.query([key]).map_err(sqlite(EVENTS))?;
            let row = rows.next().map_err(sqlite(EVENTS))?.ok_or_else(missing)?;
            let event = EventRefRow::of(row)?.to_owned();
            if event.prev >= event.seq || events.last().is_some_and(|later| later.company != event.company) {
                return Err(StoreError::damaged(format!(
                    "event {wanted} cannot be of the case of event {head}"
                )));
            }
            wanted = event.prev;
            events.push(event);
        }
        events.reverse();
        Ok(events)
    }

    /// Hands the events with sequences `from` to `to`, both included, to `each` in order; `u64::MAX` reads to the end.
    /// Nothing is copied and nothing verified. The first error of `each` ends the scan and is returned.
    ///
    /// # Errors
    /// That of `each`, or as [`Self::companies`].
    pub fn scan<E: From<StoreError>>(
        &self,
        from: u64,
        to: u64,
        mut each: impl FnMut(EventRefRow<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        // No sequence is beyond the greatest i64, so a bound beyond it says the same.
        let [from, to] = [from, to].map(|bound| i64::try_from(bound).unwrap_or(i64::MAX));
        let mut query = self
            .conn
            .prepare(select_event!("WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq"))
            .map_err(sqlite(EVENTS))?;
        let mut rows = query.query([from, to]).map_err(sqlite(EVENTS))?;
        while let Some(row) = rows.next().map_err(sqlite(EVENTS))? {
            each(EventRefRow::of(row)?)?;
        }
        Ok(())
    }

    /// Recomputes both chains from the first link, on one state of the record, and checks that no sequence is left out
    /// and that every event comes after the one it names as the previous of its case. It reads everything.
    ///
    /// Events taken off the end leave a whole, shorter chain: hold the result against a head known from elsewhere.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] names the first event or edition that does not fit; else as [`Self::companies`].
    pub fn verify(&self) -> Result<Verified, StoreError> {
        const DOING: &str = "verifying the record";
        let txn = Transaction::new_unchecked(&self.conn, TransactionBehavior::Deferred).map_err(sqlite(DOING))?;

        let mut events = 0_u64;
        let mut head = chain::START;
        self.scan(0, u64::MAX, |event| {
            let expected = events
                .checked_add(1)
                .ok_or_else(|| StoreError::damaged("too many events"))?;
            if event.seq != expected {
                return Err(StoreError::damaged(format!(
                    "event {expected} is missing, event {} follows",
                    event.seq
                )));
            }
            head = event.checked(&head)?;
            events = expected;
            Ok(())
        })?;

        let companies = self.companies()?;
        let mut edition_head = chain::START;
        let mut count = 0_u64;
        let mut from_seq = 0;
        each_edition(&self.conn, select_edition!("ORDER BY no"), |edition| {
            count = count
                .checked_add(1)
                .ok_or_else(|| StoreError::damaged("too many editions"))?;
            if edition.no != count {
                return Err(StoreError::damaged(format!(
                    "edition {count} is missing, edition {} follows",
                    edition.no
                )));
            }
            if edition.from_seq < from_seq || edition.from_seq > events {
                let what = format!("edition {count} cannot serve after event {}", edition.from_seq);
                return Err(StoreError::damaged(what));
            }
            from_seq = edition.from_seq;
            let owner = companies
                .binary_search_by_key(&edition.company, |company| company.no)
                .ok();
            edition_head = edition.checked(&edition_head, owner.and_then(|at| companies.get(at)))?;
            Ok(())
        })?;
        txn.finish().map_err(sqlite(DOING))?;
        Ok(Verified {
            events,
            head,
            editions: count,
        })
    }
}

/// Hands the editions of a query to `each`.
fn each_edition(
    conn: &Connection,
    query: &str,
    mut each: impl FnMut(EditionRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    const DOING: &str = "reading editions";
    let mut query = conn.prepare(query).map_err(sqlite(DOING))?;
    let mut rows = query.query([]).map_err(sqlite(DOING))?;
    while let Some(row) = rows.next().map_err(sqlite(DOING))? {
        each(EditionRow::of(row)?)?;
    }
    Ok(())
}

/// Where the record ends. The last event and the last edition are held against their hashes, so that a damaged end is
/// found before anything is appended to it.
pub(super) fn tip(conn: &Connection) -> Result<Tip, StoreError> {
    let mut tip = Tip {
        last_seq: 0,
        head: chain::START,
        last_edition: 0,
        edition_head: chain::START,
        stopped: false,
    };

    let before = conn
        .query_row("SELECT hash FROM event ORDER BY seq DESC LIMIT 1 OFFSET 1", [], |row| {
            row.get(0)
        })
        .optional()
        .map_err(sqlite(EVENTS))?
        .unwrap_or(chain::START);
    let mut query = conn
        .prepare(select_event!("ORDER BY seq DESC LIMIT 1"))
        .map_err(sqlite(EVENTS))?;
    let mut rows = query.query([]).map_err(sqlite(EVENTS))?;
    if let Some(row) = rows.next().map_err(sqlite(EVENTS))? {
        let event = EventRefRow::of(row)?;
        tip.last_seq = event.seq;
        tip.head = event.checked(&before)?;
    }

    let mut last_two = Vec::with_capacity(2);
    each_edition(conn, select_edition!("ORDER BY no DESC LIMIT 2"), |edition| {
        last_two.push(edition);
        Ok(())
    })?;
    let mut last_two = last_two.into_iter();
    if let Some(edition) = last_two.next() {
        let before = last_two.next().map_or(chain::START, |before| before.hash_chain);
        let owner = conn
            .query_row(
                "SELECT no, id, seed FROM company WHERE no = ?1",
                [edition.company],
                CompanyRow::of,
            )
            .optional()
            .map_err(sqlite(COMPANIES))?;
        tip.edition_head = edition.checked(&before, owner.as_ref())?;
        tip.last_edition = edition.no;
        if edition.from_seq > tip.last_seq {
            return Err(StoreError::damaged(format!(
                "edition {} serves after event {}, but the last event is {}",
                edition.no, edition.from_seq, tip.last_seq
            )));
        }
    }
    Ok(tip)
}

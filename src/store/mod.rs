//! The record: companies, editions and events in one SQLite file, appended in order and chained by hash.
//!
//! What the record holds is the truth; everything else is folded from it. There is one writer, the [`Store`], which
//! only appends, and any number of [`Reader`]s, which never wait for it. All times are Unix milliseconds. Sequences and
//! edition numbers begin at 1 and have no gaps.
//!
//! A commit returns when the data is on the disk (WAL with `synchronous=FULL`). A commit that returned an error is not
//! part of the record of this process; after a failing disk it may yet be found there at the next start.

mod chain;
mod error;
mod read;
mod reads;
mod rows;
mod schema;
mod write;

#[cfg(test)]
mod tests;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

pub use error::StoreError;
pub use read::{Reader, Verified};
pub use reads::{MAX_READS, ReadRow};
pub use rows::{CompanyRow, EditionRow, EventRefRow, EventRow};
pub use write::{NewEdition, NewEvent, WriteTxn};

use error::sqlite;

/// The database in the data folder.
const DATABASE: &str = "guicheng.db";

/// The file in the data folder that one server at a time holds locked.
const LOCK: &str = "guicheng.lock";

/// How long a statement waits for another program that holds the database, say a backup.
const PATIENCE: Duration = Duration::from_secs(5);

/// The one writer on a data folder. It holds the folder locked; so does every [`Reader`] it gave out.
#[derive(Debug)]
pub struct Store {
    // Closed before the lock below is let go.
    conn: Connection,
    tip: Tip,
    path: PathBuf,
    lock: Arc<File>,
}

/// Where the record ends, as far as it is committed.
#[derive(Debug, Clone)]
struct Tip {
    last_seq: u64,
    head: [u8; 32],
    last_edition: u64,
    edition_head: [u8; 32],
    /// The disk failed under a write; see [`StoreError::Stopped`].
    stopped: bool,
}

impl Store {
    /// Opens the record in `dir`, making the folder and an empty record if there is none, and bringing an older schema
    /// to this release. The last event and the last edition are held against their hashes; [`Reader::verify`] checks
    /// all of them.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when the folder is in use, [`StoreError::NotOurs`], [`StoreError::Newer`] and
    /// [`StoreError::Damaged`] when the file is not one this release can serve (it is left as it is), and
    /// [`StoreError::Folder`] or [`StoreError::Open`] when folder or file cannot be used.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        // The empty path is the current folder to some calls of the system and none to others.
        let dir = if dir.as_os_str().is_empty() {
            Path::new(".")
        } else {
            dir
        };
        fs::create_dir_all(dir).map_err(|source| StoreError::Folder {
            path: dir.to_path_buf(),
            source,
        })?;
        let lock = Arc::new(take_lock(dir.join(LOCK))?);
        let path = dir.join(DATABASE);
        schema::ensure(&path)?;

        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = connect(&path, flags)?;
        schema::migrate(&conn)?;
        configure_writer(&conn)?;
        let tip = read::tip(&conn)?;
        Ok(Self { conn, tip, path, lock })
    }

    /// Opens another connection, for reading only. It can be sent to another thread, sees what is committed at the time
    /// of each call, and keeps the folder locked as long as it lives.
    ///
    /// # Errors
    /// [`StoreError::Open`] when the file cannot be opened once more, for instance for want of file handles.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = connect(&self.path, flags)?;
        conn.pragma_update(None, "query_only", true)
            .map_err(sqlite("opening a reader"))?;
        Ok(Reader::new(conn, Arc::clone(&self.lock)))
    }

    /// Begins a transaction. Dropped without a commit it leaves no trace.
    ///
    /// # Errors
    /// [`StoreError::Stopped`] after a failure of the disk, [`StoreError::Busy`] when another program writes.
    pub fn write(&mut self) -> Result<WriteTxn<'_>, StoreError> {
        if self.tip.stopped {
            return Err(StoreError::Stopped);
        }
        // Not nested, for this takes the store for itself.
        let txn = Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)
            .map_err(sqlite("beginning a transaction"))?;
        WriteTxn::new(&self.conn, txn, &mut self.tip)
    }

    /// The sequence of the last committed event, 0 when there is none.
    pub fn last_seq(&self) -> u64 {
        self.tip.last_seq
    }

    /// The hash of the last committed event, 32 zero bytes when there is none. Kept elsewhere, it proves that no event
    /// up to this one was changed or taken off the end.
    pub fn head(&self) -> [u8; 32] {
        self.tip.head
    }
}

/// Takes the lock for as long as the file stays open.
fn take_lock(path: PathBuf) -> Result<File, StoreError> {
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    let file = match opened {
        Ok(file) => file,
        Err(source) => return Err(StoreError::Folder { path, source }),
    };
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path }),
        Err(TryLockError::Error(source)) => Err(StoreError::Folder { path, source }),
    }
}

/// Opens a connection with what reader and writer have in common: nothing in the file is trusted.
fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let opened = || {
        let conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(PATIENCE)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
        conn.pragma_update(None, "trusted_schema", false)?;
        conn.pragma_update(None, "cell_size_check", true)?;
        conn.pragma_update(None, "foreign_keys", true)?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        Ok(conn)
    };
    opened().map_err(|source: rusqlite::Error| match sqlite("opening the database")(source) {
        StoreError::Sqlite { source, .. } => StoreError::Open {
            path: path.to_path_buf(),
            source,
        },
        other => other,
    })
}

/// Sets what a commit promises and costs.
fn configure_writer(conn: &Connection) -> Result<(), StoreError> {
    const DOING: &str = "setting up the write-ahead log";
    let mode: String = conn
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(sqlite(DOING))?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(StoreError::refused(format!(
            "the file system offers no write-ahead log (journal mode {mode}); use a local disk"
        )));
    }
    // FULL, for NORMAL loses answered commits at a power cut and is no faster in batches.
    conn.pragma_update(None, "synchronous", "FULL").map_err(sqlite(DOING))?;
    // In pages: 40 MB. Rarer checkpoints write a page once that many commits touched.
    conn.pragma_update_and_check(None, "wal_autocheckpoint", 10_000, |_| Ok(()))
        .map_err(sqlite(DOING))?;
    // In bytes: what a long reader made the log grow to is given back afterwards.
    conn.pragma_update_and_check(None, "journal_size_limit", 67_108_864, |_| Ok(()))
        .map_err(sqlite(DOING))
}

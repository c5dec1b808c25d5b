//! The layout of the database: its steps from version to version, and how a file is recognised as ours.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::error::{StoreError, sqlite};

/// Stands in the header of every database of ours, where SQLite and `file` look for the owner: "guic".
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"guic");

/// The first bytes of every SQLite file.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The layout, as steps: the first makes version 1 of nothing, each later one makes its version of the one before.
/// A step that was released is never changed, so an old file always meets the steps it has not seen.
pub(super) const STEPS: &[&str] = &[
    // 1: the record. Rows are only ever appended, under integer keys in order and with no second index on events:
    // then a commit writes the last pages of one table and stays as fast as the record grows.
    "CREATE TABLE meta(
        key TEXT NOT NULL PRIMARY KEY,
        value ANY
     ) STRICT;
     INSERT INTO meta(key, value) VALUES ('chain', 'guicheng-1');
     CREATE TABLE company(
        no INTEGER PRIMARY KEY CHECK(no BETWEEN 1 AND 4294967295),
        id TEXT NOT NULL UNIQUE CHECK(id <> ''),
        seed BLOB NOT NULL CHECK(length(seed) = 32)
     ) STRICT;
     CREATE TABLE edition(
        no INTEGER PRIMARY KEY CHECK(no >= 1),
        company INTEGER NOT NULL REFERENCES company(no),
        from_seq INTEGER NOT NULL CHECK(from_seq >= 0),
        loaded_at INTEGER NOT NULL,
        hash TEXT NOT NULL CHECK(hash <> ''),
        files TEXT NOT NULL CHECK(json_valid(files)),
        hash_chain BLOB NOT NULL CHECK(length(hash_chain) = 32)
     ) STRICT;
     CREATE TABLE event(
        seq INTEGER PRIMARY KEY CHECK(seq >= 1),
        company INTEGER NOT NULL REFERENCES company(no),
        prev INTEGER NOT NULL CHECK(prev >= 0 AND prev < seq),
        recorded_at INTEGER NOT NULL,
        body TEXT NOT NULL CHECK(body <> ''),
        decided TEXT NOT NULL,
        hash BLOB NOT NULL CHECK(length(hash) = 32)
     ) STRICT;",
    // 2: who was shown which case. It is no part of the record: bounded, and on no chain.
    "CREATE TABLE read(
        no INTEGER PRIMARY KEY,
        company INTEGER NOT NULL REFERENCES company(no),
        at INTEGER NOT NULL,
        viewer TEXT,
        case_id TEXT NOT NULL CHECK(case_id <> ''),
        what TEXT NOT NULL CHECK(what <> '')
     ) STRICT;",
];

/// Brings the database to the newest version; every missing step in one transaction.
pub(super) fn migrate(conn: &Connection) -> Result<(), StoreError> {
    migrate_by(conn, STEPS)
}

/// Like [`migrate`], by any list of steps.
pub(super) fn migrate_by(conn: &Connection, steps: &[&str]) -> Result<(), StoreError> {
    // Looked at before a write lock is taken, so that a newer file is not touched at all.
    if missing(conn, steps)?.is_empty() {
        return Ok(());
    }
    const DOING: &str = "bringing the schema to this release";
    let txn = Transaction::new_unchecked(conn, TransactionBehavior::Immediate).map_err(sqlite(DOING))?;
    for step in missing(&txn, steps)? {
        txn.execute_batch(step).map_err(sqlite(DOING))?;
    }
    let version = count(steps)?;
    txn.pragma_update(None, "user_version", version)
        .map_err(sqlite(DOING))?;
    txn.pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(sqlite(DOING))?;
    txn.commit().map_err(sqlite(DOING))
}

/// The steps this database has not seen.
fn missing<'s>(conn: &Connection, steps: &'s [&'s str]) -> Result<&'s [&'s str], StoreError> {
    let found: i32 = conn
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(sqlite("reading the schema version"))?;
    let found = u32::try_from(found).map_err(|_| StoreError::damaged(format!("the schema version is {found}")))?;
    let known = count(steps)?;
    usize::try_from(found)
        .ok()
        .and_then(|seen| steps.get(seen..))
        .ok_or(StoreError::Newer { found, known })
}

/// How many steps there are, which is the newest version.
fn count(steps: &[&str]) -> Result<u32, StoreError> {
    u32::try_from(steps.len()).map_err(|_| StoreError::refused("more steps than versions"))
}

/// Makes sure that `path` is a database of ours: makes it when nothing is there, refuses what is not ours.
///
/// A new database is made under another name and moved to its place whole. So a file at that place always carries our
/// header, and an empty or headless one is a loss to be told, never one to be covered by a fresh start.
pub(super) fn ensure(path: &Path) -> Result<(), StoreError> {
    let folder = |source| StoreError::Folder {
        path: path.to_path_buf(),
        source,
    };
    match File::open(path) {
        Ok(file) => recognise(file, path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // SQLite would play a left-over log into the new file.
            for left in ["-wal", "-journal"].map(|end| beside(path, end)) {
                if left.try_exists().map_err(folder)? {
                    return Err(StoreError::damaged(format!(
                        "{} is there without its database",
                        left.display()
                    )));
                }
            }
            create(path)
        }
        Err(error) => Err(folder(error)),
    }
}

/// Reads the header with nothing but file reads, so that a file of somebody else is not touched by SQLite.
fn recognise(file: File, path: &Path) -> Result<(), StoreError> {
    let mut header = Vec::with_capacity(100);
    file.take(100)
        .read_to_end(&mut header)
        .map_err(|source| StoreError::Folder {
            path: path.to_path_buf(),
            source,
        })?;
    let owner = header.get(68..72);
    if header.starts_with(MAGIC) && owner == Some(APPLICATION_ID.to_be_bytes().as_slice()) {
        Ok(())
    } else {
        Err(StoreError::NotOurs {
            path: path.to_path_buf(),
        })
    }
}

/// Makes a new database, durably.
fn create(path: &Path) -> Result<(), StoreError> {
    let folder = |source| StoreError::Folder {
        path: path.to_path_buf(),
        source,
    };
    let new = beside(path, ".new");
    // What a making cut short left behind never held an event.
    for left in [new.clone(), beside(&new, "-journal")] {
        match fs::remove_file(&left) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(folder(error)),
            _ => {}
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(&new, flags).map_err(|source| StoreError::Open {
        path: new.clone(),
        source,
    })?;
    migrate(&conn)?;
    conn.close()
        .map_err(|(_, source)| sqlite("closing the new database")(source))?;
    fs::rename(&new, path).map_err(folder)?;
    // The rename itself is durable only once its folder is written.
    #[cfg(unix)]
    if let Some(parent) = path.parent() {
        File::open(parent).and_then(|dir| dir.sync_all()).map_err(folder)?;
    }
    Ok(())
}

/// The path with something appended to its last part.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

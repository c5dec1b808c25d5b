//! What can go wrong with the store, each with its cause.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why the store could not do what it was asked. Nothing is ever deleted or repaired on the way to an error.
#[derive(thiserror::Error, Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The data folder or a file in it could not be made, read or locked.
    #[error("the data folder cannot be used: {}", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// SQLite could not open the database.
    #[error("the database cannot be opened: {}", path.display())]
    Open {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// A later release wrote the database; this one does not know its layout.
    #[error("the database has schema version {found}, this release knows up to {known}; use the newer release")]
    Newer {
        /// The version in the file.
        found: u32,
        /// The newest version this release knows.
        known: u32,
    },
    /// The file is not a database of guicheng, or its first page is destroyed. It is left as it is.
    #[error("not a guicheng database, left as it is: {}", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// Another server works in this folder, or a store or reader of this process is still open on it.
    #[error("the data folder is in use by another server: {}", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// Another program held the database for longer than the five seconds the store waits.
    #[error("the database was held by another program while {doing}")]
    Busy {
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// No space on the disk. The transaction is rolled back; writing can go on once there is space.
    #[error("the disk is full, nothing of the transaction was kept")]
    Full,
    /// The record contradicts itself or cannot be read. It is left as it is.
    #[error("the record is damaged: {what}")]
    Damaged {
        /// Which part, and how.
        what: String,
        /// What SQLite said, where it was SQLite that noticed.
        #[source]
        source: Option<rusqlite::Error>,
    },
    /// A value handed to the store cannot be stored; nothing was written and the transaction can go on.
    #[error("cannot be stored: {what}")]
    Refused {
        /// Which value, and why.
        what: String,
    },
    /// A case has more events than the caller wanted to read.
    #[error("the case of event {head} has more than {limit} events")]
    TooLong {
        /// Where the walk began.
        head: u64,
        /// The caller's limit, in events.
        limit: usize,
    },
    /// A statement of this transaction failed before, so nothing of it can be kept.
    #[error("an earlier statement of this transaction failed, nothing of it can be kept")]
    Aborted,
    /// The disk failed under an earlier write. What the kernel still holds of it is unknown, so this process does not
    /// write any more; a restart reads what is really there.
    #[error("writing stopped after a failure of the disk; restart the server")]
    Stopped,
    /// Anything else that SQLite refused.
    #[error("the database failed while {doing}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// Whether the store refuses every later write of this process after this error.
    pub fn stops_writing(&self) -> bool {
        match self {
            Self::Damaged { .. } | Self::Stopped => true,
            Self::Sqlite { source, .. } => source.sqlite_error_code() == Some(ErrorCode::SystemIoFailure),
            _ => false,
        }
    }

    /// A contradiction found by our own reading.
    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged {
            what: what.into(),
            source: None,
        }
    }

    /// A value that cannot be stored.
    pub(super) fn refused(what: impl Into<String>) -> Self {
        Self::Refused { what: what.into() }
    }
}

/// Sorts an error of SQLite by what the caller can do about it; for `map_err`.
pub(super) fn sqlite(doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    use rusqlite::Error as E;
    move |source| match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged {
            what: format!("found while {doing}"),
            source: Some(source),
        },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { doing, source },
        Some(_) => StoreError::Sqlite { doing, source },
        // STRICT tables hold no other type and no other range than ours, unless bytes of the file were changed.
        None => match source {
            E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::InvalidColumnType(..)
            | E::Utf8Error(..) => StoreError::Damaged {
                what: format!("found while {doing}"),
                source: Some(source),
            },
            other => StoreError::Sqlite { doing, source: other },
        },
    }
}

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::Connection;

use super::*;

mod damage;
mod versions;

/// A folder of its own for each test, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "guicheng-store-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn open(&self) -> Result<Store, StoreError> {
        Store::open(&self.0)
    }

    fn database(&self) -> PathBuf {
        self.0.join(DATABASE)
    }

    /// Changes the database behind the store's back, as somebody with the file in hands could.
    fn tamper(&self, sql: &str) {
        let conn = Connection::open(self.database()).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;")
            .unwrap();
        conn.execute_batch(sql).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn event(prev: u64, body: &str) -> NewEvent<'_> {
    NewEvent {
        company: 1,
        prev,
        recorded_at_ms: 1_000,
        body,
        decided: "[]",
    }
}

fn edition(hash: &str) -> NewEdition<'_> {
    NewEdition {
        company: 1,
        loaded_at_ms: 500,
        hash,
        files: r#"[["a.toml","x = 1"]]"#,
    }
}

/// One company, an edition, two cases (events 1, 3, 5 and 2, 4), another edition, and event 6.
fn filled() -> Folder {
    let folder = Folder::new();
    let mut store = folder.open().unwrap();
    let mut txn = store.write().unwrap();
    assert_eq!(txn.add_company("甲").unwrap().no, 1);
    assert_eq!(txn.add_edition(&edition("e1")).unwrap(), 1);
    for (prev, body) in [
        (0, "{\"n\":1}"),
        (0, "{\"n\":2}"),
        (1, "{\"n\":3}"),
        (2, "{\"n\":4}"),
        (3, "{\"n\":5}"),
    ] {
        txn.append(&event(prev, body)).unwrap();
    }
    assert_eq!(txn.add_edition(&edition("e2")).unwrap(), 2);
    assert_eq!(txn.append(&event(0, "{\"n\":6}")).unwrap(), 6);
    txn.commit().unwrap();
    folder
}

/// What opening and verifying says after a change behind the store's back.
fn verdict(sql: &str) -> String {
    let folder = filled();
    folder.tamper(sql);
    let found = folder.open().and_then(|store| store.reader()?.verify());
    match found {
        Err(StoreError::Damaged { what, .. }) => what,
        other => panic!("{sql} gave {other:?}"),
    }
}

fn hex(bytes: [u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn count(reader: &Reader) -> u64 {
    let mut count = 0;
    reader
        .scan::<StoreError>(0, u64::MAX, |_| {
            count += 1;
            Ok(())
        })
        .unwrap();
    count
}

fn schema_of(conn: &Connection) -> Vec<String> {
    let mut query = conn
        .prepare("SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1")
        .unwrap();
    query
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn what_was_written_is_read_back_after_a_restart() {
    let folder = filled();
    let store = folder.open().unwrap();
    assert_eq!(store.last_seq(), 6);
    let reader = store.reader().unwrap();

    let companies = reader.companies().unwrap();
    assert_eq!(
        companies.iter().map(|c| (c.no, c.id.as_str())).collect::<Vec<_>>(),
        [(1, "甲")]
    );
    assert_ne!(companies[0].seed, [0; 32]);

    let editions = reader.editions().unwrap();
    let seen: Vec<_> = editions
        .iter()
        .map(|e| (e.no, e.company, e.from_seq, e.loaded_at_ms, e.hash.as_str()))
        .collect();
    assert_eq!(seen, [(1, 1, 0, 500, "e1"), (2, 1, 5, 500, "e2")]);
    assert_eq!(editions[0].files, edition("").files);

    let row = reader.event(3).unwrap().unwrap();
    assert_eq!((row.seq, row.company, row.prev, row.recorded_at_ms), (3, 1, 1, 1_000));
    assert_eq!((row.body.as_str(), row.decided.as_str()), ("{\"n\":3}", "[]"));
    assert_eq!(reader.event(7).unwrap(), None);
    assert_eq!(reader.event(0).unwrap(), None);
    assert_eq!(reader.event(u64::MAX).unwrap(), None);

    assert_eq!(
        reader.verify().unwrap(),
        Verified {
            events: 6,
            head: store.head(),
            editions: 2
        }
    );
    assert_eq!(reader.event(6).unwrap().unwrap().hash, store.head());
}

#[test]
fn the_chain_goes_on_over_restarts() {
    let folder = filled();
    for seq in 7..10 {
        let mut store = folder.open().unwrap();
        let mut txn = store.write().unwrap();
        assert_eq!(txn.append(&event(seq - 1, "{}")).unwrap(), seq);
        txn.add_edition(&edition("next")).unwrap();
        txn.commit().unwrap();
        let verified = store.reader().unwrap().verify().unwrap();
        assert_eq!(
            verified,
            Verified {
                events: seq,
                head: store.head(),
                editions: seq - 4
            }
        );
    }
}

#[test]
fn an_empty_record_is_whole() {
    let folder = Folder::new();
    let nested = folder.0.join("a/b");
    let store = Store::open(&nested).unwrap();
    assert_eq!((store.last_seq(), store.head()), (0, [0; 32]));
    let reader = store.reader().unwrap();
    assert_eq!(
        reader.verify().unwrap(),
        Verified {
            events: 0,
            head: [0; 32],
            editions: 0
        }
    );
    assert_eq!(reader.chain(0, 0).unwrap(), []);
}

/// Worked out apart from this program, from the description alone; a verifier elsewhere depends on it.
#[test]
fn the_hashes_are_those_of_the_description() {
    let folder = Folder::new();
    let mut store = folder.open().unwrap();
    let mut txn = store.write().unwrap();
    txn.add_company("甲").unwrap();
    txn.append(&event(0, "{\"n\":\"一\"}")).unwrap();
    txn.commit().unwrap();
    assert_eq!(
        hex(store.head()),
        "9da9b0bdfc035f61c437ede6deab2e3bfea61ade0552a9eba6b0298f28f15c92"
    );
    let mut txn = store.write().unwrap();
    txn.append(&NewEvent {
        company: 1,
        prev: 1,
        recorded_at_ms: -5,
        body: "{}",
        decided: "",
    })
    .unwrap();
    txn.commit().unwrap();
    assert_eq!(
        hex(store.head()),
        "ed9d9c5d0e628ef654f45bd534b0f1d0799c701d7afda6df095fca2d4b045387"
    );
}

#[test]
fn companies_have_numbers_in_order_and_seeds_of_their_own() {
    let folder = Folder::new();
    let mut store = folder.open().unwrap();
    let mut txn = store.write().unwrap();
    let a = txn.add_company("a").unwrap();
    let b = txn.add_company("b").unwrap();
    assert_eq!((a.no, b.no), (1, 2));
    assert_ne!(a.seed, b.seed);
    assert!(matches!(txn.add_company("a"), Err(StoreError::Refused { .. })));
    assert!(matches!(txn.add_company(""), Err(StoreError::Refused { .. })));
    txn.commit().unwrap();
    assert_eq!(store.reader().unwrap().companies().unwrap(), [a, b]);
}

#[test]
fn a_transaction_not_committed_leaves_no_trace() {
    let folder = filled();
    let mut store = folder.open().unwrap();
    let before = (store.last_seq(), store.head());
    let mut txn = store.write().unwrap();
    txn.add_company("乙").unwrap();
    assert_eq!(txn.append(&event(6, "{}")).unwrap(), 7);
    txn.add_edition(&edition("e3")).unwrap();
    drop(txn);

    assert_eq!((store.last_seq(), store.head()), before);
    let reader = store.reader().unwrap();
    assert_eq!(
        reader.verify().unwrap(),
        Verified {
            events: 6,
            head: before.1,
            editions: 2
        }
    );
    assert_eq!(reader.companies().unwrap().len(), 1);

    let mut txn = store.write().unwrap();
    assert_eq!(txn.append(&event(6, "{}")).unwrap(), 7);
    txn.commit().unwrap();
    assert_eq!(store.last_seq(), 7);
}

#[test]
fn a_refused_value_leaves_the_transaction_as_it_was() {
    let folder = filled();
    let mut store = folder.open().unwrap();
    let mut txn = store.write().unwrap();
    for prev in [7, 8, u64::MAX] {
        assert!(matches!(
            txn.append(&event(prev, "{}")),
            Err(StoreError::Refused { .. })
        ));
    }
    let nobody = NewEdition {
        company: 9,
        ..edition("e")
    };
    assert!(matches!(txn.add_edition(&nobody), Err(StoreError::Refused { .. })));
    assert_eq!(txn.append(&event(6, "{}")).unwrap(), 7);
    txn.commit().unwrap();
    assert_eq!(store.reader().unwrap().verify().unwrap().events, 7);
}

#[test]
fn after_a_failed_statement_nothing_of_the_transaction_is_kept() {
    let folder = filled();
    let mut store = folder.open().unwrap();
    for bad in [
        NewEvent {
            company: 9,
            ..event(0, "{}")
        },
        event(0, ""),
    ] {
        let mut txn = store.write().unwrap();
        txn.append(&event(6, "{}")).unwrap();
        assert!(matches!(
            txn.append(&bad),
            Err(StoreError::Sqlite {
                doing: "appending an event",
                ..
            })
        ));
        assert!(matches!(txn.append(&event(6, "{}")), Err(StoreError::Aborted)));
        assert!(matches!(txn.add_company("c"), Err(StoreError::Aborted)));
        assert!(matches!(txn.commit(), Err(StoreError::Aborted)));
        assert_eq!(store.last_seq(), 6);
    }
    let mut txn = store.write().unwrap();
    let not_json = NewEdition {
        files: "[",
        ..edition("e")
    };
    assert!(matches!(txn.add_edition(&not_json), Err(StoreError::Sqlite { .. })));
    drop(txn);
    assert_eq!(store.reader().unwrap().verify().unwrap().events, 6);
}

#[test]
fn a_full_disk_keeps_nothing_and_writing_goes_on_when_there_is_space() {
    let folder = filled();
    let mut store = folder.open().unwrap();
    let before = store.head();
    let pages: i64 = store
        .conn
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    let limit = |store: &Store, pages: i64| {
        store
            .conn
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .unwrap();
    };
    limit(&store, pages);
    let body = format!("\"{}\"", "x".repeat(100_000));
    let mut txn = store.write().unwrap();
    txn.append(&event(6, "{}")).unwrap();
    assert!(matches!(txn.append(&event(6, &body)), Err(StoreError::Full)));
    assert!(matches!(txn.append(&event(6, "{}")), Err(StoreError::Aborted)));
    assert!(matches!(txn.commit(), Err(StoreError::Aborted)));
    assert_eq!((store.last_seq(), store.head()), (6, before));

    limit(&store, 1_000_000);
    let mut txn = store.write().unwrap();
    assert_eq!(txn.append(&event(6, &body)).unwrap(), 7);
    txn.commit().unwrap();
    assert_eq!(store.reader().unwrap().verify().unwrap().events, 7);
}

#[test]
fn a_failed_disk_stops_the_writing() {
    let io = |extended| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(extended), None);
    let map = super::error::sqlite("committing");
    assert!(map(io(rusqlite::ffi::SQLITE_IOERR_FSYNC)).stops_writing());
    assert!(map(io(rusqlite::ffi::SQLITE_CORRUPT)).stops_writing());
    assert!(!map(io(rusqlite::ffi::SQLITE_FULL)).stops_writing());
    assert!(!map(io(rusqlite::ffi::SQLITE_BUSY)).stops_writing());

    let folder = filled();
    let mut store = folder.open().unwrap();
    store.tip.stopped = true;
    assert!(matches!(store.write(), Err(StoreError::Stopped)));
    assert_eq!(count(&store.reader().unwrap()), 6);
}

#[test]
fn a_reader_sees_commits_only_and_works_beside_the_writer() {
    let folder = filled();
    let mut store = folder.open().unwrap();
    let reader = store.reader().unwrap();
    let mut txn = store.write().unwrap();
    txn.append(&event(6, "{}")).unwrap();
    let reader = std::thread::spawn(move || {
        assert_eq!(count(&reader), 6);
        assert_eq!(reader.verify().unwrap().events, 6);
        assert_eq!(reader.event(7).unwrap(), None);
        reader
    })
    .join()
    .unwrap();
    txn.commit().unwrap();
    assert_eq!(count(&reader), 7);
    assert!(reader.conn.execute("DELETE FROM event", []).is_err());
}

#[test]
fn a_scan_lends_a_stretch_in_order_and_ends_at_the_first_error() {
    #[derive(Debug)]
    enum Mine {
        Store(StoreError),
        Enough,
    }
    impl From<StoreError> for Mine {
        fn from(error: StoreError) -> Self {
            Self::Store(error)
        }
    }
    let folder = filled();
    let reader = folder.open().unwrap().reader().unwrap();
    let mut seen = Vec::new();
    reader
        .scan::<Mine>(2, 4, |event| {
            seen.push((event.seq, event.body.to_owned()));
            Ok(())
        })
        .unwrap();
    assert_eq!(
        seen,
        [
            (2, "{\"n\":2}".into()),
            (3, "{\"n\":3}".into()),
            (4, "{\"n\":4}".into())
        ]
    );

    let mut calls = 0;
    let ended = reader.scan(0, u64::MAX, |event| {
        calls += 1;
        if event.seq == 2 { Err(Mine::Enough) } else { Ok(()) }
    });
    assert!(matches!(ended, Err(Mine::Enough)), "{ended:?}");
    assert_eq!(calls, 2);
    reader.scan::<Mine>(u64::MAX, u64::MAX, |_| Err(Mine::Enough)).unwrap();
    reader.scan::<Mine>(5, 4, |_| Err(Mine::Enough)).unwrap();
    drop(reader);

    folder.tamper("UPDATE event SET body = CAST(x'ff' AS TEXT) WHERE seq = 2");
    let reader = folder.open().unwrap().reader().unwrap();
    let ended = reader.scan::<Mine>(0, u64::MAX, |_| Ok(()));
    assert!(
        matches!(ended, Err(Mine::Store(StoreError::Damaged { .. }))),
        "{ended:?}"
    );
}

#[test]
fn a_case_is_walked_back_and_given_oldest_first() {
    let folder = filled();
    let reader = folder.open().unwrap().reader().unwrap();
    let of = |head, limit| -> Result<Vec<u64>, StoreError> {
        Ok(reader.chain(head, limit)?.into_iter().map(|event| event.seq).collect())
    };
    assert_eq!(of(5, 3).unwrap(), [1, 3, 5]);
    assert_eq!(of(4, 99).unwrap(), [2, 4]);
    assert_eq!(of(6, 1).unwrap(), [6]);
    assert!(matches!(of(5, 2), Err(StoreError::TooLong { head: 5, limit: 2 })));
    assert!(matches!(of(7, 9), Err(StoreError::Damaged { .. })));
    assert!(matches!(of(u64::MAX, 9), Err(StoreError::Damaged { .. })));
    drop(reader);

    // A circle must end.
    folder.tamper("UPDATE event SET prev = 5 WHERE seq = 1");
    let reader = folder.open().unwrap().reader().unwrap();
    assert!(matches!(reader.chain(5, 1_000), Err(StoreError::Damaged { .. })));
}

#[test]
fn a_folder_serves_one_store_at_a_time() {
    let folder = filled();
    let store = folder.open().unwrap();
    assert!(matches!(folder.open(), Err(StoreError::Locked { path }) if path == folder.0.join(LOCK)));
    let reader = store.reader().unwrap();
    drop(store);
    assert!(matches!(folder.open(), Err(StoreError::Locked { .. })));
    assert_eq!(count(&reader), 6);
    drop(reader);
    assert_eq!(folder.open().unwrap().last_seq(), 6);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = Folder::new();
    let file = folder.0.join("file");
    fs::write(&file, b"").unwrap();
    let refused = Store::open(&file);
    assert!(
        matches!(&refused, Err(StoreError::Folder { path, .. }) if path == &file),
        "{refused:?}"
    );
}

/// Who was shown what is kept across a restart, the latest of it, and is on no chain.
#[test]
fn showings_are_kept_beside_the_record_and_bounded() {
    let folder = Folder::new();
    let row = |n: i64| ReadRow {
        at_ms: n,
        viewer: (n % 2 == 0).then(|| format!("p{n}")),
        case: format!("C-{n}"),
        what: "due".to_owned(),
    };
    {
        let mut store = folder.open().unwrap();
        let mut txn = store.write().unwrap();
        let one = txn.add_company("one").unwrap().no;
        let two = txn.add_company("two").unwrap().no;
        txn.add_reads(one, &[row(1), row(2), row(3)], 4).unwrap();
        txn.add_reads(two, &[row(4)], 4).unwrap();
        txn.commit().unwrap();
        let mut txn = store.write().unwrap();
        txn.add_reads(one, &[row(5)], 4).unwrap();
        txn.commit().unwrap();
        // Not committed, not there.
        let mut txn = store.write().unwrap();
        txn.add_reads(one, &[row(6)], 4).unwrap();
    }
    let store = folder.open().unwrap();
    let reader = store.reader().unwrap();
    assert_eq!(reader.reads(1, 0, 9, 10).unwrap(), [row(2), row(3), row(5)]);
    assert_eq!(reader.reads(2, 0, 9, 10).unwrap(), [row(4)]);
    assert_eq!(reader.reads(1, 3, 5, 10).unwrap(), [row(3), row(5)]);
    assert_eq!(reader.reads(1, 0, 9, 1).unwrap(), [row(5)], "the latest");
    assert_eq!((store.last_seq(), store.head()), (0, [0; 32]));
    assert_eq!(reader.verify().unwrap().events, 0);
}

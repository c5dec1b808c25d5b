//! Files that were damaged, changed behind the back, or cut short.

use super::*;

#[test]
fn every_change_behind_the_back_is_found_and_named() {
    let wrong = |no| format!("event {no} does not fit its hash");
    assert_eq!(verdict("UPDATE event SET body = '{\"n\":9}' WHERE seq = 3"), wrong(3));
    assert_eq!(verdict("UPDATE event SET decided = '[1]' WHERE seq = 1"), wrong(1));
    assert_eq!(verdict("UPDATE event SET company = 2 WHERE seq = 2"), wrong(2));
    assert_eq!(verdict("UPDATE event SET prev = 2 WHERE seq = 5"), wrong(5));
    assert_eq!(
        verdict("UPDATE event SET recorded_at = recorded_at + 1 WHERE seq = 2"),
        wrong(2)
    );
    assert_eq!(verdict("UPDATE event SET hash = zeroblob(32) WHERE seq = 4"), wrong(4));
    // A byte moved over the border between body and decision.
    assert_eq!(
        verdict("UPDATE event SET body = body || '[', decided = ']' WHERE seq = 4"),
        wrong(4)
    );
    // Opening alone finds the last one.
    assert_eq!(verdict("UPDATE event SET body = '{}' WHERE seq = 6"), wrong(6));

    assert_eq!(
        verdict("DELETE FROM event WHERE seq = 3"),
        "event 3 is missing, event 4 follows"
    );
    assert_eq!(
        verdict("DELETE FROM event WHERE seq = 1"),
        "event 1 is missing, event 2 follows"
    );
    let swap = "UPDATE event SET seq = 100 WHERE seq = 2; UPDATE event SET seq = 2 WHERE seq = 3;
                UPDATE event SET seq = 3 WHERE seq = 100;";
    assert_eq!(verdict(swap), wrong(2));
    let later = "event 2 names a later one as the previous of its case";
    assert_eq!(verdict("UPDATE event SET prev = 4 WHERE seq = 2"), later);
    assert_eq!(
        verdict("UPDATE event SET prev = -1 WHERE seq = 2"),
        "found while reading events"
    );
    assert_eq!(
        verdict("UPDATE event SET company = 4294967297 WHERE seq = 2"),
        "found while reading events"
    );
    assert_eq!(
        verdict("UPDATE event SET hash = x'00' WHERE seq = 2"),
        "found while reading events"
    );
}

#[test]
fn every_change_of_an_edition_is_found_and_named() {
    let wrong = |no| format!("edition {no} does not fit its hash");
    assert_eq!(verdict("UPDATE edition SET files = '[]' WHERE no = 1"), wrong(1));
    assert_eq!(verdict("UPDATE edition SET hash = 'x' WHERE no = 1"), wrong(1));
    assert_eq!(verdict("UPDATE edition SET loaded_at = 0 WHERE no = 2"), wrong(2));
    assert_eq!(verdict("UPDATE edition SET from_seq = 3 WHERE no = 2"), wrong(2));
    assert_eq!(verdict("DELETE FROM edition WHERE no = 1"), wrong(2));
    assert_eq!(verdict("UPDATE company SET seed = zeroblob(32)"), wrong(2));
    assert_eq!(verdict("UPDATE company SET id = 'x'"), wrong(2));
    assert_eq!(verdict("DELETE FROM company"), wrong(2));
    // Events cut off the end, past the point where an edition began.
    let cut = "edition 2 serves after event 5, but the last event is 4";
    assert_eq!(verdict("DELETE FROM event WHERE seq > 4"), cut);
}

#[test]
fn a_page_overwritten_is_found() {
    let folder = filled();
    let mut bytes = fs::read(folder.database()).unwrap();
    let at = bytes.windows(7).position(|window| window == b"{\"n\":4}").unwrap();
    bytes[at + 5] ^= 1;
    fs::write(folder.database(), bytes).unwrap();
    let found = folder.open().unwrap().reader().unwrap().verify();
    assert!(matches!(found, Err(StoreError::Damaged { what, .. }) if what == "event 4 does not fit its hash"));
}

/// Opens a folder in which `path` is not ours: it is refused, and no byte and no name in the folder is changed.
fn refused_and_left(folder: &Folder) {
    let before = fs::read(folder.database()).unwrap();
    let refused = folder.open();
    assert!(
        matches!(&refused, Err(StoreError::NotOurs { path }) if *path == folder.database()),
        "{refused:?}"
    );
    assert_eq!(fs::read(folder.database()).unwrap(), before);
    assert_eq!(folder.names(), [DATABASE, LOCK]);
}

#[test]
fn what_is_not_ours_is_refused_and_left_as_it_is() {
    // The last has our mark, but is no database.
    let marked = [&[0; 68][..], b"guic", &[0; 28]].concat();
    let garbage: [&[u8]; 6] = [b"", b"short", &[0; 8192], b"SQLite format 3\0", &[0xa5; 4096], &marked];
    for bytes in garbage {
        let folder = Folder::new();
        fs::write(folder.database(), bytes).unwrap();
        refused_and_left(&folder);
    }

    let folder = Folder::new();
    let conn = Connection::open(folder.database()).unwrap();
    conn.execute_batch("CREATE TABLE event(seq INTEGER PRIMARY KEY); PRAGMA user_version = 1;")
        .unwrap();
    drop(conn);
    refused_and_left(&folder);
}

#[test]
fn our_header_over_garbage_is_damage() {
    let folder = filled();
    let mut bytes = fs::read(folder.database()).unwrap();
    bytes[100..].fill(0xa5);
    fs::write(folder.database(), &bytes).unwrap();
    let refused = folder.open();
    assert!(
        matches!(&refused, Err(StoreError::Damaged { source: Some(_), .. })),
        "{refused:?}"
    );
    drop(refused);
    assert_eq!(fs::read(folder.database()).unwrap(), bytes);
}

#[test]
fn a_log_without_its_database_is_damage() {
    let folder = Folder::new();
    let log = folder.0.join("guicheng.db-wal");
    fs::write(&log, b"log").unwrap();
    assert!(matches!(folder.open(), Err(StoreError::Damaged { .. })));
    assert_eq!(fs::read(log).unwrap(), b"log");
    assert!(!folder.database().exists());
}

#[test]
fn a_making_cut_short_is_begun_again() {
    let folder = Folder::new();
    fs::write(folder.0.join("guicheng.db.new"), b"half").unwrap();
    fs::write(folder.0.join("guicheng.db.new-journal"), b"half").unwrap();
    let store = folder.open().unwrap();
    assert_eq!(store.last_seq(), 0);
    drop(store);
    assert_eq!(folder.names(), [DATABASE, LOCK]);
}

#[test]
fn what_was_committed_is_there_after_a_sudden_end() {
    let folder = filled();
    let mut store = folder.open().unwrap();
    let mut txn = store.write().unwrap();
    txn.append(&event(6, "{}")).unwrap();
    txn.commit().unwrap();
    let mut txn = store.write().unwrap();
    txn.append(&event(7, "{}")).unwrap();
    // The files as they are now, the last commit still in the log only and a transaction open.
    let after = Folder::new();
    for name in [DATABASE, "guicheng.db-wal"] {
        fs::copy(folder.0.join(name), after.0.join(name)).unwrap();
    }
    drop(txn);
    let found = after.open().unwrap();
    assert_eq!((found.last_seq(), found.head()), (7, store.head()));
    assert_eq!(found.reader().unwrap().verify().unwrap().events, 7);
}

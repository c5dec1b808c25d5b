//! The schema: its versions, and what it costs to commit.

use super::*;

#[test]
fn a_newer_schema_is_refused() {
    let folder = filled();
    folder.tamper("PRAGMA user_version = 1000");
    assert!(matches!(
        folder.open(),
        Err(StoreError::Newer { found: 1000, known: 2 })
    ));
    folder.tamper("PRAGMA user_version = -3");
    assert!(matches!(folder.open(), Err(StoreError::Damaged { .. })));
    // Nothing of it was changed.
    folder.tamper("PRAGMA user_version = 2");
    assert_eq!(folder.open().unwrap().reader().unwrap().verify().unwrap().events, 6);
}

#[test]
fn a_commit_is_written_through_and_checkpoints_are_rare() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    let text = |name| {
        store
            .conn
            .pragma_query_value(None, name, |row| row.get::<_, String>(0))
            .unwrap()
    };
    let number = |name| {
        store
            .conn
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!(text("journal_mode"), "wal");
    assert_eq!(number("synchronous"), 2);
    assert_eq!(number("wal_autocheckpoint"), 10_000);
    assert_eq!(number("foreign_keys"), 1);
    assert_eq!(number("trusted_schema"), 0);
}

#[test]
fn the_commit_path_has_no_second_index() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    let schema = schema_of(&store.conn);
    let indexes: Vec<_> = schema.iter().filter(|line| line.starts_with("index")).collect();
    // Those of the two text keys, which no event touches.
    assert_eq!(
        indexes,
        ["index sqlite_autoindex_company_1 ", "index sqlite_autoindex_meta_1 "]
    );
    let tables = schema.iter().filter(|line| line.starts_with("table"));
    assert!(
        tables.clone().count() == 5 && tables.clone().all(|line| line.ends_with("STRICT")),
        "{schema:?}"
    );
}

#[test]
fn a_migrated_schema_is_the_fresh_one_and_keeps_the_rows() {
    let steps = [
        "CREATE TABLE a(no INTEGER PRIMARY KEY) STRICT;",
        "ALTER TABLE a ADD COLUMN b TEXT NOT NULL DEFAULT 'x'; CREATE TABLE c(no INTEGER PRIMARY KEY) STRICT;",
        "CREATE INDEX d ON a(b);",
    ];
    let fresh = Connection::open_in_memory().unwrap();
    schema::migrate_by(&fresh, &steps).unwrap();

    let old = Connection::open_in_memory().unwrap();
    schema::migrate_by(&old, &steps[..1]).unwrap();
    old.execute("INSERT INTO a VALUES (7)", []).unwrap();
    let refused = schema::migrate_by(&old, &steps[..0]);
    assert!(
        matches!(refused, Err(StoreError::Newer { found: 1, known: 0 })),
        "{refused:?}"
    );

    // A step that fails takes the ones before it back.
    let failing = [steps[0], steps[1], "CREATE TABLE c(no INTEGER PRIMARY KEY) STRICT;"];
    let before = schema_of(&old);
    assert!(schema::migrate_by(&old, &failing).is_err());
    assert_eq!(schema_of(&old), before);
    assert_eq!(
        old.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
            .unwrap(),
        1
    );

    schema::migrate_by(&old, &steps).unwrap();
    assert_eq!(schema_of(&old), schema_of(&fresh));
    assert_eq!(
        old.query_row("SELECT no || b FROM a", [], |row| row.get::<_, String>(0))
            .unwrap(),
        "7x"
    );
    schema::migrate_by(&old, &steps).unwrap();
}

/// A file comes to the same layout, whichever release made it.
#[test]
fn every_version_leads_to_the_schema_of_a_new_file() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    for first in 0..=schema::STEPS.len() {
        let old = Connection::open_in_memory().unwrap();
        schema::migrate_by(&old, &schema::STEPS[..first]).unwrap();
        schema::migrate(&old).unwrap();
        assert_eq!(schema_of(&old), schema_of(&store.conn));
    }
}

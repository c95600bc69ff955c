//! Claims about making, opening and migrating files.
//!
//! What is in the files is the business of `tests.rs`.

use super::*;

fn place() -> (tempfile::TempDir, Place) {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::new(directory.path());
    (directory, place)
}

#[test]
fn a_newer_schema_is_refused_with_a_sentence() {
    let (_directory, place) = place();
    place.create().unwrap();
    place
        .open()
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let refused = place.open().unwrap_err();
    assert!(matches!(refused, StoreError::NewerSchema { found: 99, .. }));
    let sentence = refused.to_string();
    assert!(
        sentence.contains("newer Grange") && sentence.contains("start the newer version"),
        "{sentence}"
    );
    assert!(place.open().is_err(), "and nothing was changed");
}

#[test]
fn a_migration_that_was_cut_short_goes_on_where_it_stopped() {
    let (_directory, place) = place();
    std::fs::write(&place.file, "").unwrap();
    let mut connection = connect(&place.file).unwrap();
    let steps = [
        "CREATE TABLE one (a)",
        "CREATE TABLE two (a); CREATE TABLE one (a)",
        "CREATE TABLE three (a)",
    ];
    assert!(
        migrate(&mut connection, &steps).is_err(),
        "the second step fails half way"
    );
    assert_eq!(schema_of(&connection).unwrap(), 1);
    let tables = |connection: &Connection| -> i64 {
        connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(tables(&connection), 1, "nothing of the failed step is there");

    let mended = [steps[0], "CREATE TABLE two (a)", steps[2]];
    drop(connection);
    let mut connection = connect(&place.file).unwrap();
    migrate(&mut connection, &mended).unwrap();
    assert_eq!((schema_of(&connection).unwrap(), tables(&connection)), (3, 3));
    migrate(&mut connection, &mended).unwrap();
    assert_eq!(tables(&connection), 3, "a finished migration does nothing");
}

#[test]
fn an_empty_file_becomes_a_store() {
    let (_directory, place) = place();
    std::fs::write(&place.file, "").unwrap();
    let connection = place.open().unwrap();
    assert_eq!(schema_of(&connection).unwrap(), KNOWN_SCHEMA);
}

#[test]
fn of_two_who_make_the_file_both_use_one() {
    let (_directory, place) = place();
    place.create().unwrap();
    let first = place.identity().unwrap();
    place.create().unwrap();
    assert!(first.is_some());
    assert_eq!(place.identity().unwrap(), first);
}

#[test]
fn many_who_come_at_once_all_get_a_store() {
    let (_directory, place) = place();
    let comers: Vec<_> = (0..8)
        .map(|_| {
            let place = place.clone();
            std::thread::spawn(move || place.create().and_then(|()| place.open()).map(drop))
        })
        .collect();
    for comer in comers {
        comer.join().unwrap().unwrap();
    }
}

#[test]
fn a_file_where_the_directory_should_be_is_named_in_the_error() {
    let (directory, _) = place();
    let blocked = directory.path().join("file");
    std::fs::write(&blocked, "").unwrap();
    let place = Place::new(&blocked);
    assert!(place.identity().unwrap().is_none());
    let error = place.create().unwrap_err();
    assert!(error.to_string().contains("file/wiki.db"), "{error}");
}

#[test]
fn commits_are_synced_and_logged_ahead() {
    let (_directory, place) = place();
    place.create().unwrap();
    let connection = place.open().unwrap();
    let pragma = |name: &str| -> String {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|value| format!("{value:?}"))
            .unwrap()
    };
    assert_eq!(pragma("journal_mode"), "Text(\"wal\")");
    assert_eq!(pragma("synchronous"), "Integer(2)", "2 is FULL");
}

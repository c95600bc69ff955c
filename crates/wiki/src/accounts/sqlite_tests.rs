//! The SQLite store: the acceptance suite, and what is particular to a file that others use too.
//!
//! Another process is another store on the same directory: it shares nothing but the file. Rights,
//! races at the first start and files that are not ours have their tests here.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rusqlite::TransactionBehavior;
use tempfile::TempDir;

use super::*;
use crate::accounts::acceptance::{self, in_a_thread, user};

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_sqlite_store_passes_the_acceptance_suite() {
    let all = directory();
    let number = std::sync::atomic::AtomicU32::new(0);
    acceptance::run(|| {
        let own = number
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed)
            .to_string();
        Arc::new(SqliteUserStore::at(&all.path().join(own)))
    })
    .await;
}

#[tokio::test]
async fn looking_makes_neither_directory_nor_file() {
    let dir = directory();
    let users = dir.path().join("farm/users");
    let store = SqliteUserStore::at(&users);
    assert!(matches!(store.by_id("1").await, Err(UserStoreError::Gone { .. })));
    assert_eq!(store.list().await.unwrap(), []);
    assert_eq!(store.change("1", &UserChange::Disable).await.unwrap(), None);
    assert!(!store.delete("1").await.unwrap());
    assert!(!dir.path().join("farm").exists());
}

#[tokio::test]
async fn directory_and_files_are_for_their_owner_only() {
    let dir = directory();
    let users = dir.path().join("farm/users");
    let store = SqliteUserStore::at(&users);
    store.create(&user("1", "Mia")).await.unwrap();
    store.by_id("1").await.unwrap();
    assert_eq!((mode(&dir.path().join("farm")), mode(&users)), (0o700, 0o700));
    let files: Vec<_> = fs::read_dir(&users)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() >= 2, "the log stands beside the file: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{file:?}");
    }
}

#[tokio::test]
async fn the_rights_of_a_directory_that_exists_are_left_alone() {
    let dir = directory();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o750)).unwrap();
    SqliteUserStore::at(dir.path())
        .create(&user("1", "Mia"))
        .await
        .unwrap();
    assert_eq!(mode(dir.path()), 0o750);
}

#[tokio::test]
async fn accounts_survive_the_process() {
    let dir = directory();
    SqliteUserStore::at(dir.path())
        .create(&user("1", "Mia"))
        .await
        .unwrap();
    let found = SqliteUserStore::at(dir.path()).by_id("1").await.unwrap();
    assert_eq!(found, Some(user("1", "Mia")));
}

#[tokio::test]
async fn what_another_process_does_is_seen_at_once() {
    let dir = directory();
    let (here, there) = (SqliteUserStore::at(dir.path()), SqliteUserStore::at(dir.path()));
    assert!(here.by_id("1").await.is_err(), "there is no file yet");
    there.create(&user("1", "Mia")).await.unwrap();
    assert_eq!(here.by_id("1").await.unwrap().unwrap().generation, 1);
    there.change("1", &UserChange::Disable).await.unwrap();
    let seen = here.by_id("1").await.unwrap().unwrap();
    assert!(seen.disabled && seen.generation == 2);
    here.change("1", &UserChange::Enable).await.unwrap();
    assert_eq!(there.by_id("1").await.unwrap().unwrap().generation, 3);
    there.delete("1").await.unwrap();
    assert_eq!(here.by_id("1").await.unwrap(), None);
}

#[test]
fn many_processes_may_make_the_file_at_once() {
    let dir = directory();
    let racers: Vec<_> = (0..6)
        .map(|number| {
            let store = SqliteUserStore::at(&dir.path().join("users"));
            let new = user(&number.to_string(), &format!("Mia {number}"));
            in_a_thread(async move { store.create(&new).await })
        })
        .collect();
    for racer in racers {
        racer.join().unwrap().unwrap();
    }
    let store = SqliteUserStore::at(&dir.path().join("users"));
    assert_eq!(
        in_a_thread(async move { store.list().await.unwrap().len() })
            .join()
            .unwrap(),
        6
    );
}

#[tokio::test]
async fn a_read_does_not_wait_for_a_writer() {
    let dir = directory();
    let store = SqliteUserStore::at(dir.path());
    store.create(&user("1", "Mia")).await.unwrap();
    let mut other = sqlite_file::open(&dir.path().join("users.db")).unwrap();
    let transaction = other
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .unwrap();
    transaction.execute("UPDATE user SET generation = 9", []).unwrap();
    assert_eq!(store.by_id("1").await.unwrap().unwrap().generation, 1);
    transaction.commit().unwrap();
    assert_eq!(store.by_id("1").await.unwrap().unwrap().generation, 9);
}

#[tokio::test]
async fn a_file_that_was_made_but_not_laid_out_is_an_empty_store() {
    let dir = directory();
    fs::write(dir.path().join("users.db"), "").unwrap();
    let store = SqliteUserStore::at(dir.path());
    assert_eq!(store.by_id("1").await.unwrap(), None);
    store.create(&user("1", "Mia")).await.unwrap();
    assert_eq!(store.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_with_a_sentence_and_left_alone() {
    let dir = directory();
    let store = SqliteUserStore::at(dir.path());
    store.create(&user("1", "Mia")).await.unwrap();
    let path = dir.path().join("users.db");
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 7)
        .unwrap();
    let error = SqliteUserStore::at(dir.path()).by_id("1").await.unwrap_err();
    assert!(matches!(
        error,
        UserStoreError::TooNew {
            found: 7,
            known: 1,
            ..
        }
    ));
    assert!(error.to_string().contains("newer Grange"), "{error}");
    assert!(
        SqliteUserStore::at(dir.path())
            .create(&user("2", "Tom"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn somebody_elses_database_is_refused() {
    let dir = directory();
    let path = dir.path().join("users.db");
    let theirs = Connection::open(&path).unwrap();
    theirs
        .execute_batch("CREATE TABLE user (name TEXT); PRAGMA user_version = 1;")
        .unwrap();
    let error = SqliteUserStore::at(dir.path()).list().await.unwrap_err();
    assert!(matches!(error, UserStoreError::NotOurs { .. }), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_an_error_and_not_overwritten() {
    let dir = directory();
    let path = dir.path().join("users.db");
    fs::write(
        &path,
        "minutes of the meeting, which somebody put here by mistake",
    )
    .unwrap();
    let error = SqliteUserStore::at(dir.path())
        .create(&user("1", "Mia"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("users.db"), "{error}");
    assert!(fs::read_to_string(&path).unwrap().starts_with("minutes"));
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_an_error_with_its_name() {
    let dir = directory();
    fs::write(dir.path().join("users"), "a file").unwrap();
    let error = SqliteUserStore::at(&dir.path().join("users"))
        .create(&user("1", "Mia"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("users"), "{error}");
}

#[tokio::test]
async fn every_commit_is_synced_in_full_beside_a_log() {
    let dir = directory();
    let connection = sqlite_file::create_or_open(&dir.path().join("users.db")).unwrap();
    let asked = |pragma: &str| -> String {
        connection
            .pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|v| format!("{v:?}"))
            .unwrap()
    };
    assert_eq!(asked("journal_mode"), "Text(\"wal\")");
    assert_eq!(asked("synchronous"), "Integer(2)");
}

#[tokio::test]
async fn many_readers_at_once_get_their_answers() {
    let dir = directory();
    let store = SqliteUserStore::at(dir.path());
    store.create(&user("1", "Mia")).await.unwrap();
    let readers: Vec<_> = (0..24)
        .map(|_| {
            let store = store.clone();
            in_a_thread(async move { store.by_id("1").await.unwrap().is_some() })
        })
        .collect();
    assert!(readers.into_iter().all(|reader| reader.join().unwrap()));
    assert!(lock(&store.file.readers).len() <= IDLE_READERS);
}

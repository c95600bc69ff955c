//! Claims about the index in the file: it survives kills and other processes, makes itself anew when its
//! rules change, and neither a search nor a save waits for it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::*;
use crate::page::{Author, ChangeKind};
use crate::store::{Content, NewRevision, PageStore, Saving, SqlitePageStore};

/// Set in the process that indexes until it is killed: the directory of the store.
const VICTIM: &str = "GRANGE_TEST_INDEXES_UNTIL_KILLED";

fn name(text: &str) -> PageName {
    PageName::parse(text).unwrap()
}

/// A text of some length in which the number of its page stands.
fn body(nth: usize) -> String {
    format!("number <{nth}> {}", "of a long list of words ".repeat(40))
}

async fn save(store: &SqlitePageStore, page: &str, base: u32, text: &str) {
    let saving = store.save(NewRevision {
        page: name(page),
        base,
        content: Content::Text(text.into()),
        kind: ChangeKind::Edit,
        author: Author::named("Ada"),
        comment: String::new(),
        time: jiff::Timestamp::UNIX_EPOCH,
        links: Vec::new(),
    });
    assert!(matches!(saving.await.unwrap(), Saving::Saved(_)));
}

async fn store_with(directory: &Path, pages: usize) -> SqlitePageStore {
    let store = SqlitePageStore::at(directory);
    for nth in 0..pages {
        save(&store, &format!("P{nth}"), 0, &body(nth)).await;
    }
    store
}

async fn index_all(store: &SqlitePageStore) {
    while store.index_more().await.unwrap() == Indexing::More {}
}

/// Which pages may hold `<nth>`.
async fn candidates(store: &SqlitePageStore, nth: usize) -> Vec<String> {
    let probe = Probe::Piece(format!("<{nth}>"));
    let found = store.candidates(&probe).await.unwrap().expect("the index knows");
    found.iter().map(ToString::to_string).collect()
}

fn raw(directory: &Path) -> Connection {
    Connection::open(directory.join("wiki.db")).unwrap()
}

/// Up to which entry the index has come.
fn reach(directory: &Path) -> i64 {
    let sql = "SELECT seq FROM search_state";
    raw(directory).query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_search_makes_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqlitePageStore::at(&directory.path().join("data"));
    assert_eq!(store.index_more().await.unwrap(), Indexing::Done);
    let found = store.candidates(&Probe::Piece("abc".into())).await.unwrap();
    assert_eq!(found, Some(Vec::new()));
    assert!(!directory.path().join("data").exists());
}

#[tokio::test]
async fn a_save_leaves_the_index_alone_and_few_changes_are_not_worth_a_step() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_with(directory.path(), 200).await;
    assert_eq!(reach(directory.path()), 0);
    index_all(&store).await;
    assert_eq!(reach(directory.path()), 200);
    save(&store, "Late", 0, "number <4711>").await;
    index_all(&store).await;
    assert_eq!(reach(directory.path()), 200);
    assert_eq!(candidates(&store, 4711).await, ["Late"]);
    assert_eq!(
        candidates(&store, 17).await,
        ["Late", "P17"],
        "what waits is always proposed"
    );
}

#[tokio::test]
async fn a_long_history_is_passed_over_and_only_the_newest_text_counts() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_with(directory.path(), 1).await;
    for base in 1..100 {
        save(&store, "P0", base, &body(1000 + base as usize)).await;
    }
    index_all(&store).await;
    assert_eq!(reach(directory.path()), 100);
    assert_eq!(candidates(&store, 1099).await, ["P0"]);
    assert_eq!(candidates(&store, 1098).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_index_of_other_rules_is_not_asked_and_is_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_with(directory.path(), 50).await;
    index_all(&store).await;
    raw(directory.path())
        .execute_batch("UPDATE search_state SET format = 0")
        .unwrap();
    let probe = Probe::Piece("<7>".into());
    assert_eq!(store.candidates(&probe).await.unwrap(), None);
    index_all(&store).await;
    assert_eq!(candidates(&store, 7).await, ["P7"]);
}

#[tokio::test]
async fn a_file_of_the_first_schema_is_indexed_from_its_beginning() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_with(directory.path(), 40).await;
    drop(store);
    raw(directory.path())
        .execute_batch("DROP TABLE search_text; DROP TABLE search_state; DROP TABLE attachment_version; DROP TABLE attachment; \
             PRAGMA user_version = 1",)
        .unwrap();
    let store = SqlitePageStore::at(directory.path());
    index_all(&store).await;
    assert_eq!(candidates(&store, 39).await, ["P39"]);
}

#[tokio::test]
async fn a_damaged_text_stops_neither_the_index_nor_a_search() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_with(directory.path(), 50).await;
    raw(directory.path())
        .execute(
            "UPDATE revision SET text = CAST('nonsense' AS BLOB) WHERE seq = 8",
            [],
        )
        .unwrap();
    index_all(&store).await;
    assert_eq!(candidates(&store, 9).await, ["P9"]);
    assert_eq!(candidates(&store, 7).await, Vec::<String>::new());
    let texts = store.texts(&[name("P7"), name("P9")]).await.unwrap();
    assert_eq!(texts.len(), 1);
}

#[tokio::test]
async fn where_another_process_writes_the_index_waits_its_turn() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_with(directory.path(), 50).await;
    let other = raw(directory.path());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(store.index_more().await.unwrap(), Indexing::Done);
    assert_eq!(store.candidates(&Probe::Piece("<7>".into())).await.unwrap(), None);
    other.execute_batch("COMMIT").unwrap();
    index_all(&store).await;
    assert_eq!(candidates(&store, 7).await, ["P7"]);
    save(&store, "P7", 1, "the store still waits for others when it saves").await;
}

#[tokio::test]
async fn two_stores_on_one_file_index_beside_each_other_while_a_third_saves() {
    let directory = tempfile::tempdir().unwrap();
    store_with(directory.path(), 300).await;
    let open = || Arc::new(SqlitePageStore::at(directory.path()));
    let indexers = [open(), open()].map(|store| {
        tokio::spawn(async move {
            for _ in 0..40 {
                store.index_more().await.unwrap();
            }
        })
    });
    let saver = open();
    for nth in 300..400 {
        save(&saver, &format!("P{nth}"), 0, &body(nth)).await;
    }
    for indexer in indexers {
        indexer.await.unwrap();
    }
    index_all(&saver).await;
    for nth in [0, 150, 299, 300, 399] {
        let found = candidates(&saver, nth).await;
        assert!(found.contains(&format!("P{nth}")), "{nth}: {found:?}");
    }
    let twice = "SELECT count(*) - count(DISTINCT rowid) FROM search_text";
    let twice: i64 = raw(directory.path())
        .query_row(twice, [], |row| row.get(0))
        .unwrap();
    assert_eq!(twice, 0);
}

#[test]
#[ignore = "not a claim but the victim of the next one, which runs it in a process of its own"]
fn indexes_until_it_is_killed() {
    let directory = std::env::var_os(VICTIM).expect("the claim says where");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = SqlitePageStore::at(Path::new(&directory));
        loop {
            let more = store.index_more().await.unwrap();
            println!("indexed {more:?}");
            if more == Indexing::Done {
                raw(Path::new(&directory))
                    .execute_batch("UPDATE search_state SET format = 0")
                    .unwrap();
            }
        }
    });
}

#[tokio::test]
async fn a_process_killed_while_indexing_leaves_an_index_that_misses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    drop(store_with(directory.path(), 600).await);
    for steps in [1, 2, 3, 5, 8, 11] {
        index_until_killed(directory.path(), steps);
        let sound: String = raw(directory.path())
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(sound, "ok");
        let store = SqlitePageStore::at(directory.path());
        let probe = Probe::Piece("<599>".into());
        let found = store.candidates(&probe).await.unwrap();
        assert!(found.is_none_or(|found| found.contains(&name("P599"))));
    }
    let store = SqlitePageStore::at(directory.path());
    index_all(&store).await;
    for nth in (0..600).step_by(37) {
        assert_eq!(candidates(&store, nth).await, [format!("P{nth}")]);
    }
}

/// Runs [`indexes_until_it_is_killed`] in a process of its own and kills it after some steps.
fn index_until_killed(directory: &Path, steps: usize) {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "store::sqlite::index::tests::indexes_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(VICTIM, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let done = lines
        .map_while(Result::ok)
        .filter(|line| line.contains("indexed "))
        .take(steps)
        .count();
    assert_eq!(done, steps, "the victim ended by itself");
    victim.kill().unwrap();
    victim.wait().unwrap();
}

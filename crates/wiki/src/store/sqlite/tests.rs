//! Claims about the SQLite store beyond the common ones: which files it makes and when, what it does
//! with files from elsewhere, and that a process killed in the middle of saving leaves whole revisions.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::*;
use crate::page::{Author, ChangeKind};
use crate::store::acceptance::{self, passes_every_claim};
use crate::store::{Content, content_hash};

/// Set in the process that saves until it is killed: the directory to save in.
const VICTIM: &str = "GRANGE_TEST_SAVES_UNTIL_KILLED";

struct Directory(TempDir);

impl acceptance::Place for Directory {
    fn open(&self) -> Arc<dyn PageStore> {
        Arc::new(SqlitePageStore::at(&self.0.path().join("data")))
    }
}

fn edit(base: RevisionNumber, text: &str) -> NewRevision {
    NewRevision {
        page: PageName::parse("Page").unwrap(),
        base,
        content: Content::Text(text.into()),
        kind: ChangeKind::Edit,
        author: Author::named("Ada"),
        comment: String::new(),
        time: jiff::Timestamp::UNIX_EPOCH,
        links: vec![PageName::parse(&format!("Link{base}")).unwrap()],
    }
}

fn body(base: RevisionNumber) -> String {
    format!("{base}: ")
        + &content_hash(&base.to_string())
            .map(|byte| format!("{byte:02x}"))
            .concat()
            .repeat(80)
}

#[tokio::test]
async fn sqlite_passes_every_claim_about_page_stores() {
    passes_every_claim(|| Directory(tempfile::tempdir().unwrap())).await;
}

#[tokio::test]
async fn reading_makes_no_file_and_the_first_save_makes_private_ones() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("wikis/team/data");
    let store = SqlitePageStore::at(&data);
    let page = PageName::parse("Page").unwrap();
    assert_eq!(store.position().await.unwrap(), Position::default());
    assert_eq!(store.read(&page, Which::Current).await.unwrap(), None);
    assert_eq!(store.names().await.unwrap(), []);
    assert!(!directory.path().join("wikis").exists());

    store.save(edit(0, "text")).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in std::fs::read_dir(&data).unwrap() {
        let path = file.unwrap().path();
        assert!(
            path.file_name().unwrap().to_str().unwrap().starts_with("wiki.db"),
            "{path:?}"
        );
        assert!(
            !path.to_str().unwrap().contains(".new-"),
            "{path:?} was left behind"
        );
        assert_eq!(mode(&path), 0o600, "{path:?}");
    }
}

#[tokio::test]
async fn a_directory_that_exists_keeps_its_mode() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o750)).unwrap();
    SqlitePageStore::at(directory.path())
        .save(edit(0, "text"))
        .await
        .unwrap();
    let mode = std::fs::metadata(directory.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o750);
}

#[tokio::test]
async fn a_file_that_was_replaced_is_read_anew() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = SqlitePageStore::at(one.path());
    store.save(edit(0, "before")).await.unwrap();
    let before = store.position().await.unwrap();

    // A backup is restored: another file takes the name while this store is open.
    let backup = SqlitePageStore::at(other.path());
    backup.save(edit(0, "from the backup")).await.unwrap();
    backup.write_with(|writer| writer.checkpoint()).await.unwrap();
    std::fs::remove_file(one.path().join("wiki.db-wal")).unwrap();
    std::fs::remove_file(one.path().join("wiki.db-shm")).unwrap();
    std::fs::rename(backup.file(), store.file()).unwrap();

    let after = store.position().await.unwrap();
    assert_ne!(after.store, before.store);
    let page = PageName::parse("Page").unwrap();
    let read = store.read(&page, Which::Current).await.unwrap().unwrap();
    assert_eq!(&*read.text, "from the backup");
    assert!(matches!(
        store.save(edit(1, "on top")).await.unwrap(),
        Saving::Saved(_)
    ));
}

#[tokio::test]
async fn a_damaged_text_is_an_error_and_not_a_page() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqlitePageStore::at(directory.path());
    store.save(edit(0, "short")).await.unwrap();
    let raw = rusqlite::Connection::open(store.file()).unwrap();
    raw.execute("UPDATE revision SET text = CAST('shirt' AS BLOB)", [])
        .unwrap();
    let read = store
        .read(&PageName::parse("Page").unwrap(), Which::Current)
        .await;
    assert!(matches!(read, Err(StoreError::Damaged { .. })), "{read:?}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_called_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqlitePageStore::at(directory.path());
    std::fs::write(store.file(), "This is a letter, not a database. ".repeat(100)).unwrap();
    let position = store.position().await;
    assert!(
        matches!(position, Err(StoreError::Damaged { .. })),
        "{position:?}"
    );
}

#[tokio::test]
async fn a_schema_that_became_newer_while_the_store_was_open_is_not_written_to() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqlitePageStore::at(directory.path());
    store.save(edit(0, "one")).await.unwrap();
    rusqlite::Connection::open(store.file())
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let refused = store.save(edit(1, "two")).await;
    assert!(
        matches!(refused, Err(StoreError::NewerSchema { found: 99, .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_lock_held_elsewhere_delays_a_save_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqlitePageStore::at(directory.path());
    store.save(edit(0, "one")).await.unwrap();
    let other = rusqlite::Connection::open(store.file()).unwrap();
    other
        .execute_batch("BEGIN IMMEDIATE; UPDATE store SET page_set = page_set + 1;")
        .unwrap();

    let saving = store.save(edit(1, "two"));
    let release = async {
        // Readers are not held up by a writer.
        assert_eq!(store.position().await.unwrap().seq, 1);
        other.execute_batch("COMMIT").unwrap();
    };
    let (saved, ()) = tokio::join!(saving, release);
    assert!(matches!(saved.unwrap(), Saving::Saved(change) if change.revision == 2));
    assert_eq!(store.position().await.unwrap().page_set, 2);
}

#[tokio::test]
async fn an_error_inside_a_transaction_leaves_nothing_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqlitePageStore::at(directory.path());
    store.save(edit(0, "one")).await.unwrap();
    let before = store.position().await.unwrap();
    // The links are the last thing a save writes; this makes exactly them fail.
    let raw = rusqlite::Connection::open(store.file()).unwrap();
    raw.execute_batch("CREATE TRIGGER refuse BEFORE INSERT ON link BEGIN SELECT RAISE(ABORT, 'no'); END")
        .unwrap();
    assert!(matches!(
        store.save(edit(1, "two")).await,
        Err(StoreError::Sqlite { .. })
    ));
    assert_eq!(store.position().await.unwrap(), before);
    raw.execute_batch("DROP TRIGGER refuse").unwrap();
    assert!(matches!(
        store.save(edit(1, "two")).await.unwrap(),
        Saving::Saved(_)
    ));
}

#[test]
#[ignore = "not a claim but the victim of the next one, which runs it in a process of its own"]
fn saves_until_it_is_killed() {
    let directory = std::env::var_os(VICTIM).expect("the claim says where to save");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = SqlitePageStore::at(Path::new(&directory));
        let page = PageName::parse("Page").unwrap();
        let start = store
            .history(&page, None, 1)
            .await
            .unwrap()
            .first()
            .map_or(0, |change| change.revision);
        for base in start.. {
            let saving = store.save(edit(base, &body(base))).await.unwrap();
            let Saving::Saved(change) = saving else {
                panic!("{saving:?}")
            };
            println!("answered {}", change.revision);
        }
    });
}

#[tokio::test]
async fn a_process_killed_while_saving_loses_no_answered_save_and_leaves_no_half_one() {
    let directory = tempfile::tempdir().unwrap();
    for round in 1..=6 {
        let answered = save_until_killed(directory.path(), 5 * round);
        let store = SqlitePageStore::at(directory.path());
        let page = PageName::parse("Page").unwrap();
        let newest = store
            .read(&page, Which::Current)
            .await
            .unwrap()
            .unwrap()
            .change
            .revision;
        assert!(
            newest >= answered,
            "revision {answered} was answered, {newest} is there"
        );
        for number in 1..=newest {
            let revision = store.read(&page, Which::Number(number)).await.unwrap().unwrap();
            assert_eq!(&*revision.text, body(number - 1));
        }
        let link = PageName::parse(&format!("Link{}", newest - 1)).unwrap();
        assert_eq!(store.links(Links::From(&page)).await.unwrap(), [link]);
        assert_eq!(store.position().await.unwrap().seq, u64::from(newest));
    }
}

/// Runs [`saves_until_it_is_killed`] in a process of its own and kills it after some answers; gives the
/// last revision it answered.
fn save_until_killed(directory: &Path, answers: usize) -> RevisionNumber {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "store::sqlite::tests::saves_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(VICTIM, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let mut revisions = Vec::new();
    // What is still in the pipe when it dies was answered too.
    while let Some(Ok(line)) = lines.next() {
        if let Some((_, number)) = line.split_once("answered ") {
            revisions.push(number.parse().unwrap());
        }
        if revisions.len() == answers {
            victim.kill().unwrap();
        }
    }
    victim.wait().unwrap();
    assert!(revisions.len() >= answers, "the victim ended by itself");
    *revisions.last().unwrap()
}

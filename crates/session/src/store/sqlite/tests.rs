//! What is claimed of the SQLite store alone: files, several processes, damage.
//!
//! The contract of every store is claimed by the acceptance suite, run here too.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::SWEEP_STEP;
use crate::store::acceptance::{
    SaysEnded, at, guest_at, key, live, realm, run, set, used_at, user_at, values, visit,
};

mod at_hand;

fn in_a_new_directory() -> (tempfile::TempDir, Arc<dyn SessionStore>) {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteSessionStore::at(&dir.path().join("a/sessions"));
    (dir, Arc::new(store))
}

crate::acceptance_tests!(in_a_new_directory);

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn reading_makes_no_file() {
    let (dir, store) = in_a_new_directory();
    run(async {
        assert_eq!(
            store.load(&key(1), &realm(), at(0)).await.unwrap(),
            Loaded::Missing
        );
        assert!(store.list(&realm(), None, at(0)).await.unwrap().is_empty());
        assert_eq!(store.sweep(at(0), 10).await.unwrap(), Swept::default());
    });
    assert!(!dir.path().join("a").exists());
}

#[test]
fn directory_and_files_are_for_us_alone() {
    let (dir, store) = in_a_new_directory();
    run(async { store.create(&key(1), &guest_at(0), at(0)).await.unwrap() });
    let sessions = dir.path().join("a/sessions");
    assert_eq!(mode(&sessions), 0o700);
    for entry in fs::read_dir(&sessions).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn two_stores_on_one_directory_see_each_others_sessions_and_kills_at_once() {
    let (dir, one) = in_a_new_directory();
    let two: Arc<dyn SessionStore> = Arc::new(SqliteSessionStore::at(&dir.path().join("a/sessions")));
    run(async {
        for number in 1..=20 {
            let begun = crate::store::acceptance::key_issued(number, at(u64::from(number) * 2));
            one.create(&begun, &user_at("u1", 0), at(0)).await.unwrap();
            two.merge(&begun, &realm(), &set("a", 1), None, at(1))
                .await
                .unwrap();
            assert_eq!(*live(&one, &begun, 1).await.unwrap().values, values(&[("a", 1)]));
            assert_eq!(
                two.kill(&realm(), Kill::User("u1"), at(u64::from(number) * 2))
                    .await
                    .unwrap(),
                1
            );
            assert_eq!(
                one.load(&begun, &realm(), at(1)).await.unwrap(),
                Loaded::Ended(Ending::Ended)
            );
            assert!(one.touch(&begun, &realm(), used_at(1), at(1)).await.is_err());
        }
    });
}

#[test]
fn several_processes_can_begin_with_one_new_directory_at_once() {
    for _ in 0..20 {
        let dir = tempfile::tempdir().unwrap();
        crate::store::acceptance::at_once(8, |i| {
            let path = dir.path().join("sessions");
            async move {
                let store = SqliteSessionStore::at(&path);
                store.create(&key(i as u8), &guest_at(0), at(0)).await.unwrap();
            }
        });
        let store = SqliteSessionStore::at(&dir.path().join("sessions"));
        assert_eq!(
            run(async { store.list(&realm(), None, at(1)).await.unwrap() }).len(),
            8
        );
    }
}

#[test]
fn parallel_merges_through_two_stores_are_all_kept() {
    let (dir, one) = in_a_new_directory();
    let two: Arc<dyn SessionStore> = Arc::new(SqliteSessionStore::at(&dir.path().join("a/sessions")));
    run(async { one.create(&key(1), &guest_at(0), at(0)).await.unwrap() });
    crate::store::acceptance::at_once(10, |i| {
        let store = Arc::clone(if i % 2 == 0 { &one } else { &two });
        async move {
            for n in 0..10 {
                store
                    .merge(&key(1), &realm(), &set(&format!("k{i}-{n}"), 1), None, at(1))
                    .await
                    .unwrap();
            }
        }
    });
    assert_eq!(
        run(async { live(&one, &key(1), 2).await.unwrap() }).values.len(),
        100
    );
}

#[test]
fn increments_through_two_stores_are_all_counted() {
    let (dir, one) = in_a_new_directory();
    let two: Arc<dyn SessionStore> = Arc::new(SqliteSessionStore::at(&dir.path().join("a/sessions")));
    run(async { one.create(&key(1), &guest_at(0), at(0)).await.unwrap() });
    crate::store::acceptance::at_once(20, |i| {
        let store = Arc::clone(if i % 2 == 0 { &one } else { &two });
        async move {
            for _ in 0..10 {
                let change = crate::store::acceptance::life::increment();
                store
                    .update(&key(1), &realm(), "n", &change, at(1))
                    .await
                    .unwrap();
            }
        }
    });
    let record = run(async { live(&one, &key(1), 2).await.unwrap() });
    assert_eq!(*record.values, values(&[("n", 200)]));
}

#[cfg(target_os = "linux")]
#[test]
fn opening_a_further_connection_keeps_the_locks_of_those_before() {
    let (dir, store) = in_a_new_directory();
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        assert!(live(&store, &key(1), 1).await.is_some());
        store
            .merge(&key(1), &realm(), &set("a", 1), None, at(1))
            .await
            .unwrap();
    });
    // Without the lock that says "in use", another process that closes the file takes the log away.
    assert_eq!(locks_of(&dir.path().join("a/sessions/sessions.db")), 1);
}

/// How many locks this process holds on `file`, asked of its open files one by one: the list of
/// all processes' locks is read in pieces, between which other tests lock and unlock.
#[cfg(target_os = "linux")]
fn locks_of(file: &Path) -> usize {
    let opened = fs::read_dir("/proc/self/fd")
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let of_the_file = opened.filter(|link| fs::read_link(link).is_ok_and(|target| target == file));
    let infos = of_the_file.map(|link| {
        let number = link.file_name().unwrap();
        fs::read_to_string(Path::new("/proc/self/fdinfo").join(number)).unwrap_or_default()
    });
    infos
        .map(|info| info.lines().filter(|line| line.starts_with("lock:")).count())
        .sum()
}

#[test]
fn sessions_survive_a_restart() {
    let (dir, store) = in_a_new_directory();
    run(async { store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap() });
    run(async { store.kill(&realm(), Kill::User("u2"), at(0)).await.unwrap() });
    drop(store);
    let again: Arc<dyn SessionStore> = Arc::new(SqliteSessionStore::at(&dir.path().join("a/sessions")));
    run(async {
        assert_eq!(live(&again, &key(1), 1).await.unwrap().user_id(), Some("u1"));
        let late = again.create(&key(2), &user_at("u2", 0), at(1)).await;
        assert!(matches!(late, Err(CreateError::Killed)), "{late:?}");
    });
}

#[test]
fn an_unreadable_trail_takes_no_visit() {
    let (dir, store) = in_a_new_directory();
    run(async {
        store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap();
        store
            .merge(&key(1), &realm(), &visit("A"), None, at(1))
            .await
            .unwrap();
        damage(&dir, "UPDATE sessions SET trail = '[1]'");
        let visited = store.merge(&key(1), &realm(), &visit("B"), None, at(1)).await;
        assert!(matches!(visited, Err(MergeError::Gone(_))), "{visited:?}");
    });
}

fn damage(dir: &tempfile::TempDir, sql: &str) {
    let db = rusqlite::Connection::open(dir.path().join("a/sessions/sessions.db")).unwrap();
    db.execute_batch(sql).unwrap();
}

/// Until now the file's only index of keys was one of whole keys.
#[test]
fn a_file_of_an_older_program_is_used_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let db = rusqlite::Connection::open(dir.path().join("sessions.db")).unwrap();
    let index = "CREATE INDEX sessions_by_key ON sessions (substr(key, 1, 8));";
    let (key_column, key_alone) = (
        "key              BLOB NOT NULL,",
        "key BLOB NOT NULL PRIMARY KEY,",
    );
    let schema = include_str!("schema.sql");
    assert!(schema.contains(index) && schema.contains(key_column));
    db.execute_batch(&schema.replace(index, "").replace(key_column, key_alone))
        .unwrap();
    db.execute_batch("PRAGMA user_version = 1; PRAGMA journal_mode = WAL")
        .unwrap();
    drop(db);
    let store: Arc<dyn SessionStore> = Arc::new(SqliteSessionStore::at(dir.path()));
    run(async {
        for number in 1..=3 {
            let key = key(number);
            store.create(&key, &user_at("u1", 0), at(0)).await.unwrap();
            let again = store.create(&key, &user_at("u1", 0), at(0)).await;
            assert!(matches!(again, Err(CreateError::Exists)), "{again:?}");
            store
                .merge(&key, &realm(), &set("n", 1), None, at(1))
                .await
                .unwrap();
            store.touch(&key, &realm(), used_at(900), at(900)).await.unwrap();
            let record = live(&store, &key, 901).await.unwrap();
            assert_eq!((record.seen, &*record.values), (at(900), &values(&[("n", 1)])));
        }
        assert!(store.delete(&key(1), &realm(), at(901)).await.unwrap());
        assert!(live(&store, &key(1), 902).await.is_none());
        assert!(live(&store, &key(2), 902).await.is_some());
    });
}

#[test]
fn two_keys_that_begin_alike_are_two_sessions() {
    let (_dir, store) = in_a_new_directory();
    let [one, two] = [1, 2].map(|last| {
        let mut hash = [7; 32];
        hash[31] = last;
        StoreKey::from_parts(hash, at(0))
    });
    run(async {
        for (key, n) in [(&one, 1), (&two, 2)] {
            assert!(live(&store, key, 0).await.is_none());
            store.create(key, &guest_at(0), at(0)).await.unwrap();
            store
                .merge(key, &realm(), &set("n", n), None, at(1))
                .await
                .unwrap();
        }
        for (key, n) in [(&one, 1), (&two, 2)] {
            assert_eq!(*live(&store, key, 2).await.unwrap().values, values(&[("n", n)]));
        }
        assert!(store.delete(&one, &realm(), at(3)).await.unwrap());
        assert!(live(&store, &one, 4).await.is_none() && live(&store, &two, 4).await.is_some());
    });
}

#[test]
fn an_unreadable_row_counts_as_ended_and_hides_no_other() {
    for sql in [
        "UPDATE sessions SET data = '{' WHERE key = x'01'",
        "UPDATE sessions SET about = x'ff00'",
        "UPDATE sessions SET seen = 'x'",
        "UPDATE sessions SET realm = x'00'",
        "UPDATE sessions SET trail = '[1]'",
    ] {
        let (dir, store) = in_a_new_directory();
        run(async { store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap() });
        damage(&dir, &sql.replace(" WHERE key = x'01'", ""));
        run(async {
            assert_eq!(
                store.load(&key(1), &realm(), at(1)).await.unwrap(),
                Loaded::Ended(Ending::Ended),
                "{sql}"
            );
            assert!(
                store
                    .merge(&key(1), &realm(), &set("a", 1), None, at(1))
                    .await
                    .is_err()
            );
            assert!(matches!(
                store.create(&key(1), &guest_at(0), at(1)).await,
                Err(CreateError::Ended(_))
            ));
            store.create(&key(2), &user_at("u1", 0), at(1)).await.unwrap();
            assert_eq!(
                store.list(&realm(), Some("u1"), at(1)).await.unwrap().len(),
                1,
                "{sql}"
            );
        });
    }
}

#[test]
fn a_file_that_is_no_database_is_an_error_and_stays_as_it_is() {
    let (dir, store) = in_a_new_directory();
    let sessions = dir.path().join("a/sessions");
    fs::create_dir_all(&sessions).unwrap();
    fs::write(sessions.join("sessions.db"), "x".repeat(10_000)).unwrap();
    run(async {
        assert!(matches!(
            store.load(&key(1), &realm(), at(0)).await,
            Err(StoreError::Down(_))
        ));
        assert!(matches!(
            store.create(&key(1), &guest_at(0), at(0)).await,
            Err(CreateError::Store(_))
        ));
    });
    assert_eq!(fs::read(sessions.join("sessions.db")).unwrap().len(), 10_000);
}

/// Many sessions that ended long ago, beside the live one under `key(1)`.
fn with_expired(count: usize) -> (tempfile::TempDir, Arc<dyn SessionStore>) {
    let (dir, store) = in_a_new_directory();
    run(async {
        for number in [1, 2] {
            store
                .create(&key(number), &user_at("u1", 0), at(0))
                .await
                .unwrap();
        }
        store.delete(&key(2), &realm(), at(0)).await.unwrap();
    });
    damage(
        &dir,
        &format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
             INSERT INTO sessions SELECT randomblob(32), realm, subject, generation, realm_generation, issued,
                 seen, 1000 + i, cookie_until, 0, about, data, trail FROM sessions, n"
        ),
    );
    (dir, store)
}

#[test]
fn many_ended_sessions_are_swept_in_small_steps_between_which_others_are_served() {
    let (_dir, store) = with_expired(5_000);
    let swept = AtomicBool::new(false);
    std::thread::scope(|threads| {
        // A visitor who goes on all the while.
        let visits = threads.spawn(|| {
            run(async {
                let mut visits = 0;
                while !swept.load(Ordering::SeqCst) {
                    assert!(live(&store, &key(1), 1).await.is_some());
                    let number = set("n", visits);
                    store
                        .merge(&key(1), &realm(), &number, None, at(1))
                        .await
                        .unwrap();
                    visits += 1;
                }
                visits
            })
        });
        let steps = run(async {
            let _ended = SaysEnded(&swept);
            let mut steps = Vec::new();
            loop {
                let step = store.sweep(at(1), SWEEP_STEP).await.unwrap();
                steps.push(step.removed);
                assert!(live(&store, &key(1), 1).await.is_some(), "between two steps");
                if !step.more {
                    return steps;
                }
            }
        });
        assert!(
            steps.iter().all(|removed| *removed <= SWEEP_STEP as u64),
            "{steps:?}"
        );
        assert_eq!(steps.iter().sum::<u64>(), 5_000);
        assert!(visits.join().unwrap() > 0);
    });
}

#[test]
fn a_newer_format_is_refused_with_a_sentence() {
    let (dir, store) = in_a_new_directory();
    run(async { store.create(&key(1), &guest_at(0), at(0)).await.unwrap() });
    damage(&dir, "PRAGMA user_version = 2");
    let newer = SqliteSessionStore::at(&dir.path().join("a/sessions"));
    let error = run(async { newer.load(&key(1), &realm(), at(0)).await.unwrap_err() });
    assert_eq!(
        error.to_string(),
        "the session store has format 2, this program knows 1; use a newer one"
    );
}

#[test]
fn a_store_that_was_down_answers_again_without_a_restart() {
    let (dir, store) = in_a_new_directory();
    fs::write(dir.path().join("a"), "in the way").unwrap();
    run(async {
        assert!(store.create(&key(1), &guest_at(0), at(0)).await.is_err());
        fs::remove_file(dir.path().join("a")).unwrap();
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        assert!(live(&store, &key(1), 1).await.is_some());
    });
}

#[test]
fn a_writer_in_another_process_is_waited_for() {
    let (dir, store) = in_a_new_directory();
    run(async { store.create(&key(1), &guest_at(0), at(0)).await.unwrap() });
    run(async {
        store
            .merge(&key(1), &realm(), &set("a", 1), None, at(1))
            .await
            .unwrap()
    });
    let other = rusqlite::Connection::open(dir.path().join("a/sessions/sessions.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::scope(|threads| {
        let store = Arc::clone(&store);
        threads.spawn(move || {
            // Reading goes on while the other writes.
            run(async { assert!(live(&store, &key(1), 1).await.is_some()) });
            sender.send(()).unwrap();
            run(async {
                store
                    .merge(&key(1), &realm(), &set("b", 2), None, at(2))
                    .await
                    .unwrap()
            });
        });
        receiver.recv().unwrap();
        other.execute_batch("COMMIT").unwrap();
    });
    assert_eq!(
        *run(async { live(&store, &key(1), 3).await.unwrap() }).values,
        values(&[("a", 1), ("b", 2)])
    );
}

#[test]
fn the_log_beside_the_file_does_not_grow_with_the_number_of_writes() {
    let (dir, store) = in_a_new_directory();
    let text = "x".repeat(20_000);
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        for number in 0..2600_i64 {
            let value = Value::List(vec![Value::Int(number), Value::from(text.as_str())]);
            let delta = Delta {
                set: [("a".to_owned(), value)].into(),
                ..Delta::default()
            };
            store.merge(&key(1), &realm(), &delta, None, at(1)).await.unwrap();
        }
    });
    let log = fs::metadata(dir.path().join("a/sessions/sessions.db-wal"))
        .unwrap()
        .len();
    // 2600 writes of 20 kB; a thousand of them, and some in flight, may stand in the log.
    assert!(log < 45_000_000, "{log} bytes");
}

#[test]
fn no_session_id_stands_in_the_file() {
    let secrets = crate::testing::secrets();
    let id = crate::id::IdSigner::new(&secrets, &realm()).issue(at(0), &crate::SystemRandomness);
    let (dir, store) = in_a_new_directory();
    run(async { store.create(id.key(), &guest_at(0), at(0)).await.unwrap() });
    let random = id.text().split('.').nth(1).unwrap().as_bytes();
    for entry in fs::read_dir(dir.path().join("a/sessions")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(random.len()).any(|window| window == random));
    }
}

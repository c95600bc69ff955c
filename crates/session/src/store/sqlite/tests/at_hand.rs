//! What is claimed of sessions that are at hand while others write to the same file.

use super::super::SqliteSessionStore;
use super::*;

fn two_stores() -> (tempfile::TempDir, Arc<dyn SessionStore>, Arc<dyn SessionStore>) {
    let (dir, one) = in_a_new_directory();
    let two: Arc<dyn SessionStore> = Arc::new(SqliteSessionStore::at(&dir.path().join("a/sessions")));
    run(async {
        one.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap();
        // Both have it at hand now.
        for store in [&one, &two] {
            store
                .merge(&key(1), &realm(), &set("a", 0), None, at(1))
                .await
                .unwrap();
            assert!(live(store, &key(1), 1).await.is_some());
        }
    });
    (dir, one, two)
}

#[test]
fn what_another_program_changes_in_the_file_is_seen_by_the_next_load() {
    let (dir, one, two) = two_stores();
    let shell = rusqlite::Connection::open(dir.path().join("a/sessions/sessions.db")).unwrap();
    for number in 1..=20 {
        shell
            .execute("UPDATE sessions SET data = ?1", [format!("{{\"a\":{number}}}")])
            .unwrap();
        for store in [&one, &two] {
            let record = run(async { live(store, &key(1), 1).await.unwrap() });
            assert_eq!(*record.values, values(&[("a", number)]));
        }
    }
    shell.execute("DELETE FROM sessions", []).unwrap();
    for store in [&one, &two] {
        assert!(run(async { live(store, &key(1), 1).await }).is_none());
    }
}

#[test]
fn what_one_server_writes_is_read_by_another_that_has_the_session_at_hand() {
    let (_dir, one, two) = two_stores();
    for number in 1..=20 {
        let (writer, reader) = if number % 2 == 0 {
            (&one, &two)
        } else {
            (&two, &one)
        };
        run(async {
            writer
                .merge(&key(1), &realm(), &set("a", number), None, at(1))
                .await
                .unwrap();
            for store in [reader, writer] {
                let record = live(store, &key(1), 1).await.unwrap();
                assert_eq!(*record.values, values(&[("a", number)]));
            }
        });
    }
}

#[test]
fn a_session_at_hand_ends_with_a_logout_a_kill_or_a_rotation_on_another_server() {
    let (_dir, one, two) = two_stores();
    run(async {
        two.delete(&key(1), &realm(), at(1)).await.unwrap();
        assert!(live(&one, &key(1), 1).await.is_none());
        one.create(&key(2), &user_at("u2", 0), at(0)).await.unwrap();
        assert!(live(&two, &key(2), 1).await.is_some());
        one.kill(&realm(), Kill::User("u2"), at(1)).await.unwrap();
        assert!(live(&two, &key(2), 1).await.is_none());
        assert!(live(&one, &key(2), 1).await.is_none());
    });
}

#[test]
fn who_visits_pages_while_trails_are_written_misses_none() {
    let (_dir, one, two) = two_stores();
    let ended = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let elsewhere = threads.spawn(|| {
            let _says = SaysEnded(&ended);
            run(async {
                for number in 0..300 {
                    let page = visit(&format!("page {number}"));
                    one.visit(&key(1), &realm(), &page, at(1)).await.unwrap();
                    let record = live(&one, &key(1), 1).await.unwrap();
                    assert_eq!(record.trail.last(), page.visits.last(), "{number}");
                    tokio::task::yield_now().await;
                }
            });
        });
        // Both another thread of this server and another server write all the while.
        for number in 0.. {
            if ended.load(Ordering::SeqCst) {
                break;
            }
            let store = if number % 2 == 0 { &one } else { &two };
            let delta = set("b", number);
            run(async { store.merge(&key(1), &realm(), &delta, None, at(1)).await.unwrap() });
        }
        elsewhere.join().unwrap();
    });
    let trail = run(async { live(&one, &key(1), 1).await.unwrap() }).trail;
    assert_eq!(trail.len(), 100, "the last hundred");
}

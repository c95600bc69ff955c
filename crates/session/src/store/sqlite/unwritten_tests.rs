//! What is claimed of visits that are not written down yet.

use std::sync::Arc;

use super::super::SqliteSessionStore;
use crate::store::SessionStore;
use crate::store::acceptance::{at, guest_at, key, live, realm, run, set, visit};
use crate::trail::TrailEntry;

fn store_in(dir: &tempfile::TempDir) -> Arc<dyn SessionStore> {
    Arc::new(SqliteSessionStore::at(dir.path()))
}

async fn pages(store: &Arc<dyn SessionStore>, number: u8) -> Vec<String> {
    let record = live(store, &key(number), 1).await.unwrap();
    record
        .trail
        .iter()
        .map(|entry: &TrailEntry| entry.page.clone())
        .collect()
}

async fn note(store: &Arc<dyn SessionStore>, number: u8, page: &str) {
    let visited = store.visit(&key(number), &realm(), &visit(page), at(1)).await;
    visited.unwrap();
}

#[test]
fn a_visit_is_seen_by_the_next_load_before_it_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let (store, other) = (store_in(&dir), store_in(&dir));
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        note(&store, 1, "A").await;
        note(&store, 1, "B").await;
        // Nothing has let the writer begin: another process sees the trail as it was.
        assert_eq!(pages(&store, 1).await, ["A", "B"]);
    });
    drop(store);
    run(async { assert_eq!(pages(&other, 1).await, ["A", "B"], "written at the end") });
}

#[test]
fn visits_are_written_a_moment_later() {
    let dir = tempfile::tempdir().unwrap();
    let (store, other) = (store_in(&dir), store_in(&dir));
    run(async {
        for number in 1..=3 {
            store.create(&key(number), &guest_at(0), at(0)).await.unwrap();
            note(&store, number, "A").await;
        }
        while pages(&other, 3).await.is_empty() {
            tokio::task::yield_now().await;
        }
        // They left together.
        assert_eq!(pages(&other, 1).await, ["A"]);
        assert_eq!(pages(&other, 2).await, ["A"]);
    });
}

#[test]
fn a_visit_of_a_session_that_ended_meanwhile_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_in(&dir);
    run(async {
        for number in 1..=2 {
            store.create(&key(number), &guest_at(0), at(0)).await.unwrap();
            note(&store, number, "A").await;
        }
        store.delete(&key(1), &realm(), at(1)).await.unwrap();
        assert!(live(&store, &key(1), 1).await.is_none());
    });
    drop(store);
    let again = store_in(&dir);
    run(async {
        assert!(live(&again, &key(1), 1).await.is_none());
        assert_eq!(pages(&again, 2).await, ["A"]);
    });
}

#[test]
fn a_merge_keeps_the_visits_that_came_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_in(&dir);
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        note(&store, 1, "A").await;
        let merged = store.merge(&key(1), &realm(), &set("a", 1), None, at(1)).await;
        merged.unwrap();
        note(&store, 1, "B").await;
        assert_eq!(pages(&store, 1).await, ["A", "B"]);
    });
    drop(store);
    let again = store_in(&dir);
    run(async {
        assert_eq!(pages(&again, 1).await, ["A", "B"]);
        assert_eq!(live(&again, &key(1), 2).await.unwrap().values.len(), 1);
    });
}

//! Claims about requests that run at once: nothing is lost, and nothing comes back.
//!
//! Each claim is played in many rounds on real threads; what is claimed holds in every interleaving.

use super::life::increment;
use super::*;

/// How often a race is run.
const ROUNDS: u16 = 200;

pub fn of_many_creations_one_wins(store: Store) {
    for round in 0..ROUNDS {
        let results = at_once(4, |i| {
            let (store, key) = (Arc::clone(&store), key_of_round(round, at(0)));
            async move { store.create(&key, &user_at(&format!("u{i}"), 0), at(0)).await }
        });
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        assert!(
            results
                .iter()
                .all(|result| matches!(result, Ok(()) | Err(CreateError::Exists))),
            "{results:?}"
        );
    }
}

pub fn parallel_merges_of_different_keys_are_all_kept(store: Store) {
    run(async { store.create(&key(1), &guest_at(0), at(0)).await.unwrap() });
    at_once(50, |i| {
        let store = Arc::clone(&store);
        async move {
            store
                .merge(&key(1), &realm(), &set(&format!("k{i}"), 1), None, at(1))
                .await
                .unwrap()
        }
    });
    let record = run(async { live(&store, &key(1), 2).await.unwrap() });
    assert_eq!(record.values.len(), 50);
}

pub fn parallel_increments_are_all_counted(store: Store) {
    run(async { store.create(&key(1), &guest_at(0), at(0)).await.unwrap() });
    at_once(10, |_| {
        let store = Arc::clone(&store);
        async move {
            for _ in 0..20 {
                store
                    .update(&key(1), &realm(), "n", &increment(), at(1))
                    .await
                    .unwrap();
            }
        }
    });
    let record = run(async { live(&store, &key(1), 2).await.unwrap() });
    assert_eq!(*record.values, values(&[("n", 200)]));
}

pub fn parallel_visits_are_all_kept(store: Store) {
    run(async { store.create(&key(1), &guest_at(0), at(0)).await.unwrap() });
    at_once(5, |i| {
        let store = Arc::clone(&store);
        async move {
            for n in 0..20 {
                let visit = visit(&format!("{i}-{n}"));
                store.merge(&key(1), &realm(), &visit, None, at(1)).await.unwrap();
            }
        }
    });
    let record = run(async { live(&store, &key(1), 2).await.unwrap() });
    assert_eq!(record.trail.len(), 100);
}

/// Merges, visits and touches without end on three threads while `end` happens once on a fourth; what came
/// after the end must have failed.
fn end_against_saves<F: Future<Output = ()>>(store: &Store, key: &StoreKey, end: impl Fn() -> F + Sync) {
    let ended = AtomicBool::new(false);
    let late_saves = at_once(4, |i| {
        let (store, ended, end) = (Arc::clone(store), &ended, &end);
        async move {
            if i == 0 {
                let _ended = SaysEnded(ended);
                end().await;
                return 0;
            }
            let mut late = 0;
            let mut tries_left = 5;
            while tries_left > 0 {
                let was_ended = ended.load(Ordering::SeqCst);
                let merged = store
                    .merge(key, &realm(), &set("a", 1), Some(used_at(2)), at(2))
                    .await
                    .is_ok();
                let visited = store.merge(key, &realm(), &visit("A"), None, at(2)).await.is_ok();
                let touched = store.touch(key, &realm(), used_at(2), at(2)).await.is_ok();
                late += usize::from(was_ended && (merged || visited || touched));
                tries_left -= i32::from(was_ended);
            }
            late
        }
    });
    assert_eq!(late_saves.iter().sum::<usize>(), 0);
    assert_eq!(
        run(store.load(key, &realm(), at(3))).unwrap(),
        Loaded::Ended(Ending::Ended)
    );
}

pub fn a_kill_wins_over_merges_in_flight(store: Store) {
    for round in 0..ROUNDS {
        // Each round's session begins after the kill of the round before.
        let begun = at(u64::from(round) + 10);
        let id = key_of_round(round, begun);
        run(async { store.create(&id, &user_at("u1", 0), at(0)).await.unwrap() });
        end_against_saves(&store, &id, || async {
            let killed = moment::later(begun, Duration::from_millis(1));
            assert_eq!(store.kill(&realm(), Kill::User("u1"), killed).await.unwrap(), 1);
        });
    }
}

pub fn a_delete_wins_over_merges_in_flight(store: Store) {
    for round in 0..ROUNDS {
        let old = key_of_round(round, at(0));
        run(async { store.create(&old, &user_at("u1", 0), at(0)).await.unwrap() });
        end_against_saves(&store, &old, || async {
            assert!(store.delete(&old, &realm(), at(1)).await.unwrap());
        });
    }
}

pub fn of_many_deletions_one_ends_the_session(store: Store) {
    for round in 0..ROUNDS {
        let old = key_of_round(round, at(0));
        run(async { store.create(&old, &guest_at(0), at(0)).await.unwrap() });
        let ended = at_once(3, |_| {
            let store = Arc::clone(&store);
            async move { store.delete(&old, &realm(), at(1)).await.unwrap() }
        });
        assert_eq!(ended.iter().filter(|ended| **ended).count(), 1, "{ended:?}");
    }
}

pub fn of_many_rotations_one_wins(store: Store) {
    for round in 0..ROUNDS {
        let old = key_of_round(round, at(0));
        run(async { store.create(&old, &user_at("u1", 0), at(0)).await.unwrap() });
        let results = at_once(3, |i| {
            let store = Arc::clone(&store);
            let new = key_of_round(0x8000 + 3 * round + i as u16, at(0));
            async move {
                let record = user_at("u1", 0);
                store.rotate(rotation(Some(old), new, &record), at(1)).await
            }
        });
        assert_eq!(
            results.iter().filter(|result| result.is_ok()).count(),
            1,
            "{results:?}"
        );
        let lives = run(async { store.list(&realm(), Some("u1"), at(1)).await.unwrap() });
        assert_eq!(lives.len(), 1);
        for heir in lives {
            run(async { store.delete(&heir.key, &realm(), at(1)).await.unwrap() });
        }
    }
}

pub fn a_rotation_and_a_delete_leave_at_most_one_session(store: Store) {
    for round in 0..ROUNDS {
        let old = key_of_round(round, at(0));
        run(async { store.create(&old, &user_at("u1", 0), at(0)).await.unwrap() });
        let new = key_of_round(0x8000 + round, at(0));
        let done = at_once(2, |i| {
            let store = Arc::clone(&store);
            async move {
                match i {
                    0 => store.delete(&old, &realm(), at(1)).await.unwrap(),
                    _ => {
                        let record = user_at("u1", 0);
                        store
                            .rotate(rotation(Some(old), new, &record), at(1))
                            .await
                            .is_ok()
                    }
                }
            }
        });
        // Exactly one of them found it alive, and only the rotation leaves a successor.
        assert_eq!(done.iter().filter(|done| **done).count(), 1, "{done:?}");
        let successor = run(async { live(&store, &new, 1).await.is_some() });
        assert_eq!(successor, done.last() == Some(&true));
        assert_eq!(run(async { live(&store, &old, 1).await }), None);
    }
}

pub fn a_sweep_never_removes_a_session_in_use(store: Store) {
    for round in 0..ROUNDS {
        let old = key_of_round(round, at(0));
        let record = Record {
            verifies_until: at(0),
            ..guest_at(0)
        };
        run(async { store.create(&old, &record, at(0)).await.unwrap() });
        // The touch comes just before the end; a sweep of an hour later runs at the same time.
        let results = at_once(2, |i| {
            let store = Arc::clone(&store);
            async move {
                match i {
                    0 => store
                        .touch(&old, &realm(), used_at(2 * IDLE), at(IDLE))
                        .await
                        .is_ok(),
                    _ => {
                        store.sweep(at(IDLE + 300 + 3600), 100).await.unwrap();
                        false
                    }
                }
            }
        });
        let lives = run(async { live(&store, &old, 2 * IDLE).await.is_some() });
        assert_eq!(Some(&lives), results.first());
    }
}

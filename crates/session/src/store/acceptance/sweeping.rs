//! Claims about sweeps: they take what nobody can need any more, when its time has come, and nothing else.
//!
//! Nothing a visitor can see depends on a sweep. That it also spares what is used at the same moment is
//! claimed in acceptance/flight.rs.

use super::*;

/// A record whose id verifies no longer than it lives.
pub(super) fn short_lived() -> Record {
    Record {
        verifies_until: at(0),
        ..guest_at(0)
    }
}

pub fn a_sweep_waits_an_hour_after_the_end(store: Store) {
    run(async {
        store.create(&key(1), &short_lived(), at(0)).await.unwrap();
        let end = IDLE + 300;
        assert_eq!(store.sweep(at(end + 3599), 10).await.unwrap(), Swept::default());
        assert_eq!(store.sweep(at(end + 3600), 10).await.unwrap().removed, 1);
        assert_eq!(
            store.load(&key(1), &realm(), at(end + 3600)).await.unwrap(),
            Loaded::Missing
        );
    });
}

pub fn a_sweep_removes_killed_sessions(store: Store) {
    run(async {
        store.create(&key(1), &short_lived(), at(0)).await.unwrap();
        store.create(&key(2), &user_at("u1", 0), at(0)).await.unwrap();
        store.create(&key(3), &user_at("u2", 0), at(0)).await.unwrap();
        store.kill(&realm(), Kill::Guests, at(1)).await.unwrap();
        store.kill(&realm(), Kill::User("u1"), at(1)).await.unwrap();
        let mut removed = 0;
        for _ in 0..5 {
            removed += store.sweep(at(1), 10).await.unwrap().removed;
        }
        assert_eq!(removed, 2);
        assert!(live(&store, &key(3), 2).await.is_some());
        store.kill(&realm(), Kill::Everyone, at(3)).await.unwrap();
        assert_eq!(store.sweep(at(3), 10).await.unwrap().removed, 1);
    });
}

pub fn a_sweep_obeys_its_budget(store: Store) {
    run(async {
        for number in 1..=5 {
            store.create(&key(number), &short_lived(), at(0)).await.unwrap();
        }
        let late = at(10 * IDLE);
        assert_eq!(
            store.sweep(late, 2).await.unwrap(),
            Swept {
                removed: 2,
                more: true
            }
        );
        assert_eq!(
            store.sweep(late, 2).await.unwrap(),
            Swept {
                removed: 2,
                more: true
            }
        );
        let last = store.sweep(late, 2).await.unwrap();
        assert_eq!((last.removed, last.more), (1, false));
        assert_eq!(store.sweep(late, 2).await.unwrap(), Swept::default());
    });
}

pub fn a_swept_session_cannot_come_back_while_its_id_verifies(store: Store) {
    run(async {
        let record = Record {
            verifies_until: at(10 * IDLE),
            ..guest_at(0)
        };
        store.create(&key(1), &record, at(0)).await.unwrap();
        store.create(&key(2), &record, at(0)).await.unwrap();
        store.delete(&key(2), &realm(), at(1)).await.unwrap();
        while store.sweep(at(10 * IDLE - 1), 100).await.unwrap().more {}
        assert!(
            ending::is_ended(&store, 1, 10 * IDLE - 1).await
                && ending::is_ended(&store, 2, 10 * IDLE - 1).await
        );
        while store.sweep(at(10 * IDLE), 100).await.unwrap().more {}
        assert_eq!(
            store.load(&key(1), &realm(), at(10 * IDLE)).await.unwrap(),
            Loaded::Missing
        );
        assert_eq!(
            store.load(&key(2), &realm(), at(10 * IDLE)).await.unwrap(),
            Loaded::Missing
        );
    });
}

pub fn a_sweep_spares_what_lives(store: Store) {
    run(async {
        store.create(&key(1), &short_lived(), at(0)).await.unwrap();
        store
            .touch(&key(1), &realm(), used_at(IDLE), at(IDLE))
            .await
            .unwrap();
        let late = IDLE + 300 + 3600;
        assert_eq!(store.sweep(at(late), 10).await.unwrap().removed, 0);
        store
            .touch(&key(1), &realm(), used_at(2 * IDLE), at(2 * IDLE))
            .await
            .unwrap();
        assert!(live(&store, &key(1), 3 * IDLE).await.is_some());
    });
}

pub fn a_session_that_was_swept_takes_no_change(store: Store) {
    run(async {
        store.create(&key(1), &short_lived(), at(0)).await.unwrap();
        assert_eq!(store.sweep(at(10 * IDLE), 10).await.unwrap().removed, 1);
        let now = at(10 * IDLE);
        let merged = store
            .merge(&key(1), &realm(), &set("a", 1), Some(used_at(1)), now)
            .await;
        assert!(matches!(merged, Err(MergeError::Gone(_))), "{merged:?}");
        let visited = store.merge(&key(1), &realm(), &visit("A"), None, now).await;
        assert!(matches!(visited, Err(MergeError::Gone(_))), "{visited:?}");
        let updated = store
            .update(&key(1), &realm(), "n", &life::increment(), now)
            .await;
        assert!(matches!(updated, Err(MergeError::Gone(_))), "{updated:?}");
        let touched = store.touch(&key(1), &realm(), used_at(1), now).await;
        assert!(matches!(touched, Err(TouchError::Gone(_))), "{touched:?}");
        assert_eq!(store.load(&key(1), &realm(), now).await.unwrap(), Loaded::Missing);
        assert!(store.list(&realm(), None, at(1)).await.unwrap().is_empty());
    });
}

pub fn guests_beyond_the_number_are_ended_the_longest_unused_first_and_never_a_user(store: Store) {
    run(async {
        store.create(&key(100), &user_at("u1", 0), at(0)).await.unwrap();
        for number in 1..=6 {
            let begun = u64::from(number);
            store
                .create(&key(number), &guest_at(begun), at(begun))
                .await
                .unwrap();
        }
        let elsewhere = Record {
            realm: other_realm(),
            ..guest_at(0)
        };
        store.create(&key(101), &elsewhere, at(0)).await.unwrap();
        // The first one comes back.
        store
            .touch(&key(1), &realm(), used_at(400), at(400))
            .await
            .unwrap();
        let end = async |most, budget| {
            let ended = store.end_surplus_guests(&realm(), most, budget, at(500)).await;
            ended.unwrap()
        };
        assert_eq!(end(6, 10).await, 0);
        assert_eq!(end(3, 2).await, 2, "no more at a time than was said");
        assert_eq!(end(3, 2).await, 1);
        assert_eq!(end(3, 2).await, 0);
        for (number, lives) in [
            (1, true),
            (2, false),
            (3, false),
            (4, false),
            (5, true),
            (6, true),
            (100, true),
        ] {
            assert_eq!(live(&store, &key(number), 500).await.is_some(), lives, "{number}");
        }
        let untouched = store.load(&key(101), &other_realm(), at(500)).await.unwrap();
        assert!(matches!(untouched, Loaded::Live(_)));
        // What was ended takes no change and begins nothing.
        assert!(ending::is_ended(&store, 2, 500).await);
        let again = store.create(&key(2), &guest_at(500), at(500)).await;
        assert!(matches!(again, Err(CreateError::Ended(_))), "{again:?}");
    });
}

pub fn guests_that_were_killed_or_ended_push_nobody_out(store: Store) {
    run(async {
        for number in 1..=3 {
            store.create(&key(number), &guest_at(0), at(0)).await.unwrap();
        }
        store.kill(&realm(), Kill::Guests, at(1)).await.unwrap();
        for number in 4..=6 {
            let key = key_issued(number, at(2));
            store.create(&key, &guest_at(2), at(2)).await.unwrap();
        }
        store
            .delete(&key_issued(4, at(2)), &realm(), at(3))
            .await
            .unwrap();
        let ended = store.end_surplus_guests(&realm(), 2, 10, at(4)).await.unwrap();
        assert_eq!(ended, 0);
        assert!(live(&store, &key_issued(5, at(2)), 5).await.is_some());
    });
}

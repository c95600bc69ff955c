//! Claims about endings: deletions, kills, rotations; and about lists of what lives.
//!
//! That they also win against requests in flight is claimed in acceptance/races.rs and
//! acceptance/flight.rs.

use super::*;

pub(super) async fn is_ended(store: &Store, number: u8, seconds: u64) -> bool {
    let loaded = store.load(&key(number), &realm(), at(seconds)).await.unwrap();
    matches!(loaded, Loaded::Ended(_))
}

pub fn a_deleted_session_stays_dead(store: Store) {
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        assert!(store.delete(&key(1), &realm(), at(1)).await.unwrap());
        assert!(!store.delete(&key(1), &realm(), at(1)).await.unwrap());
        assert!(is_ended(&store, 1, 1).await);
        let merged = store.merge(&key(1), &realm(), &set("a", 1), None, at(1)).await;
        assert!(
            matches!(merged, Err(MergeError::Gone(Ending::Ended))),
            "{merged:?}"
        );
        assert!(store.touch(&key(1), &realm(), used_at(1), at(1)).await.is_err());
        assert!(is_ended(&store, 1, 2).await);
    });
}

pub fn deleting_what_is_missing_leaves_no_trace(store: Store) {
    run(async {
        assert!(!store.delete(&key(1), &realm(), at(0)).await.unwrap());
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        assert!(live(&store, &key(1), 1).await.is_some());
    });
}

pub fn an_ended_key_can_never_begin_a_session(store: Store) {
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        store.create(&key(2), &guest_at(0), at(0)).await.unwrap();
        store.delete(&key(1), &realm(), at(1)).await.unwrap();
        let again = store.create(&key(1), &guest_at(1), at(1)).await;
        assert!(
            matches!(again, Err(CreateError::Ended(Ending::Ended))),
            "{again:?}"
        );
        let expired = store.create(&key(2), &guest_at(2 * IDLE), at(2 * IDLE)).await;
        assert!(
            matches!(expired, Err(CreateError::Ended(Ending::Ended))),
            "{expired:?}"
        );
    });
}

pub fn a_kill_of_a_user_ends_that_users_sessions_and_counts_them(store: Store) {
    run(async {
        for (number, user) in [(1, "u1"), (2, "u1"), (3, "u2")] {
            store
                .create(&key(number), &user_at(user, 0), at(0))
                .await
                .unwrap();
        }
        store.create(&key(4), &guest_at(0), at(0)).await.unwrap();
        assert_eq!(store.kill(&realm(), Kill::User("u1"), at(1)).await.unwrap(), 2);
        assert!(is_ended(&store, 1, 1).await && is_ended(&store, 2, 1).await);
        assert!(live(&store, &key(3), 1).await.is_some() && live(&store, &key(4), 1).await.is_some());
    });
}

pub fn a_kill_of_guests_spares_users(store: Store) {
    run(async {
        // A user may be called like the guests' name without being one.
        for (number, user) in [(1, "guests"), (2, "realm")] {
            store
                .create(&key(number), &user_at(user, 0), at(0))
                .await
                .unwrap();
        }
        store.create(&key(3), &guest_at(0), at(0)).await.unwrap();
        assert_eq!(
            store.kill(&realm(), Kill::User(GUEST_USER), at(1)).await.unwrap(),
            1
        );
        assert!(is_ended(&store, 3, 1).await);
        store
            .create(&key_issued(4, at(2)), &guest_at(2), at(2))
            .await
            .unwrap();
        assert_eq!(store.kill(&realm(), Kill::Guests, at(3)).await.unwrap(), 1);
        assert!(live(&store, &key(1), 4).await.is_some() && live(&store, &key(2), 4).await.is_some());
    });
}

pub fn a_kill_of_everyone_spares_other_realms(store: Store) {
    run(async {
        let mut other = user_at("u1", 0);
        other.realm = other_realm();
        store.create(&key(1), &other, at(0)).await.unwrap();
        store.create(&key(2), &user_at("u1", 0), at(0)).await.unwrap();
        store.create(&key(3), &guest_at(0), at(0)).await.unwrap();
        assert_eq!(store.kill(&realm(), Kill::Everyone, at(1)).await.unwrap(), 2);
        assert!(is_ended(&store, 2, 1).await && is_ended(&store, 3, 1).await);
        let spared = store.load(&key(1), &other_realm(), at(1)).await.unwrap();
        assert!(matches!(spared, Loaded::Live(_)));
    });
}

pub fn a_kill_counts_each_session_once(store: Store) {
    run(async {
        store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap();
        store.create(&key(2), &user_at("u2", 0), at(0)).await.unwrap();
        assert_eq!(store.kill(&realm(), Kill::User("u1"), at(1)).await.unwrap(), 1);
        assert_eq!(store.kill(&realm(), Kill::User("u1"), at(1)).await.unwrap(), 0);
        assert_eq!(store.kill(&realm(), Kill::Everyone, at(1)).await.unwrap(), 1);
        // What ended by itself is not counted either.
        store
            .create(&key_issued(3, at(2)), &guest_at(2), at(2))
            .await
            .unwrap();
        assert_eq!(
            store.kill(&realm(), Kill::Everyone, at(2 * IDLE)).await.unwrap(),
            0
        );
    });
}

pub fn sessions_begun_after_a_kill_live(store: Store) {
    run(async {
        for whom in [Kill::User("u1"), Kill::Guests, Kill::Everyone] {
            store.kill(&realm(), whom, at(5)).await.unwrap();
        }
        store
            .create(&key_issued(1, at(6)), &user_at("u1", 6), at(6))
            .await
            .unwrap();
        store
            .create(&key_issued(2, at(6)), &guest_at(6), at(6))
            .await
            .unwrap();
        assert!(live(&store, &key(1), 7).await.is_some() && live(&store, &key(2), 7).await.is_some());
    });
}

pub fn pending_ids_issued_before_a_kill_begin_nothing(store: Store) {
    run(async {
        store.kill(&realm(), Kill::Guests, at(5)).await.unwrap();
        for (number, issued) in [(1, at(0)), (2, at(5))] {
            let pending = key_issued(number, issued);
            assert_eq!(
                store.load(&pending, &realm(), at(6)).await.unwrap(),
                Loaded::Ended(Ending::Ended)
            );
            let begun = store.create(&pending, &guest_at(6), at(6)).await;
            assert!(matches!(begun, Err(CreateError::Killed)), "{begun:?}");
        }
        let later = key_issued(3, at(6));
        assert_eq!(
            store.load(&later, &realm(), at(6)).await.unwrap(),
            Loaded::Missing
        );
        assert_eq!(
            store.load(&key(1), &other_realm(), at(6)).await.unwrap(),
            Loaded::Missing
        );
    });
}

pub fn a_login_begun_before_a_kill_is_refused(store: Store) {
    run(async {
        store.kill(&realm(), Kill::User("u1"), at(5)).await.unwrap();
        let record = user_at("u1", 5);
        let refused = store
            .rotate(rotation(None, key_issued(1, at(5)), &record), at(5))
            .await;
        assert!(matches!(refused, Err(RotateError::Killed)), "{refused:?}");
        store
            .rotate(rotation(None, key_issued(2, at(6)), &record), at(6))
            .await
            .unwrap();
    });
}

pub fn a_clock_set_back_after_a_kill_keeps_nobody_out(store: Store) {
    run(async {
        let (wrong, right) = (100_000, 1_000);
        store
            .create(&key(1), &user_at("u1", wrong), at(wrong))
            .await
            .unwrap();
        assert_eq!(store.kill(&realm(), Kill::Everyone, at(wrong)).await.unwrap(), 1);
        let record = user_at("u1", right);
        let login = rotation(None, key_issued(2, at(right)), &record);
        store.rotate(login, at(right)).await.unwrap();
        assert!(live(&store, &key(2), right).await.is_some());
        assert!(is_ended(&store, 1, right).await);
        // A kill by the right clock counts as ever.
        assert_eq!(store.kill(&realm(), Kill::Everyone, at(right)).await.unwrap(), 1);
        let pending = store
            .create(&key_issued(3, at(right)), &guest_at(right), at(right))
            .await;
        assert!(matches!(pending, Err(CreateError::Killed)), "{pending:?}");
    });
}

pub fn a_rotation_ends_the_old_and_begins_the_new(store: Store) {
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        let record = user_at("u1", 1);
        store
            .rotate(rotation(Some(key(1)), key(2), &record), at(1))
            .await
            .unwrap();
        assert_eq!(live(&store, &key(2), 1).await.unwrap().user_id(), Some("u1"));
        assert!(is_ended(&store, 1, 1).await);
        let merged = store.merge(&key(1), &realm(), &set("a", 1), None, at(1)).await;
        assert!(
            matches!(merged, Err(MergeError::Gone(Ending::Replaced))),
            "{merged:?}"
        );
        let begun = store.create(&key(1), &guest_at(1), at(1)).await;
        assert!(
            matches!(begun, Err(CreateError::Ended(Ending::Replaced))),
            "{begun:?}"
        );
    });
}

pub fn a_rotation_of_what_has_ended_is_refused(store: Store) {
    run(async {
        for number in [1, 2, 3] {
            store
                .create(&key(number), &user_at("u1", 0), at(0))
                .await
                .unwrap();
        }
        let record = user_at("u1", 1);
        store.delete(&key(1), &realm(), at(1)).await.unwrap();
        store
            .rotate(rotation(Some(key(2)), key(20), &record), at(1))
            .await
            .unwrap();
        let expired = at(2 * IDLE);
        for (old, now) in [(1, at(1)), (2, at(1)), (3, expired), (9, at(1))] {
            let refused = store
                .rotate(rotation(Some(key(old)), key(30 + old), &record), now)
                .await;
            assert!(matches!(refused, Err(RotateError::Gone(_))), "{old}: {refused:?}");
            assert_eq!(live(&store, &key(30 + old), 1).await, None);
        }
    });
}

pub fn a_refused_rotation_replaces_nothing(store: Store) {
    run(async {
        store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap();
        let (late, record) = (2 * IDLE, user_at("u1", 2 * IDLE));
        let refused = store
            .rotate(rotation(Some(key(1)), key_issued(2, at(late)), &record), at(late))
            .await;
        assert!(
            matches!(refused, Err(RotateError::Gone(Ending::Ended))),
            "{refused:?}"
        );
        assert_eq!(loaded(&store, 1, late).await, Loaded::Ended(Ending::Ended));
    });
}

pub fn a_login_needs_no_old_record(store: Store) {
    run(async {
        store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap();
        store.delete(&key(1), &realm(), at(1)).await.unwrap();
        let record = user_at("u1", 1);
        let login = Rotation {
            old_record: OldRecord::MayBeGone,
            ..rotation(Some(key(1)), key(2), &record)
        };
        store.rotate(login, at(1)).await.unwrap();
        assert!(live(&store, &key(2), 1).await.is_some() && is_ended(&store, 1, 1).await);
    });
}

pub fn a_login_ends_a_pending_id(store: Store) {
    run(async {
        let record = user_at("u1", 1);
        let login = Rotation {
            old_record: OldRecord::MayBeGone,
            ..rotation(Some(key(1)), key(2), &record)
        };
        store.rotate(login, at(1)).await.unwrap();
        assert!(is_ended(&store, 1, 1).await);
        let begun = store.create(&key(1), &guest_at(1), at(1)).await;
        assert!(
            matches!(begun, Err(CreateError::Ended(Ending::Replaced))),
            "{begun:?}"
        );
        while store.sweep(at(2 * IDLE - 1), 100).await.unwrap().more {}
        assert!(is_ended(&store, 1, 2 * IDLE - 1).await);
    });
}

pub fn a_login_over_what_had_ended_is_told_as_a_replacement(store: Store) {
    run(async {
        store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap();
        store.delete(&key(1), &realm(), at(1)).await.unwrap();
        store.create(&key(2), &user_at("u1", 0), at(0)).await.unwrap();
        let late = 2 * IDLE;
        let record = user_at("u1", late);
        for old in [1, 2] {
            assert_eq!(loaded(&store, old, late).await, Loaded::Ended(Ending::Ended));
            let login = Rotation {
                old_record: OldRecord::MayBeGone,
                ..rotation(Some(key(old)), key_issued(10 + old, at(late)), &record)
            };
            store.rotate(login, at(late)).await.unwrap();
            assert_eq!(loaded(&store, old, late).await, Loaded::Ended(Ending::Replaced));
        }
    });
}

async fn loaded(store: &Store, number: u8, seconds: u64) -> Loaded {
    store.load(&key(number), &realm(), at(seconds)).await.unwrap()
}

pub fn a_replacement_is_told_for_a_minute_to_who_loads(store: Store) {
    run(async {
        store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap();
        let record = user_at("u1", 100);
        store
            .rotate(rotation(Some(key(1)), key_issued(2, at(100)), &record), at(100))
            .await
            .unwrap();
        for (seconds, told) in [
            (99, Ending::Replaced),
            (159, Ending::Replaced),
            (160, Ending::Ended),
        ] {
            assert_eq!(loaded(&store, 1, seconds).await, Loaded::Ended(told), "{seconds}");
            // A slow request that came when it lived is never told that nothing took its place.
            let now = at(seconds);
            let merged = store.merge(&key(1), &realm(), &set("a", 1), None, now).await;
            assert!(
                matches!(merged, Err(MergeError::Gone(Ending::Replaced))),
                "{merged:?}"
            );
            let touched = store.touch(&key(1), &realm(), used_at(seconds), now).await;
            assert!(
                matches!(touched, Err(TouchError::Gone(Ending::Replaced))),
                "{touched:?}"
            );
            let begun = store.create(&key(1), &guest_at(seconds), now).await;
            assert!(
                matches!(begun, Err(CreateError::Ended(Ending::Replaced))),
                "{begun:?}"
            );
        }
        // Ending what has ended changes nothing.
        assert!(!store.delete(&key(1), &realm(), at(101)).await.unwrap());
        assert_eq!(loaded(&store, 1, 101).await, Loaded::Ended(Ending::Replaced));
    });
}

pub fn a_renewed_session_can_be_followed_for_half_a_minute(store: Store) {
    run(async {
        store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap();
        let (new, record) = (key_issued(2, at(100)), user_at("u1", 100));
        let renewal = Rotation {
            on_their_way: OnTheirWay::Follow,
            ..rotation(Some(key(1)), new, &record)
        };
        store.rotate(renewal, at(100)).await.unwrap();
        assert_eq!(loaded(&store, 1, 129).await, Loaded::Renewed(new));
        assert_eq!(loaded(&store, 1, 130).await, Loaded::Ended(Ending::Replaced));
        // To read it, and nothing else.
        let merged = store.merge(&key(1), &realm(), &set("a", 1), None, at(101)).await;
        assert!(
            matches!(merged, Err(MergeError::Gone(Ending::Replaced))),
            "{merged:?}"
        );
        let refused = store
            .rotate(rotation(Some(key(1)), key_issued(3, at(101)), &record), at(101))
            .await;
        assert!(matches!(refused, Err(RotateError::Gone(_))), "{refused:?}");
    });
}

pub fn what_a_renewal_leads_to_can_end(store: Store) {
    run(async {
        store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap();
        let (new, record) = (key_issued(2, at(100)), user_at("u1", 100));
        let renewal = Rotation {
            on_their_way: OnTheirWay::Follow,
            ..rotation(Some(key(1)), new, &record)
        };
        store.rotate(renewal, at(100)).await.unwrap();
        store.kill(&realm(), Kill::User("u1"), at(101)).await.unwrap();
        let Loaded::Renewed(heir) = loaded(&store, 1, 102).await else {
            return;
        };
        assert_eq!(live(&store, &heir, 102).await, None);
    });
}

pub fn a_rotation_never_takes_a_used_key(store: Store) {
    run(async {
        for number in [1, 2, 3] {
            store.create(&key(number), &guest_at(0), at(0)).await.unwrap();
        }
        store.delete(&key(3), &realm(), at(1)).await.unwrap();
        let record = user_at("u1", 1);
        for taken in [2, 3] {
            let refused = store
                .rotate(rotation(Some(key(1)), key(taken), &record), at(1))
                .await;
            assert!(matches!(refused, Err(RotateError::Taken)), "{refused:?}");
        }
        assert!(live(&store, &key(1), 1).await.is_some());
        assert_eq!(live(&store, &key(2), 1).await.unwrap().user_id(), None);
    });
}

pub fn the_longest_unused_session_beyond_the_limit_is_ended(store: Store) {
    run(async {
        for number in 1..=3 {
            store
                .create(&key(number), &user_at("u1", u64::from(number)), at(3))
                .await
                .unwrap();
        }
        store.create(&key(4), &user_at("u2", 0), at(3)).await.unwrap();
        store
            .touch(&key(1), &realm(), used_at(600), at(600))
            .await
            .unwrap();
        let record = user_at("u1", 700);
        let login = Rotation {
            max_sessions: 2,
            ..rotation(None, key_issued(5, at(700)), &record)
        };
        store.rotate(login, at(700)).await.unwrap();
        assert!(is_ended(&store, 2, 700).await && is_ended(&store, 3, 700).await);
        for lives in [1, 4, 5] {
            assert!(live(&store, &key(lives), 700).await.is_some(), "{lives}");
        }
    });
}

pub fn a_list_shows_live_sessions_latest_first(store: Store) {
    run(async {
        store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap();
        store
            .create(&key_issued(2, at(10)), &user_at("u1", 10), at(10))
            .await
            .unwrap();
        store.create(&key(3), &user_at("u2", 0), at(0)).await.unwrap();
        store.create(&key(4), &guest_at(5), at(5)).await.unwrap();
        store.create(&key(5), &user_at("u1", 0), at(0)).await.unwrap();
        store.delete(&key(5), &realm(), at(1)).await.unwrap();
        let mine = store.list(&realm(), Some("u1"), at(20)).await.unwrap();
        assert_eq!(
            mine.iter().map(|s| s.key).collect::<Vec<_>>(),
            [key_issued(2, at(10)), key(1)]
        );
        let first = mine.first().unwrap();
        assert_eq!(
            (first.user_id.as_deref(), first.wiki.as_str()),
            (Some("u1"), "wiki1")
        );
        assert_eq!(
            (first.created, first.last_seen, first.browser.as_str()),
            (at(10), at(10), "Firefox")
        );
        let all = store.list(&realm(), None, at(20)).await.unwrap();
        assert_eq!(
            all.iter().map(|s| s.last_seen).collect::<Vec<_>>(),
            [at(10), at(5), at(0), at(0)]
        );
        assert!(store.list(&other_realm(), None, at(20)).await.unwrap().is_empty());
        store.kill(&realm(), Kill::Everyone, at(30)).await.unwrap();
        assert!(store.list(&realm(), None, at(31)).await.unwrap().is_empty());
    });
}

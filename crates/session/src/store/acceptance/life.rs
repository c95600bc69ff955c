//! Claims about one session at a time: creating, merging, touching, expiring.
//!
//! See the suite's head for how they are run; nothing here ends a session on purpose.

use super::*;
use crate::trail::TrailEntry;

pub fn a_created_record_is_loaded_as_it_was(store: Store) {
    run(async {
        let mut record = user_at("u1", 0);
        record.values = Arc::new(values(&[("test", 5)]));
        record.trail = Arc::new(vec![TrailEntry::new("w", "Häuser/Ω \"x\"")]);
        store.create(&key(1), &record, at(0)).await.unwrap();
        assert_eq!(live(&store, &key(1), 10).await, Some(record));
    });
}

pub fn a_missing_key_is_missing(store: Store) {
    run(async {
        assert_eq!(
            store.load(&key(1), &realm(), at(0)).await.unwrap(),
            Loaded::Missing
        );
    });
}

pub fn creating_must_not_find(store: Store) {
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        let again = store.create(&key(1), &user_at("u1", 1), at(1)).await;
        assert!(matches!(again, Err(CreateError::Exists)), "{again:?}");
        assert_eq!(live(&store, &key(1), 2).await.unwrap().user_id(), None);
    });
}

pub fn merging_and_touching_must_find(store: Store) {
    run(async {
        let merged = store.merge(&key(1), &realm(), &set("a", 1), None, at(0)).await;
        assert!(
            matches!(merged, Err(MergeError::Gone(Ending::Ended))),
            "{merged:?}"
        );
        let touched = store.touch(&key(1), &realm(), used_at(0), at(0)).await;
        assert!(
            matches!(touched, Err(TouchError::Gone(Ending::Ended))),
            "{touched:?}"
        );
        let updated = store.update(&key(1), &realm(), "a", &increment(), at(0)).await;
        assert!(matches!(updated, Err(MergeError::Gone(_))), "{updated:?}");
        assert_eq!(live(&store, &key(1), 0).await, None);
    });
}

pub fn a_record_of_another_realm_is_never_accepted(store: Store) {
    run(async {
        store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap();
        let other = other_realm();
        assert!(!matches!(
            store.load(&key(1), &other, at(1)).await.unwrap(),
            Loaded::Live(_)
        ));
        assert!(
            store
                .merge(&key(1), &other, &set("a", 1), None, at(1))
                .await
                .is_err()
        );
        assert!(store.touch(&key(1), &other, used_at(1), at(1)).await.is_err());
        assert!(!store.delete(&key(1), &other, at(1)).await.unwrap());
        let mut stolen = user_at("u1", 1);
        stolen.realm = other;
        assert!(
            store
                .rotate(rotation(Some(key(1)), key(2), &stolen), at(1))
                .await
                .is_err()
        );
        let login = Rotation {
            old_record: OldRecord::MayBeGone,
            ..rotation(Some(key(1)), key(3), &stolen)
        };
        store.rotate(login, at(1)).await.unwrap();
        // The session of the first realm is as it was.
        let record = live(&store, &key(1), 2).await.unwrap();
        assert_eq!((record.user_id(), record.values.len()), (Some("u1"), 0));
    });
}

pub fn a_merge_changes_its_keys_and_no_others(store: Store) {
    run(async {
        let mut record = guest_at(0);
        record.values = Arc::new(values(&[("a", 1), ("b", 2), ("c", 3)]));
        store.create(&key(1), &record, at(0)).await.unwrap();
        let delta = Delta::between(&values(&[("a", 1), ("b", 2)]), &values(&[("a", 9)]));
        store.merge(&key(1), &realm(), &delta, None, at(1)).await.unwrap();
        assert_eq!(
            *live(&store, &key(1), 2).await.unwrap().values,
            values(&[("a", 9), ("c", 3)])
        );
    });
}

pub fn a_merge_beyond_a_limit_changes_nothing(store: Store) {
    run(async {
        let big = |name: &str| Delta {
            set: Values::from([(name.to_owned(), Value::from("x".repeat(40_000)))]),
            visits: vec![TrailEntry::new("w", name)],
            trail_size: 5,
            ..Delta::default()
        };
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        store
            .merge(&key(1), &realm(), &big("a"), None, at(1))
            .await
            .unwrap();
        let refused = store
            .merge(&key(1), &realm(), &big("b"), Some(used_at(500)), at(500))
            .await;
        assert!(matches!(refused, Err(MergeError::Limit(_))), "{refused:?}");
        let record = live(&store, &key(1), 2).await.unwrap();
        assert_eq!(record.values.keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!((record.trail.len(), record.seen), (1, at(0)));
    });
}

pub fn visits_are_added_to_the_trail_that_is_stored(store: Store) {
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        for page in ["A", "B", "C", "A"] {
            let visits = vec![TrailEntry::new("w", page)];
            let delta = Delta {
                visits,
                trail_size: 2,
                ..Delta::default()
            };
            store.merge(&key(1), &realm(), &delta, None, at(1)).await.unwrap();
        }
        let pages = live(&store, &key(1), 2)
            .await
            .unwrap()
            .trail
            .iter()
            .map(|e| e.page.clone())
            .collect::<Vec<_>>();
        assert_eq!(pages, ["C", "A"]);
    });
}

pub fn a_visit_changes_nothing_but_the_trail(store: Store) {
    run(async {
        let mut record = user_at("u1", 0);
        record.values = Arc::new(values(&[("a", 1)]));
        store.create(&key(1), &record, at(0)).await.unwrap();
        for page in ["Häuser/Ω \"x\"", "B"] {
            store
                .merge(&key(1), &realm(), &visit(page), None, at(400))
                .await
                .unwrap();
        }
        record.trail = Arc::new(vec![
            TrailEntry::new("w", "Häuser/Ω \"x\""),
            TrailEntry::new("w", "B"),
        ]);
        assert_eq!(live(&store, &key(1), 401).await.unwrap(), record);
    });
}

pub fn a_visit_reaches_no_session_that_is_not_live(store: Store) {
    run(async {
        let begun = [
            (1, guest_at(0)),
            (2, user_at("u1", 0)),
            (3, user_at("u2", 0)),
            (4, user_at("u3", 0)),
        ];
        for (number, record) in begun {
            store.create(&key(number), &record, at(0)).await.unwrap();
            let visited = store
                .merge(&key(number), &realm(), &visit("A"), None, at(1))
                .await;
            assert!(visited.is_ok(), "{visited:?}");
        }
        let foreign = store
            .merge(&key(1), &other_realm(), &visit("B"), None, at(1))
            .await;
        assert!(matches!(foreign, Err(MergeError::Gone(_))), "{foreign:?}");
        assert_eq!(live(&store, &key(1), 1).await.unwrap().trail.len(), 1);
        store.kill(&realm(), Kill::Guests, at(1)).await.unwrap();
        store.kill(&realm(), Kill::User("u1"), at(1)).await.unwrap();
        store.delete(&key(3), &realm(), at(1)).await.unwrap();
        for number in [1, 2, 3, 9] {
            let late = store
                .merge(&key(number), &realm(), &visit("B"), None, at(2))
                .await;
            assert!(matches!(late, Err(MergeError::Gone(_))), "{number} {late:?}");
        }
        let expired = store
            .merge(&key(4), &realm(), &visit("B"), None, at(IDLE + 300))
            .await;
        assert!(matches!(expired, Err(MergeError::Gone(_))), "{expired:?}");
        assert_eq!(live(&store, &key(4), 2).await.unwrap().trail.len(), 1);
        store.kill(&realm(), Kill::Everyone, at(2)).await.unwrap();
        let late = store.merge(&key(4), &realm(), &visit("B"), None, at(3)).await;
        assert!(matches!(late, Err(MergeError::Gone(_))), "{late:?}");
    });
}

/// Adds one to whatever number stands there.
pub(crate) fn increment() -> Change {
    Arc::new(|value| match value {
        Some(Value::Int(number)) => Some(Value::Int(number + 1)),
        _ => Some(Value::Int(1)),
    })
}

pub fn an_update_sees_the_stored_value(store: Store) {
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        for expected in 1..=3_i64 {
            let value = store
                .update(&key(1), &realm(), "hits", &increment(), at(1))
                .await
                .unwrap();
            assert_eq!(value, Some(Value::Int(expected)));
        }
        assert_eq!(
            *live(&store, &key(1), 2).await.unwrap().values,
            values(&[("hits", 3)])
        );
    });
}

pub fn an_update_can_take_a_value_out_and_never_a_reserved_one(store: Store) {
    run(async {
        let mut record = guest_at(0);
        record.values = Arc::new(values(&[("a", 1)]));
        store.create(&key(1), &record, at(0)).await.unwrap();
        let nothing: Change = Arc::new(|_| None);
        assert_eq!(
            store
                .update(&key(1), &realm(), "a", &nothing, at(1))
                .await
                .unwrap(),
            None
        );
        let refused = store
            .update(&key(1), &realm(), "user.id", &increment(), at(1))
            .await;
        assert!(
            matches!(refused, Err(MergeError::Limit(WriteError::Reserved(_)))),
            "{refused:?}"
        );
        assert!(live(&store, &key(1), 2).await.unwrap().values.is_empty());
    });
}

pub fn a_touch_writes_no_values(store: Store) {
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        store
            .merge(&key(1), &realm(), &set("a", 1), None, at(1))
            .await
            .unwrap();
        let usage = Usage {
            seen: at(400),
            cookie_until: Some(at(400 + IDLE)),
        };
        store.touch(&key(1), &realm(), usage, at(400)).await.unwrap();
        let record = live(&store, &key(1), 401).await.unwrap();
        assert_eq!(*record.values, values(&[("a", 1)]));
        assert_eq!(
            (record.seen, record.cookie_until),
            (at(400), Some(at(400 + IDLE)))
        );
    });
}

pub fn an_older_use_changes_nothing(store: Store) {
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        let late = Usage {
            seen: at(900),
            cookie_until: Some(at(9000)),
        };
        store.touch(&key(1), &realm(), late, at(900)).await.unwrap();
        let early = Usage {
            seen: at(300),
            cookie_until: Some(at(3000)),
        };
        store.touch(&key(1), &realm(), early, at(900)).await.unwrap();
        let record = live(&store, &key(1), 901).await.unwrap();
        assert_eq!((record.seen, record.cookie_until), (at(900), Some(at(9000))));
    });
}

pub fn a_merge_writes_a_use_down(store: Store) {
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        store
            .merge(&key(1), &realm(), &set("a", 1), Some(used_at(3000)), at(3000))
            .await
            .unwrap();
        assert!(live(&store, &key(1), 3000 + IDLE).await.is_some());
    });
}

pub fn idleness_ends_a_session(store: Store) {
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        // Never earlier than the idle time after a request that came just before the next touch was due.
        assert!(live(&store, &key(1), IDLE + 299).await.is_some());
        assert_eq!(
            store.load(&key(1), &realm(), at(IDLE + 300)).await.unwrap(),
            Loaded::Ended(Ending::Ended)
        );
        let merged = store
            .merge(
                &key(1),
                &realm(),
                &set("a", 1),
                Some(used_at(IDLE + 300)),
                at(IDLE + 300),
            )
            .await;
        assert!(matches!(merged, Err(MergeError::Gone(_))), "{merged:?}");
        let touched = store
            .touch(&key(1), &realm(), used_at(IDLE + 300), at(IDLE + 300))
            .await;
        assert!(matches!(touched, Err(TouchError::Gone(_))), "{touched:?}");
    });
}

pub fn use_keeps_a_session_alive(store: Store) {
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        for round in 1..=5 {
            let now = round * IDLE;
            store
                .touch(&key(1), &realm(), used_at(now), at(now))
                .await
                .unwrap();
        }
        assert!(live(&store, &key(1), 6 * IDLE).await.is_some());
    });
}

pub fn the_absolute_limit_ends_a_session_in_use(store: Store) {
    run(async {
        let mut record = user_at("u1", 0);
        Arc::make_mut(&mut record.about).ends = Some(at(5000).as_millisecond());
        store.create(&key(1), &record, at(0)).await.unwrap();
        store
            .touch(&key(1), &realm(), used_at(3000), at(3000))
            .await
            .unwrap();
        assert!(live(&store, &key(1), 4999).await.is_some());
        assert_eq!(
            store.load(&key(1), &realm(), at(5000)).await.unwrap(),
            Loaded::Ended(Ending::Ended)
        );
    });
}

pub fn the_login_that_a_session_is_part_of_is_kept_and_listed(store: Store) {
    run(async {
        let mut record = user_at("u1", 0);
        Arc::make_mut(&mut record.about).link = Some(LoginLink {
            login: "one login".into(),
            part: LoginPart::HandedOver,
        });
        store.create(&key(1), &record, at(0)).await.unwrap();
        store.create(&key(2), &user_at("u1", 0), at(0)).await.unwrap();
        let loaded = live(&store, &key(1), 1).await.unwrap();
        assert_eq!(loaded.about.link, record.about.link);
        let listed = store.list(&realm(), Some("u1"), at(1)).await.unwrap();
        let linked = listed.iter().filter(|session| session.link.is_some());
        let linked: Vec<_> = linked.map(|session| (session.key, &session.link)).collect();
        assert_eq!(linked, [(key(1), &record.about.link)]);
    });
}

//! Servers that go away, hang, come back, forget scripts, or are not who they should be.

use super::*;

fn begun(server: &RedisServer) -> Arc<dyn SessionStore> {
    let store = store_at(&server.url());
    run(store.create(&key(1), &guest_at(0), at(0))).unwrap();
    store
}

/// Asks until the store answers again, a while at most.
async fn loaded_again(store: &Arc<dyn SessionStore>) -> Loaded {
    let begun = std::time::Instant::now();
    loop {
        match store.load(&key(1), &realm(), at(1)).await {
            Ok(loaded) => return loaded,
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(30), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn a_server_that_comes_back_has_everything_and_is_found_again() {
    let mut server = RedisServer::start();
    let store = begun(&server);
    run(async {
        for _ in 0..3 {
            server.stop();
            for _ in 0..20 {
                let refused = store.load(&key(1), &realm(), at(1)).await;
                assert!(matches!(refused, Err(StoreError::Down(_))), "{refused:?}");
                let refused = store.merge(&key(1), &realm(), &set("a", 1), None, at(1)).await;
                assert!(matches!(refused, Err(MergeError::Store(_))), "{refused:?}");
            }
            server.start_again();
            assert!(matches!(loaded_again(&store).await, Loaded::Live(_)));
            store
                .merge(&key(1), &realm(), &set("a", 1), None, at(1))
                .await
                .unwrap();
        }
    });
}

#[test]
fn a_server_that_hangs_holds_nobody_up_for_good() {
    let server = RedisServer::start();
    let store = begun(&server);
    run(async {
        server.freeze();
        for _ in 0..20 {
            assert!(store.load(&key(1), &realm(), at(1)).await.is_err());
        }
        server.thaw();
        assert!(matches!(loaded_again(&store).await, Loaded::Live(_)));
    });
}

#[test]
fn a_connection_that_was_closed_behind_our_back_is_made_anew() {
    let server = RedisServer::start();
    let store = begun(&server);
    run(async {
        server.ask("CLIENT KILL TYPE normal SKIPME yes");
        assert!(matches!(loaded_again(&store).await, Loaded::Live(_)));
    });
}

#[test]
fn a_page_that_holds_its_thread_up_makes_no_outage() {
    let server = RedisServer::start();
    let store = begun(&server);
    run(async {
        let (key, realm) = (key(1), realm());
        // Connected, so that the question is laid down before the thread is held up, and sent afterwards.
        store.load(&key, &realm, at(1)).await.unwrap();
        let held_up = async { std::thread::sleep(ANSWER_LIMIT + Duration::from_millis(300)) };
        let (loaded, ()) = tokio::join!(store.load(&key, &realm, at(1)), held_up);
        assert!(matches!(loaded, Ok(Loaded::Live(_))), "{loaded:?}");
    });
}

#[test]
fn each_runtime_has_a_connection_that_ends_with_it() {
    let server = RedisServer::start();
    let store = begun(&server);
    let connections = || {
        server.ask("INFO clients").lines().find_map(|line| {
            line.strip_prefix("connected_clients:")?
                .trim()
                .parse::<u32>()
                .ok()
        })
    };
    let loads = |_| async {
        for _ in 0..3 {
            assert!(live(&store, &key(1), 1).await.is_some());
        }
        connections().unwrap()
    };
    for _ in 0..20 {
        at_once(4, loads);
    }
    // Ours, the one that asks this, and perhaps some whose end the server has not noticed yet.
    let left = run(loads(0));
    assert!(left <= 10, "{left}");
}

#[test]
fn a_server_that_forgot_the_scripts_is_told_again() {
    let server = RedisServer::start();
    let store = begun(&server);
    run(async {
        assert_eq!(server.ask("SCRIPT FLUSH"), "+OK\r\n");
        store
            .merge(&key(1), &realm(), &set("a", 1), None, at(1))
            .await
            .unwrap();
        assert_eq!(
            *live(&store, &key(1), 2).await.unwrap().values,
            values(&[("a", 1)])
        );
    });
}

#[test]
fn a_wrong_password_is_an_outage_and_stands_in_no_error() {
    let server = RedisServer::start_with(Setup {
        password: Some("plums".into()),
        ..Setup::default()
    });
    let store = store_at(&server.url().replace("plums", "quinces"));
    let refused = run(store.load(&key(1), &realm(), at(0))).unwrap_err();
    let shown = format!("{refused} {refused:?}");
    assert!(!shown.contains("quinces"), "{shown}");
}

#[test]
fn a_server_whose_certificate_nobody_vouches_for_is_not_spoken_to() {
    let (server, other) = (RedisServer::start_with_tls(), RedisServer::start_with_tls());
    let trusts = |files: &RedisServer| {
        let authority = &files.certificates().authority;
        store_at(&format!("{}?ca={}", server.url(), authority.display()))
    };
    run(async {
        assert!(trusts(&other).load(&key(1), &realm(), at(0)).await.is_err());
        assert!(
            store_at(&server.url())
                .load(&key(1), &realm(), at(0))
                .await
                .is_err()
        );
        assert!(trusts(&server).load(&key(1), &realm(), at(0)).await.is_ok());
    });
}

#[test]
fn a_cluster_that_lost_a_server_still_answers_for_the_others() {
    let mut cluster = RedisCluster::start();
    // Whoever asks a server for a slot of a lost one is told so; the others' slots are served.
    for i in 0..3 {
        cluster
            .server(i)
            .ask("CONFIG SET cluster-require-full-coverage no");
    }
    let store = store_at(&format!("{}?cluster=true", cluster.url()));
    let realms: Vec<Realm> = (0..12)
        .map(|i| Realm::new(&format!("R{i}"), "k", "s", "u"))
        .collect();
    let record = |realm: &Realm| Record {
        realm: *realm,
        ..guest_at(0)
    };
    run(async {
        for realm in &realms {
            store.create(&key(1), &record(realm), at(0)).await.unwrap();
        }
        cluster.server_mut(2).stop();
        let mut live = 0;
        for _ in 0..3 {
            live = 0;
            for realm in &realms {
                let loaded = store.load(&key(1), realm, at(1)).await;
                assert!(matches!(loaded, Ok(Loaded::Live(_)) | Err(_)), "{loaded:?}");
                live += usize::from(loaded.is_ok());
            }
        }
        assert!(live > 0 && live < realms.len(), "{live}");
        cluster.server_mut(2).start_again();
        cluster.wait_until_whole();
        for realm in &realms {
            while store.load(&key(1), realm, at(1)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });
}

#[test]
fn what_nobody_sweeps_redis_forgets_by_itself_and_never_sooner_than_a_sweep_would() {
    let server = RedisServer::start();
    let store = begun(&server);
    run(async {
        store.create(&key(2), &user_at("u1", 0), at(0)).await.unwrap();
        store.delete(&key(2), &realm(), at(1)).await.unwrap();
        // The clock of the server takes no part: it is another time there.
        let names = server.ask("KEYS *:s:*");
        let names: Vec<&str> = names.lines().filter(|line| line.contains(":s:")).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        for name in names {
            let left: u64 = server
                .ask(&format!("PTTL {name}"))
                .trim()
                .trim_start_matches(':')
                .parse()
                .unwrap();
            let end = (2 * IDLE + 3600) * 1000;
            assert!(left > end && left < end + 2 * 24 * 3600 * 1000, "{left}");
        }
    });
}

#[test]
fn after_kills_and_sweeps_no_record_is_left() {
    let server = RedisServer::start();
    let store = store_at(&server.url());
    run(async {
        for round in 0..20_u8 {
            let begun = at(u64::from(round) * 10);
            let (guest, user) = (key_issued(2 * round, begun), key_issued(2 * round + 1, begun));
            store.create(&guest, &guest_at(0), begun).await.unwrap();
            store.create(&user, &user_at("u1", 0), begun).await.unwrap();
            let killed = moment::later(begun, Duration::from_secs(1));
            for whom in [Kill::Guests, Kill::User("u1"), Kill::Everyone] {
                store.kill(&realm(), whom, killed).await.unwrap();
            }
        }
        while store.sweep(at(100 * IDLE), 7).await.unwrap().more {}
        let left = server.ask("KEYS *");
        assert!(
            !left.contains(":s:") && !left.contains("killed") && !left.contains("owners"),
            "{left}"
        );
    });
}

#[test]
fn an_unreadable_record_counts_as_ended() {
    let server = RedisServer::start();
    let store = store_at(&server.url());
    for (number, damage) in (1..).zip([
        "HDEL {} t",
        "HDEL {} a",
        "HSET {} a x",
        r#"HSET {} a "\xff""#,
        "HSET {} c x",
        "HSET {} t {",
        "HSET {} vn {",
        "HSET {} u x",
    ]) {
        run(async {
            store.create(&key(number), &guest_at(0), at(0)).await.unwrap();
            store
                .merge(&key(number), &realm(), &set("n", 1), None, at(0))
                .await
                .unwrap();
            let named = format!("KEYS *:s:{}", key(number).to_hex());
            let answer = server.ask(&named);
            let record = answer.lines().find(|line| line.contains(":s:")).unwrap();
            let answer = server.ask(&damage.replace("{}", record));
            assert!(answer.starts_with(':'), "{damage}: {answer}");
            let loaded = store.load(&key(number), &realm(), at(1)).await.unwrap();
            assert_eq!(loaded, Loaded::Ended(Ending::Ended), "{damage}");
        });
    }
}

#[test]
fn keys_of_any_letters_are_read_back() {
    let server = RedisServer::start();
    let store = begun(&server);
    let values: crate::value::Values = ["a/b", "\"\\", "\n\u{7f}\u{1}", "ä Ω 語", "v", "{}[],:"]
        .into_iter()
        .map(|key| (key.to_owned(), Value::from(key)))
        .collect();
    let delta = Delta {
        set: values.clone(),
        ..Delta::default()
    };
    run(async {
        store.merge(&key(1), &realm(), &delta, None, at(1)).await.unwrap();
        assert_eq!(*live(&store, &key(1), 2).await.unwrap().values, values);
    });
}

#[test]
fn what_is_kept_by_one_is_found_and_ended_by_another_that_shares_the_server() {
    let server = RedisServer::start();
    let kind = fresh_kind();
    let one: Store = Arc::new(RedisSessionStore::at(&server.url(), &kind).unwrap());
    let two: Store = Arc::new(RedisSessionStore::at(&server.url(), &kind).unwrap());
    let apart = store_at(&server.url());
    run(async {
        one.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap();
        assert!(live(&two, &key(1), 1).await.is_some());
        assert!(live(&apart, &key(1), 1).await.is_none());
        assert_eq!(apart.kill(&realm(), Kill::Everyone, at(1)).await.unwrap(), 0);
        assert!(live(&one, &key(1), 1).await.is_some());
        assert_eq!(two.kill(&realm(), Kill::User("u1"), at(1)).await.unwrap(), 1);
        assert!(live(&one, &key(1), 1).await.is_none());
    });
}

#[test]
fn increments_and_values_through_two_ways_to_one_server_are_all_kept() {
    let server = RedisServer::start();
    let kind = fresh_kind();
    let ways: Vec<Store> = (0..2)
        .map(|_| Arc::new(RedisSessionStore::at(&server.url(), &kind).unwrap()) as Store)
        .collect();
    run(ways[0].create(&key(1), &guest_at(0), at(0))).unwrap();
    at_once(10, |i| {
        let store = Arc::clone(&ways[i % 2]);
        async move {
            for n in 0..20 {
                let (key, realm) = (key(1), realm());
                let counted = store.update(&key, &realm, "n", &life::increment(), at(1)).await;
                counted.unwrap();
                let own = set(&format!("k{i}x{n}"), 1);
                store.merge(&key, &realm, &own, None, at(1)).await.unwrap();
            }
        }
    });
    let record = run(live(&ways[1], &key(1), 2)).unwrap();
    assert_eq!(record.values.get("n"), Some(&Value::Int(200)));
    assert_eq!(record.values.len(), 201);
}

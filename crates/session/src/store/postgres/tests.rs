//! What is claimed of the PostgreSQL store alone: outages, several processes, TLS, other people's tables.
//!
//! The contract of every store is claimed by the acceptance suite, run here too, against a real server.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use grange_test_servers::{PostgresServer, PostgresSetup};

use super::*;
use crate::store::acceptance::{
    at, at_once, guest_at, key, key_issued, live, realm, run, set, used_at, user_at, values,
};

/// A name that no other test of this process has.
fn new_table() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("grange-session {}", COUNT.fetch_add(1, Ordering::Relaxed))
}

fn store_on(server: &PostgresServer, table: &str) -> Arc<dyn SessionStore> {
    Arc::new(PostgresSessionStore::at(&server.url(), table).unwrap())
}

fn in_a_new_table() -> ((), Arc<dyn SessionStore>) {
    ((), store_on(PostgresServer::shared(), &new_table()))
}

crate::acceptance_tests!(in_a_new_table);

#[test]
fn nothing_is_opened_before_the_first_use() {
    // Nobody listens there, and nobody minds.
    let store = PostgresSessionStore::at("postgres://u:p@127.0.0.1:1/d", "t").unwrap();
    let loaded = run(store.load(&key(1), &realm(), at(0)));
    assert!(matches!(loaded, Err(StoreError::Down(_))), "{loaded:?}");
}

#[test]
fn no_session_id_stands_in_the_database() {
    let secrets = crate::testing::secrets();
    let id = crate::id::IdSigner::new(&secrets, &realm()).issue(at(0), &crate::SystemRandomness);
    let table = new_table();
    let store = store_on(PostgresServer::shared(), &table);
    run(async { store.create(id.key(), &guest_at(0), at(0)).await.unwrap() });
    let random = id.text().split('.').nth(1).unwrap();
    let kept = PostgresServer::shared().ask(&format!("SELECT * FROM \"{table}\""));
    assert!(kept.contains("Firefox") && !kept.contains(random), "{kept}");
}

#[test]
fn several_processes_can_begin_with_no_tables_at_once() {
    for _ in 0..5 {
        let table = new_table();
        at_once(8, |i| {
            let store = store_on(PostgresServer::shared(), &table);
            async move { store.create(&key(i as u8), &guest_at(0), at(0)).await.unwrap() }
        });
        let store = store_on(PostgresServer::shared(), &table);
        assert_eq!(run(store.list(&realm(), None, at(1))).unwrap().len(), 8);
    }
}

#[test]
fn two_stores_on_one_table_see_each_others_sessions_and_kills_at_once() {
    let table = new_table();
    let (one, two) = (
        store_on(PostgresServer::shared(), &table),
        store_on(PostgresServer::shared(), &table),
    );
    run(async {
        for number in 1..=20 {
            let begun = key_issued(number, at(u64::from(number) * 2));
            one.create(&begun, &user_at("u1", 0), at(0)).await.unwrap();
            two.merge(&begun, &realm(), &set("a", 1), None, at(1))
                .await
                .unwrap();
            assert_eq!(*live(&one, &begun, 1).await.unwrap().values, values(&[("a", 1)]));
            let killed = two
                .kill(&realm(), Kill::User("u1"), at(u64::from(number) * 2))
                .await;
            assert_eq!(killed.unwrap(), 1);
            let loaded = one.load(&begun, &realm(), at(1)).await.unwrap();
            assert_eq!(loaded, Loaded::Ended(Ending::Ended));
            assert!(one.touch(&begun, &realm(), used_at(1), at(1)).await.is_err());
        }
    });
}

#[test]
fn increments_through_two_stores_are_all_counted() {
    let table = new_table();
    let stores = [0, 1].map(|_| store_on(PostgresServer::shared(), &table));
    run(async { stores[0].create(&key(1), &guest_at(0), at(0)).await.unwrap() });
    at_once(20, |i| {
        let store = Arc::clone(&stores[i % 2]);
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
    let record = run(async { live(&stores[0], &key(1), 2).await.unwrap() });
    assert_eq!(*record.values, values(&[("n", 200)]));
}

#[test]
fn logins_of_one_user_at_once_leave_no_more_sessions_than_allowed() {
    let (_, store) = in_a_new_table();
    at_once(8, |i| {
        let store = Arc::clone(&store);
        async move {
            let record = user_at("u1", 0);
            let login = Rotation {
                max_sessions: 3,
                ..crate::store::acceptance::rotation(None, key(i as u8), &record)
            };
            store.rotate(login, at(0)).await.unwrap();
        }
    });
    let left = run(store.list(&realm(), Some("u1"), at(1))).unwrap();
    assert_eq!(left.len(), 3);
}

#[test]
fn two_stores_with_different_tables_have_nothing_to_do_with_each_other() {
    let (_, one) = in_a_new_table();
    let (_, two) = in_a_new_table();
    run(async {
        one.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        two.kill(&realm(), Kill::Everyone, at(1)).await.unwrap();
        assert_eq!(
            two.load(&key(2), &realm(), at(0)).await.unwrap(),
            Loaded::Ended(Ending::Ended)
        );
        assert!(live(&one, &key(1), 1).await.is_some());
    });
}

/// A server that was used, with one session of each kind.
fn server_in_use() -> (PostgresServer, Arc<dyn SessionStore>) {
    let server = PostgresServer::start();
    let store = store_on(&server, "s");
    run(async {
        store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap();
        // Several connections, each of which breaks.
        at_once(6, |_| {
            let store = Arc::clone(&store);
            async move { assert!(live(&store, &key(1), 1).await.is_some()) }
        });
    });
    (server, store)
}

#[test]
fn a_server_that_is_stopped_is_told_at_once_and_used_again_when_it_is_back() {
    let (mut server, store) = server_in_use();
    server.stop();
    let begun = Instant::now();
    run(async {
        for _ in 0..20 {
            assert!(store.load(&key(1), &realm(), at(1)).await.is_err());
            let merged = store.merge(&key(1), &realm(), &set("a", 1), None, at(1)).await;
            assert!(matches!(merged, Err(MergeError::Store(_))), "{merged:?}");
        }
    });
    // Forty answers; each would take seconds if it waited for the server.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    server.start_again();
    grange_test_servers::wait_until("sessions are loaded again", || {
        run(store.load(&key(1), &realm(), at(1))).is_ok()
    });
    run(async { assert!(live(&store, &key(1), 1).await.is_some()) });
}

#[test]
fn a_server_that_was_restarted_unnoticed_costs_nobody_anything() {
    let (mut server, store) = server_in_use();
    for round in 0..3 {
        server.start_again();
        run(async {
            assert!(live(&store, &key(1), 1).await.is_some());
            store
                .merge(&key(1), &realm(), &set("a", round), None, at(1))
                .await
                .unwrap();
        });
    }
}

#[test]
fn a_server_that_does_not_answer_is_given_up_and_used_again_when_it_does() {
    let (server, store) = server_in_use();
    server.freeze();
    let begun = Instant::now();
    run(async {
        for _ in 0..10 {
            assert!(store.load(&key(1), &realm(), at(1)).await.is_err());
        }
    });
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    server.thaw();
    grange_test_servers::wait_until("sessions are loaded again", || {
        run(store.load(&key(1), &realm(), at(1))).is_ok()
    });
}

#[test]
fn a_session_that_somebody_holds_locked_holds_up_nobody_else() {
    let table = new_table();
    let store = store_on(PostgresServer::shared(), &table);
    run(async {
        for number in [1, 2] {
            store.create(&key(number), &guest_at(0), at(0)).await.unwrap();
        }
    });
    let url = PostgresServer::shared().url();
    run(async {
        let (holder, driver) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
            .await
            .unwrap();
        let driver = tokio::spawn(driver);
        let lock =
            format!("BEGIN; SELECT FROM \"{table}\" WHERE key = decode(repeat('01', 32), 'hex') FOR UPDATE");
        holder.batch_execute(&lock).await.unwrap();
        let held = store.merge(&key(1), &realm(), &set("a", 1), None, at(1)).await;
        let Err(MergeError::Store(StoreError::Down(cause))) = held else {
            panic!("{held:?}");
        };
        assert!(cause.to_string().contains("lock timeout"), "{cause}");
        // Reading waits for nobody, nor does another session.
        assert!(live(&store, &key(1), 1).await.is_some());
        store
            .merge(&key(2), &realm(), &set("a", 1), None, at(1))
            .await
            .unwrap();
        assert_eq!(store.sweep(at(100_000), 10).await.unwrap().removed, 1);
        drop(holder);
        driver.await.unwrap().unwrap();
        store
            .merge(&key(1), &realm(), &set("a", 1), None, at(1))
            .await
            .unwrap();
    });
}

#[test]
fn a_change_that_panics_leaves_no_lock_behind() {
    let (_, store) = in_a_new_table();
    run(async {
        store.create(&key(1), &guest_at(0), at(0)).await.unwrap();
        let panics: Change = Arc::new(|_| panic!("a macro's mistake"));
        let updated = store.update(&key(1), &realm(), "a", &panics, at(1)).await;
        assert!(matches!(updated, Err(MergeError::Store(_))), "{updated:?}");
        store
            .merge(&key(1), &realm(), &set("a", 1), None, at(1))
            .await
            .unwrap();
    });
}

#[test]
fn an_unreadable_row_counts_as_ended_and_hides_no_other() {
    for damage in ["data = '{'", "about = '[]'", "realm = '\\x00'", "trail = '[1]'"] {
        let table = new_table();
        let store = store_on(PostgresServer::shared(), &table);
        run(async { store.create(&key(1), &user_at("u1", 0), at(0)).await.unwrap() });
        PostgresServer::shared().ask(&format!("UPDATE \"{table}\" SET {damage}"));
        run(async {
            let loaded = store.load(&key(1), &realm(), at(1)).await.unwrap();
            assert_eq!(loaded, Loaded::Ended(Ending::Ended), "{damage}");
            assert!(
                store
                    .merge(&key(1), &realm(), &set("a", 1), None, at(1))
                    .await
                    .is_err()
            );
            let begun = store.create(&key(1), &guest_at(0), at(1)).await;
            assert!(matches!(begun, Err(CreateError::Ended(_))), "{begun:?}");
            store.create(&key(2), &user_at("u1", 0), at(1)).await.unwrap();
            let listed = store.list(&realm(), Some("u1"), at(1)).await.unwrap();
            assert_eq!(listed.len(), 1, "{damage}");
        });
    }
}

#[test]
fn a_newer_format_is_refused_with_a_sentence() {
    let table = new_table();
    let store = store_on(PostgresServer::shared(), &table);
    run(async { store.create(&key(1), &guest_at(0), at(0)).await.unwrap() });
    PostgresServer::shared().ask(&format!("UPDATE \"{table}_generations\" SET generation = 2"));
    let newer = store_on(PostgresServer::shared(), &table);
    assert_eq!(
        run(newer.load(&key(1), &realm(), at(0))).unwrap_err().to_string(),
        "the session store has format 2, this program knows 1; use a newer one"
    );
}

#[test]
fn tables_of_somebody_else_are_left_alone() {
    let table = new_table();
    let server = PostgresServer::shared();
    server.ask(&format!(
        "CREATE TABLE \"{table}_generations\" (realm bytea, subject text, generation bigint)"
    ));
    let error = run(store_on(server, &table).load(&key(1), &realm(), at(0))).unwrap_err();
    assert!(
        error.to_string().contains("choose another session_kind"),
        "{error}"
    );
}

#[test]
fn tables_that_were_dropped_are_made_again() {
    let table = new_table();
    let store = store_on(PostgresServer::shared(), &table);
    run(async { store.create(&key(1), &guest_at(0), at(0)).await.unwrap() });
    PostgresServer::shared().ask(&format!("DROP TABLE \"{table}\", \"{table}_generations\""));
    run(async {
        assert_eq!(
            store.load(&key(1), &realm(), at(1)).await.unwrap(),
            Loaded::Missing
        );
        store.create(&key(2), &guest_at(0), at(0)).await.unwrap();
    });
}

#[test]
fn who_finds_the_tables_there_needs_no_right_to_make_any() {
    let server = PostgresServer::shared();
    let table = new_table();
    let owner = store_on(server, &table);
    run(async { owner.create(&key(1), &guest_at(0), at(0)).await.unwrap() });
    server.ask(&format!(
        "CREATE ROLE modest LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC;
         GRANT SELECT, INSERT, UPDATE, DELETE ON \"{table}\", \"{table}_generations\" TO modest"
    ));
    let modest = server.url().replace("postgres@", "modest@");
    let store = PostgresSessionStore::at(&modest, &table).unwrap();
    run(async {
        store
            .merge(&key(1), &realm(), &set("a", 1), None, at(1))
            .await
            .unwrap();
        let record = user_at("u1", 1);
        let login = crate::store::acceptance::rotation(Some(key(1)), key(2), &record);
        store.rotate(login, at(1)).await.unwrap();
        assert_eq!(store.kill(&realm(), Kill::Everyone, at(1)).await.unwrap(), 1);
        assert_eq!(store.sweep(at(1_000_000), 10).await.unwrap().removed, 2);
    });
}

#[test]
fn a_database_without_unicode_is_refused_with_a_sentence() {
    let server = PostgresServer::shared();
    server.ask("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    let url = format!("{}/latin", server.url().trim_end_matches("/postgres"));
    let store = PostgresSessionStore::at(&url, "s").unwrap();
    let error = run(store.load(&key(1), &realm(), at(0))).unwrap_err().to_string();
    assert!(error.contains("LATIN1") && error.contains("UTF8"), "{error}");
}

#[test]
fn commits_that_must_last_are_durable_even_where_the_database_is_set_otherwise() {
    let server = PostgresServer::start_with(PostgresSetup {
        settings: vec!["synchronous_commit=off".into(), "log_statement=all".into()],
        ..PostgresSetup::default()
    });
    let store = store_on(&server, "s");
    run(async { store.create(&key(1), &guest_at(0), at(0)).await.unwrap() });
    let log = server.log();
    let (set, created) = (
        log.find("set_config('synchronous_commit', 'on'"),
        log.find("INSERT INTO \"s\""),
    );
    assert!(set.is_some() && set < created, "{log}");
}

fn with_tls_and_password() -> PostgresServer {
    PostgresServer::start_with(PostgresSetup {
        password: Some("plums & quinces".into()),
        tls: true,
        settings: Vec::new(),
    })
}

#[test]
fn tls_is_what_sslmode_says() {
    let server = with_tls_and_password();
    let authority = server.certificates().authority;
    let own = format!("sslrootcert={}", authority.display());
    let by_address = server.url().replace("plums & quinces", "plums%20%26%20quinces");
    let by_name = by_address.replace("127.0.0.1", "localhost");
    // A name that the certificate does not have, for the same address.
    let by_other_name = by_address.replace("@127.0.0.1", "@elsewhere.example") + "?hostaddr=127.0.0.1&";
    let table = new_table();
    for (url, encrypted) in [
        (format!("{by_address}?sslmode=disable"), Some("f")),
        (by_address.clone(), Some("t")),
        (format!("{by_address}?sslmode=require"), Some("t")),
        (format!("{by_address}?sslmode=verify-full&{own}"), Some("t")),
        (format!("{by_name}?sslmode=verify-full&{own}"), Some("t")),
        (format!("{by_other_name}sslmode=verify-ca&{own}"), Some("t")),
        (format!("{by_other_name}sslmode=verify-full&{own}"), None),
        // The machine knows nothing of the test's authority.
        (format!("{by_address}?sslmode=verify-full"), None),
        (format!("{by_address}?sslmode=verify-ca"), None),
        (
            format!("{by_address}?sslmode=verify-full&sslrootcert=/nowhere"),
            None,
        ),
    ] {
        let store = PostgresSessionStore::at(&url, &table).unwrap();
        let loaded = run(store.load(&key(1), &realm(), at(0)));
        assert_eq!(loaded.is_ok(), encrypted.is_some(), "{url} {loaded:?}");
        let Some(encrypted) = encrypted else { continue };
        let seen = "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                    WHERE application_name = 'grange'";
        assert_eq!(server.ask(seen), encrypted, "{url}");
        drop(store);
        grange_test_servers::wait_until("the connection is closed", || server.ask(seen).is_empty());
    }
}

#[test]
fn a_server_without_tls_is_not_spoken_to_where_tls_is_required() {
    let plain = PostgresServer::shared();
    for mode in ["require", "verify-ca", "verify-full"] {
        let store = PostgresSessionStore::at(&format!("{}?sslmode={mode}", plain.url()), "t").unwrap();
        let loaded = run(store.load(&key(1), &realm(), at(0)));
        assert!(loaded.is_err(), "{mode}");
    }
}

#[test]
fn a_wrong_password_stands_in_no_error() {
    let server = with_tls_and_password();
    let url = server.url().replace("plums & quinces", "hushhush");
    let store = PostgresSessionStore::at(&url, "t").unwrap();
    let error = run(store.load(&key(1), &realm(), at(0))).unwrap_err();
    let told = format!("{error} {error:?}");
    assert!(
        told.contains("password authentication failed") && !told.contains("hushhush"),
        "{told}"
    );
}

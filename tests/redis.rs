//! What is special to sessions in a Redis: its password, and what it says of itself. What holds for every server
//! stands in elsewhere.rs.

use grange_test_servers::{RedisServer, Setup};

use crate::harness::{Farm, PASSWORD, SINGLE};

const START: &str = "http://h.example/Start";

fn keys(url: &str) -> String {
    format!("{SINGLE}cookie_lifetime = [1, 12]\nsession_store = \"{url}\"\n")
}

fn farm_at(url: &str) -> Farm {
    let farm = Farm::start(&keys(url));
    farm.add_user("main", "Mia", PASSWORD);
    farm
}

#[test]
fn a_reload_brings_another_password_and_no_password_is_shown_anywhere() {
    let redis = RedisServer::start_with(Setup {
        password: Some("plumsAndPears".into()),
        ..Setup::default()
    });
    let wrong = redis.url().replace("plumsAndPears", "quincesAlone");
    let farm = farm_at(&wrong);
    let refused = farm
        .visitor()
        .fill_in(START, "login", &[("name", "Mia"), ("password", PASSWORD)]);
    assert_eq!(refused.status, 503);
    farm.write_config(&keys(&redis.url()));
    let reloaded = farm.grange(&["reload"]);
    assert_eq!(reloaded.status, 0, "{reloaded:?}");
    farm.logged_in(START, "Mia");

    let mut shown = farm.log();
    for command in [
        &["check"][..],
        &["check", "--json"],
        &["config", "show", "--wiki", "main", "--why"],
        &["explain", START],
        &["sharing"],
        &["reload"],
        &["session", "list", "--wiki", "main"],
    ] {
        let told = farm.grange(command);
        assert_eq!(told.status, 0, "{command:?} {told:?}");
        shown.push_str(&(told.out + &told.err));
    }
    assert!(
        !shown.contains("plumsAndPears") && !shown.contains("quincesAlone"),
        "{shown}"
    );
    assert!(shown.contains("redis://:***@127.0.0.1"), "{shown}");
}

#[test]
fn the_check_asks_a_redis_what_it_does_with_sessions() {
    let redis = RedisServer::start_with(Setup {
        lines: vec!["maxmemory-policy allkeys-lru".into()],
        ..Setup::default()
    });
    let farm = Farm::prepare(&keys(&redis.url()));
    let told = farm.grange(&["check"]);
    assert_eq!(told.status, 1, "{told:?}");
    assert!(
        told.out.contains("L-31") && told.out.contains("allkeys-lru"),
        "{told:?}"
    );
    let url = redis.url();
    drop(redis);
    farm.write_config(&keys(&url));
    let told = farm.grange(&["check"]);
    assert_eq!(
        told.status, 0,
        "one that does not run is no mistake in the file: {told:?}"
    );
    assert!(told.out.contains("could not be asked"), "{told:?}");
}

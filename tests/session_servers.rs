//! Sessions in a Redis or a PostgreSQL that the tests start: shared by servers, away for a while, and told about
//! by commands. What holds for both is claimed for both.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use grange_test_servers::{PostgresServer, RedisServer, Setup, wait_until};

use crate::harness::{Answer, Farm, PASSWORD, SINGLE, Visitor};

const START: &str = "http://h.example/Start";
const NUMBER: &str = "http://h.example/Number";
const PLAIN: &str = "http://h.example/Plain";
const EDITOR: &str = "http://h.example/Plain?action=edit";

fn keys(url: &str) -> String {
    format!("{SINGLE}cookie_lifetime = [1, 12]\nsession_store = \"{url}\"\n")
}

fn farm_at(url: &str) -> Farm {
    let farm = Farm::start(&keys(url));
    farm.put_page("main", "Number", "<<SessionTest>>");
    farm.put_page("main", "Plain", "words");
    farm.add_user("main", "Mia", PASSWORD);
    farm
}

/// Who keeps the sessions.
enum Server {
    Redis(RedisServer),
    Postgres(PostgresServer),
}

impl Server {
    fn url(&self) -> String {
        match self {
            Server::Redis(server) => server.url(),
            Server::Postgres(server) => server.url(),
        }
    }

    fn stop(&mut self) {
        match self {
            Server::Redis(server) => server.stop(),
            Server::Postgres(server) => server.stop(),
        }
    }

    fn start_again(&mut self) {
        match self {
            Server::Redis(server) => server.start_again(),
            Server::Postgres(server) => server.start_again(),
        }
    }

    fn freeze(&self) {
        match self {
            Server::Redis(server) => server.freeze(),
            Server::Postgres(server) => server.freeze(),
        }
    }

    fn thaw(&self) {
        match self {
            Server::Redis(server) => server.thaw(),
            Server::Postgres(server) => server.thaw(),
        }
    }
}

macro_rules! claims {
    ($($claim:ident)*) => {
        mod redis {
            use super::*;
            $(#[test] fn $claim() { super::$claim(Server::Redis(RedisServer::start())); })*
        }
        mod postgres {
            use super::*;
            $(#[test] fn $claim() { super::$claim(Server::Postgres(PostgresServer::start())); })*
        }
    };
}

claims! {
    two_servers_share_logins_values_and_endings_through_it
    fifty_parallel_requests_to_two_servers_keep_fifty_values
    one_that_goes_away_and_comes_back_under_load_costs_no_page_no_cookie_and_no_login
    one_that_hangs_keeps_no_reader_waiting_for_good_and_logs_nobody_out
}

/// What `grange session …` printed.
fn session(farm: &Farm, arguments: &[&str]) -> String {
    let told = farm.grange(&[&["session"], arguments, &["--wiki", "main"]].concat());
    assert_eq!(told.status, 0, "{told:?}");
    told.out.trim().to_owned()
}

fn two_servers_share_logins_values_and_endings_through_it(server: Server) {
    let farm = farm_at(&server.url());
    let second = farm.second_process();
    let mut here = farm.logged_in(START, "Mia");
    let set = here.get(NUMBER).content();
    let mut there = here.clone().at(second.address());
    let seen = there.get(NUMBER);
    assert_eq!(seen.user().as_deref(), Some("Mia"));
    assert_eq!(seen.content(), set.replace("Set to", "Loaded"));
    there.log_out(START);
    assert_eq!(here.get(START).user(), None, "out on one, out on the other");

    let mut here = farm.logged_in(START, "Mia");
    let mut there = farm.logged_in(START, "Mia").at(second.address());
    assert_eq!(session(&farm, &["list", "--user", "Mia"]).lines().count(), 2);
    assert_eq!(session(&farm, &["kill", "Mia"]), "2 sessions ended");
    assert_eq!((here.get(START).user(), there.get(START).user()), (None, None));
    assert_eq!(session(&farm, &["list", "--user", "Mia"]), "no sessions");
    assert!(session(&farm, &["sweep"]).ends_with("removed"));
    assert!(
        !farm.path().join("wikis/main/sessions").exists(),
        "nothing is kept beside it"
    );
}

fn fifty_parallel_requests_to_two_servers_keep_fifty_values(server: Server) {
    let farm = farm_at(&server.url());
    let second = farm.second_process();
    for n in 0..50 {
        farm.put_page("main", &format!("Page{n}"), &format!("<<SessionTest(key{n})>>"));
    }
    let mut visitor = farm.logged_in(START, "Mia");
    let threads: Vec<_> = (0..50)
        .map(|n| {
            let tab = visitor.clone();
            let mut tab = if n % 2 == 0 { tab } else { tab.at(second.address()) };
            thread::spawn(move || tab.get(&format!("http://h.example/Page{n}")))
        })
        .collect();
    for tab in threads {
        assert_eq!(tab.join().unwrap().status, 200);
    }
    for n in 0..50 {
        let kept = visitor.get(&format!("http://h.example/Page{n}")).content();
        assert!(kept.starts_with("Loaded value "), "Page{n}: {kept}");
    }
}

/// Somebody who reloads a page until told to stop.
fn reload(visitor: &Visitor, page: &'static str, stop: &Arc<AtomicBool>) -> thread::JoinHandle<Vec<Answer>> {
    let (mut visitor, stop) = (visitor.clone(), Arc::clone(stop));
    thread::spawn(move || {
        let mut answers = Vec::new();
        while !stop.load(Ordering::SeqCst) {
            answers.push(visitor.get(page));
        }
        answers
    })
}

fn one_that_goes_away_and_comes_back_under_load_costs_no_page_no_cookie_and_no_login(mut server: Server) {
    let farm = farm_at(&server.url());
    let mut mia = farm.logged_in(START, "Mia");
    let number = mia.get(NUMBER).content().replace("Set to", "Loaded");
    let stop = Arc::new(AtomicBool::new(false));
    let guests = reload(&farm.visitor(), PLAIN, &stop);
    let users = [reload(&mia, PLAIN, &stop), reload(&mia, EDITOR, &stop)];

    for _ in 0..2 {
        server.stop();
        wait_until("the server notices", || mia.get(EDITOR).status == 503);
        for _ in 0..5 {
            assert_eq!(farm.visitor().get(PLAIN).status, 200, "guests read");
            let read = mia.get(PLAIN);
            assert_eq!((read.status, read.set_cookies().len()), (200, 0));
            let refused = mia.get(EDITOR);
            assert_eq!((refused.status, refused.set_cookies().len()), (503, 0));
            assert!(
                refused.text().contains("You are not logged out"),
                "{}",
                refused.text()
            );
            assert!(refused.header("retry-after").is_some());
            let login = farm
                .visitor()
                .fill_in(START, "login", &[("name", "Mia"), ("password", PASSWORD)]);
            assert_eq!((login.status, login.set_cookies().len()), (503, 0));
        }
        server.start_again();
        wait_until("sessions are found again", || {
            mia.get(START).user().as_deref() == Some("Mia")
        });
        assert_eq!(mia.get(NUMBER).content(), number);
        assert_eq!(mia.get(EDITOR).status, 200);
    }

    stop.store(true, Ordering::SeqCst);
    assert!(guests.join().unwrap().iter().all(|answer| answer.status == 200));
    for answers in users {
        for answer in answers.join().unwrap() {
            assert!(matches!(answer.status, 200 | 503), "{}", answer.status);
            let lines = answer.set_cookies().join("\n");
            assert!(!lines.contains("Max-Age=0"), "no cookie is taken away: {lines}");
        }
    }
}

fn one_that_hangs_keeps_no_reader_waiting_for_good_and_logs_nobody_out(server: Server) {
    let farm = farm_at(&server.url());
    let mut mia = farm.logged_in(START, "Mia");
    server.freeze();
    for _ in 0..5 {
        assert_eq!(farm.visitor().get(PLAIN).status, 200);
        assert_eq!(mia.get(PLAIN).status, 200);
        assert_eq!(mia.get(EDITOR).status, 503);
    }
    server.thaw();
    wait_until("sessions are found again", || {
        mia.get(START).user().as_deref() == Some("Mia")
    });
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

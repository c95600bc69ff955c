//! Guessing passwords: who has failed too often waits, others do not notice.
//!
//! When the door opens again is arithmetic, and tested where it is done.

use crate::harness::{Answer, Farm, PASSWORD, SINGLE, Visitor};

const PAGE: &str = "http://h.example/Page";

/// One wiki behind a trusted proxy, so that visitors can have addresses.
fn farm() -> Farm {
    let farm = Farm::start(&format!(
        "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\ntrusted_proxies = [\"127.0.0.1\"]\n{SINGLE}"
    ));
    farm.add_user("main", "Mia", PASSWORD);
    farm.add_user("main", "Tom", PASSWORD);
    farm
}

fn from(farm: &Farm, address: &str) -> Visitor {
    farm.visitor().with_header("x-forwarded-for", address)
}

fn log_in(visitor: &mut Visitor, name: &str, password: &str) -> Answer {
    visitor.fill_in(PAGE, "login", &[("name", name), ("password", password)])
}

fn fail(visitor: &mut Visitor, name: &str, times: usize) {
    for n in 0..times {
        let failed = log_in(visitor, name, "a wrong guess");
        assert_eq!(failed.status, 200, "try {n}");
        assert!(failed.text().contains("Invalid user name or password."));
    }
}

fn assert_waits(answer: &Answer) {
    assert_eq!((answer.status, answer.set_cookies().len()), (429, 0));
    let seconds: u32 = answer
        .header("retry-after")
        .expect("Retry-After")
        .parse()
        .unwrap();
    assert!((1..=900).contains(&seconds), "{seconds}");
}

#[test]
fn after_five_failures_even_the_right_password_waits() {
    let farm = farm();
    let mut visitor = from(&farm, "192.0.2.1");
    fail(&mut visitor, "Mia", 5);
    assert_waits(&log_in(&mut visitor, "Mia", "another guess"));
    assert_waits(&log_in(&mut visitor, "Mia", PASSWORD));
    assert_waits(&log_in(&mut from(&farm, "192.0.2.1"), "mia", PASSWORD));
}

#[test]
fn another_address_and_another_name_do_not_wait() {
    let farm = farm();
    let mut visitor = from(&farm, "192.0.2.1");
    fail(&mut visitor, "Mia", 5);
    assert_eq!(
        log_in(&mut from(&farm, "198.51.100.7"), "Mia", PASSWORD).status,
        303
    );
    assert_waits(&log_in(&mut visitor, "Mia", PASSWORD));
    assert_eq!(log_in(&mut visitor, "Tom", PASSWORD).status, 303);
}

#[test]
fn a_success_clears_what_was_before() {
    let farm = farm();
    for _ in 0..3 {
        let mut visitor = from(&farm, "192.0.2.1");
        fail(&mut visitor, "Mia", 4);
        assert_eq!(log_in(&mut visitor, "Mia", PASSWORD).status, 303);
    }
}

#[test]
fn names_that_do_not_exist_are_answered_and_counted_alike() {
    let farm = farm();
    let mut visitor = from(&farm, "192.0.2.1");
    fail(&mut visitor, "Nobody", 5);
    assert_waits(&log_in(&mut visitor, "Nobody", "a wrong guess"));
}

#[test]
fn fifty_failures_from_one_address_close_the_door_for_every_name() {
    let farm = farm();
    let mut visitor = from(&farm, "192.0.2.1");
    for n in 0..10 {
        fail(&mut visitor, &format!("Somebody{n}"), 5);
    }
    assert_waits(&log_in(&mut visitor, "Tom", PASSWORD));
    assert_eq!(
        log_in(&mut from(&farm, "198.51.100.7"), "Tom", PASSWORD).status,
        303
    );
}

#[test]
fn an_address_that_a_stranger_claims_is_not_believed() {
    let farm = Farm::start(SINGLE);
    farm.add_user("main", "Mia", PASSWORD);
    for n in 0..5 {
        fail(&mut from(&farm, &format!("192.0.2.{n}")), "Mia", 1);
    }
    assert_waits(&log_in(&mut from(&farm, "192.0.2.99"), "Mia", PASSWORD));
}

#[test]
fn many_logins_that_succeed_are_not_slowed_down() {
    let farm = farm();
    for _ in 0..60 {
        assert_eq!(log_in(&mut from(&farm, "192.0.2.1"), "Mia", PASSWORD).status, 303);
    }
}

#[test]
fn a_session_that_exists_goes_on_while_the_door_is_closed() {
    let farm = farm();
    let mut mia = from(&farm, "192.0.2.1");
    log_in(&mut mia, "Mia", PASSWORD);
    fail(&mut from(&farm, "192.0.2.1"), "Mia", 5);
    assert_eq!(mia.get(PAGE).user().as_deref(), Some("Mia"));
}

#[test]
fn failures_are_in_the_log_with_name_and_address_and_no_password() {
    let farm = farm();
    log_in(&mut from(&farm, "192.0.2.1"), "Mia", "a wrong guess");
    let log = farm.log();
    let line = log
        .lines()
        .find(|line| line.contains("login_failed"))
        .expect("an audit line");
    assert!(line.contains("Mia") && line.contains("192.0.2.1"), "{line}");
    assert!(!log.contains("a wrong guess"));
}

#[test]
fn guessing_which_names_are_taken_is_limited_as_well() {
    let farm = farm();
    let mut visitor = from(&farm, "192.0.2.1");
    let fields = [
        ("name", "Mia"),
        ("password1", PASSWORD),
        ("password2", PASSWORD),
        ("email", ""),
    ];
    for _ in 0..5 {
        assert_eq!(visitor.fill_in(PAGE, "newaccount", &fields).status, 200);
    }
    assert_waits(&visitor.fill_in(PAGE, "newaccount", &fields));
}

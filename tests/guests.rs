//! Visitors who are not logged in: who gets a cookie, when something is stored, and the sample macro.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::harness::{Farm, PASSWORD, SINGLE, Visitor};

const NEW: &str = "Not storing any state until you send a cookie.";

/// One wiki where guests have sessions of an hour, with a plain page and one with the sample macro.
fn open_farm() -> Farm {
    let farm = Farm::start(&format!("{SINGLE}cookie_lifetime = [1, 12]\n"));
    farm.put_page("main", "Plain", "Nothing but words.");
    farm.put_page("main", "Number", "<<SessionTest>>");
    farm
}

/// How many sessions are stored below this directory.
fn stored(farm: &Farm, session_dir: &str) -> i64 {
    let file = farm.path().join(session_dir).join("sessions.db");
    if !Path::new(&file).exists() {
        return 0;
    }
    let store = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    store
        .query_row("SELECT count(*) FROM sessions", [], |row| row.get(0))
        .unwrap()
}

fn number(visitor: &mut Visitor) -> String {
    visitor.get("http://h.example/Number").content()
}

#[test]
fn where_guests_have_no_sessions_none_of_their_answers_sets_a_cookie() {
    let farm = Farm::start(SINGLE);
    farm.put_page("main", "Plain", "words");
    farm.put_page("main", "Number", "<<SessionTest>>");
    let mut visitor = farm.visitor();
    let paths = [
        "",
        "Plain",
        "Number",
        "Missing",
        "Plain?action=raw",
        "Plain?action=info",
        "Plain?action=edit",
        "Plain?action=login",
        "Plain?action=newaccount",
        "Plain?action=nosuch",
        "plain%2fx?logged_out=1",
    ];
    for path in paths {
        let url = format!("http://h.example/{path}");
        assert!(visitor.get(&url).set_cookies().is_empty(), "GET {path}");
        assert!(visitor.head(&url).set_cookies().is_empty(), "HEAD {path}");
    }
    assert_eq!(number(&mut visitor), NEW);
    assert_eq!(number(&mut visitor), NEW, "and it stays so");
    assert!(!farm.path().join("wikis/main/sessions/sessions.db").exists());
}

#[test]
fn the_first_view_of_a_page_brings_a_cookie_and_the_second_keeps_it() {
    let farm = open_farm();
    let mut visitor = farm.visitor();
    let first = visitor.get("http://h.example/Plain");
    let line = "GRANGE_SESSION_ROOT=ID; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax";
    assert_eq!(first.cookie_line().as_deref(), Some(line));
    assert_eq!(visitor.get("http://h.example/Plain").cookie_line(), None);
}

#[test]
fn only_page_views_that_succeed_bring_a_cookie() {
    let farm = open_farm();
    let style = farm
        .visitor()
        .get("http://h.example/Plain")
        .attributes("link[rel=stylesheet]", "href")
        .remove(0);
    let others = [
        "Missing",
        "Plain?action=raw",
        "Plain?action=login",
        "Plain?action=newaccount",
        "Plain?action=edit",
        "Plain?action=nosuch",
        "Plain?action=info",
        "Pl%61in",
        "Plain?rev=99",
        style.trim_start_matches('/'),
    ];
    for path in others {
        let answer = farm.visitor().get(&format!("http://h.example/{path}"));
        assert!(answer.set_cookies().is_empty(), "{path} ({})", answer.status);
    }
    assert!(
        farm.visitor()
            .head("http://h.example/Plain")
            .set_cookies()
            .is_empty(),
        "HEAD"
    );
    let posted = farm
        .visitor()
        .post("http://h.example/Plain?action=login", &[("name", "x")]);
    assert!(posted.set_cookies().is_empty(), "POST");
}

#[test]
fn an_address_without_a_wiki_sets_no_cookie() {
    let farm = Farm::start("[wiki.main]\nat = [\"wiki.example.org\"]\ncookie_lifetime = [1, 12]\n");
    let lost = farm.visitor().get("http://other.example.org/");
    assert_eq!((lost.status, lost.cookie_line()), (404, None));
    assert!(lost.text().contains("No wiki is configured at this address."));
}

#[test]
fn a_redirect_to_the_canonical_address_sets_no_cookie() {
    let config = "[wiki.main]\nat = [\"example.org/wiki\"]\naliases = [\"old.example.org\"]\ncookie_lifetime = [1, 12]\n";
    let farm = Farm::start(config);
    farm.put_page("main", "Plain", "words");
    for (from, to) in [
        ("http://old.example.org/Plain", "http://example.org/wiki/Plain"),
        ("http://example.org/wiki", "/wiki/"),
    ] {
        let moved = farm.visitor().get(from);
        assert_eq!((moved.status, moved.cookie_line()), (301, None), "{from}");
        assert!(
            moved.header("location").unwrap().ends_with(to),
            "{:?}",
            moved.header("location")
        );
    }
}

#[test]
fn the_sample_macro_says_its_three_sentences_in_order_and_through_a_crash() {
    let mut farm = open_farm();
    let mut visitor = farm.visitor();
    assert_eq!(number(&mut visitor), NEW);
    let set = number(&mut visitor);
    let value = set.strip_prefix("Set to value ").unwrap().to_owned();
    assert_eq!(number(&mut visitor), format!("Loaded value {value}"));
    farm.restart(); // kill -9, and on again
    let mut visitor = visitor.at(farm.address(0));
    assert_eq!(number(&mut visitor), format!("Loaded value {value}"));
}

#[test]
fn a_cookie_from_any_page_is_the_one_that_the_macro_waits_for() {
    let farm = open_farm();
    let mut visitor = farm.visitor();
    visitor.get("http://h.example/Plain");
    assert!(number(&mut visitor).starts_with("Set to value "));
}

#[test]
fn each_guest_has_a_number_of_their_own() {
    let farm = open_farm();
    let mut values: Vec<String> = Vec::new();
    for _ in 0..4 {
        let mut visitor = farm.visitor();
        number(&mut visitor);
        values.push(number(&mut visitor).replace("Set to value ", ""));
        assert_eq!(
            number(&mut visitor),
            format!("Loaded value {}", values.last().unwrap())
        );
    }
    assert_eq!(stored(&farm, "wikis/main/sessions"), 4);
    assert!(values.iter().any(|value| *value != values[0]), "{values:?}");
}

#[test]
fn thousands_of_requests_without_a_cookie_leave_the_store_empty() {
    let farm = open_farm();
    let hits: Vec<_> = (0..4)
        .map(|_| {
            let mut bot = farm.visitor();
            std::thread::spawn(move || {
                for n in 0..1000 {
                    bot.jar.clear();
                    let answer = bot.get(if n % 2 == 0 {
                        "http://h.example/Number"
                    } else {
                        "http://h.example/Plain"
                    });
                    assert!(answer.cookie_line().is_some());
                }
            })
        })
        .collect();
    hits.into_iter().for_each(|hit| hit.join().unwrap());
    assert_eq!(stored(&farm, "wikis/main/sessions"), 0);
}

#[test]
fn a_cookie_alone_stores_nothing_where_nothing_is_remembered() {
    let farm = Farm::start(&format!("{SINGLE}cookie_lifetime = [1, 12]\ntrail_size = 0\n"));
    farm.put_page("main", "Plain", "words");
    let mut visitor = farm.visitor();
    for _ in 0..3 {
        visitor.get("http://h.example/Plain");
    }
    assert_eq!(stored(&farm, "wikis/main/sessions"), 0);
}

#[test]
fn a_head_request_stores_nothing() {
    let farm = open_farm();
    let mut visitor = farm.visitor();
    number(&mut visitor);
    visitor.head("http://h.example/Number");
    assert_eq!(stored(&farm, "wikis/main/sessions"), 0);
    assert!(number(&mut visitor).starts_with("Set to value "), "a GET does");
}

#[test]
fn two_first_visits_at_once_lose_nothing() {
    let farm = open_farm();
    let (mut one, mut other) = (farm.visitor(), farm.visitor());
    number(&mut one);
    number(&mut other);
    // The browser has one jar: the second line wins.
    one.jar = other.jar.clone();
    let set = number(&mut one);
    assert_eq!(number(&mut other), set.replace("Set to", "Loaded"));
}

#[test]
fn a_guest_is_told_of_logging_out_without_any_session() {
    let farm = Farm::start(SINGLE);
    farm.add_user("main", "Mia", PASSWORD);
    let mut visitor = farm.visitor();
    visitor.log_in("http://h.example/Page", "Mia", PASSWORD);
    let goodbye = visitor.log_out("http://h.example/");
    assert!(
        goodbye.text().contains("You are now logged out."),
        "{}",
        goodbye.text()
    );
    assert!(visitor.jar.cookies().is_empty());
    assert!(
        !visitor
            .get("http://h.example/")
            .text()
            .contains("You are now logged out.")
    );
}

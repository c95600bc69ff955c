//! Forged and doubled cookies, requests in flight, stores that fail.
//!
//! A request in flight is played by opening a session, letting the other thing happen, and finishing.

use super::*;

const NAME: &str = "GRANGE_SESSION_ROOT";

#[test]
fn forged_ids_never_reach_the_store_and_are_never_adopted() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let shaped = format!("v1.{}.1790000000000.{}", "A".repeat(43), "A".repeat(43));
    for forged in [
        shaped.as_str(),
        "",
        "x",
        "a/../../b",
        "v1...",
        "0123456789abcdef0123456789abcdef01234567",
    ] {
        let browser = Browser::new();
        browser.plant(NAME, forged);
        let mut session = browser.open(&wiki, 0);
        assert!(session.is_new());
        session.insert("a", 1).unwrap();
        let outcome = Outcome {
            offer_pending: false,
            ..page_view(0)
        };
        assert!(browser.try_finish(&wiki, session, &outcome).unwrap().is_empty());
    }
    assert_eq!(farm.store.operations(), 0);
}

#[test]
fn a_login_under_a_planted_id_never_makes_that_id_good() {
    let (farm, victim, attacker) = (Farm::new(), Browser::new(), Browser::new());
    let wiki = farm.wiki(policy());
    attacker.macro_text(&wiki, 0);
    attacker.macro_text(&wiki, 1);
    let victim = {
        drop(victim);
        attacker.copy()
    };
    victim.log_in(&wiki, "u1", 2);
    assert_eq!(attacker.user(&wiki, 3), None);
    assert_eq!(attacker.macro_text(&wiki, 62), NOT_STORING);
    assert_eq!(
        attacker.macro_text(&wiki, 63),
        "Set to value 42",
        "the attacker got a session of their own"
    );
    assert_eq!(victim.user(&wiki, 64).as_deref(), Some("u1"));
}

#[test]
fn garbage_and_dead_twins_never_hide_a_session() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let dead = Browser::new();
    dead.log_in(&wiki, "u0", 0);
    let dead_cookie = dead.cookie_header();
    dead.post(&wiki, 1, Session::log_out);
    let real = Browser::new();
    real.log_in(&wiki, "u1", 2);
    let ours = real.cookie_header();
    let forged = format!("{NAME}=v1.{}.1790000000000.{}", "B".repeat(43), "B".repeat(43));
    let twins = [
        format!("{NAME}=garbage; {forged}; {dead_cookie}; {ours}"),
        format!("{ours}; {forged}; {dead_cookie}"),
        format!("{}{ours}", format!("{forged}; ").repeat(400)),
        format!("\u{e9}={NAME}; {NAME}; ={NAME}=; {ours}"),
    ];
    for header in twins {
        let facts = RequestFacts {
            cookie_headers: &[header.as_bytes()],
            ..RequestFacts::at(at(3))
        };
        let session = run(wiki.open(&facts));
        assert_eq!(session.identity().unwrap().user_id, "u1", "{header}");
        assert!(run(wiki.finish(session, &page_view(3))).unwrap().is_empty());
    }
}

#[test]
fn genuine_ids_of_guests_and_of_ended_sessions_planted_in_front_hide_no_login() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let mut planted = String::new();
    for kind in 0..12 {
        let attacker = Browser::new();
        attacker.view(&wiki, 0, |_| ());
        match kind % 3 {
            0 => {}
            1 => drop(attacker.macro_text(&wiki, 0)),
            _ => drop(attacker.log_in(&wiki, "u0", 0)),
        }
        planted.push_str(&format!("{}; ", attacker.cookie_header()));
        if kind % 3 == 2 {
            attacker.post(&wiki, 1, Session::log_out);
        }
    }
    let real = Browser::new();
    real.log_in(&wiki, "u1", 2);
    let header = format!("{planted}{}", real.cookie_header());
    let facts = RequestFacts {
        cookie_headers: &[header.as_bytes()],
        ..RequestFacts::at(at(3))
    };
    assert_eq!(run(wiki.open(&facts)).identity().unwrap().user_id, "u1");
}

#[test]
fn a_header_full_of_our_name_costs_no_more_than_a_few_lookups() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let mut header = String::new();
    for _ in 0..2 * MAX_CANDIDATES {
        let visitor = Browser::new();
        visitor.view(&wiki, 0, |_| ());
        header.push_str(&format!("{}; ", visitor.cookie_header()));
    }
    let facts = RequestFacts {
        cookie_headers: &[header.as_bytes()],
        ..RequestFacts::at(at(1))
    };
    run(wiki.open(&facts));
    assert_eq!(farm.store.operations(), MAX_CANDIDATES);
}

#[test]
fn an_answer_on_its_way_at_a_logout_takes_no_cookie_of_a_login_that_follows() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    let slow = browser.copy();
    let late = browser.copy();
    let mut session = slow.open(&wiki, 1);
    browser.post(&wiki, 2, Session::log_out);
    browser.log_in(&wiki, "u1", 3);
    session.insert("late", 1).unwrap();
    assert!(slow.finish(&wiki, session, 4).is_empty());
    assert!(late.view(&wiki, 5, |_| ()).cookies.is_empty());
    let gone = late.view(&wiki, 63, |_| ()).cookies;
    assert!(gone[0].contains(NAME), "{gone:?}");
}

#[test]
fn a_save_in_flight_does_not_bring_a_logged_out_session_back() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    let slow = browser.copy();
    let mut session = slow.open(&wiki, 1);
    browser.post(&wiki, 2, Session::log_out);
    session.insert("late", 1).unwrap();
    let cookies = slow.finish(&wiki, session, 400);
    assert!(cookies[0].contains("Max-Age=0"), "{cookies:?}");
    assert!(farm.sessions(400).is_empty());
}

#[test]
fn a_use_written_down_late_takes_nothing_back_that_others_wrote_meanwhile() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.macro_text(&wiki, 0);
    browser.view(&wiki, 1, |session| {
        session.insert("changed", 1).unwrap();
        session.insert("removed", 1).unwrap();
    });
    // Its use is due to be written down, and it has read everything.
    let mut slow = browser.open(&wiki, 1000);
    assert_eq!(slow.len(), 2);
    slow.mark_changed();
    browser.view(&wiki, 1000, |session| {
        session.insert("changed", 2).unwrap();
        session.remove("removed");
        session.insert("new", 3).unwrap();
    });
    browser.finish(&wiki, slow, 1000);
    let after = browser.open(&wiki, 1001);
    assert_eq!(
        (after.get_or("changed", 0), after.get_or("new", 0)),
        (Value::Int(2), Value::Int(3))
    );
    assert!(!after.contains_key("removed"));
}

#[test]
fn a_request_in_flight_never_overwrites_the_cookie_of_a_login() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.macro_text(&wiki, 0);
    browser.macro_text(&wiki, 1);
    let mut stored = browser.open(&wiki, 2);
    browser.log_in(&wiki, "u1", 3);
    stored.insert("late", 1).unwrap();
    assert!(browser.finish(&wiki, stored, 400).is_empty());
    assert_eq!(browser.user(&wiki, 401).as_deref(), Some("u1"));
}

#[test]
fn a_page_asked_for_with_the_id_from_before_a_login_gets_no_first_cookie_behind_the_logins() {
    for began in ["with a session", "pending", "ended"] {
        let (farm, browser) = (Farm::new(), Browser::new());
        let wiki = farm.wiki(policy());
        browser.macro_text(&wiki, 0);
        if began != "pending" {
            browser.macro_text(&wiki, 1);
        }
        if began == "ended" {
            farm.kill(Kill::Guests, 2);
        }
        let before = browser.copy();
        browser.log_in(&wiki, "u1", 3);
        for seconds in [2, 3, 62] {
            let answer = before.copy().view(&wiki, seconds, |session| session.is_new());
            assert!(
                answer.seen && answer.cookies.is_empty(),
                "{began} {seconds}: {:?}",
                answer.cookies
            );
        }
        // A minute later nothing can be on its way any more: this browser kept its old cookie.
        let answer = before.view(&wiki, 63, |session| session.is_new());
        assert!(
            answer.seen && answer.cookies[0].contains("=v1."),
            "{began}: {:?}",
            answer.cookies
        );
        assert_eq!(before.macro_text(&wiki, 64), "Set to value 42");
        assert_eq!(browser.user(&wiki, 65).as_deref(), Some("u1"));
    }
}

#[test]
fn a_picture_asked_for_with_the_id_from_before_a_login_does_not_remove_the_login() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.macro_text(&wiki, 0);
    browser.macro_text(&wiki, 1);
    let before = browser.copy();
    browser.log_in(&wiki, "u1", 2);
    assert!(
        before
            .post(&wiki, 2, |session| session.is_new())
            .cookies
            .is_empty()
    );
}

#[test]
fn a_first_write_in_flight_does_not_begin_a_session_under_an_id_that_a_login_ended() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.view(&wiki, 0, |_| ());
    let mut pending = browser.open(&wiki, 1);
    browser.log_in(&wiki, "u1", 2);
    pending.insert("late", 1).unwrap();
    assert!(browser.finish(&wiki, pending, 3).is_empty());
    assert_eq!(farm.sessions(3).len(), 1);
    assert_eq!(browser.user(&wiki, 4).as_deref(), Some("u1"));
}

#[test]
fn a_save_in_flight_does_not_survive_a_kill() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.macro_text(&wiki, 0);
    browser.macro_text(&wiki, 1);
    let mut session = browser.open(&wiki, 2);
    assert_eq!(farm.kill(Kill::Guests, 3), 1);
    session.insert("late", 1).unwrap();
    assert!(browser.finish(&wiki, session, 4)[0].contains("Max-Age=0"));
    assert!(farm.sessions(4).is_empty());
}

#[test]
fn pending_ids_from_before_a_kill_of_guests_begin_nothing() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.view(&wiki, 0, |_| ());
    let mut in_flight = browser.open(&wiki, 1);
    farm.kill(Kill::Guests, 2);
    in_flight.insert("late", 1).unwrap();
    let late = browser.copy();
    assert!(late.finish(&wiki, in_flight, 3)[0].contains("Max-Age=0"));
    assert_eq!(browser.macro_text(&wiki, 4), NOT_STORING);
    assert_eq!(
        browser.macro_text(&wiki, 5),
        "Set to value 42",
        "the fresh pending id is good"
    );
}

#[test]
fn two_first_writes_at_once_are_both_kept() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.view(&wiki, 0, |_| ());
    let (mut one, mut two) = (browser.open(&wiki, 1), browser.open(&wiki, 1));
    one.insert("one", 1).unwrap();
    two.insert("two", 2).unwrap();
    browser.finish(&wiki, one, 2);
    browser.finish(&wiki, two, 2);
    assert_eq!(browser.view(&wiki, 3, |session| session.len()).seen, 2);
}

#[test]
fn writes_of_two_tabs_to_different_keys_are_both_kept() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    let (mut one, mut two) = (browser.open(&wiki, 1), browser.open(&wiki, 1));
    one.insert("one", 1).unwrap();
    two.insert("two", 2).unwrap();
    browser.finish(&wiki, two, 2);
    browser.finish(&wiki, one, 2);
    assert_eq!(browser.view(&wiki, 3, |session| session.len()).seen, 2);
}

#[test]
fn a_store_that_is_down_takes_no_cookie_away_and_is_told() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    farm.store.unplug(true);
    let mut session = browser.open(&wiki, 1);
    assert!(session.store_is_down() && session.identity().is_none() && session.is_new());
    session.insert("a", 1).unwrap();
    assert!(browser.finish(&wiki, session, 1).is_empty());
    farm.store.unplug(false);
    assert_eq!(browser.user(&wiki, 2).as_deref(), Some("u1"));
}

#[test]
fn a_store_that_fails_at_the_end_fails_no_page() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.macro_text(&wiki, 0);
    browser.macro_text(&wiki, 1);
    let mut session = browser.open(&wiki, 2000);
    session.insert("lost", 1).unwrap();
    farm.store.unplug(true);
    assert!(browser.finish(&wiki, session, 2000).is_empty());
    farm.store.unplug(false);
    assert_eq!(browser.macro_text(&wiki, 2001), "Loaded value 42");
}

#[test]
fn anonymous_views_without_our_cookie_do_not_notice_a_store_that_is_down() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    farm.store.unplug(true);
    let answer = browser.view(&wiki, 0, |session| session.store_is_down());
    assert_eq!((answer.seen, answer.cookies.len()), (false, 1));
}

#[test]
fn a_login_logout_or_new_id_that_cannot_be_stored_is_told_and_changes_nothing() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    let switches: [fn(&mut Session); 3] = [
        |s| s.log_in(identity("u2", at(1)), Remember::No),
        Session::log_out,
        Session::rotate,
    ];
    for (number, switch) in switches.iter().enumerate() {
        // Down from the beginning, or only at the end.
        for down_at_open in [true, false] {
            farm.store.unplug(down_at_open);
            let mut session = browser.open(&wiki, 1);
            farm.store.unplug(true);
            switch(&mut session);
            let told = browser.try_finish(&wiki, session, &page_view(1));
            assert!(
                matches!(told, Err(FinishError::NotStored(_))),
                "{number} {told:?}"
            );
        }
    }
    farm.store.unplug(false);
    assert_eq!(browser.user(&wiki, 2).as_deref(), Some("u1"));
}

#[test]
fn a_rotation_while_a_logout_is_in_flight_leaves_nobody_logged_in() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    let mut slow = browser.open(&wiki, 1);
    slow.rotate();
    browser.post(&wiki, 2, Session::log_out);
    assert!(browser.finish(&wiki, slow, 3)[0].contains("Max-Age=0"));
    assert!(farm.sessions(3).is_empty());
}

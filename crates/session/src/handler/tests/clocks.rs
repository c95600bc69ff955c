//! A clock that was wrong for a while: what was stamped meanwhile neither lives for ever nor logs anybody out.
//!
//! Times are seconds; `AHEAD` is how far the clock was ahead before it was set right.

use super::*;
use crate::identity::Acting;

const AHEAD: u64 = 400 * 24 * 60 * 60;
const HOUR: u64 = 60 * 60;

/// A browser that logged in while the clock was ahead, and kept something.
fn logged_in_ahead(wiki: &CookieHandler) -> Browser {
    let browser = Browser::new();
    browser.log_in(wiki, "u1", AHEAD);
    browser.view(wiki, AHEAD + 1, |session| session.insert("cart", "full").unwrap());
    browser
}

#[test]
fn setting_the_clock_back_logs_nobody_out_and_loses_nothing() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = logged_in_ahead(&wiki);
    let answer = browser.view(&wiki, 0, |session| {
        (session.identity().is_some(), session.contains_key("cart"))
    });
    assert_eq!((answer.seen, answer.cookies.len()), ((true, true), 1));
    let answer = browser.view(&wiki, 1, |session| {
        (session.identity().is_some(), session.contains_key("cart"))
    });
    assert_eq!((answer.seen, answer.cookies.len()), ((true, true), 0));
    let sessions = farm.sessions(1);
    assert_eq!(sessions.len(), 1, "the session goes on; it is not doubled");
    assert_eq!((sessions[0].created, sessions[0].last_seen), (at(0), at(0)));
}

#[test]
fn a_session_made_while_the_clock_was_ahead_is_not_immortal() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = logged_in_ahead(&wiki);
    assert!(browser.user(&wiki, 0).is_some());
    assert!(browser.copy().user(&wiki, 11 * HOUR).is_some());
    assert_eq!(
        browser.copy().user(&wiki, 24 * HOUR),
        None,
        "idle for more than 12 hours"
    );
    // The absolute limit, 30 days after login, counts too.
    let busy = logged_in_ahead(&wiki);
    let days = 24 * HOUR;
    let ended = (0..)
        .find(|eighth| busy.user(&wiki, 8 * HOUR * eighth).is_none())
        .unwrap();
    assert_eq!(8 * HOUR * ended / days, 30);
}

#[test]
fn a_clock_that_differs_by_five_minutes_is_not_wrong() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = Browser::new();
    browser.log_in(&wiki, "u1", 300);
    let writes = farm.store.writes();
    let answer = browser.view(&wiki, 0, |session| session.identity().is_some());
    assert_eq!((answer.seen, answer.cookies.len()), (true, 0));
    assert_eq!(farm.store.writes(), writes);
}

#[test]
fn a_pending_id_from_a_clock_that_was_ahead_is_replaced() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = Browser::new();
    browser.view(&wiki, AHEAD, |_| ());
    let old = browser.copy();
    let answer = browser.view(&wiki, 0, |session| session.is_new());
    assert_eq!((answer.seen, answer.cookies.len()), (true, 1));
    assert_eq!(browser.macro_text(&wiki, 1), "Set to value 42");
    // A year on, the old one begins nothing either.
    old.view(&wiki, AHEAD - HOUR, |session| assert!(session.is_new()));
}

#[test]
fn acting_begun_while_the_clock_was_ahead_ends_after_its_hour_and_a_proof_grows_no_younger() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = logged_in_ahead(&wiki);
    browser.post(&wiki, AHEAD + 60, |session| {
        session.act_as(Acting {
            user_id: "u2".into(),
            since: at(AHEAD + 60),
            reason: "help".into(),
        });
    });
    let proven = |seconds| {
        browser
            .view(&wiki, seconds, |session| {
                let proven = session.identity().unwrap().is_proven(at(seconds));
                (session.acting().is_some(), proven)
            })
            .seen
    };
    // The proof was a minute old when the clock was set.
    assert_eq!(proven(0), (true, true));
    assert_eq!(proven(14 * 60), (true, true));
    assert_eq!(proven(14 * 60 + 1), (true, false));
    assert_eq!(proven(HOUR - 1), (true, false));
    assert_eq!(proven(HOUR), (false, false));
}

#[test]
fn a_parallel_request_after_the_clock_was_set_back_reads_the_session_and_a_head_request_changes_nothing() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = logged_in_ahead(&wiki);
    let parallel = browser.copy();
    let head = Outcome {
        discard_writes: true,
        ..page_view(0)
    };
    let session = browser.open(&wiki, 0);
    assert!(browser.try_finish(&wiki, session, &head).unwrap().is_empty());
    assert_eq!(browser.user(&wiki, 0).as_deref(), Some("u1"));
    let answer = parallel.view(&wiki, 1, |session| session.identity().is_some());
    assert_eq!((answer.seen, answer.cookies.len()), (true, 0));
    assert_eq!(farm.sessions(1).len(), 1);
}

#[test]
fn a_store_that_fails_meanwhile_logs_nobody_out() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = logged_in_ahead(&wiki);
    let session = browser.open(&wiki, 0);
    farm.store.unplug(true);
    assert!(browser.finish(&wiki, session, 0).is_empty());
    farm.store.unplug(false);
    assert_eq!(browser.user(&wiki, 1).as_deref(), Some("u1"));
}

#[test]
fn a_logout_after_the_clock_was_set_back_ends_the_session() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = logged_in_ahead(&wiki);
    let thief = browser.copy();
    browser.post(&wiki, 0, Session::log_out);
    assert_eq!(farm.sessions(1).len(), 0);
    assert_eq!(thief.user(&wiki, 1), None);
}

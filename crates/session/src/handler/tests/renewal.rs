//! New ids for the same user: requests that are on their way with the old one may read, and nothing else.
//!
//! At a login, a logout and a change of user the old id is dead at once; that is claimed in tests/login.rs.

use super::*;
use crate::identity::Acting;

/// A browser whose user got a new id at 1, and its cookies from before.
fn renewed(wiki: &CookieHandler) -> (Browser, Browser) {
    let browser = Browser::new();
    browser.log_in(wiki, "u1", 0);
    browser.view(wiki, 0, |session| session.insert("language", "ru").unwrap());
    let parallel = browser.copy();
    browser.post(wiki, 1, Session::rotate);
    (browser, parallel)
}

#[test]
fn a_renewal_keeps_parallel_requests_alive_to_read_and_a_login_does_not() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let (browser, parallel) = renewed(&wiki);
    let writes = farm.store.writes();
    let answer = parallel.view(&wiki, 2, |session| {
        session.insert("late", 1).unwrap();
        session.mark_changed();
        (
            session.identity().is_some(),
            session.contains_key("language"),
            session.is_new(),
        )
    });
    assert_eq!((answer.seen, answer.cookies.len()), ((true, true, false), 0));
    assert_eq!(farm.store.writes(), writes, "it may read and not write");
    assert!(
        !browser
            .view(&wiki, 3, |session| session.contains_key("late"))
            .seen
    );
    assert!(parallel.open(&wiki, 30).identity().is_some());
    assert!(parallel.open(&wiki, 31).identity().is_none());
    let parallel = browser.copy();
    browser.log_in(&wiki, "u1", 40);
    assert!(parallel.open(&wiki, 41).identity().is_none());
}

#[test]
fn two_renewals_in_a_row_are_followed_to_the_end() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let (browser, parallel) = renewed(&wiki);
    browser.post(&wiki, 2, Session::rotate);
    assert_eq!(parallel.user(&wiki, 3).as_deref(), Some("u1"));
}

#[test]
fn a_ticket_made_beside_a_renewal_is_good_for_the_new_session() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let (browser, parallel) = renewed(&wiki);
    let key = |browser: &Browser| browser.open(&wiki, 2).key_text().map(str::to_owned);
    assert!(key(&browser).is_some());
    assert_eq!(key(&parallel), key(&browser));
}

#[test]
fn a_logout_with_the_id_from_before_a_renewal_ends_the_session() {
    let farm = Farm::new();
    let wiki = farm.wiki(with_lifetimes(0.0, 12.0));
    let (browser, parallel) = renewed(&wiki);
    let answer = parallel.post(&wiki, 2, Session::log_out);
    assert!(answer.cookies[0].contains("Max-Age=0"), "{:?}", answer.cookies);
    assert_eq!(browser.user(&wiki, 3), None);
}

#[test]
fn a_login_with_the_id_from_before_a_renewal_ends_the_session() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let (browser, parallel) = renewed(&wiki);
    parallel.log_in(&wiki, "u2", 2);
    assert_eq!(browser.user(&wiki, 3), None);
    assert_eq!(parallel.user(&wiki, 3).as_deref(), Some("u2"));
}

#[test]
fn a_kill_and_a_logout_end_what_a_renewed_id_leads_to() {
    let farm = Farm::new();
    let wiki = farm.wiki(with_lifetimes(0.0, 12.0));
    for killed in [false, true] {
        let (browser, parallel) = renewed(&wiki);
        match killed {
            true => assert_eq!(farm.kill(Kill::User("u1"), 2), 1),
            false => drop(browser.post(&wiki, 2, Session::log_out)),
        }
        assert!(parallel.open(&wiki, 3).identity().is_none(), "killed: {killed}");
    }
}

#[test]
fn with_the_id_from_before_a_renewal_nobody_becomes_somebody_else() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let (_browser, parallel) = renewed(&wiki);
    let mut session = parallel.open(&wiki, 2);
    session.act_as(Acting {
        user_id: "u2".into(),
        since: at(2),
        reason: String::new(),
    });
    let refused = parallel.try_finish(&wiki, session, &page_view(2));
    assert!(matches!(refused, Err(FinishError::NotStored(_))));
}

#[test]
fn acting_after_a_renewal_in_the_same_request_turns_parallel_requests_away() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    let parallel = browser.copy();
    browser.post(&wiki, 1, |session| {
        session.rotate();
        session.act_as(Acting {
            user_id: "u2".into(),
            since: at(1),
            reason: String::new(),
        });
    });
    assert!(parallel.open(&wiki, 2).identity().is_none());
}

//! Sibling wikis: what is shared, and that no visit to one harms a session of another.
//!
//! The five traps are MoinMoin's, observed: each of them destroyed or cut a shared session there.

use super::*;
use crate::identity::Acting;

fn sibling(anonymous: f64, logged_in: f64) -> SessionPolicy {
    SessionPolicy {
        wiki: "wiki2".into(),
        ..with_lifetimes(anonymous, logged_in)
    }
}

#[test]
fn wikis_of_one_realm_share_login_values_and_logout() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let (one, two) = (farm.wiki(policy()), farm.wiki(sibling(1.0, 12.0)));
    browser.log_in(&one, "u1", 0);
    assert_eq!(browser.macro_text(&one, 1), "Set to value 42");
    assert_eq!(browser.macro_text(&two, 2), "Loaded value 42");
    assert_eq!(browser.user(&two, 3).as_deref(), Some("u1"));
    browser.post(&two, 4, Session::log_out);
    assert_eq!(browser.user(&one, 5), None);
}

#[test]
fn trap_one_a_sibling_with_other_users_is_another_realm_and_touches_nothing() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let one = farm.wiki(policy());
    let mut other = sibling(1.0, 12.0);
    other.realm = Realm::new("ROOT", "grange-session", "/sessions", "/other-users");
    let two = farm.wiki(other);
    browser.log_in(&one, "u1", 0);
    let operations = farm.store.operations();
    let mut session = browser.open(&two, 1);
    assert!(session.is_new() && session.identity().is_none());
    session.insert("a", 1).unwrap();
    let offer_none = Outcome {
        offer_pending: false,
        ..page_view(1)
    };
    assert!(browser.try_finish(&two, session, &offer_none).unwrap().is_empty());
    assert_eq!(
        farm.store.operations(),
        operations,
        "an id of another realm reached the store"
    );
    assert_eq!(browser.user(&one, 2).as_deref(), Some("u1"));
}

#[test]
fn trap_two_a_sibling_without_logins_leaves_a_login_alone() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let (one, two) = (farm.wiki(policy()), farm.wiki(sibling(1.0, 0.0)));
    browser.log_in(&one, "u1", 0);
    let writes = farm.store.writes();
    let answer = browser.view(&two, 2000, |session| {
        session.insert("a", 1).unwrap();
        session.identity().is_none() && session.is_new()
    });
    assert!(answer.seen && answer.cookies.is_empty());
    assert_eq!(farm.store.writes(), writes);
    assert_eq!(browser.user(&one, 2001).as_deref(), Some("u1"));
}

#[test]
fn trap_three_a_sibling_without_anonymous_sessions_leaves_a_guests_session_alone() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let (one, two) = (farm.wiki(policy()), farm.wiki(sibling(0.0, 12.0)));
    // The pending id, too.
    browser.macro_text(&one, 0);
    let answer = browser.view(&two, 1, sample_macro);
    assert_eq!((answer.seen.as_str(), answer.cookies.len()), (NOT_STORING, 0));
    assert_eq!(browser.macro_text(&one, 2), "Set to value 42");
    let answer = browser.view(&two, 3, sample_macro);
    assert_eq!((answer.seen.as_str(), answer.cookies.len()), (NOT_STORING, 0));
    assert_eq!(browser.macro_text(&one, 4), "Loaded value 42");
}

#[test]
fn trap_four_a_siblings_lifetimes_neither_shorten_nor_lengthen_a_session() {
    let (farm, long, short) = (Farm::new(), Browser::new(), Browser::new());
    let (one, two) = (farm.wiki(with_lifetimes(0.0, 12.0)), farm.wiki(sibling(0.0, 1.0)));
    long.log_in(&one, "u1", 0);
    let cookies = long.view(&two, 5000, |_| ()).cookies;
    assert!(cookies[0].contains("; Max-Age=43200;"), "{cookies:?}");
    assert_eq!(long.user(&one, 5000 + 43_200).as_deref(), Some("u1"));
    short.log_in(&two, "u2", 0);
    let cookies = short.view(&one, 600, |_| ()).cookies;
    assert!(cookies[0].contains("; Max-Age=3600;"), "{cookies:?}");
    assert_eq!(short.user(&one, 600 + 3900), None);
}

#[test]
fn trap_five_acting_as_somebody_is_untouched_by_a_sibling() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let (one, two) = (farm.wiki(policy()), farm.wiki(sibling(1.0, 12.0)));
    browser.log_in(&one, "u1", 0);
    let acting = Acting {
        user_id: "u2".into(),
        since: at(1),
        reason: String::new(),
    };
    browser.post(&one, 1, |session| session.act_as(acting));
    assert_eq!(browser.user(&two, 2).as_deref(), Some("u1"));
    let seen = browser
        .view(&one, 3, |session| session.acting().unwrap().user_id.clone())
        .seen;
    assert_eq!(seen, "u2");
}

#[test]
fn a_login_on_a_sibling_ends_the_guests_session_that_it_does_not_let_in() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let (one, two) = (farm.wiki(policy()), farm.wiki(sibling(0.0, 12.0)));
    browser.macro_text(&one, 0);
    browser.macro_text(&one, 1);
    let thief = browser.copy();
    browser.log_in(&two, "u1", 2);
    assert_eq!(browser.user(&one, 3).as_deref(), Some("u1"));
    assert_eq!(thief.macro_text(&one, 3), NOT_STORING);
}

#[test]
fn a_sibling_with_a_longer_anonymous_lifetime_never_takes_a_swept_ended_id_for_pending() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let day = Some(Duration::from_secs(86_400));
    let mut short = with_lifetimes(1.0, 12.0);
    let mut long = sibling(24.0, 12.0);
    (short.longest_anonymous, long.longest_anonymous) = (day, day);
    let (one, two) = (farm.wiki(short), farm.wiki(long));
    browser.macro_text(&one, 0);
    browser.macro_text(&one, 1);
    let thief = browser.copy();
    browser.log_in(&one, "u1", 2);
    let later = 86_400 - 1;
    while run(farm.store.sweep(at(later), 100)).unwrap().more {}
    assert!(thief.open(&two, later).is_new());
}

#[test]
fn a_siblings_shorter_anonymous_lifetime_takes_no_pending_id_away() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let (one, two) = (
        farm.wiki(with_lifetimes(24.0, 12.0)),
        farm.wiki(sibling(1.0, 12.0)),
    );
    browser.view(&one, 0, |_| ());
    assert!(
        browser
            .post(&two, 7200, |session| session.is_new())
            .cookies
            .is_empty()
    );
    assert_eq!(browser.macro_text(&one, 7201), "Set to value 42");
}

//! Logging in and out, remembering, acting as another user, new ids.
//!
//! That old ids die at once is claimed by keeping a copy of the browser's cookies: a thief.

use super::*;
use crate::identity::Acting;
use crate::trail::TrailEntry;

fn acting(seconds: u64) -> Acting {
    Acting {
        user_id: "u2".into(),
        since: at(seconds),
        reason: "help".into(),
    }
}

/// A guest with a stored session: a value, a language, a trail.
fn guest(farm: &Farm, wiki: &CookieHandler) -> Browser {
    let browser = Browser::new();
    browser.view(wiki, 0, |_| ());
    browser.view(wiki, 1, |session| {
        session.insert("test", 1).unwrap();
        session.insert("language", "ru").unwrap();
        session.visit(TrailEntry::new("w", "Private"), 5);
    });
    assert_eq!(farm.sessions(1).len(), 1);
    browser
}

fn keys(browser: &Browser, wiki: &CookieHandler, seconds: u64) -> Vec<String> {
    browser
        .view(wiki, seconds, |session| {
            session.keys().map(str::to_owned).collect()
        })
        .seen
}

#[test]
fn a_login_gives_a_new_id_and_the_old_one_is_dead_at_once() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = guest(&farm, &wiki);
    let thief = browser.copy();
    let answer = browser.log_in(&wiki, "u1", 2);
    assert!(
        answer.cookies[0].contains("; Max-Age=43200;"),
        "{:?}",
        answer.cookies
    );
    assert_ne!(browser.cookie_header(), thief.cookie_header());
    assert_eq!(browser.user(&wiki, 3).as_deref(), Some("u1"));
    assert!(thief.open(&wiki, 3).is_new());
    assert_eq!(thief.user(&wiki, 3), None);
    assert_eq!(farm.sessions(3).len(), 1);
}

#[test]
fn the_request_after_a_login_is_not_new() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(with_lifetimes(0.0, 12.0));
    browser.log_in(&wiki, "u1", 0);
    assert_eq!(browser.macro_text(&wiki, 1), "Set to value 42");
    assert_eq!(browser.macro_text(&wiki, 2), "Loaded value 42");
}

#[test]
fn only_persistent_fields_survive_a_login() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = guest(&farm, &wiki);
    browser.log_in(&wiki, "u1", 2);
    assert_eq!(keys(&browser, &wiki, 3), ["language"]);
    assert!(browser.view(&wiki, 3, |session| session.trail()).seen.is_empty());
}

#[test]
fn a_login_on_a_first_request_is_stored_with_what_was_written_after_it() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.post(&wiki, 0, |session| {
        session.insert("before", 1).unwrap();
        session.log_in(identity("u1", at(0)), Remember::No);
        session.insert("after", 1).unwrap();
    });
    assert_eq!(keys(&browser, &wiki, 1), ["after"]);
}

#[test]
fn a_login_ends_a_pending_id_that_was_never_used() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.view(&wiki, 0, |_| ());
    let fixated = browser.copy();
    browser.log_in(&wiki, "u1", 1);
    assert_eq!(fixated.macro_text(&wiki, 2), NOT_STORING);
    assert_eq!(fixated.user(&wiki, 3), None);
}

#[test]
fn remember_me_is_400_days_and_survives_30() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    let answer = browser.post(&wiki, 0, |session| {
        session.log_in(identity("u1", at(0)), Remember::Yes)
    });
    assert!(answer.cookies[0].contains("; Max-Age=34560000;"));
    assert_eq!(farm.sessions(1)[0].remember, Remember::Yes);
    assert_eq!(browser.user(&wiki, 200 * 86_400).as_deref(), Some("u1"));
    assert_eq!(browser.user(&wiki, 399 * 86_400).as_deref(), Some("u1"));
    assert_eq!(browser.user(&wiki, 400 * 86_400), None);
}

#[test]
fn remember_me_is_ignored_where_it_is_not_offered() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(with_lifetimes(0.0, -3.0));
    let answer = browser.post(&wiki, 0, |session| {
        session.log_in(identity("u1", at(0)), Remember::Yes)
    });
    assert!(answer.cookies[0].contains("; Max-Age=10800;"));
    assert_eq!(farm.sessions(1)[0].remember, Remember::No);
}

#[test]
fn the_absolute_limit_ends_a_login_in_daily_use() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    for half_day in 1..60 {
        assert_eq!(
            browser.user(&wiki, half_day * 43_200).as_deref(),
            Some("u1"),
            "{half_day}"
        );
    }
    assert_eq!(browser.user(&wiki, 30 * 86_400), None);
}

#[test]
fn where_logging_in_is_disabled_there_is_neither_session_nor_cookie() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(with_lifetimes(0.0, 0.0));
    let mut session = browser.open(&wiki, 0);
    session.log_in(identity("u1", at(0)), Remember::Yes);
    let refused = browser.try_finish(&wiki, session, &page_view(0));
    assert!(matches!(refused, Err(FinishError::LoginDisabled)));
    assert_eq!((farm.store.operations(), browser.cookie_header().len()), (0, 0));
}

#[test]
fn a_logout_removes_the_cookie_and_the_old_id_is_dead() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    browser.macro_text(&wiki, 1);
    let thief = browser.copy();
    let answer = browser.post(&wiki, 2, Session::log_out);
    assert!(
        answer.cookies[0].starts_with("GRANGE_SESSION_ROOT=; Path=/; Max-Age=0;"),
        "{:?}",
        answer.cookies
    );
    assert_eq!(browser.cookie_header(), "");
    assert_eq!(thief.user(&wiki, 3), None);
    assert!(farm.sessions(3).is_empty());
}

#[test]
fn a_logout_with_a_persistent_field_goes_on_as_a_guest_under_a_new_id() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = guest(&farm, &wiki);
    browser.log_in(&wiki, "u1", 2);
    browser.view(&wiki, 3, |session| session.insert("secret", 1).unwrap());
    let thief = browser.copy();
    let answer = browser.post(&wiki, 4, Session::log_out);
    assert!(answer.cookies[0].contains("=v1.") && answer.cookies[0].contains("; Max-Age=3600;"));
    assert_eq!(browser.user(&wiki, 5), None);
    assert_eq!(keys(&browser, &wiki, 5), ["language"]);
    assert!(thief.open(&wiki, 5).is_new());
}

#[test]
fn without_anonymous_sessions_a_logout_only_removes_the_cookie() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(with_lifetimes(0.0, 12.0));
    browser.log_in(&wiki, "u1", 0);
    browser.view(&wiki, 1, |session| session.insert("language", "ru").unwrap());
    let answer = browser.post(&wiki, 2, Session::log_out);
    assert!(answer.cookies[0].contains("Max-Age=0"));
    assert!(farm.sessions(3).is_empty());
}

#[test]
fn the_trail_is_cleared_at_logout() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = guest(&farm, &wiki);
    browser.log_in(&wiki, "u1", 2);
    browser.view(&wiki, 3, |session| {
        session.visit(TrailEntry::new("w", "Private"), 5)
    });
    let answer = browser.post(&wiki, 4, |session| {
        session.log_out();
        session.trail()
    });
    assert!(answer.seen.is_empty());
    assert!(browser.view(&wiki, 5, |session| session.trail()).seen.is_empty());
}

#[test]
fn logging_in_as_another_user_takes_nothing_along() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    browser.view(&wiki, 1, |session| session.insert("secret", 1).unwrap());
    let thief = browser.copy();
    browser.log_in(&wiki, "u2", 2);
    assert_eq!(browser.user(&wiki, 3).as_deref(), Some("u2"));
    assert!(keys(&browser, &wiki, 3).is_empty());
    assert_eq!(thief.user(&wiki, 3), None);
}

#[test]
fn a_superuser_acts_in_a_session_of_its_own_and_returns_to_another() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    browser.view(&wiki, 1, |session| session.insert("mine", 1).unwrap());
    let before = browser.copy();
    browser.post(&wiki, 2, |session| session.act_as(acting(2)));
    let seen = browser.view(&wiki, 3, |session| {
        session.insert("as somebody", 1).unwrap();
        let real = session.identity().unwrap().user_id.clone();
        (real, session.acting().unwrap().user_id.clone(), session.len())
    });
    assert_eq!(seen.seen, ("u1".into(), "u2".into(), 1));
    assert_eq!(before.user(&wiki, 3), None);
    let during = browser.copy();
    browser.post(&wiki, 4, Session::stop_acting);
    let seen = browser.view(&wiki, 5, |session| {
        (session.acting().is_none(), session.is_empty())
    });
    assert_eq!(seen.seen, (true, true));
    assert_eq!(browser.user(&wiki, 5).as_deref(), Some("u1"));
    assert_eq!(during.user(&wiki, 5), None);
}

#[test]
fn acting_ends_after_an_hour_under_a_new_id_with_an_empty_dict() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    browser.post(&wiki, 1, |session| session.act_as(acting(1)));
    browser.view(&wiki, 3600, |session| {
        assert!(session.acting().is_some());
        session.insert("as somebody", 1).unwrap();
    });
    let during = browser.copy();
    let seen = browser.view(&wiki, 3601, |session| {
        (session.acting().is_none(), session.is_empty())
    });
    assert_eq!((seen.seen, seen.cookies.len()), ((true, true), 1));
    assert_eq!(browser.user(&wiki, 3602).as_deref(), Some("u1"));
    assert_eq!(during.user(&wiki, 3602), None);
}

#[test]
fn a_logout_while_acting_ends_everything() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    browser.post(&wiki, 1, |session| session.act_as(acting(1)));
    browser.post(&wiki, 2, Session::log_out);
    assert_eq!(browser.user(&wiki, 3), None);
    assert!(farm.sessions(3).is_empty());
}

#[test]
fn a_new_id_prolongs_neither_the_absolute_limit_nor_the_remembering() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    for half_day in 1..60 {
        browser.post(&wiki, half_day * 43_200, Session::rotate);
    }
    assert_eq!(browser.user(&wiki, 30 * 86_400 - 1).as_deref(), Some("u1"));
    assert_eq!(browser.user(&wiki, 30 * 86_400), None);
}

#[test]
fn a_password_change_keeps_this_session_under_a_new_id_and_generation() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    let thief = browser.copy();
    browser.post(&wiki, 1, |session| session.rotate_for_generation(1));
    let seen = browser.view(&wiki, 2, |session| {
        session.identity().cloned().unwrap().account_generation
    });
    assert_eq!(seen.seen, 1);
    assert_eq!(thief.user(&wiki, 2), None);
}

#[test]
fn a_password_change_goes_on_when_a_request_on_its_way_found_the_session_void_and_ended_it() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.log_in(&wiki, "u1", 0);
    let other_tab = browser.copy();
    browser.post(&wiki, 1, |session| {
        other_tab.post(&wiki, 1, Session::log_out);
        session.prove_again(at(1));
        session.rotate_for_generation(1);
    });
    assert_eq!(browser.user(&wiki, 2).as_deref(), Some("u1"));
    assert_eq!(other_tab.user(&wiki, 2), None);
}

#[test]
fn a_guest_can_have_a_new_id_too() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = guest(&farm, &wiki);
    let thief = browser.copy();
    browser.post(&wiki, 2, |session| session.reset());
    assert!(keys(&browser, &wiki, 3).is_empty());
    assert!(!browser.open(&wiki, 3).is_new() && thief.open(&wiki, 32).is_new());
}

#[test]
fn the_oldest_idle_session_beyond_the_limit_is_ended() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy_with(|policy| policy.max_sessions_per_user = 2));
    let browsers = [Browser::new(), Browser::new(), Browser::new()];
    for (number, browser) in browsers.iter().enumerate() {
        browser.log_in(&wiki, "u1", number as u64);
    }
    let users: Vec<bool> = browsers
        .iter()
        .map(|browser| browser.user(&wiki, 9).is_some())
        .collect();
    assert_eq!(users, [false, true, true]);
}

#[test]
fn a_kill_ends_a_login_on_the_next_request_and_its_cookie_is_taken_back() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(with_lifetimes(0.0, 12.0));
    browser.log_in(&wiki, "u1", 0);
    assert_eq!(farm.kill(Kill::User("u1"), 1), 1);
    let answer = browser.view(&wiki, 1, |session| session.identity().is_none());
    assert!(answer.seen && answer.cookies[0].contains("Max-Age=0"));
    browser.log_in(&wiki, "u1", 2);
    assert_eq!(browser.user(&wiki, 3).as_deref(), Some("u1"));
}

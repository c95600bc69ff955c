//! A visitor's session from the first request to its end.
//!
//! Logins are told in tests/login.rs.

use super::*;
use crate::policy::CookieUntil;
use crate::trail::TrailEntry;

#[test]
fn the_sample_macro_says_what_the_help_page_promises() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    assert_eq!(browser.macro_text(&wiki, 0), NOT_STORING);
    assert_eq!(browser.macro_text(&wiki, 1), "Set to value 42");
    assert_eq!(browser.macro_text(&wiki, 2), "Loaded value 42");
}

#[test]
fn without_anonymous_sessions_a_visitor_always_gets_the_first_text_and_no_cookie() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(with_lifetimes(0.0, 12.0));
    for second in 0..3 {
        let answer = browser.view(&wiki, second, sample_macro);
        assert_eq!((answer.seen.as_str(), answer.cookies.len()), (NOT_STORING, 0));
    }
    assert_eq!(farm.store.operations(), 0);
}

#[test]
fn a_request_without_our_cookie_touches_no_store() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    for second in 0..1000 {
        let browser = Browser::new();
        browser.plant("OTHER", "v1.a.b.c");
        let answer = browser.view(&wiki, second, |session| session.insert("a", 1).unwrap());
        assert_eq!(answer.cookies.len(), 1);
    }
    assert_eq!(farm.store.operations(), 0);
}

#[test]
fn the_first_cookie_has_the_anonymous_lifetime() {
    let farm = Farm::new();
    let answer = Browser::new().view(&farm.wiki(policy()), 0, |_| ());
    let line = &answer.cookies[0];
    assert!(line.starts_with("GRANGE_SESSION_ROOT=v1."), "{line}");
    assert!(
        line.ends_with("; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"),
        "{line}"
    );
}

#[test]
fn only_a_page_view_offers_a_cookie() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    assert!(
        browser
            .post(&wiki, 0, |session| session.insert("a", 1).unwrap())
            .cookies
            .is_empty()
    );
    let head = Outcome {
        discard_writes: true,
        ..page_view(0)
    };
    let session = browser.open(&wiki, 0);
    assert!(browser.try_finish(&wiki, session, &head).unwrap().is_empty());
}

#[test]
fn nothing_is_stored_before_the_cookie_comes_back_and_something_is_written() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.view(&wiki, 0, |session| session.insert("dropped", 1).unwrap());
    let second = browser.view(&wiki, 1, |session| {
        (session.is_new(), session.contains_key("dropped"))
    });
    assert_eq!((second.seen, second.cookies.len()), ((false, false), 0));
    assert_eq!(farm.store.writes(), 0);
    browser.view(&wiki, 2, |session| session.insert("kept", 1).unwrap());
    assert_eq!(farm.store.writes(), 1);
    assert!(
        browser
            .view(&wiki, 3, |session| session.contains_key("kept"))
            .seen
    );
}

#[test]
fn marking_or_emptying_what_is_empty_stores_nothing() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.view(&wiki, 0, |_| ());
    browser.view(&wiki, 1, |session| {
        session.mark_changed();
        session.insert("a", 1).unwrap();
        session.clear();
    });
    assert_eq!(farm.store.writes(), 0);
}

#[test]
fn a_head_request_writes_nothing() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.macro_text(&wiki, 0);
    browser.macro_text(&wiki, 1);
    let writes = farm.store.writes();
    let mut session = browser.open(&wiki, 2000);
    session.insert("test", 7).unwrap();
    let head = Outcome {
        discard_writes: true,
        ..page_view(2000)
    };
    assert!(browser.try_finish(&wiki, session, &head).unwrap().is_empty());
    assert_eq!(farm.store.writes(), writes);
    assert_eq!(browser.macro_text(&wiki, 2001), "Loaded value 42");
}

#[test]
fn reading_writes_nothing_until_a_touch_is_due() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.macro_text(&wiki, 0);
    browser.macro_text(&wiki, 1);
    let writes = farm.store.writes();
    for second in 2..300 {
        browser.view(&wiki, second, |session| assert!(session.contains_key("test")));
    }
    assert_eq!(farm.store.writes(), writes);
    browser.view(&wiki, 301, |_| ());
    assert_eq!(farm.store.writes(), writes + 1);
}

#[test]
fn a_change_and_a_touch_are_one_write() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.macro_text(&wiki, 0);
    browser.macro_text(&wiki, 1);
    let writes = farm.store.writes();
    browser.view(&wiki, 2000, |session| session.insert("b", 1).unwrap());
    assert_eq!(farm.store.writes(), writes + 1);
    assert_eq!(farm.sessions(2000)[0].last_seen, at(2000));
}

#[test]
fn a_list_changed_in_place_is_saved() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.view(&wiki, 0, |_| ());
    browser.view(&wiki, 1, |session| session.insert("list", [0]).unwrap());
    for second in 2..5 {
        browser.view(&wiki, second, |session| match session.get_mut("list") {
            Some(Value::List(list)) => list.push(Value::Int(1)),
            other => panic!("{other:?}"),
        });
    }
    let list = browser.view(&wiki, 5, |session| session.get_as::<Vec<i64>>("list").unwrap());
    assert_eq!(list.seen.unwrap(), [0, 1, 1, 1]);
}

#[test]
fn values_that_no_session_can_hold_are_dropped_and_the_page_is_served() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.macro_text(&wiki, 0);
    browser.macro_text(&wiki, 1);
    browser.view(&wiki, 2, |session| {
        *session.get_mut("test").unwrap() = Value::from("x".repeat(70_000))
    });
    browser.view(&wiki, 3, |session| {
        *session.get_mut("test").unwrap() = Value::Float(f64::NAN)
    });
    assert_eq!(browser.macro_text(&wiki, 4), "Loaded value 42");
}

#[test]
fn an_idle_session_ends_and_its_cookie_is_replaced_on_a_page_and_removed_elsewhere() {
    for replaced in [true, false] {
        let (farm, browser) = (Farm::new(), Browser::new());
        let wiki = farm.wiki(policy());
        browser.macro_text(&wiki, 0);
        browser.macro_text(&wiki, 1);
        let late = 1 + 3600 + 300;
        let answer = match replaced {
            true => browser.view(&wiki, late, |session| session.is_new()),
            false => browser.post(&wiki, late, |session| session.is_new()),
        };
        assert!(answer.seen);
        let expected = if replaced {
            "GRANGE_SESSION_ROOT=v1."
        } else {
            "GRANGE_SESSION_ROOT=; Path=/; Max-Age=0;"
        };
        assert!(answer.cookies[0].starts_with(expected), "{:?}", answer.cookies);
    }
}

#[test]
fn a_session_in_use_never_ends_whatever_its_idle_time() {
    for idle in [36_u64, 300, 3600] {
        let (farm, browser) = (Farm::new(), Browser::new());
        let wiki = farm.wiki(with_lifetimes(idle as f64 / 3600.0, 12.0));
        browser.macro_text(&wiki, 0);
        browser.macro_text(&wiki, 1);
        for round in 1..20 {
            assert_eq!(
                browser.macro_text(&wiki, 1 + round * idle),
                "Loaded value 42",
                "{idle}"
            );
        }
    }
}

#[test]
fn a_cookie_is_sent_again_only_when_a_tenth_of_its_age_has_passed() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.macro_text(&wiki, 0);
    browser.macro_text(&wiki, 1);
    assert!(browser.view(&wiki, 360, |_| ()).cookies.is_empty());
    let header = browser.cookie_header();
    let renewed = browser.view(&wiki, 361, |_| ()).cookies;
    assert!(
        renewed[0].starts_with(&header) && renewed[0].contains("Max-Age=3600"),
        "{renewed:?}"
    );
    assert!(browser.view(&wiki, 362, |_| ()).cookies.is_empty());
}

#[test]
fn a_late_first_write_renews_the_pending_cookie() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.view(&wiki, 0, |_| ());
    let renewed = browser.view(&wiki, 3000, sample_macro);
    assert_eq!(renewed.seen, "Set to value 42");
    assert!(renewed.cookies[0].contains("Max-Age=3600"));
    assert_eq!(browser.macro_text(&wiki, 3001), "Loaded value 42");
}

#[test]
fn a_pending_id_is_good_for_the_anonymous_lifetime() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    browser.view(&wiki, 0, |_| ());
    let thief = browser.copy();
    assert_eq!(browser.macro_text(&wiki, 3599), "Set to value 42");
    farm.kill(Kill::Guests, 3600);
    assert_eq!(thief.macro_text(&wiki, 3600), NOT_STORING);
}

#[test]
fn a_cookie_that_dies_with_the_browser_is_sent_once_and_the_server_still_ends_the_session() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy_with(|policy| {
        policy.cookie.until = CookieUntil::BrowserCloses
    }));
    let first = browser.view(&wiki, 0, |_| ()).cookies;
    assert!(!first[0].contains("Max-Age"));
    browser.macro_text(&wiki, 1);
    assert!(browser.view(&wiki, 3000, |_| ()).cookies.is_empty());
    assert_eq!(browser.macro_text(&wiki, 3000 + 3899), "Loaded value 42");
    assert_eq!(browser.macro_text(&wiki, 6899 + 3900), NOT_STORING);
}

#[test]
fn session_life_time_ends_idle_sessions_before_the_cookie() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let idle = std::time::Duration::from_secs(600);
    let wiki = farm.wiki(policy_with(|policy| policy.lifetimes.idle = Some(idle)));
    browser.macro_text(&wiki, 0);
    browser.macro_text(&wiki, 1);
    assert_eq!(browser.macro_text(&wiki, 600), "Loaded value 42");
    assert_eq!(browser.macro_text(&wiki, 600 + 660), NOT_STORING);
}

#[test]
fn the_trail_follows_a_visitor_who_came_back() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    for (second, page) in ["First", "A", "B", "C", "A"].iter().enumerate() {
        browser.view(&wiki, second as u64, |session| {
            session.visit(TrailEntry::new("w", *page), 3)
        });
    }
    let trail = browser.view(&wiki, 9, |session| session.trail()).seen;
    assert_eq!(
        trail.iter().map(|entry| entry.page.as_str()).collect::<Vec<_>>(),
        ["B", "C", "A"]
    );
}

#[test]
fn a_view_of_the_same_page_again_writes_nothing() {
    let (farm, browser) = (Farm::new(), Browser::new());
    let wiki = farm.wiki(policy());
    for second in 0..2 {
        browser.view(&wiki, second, |session| {
            session.visit(TrailEntry::new("w", "A"), 3)
        });
    }
    let writes = farm.store.writes();
    browser.view(&wiki, 2, |session| session.visit(TrailEntry::new("w", "A"), 3));
    assert_eq!(farm.store.writes(), writes);
}

#[test]
fn https_and_http_have_cookies_of_their_own() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = Browser::new();
    let outcome = Outcome {
        https: true,
        ..page_view(0)
    };
    let facts = RequestFacts {
        https: true,
        ..RequestFacts::at(at(0))
    };
    let session = run(wiki.open(&facts));
    let lines = browser.try_finish(&wiki, session, &outcome).unwrap();
    assert!(lines[0].starts_with("__Host-GRANGE_SESSION_ROOT=v1.") && lines[0].contains("; Secure; "));
    // A cookie that http could have planted says nothing over https, and the other way round.
    assert!(browser.open(&wiki, 1).is_new());
}

#[test]
fn nobody_is_who_brings_no_cookie_of_ours_where_guests_get_none() {
    let cookie = b"theirs=1; GRANGE_SESSION_ROOT=x";
    let (ours, foreign): (&[&[u8]], &[&[u8]]) = (&[cookie], &[b"theirs=1"]);
    let is_nobody = |lifetime, cookie_headers| {
        let wiki = Farm::new().wiki(with_lifetimes(lifetime, 12.0));
        wiki.is_nobody(&RequestFacts {
            cookie_headers,
            ..RequestFacts::at(at(0))
        })
    };
    assert!(is_nobody(0.0, &[]) && is_nobody(0.0, foreign));
    assert!(!is_nobody(0.0, ours), "a cookie of ours is looked at");
    assert!(!is_nobody(1.0, &[]), "a guest may be given a session");
}

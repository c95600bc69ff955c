//! Claims about changes in the store: none is lost, each is read back, and those that cannot be made live
//! for the request.

use std::sync::Arc;

use super::*;
use crate::handler::tests::{Browser, Farm, page_view, policy_with, with_lifetimes};
use crate::store::Kill;
use crate::store::acceptance::run;
use crate::testing::policy;
use crate::{SessionHandler, SqliteSessionStore};

/// A guest who came back, with or without a record.
fn guest(wiki: &crate::CookieHandler, stored: bool) -> Browser {
    let browser = Browser::new();
    browser.view(wiki, 0, |_| ());
    if stored {
        browser.view(wiki, 1, |session| session.insert("begun", 1).unwrap());
    }
    browser
}

fn count(session: &mut Session, key: &str) -> Result<i64, ChangeError> {
    run(session.count(key, 1))
}

#[test]
fn a_count_is_read_back_and_stands_in_the_store_at_once() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    for stored in [false, true] {
        let browser = guest(&wiki, stored);
        let mut session = browser.open(&wiki, 2);
        assert_eq!(count(&mut session, "visits").unwrap(), 1, "stored: {stored}");
        assert_eq!(count(&mut session, "visits").unwrap(), 2);
        assert_eq!(session.get("visits"), Some(&Value::Int(2)));
        let other = browser.open(&wiki, 2);
        assert_eq!(other.get("visits"), Some(&Value::Int(2)));
        assert!(
            !session.changes().changes_values(),
            "there is nothing left to save"
        );
        browser.finish(&wiki, session, 2);
        assert_eq!(browser.open(&wiki, 3).get("visits"), Some(&Value::Int(2)));
    }
}

#[test]
fn counts_of_requests_side_by_side_are_all_kept() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = guest(&wiki, false);
    let mut sessions: Vec<Session> = (0..5).map(|_| browser.open(&wiki, 2)).collect();
    for session in &mut sessions {
        session.insert("last", 1).unwrap();
        count(session, "visits").unwrap();
    }
    for session in sessions {
        browser.finish(&wiki, session, 2);
    }
    let after = browser.open(&wiki, 3);
    assert_eq!((after.get_or("visits", 0), after.len()), (Value::Int(5), 2));
}

#[test]
fn what_was_written_before_a_change_counts_as_what_stood_there() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = guest(&wiki, true);
    browser.view(&wiki, 2, |session| {
        session.insert("n", 10).unwrap();
        assert_eq!(count(session, "n").unwrap(), 11);
        session.insert("n", 20).unwrap();
    });
    assert_eq!(browser.open(&wiki, 3).get("n"), Some(&Value::Int(20)));
}

#[test]
fn a_change_that_takes_a_value_out_takes_it_out_of_the_store() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = guest(&wiki, true);
    let mut session = browser.open(&wiki, 2);
    assert_eq!(run(session.change("begun", |_| None)).unwrap(), None);
    assert!(!session.contains_key("begun"));
    assert!(!browser.open(&wiki, 2).contains_key("begun"));
}

#[test]
fn a_roll_back_takes_back_writes_and_never_a_change_in_the_store() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    for stored in [false, true] {
        let browser = guest(&wiki, stored);
        let mut session = browser.open(&wiki, 2);
        session.insert("kept", 1).unwrap();
        // Meanwhile a parallel request begins the record.
        browser.view(&wiki, 2, |session| session.insert("parallel", 1).unwrap());
        let savepoint = session.savepoint();
        session.insert("dropped", 1).unwrap();
        count(&mut session, "visits").unwrap();
        session.roll_back(savepoint);
        assert!(!session.contains_key("dropped"));
        assert_eq!(session.get("visits"), Some(&Value::Int(1)));
        browser.finish(&wiki, session, 2);
        let after = browser.open(&wiki, 3);
        for key in ["kept", "parallel", "visits"] {
            assert_eq!(after.get(key), Some(&Value::Int(1)), "{key}, stored: {stored}");
        }
    }
}

#[test]
fn a_roll_back_takes_a_reset_back() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = guest(&wiki, true);
    let mut session = browser.open(&wiki, 2);
    let savepoint = session.savepoint();
    session.reset();
    session.roll_back(savepoint);
    assert!(browser.finish(&wiki, session, 2).is_empty());
    assert!(browser.open(&wiki, 3).contains_key("begun"));
}

#[test]
fn where_nothing_can_be_stored_a_count_lives_for_the_request() {
    let farm = Farm::new();
    let (off, on) = (farm.wiki(with_lifetimes(0.0, 12.0)), farm.wiki(policy()));
    let killed = guest(&on, true);
    let mut sessions = [
        Session::unsaved(),
        Browser::new().open(&on, 0),
        Browser::new().open(&off, 0),
        killed.open(&on, 2),
    ];
    farm.kill(Kill::Guests, 3);
    let writes = farm.store.writes();
    for (number, session) in sessions.iter_mut().enumerate() {
        assert_eq!(count(session, "visits").unwrap(), 1, "{number}");
        assert_eq!(count(session, "visits").unwrap(), 2, "{number}");
    }
    // Only the killed session's were tried.
    assert_eq!(farm.store.writes() - writes, 2);
    assert_eq!(farm.sessions(4).len(), 0);
}

#[test]
fn a_head_request_counts_nothing() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = guest(&wiki, true);
    let cookie = browser.cookie_header();
    let facts = crate::RequestFacts {
        cookie_headers: &[cookie.as_bytes()],
        discard_writes: true,
        ..crate::RequestFacts::at(crate::testing::at(2))
    };
    let mut session = run(wiki.open(&facts));
    assert_eq!(count(&mut session, "visits").unwrap(), 1);
    assert!(!browser.open(&wiki, 3).contains_key("visits"));
}

#[test]
fn a_count_in_the_request_of_a_login_belongs_to_the_new_session() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy());
    let browser = guest(&wiki, true);
    browser.view(&wiki, 2, |session| {
        let user = crate::testing::identity("u1", crate::testing::at(2));
        session.log_in(user, crate::Remember::No);
        count(session, "visits").unwrap();
    });
    let after = browser.open(&wiki, 3);
    assert_eq!(
        (after.get_or("visits", 0), after.identity().is_some()),
        (Value::Int(1), true)
    );
}

#[test]
fn a_count_of_what_is_no_number_or_reserved_or_too_much_is_an_error_and_changes_nothing() {
    let farm = Farm::new();
    let wiki = farm.wiki(policy_with(|_| ()));
    let browser = guest(&wiki, true);
    browser.view(&wiki, 2, |session| session.insert("text", "a").unwrap());
    let mut session = browser.open(&wiki, 3);
    assert!(matches!(count(&mut session, "text"), Err(ChangeError::NotANumber(key)) if key == "text"));
    assert!(matches!(
        count(&mut session, "user.id"),
        Err(ChangeError::Refused(WriteError::Reserved(_)))
    ));
    let large = run(session.change("large", |_| Some(Value::from("x".repeat(70_000)))));
    assert!(matches!(
        large,
        Err(ChangeError::Refused(WriteError::TooLarge(_)))
    ));
    assert!(session.changes().is_empty());
    farm.store.unplug(true);
    assert!(matches!(count(&mut session, "n"), Err(ChangeError::Store(_))));
    assert!(session.changes().is_empty());
    assert!(run(wiki.finish(session, &page_view(3))).is_ok());
}

#[test]
fn two_hundred_counts_of_one_visitor_at_once_are_two_hundred_also_in_two_processes() {
    let dir = tempfile::tempdir().unwrap();
    let memory: Arc<dyn SessionStore> = Arc::new(crate::MemorySessionStore::new());
    // Two stores on one file are as two processes: they share nothing but it.
    let sqlite = || Arc::new(SqliteSessionStore::at(dir.path())) as Arc<dyn SessionStore>;
    for stores in [[Arc::clone(&memory), memory], [sqlite(), sqlite()]] {
        let secrets = crate::testing::secrets();
        let [one, two] = stores.map(|store| {
            let random = Arc::new(crate::SystemRandomness);
            crate::CookieHandler::new(Arc::new(policy()), store, Arc::clone(&secrets), random)
        });
        let browser = guest(&one, false);
        crate::store::acceptance::at_once(20, |thread| {
            let (wiki, browser) = (if thread % 2 == 0 { &one } else { &two }, &browser);
            async move {
                let cookie = browser.cookie_header();
                for request in 0..10 {
                    let facts = crate::RequestFacts {
                        cookie_headers: &[cookie.as_bytes()],
                        ..crate::RequestFacts::at(crate::testing::at(2))
                    };
                    let mut session = wiki.open(&facts).await;
                    session.count("visits", 1).await.unwrap();
                    session.insert(&format!("own {thread} {request}"), 1).unwrap();
                    wiki.finish(session, &page_view(2)).await.unwrap();
                }
            }
        });
        let after = browser.open(&two, 3);
        assert_eq!((after.get_or("visits", 0), after.len()), (Value::Int(200), 201));
    }
}

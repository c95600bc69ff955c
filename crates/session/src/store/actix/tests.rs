//! Claims about the adapter, asked as the middleware asks. Requests through the middleware itself are in the
//! farm's end-to-end tests.

use std::sync::atomic::{AtomicI64, Ordering};

use super::*;
use crate::store::acceptance::run;
use crate::store::{Kill, MemorySessionStore};
use crate::testing::secrets;

const HOUR: Span = Span::HOUR;

thread_local! {
    static NOW: AtomicI64 = const { AtomicI64::new(1_790_000_000_000) };
}

fn now() -> Timestamp {
    moment::from_millis(NOW.with(|now| now.load(Ordering::SeqCst)))
}

fn wait(seconds: i64) {
    NOW.with(|now| now.fetch_add(1000 * seconds, Ordering::SeqCst));
}

fn realm() -> Realm {
    Realm::new("shop", "actix", "/sessions", "-")
}

fn sessions() -> ActixSessions {
    let (store, random) = (
        Arc::new(MemorySessionStore::new()),
        Arc::new(crate::SystemRandomness),
    );
    ActixSessions::new(store, realm(), &secrets(), random, now)
}

fn state(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    let owned = |(key, text): &(&str, &str)| ((*key).to_owned(), (*text).to_owned());
    pairs.iter().map(owned).collect()
}

fn loaded(sessions: &ActixSessions, key: &SessionKey) -> Option<HashMap<String, String>> {
    let mut state = run(sessions.load(key)).unwrap()?;
    assert!(state.remove(BASE).is_some());
    Some(state)
}

fn again(key: &SessionKey) -> SessionKey {
    SessionKey::try_from(key.as_ref().to_owned()).unwrap()
}

#[test]
fn a_state_is_loaded_as_it_was_saved() {
    let sessions = sessions();
    let saved = state(&[("n", "1"), ("text", "\"a\""), ("list", "[1.5,null,true]")]);
    let key = run(sessions.save(saved.clone(), &HOUR)).unwrap();
    assert_eq!(loaded(&sessions, &key), Some(saved));
}

#[test]
fn an_update_of_a_session_that_has_ended_begins_none() {
    let sessions = sessions();
    for end in ["deleted", "killed", "expired"] {
        let key = run(sessions.save(state(&[("n", "1")]), &HOUR)).unwrap();
        let mut in_flight = run(sessions.load(&key)).unwrap().unwrap();
        match end {
            "deleted" => run(sessions.delete(&key)).unwrap(),
            "killed" => drop(run(sessions.store.kill(&realm(), Kill::Everyone, now())).unwrap()),
            _ => wait(2 * 3600),
        }
        in_flight.insert("late".into(), "2".into());
        let answered = run(sessions.update(again(&key), in_flight, &HOUR)).unwrap();
        assert_eq!(answered, key, "{end}: no other key is given out");
        run(sessions.update_ttl(&key, &HOUR)).unwrap();
        assert_eq!(loaded(&sessions, &key), None, "{end}");
        assert!(
            run(sessions.store.list(&realm(), None, now()))
                .unwrap()
                .is_empty(),
            "{end}"
        );
        // Another millisecond: ids issued at the moment of a kill begin nothing.
        wait(1);
    }
}

#[test]
fn parallel_requests_that_set_different_keys_keep_both() {
    let sessions = sessions();
    let key = run(sessions.save(state(&[("a", "1"), ("gone", "1")]), &HOUR)).unwrap();
    let mut one = run(sessions.load(&key)).unwrap().unwrap();
    let mut two = run(sessions.load(&key)).unwrap().unwrap();
    one.insert("one".into(), "1".into());
    one.remove("gone");
    two.insert("two".into(), "2".into());
    run(sessions.update(again(&key), one, &HOUR)).unwrap();
    run(sessions.update(again(&key), two, &HOUR)).unwrap();
    assert_eq!(
        loaded(&sessions, &key),
        Some(state(&[("a", "1"), ("one", "1"), ("two", "2")]))
    );
}

#[test]
fn a_state_without_its_base_is_written_whole() {
    let sessions = sessions();
    let key = run(sessions.save(state(&[("a", "1"), ("b", "2")]), &HOUR)).unwrap();
    run(sessions.update(again(&key), state(&[("b", "3")]), &HOUR)).unwrap();
    assert_eq!(loaded(&sessions, &key), Some(state(&[("b", "3")])));
}

#[test]
fn use_keeps_a_session_and_idleness_ends_it() {
    let sessions = sessions();
    let key = run(sessions.save(state(&[("a", "1")]), &HOUR)).unwrap();
    wait(3000);
    run(sessions.update_ttl(&key, &HOUR)).unwrap();
    wait(3000);
    assert!(loaded(&sessions, &key).is_some());
    wait(1000);
    assert_eq!(loaded(&sessions, &key), None);
}

#[test]
fn a_key_that_we_did_not_sign_is_nobodys() {
    let (sessions, other) = (sessions(), sessions());
    let forged = format!("v1.{}.1790000000000.{}", "A".repeat(43), "A".repeat(43));
    let foreign = run(other.save(state(&[("a", "1")]), &HOUR)).unwrap();
    for key in [SessionKey::try_from(forged).unwrap(), foreign] {
        assert!(run(sessions.load(&key)).unwrap().is_none());
        run(sessions.update(again(&key), state(&[("a", "1")]), &HOUR)).unwrap();
        run(sessions.delete(&key)).unwrap();
    }
    assert!(
        run(sessions.store.list(&realm(), None, now()))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn limits_are_errors_and_change_nothing() {
    let sessions = sessions();
    let large = format!("\"{}\"", "x".repeat(70_000));
    for refused in [("user.id", "1"), ("large", large.as_str()), ("broken", "{")] {
        let saved = run(sessions.save(state(&[refused]), &HOUR));
        assert!(matches!(saved, Err(SaveError::Serialization(_))), "{}", refused.0);
        let key = run(sessions.save(state(&[("a", "1")]), &HOUR)).unwrap();
        let updated = run(sessions.update(again(&key), state(&[refused]), &HOUR));
        assert!(
            matches!(updated, Err(UpdateError::Serialization(_))),
            "{}",
            refused.0
        );
        assert_eq!(loaded(&sessions, &key), Some(state(&[("a", "1")])));
    }
}

#[test]
fn neither_records_nor_errors_hold_a_key() {
    let sessions = sessions();
    let key = run(sessions.save(state(&[("a", "1")]), &HOUR)).unwrap();
    let listed = format!("{:?}", run(sessions.store.list(&realm(), None, now())).unwrap());
    assert!(!listed.contains(key.as_ref()));
}

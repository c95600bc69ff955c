//! Claims about the dict: what it keeps, what it refuses, and what it notices as a change.
//!
//! That changes reach a store is claimed in the handler's tests.

use super::*;
use crate::testing::identity;
use crate::value::{MAX_KEYS, MAX_SESSION_BYTES, WriteError};

fn session() -> Session {
    Session::for_test([("a", 1), ("b", 2)], None)
}

#[test]
fn values_are_read_as_what_they_are() {
    let mut session = session();
    session.insert("list", vec!["x", "y"]).unwrap();
    assert_eq!(session.get("a"), Some(&Value::Int(1)));
    assert_eq!(session.get_as::<i64>("a"), Ok(Some(1)));
    assert_eq!(
        session.get_as::<Vec<String>>("list").unwrap().unwrap(),
        ["x", "y"]
    );
    assert_eq!(session.get_as::<i64>("none"), Ok(None));
    assert_eq!(session.get_as::<String>("a").unwrap_err().key, "a");
}

#[test]
fn inserting_gives_the_value_before() {
    let mut session = session();
    assert_eq!(session.insert("a", 5), Ok(Some(Value::Int(1))));
    assert_eq!(session.insert("new", 5), Ok(None));
    assert_eq!(session.len(), 3);
}

#[test]
fn an_equal_value_is_no_change() {
    let mut session = session();
    session.insert("a", 1).unwrap();
    assert!(session.changes().is_empty());
    session.insert("a", 2).unwrap();
    session.insert("a", 1).unwrap();
    assert!(session.changes().is_empty());
}

#[test]
fn a_number_of_another_kind_is_a_change() {
    let mut session = session();
    session.insert("a", 1.0).unwrap();
    assert_eq!(session.changes().set.len(), 1);
}

#[test]
fn a_list_changed_in_place_is_a_change() {
    let mut session = Session::for_test([("list", Value::from(vec![0]))], None);
    let Some(Value::List(list)) = session.get_mut("list") else {
        panic!("a list")
    };
    list.push(Value::Int(1));
    let delta = session.changes();
    assert_eq!(delta.set.get("list"), Some(&Value::from(vec![0, 1])));
}

#[test]
fn borrowing_in_place_without_changing_is_no_change() {
    let mut session = session();
    assert!(session.get_mut("a").is_some() && session.get_mut("none").is_none());
    assert!(session.changes().is_empty());
}

#[test]
fn removals_are_changes_per_key() {
    let mut session = session();
    assert_eq!(session.remove("a"), Some(Value::Int(1)));
    assert_eq!(session.remove("a"), None);
    assert_eq!(session.changes().removed.into_iter().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn pop_set_default_and_pop_item_do_as_a_dict_does() {
    let mut session = session();
    assert_eq!(session.pop("a", Value::Null), Value::Int(1));
    assert_eq!(session.pop("a", Value::from("none")), Value::from("none"));
    assert_eq!(session.set_default("b", 9), Ok(Value::Int(2)));
    assert_eq!(session.set_default("c", 9), Ok(Value::Int(9)));
    assert_eq!(session.pop_item(), Some(("c".into(), Value::Int(9))));
    session.clear();
    assert_eq!((session.pop_item(), session.is_empty()), (None, true));
    assert_eq!(session.changes().removed.len(), 2);
}

#[test]
fn keys_and_items_come_in_order() {
    let session = session();
    assert_eq!(session.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(
        session
            .items()
            .map(|(_, value)| value.clone())
            .collect::<Vec<_>>(),
        [Value::Int(1), Value::Int(2)]
    );
    assert!(session.contains_key("a") && !session.contains_key("c"));
}

#[test]
fn an_update_is_all_or_nothing() {
    let mut session = session();
    let pairs = [
        ("c".to_owned(), Value::Int(3)),
        ("user.id".to_owned(), Value::Int(4)),
    ];
    assert_eq!(session.update(pairs), Err(WriteError::Reserved("user.id".into())));
    assert!(!session.contains_key("c"));
    let before = session.update([("a".to_owned(), Value::Int(9)), ("c".to_owned(), Value::Int(3))]);
    assert_eq!(before, Ok(vec![Some(Value::Int(1)), None]));
}

#[test]
fn reserved_keys_are_refused_and_nothing_is_written() {
    let mut session = session();
    for key in ["user.id", "user.auth_method", "setuid", "trail", "csrf"] {
        assert_eq!(session.insert(key, 1), Err(WriteError::Reserved(key.into())));
        assert!(session.set_default(key, 1).is_err());
    }
    assert!(session.changes().is_empty());
}

#[test]
fn limits_are_errors_and_leave_the_session_as_it_was() {
    let mut session = session();
    let too_large = session.insert("big", "x".repeat(MAX_SESSION_BYTES));
    assert!(matches!(too_large, Err(WriteError::TooLarge(_))));
    assert!(session.changes().is_empty());
    for i in 0..MAX_KEYS - 2 {
        session.insert(&format!("k{i}"), i).unwrap();
    }
    assert_eq!(session.insert("one more", 1), Err(WriteError::TooManyKeys));
    assert_eq!(session.len(), MAX_KEYS);
    assert!(matches!(
        session.insert("a", u64::MAX),
        Err(WriteError::NotStorable(_))
    ));
}

#[test]
fn a_roll_back_takes_back_writes_and_visits() {
    let mut session = session();
    session.insert("kept", 1).unwrap();
    session.visit(TrailEntry::new("w", "Kept"), 5);
    let savepoint = session.savepoint();
    session.insert("a", 9).unwrap();
    session.remove("b");
    session.visit(TrailEntry::new("w", "Dropped"), 5);
    session.mark_changed();
    session.roll_back(savepoint);
    assert_eq!(session.items().count(), 3);
    assert_eq!(session.get("a"), Some(&Value::Int(1)));
    assert_eq!(session.changes().visits, [TrailEntry::new("w", "Kept")]);
    assert_eq!(session.trail().len(), 1);
    assert!(!session.is_marked());
}

#[test]
fn a_savepoint_copies_nothing() {
    let session = session();
    let savepoint = session.savepoint();
    assert!(Arc::ptr_eq(&savepoint.values, &session.values));
}

#[test]
fn use_is_noticed_and_looking_at_bookkeeping_is_none() {
    let session = session();
    assert!(session.key_text().is_some() && session.is_stored() && !session.store_is_down());
    assert!(session.identity().is_none() && session.acting().is_none());
    assert!(!session.was_used());
    assert!(!session.contains_key("none"));
    assert!(session.was_used());
}

#[test]
fn each_way_of_reading_is_a_use() {
    let reads: [fn(&mut Session); 8] = [
        |session| _ = session.is_new(),
        |session| _ = session.get("x"),
        |session| _ = session.get_mut("x"),
        |session| _ = session.len(),
        |session| _ = session.keys().count(),
        |session| _ = session.items().count(),
        |session| _ = session.trail(),
        |session| _ = session.remove("x"),
    ];
    for (number, read) in reads.iter().enumerate() {
        let mut session = session();
        read(&mut session);
        assert!(session.was_used(), "read {number}");
    }
}

#[test]
fn a_known_user_is_a_use_and_the_lack_of_one_is_none() {
    let user = identity("u1", crate::testing::at(0));
    let session = Session::for_test([("a", 1)], Some(user));
    assert_eq!(session.identity().unwrap().user_id, "u1");
    assert!(session.was_used());
}

#[test]
fn visits_move_to_the_end_and_the_last_one_again_is_none() {
    let mut session = session();
    for page in ["A", "B", "A", "A"] {
        session.visit(TrailEntry::new("w", page), 5);
    }
    assert_eq!(
        session.trail(),
        [TrailEntry::new("w", "B"), TrailEntry::new("w", "A")]
    );
    assert_eq!(session.changes().visits.len(), 3);
}

#[test]
fn no_trail_is_kept_when_it_is_off_or_for_whom_nothing_can_be_kept() {
    let mut session = session();
    session.visit(TrailEntry::new("w", "A"), 0);
    session.visit(TrailEntry::new("w", "x".repeat(2000)), 5);
    assert!(session.changes().is_empty() && !session.was_used());
    let mut unsaved = Session::unsaved();
    unsaved.visit(TrailEntry::new("w", "A"), 5);
    assert!(unsaved.trail().is_empty());
}

#[test]
fn a_value_of_a_visitor_who_cannot_have_a_session_lives_for_the_request() {
    let mut session = Session::unsaved();
    assert!(session.is_new() && !session.is_stored() && session.key_text().is_none());
    session.insert("a", 1).unwrap();
    assert_eq!(session.get("a"), Some(&Value::Int(1)));
}

#[test]
fn a_session_prints_neither_values_nor_ids() {
    let session = Session::for_test([("a", "secret")], None);
    let text = format!("{session:?}");
    assert!(!text.contains("secret") && text.contains("keys: 1"), "{text}");
}

#[test]
fn the_values_that_a_request_added_are_counted_without_using_the_session() {
    let mut session = Session::for_test([("a", 1), ("b", 2)], None);
    assert_eq!((session.keys_added(), session.was_used()), (0, false));
    session.insert("c", 3).unwrap();
    session.insert("a", 4).unwrap();
    assert_eq!(session.keys_added(), 1);
    session.remove("b");
    session.remove("a");
    assert_eq!(session.keys_added(), 0);
}

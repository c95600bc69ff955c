//! What is claimed of records that are kept at hand.

use std::path::Path;

use super::*;
use crate::store::acceptance::{at, guest_at, key, realm, values, visit};
use crate::trail::TrailEntry;

struct File {
    kept: KeptRecords,
    ours: Connection,
    foreign: Connection,
    _dir: tempfile::TempDir,
}

fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t (n)")
        .unwrap();
    connection
}

fn file() -> File {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let file = File {
        kept: KeptRecords::default(),
        ours: open(&path),
        foreign: open(&path),
        _dir: dir,
    };
    commit(&file.ours);
    file.kept.begin(&path, || Ok(open(&path))).unwrap();
    file
}

fn commit(connection: &Connection) {
    connection.execute("INSERT INTO t VALUES (1)", []).unwrap();
}

impl File {
    fn put(&self, number: u8) {
        let glance = self.kept.glance().unwrap();
        self.kept.put(glance, key(number), guest_at(0));
    }

    fn get(&self, number: u8) -> Option<Record> {
        let glance = self.kept.glance().unwrap();
        self.kept.get(glance, &key(number), &realm(), at(1))
    }

    /// A commit of ours that changes this.
    fn commit_ours(&self, changes: Vec<Change>) {
        let before = self.kept.look();
        commit(&self.ours);
        self.kept.note_commit(before, changes);
    }
}

#[test]
fn what_was_put_is_got_until_somebody_else_commits() {
    let file = file();
    assert_eq!(file.get(1), None);
    file.put(1);
    assert_eq!(file.get(1), Some(guest_at(0)));
    commit(&file.foreign);
    assert_eq!(file.get(1), None);
    file.put(1);
    assert_eq!(file.get(1), Some(guest_at(0)));
}

#[test]
fn a_commit_of_ours_changes_what_it_says_and_leaves_the_rest() {
    let file = file();
    (1..=4).for_each(|number| file.put(number));
    let mut other = guest_at(0);
    other.values = Arc::new(values(&[("a", 1)]));
    file.commit_ours(vec![
        Change::Record(key(1), Box::new(other.clone())),
        Change::Visits(key(2), visit("A")),
        Change::Reload(key(3)),
    ]);
    assert_eq!(file.get(1), Some(other));
    assert_eq!(*file.get(2).unwrap().trail, visit("A").visits);
    assert_eq!(file.get(3), None);
    assert_eq!(file.get(4), Some(guest_at(0)));
}

#[test]
fn a_commit_of_ours_that_does_not_say_what_it_changes_may_have_changed_anything() {
    let file = file();
    file.put(1);
    file.commit_ours(vec![Change::Visits(key(1), visit("A")), Change::Anything]);
    assert_eq!(file.get(1), None);
}

#[test]
fn a_commit_of_ours_hides_none_of_somebody_else() {
    let file = file();
    for foreign_is_first in [true, false] {
        file.put(1);
        if foreign_is_first {
            commit(&file.foreign);
        }
        let before = file.kept.look();
        commit(&file.ours);
        if !foreign_is_first {
            commit(&file.foreign);
        }
        file.kept.note_commit(before, vec![Change::Reload(key(2))]);
        assert_eq!(file.get(1), None, "{foreign_is_first}");
    }
}

#[test]
fn a_transaction_that_wrote_nothing_changes_nothing() {
    let file = file();
    file.put(1);
    file.kept.note_commit(file.kept.look(), vec![Change::Anything]);
    assert_eq!(file.get(1), Some(guest_at(0)));
}

#[test]
fn what_was_loaded_before_a_commit_is_not_kept_after_it() {
    let file = file();
    let glance = file.kept.glance().unwrap();
    file.commit_ours(vec![Change::Reload(key(1))]);
    file.kept.put(glance, key(1), guest_at(0));
    assert_eq!(file.get(1), None);
    let glance = file.kept.glance().unwrap();
    commit(&file.foreign);
    file.kept.put(glance, key(1), guest_at(0));
    assert_eq!(file.get(1), None);
}

#[test]
fn who_glanced_before_a_commit_that_may_have_changed_anything_gets_nothing_after_it() {
    let file = file();
    file.put(1);
    let glance = file.kept.glance().unwrap();
    assert!(file.kept.get(glance, &key(1), &realm(), at(1)).is_some());
    file.commit_ours(vec![Change::Visits(key(1), visit("A")), Change::Anything]);
    assert_eq!(file.kept.get(glance, &key(1), &realm(), at(1)), None);
}

#[test]
fn a_record_that_has_expired_or_is_of_another_realm_is_not_got() {
    let file = file();
    file.put(1);
    let glance = file.kept.glance().unwrap();
    let end = guest_at(0).expires();
    assert!(file.kept.get(glance, &key(1), &realm(), end).is_none());
    let other = crate::Realm::from_bytes([9; 32]);
    assert!(file.kept.get(glance, &key(1), &other, at(1)).is_none());
}

#[test]
fn a_long_record_is_not_kept() {
    let file = file();
    let glance = file.kept.glance().unwrap();
    let mut long = guest_at(0);
    long.values = Arc::new([("a".to_owned(), "x".repeat(LONGEST).into())].into());
    file.kept.put(glance, key(1), long.clone());
    assert_eq!(file.get(1), None);
    file.put(1);
    file.commit_ours(vec![Change::Record(key(1), Box::new(long))]);
    assert_eq!(file.get(1), None);
}

#[test]
fn a_record_whose_trail_grows_long_is_kept_no_more() {
    let file = file();
    file.put(1);
    let mut is_kept = Vec::new();
    for number in 0..80 {
        let page = format!("{number}{}", "x".repeat(200));
        file.commit_ours(vec![Change::Visits(key(1), visit(&page))]);
        is_kept.push(file.get(1).is_some());
    }
    assert_eq!((is_kept[0], is_kept[79]), (true, false));
}

#[test]
fn visits_are_added_as_the_file_has_them() {
    let file = file();
    file.put(1);
    for page in ["A", "B", "A"] {
        file.commit_ours(vec![Change::Visits(key(1), visit(page))]);
    }
    let trail = file.get(1).unwrap().trail;
    assert_eq!(*trail, ["B", "A"].map(|page| TrailEntry::new("w", page)));
}

#[test]
fn without_a_file_to_look_at_nothing_is_kept() {
    let kept = KeptRecords::default();
    assert_eq!(kept.glance(), None);
    kept.note_commit(None, vec![Change::Reload(key(1))]);
    assert_eq!(kept.glance(), None);
}

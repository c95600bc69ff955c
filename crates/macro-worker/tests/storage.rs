//! `macro.storage`: reading, writing at the end, conflicts.

use grange_macro_protocol::{Question, Value};

use crate::harness::{Worker, execute, raised, text};

const POLL: &str = "votes = macro.storage.get('votes', {})\nvotes[args] = votes.get(args, 0) + 1\n\
                    macro.storage['votes'] = votes\nreturn str(votes[args])";

#[test]
fn what_is_written_is_there_at_the_next_call() {
    let mut worker = Worker::start();
    let (module, _) = worker.load(&execute(POLL)).unwrap();
    let job = worker.job(module, &[Some("tea"), Some("tea")]);
    let results = worker.run(job);
    assert_eq!((text(&results[0]), text(&results[1])), ("1", "2"));
    assert_eq!(
        worker.wiki.stored["votes"],
        Value::Map(vec![("tea".into(), 2.into())])
    );
}

#[test]
fn a_conflict_runs_the_call_again_from_the_start() {
    let mut worker = Worker::start();
    worker.wiki.conflicts = 2;
    let result = worker.call(&execute(POLL), "tea");
    assert_eq!(text(&result), "1");
    let commits = worker
        .wiki
        .asked
        .iter()
        .filter(|asked| matches!(asked, Question::Commit { .. }));
    assert_eq!(commits.count(), 3);
}

#[test]
fn endless_conflicts_end_in_a_failure_that_says_so() {
    let mut worker = Worker::start();
    worker.wiki.conflicts = 1000;
    let result = worker.call(&execute(POLL), "tea");
    assert!(raised(&result).contains("others kept changing"), "{result:?}");
    assert!(worker.wiki.stored.is_empty());
    let commits = worker
        .wiki
        .asked
        .iter()
        .filter(|asked| matches!(asked, Question::Commit { .. }));
    assert_eq!(commits.count(), 6, "once, and five times more");
}

#[test]
fn a_failed_call_writes_nothing() {
    let mut worker = Worker::start();
    for end in ["raise ValueError('x')", "return None"] {
        worker.body(&format!("macro.storage['a'] = 1\n{end}"));
        assert!(worker.wiki.stored.is_empty(), "{end}");
    }
}

#[test]
fn every_verb_does_what_it_says() {
    let mut worker = Worker::start();
    worker.wiki.stored.insert("b".into(), 2.into());
    worker.wiki.stored.insert("a".into(), 1.into());
    for (expression, expected) in [
        ("s['a']", "1"),
        ("'a' in s, 'x' in s, s.has_key('a')", "(True, False, True)"),
        ("s.get('x'), s.get('x', 3)", "(None, 3)"),
        ("s.keys()", "['a', 'b']"),
        ("s.keys('b')", "['b']"),
        ("s.items()", "[('a', 1), ('b', 2)]"),
        ("s.values()", "[1, 2]"),
        ("len(s)", "2"),
        ("[k for k in s]", "['a', 'b']"),
        ("s.setdefault('a', 9)", "1"),
    ] {
        let result = worker.body(&format!("s = macro.storage\nreturn str(({expression}))"));
        assert_eq!(text(&result), expected, "{expression}");
    }
    let is_commit = |asked: &Question| matches!(asked, Question::Commit { .. });
    assert!(
        !worker.wiki.asked.iter().any(is_commit),
        "reading commits nothing"
    );
    worker.body("s = macro.storage\ns.remove('a')\ns.pop('b')\ns.remove('x')\ns.setdefault('l', []).append(5)\nreturn ''");
    assert_eq!(
        worker.wiki.stored,
        [("l".to_owned(), Value::List(vec![5.into()]))].into()
    );
    worker.body("macro.storage['l'].append(6)\nmacro.storage.update(z=1)\nreturn ''");
    assert_eq!(worker.wiki.stored["l"], Value::List(vec![5.into(), 6.into()]));
    assert_eq!(worker.wiki.stored["z"], 1.into());
}

#[test]
fn a_commit_says_what_the_call_has_looked_at() {
    let mut worker = Worker::start();
    worker.wiki.stored.insert("a".into(), 1.into());
    for (body, expected) in [
        ("s['x'] = s['a']", Some(vec!["a".to_owned()])),
        ("s['x'] = 1 if 'q' in s else 2", Some(vec!["q".to_owned()])),
        ("s['y'] = 1", Some(vec![])),
        ("s['z'] = len(s)", None),
    ] {
        worker.wiki.asked.clear();
        worker.body(&format!("s = macro.storage\n{body}\nreturn ''"));
        let read = worker.wiki.asked.iter().find_map(|asked| match asked {
            Question::Commit { read, .. } => Some(read.clone()),
            _ => None,
        });
        assert_eq!(read, Some(expected), "{body}");
    }
}

#[test]
fn none_and_objects_cannot_be_kept() {
    let mut worker = Worker::start();
    let result = worker.body("macro.storage['a'] = None\nreturn ''");
    assert!(raised(&result).contains("remove(key)"), "{result:?}");
    let result = worker.body("macro.storage['a'] = macro\nreturn ''");
    assert!(raised(&result).contains("cannot be stored"), "{result:?}");
}

#[test]
fn a_file_that_does_not_speak_of_storage_asks_for_none() {
    let mut worker = Worker::start();
    worker.body("return 'x'");
    assert_eq!(worker.wiki.asked, []);
}

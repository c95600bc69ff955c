//! Neighbouring calls of one file: what they share, and what they do not.

use std::collections::BTreeMap;

use grange_macro_protocol::{CallResult, Failure, Limit, Limits, Value};

use crate::harness::{Worker, failure, raised, text};

/// Counts its calls in a name of the file's own, and does what its argument says.
const COUNTS: &str = r#"
count = 0

def execute(macro, args):
    global count
    count += 1
    if args == 'fail':
        raise ValueError('on purpose')
    if args == 'loop':
        while True:
            pass
    if args == 'none':
        return None
    if args == 'long':
        return 'x' * 2000000
    if args == 'print':
        print('printed by', count)
    return str(count) + str(macro.args)
"#;

fn run(source: &str, calls: &[&str]) -> Vec<CallResult> {
    run_in(&mut Worker::start(), source, calls)
}

fn run_in(worker: &mut Worker, source: &str, calls: &[&str]) -> Vec<CallResult> {
    let (module, _) = worker.load(source).unwrap();
    let calls: Vec<_> = calls.iter().copied().map(Some).collect();
    let job = worker.job(module, &calls);
    worker.run(job)
}

fn outputs(results: &[CallResult]) -> Vec<&str> {
    results
        .iter()
        .map(|result| result.output.as_deref().unwrap_or("failed"))
        .collect()
}

#[test]
fn they_share_the_names_of_their_file_and_each_has_its_own_arguments() {
    assert_eq!(outputs(&run(COUNTS, &["a", "b", "c"])), ["1a", "2b", "3c"]);
}

#[test]
fn after_one_that_fails_in_whatever_way_the_next_one_begins_afresh() {
    for fails in ["fail", "none", "long"] {
        let results = run(COUNTS, &["a", fails, "b", "c"]);
        assert_eq!(outputs(&results), ["1a", "failed", "1b", "2c"], "{fails}");
    }
}

#[test]
fn each_has_the_time_of_one_call() {
    let mut worker = Worker::with_limits(Limits {
        time_ms: 1500,
        ..Limits::default()
    });
    let results = run_in(&mut worker, COUNTS, &["a", "loop", "b"]);
    assert_eq!(outputs(&results), ["1a", "failed", "1b"]);
    assert_eq!(failure(&results[1]), &Failure::Limit(Limit::Time));
}

#[test]
fn what_one_prints_is_told_of_that_one() {
    let results = run(COUNTS, &["a", "print", "b"]);
    let logs: Vec<_> = results.iter().map(|result| result.log.clone()).collect();
    assert_eq!(logs, [vec![], vec!["printed by 2".to_owned()], vec![]]);
}

#[test]
fn wrong_arguments_of_one_stop_none_of_the_others() {
    let source = "seen = []\n\ndef macro_Test(macro, n=1):\n    seen.append(n)\n    return '%r %s' % (seen, macro.args)\n";
    let results = run(source, &["1", "x", "2", "3"]);
    assert_eq!(
        outputs(&results),
        ["[1] 1", "failed", "[2] 2", "[2, 3] 3"],
        "the one with wrong arguments does not run at all"
    );
    assert!(matches!(failure(&results[1]), Failure::Arguments(_)));
}

#[test]
fn the_session_goes_from_one_to_the_next_and_each_tells_its_own_changes() {
    let source = "def execute(macro, args):\n    session = macro.request.session\n    \
                  session['n'] = session.get('n', 0) + 1\n    return str(session['n'])\n";
    let results = run(source, &["", "", ""]);
    assert_eq!(outputs(&results), ["1", "2", "3"]);
    for (result, n) in results.iter().zip(1..) {
        let told = format!("{:?}", result.session);
        assert!(told.contains(&format!("{:?}", Value::Int(n))), "{told}");
    }
}

#[test]
fn one_that_ends_its_call_itself_gets_no_further_than_its_own_results() {
    let source = "def execute(macro, args):\n    _grange_host.end('mine ' + macro.args)\n    \
                  raise ValueError('the loop is mine')\n";
    let results = run(source, &["a", "b", "c"]);
    assert_eq!(text(&results[0]), "mine a");
    assert!(raised(&results[1]).contains("the loop is mine"), "{results:?}");
}

#[test]
fn those_with_a_storage_begin_afresh_each_so_that_they_see_what_is_stored_by_then() {
    let mut worker = Worker::start();
    worker.wiki.stored = BTreeMap::from([("n".to_owned(), Value::Int(5))]);
    let source = "seen = []\n\ndef execute(macro, args):\n    seen.append(args)\n    \
                  macro.storage['n'] = macro.storage['n'] + 1\n    return '%s %d' % (seen, macro.storage['n'])\n";
    let results = run_in(&mut worker, source, &["a", "b"]);
    assert_eq!(outputs(&results), ["['a'] 6", "['b'] 7"]);
}

#[test]
fn one_that_begins_anew_for_the_session_goes_on_with_the_questions_it_has_asked() {
    let mut worker = Worker::with_limits(Limits {
        questions: 6,
        time_ms: 20_000,
        ..Limits::default()
    });
    worker.wiki.pages = BTreeMap::from([("A".to_owned(), "text".to_owned())]);
    let source = "from MoinMoin.Page import Page\n\ndef execute(macro, args):\n    if args == 'ask':\n        \
                  for i in range(4):\n            Page(macro.request, 'A').get_raw_body()\n        \
                  macro.request.session\n    return 'done'\n";
    let results = run_in(&mut worker, source, &["", "ask", ""]);
    assert_eq!(outputs(&results), ["done", "failed", "done"]);
    assert_eq!(failure(&results[1]), &Failure::Limit(Limit::Questions));
}

#[test]
fn one_for_whom_its_neighbours_left_no_memory_runs_alone() {
    let source = "kept = []\n\ndef execute(macro, args):\n    kept.append('x' * (20 << 20))\n    return str(len(kept))\n";
    let results = run(source, &["", "", "", "", ""]);
    assert_eq!(outputs(&results), ["1", "2", "3", "1", "2"]);
}

#[test]
fn one_that_ends_its_call_itself_with_a_session_that_it_never_read_changes_none() {
    let mut worker = Worker::start();
    worker.session.values = vec![("a".into(), 1.into())];
    let source = "def execute(macro, args):\n    _grange_host.end('x', session={})\n";
    let results = run_in(&mut worker, source, &[""]);
    assert_eq!((text(&results[0]), &results[0].session), ("x", &vec![]));
}

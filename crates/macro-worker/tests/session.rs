//! `request.session`: every verb, what comes back as a change, and what cannot be stored.

use grange_macro_protocol::{SessionChange, Value};

use crate::harness::{Worker, raised, text};

fn values() -> Vec<(String, Value)> {
    vec![
        ("n".into(), 1.into()),
        ("list".into(), Value::List(vec![1.into()])),
        ("map".into(), Value::Map(vec![("k".into(), "v".into())])),
    ]
}

/// What a body with the session as `s` gives back and changes.
fn with_session(body: &str) -> (String, Vec<SessionChange>) {
    let mut worker = Worker::start();
    worker.session.values = values();
    let result = worker.body(&format!("s = macro.request.session\n{body}"));
    (text(&result).to_owned(), result.session)
}

fn set(key: &str, value: impl Into<Value>) -> SessionChange {
    SessionChange::Set(key.into(), value.into())
}

#[test]
fn reading_changes_nothing() {
    for (expression, expected) in [
        ("s['n']", "1"),
        ("'n' in s, 'x' in s", "(True, False)"),
        ("s.has_key('n')", "True"),
        ("s.get('n'), s.get('x'), s.get('x', 5)", "(1, None, 5)"),
        ("list(s.keys())", "['n', 'list', 'map']"),
        ("list(s.values())[0]", "1"),
        ("list(s.items())[0]", "('n', 1)"),
        ("len(s)", "3"),
        ("[key for key in s]", "['n', 'list', 'map']"),
        ("s.is_new", "False"),
        ("s.copy() == s", "True"),
        ("s.setdefault('n', 7)", "1"),
    ] {
        let (text, changes) = with_session(&format!("return str(({expression}))"));
        assert_eq!(text, expected, "{expression}");
        assert_eq!(changes, [], "{expression}");
    }
}

#[test]
fn every_way_to_change_it_comes_back() {
    let removed = |keys: &[&str]| {
        keys.iter()
            .map(|key| SessionChange::Remove((*key).into()))
            .collect::<Vec<_>>()
    };
    let cases: Vec<(&str, Vec<SessionChange>)> = vec![
        ("s['x'] = None", vec![set("x", Value::Null)]),
        ("s['n'] = 2", vec![set("n", 2)]),
        (
            "s['x'] = (1, 2.5, True)",
            vec![set(
                "x",
                Value::List(vec![1.into(), Value::Float(2.5), true.into()]),
            )],
        ),
        ("s.pop('n')", removed(&["n"])),
        ("s.pop('x', 0)", vec![]),
        ("s.popitem()", removed(&["map"])),
        (
            "s.setdefault('x', []).append(1)",
            vec![set("x", Value::List(vec![1.into()]))],
        ),
        ("s.update({'x': 1}, y=2)", vec![set("x", 1), set("y", 2)]),
        ("s.update([('x', 1)])", vec![set("x", 1)]),
        ("s |= {'x': 1}", vec![set("x", 1)]),
        ("s.clear()", removed(&["n", "list", "map"])),
        (
            "s['list'].append(2)",
            vec![set("list", Value::List(vec![1.into(), 2.into()]))],
        ),
        (
            "s['map']['k'] = 3",
            vec![set("map", Value::Map(vec![("k".into(), 3.into())]))],
        ),
        ("s.mark_changed()", vec![SessionChange::MarkChanged]),
        ("s.markChanged()", vec![SessionChange::MarkChanged]),
        ("s.reset()", vec![SessionChange::Reset]),
        ("s.reset()\ns['n'] = 1", vec![SessionChange::Reset, set("n", 1)]),
    ];
    for (body, expected) in cases {
        let (_, changes) = with_session(&format!("{body}\nreturn ''"));
        assert_eq!(changes, expected, "{body}");
    }
}

#[test]
fn an_equal_value_is_no_change() {
    for body in [
        "s['n'] = 1",
        "s['list'] = [1]",
        "s['map'] = {'k': 'v'}",
        "s['n'] = 5\ns['n'] = 1",
        "s.update(n=1)",
    ] {
        assert_eq!(with_session(&format!("{body}\nreturn ''")).1, [], "{body}");
    }
    assert_eq!(with_session("s['n'] = True\nreturn ''").1, [set("n", true)]);
    assert_eq!(
        with_session("s['n'] = 1.0\nreturn ''").1,
        [set("n", Value::Float(1.0))]
    );
}

#[test]
fn what_is_no_data_is_refused_where_it_is_written() {
    let mut worker = Worker::start();
    for (value, kind) in [
        ("macro.page", "page"),
        ("b'x'", "bytes"),
        ("{1}", "set"),
        ("macro", "Macro"),
        ("len", "builtin"),
    ] {
        let result = worker.body(&format!("x = 1\nmacro.request.session['x'] = {value}\nreturn ''"));
        assert!(
            raised(&result).starts_with("TypeError: A value of type"),
            "{kind}: {result:?}"
        );
        assert!(format!("{result:?}").contains("line 3, in execute"), "{result:?}");
        assert_eq!(result.session, []);
    }
    let result = worker.body("macro.request.session[5] = 1\nreturn ''");
    assert!(raised(&result).contains("must be text, not int"), "{result:?}");
}

#[test]
fn what_is_hidden_in_a_list_is_refused_at_the_end() {
    let mut worker = Worker::start();
    for (value, words) in [
        ("[{1: 2}]", "keys of a stored dict must be text"),
        ("[[b'x']]", "type bytes"),
        ("2 ** 70", "more than 64 bits"),
    ] {
        let result = worker.body(&format!("macro.request.session['x'] = {value}\nreturn ''"));
        assert!(raised(&result).contains(words), "{value}: {result:?}");
    }
    let result = worker.body("x = []\nx.append(x)\nmacro.request.session['x'] = x\nreturn ''");
    assert!(raised(&result).contains("cannot be stored"), "{result:?}");
    let result =
        worker.body("x = []\nfor i in range(60):\n    x = [x, x]\nmacro.request.session['x'] = x\nreturn ''");
    assert!(raised(&result).contains("nested too deeply"), "{result:?}");
}

#[test]
fn the_wikis_own_keys_cannot_be_written() {
    let mut worker = Worker::start();
    for key in ["user.id", "setuid", "trail", "csrf"] {
        for body in [
            "macro.request.session[KEY] = 1",
            "macro.request.session.update({KEY: 1})",
            "macro.request.session._values[KEY] = 1",
        ] {
            let result = worker.body(&format!(
                "{}\nreturn ''",
                body.replace("KEY", &format!("'{key}'"))
            ));
            assert!(
                raised(&result).contains("belongs to the wiki"),
                "{body}: {result:?}"
            );
            assert_eq!(result.session, []);
        }
    }
}

#[test]
fn a_failed_call_leaves_nothing_in_the_session_also_not_for_the_next_one() {
    let mut worker = Worker::start();
    let source = "def execute(macro, args):\n    s = macro.request.session\n    s['a'] = s.get('a', 0) + 1\n    \
                  s.setdefault('l', []).append(args)\n    if args == 'fail':\n        raise ValueError('x')\n    \
                  if args == 'none':\n        return None\n    return str(s['a']) + str(s['l'])\n";
    let (module, _) = worker.load(source).unwrap();
    let job = worker.job(module, &[Some("1"), Some("fail"), Some("none"), Some("2")]);
    let results = worker.run(job);
    assert_eq!(text(&results[0]), "1['1']");
    assert_eq!((&results[1].session, &results[2].session), (&vec![], &vec![]));
    assert_eq!(text(&results[3]), "2['1', '2']");
}

#[test]
fn a_reset_also_holds_for_the_calls_that_follow() {
    let mut worker = Worker::start();
    worker.session.values = values();
    let source = "def execute(macro, args):\n    s = macro.request.session\n    if args == 'reset':\n        s.reset()\n    \
                  return str(len(s))\n";
    let (module, _) = worker.load(source).unwrap();
    let job = worker.job(module, &[Some("reset"), Some("")]);
    let results = worker.run(job);
    assert_eq!((text(&results[0]), text(&results[1])), ("0", "0"));
    assert_eq!(results[1].session, []);
}

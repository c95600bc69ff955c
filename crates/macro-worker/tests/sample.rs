//! The session sample of MoinMoin's help pages, in its three versions, word for word.

use grange_macro_protocol::{Entry, SessionChange, SessionFacts, Value};

use crate::harness::{Worker, raised, text};

/// As HelpOnSessions has it.
const SAMPLE: &str = r#"# -*- coding: iso-8859-1 -*-

"""
    Tests session state.
"""

Dependencies = ['time']

def execute(macro, args):
    if macro.request.session.is_new:
        return macro.formatter.text('Not storing any state until you send a cookie.')
    if 'test' in macro.request.session:
        return macro.formatter.text("Loaded value %d" % macro.request.session['test'])
    import random
    value = random.randint(1, 100000)
    macro.request.session['test'] = value
    return macro.formatter.text("Set to value %d" % value)
"#;

/// As an older page has it, without `is_new`.
const OLDER: &str = r#"# -*- coding: iso-8859-1 -*-

"""
    Tests session state.
"""

Dependencies = ['time']

def execute(macro, args):
    if 'test' in macro.request.session:
        return macro.formatter.text(macro.request.session['test'])
    import random
    value = random.randint(1, 100000)
    macro.request.session['test'] = value
    return macro.formatter.text("set to value %d" % value)
"#;

/// As the Russian page has it, its indentation mended, which is broken there.
const TRANSLATED: &str = r#"#!python
# -*- coding: utf-8 -*-

"""
   Проверяет состояние сеанса.
"""

Dependencies = ['time']

def execute(macro, args):
    _ = macro.request.getText

    if macro.request.session.is_new:
        return macro.formatter.text(_('Not storing any state until you send a cookie.'))
    if 'test' in macro.request.session:
        return macro.formatter.text(_("Loaded value %d") % macro.request.session['test'])
    import random
    value = random.randint(1, 100000)
    macro.request.session['test'] = value
    return macro.formatter.text(_("Set to value %d") % value)
"#;

fn stored(result: &grange_macro_protocol::CallResult) -> i64 {
    match result.session.as_slice() {
        [SessionChange::Set(key, Value::Int(number))] if key == "test" => *number,
        _ => panic!("{result:?}"),
    }
}

#[test]
fn one_without_a_cookie_is_told_so_and_nothing_is_stored() {
    let mut worker = Worker::start();
    worker.session.is_new = true;
    for source in [SAMPLE, TRANSLATED] {
        let result = worker.call(source, "");
        assert_eq!(text(&result), "Not storing any state until you send a cookie.");
        assert_eq!(result.session, []);
        assert!(result.touched.session);
    }
}

#[test]
fn a_value_is_stored_at_the_first_view_and_loaded_at_the_second() {
    let mut worker = Worker::start();
    for (source, set, loaded) in [
        (SAMPLE, "Set to value", "Loaded value "),
        (OLDER, "set to value", ""),
        (TRANSLATED, "Set to value", "Загружено значение "),
    ] {
        worker.session = SessionFacts {
            is_new: false,
            values: Vec::new(),
        };
        let first = worker.call(source, "");
        let number = stored(&first);
        assert_eq!(text(&first), format!("{set} {number}"));
        worker.session.values = vec![("test".into(), number.into())];
        let second = worker.call(source, "");
        assert_eq!(text(&second), format!("{loaded}{number}"));
        assert_eq!(second.session, []);
    }
}

#[test]
fn the_second_call_on_a_page_sees_what_the_first_has_stored() {
    let mut worker = Worker::start();
    let (module, _) = worker.load(SAMPLE).unwrap();
    let job = worker.job(module, &[None, None]);
    let results = worker.run(job);
    let number = stored(&results[0]);
    assert_eq!(text(&results[1]), format!("Loaded value {number}"));
    assert_eq!(results[1].session, []);
}

#[test]
fn the_sample_says_what_it_is() {
    let mut worker = Worker::start();
    let (_, facts) = worker.load(SAMPLE).unwrap();
    assert_eq!(facts.dependencies, Some(vec!["time".to_owned()]));
    assert_eq!(facts.entry, Entry::Execute);
    assert_eq!(
        facts.docstring.as_deref().map(str::trim),
        Some("Tests session state.")
    );
}

#[test]
fn text_where_the_sample_wants_a_number_is_an_exception_with_the_files_line() {
    let mut worker = Worker::start();
    worker.session.values = vec![("test".into(), "x".into())];
    let result = worker.call(SAMPLE, "");
    assert!(raised(&result).starts_with("TypeError: %d format"), "{result:?}");
    match &result.output {
        Err(grange_macro_protocol::Failure::Raised { traceback, .. }) => {
            assert!(traceback.contains("\"Test.py\", line 13"), "{traceback}");
            assert!(!traceback.contains("_grange"), "{traceback}");
        }
        other => panic!("{other:?}"),
    }
}

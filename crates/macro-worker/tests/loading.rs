//! Files: what they say about themselves, and what is wrong with them.

use grange_macro_protocol::{Entry, Failure, Parameter, Value};

use crate::harness::{Worker, execute, failure, text};

#[test]
fn a_mistake_is_told_with_line_column_and_text() {
    let mut worker = Worker::start();
    let wrong = worker
        .load("def execute(macro, args):\n    return 'x\n")
        .unwrap_err();
    assert_eq!((wrong.line, wrong.column), (2, 12), "{wrong:?}");
    assert_eq!(wrong.text, "    return 'x");
    assert!(
        !wrong.message.is_empty() && !wrong.message.contains("line 2"),
        "{wrong:?}"
    );
    let wrong = worker.load("x = (1,\n").unwrap_err();
    assert_eq!(
        (wrong.line, wrong.text.as_str()),
        (1, "x = (1,"),
        "not a line of the driver: {wrong:?}"
    );
}

#[test]
fn python_that_the_interpreter_lacks_is_told_with_its_line() {
    let mut worker = Worker::start();
    let wrong = worker
        .load("import re\n\ndef execute(macro, args):\n    yield 1\n")
        .unwrap_err();
    assert_eq!(wrong.line, 4, "{wrong:?}");
    assert!(wrong.message.contains("yield"), "{wrong:?}");
}

#[test]
fn an_exception_while_loading_is_told_with_its_line() {
    let mut worker = Worker::start();
    let wrong = worker
        .load("x = 1\ny = x / 0\ndef execute(macro, args):\n    return ''\n")
        .unwrap_err();
    assert_eq!((wrong.line, wrong.text.as_str()), (2, "y = x / 0"));
    assert_eq!(wrong.message, "ZeroDivisionError: division by zero");
}

#[test]
fn a_file_without_an_entry_point_says_what_to_write() {
    let mut worker = Worker::start();
    let wrong = worker.load("def run(macro):\n    return ''\n").unwrap_err();
    assert_eq!(wrong.line, 0);
    assert!(wrong.message.contains("def execute(macro, args):"), "{wrong:?}");
    assert!(wrong.message.contains("def macro_Test(macro, …):"), "{wrong:?}");
}

#[test]
fn an_entry_that_cannot_be_called_as_macros_are_says_what_to_write() {
    let mut worker = Worker::start();
    for source in [
        "def execute(macro):",
        "def execute():",
        "def execute(macro, args, more):",
        "def execute(macro, args, *, more):",
    ] {
        let wrong = worker
            .load(&format!("x = 1\n{source}\n    return ''\n"))
            .unwrap_err();
        assert_eq!((wrong.line, wrong.column, wrong.text.as_str()), (2, 1, source));
        assert!(
            wrong.message.contains("write def execute(macro, args):"),
            "{wrong:?}"
        );
    }
    let wrong = worker.load("def macro_Test():\n    return ''\n").unwrap_err();
    assert!(
        wrong.message.contains("write def macro_Test(macro, …):"),
        "{wrong:?}"
    );
    for source in [
        "def execute(macro, args, more=1):",
        "def execute(*all):",
        "def execute(macro, args=None, **more):",
        "def macro_Test(macro):",
        "def macro_Test(macro, *, n=1):",
    ] {
        let loaded = worker.load(&format!("{source}\n    return ''\n"));
        assert!(loaded.is_ok(), "{source}: {loaded:?}");
    }
}

#[test]
fn a_class_with_object_in_brackets_says_what_to_write() {
    let mut worker = Worker::start();
    let wrong = worker
        .load("class P(object):\n    x = 1\n\ndef execute(macro, args):\n    return ''\n")
        .unwrap_err();
    assert_eq!(wrong.line, 1, "{wrong:?}");
    assert!(wrong.message.contains("write \"class Name:\""), "{wrong:?}");
}

#[test]
fn a_file_that_loads_for_ever_is_stopped() {
    let mut worker = Worker::with_limits(grange_macro_protocol::Limits {
        time_ms: 100,
        ..Default::default()
    });
    let wrong = worker.load("while True:\n    pass\n").unwrap_err();
    assert!(wrong.message.contains("Time"), "{wrong:?}");
}

#[test]
fn dependencies_are_a_list_an_empty_one_or_none() {
    let mut worker = Worker::start();
    let entry = execute("return ''");
    let mut dependencies = |head: &str| {
        worker
            .load(&format!("{head}\n{entry}"))
            .map(|(_, facts)| facts.dependencies)
    };
    assert_eq!(dependencies(""), Ok(None));
    assert_eq!(dependencies("Dependencies = []"), Ok(Some(vec![])));
    let periods = Some(vec!["time:300".to_owned(), "pages".to_owned()]);
    assert_eq!(dependencies("Dependencies = ['time:300', 'pages']"), Ok(periods));
    assert!(
        dependencies("Dependencies = 5")
            .unwrap_err()
            .message
            .contains("list of texts")
    );
}

#[test]
fn a_typed_entry_tells_its_parameters() {
    let mut worker = Worker::start();
    let source =
        "'''Says it.'''\ndef macro_Test(macro, a, n=5, kind=('x', 'y'), flag=False, t=int):\n    return ''\n";
    let (_, facts) = worker.load(source).unwrap();
    let parameter = |name: &str, default| Parameter {
        name: name.to_owned(),
        default,
    };
    assert_eq!(
        facts.entry,
        Entry::Typed(vec![
            parameter("a", None),
            parameter("n", Some(5.into())),
            parameter("kind", Some(Value::List(vec!["x".into(), "y".into()]))),
            parameter("flag", Some(false.into())),
            parameter("t", Some(Value::Null)),
        ])
    );
    assert_eq!(facts.docstring.as_deref(), Some("Says it."));
}

#[test]
fn a_default_that_no_argument_can_have_is_told_with_the_functions_line() {
    let mut worker = Worker::start();
    let wrong = worker
        .load("\ndef macro_Test(macro, a={}):\n    return ''\n")
        .unwrap_err();
    assert_eq!(wrong.line, 2);
    assert!(wrong.message.contains("\"a\" is of type dict"), "{wrong:?}");
}

#[test]
fn a_traceback_has_the_files_lines_and_nothing_else() {
    let mut worker = Worker::start();
    let source = "def deeper(x):\n    return x / 0\n\ndef execute(macro, args):\n    return deeper(1)";
    let result = worker.call(source, "");
    let Failure::Raised { message, traceback } = failure(&result) else {
        panic!("{result:?}")
    };
    assert_eq!(message, "ZeroDivisionError: division by zero");
    assert!(
        traceback.contains("\"Test.py\", line 5, in execute"),
        "{traceback}"
    );
    assert!(
        traceback.contains("\"Test.py\", line 2, in deeper"),
        "{traceback}"
    );
    assert!(!traceback.contains("grange"), "{traceback}");
}

#[test]
fn a_file_may_use_the_preludes_builtins_for_something_else() {
    let mut worker = Worker::start();
    let source = "len = 5\niter = 6\ntype = 7\nstr = 8\n\ndef execute(macro, args):\n    s = macro.request.session\n    \
                  s['a'] = 1\n    s['b'] = 2\n    for key in s:\n        pass\n    if s:\n        return key\n";
    assert_eq!(text(&worker.call(source, "")), "b");
}

#[test]
fn what_the_interpreter_cannot_do_is_told_without_its_own_name() {
    let mut worker = Worker::start();
    for source in [
        "class A(B):\n    pass\n",
        "def execute(macro, args):\n    yield 1\n",
        "def execute(macro, args):\n    del args\n",
    ] {
        let wrong = worker.load(source).unwrap_err();
        let words = format!("{wrong:?}").to_lowercase();
        assert!(
            words.contains("grange's python") && !words.contains("monty"),
            "{wrong:?}"
        );
    }
    let result = worker.body("return b'\\xff'.decode('utf-8', 'surrogateescape')");
    let words = format!("{result:?}").to_lowercase();
    assert!(!words.contains("monty"), "{result:?}");
}

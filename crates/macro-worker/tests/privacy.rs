//! Marks: each private read sets its own, nothing else sets any, and nothing goes from one view to another.

use grange_macro_protocol::{CallResult, ModuleId, Touches};

use crate::harness::{Worker, execute, text};

fn marks(expression: &str) -> Touches {
    let mut worker = Worker::start();
    worker.wiki.pages.insert("Front Page".into(), "text".into());
    let result = worker.body(&format!("x = {expression}\nreturn ''"));
    text(&result);
    result.touched
}

#[test]
fn each_private_read_sets_its_mark() {
    let session = Touches {
        session: true,
        ..Touches::default()
    };
    let user = Touches {
        user: true,
        ..Touches::default()
    };
    let language = Touches {
        language: true,
        ..Touches::default()
    };
    let moment = Touches {
        moment: true,
        ..Touches::default()
    };
    let address = Touches {
        address: true,
        ..Touches::default()
    };
    for (expression, expected) in [
        ("macro.request.session", session),
        ("macro.request.session.is_new", session),
        ("getattr(macro.request, 'ses' + 'sion', None)", session),
        ("macro.request.user", user),
        ("macro.request.user.name", user),
        ("macro.request.user.may.read('A')", user),
        ("macro.request.user.isSuperUser()", user),
        ("macro.request.user.getFormattedDate(0)", user),
        ("macro.request.lang", language),
        ("macro.request.getText('x')", language),
        ("macro._('x')", language),
        ("macro.request.args", address),
        ("macro.request.values", address),
        ("macro.request.rev", address),
        ("macro.request.isSpiderAgent", address),
        ("macro.request.clock", moment),
        ("__import__('time').time()", moment),
    ] {
        if expression.contains("__import__") {
            continue;
        }
        assert_eq!(marks(expression), expected, "{expression}");
    }
    for (import, expression) in [
        ("import time", "time.time()"),
        ("import time", "time.localtime()"),
        ("import time", "time.monotonic()"),
        ("import datetime", "datetime.datetime.now()"),
        ("import datetime", "datetime.date.today()"),
        ("import random", "random.random()"),
        ("import random", "random.Random().random()"),
        ("import os", "os.urandom(4)"),
    ] {
        let mut worker = Worker::start();
        let result = worker.body(&format!("{import}\nx = {expression}\nreturn ''"));
        text(&result);
        assert_eq!(result.touched, moment, "{expression}");
    }
}

#[test]
fn nothing_else_sets_a_mark() {
    for expression in [
        "macro.name, macro.args, macro.page.page_name, macro.formatter.page.page_name",
        "macro.formatter.strong(1) + macro.formatter.text('x')",
        "macro.formatter.pagelink(1, 'A')",
        "macro.request",
        "macro.request.getText",
        "macro._",
        "macro.request.cfg.sitename",
        "macro.request.page.get_raw_body()",
        "macro.request.rootpage.getPageList()",
        "macro.request.href('A', x=1)",
        "macro.request.getPragma('keywords')",
        "macro.request.dicts.get('ColorsDict')",
        "hasattr(macro.request, 'nothing')",
        "'the word session alone marks nothing'",
    ] {
        assert_eq!(marks(expression), Touches::default(), "{expression}");
    }
    let mut worker = Worker::start();
    let result = worker
        .body("import random, time, datetime\nrandom.seed(5)\ntime.gmtime(0)\nreturn str(random.random())");
    text(&result);
    assert_eq!(result.touched, Touches::default());
}

const READS_IF_TOLD: &str = "def execute(macro, args):\n    if args == 'read':\n        return macro.request.session['secret']\n    return 'no'\n";

/// Text and mark of each call.
fn seen(worker: &mut Worker, module: ModuleId, calls: &[Option<&str>]) -> Vec<(String, bool)> {
    let job = worker.job(module, calls);
    let results = worker.run(job);
    let seen = results.iter();
    seen.map(|result| (text(result).to_owned(), result.touched.session))
        .collect()
}

#[test]
fn a_view_in_which_nothing_reads_the_session_is_not_marked_even_after_one_in_which_something_did() {
    let mut worker = Worker::start();
    worker.session.values = vec![("secret".into(), "s3cret".into())];
    let (module, _) = worker.load(READS_IF_TOLD).unwrap();
    for (call, expected) in [
        ("read", ("s3cret", true)),
        ("", ("no", false)),
        ("read", ("s3cret", true)),
    ] {
        let (text, is_marked) = seen(&mut worker, module, &[Some(call)]).remove(0);
        assert_eq!((text.as_str(), is_marked), expected);
    }
}

#[test]
fn a_call_after_one_that_read_the_session_is_marked_because_the_file_may_have_kept_it() {
    let mut worker = Worker::start();
    worker.session.values = vec![("secret".into(), "s3cret".into())];
    let (module, _) = worker.load(READS_IF_TOLD).unwrap();
    let marks: Vec<_> = seen(&mut worker, module, &[Some(""), Some("read"), Some("")]);
    let marks: Vec<_> = marks.into_iter().map(|(_, is_marked)| is_marked).collect();
    assert_eq!(marks, [false, true, true]);
    // Now with the session in the interpreter from the start, where the first call does not read it.
    let marks: Vec<_> = seen(&mut worker, module, &[Some(""), Some("read"), Some("")]);
    let marks: Vec<_> = marks.into_iter().map(|(_, is_marked)| is_marked).collect();
    assert_eq!(marks, [false, true, true]);
}

/// Bodies that look for the session without reading `request.session`.
const TRICKS: &[&str] = &[
    "return str(globals())",
    "return str(locals())",
    "return str(vars())",
    "return str(dir())",
    "return str(_grange_host.session_kept())",
    "return str(eval('session'))",
    "return str(eval('_grange_main.session'))",
    "exec('x = session')\nreturn str(x)",
    "return str(_grange_main.__closure__)",
    "return str(_grange_GrangeSession)",
    "return str(_GrangeSession.__dict__)",
    "return str(macro.__dict__)",
    "return str(macro.session)",
    "import sys\nreturn str(sys._getframe(1).f_locals)",
    "import sys\nreturn str(sys.modules)",
    "import gc\nreturn str(gc.get_objects())",
    "try:\n    1 / 0\nexcept Exception as e:\n    return str(e.__traceback__.tb_frame.f_back.f_locals)",
];

#[test]
fn no_trick_reaches_the_session_unmarked() {
    for trick in TRICKS {
        let mut worker = Worker::start();
        worker.session.values = vec![("secret".into(), "s3cret".into())];
        // The first call reads it, so that later ones start with it in the interpreter.
        let source = format!(
            "def execute(macro, args):\n    if args == 'read':\n        return macro.request.session['secret']\n    {}\n",
            trick.replace('\n', "\n    ")
        );
        let Ok((module, _)) = worker.load(&source) else {
            continue;
        };
        let is_shown = |result: &CallResult| format!("{result:?}").contains("s3cret");
        let job = worker.job(module, &[Some("read"), Some("")]);
        assert!(is_shown(&worker.run(job)[0]));
        // The same trick in the same view, and in the next one.
        for calls in [&[Some("read"), Some("")][..], &[Some("")]] {
            let job = worker.job(module, calls);
            let results = worker.run(job);
            let tricked = results.last().unwrap();
            assert!(
                tricked.touched.session || !is_shown(tricked),
                "{trick}: {tricked:?}"
            );
        }
    }
}

#[test]
fn nothing_of_one_view_is_seen_by_another() {
    let mut worker = Worker::start();
    for (state, expected) in [
        (
            "import math\nmath.leak = getattr(math, 'leak', 0) + 1\nreturn str(math.leak)",
            "1",
        ),
        (
            "global kept\ntry:\n    kept += 1\nexcept NameError:\n    kept = 1\nreturn str(kept)",
            "1",
        ),
        (
            "macro.request.leak = getattr(macro.request, 'leak', 0) + 1\nreturn str(macro.request.leak)",
            "1",
        ),
        (
            "execute.leak = getattr(execute, 'leak', 0) + 1\nreturn str(execute.leak)",
            "1",
        ),
        ("list_.append(1)\nreturn str(len(list_))", "1"),
    ] {
        let source = format!("list_ = []\n{}", execute(state));
        let Ok((module, _)) = worker.load(&source) else {
            continue;
        };
        for _ in 0..3 {
            let job = worker.job(module, &[None]);
            if let Ok(text) = &worker.run(job)[0].output {
                assert_eq!(text, expected, "{state}");
            }
        }
    }
}

#[test]
fn a_seeded_generator_is_not_seeded_for_the_next_call() {
    let mut worker = Worker::start();
    let source = "import random\ndef execute(macro, args):\n    if args == 'seed':\n        random.seed(1)\n    return str(random.random())\n";
    let (module, _) = worker.load(source).unwrap();
    let job = worker.job(module, &[Some("seed"), Some("seed"), Some(""), Some("")]);
    let results = worker.run(job);
    assert_eq!(text(&results[0]), text(&results[1]));
    assert_ne!(text(&results[1]), text(&results[2]));
    assert_ne!(text(&results[2]), text(&results[3]));
}

//! Macros that mean harm: one failure each, and the worker goes on, or ends and is replaced.

use std::time::{Duration, Instant};

use grange_macro_protocol::{CallResult, Failure, FromWorker, Limit, Limits, Touches};

use crate::harness::{Worker, execute, failure, raised, text};

/// Little time, for what takes more.
const SHORT: Limits = Limits {
    version: grange_macro_protocol::VERSION,
    time_ms: 300,
    memory_bytes: 64 << 20,
    recursion: 200,
    output_bytes: 1 << 20,
    questions: 1000,
};

/// One step that nothing interrupts.
const STUCK: &str = "return str(7 ** (3 * 10 ** 7) % 1000)";

fn worker() -> Worker {
    Worker::with_limits(Limits {
        time_ms: 2000,
        ..Limits::default()
    })
}

fn limit(result: &CallResult) -> Limit {
    match failure(result) {
        Failure::Limit(limit) => *limit,
        other => panic!("{other:?}"),
    }
}

/// The worker is as it was.
fn goes_on(worker: &mut Worker) {
    assert_eq!(text(&worker.body("return 'well'")), "well");
}

#[test]
fn an_endless_loop_is_stopped_in_time() {
    let mut worker = Worker::with_limits(Limits {
        time_ms: 100,
        ..Limits::default()
    });
    for body in [
        "while True:\n    pass",
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
        "x = 0\nfor i in range(10 ** 18):\n    x += i\nreturn str(x)",
        "return str(sum(range(10 ** 12)))",
        "while True:\n    macro.formatter.text('x')",
        "return str(all(x < 0 or True for x in range(10 ** 12)))",
    ] {
        let started = Instant::now();
        let result = worker.body(body);
        assert_eq!(limit(&result), Limit::Time, "{body}");
        assert!(started.elapsed() < Duration::from_secs(5), "{body}");
        goes_on(&mut worker);
    }
}

#[test]
fn the_calls_own_time_counts_when_it_is_shorter() {
    let mut worker = worker();
    let (module, _) = worker.load(&execute("while True:\n    pass")).unwrap();
    let mut job = worker.job(module, &[None]);
    job.calls[0].time_ms = 20;
    let started = Instant::now();
    assert_eq!(limit(&worker.run(job)[0]), Limit::Time);
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[test]
fn deep_recursion_ends_before_the_stack_does() {
    let mut worker = worker();
    for source in [
        "def f(n):\n    return f(n + 1)\ndef execute(macro, args):\n    return f(0)\n",
        "class A:\n    def __eq__(self, other):\n        return self == other\ndef execute(macro, args):\n    return str(A() == A())\n",
        "class A:\n    def __repr__(self):\n        return repr(self)\ndef execute(macro, args):\n    return repr(A())\n",
    ] {
        let result = worker.call(source, "");
        assert_eq!(limit(&result), Limit::Recursion, "{source}");
        goes_on(&mut worker);
    }
    let nested = worker.body("x = []\nfor i in range(100000):\n    x = [x]\nreturn str(len(repr(x)))");
    assert!(nested.output.is_ok() || limit(&nested) == Limit::Recursion);
    goes_on(&mut worker);
}

#[test]
fn memory_bombs_are_defused() {
    let mut worker = worker();
    for body in [
        "return 'x' * 10 ** 9",
        "return str([0] * 10 ** 9)",
        "return str(2 ** 10 ** 9)",
        "x = []\nwhile True:\n    x.append('x' * 1000)",
        "x = 'x'\nwhile True:\n    x += x",
        "x = {}\ni = 0\nwhile True:\n    i += 1\n    x[i] = [i]",
        "x = ('x' * 1000000).replace('x', 'y' * 1000)",
        "return '%1000000000d' % 1",
        "return format(1, '1000000000d')",
        "return str(list(range(10 ** 9)))",
        "x = [1]\nwhile True:\n    x.extend(x)",
    ] {
        let result = worker.body(body);
        assert!(
            matches!(limit(&result), Limit::Memory | Limit::Time),
            "{body}: {result:?}"
        );
        goes_on(&mut worker);
    }
}

#[test]
fn huge_output_is_refused() {
    let mut worker = worker();
    assert_eq!(limit(&worker.body("return 'x' * 2000000")), Limit::Output);
    assert_eq!(text(&worker.body("return 'x' * 1000000")).len(), 1_000_000);
}

#[test]
fn printing_is_kept_up_to_a_bound() {
    let mut worker = worker();
    let result =
        worker.body("print('one', 2)\nprint('x' * 10000)\nfor i in range(1000):\n    print(i)\nreturn ''");
    assert_eq!(result.log.len(), 100);
    assert_eq!(result.log[0], "one 2");
    assert_eq!(result.log[1].len(), 500);
    let failed = worker.body("print('before')\nraise ValueError('x')");
    assert_eq!(failed.log, ["before"]);
}

#[test]
fn sleeping_takes_no_time() {
    let mut worker = worker();
    let started = Instant::now();
    assert_eq!(
        text(&worker.body("import time\ntime.sleep(1000)\nreturn 'awake'")),
        "awake"
    );
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[test]
fn files_environment_network_and_processes_are_out_of_reach() {
    let mut worker = worker();
    for body in [
        "return open('/etc/passwd').read()",
        "open('/tmp/x', 'w').write('x')\nreturn ''",
        "import os\nreturn os.environ['PATH']",
        "import os\nreturn os.getenv('PATH')",
        "import os\nreturn str(os.listdir('/'))",
        "import os\nos.system('true')\nreturn ''",
        "import pathlib\nreturn pathlib.Path('/etc/passwd').read_text()",
        "import socket\nreturn ''",
        "import subprocess\nreturn ''",
        "import ctypes\nreturn ''",
        "import urllib.request\nreturn ''",
        "return str(__import__('os').environ)",
        "return str(eval('__import__(\"os\").environ'))",
    ] {
        let result = worker.body(body);
        let message = raised(&result);
        let is_refused = [
            "PermissionError",
            "ModuleNotFoundError",
            "AttributeError",
            "NameError",
            "NotImplementedError",
        ];
        assert!(
            is_refused.iter().any(|kind| message.starts_with(kind)),
            "{body}: {message}"
        );
        goes_on(&mut worker);
    }
}

#[test]
fn an_unknown_module_says_what_can_be_imported() {
    let mut worker = worker();
    let result = worker.body("import socket\nreturn ''");
    assert!(
        raised(&result).starts_with("ModuleNotFoundError: No module named 'socket': a macro can import"),
        "{result:?}"
    );
}

#[test]
fn too_many_questions_are_a_limit_that_nobody_catches() {
    let mut worker = Worker::with_limits(Limits {
        time_ms: 20_000,
        questions: 10,
        ..Limits::default()
    });
    let result = worker.body(
        "try:\n    while True:\n        macro.page.exists()\nexcept BaseException:\n    return 'caught'",
    );
    assert_eq!(limit(&result), Limit::Questions);
}

#[test]
fn what_is_no_text_is_told_with_its_type() {
    let mut worker = worker();
    for (value, kind) in [
        ("None", "NoneType"),
        ("5", "int"),
        ("b'x'", "bytes"),
        ("['x']", "list"),
        ("macro", "Macro"),
    ] {
        let result = worker.body(&format!("return {value}"));
        assert_eq!(failure(&result), &Failure::NotText(kind.into()), "{value}");
    }
}

#[test]
fn exceptions_without_words_and_with_odd_ones_are_told() {
    let mut worker = worker();
    assert_eq!(raised(&worker.body("raise ValueError()")), "ValueError");
    assert_eq!(raised(&worker.body("raise ValueError")), "ValueError");
    assert_eq!(raised(&worker.body("raise KeyError('<b>')")), "KeyError: <b>");
    assert_eq!(raised(&worker.body("raise SystemExit('x')")), "SystemExit: x");
    // The interpreter's exceptions take one text and nothing else.
    assert!(raised(&worker.body("raise ValueError(1)")).contains("zero or one string argument"));
    goes_on(&mut worker);
}

/// The engine of regular expressions has a bound for backtracking of its own; the time is looked at between
/// two of them.
#[test]
fn a_catastrophic_regular_expression_ends() {
    let mut worker = Worker::with_limits(SHORT);
    let started = Instant::now();
    let plain = worker.body("import re\nreturn str(re.match(r'(a+)+$', 'a' * 40 + 'b'))");
    assert!(plain.output.is_ok() || limit(&plain) == Limit::Time, "{plain:?}");
    let body = "import re\nwhile True:\n    try:\n        re.match(r'(?:(a+)+)(?=c)\\1$', 'a' * 40 + 'b')\n    \
                except Exception:\n        pass";
    let (module, _) = worker.load(&execute(body)).unwrap();
    let job = worker.job(module, &[None]);
    // A single match may take longer than the guard waits.
    match worker.run_to_message(job) {
        Some(FromWorker::Done(results)) => {
            assert_eq!(limit(&results[0]), Limit::Time);
            goes_on(&mut worker);
        }
        Some(FromWorker::Stuck { results, .. }) => assert!(results.is_empty()),
        other => panic!("{other:?}"),
    }
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_call_that_is_stuck_in_one_step_ends_the_process_and_keeps_what_was_done() {
    let mut worker = Worker::with_limits(SHORT);
    let (good, _) = worker.load(&execute("return 'good'")).unwrap();
    let (stuck, _) = worker.load(&execute(STUCK)).unwrap();
    let mut job = worker.job(good, &[None, None, None, None]);
    job.calls[2].module = stuck;
    let started = Instant::now();
    let Some(FromWorker::Stuck { results, .. }) = worker.run_to_message(job) else {
        panic!("it went on");
    };
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    let texts: Vec<&str> = results.iter().map(text).collect();
    assert_eq!(texts, ["good", "good"]);
    assert_eq!(worker.end().code(), Some(4));
}

#[test]
fn a_file_that_is_stuck_when_it_is_loaded_ends_the_process() {
    let mut worker = Worker::with_limits(SHORT);
    let source = format!("x = 7 ** (3 * 10 ** 7)\n{}", execute("return 'x'"));
    worker.say_module(1, &source);
    let stuck = FromWorker::Stuck {
        results: Vec::new(),
        touched: Touches::default(),
    };
    assert_eq!(worker.hear(), stuck);
}

#[test]
fn ten_thousand_calls_leave_nothing_behind() {
    let mut worker = Worker::start();
    let (module, _) = worker
        .load(&execute("x = [0] * 1000\ny = [x]\nx.append(y)\nreturn 'x'"))
        .unwrap();
    let memory = |worker: &mut Worker, rounds: usize| {
        let mut last = 0;
        for _ in 0..rounds {
            let job = worker.job(module, &[None; 50]);
            match worker.run_to_message(job) {
                Some(FromWorker::Done(results)) => last = results[49].memory,
                other => panic!("{other:?}"),
            }
        }
        last
    };
    let early = memory(&mut worker, 4);
    let late = memory(&mut worker, 196);
    assert!(late < early + 100_000, "{early} {late}");
}

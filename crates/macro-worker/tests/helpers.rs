//! Files beside a macro whose names begin with `_`.

use crate::harness::{Worker, raised, text};

const HELPER: &str =
    "FACTOR = 2\n\ndef double(x):\n    return x * FACTOR\n\ndef fail():\n    raise ValueError('no')\n";

fn call(source: &str) -> grange_macro_protocol::CallResult {
    let mut worker = Worker::start();
    let (module, _) = worker
        .load_with(
            source,
            &[("_tools", HELPER), ("_more", "from _tools import double as d\n")],
        )
        .unwrap();
    let job = worker.job(module, &[None]);
    worker.run(job).remove(0)
}

#[test]
fn a_helper_by_itself_needs_no_entry() {
    let mut worker = Worker::start();
    let loaded = worker.load_named("_util", "def tag(x):\n    return x\n");
    assert_eq!(loaded.unwrap().1.entry, grange_macro_protocol::Entry::Helper);
}

#[test]
fn a_helper_is_imported_in_every_usual_way() {
    for head in [
        "import _tools\ndef execute(macro, args):\n    return str(_tools.double(21))",
        "import _tools as t\ndef execute(macro, args):\n    return str(t.double(21))",
        "from _tools import double, FACTOR\ndef execute(macro, args):\n    return str(double(21) * FACTOR // 2)",
        "from _tools import (\n    double as d,\n)\ndef execute(macro, args):\n    return str(d(21))",
        "def execute(macro, args):\n    from _tools import double\n    return str(double(21))",
        "from _more import d\ndef execute(macro, args):\n    return str(d(21))",
    ] {
        assert_eq!(text(&call(head)), "42", "{head}");
    }
}

#[test]
fn the_lines_of_a_traceback_stay_the_files_own() {
    let result = call(
        "from _tools import (\n    double,\n    fail,\n)\n\ndef execute(macro, args):\n    return fail()\n",
    );
    assert_eq!(raised(&result), "ValueError: no");
    assert!(format!("{result:?}").contains("line 7, in execute"), "{result:?}");
}

#[test]
fn a_missing_helper_says_which_file_is_missing() {
    let mut worker = Worker::start();
    let wrong = worker
        .load("import _gone\ndef execute(macro, args):\n    return ''\n")
        .unwrap_err();
    assert!(
        wrong
            .message
            .contains("there is no file _gone.py beside the macro"),
        "{wrong:?}"
    );
    assert_eq!(wrong.line, 1);
}

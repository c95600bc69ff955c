//! Macros that would harm: one box each, the page is answered, and others go on.

use std::time::{Duration, Instant};

use super::{FRONT, farm_with, save};
use crate::harness::PASSWORD;

/// Each with a word of what the box says.
const HOSTILE: &[(&str, &str, &str)] = &[
    ("Loop", "while True:\n        pass", "ms"),
    ("Deep", "f = lambda n: f(n + 1)\n    return f(0)", "Deep"),
    ("Text", "return 'x' * 10 ** 10", "Text"),
    (
        "Grows",
        "x = []\n    while True:\n        x.append('y' * 1000)",
        "Grows",
    ),
    ("Number", "return str(10 ** 10 ** 8)", "Number"),
    (
        "Regex",
        "import re\n    return str(re.match(r'(a+)+\\1b$', 'a' * 60))",
        "Regex",
    ),
    ("Long", "return 'x' * (1 << 22)", "Long"),
    ("Opens", "return open('/etc/passwd').read()", "Opens"),
    (
        "Environment",
        "import os\n    return os.environ['PATH']",
        "Environment",
    ),
    (
        "Runs",
        "import subprocess\n    return subprocess.check_output(['id'])",
        "Runs",
    ),
    (
        "Connects",
        "import socket\n    return str(socket.socket())",
        "Connects",
    ),
    ("Nothing", "return None", "no text"),
    ("Raises", "raise ValueError()", "ValueError"),
];

fn source(body: &str) -> String {
    format!("def execute(macro, args):\n    {body}\n")
}

#[test]
fn each_hostile_macro_is_one_box_in_a_page_that_is_answered() {
    let farm = farm_with("Good", &source("return macro.formatter.text('good')"), "");
    for (name, body, words) in HOSTILE {
        save(&farm, name, &source(body));
        farm.put_page(
            "main",
            "Front",
            &format!("before <<Good>> <<{name}>> <<Good>> after"),
        );
        let answer = farm.visitor().get(FRONT);
        assert_eq!(answer.status, 200, "{name}");
        let seen = answer.content();
        assert!(
            seen.starts_with("before good <<") && seen.ends_with("good after"),
            "{name}: {seen}"
        );
        assert!(
            seen.contains(&format!("<<{name}: ")) && seen.contains(words),
            "{seen}"
        );
        assert_eq!(seen.matches("<<").count(), 1, "{name}: {seen}");
    }
}

/// One step that nothing interrupts.
const STUCK: &str = "return str(7 ** (3 * 10 ** 7) % 1000)";

#[test]
fn a_page_of_calls_that_are_stuck_in_one_step_is_answered_within_a_second() {
    let farm = farm_with("Good", &source("return macro.formatter.text('good')"), "");
    for name in ["StuckA", "StuckB", "StuckC"] {
        save(&farm, name, &source(STUCK));
    }
    let calls = "<<Good>> <<StuckA(1)>> <<StuckA(2)>> <<Good>> <<StuckB>> <<Good>> <<StuckA(3)>> <<StuckC>> <<StuckB>>";
    farm.put_page("main", "Front", calls);
    let quickest = (0..3).map(|_| {
        let begun = Instant::now();
        let seen = farm.visitor().get(FRONT).content();
        let took = begun.elapsed();
        let good = seen.split_whitespace().filter(|word| *word == "good").count();
        assert_eq!((good, seen.matches("<<Stuck").count()), (3, 6), "{seen}");
        assert!(
            seen.contains("<<StuckA: the macro took more than 300 ms>>"),
            "{seen}"
        );
        assert!(seen.matches("another call of this macro").count() >= 2, "{seen}");
        took
    });
    // The machine may be busy with something else at one time.
    let quickest = quickest.min().unwrap();
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");
}

#[test]
fn a_single_stuck_call_takes_its_own_time_and_no_more() {
    let farm = farm_with("Stuck", &source(STUCK), "<<Stuck>>");
    let begun = Instant::now();
    let seen = farm.visitor().get(FRONT).content();
    let took = begun.elapsed();
    assert!(seen.contains("took more than 300 ms"), "{seen}");
    assert!(took < Duration::from_millis(800), "{took:?}");
}

#[test]
fn a_file_that_is_stuck_when_it_is_loaded_is_told_and_holds_nobody_up() {
    let farm = farm_with("Good", &source("return macro.formatter.text('good')"), "");
    for name in ["TopA", "TopB", "TopC", "TopD"] {
        save(
            &farm,
            name,
            &format!("x = 7 ** (3 * 10 ** 7)\n{}", source("return 'x'")),
        );
    }
    farm.put_page("main", "Front", "<<Good>> <<TopA>> <<TopB>> <<TopC>> <<TopD>>");
    let begun = Instant::now();
    let seen = farm.visitor().get(FRONT).content();
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(1500), "{took:?}: {seen}");
    assert_eq!(
        (seen.matches("good").count(), seen.matches("<<Top").count()),
        (1, 4),
        "{seen}"
    );
}

#[test]
fn sleeping_costs_nothing() {
    let body = "import time\n    time.sleep(3600)\n    return macro.formatter.text('awake')";
    let farm = farm_with("Sleeps", &source(body), "<<Sleeps>>");
    assert_eq!(farm.visitor().get(FRONT).content(), "awake");
}

#[test]
fn of_ten_thousand_calls_a_hundred_run() {
    let farm = farm_with("Word", &source("return macro.formatter.text('word')"), "");
    farm.put_page("main", "Front", &"<<Word>>\n\n".repeat(10_000));
    let seen = farm.visitor().get(FRONT).content();
    assert_eq!(
        seen.split_whitespace().filter(|word| *word == "word").count(),
        100
    );
}

#[test]
fn what_a_macro_writes_is_made_harmless() {
    let body = "return '<b>bold</b><script>alert(1)</script><a href=\"javascript:alert(1)\">x</a>'";
    let farm = farm_with("Raw", &source(body), "<<Raw>>");
    let answer = farm.visitor().get(FRONT);
    assert!(answer.has("#content b"));
    let text = answer.text();
    assert!(!text.contains("alert(1)"), "{text}");
}

#[test]
fn a_macro_that_includes_its_own_page_is_told_so() {
    let farm = farm_with(
        "Word",
        &source("return macro.formatter.text('word')"),
        "<<Word>> <<Include(Front)>>",
    );
    let seen = farm.visitor().get(FRONT).content();
    assert!(seen.starts_with("word <<Include: "), "{seen}");
}

#[test]
fn a_session_written_before_an_exception_is_as_it_was() {
    let body = "macro.request.session['a'] = 1\n    raise ValueError('boom')";
    let farm = farm_with("Writes", &source(body), "<<Writes>> <<Reads>>");
    save(
        &farm,
        "Reads",
        &source("return macro.formatter.text(str('a' in macro.request.session))"),
    );
    let mut visitor = farm.visitor();
    visitor.get(FRONT);
    for _ in 0..2 {
        let seen = visitor.get(FRONT).content();
        assert!(
            seen.contains("<<Writes: boom>>") && seen.ends_with("False"),
            "{seen}"
        );
    }
}

#[test]
fn a_worker_that_died_while_it_was_idle_spoils_no_file_that_is_loaded_next() {
    let farm = farm_with("Good", &source("return macro.formatter.text('good')"), "<<Good>>");
    assert_eq!(farm.visitor().get(FRONT).content(), "good");
    farm.kill_workers();
    save(&farm, "Next", &source("return macro.formatter.text('next')"));
    farm.put_page("main", "Front", "<<Next>> <<Good>>");
    assert_eq!(farm.visitor().get(FRONT).content(), "next good");
}

#[test]
fn helpers_that_import_each_other_without_end_are_a_box_and_the_next_file_loads() {
    let farm = farm_with("Good", &source("return macro.formatter.text('good')"), "");
    farm.write("wikis/main/macros/_again.py", &"import _again\n".repeat(1000));
    let uses = format!(
        "import _again\n\n{}",
        source("return macro.formatter.text('never')")
    );
    save(&farm, "Bomb", &uses);
    farm.put_page("main", "Front", "<<Bomb>> <<Good>>");
    let seen = farm.visitor().get(FRONT).content();
    assert!(seen.starts_with("<<Bomb") && seen.ends_with("good"), "{seen}");
}

#[test]
fn a_helper_of_a_helper_comes_along() {
    let farm = farm_with(
        "Says",
        &format!(
            "from _tools import words\n\n{}",
            source("return macro.formatter.text(words())")
        ),
        "<<Says>>",
    );
    farm.write(
        "wikis/main/macros/_tools.py",
        "from _base import WORD\n\ndef words():\n    return WORD\n",
    );
    farm.write("wikis/main/macros/_base.py", "WORD = 'first'\n");
    assert_eq!(farm.visitor().get(FRONT).content(), "first");
    farm.write("wikis/main/macros/_base.py", "WORD = 'second'\n");
    assert_eq!(farm.visitor().get(FRONT).content(), "second");
}

/// What a page shows where a macro stands between two others that work, and which keys the session has afterwards.
fn between_others(name: &str, body: &str) -> (String, String) {
    let farm = farm_with(name, &source(body), &format!("<<Keeps>> <<{name}>> <<Tells>>"));
    save(
        &farm,
        "Keeps",
        &source("macro.request.session['kept'] = 1\n    return macro.formatter.text('kept')"),
    );
    save(
        &farm,
        "Tells",
        &source("return macro.formatter.text(str(sorted(macro.request.session.keys())))"),
    );
    let mut visitor = farm.visitor();
    visitor.get(FRONT);
    let seen = visitor.get(FRONT).content();
    farm.put_page("main", "Front", "<<Tells>>");
    (seen, visitor.get(FRONT).content())
}

#[test]
fn a_macro_that_fills_the_session_changes_nothing_and_the_others_of_the_page_run() {
    let fills = "for n in range(200):\n        macro.request.session['k%d' % n] = n\n    return 'filled'";
    let (seen, keys) = between_others("Fills", fills);
    assert!(seen.starts_with("kept <<Fills"), "{seen}");
    assert_eq!(keys, "['kept']");
}

#[test]
fn a_macro_behind_a_link_is_the_new_one_once_the_file_it_leads_to_has_changed() {
    use std::os::unix::fs::symlink;

    let farm = farm_with(
        "Good",
        &source("return macro.formatter.text('good')"),
        "<<Linked>>",
    );
    let says = |words: &str| source(&format!("return macro.formatter.text('{words}')"));
    farm.write("elsewhere/Linked.py", &says("the first"));
    symlink(
        farm.path().join("elsewhere/Linked.py"),
        farm.path().join("wikis/main/macros/Linked.py"),
    )
    .unwrap();
    assert_eq!(farm.visitor().get(FRONT).content(), "the first");
    farm.write("elsewhere/Linked.py", &says("another"));
    assert_eq!(farm.visitor().get(FRONT).content(), "another");
}

#[test]
fn a_pipe_in_the_place_of_a_catalog_stops_nobody() {
    let farm = farm_with("Good", &source("return macro.formatter.text('good')"), "<<Good>>");
    farm.write("wikis/main/macros/locale/de.po", "");
    let pipe = farm.path().join("wikis/main/macros/locale/xx.po");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    save(
        &farm,
        "Good",
        &source("return macro.formatter.text('still good')"),
    );
    assert_eq!(farm.visitor().get(FRONT).content(), "still good");
}

#[test]
fn calls_that_write_much_together_end_in_boxes_and_not_the_worker() {
    let farm = farm_with("Much", &source("return 'x' * 1000000"), "");
    let calls = "<<Much>> ".repeat(20);
    farm.put_page("main", "Front", &format!("before {calls}"));
    let answer = farm.visitor().get(FRONT);
    let seen = answer.content();
    assert_eq!(answer.status, 200);
    assert!(
        seen.starts_with("before xxx") && seen.contains("<<Much"),
        "{}",
        seen.len()
    );
    assert!(!seen.contains("broke its worker"));
}

#[test]
fn what_a_call_stored_is_dropped_when_its_output_swells_beyond_the_pages_limit() {
    // Five bytes of HTML for each sign.
    let swells = "macro.request.session['swells'] = 1\n    return '<b>' + '&' * 900000 + '</b>'";
    let (seen, keys) = between_others("Swells", swells);
    assert!(seen.starts_with("kept <<Swells: not shown"), "{seen}");
    assert_eq!(keys, "['kept']");
}

#[test]
fn a_dict_or_group_page_that_is_too_long_is_told_in_the_box() {
    let looks = "r = macro.request\n    kind, how = args.split()\n    pages = r.dicts if kind == 'dicts' else r.groups\n    \
        found = pages['Long'] if how == 'index' else pages.get('Long')\n    return str(len(found))";
    let farm = farm_with("Looks", &source(looks), "");
    farm.put_page("main", "Long", &"* name\n".repeat(40_000));
    for kind in ["dicts", "groups"] {
        for how in ["index", "get"] {
            farm.put_page("main", "Front", &format!("<<Looks({kind} {how})>>"));
            let seen = farm.visitor().get(FRONT).content();
            let kind = kind.trim_end_matches('s');
            let told = format!(
                "the {kind} page \"Long\" has 273.5 KiB; macros read {kind} pages of at most 256 KiB"
            );
            assert!(
                seen.starts_with("<<Looks: ") && seen.contains(&told),
                "{how}: {seen}"
            );
        }
    }
    farm.put_page("main", "Long", &"* name\n".repeat(30_000));
    assert_eq!(farm.visitor().get(FRONT).content(), "1");
}

#[test]
fn a_call_that_asks_question_after_question_ends_at_the_limit_and_the_box_says_so() {
    // It would catch an exception.
    let asks = "for n in range(10 ** 9):\n        try:\n            macro.request.getText('m%d' % n)\n        \
        except Exception:\n            pass";
    let farm = farm_with("Good", &source("return macro.formatter.text('good')"), "");
    save(&farm, "Asks", &source(asks));
    farm.put_page("main", "Front", "<<Asks>> <<Good>>");
    let seen = farm.visitor().get(FRONT).content();
    assert_eq!(seen, "<<Asks: the macro asked the wiki too often>> good");
}

#[test]
fn calls_that_break_their_workers_one_by_one_take_the_pages_time_once() {
    let farm = farm_with("Loops", &source("while True:\n        pass"), "");
    farm.put_page("main", "Front", &"<<Loops>> ".repeat(80));
    let seen = std::thread::scope(|scope| {
        let page = scope.spawn(|| farm.visitor().get(FRONT).content());
        while !page.is_finished() {
            // Less than a call may take, so that none comes to its end.
            std::thread::sleep(std::time::Duration::from_millis(150));
            farm.kill_workers();
        }
        page.join().unwrap()
    });
    let [broke, late] =
        ["broke its worker", "may take 0.8 s at most"].map(|words| seen.matches(words).count());
    assert!(broke > 0 && late >= 10, "{seen}");
}

#[test]
fn what_a_refused_call_stored_is_not_seen_by_those_behind_it() {
    let fills = "session = macro.request.session\n    if args == 'fill':\n        session.reset()\n        \
        session['x'] = 'y' * 70000\n        return 'filled'\n    return 'tasks %r' % (session.setdefault('tasks', []),)";
    let farm = farm_with("Fills", &source(fills), "");
    farm.put_page("main", "Set", "<<Keep>>");
    let keeps = "macro.request.session['tasks'] = ['one']\n    return 'kept'";
    farm.write("wikis/main/macros/Keep.py", &source(keeps));
    farm.put_page("main", "Front", "<<Fills(fill)>> <<Fills()>>");
    farm.add_user("main", "Mia", PASSWORD);
    let mut visitor = farm.logged_in(FRONT, "Mia");
    assert_eq!(visitor.get("http://h.example/Set").content(), "kept");
    for _ in 0..2 {
        let seen = visitor.get(FRONT).content();
        assert!(
            seen.starts_with("<<Fills: ") && seen.ends_with("tasks ['one']"),
            "{seen}"
        );
    }
}

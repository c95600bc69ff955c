//! Macros that would harm: one box each, the page is answered, and others go on.

use super::{FRONT, farm_with, save};

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
            seen.contains("ValueError: boom") && seen.ends_with("False"),
            "{seen}"
        );
    }
}

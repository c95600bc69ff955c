//! Claims about how problems are sorted, counted and shown.

use super::*;
use crate::lint::testing::{check, problems};

fn problem(severity: Severity) -> Problem {
    let (code, file, message, remedy) = ("L-00", "f".into(), String::new(), String::new());
    Problem {
        severity,
        code,
        file,
        line: 1,
        span: 0..0,
        message,
        remedy,
        related: Vec::new(),
    }
}

#[test]
fn the_exit_code_is_that_of_the_worst_problem_and_an_info_counts_for_nothing() {
    assert_eq!(exit_code(&[]), 0);
    assert_eq!(exit_code(&[problem(Severity::Info)]), 0);
    assert_eq!(
        exit_code(&[problem(Severity::Info), problem(Severity::Warning)]),
        1
    );
    assert_eq!(
        exit_code(&[problem(Severity::Error), problem(Severity::Warning)]),
        2
    );
}

#[test]
fn a_problem_is_shown_with_file_line_code_the_text_underlined_and_the_remedy() {
    let loaded = check("[wiki.a]\nat = [\"a.example.org\"]\n# comment\ncookie_lifetme = 3\n");
    let shown = render_problems(&loaded.problems, &loaded.sources);
    for part in [
        "error[L-38]: ",
        "/farm/farmconfig.toml:4:1",
        "4 | cookie_lifetme = 3",
        "^^^^^^^^^^^^^^",
        "Did you mean",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn the_other_place_of_a_problem_is_shown_too() {
    let loaded = check("[wiki.a]\nat = [\"x.example.org\"]\n[wiki.b]\nat = [\"x.example.org\"]\n");
    let shown = render_problems(&loaded.problems, &loaded.sources);
    assert!(
        shown.contains("farmconfig.toml:4:7") && shown.contains("farmconfig.toml:2"),
        "{shown}"
    );
    assert!(shown.contains("here first"), "{shown}");
}

#[test]
fn a_problem_that_spans_lines_or_stands_at_the_end_is_shown() {
    for text in [
        "[farm]\nlisten = 5\n[wiki.a]\nat = [\n\"*\",\n5\n]\nsitename = [\n1,\n2\n]",
        "[wiki.a",
        "x",
        "é = \"ü",
    ] {
        let loaded = check(text);
        assert!(
            render_problems(&loaded.problems, &loaded.sources).contains("error["),
            "{text}"
        );
    }
}

#[test]
fn json_has_the_six_fields() {
    let loaded = check("[wiki.a]\nat = [\"a.example.org\"]\ncookie_lifetime = 3\n");
    let json = problems_json(&loaded.problems);
    assert_eq!(json.as_array().unwrap().len(), 1);
    let row = json[0].as_object().unwrap();
    let mut names: Vec<&str> = row.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["code", "file", "line", "message", "remedy", "severity"]);
    assert_eq!(
        (
            row["severity"].as_str(),
            row["code"].as_str(),
            row["line"].as_u64()
        ),
        (Some("warning"), Some("L-20"), Some(3))
    );
}

#[test]
fn problems_come_in_the_order_of_the_file() {
    let lines: Vec<usize> =
        problems("[wiki.a]\nat = 5\ncookie_httponly = false\nsame_site = \"off\"\nx = 1\n")
            .iter()
            .map(|p| p.line)
            .collect();
    assert_eq!(lines, [2, 3, 4, 5]);
}

#[test]
fn one_line_is_enough_for_a_log() {
    let problems = problems("[wiki.a]\nat = [\"*\"]\nx = 1\n");
    assert!(
        problems[0]
            .one_line()
            .starts_with("/farm/farmconfig.toml:3: error[L-38]: There is no key `x` here.")
    );
}

#[test]
fn lines_are_counted_by_newlines() {
    let mut sources = Sources::default();
    let file = sources.add("f".into(), "a\nb\n\nc".into());
    let line = |byte: usize| sources.line_of(Place::new(file, byte..byte));
    assert_eq!(
        [line(0), line(1), line(2), line(4), line(5), line(99)],
        [1, 1, 2, 3, 4, 4]
    );
}

#[test]
fn notes_are_short_and_of_many_alike_the_first_few() {
    let wikis = (0..5).map(|n| format!("[wiki.w{n}]\nat = [\"w{n}.org\"]\ncookie_domain = \".w{n}.org\"\n"));
    let loaded = crate::lint::testing::check(&wikis.collect::<String>());
    let text = crate::render_notes(&loaded.notes);
    assert_eq!(text.matches("info[L-03]").count(), 3, "{text}");
    assert!(
        text.starts_with("Good to know:\n  /farm/farmconfig.toml:3: info[L-03]:\n    cookie_domain"),
        "{text}"
    );
    assert!(
        text.ends_with("and 2 more of L-03; --json has them all\n"),
        "{text}"
    );
    assert!(text.lines().all(|line| line.len() <= 100), "{text}");
    assert_eq!(crate::render_notes(&[]), "");
}

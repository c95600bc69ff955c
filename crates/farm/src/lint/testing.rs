//! Small configurations for tests of lints and checks.
//!
//! A configuration stands in `/farm/farmconfig.toml`, which is on no disk; nothing is included. Wikis that a test does
//! not care about are added by nobody: what stands there is all there is.

use std::path::Path;

use crate::check::{FarmConfig, Loaded, load_text};
use crate::environment::{Environment, NoEnvironment};
use crate::problem::Problem;

/// Checks a text.
pub(crate) fn check(text: &str) -> Loaded {
    check_with(text, &NoEnvironment)
}

/// Checks a text with variables.
pub(crate) fn check_with(text: &str, environment: &dyn Environment) -> Loaded {
    load_text(Path::new("/farm/farmconfig.toml"), text, environment)
}

/// All problems of a text.
pub(crate) fn problems(text: &str) -> Vec<Problem> {
    check(text).problems
}

/// The one problem of a text, which has this code.
#[track_caller]
pub(crate) fn finds(code: &str, text: &str) -> Problem {
    let problems = problems(text);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let problem = problems.into_iter().next().unwrap();
    assert_eq!(problem.code, code, "{problem:#?}");
    problem
}

/// What is worth knowing about a text, of one code.
pub(crate) fn notes(code: &str, text: &str) -> Vec<Problem> {
    let notes = check(text).notes.into_iter();
    notes.filter(|note| note.code == code).collect()
}

/// How often a text has a problem with this code.
pub(crate) fn count(code: &str, text: &str) -> usize {
    problems(text)
        .iter()
        .filter(|problem| problem.code == code)
        .count()
}

/// The farm of a text without any problem.
#[track_caller]
pub(crate) fn clean(text: &str) -> FarmConfig {
    let loaded = check(text);
    assert!(loaded.problems.is_empty(), "{:#?}", loaded.problems);
    loaded.config.unwrap()
}

/// The bytes of the text that a problem underlines.
pub(crate) fn underlined<'a>(text: &'a str, problem: &Problem) -> &'a str {
    &text[problem.span.clone()]
}

//! Claims about the spellings of the lifetime.

use grange_session::{FOREVER, LoggedIn};

use crate::check::FarmConfig;
use crate::lint::testing::{check, clean, count, finds, problems};
use crate::problem::Severity;

fn wiki(lines: &str) -> String {
    format!("[wiki.a]\nat = [\"a.example.org\"]\n{lines}\n")
}

fn farm(text: &str) -> FarmConfig {
    check(text).config.unwrap()
}

fn hours(text: &str) -> (f64, f64) {
    let farm = farm(text);
    let lifetimes = &farm.wikis[0].session.lifetimes;
    let anonymous = lifetimes.anonymous.map_or(0.0, |age| age.as_secs_f64());
    let logged_in = match lifetimes.logged_in {
        LoggedIn::Disabled => 0.0,
        LoggedIn::Hours { lifetime, .. } if lifetimes.offers_remember_me() => lifetime.as_secs_f64(),
        LoggedIn::Hours { lifetime, .. } => -lifetime.as_secs_f64(),
    };
    (anonymous / 3600.0, logged_in / 3600.0)
}

#[test]
fn the_pair_is_said_without_a_word() {
    for line in [
        "cookie_lifetime = [0, 12]",
        "cookie_lifetime = [0.5, -24]",
        "cookie_lifetime = [0, -9600]",
    ] {
        clean(&wiki(line));
    }
    assert_eq!(hours(&wiki("cookie_lifetime = [0.5, -24]")), (0.5, -24.0));
    assert_eq!(hours(&wiki("")), (0.0, 12.0));
}

#[test]
fn the_scalar_is_a_warning_that_shows_the_pair() {
    for (line, pair) in [
        ("12", "[0, 12]"),
        ("-12", "[0, -12]"),
        ("0", "[0, -9600]"),
        ("1.5", "[0, 1.5]"),
    ] {
        let text = wiki(&format!("cookie_lifetime = {line}"));
        let problem = finds("L-20", &text);
        assert_eq!(problem.severity, Severity::Warning);
        assert!(
            problem.remedy.contains(&format!("`cookie_lifetime = {pair}`")),
            "{}",
            problem.remedy
        );
        let written = wiki(&format!("cookie_lifetime = {pair}"));
        assert_eq!(
            farm(&text).wikis[0].session.lifetimes,
            farm(&written).wikis[0].session.lifetimes
        );
    }
}

#[test]
fn the_scalar_zero_is_forever_and_the_pairs_zero_disables_logging_in() {
    let forever = farm(&wiki("cookie_lifetime = 0"));
    let lifetimes = &forever.wikis[0].session.lifetimes;
    assert!(matches!(lifetimes.logged_in, LoggedIn::Hours { lifetime, .. } if lifetime == FOREVER));
    assert!(!lifetimes.offers_remember_me());
    let problem = finds("L-20", &wiki("cookie_lifetime = [0, 0]"));
    assert_eq!(problem.severity, Severity::Warning);
    assert!(
        !farm(&wiki("cookie_lifetime = [0, 0]")).wikis[0]
            .session
            .lifetimes
            .allows_login()
    );
}

#[test]
fn the_anonymous_keys_of_1_6_and_1_7_make_the_first_number() {
    for key in ["anonymous_session_lifetime", "anonymous_cookie_lifetime"] {
        let alone = wiki(&format!("{key} = 2"));
        assert!(finds("L-20", &alone).remedy.contains("[2, 12]"));
        assert_eq!(hours(&alone), (2.0, 12.0));
        let beside = wiki(&format!("cookie_lifetime = 24\n{key} = 0.5"));
        assert!(finds("L-20", &beside).remedy.contains("[0.5, 24]"));
        assert_eq!(hours(&beside), (0.5, 24.0));
    }
}

#[test]
fn the_pair_and_an_anonymous_key_in_one_layer_are_an_error() {
    let problem = finds(
        "L-20",
        &wiki("cookie_lifetime = [0, 12]\nanonymous_session_lifetime = 1"),
    );
    assert_eq!((problem.severity, problem.line), (Severity::Error, 4));
    let both = wiki("anonymous_session_lifetime = 1\nanonymous_cookie_lifetime = 1");
    assert_eq!(finds("L-20", &both).severity, Severity::Error);
}

#[test]
fn a_later_layer_replaces_the_whole_setting() {
    let layered = |defaults: &str, wiki: &str| {
        format!("[defaults]\n{defaults}\n[wiki.a]\nat = [\"a.example.org\"]\n{wiki}\n")
    };
    assert_eq!(
        hours(&layered(
            "anonymous_session_lifetime = 3",
            "cookie_lifetime = [0, 1]"
        )),
        (0.0, 1.0)
    );
    assert_eq!(
        hours(&layered("anonymous_session_lifetime = 3", "cookie_lifetime = 1")),
        (0.0, 1.0)
    );
    assert_eq!(
        hours(&layered(
            "cookie_lifetime = [7, 24]",
            "anonymous_session_lifetime = 3"
        )),
        (3.0, 12.0)
    );
    assert_eq!(hours(&layered("cookie_lifetime = [7, 24]", "")), (7.0, 24.0));
    // Two layers, so no contradiction: only the old spelling is told.
    let both = layered("anonymous_session_lifetime = 3", "cookie_lifetime = [0, 1]");
    assert!(
        problems(&both)
            .iter()
            .all(|problem| problem.severity == Severity::Warning)
    );
}

#[test]
fn what_is_no_number_of_hours_is_an_error() {
    for line in [
        "cookie_lifetime = [-1, 12]",
        "cookie_lifetime = [nan, 12]",
        "cookie_lifetime = [0, inf]",
        "cookie_lifetime = nan",
        "cookie_lifetime = [12]",
        "cookie_lifetime = [0, 1, 2]",
        "cookie_lifetime = [\"0\", 12]",
        "anonymous_session_lifetime = -1",
        "anonymous_cookie_lifetime = nan",
    ] {
        assert_eq!(finds("L-20", &wiki(line)).severity, Severity::Error, "{line}");
    }
}

#[test]
fn more_than_400_days_are_a_warning() {
    for line in [
        "cookie_lifetime = [0, 9601]",
        "cookie_lifetime = [10000, 12]",
        "cookie_lifetime = [0, -1e6]",
    ] {
        assert_eq!(finds("L-20", &wiki(line)).severity, Severity::Warning, "{line}");
    }
    clean(&wiki("cookie_lifetime = [9600, 9600]"));
}

#[test]
fn an_idle_time_above_the_absolute_one_is_a_warning() {
    let line = "session_life_time = 7200\nsession_absolute_life_time = 3600";
    assert_eq!(finds("L-20", &wiki(line)).severity, Severity::Warning);
    clean(&wiki(
        "session_life_time = 3600\nsession_absolute_life_time = 3600",
    ));
}

#[test]
fn a_spelling_in_the_defaults_is_told_once() {
    let wikis = "[wiki.a]\nat = [\"a.example.org\"]\n[wiki.b]\nat = [\"b.example.org\"]\n";
    assert_eq!(
        count("L-20", &format!("[defaults]\ncookie_lifetime = 12\n{wikis}")),
        1
    );
}

//! Claims about sharing by half.

use crate::lint::testing::{clean, count, finds, problems};
use crate::problem::Severity;

/// Two wikis on hosts of their own, with common lines and lines of their own.
fn farm(common: &str, one: &str, other: &str) -> String {
    format!(
        "[defaults]\n{common}\n[wiki.a]\nat = [\"a.example.org\"]\n{one}\n[wiki.b]\nat = [\"b.example.org\"]\n{other}\n"
    )
}

const SHARED: &str =
    "cookie_name = \"x\"\ncookie_domain = \".example.org\"\nsession_dir = \"s\"\nuser_dir = \"u\"";

#[test]
fn wikis_that_share_everything_are_fine() {
    clean(&farm(SHARED, "", ""));
}

#[test]
fn shared_sessions_with_different_accounts_are_an_error() {
    let problem = finds("L-10", &farm(SHARED, "", "user_dir = \"v\""));
    assert_eq!((problem.severity, problem.line), (Severity::Error, 11));
    finds("L-10", &farm("session_dir = \"s\"\ncookie_name = \"x\"", "", ""));
    clean(&farm("session_dir = \"s\"\nuser_dir = \"u\"", "", ""));
}

#[test]
fn a_session_directory_shared_by_mistake_is_a_warning_for_wikis_without_cookie_name() {
    let text = farm("session_dir = \"s\"", "", "");
    assert_eq!(count("L-10", &text), 0);
    assert_eq!(finds("L-11", &text).severity, Severity::Warning);
}

#[test]
fn a_user_store_of_another_kind_is_other_accounts() {
    finds("L-10", &farm(SHARED, "", "user_store = \"memory\""));
}

#[test]
fn one_session_directory_with_two_kinds_of_store_is_an_error() {
    let text = farm(SHARED, "", "session_store = \"memory\"");
    let found = problems(&text);
    let error = found.iter().find(|problem| problem.code == "L-13").unwrap();
    assert_eq!((error.severity, error.line), (Severity::Error, 11));
    assert_eq!(count("L-13", &farm(SHARED, "", "")), 0);
}

#[test]
fn a_session_kind_of_its_own_is_a_store_of_its_own() {
    assert_eq!(
        count(
            "L-10",
            &farm(SHARED, "", "session_kind = \"other\"\nuser_dir = \"v\"")
        ),
        0
    );
    assert_eq!(
        count(
            "L-11",
            &farm(SHARED, "", "session_kind = \"other\"\nuser_dir = \"v\"")
        ),
        0
    );
}

#[test]
fn lifetimes_that_differ_inside_a_realm_are_a_warning() {
    for line in [
        "cookie_lifetime = [0, 24]",
        "cookie_lifetime = [1, 12]",
        "session_life_time = 600",
        "session_absolute_life_time = 86400",
    ] {
        let problem = finds("L-13", &farm(SHARED, "", line));
        assert_eq!(
            (problem.severity, problem.line),
            (Severity::Warning, 11),
            "{line}"
        );
    }
    clean(&farm("", "cookie_lifetime = [1, 24]", ""));
    clean(&farm(SHARED, "cookie_lifetime = [0, 12]", ""));
}

#[test]
fn one_session_directory_under_different_names_is_a_warning() {
    let text = farm(
        "session_dir = \"s\"",
        "cookie_name = \"x\"",
        "cookie_name = \"y\"",
    );
    let problem = finds("L-11", &text);
    assert_eq!(problem.severity, Severity::Warning);
    assert!(problem.message.contains("\"a\", \"b\""));
    clean(&text.replace("session_dir = \"s\"\n", ""));
}

#[test]
fn common_accounts_without_common_sessions_are_a_warning() {
    assert_eq!(
        finds("L-12", &farm("user_dir = \"u\"", "", "")).severity,
        Severity::Warning
    );
    clean(&farm("", "", ""));
}

#[test]
fn a_crowd_is_one_warning_that_names_the_first_few() {
    let wikis = (0..9).map(|n| format!("[wiki.w{n}]\nat = [\"example.org/w{n}\"]\n"));
    let problem = finds(
        "L-12",
        &format!("[defaults]\nuser_dir = \"u\"\n{}", wikis.collect::<String>()),
    );
    assert!(
        problem.message.contains("\"w3\" and 5 more"),
        "{}",
        problem.message
    );
}

#[test]
fn a_wiki_with_a_refused_setting_is_not_compared() {
    finds("env", &farm(SHARED, "", "user_dir = \"${NOWHERE}\""));
}

#[test]
fn a_link_to_the_same_directory_is_the_same_directory() {
    let farm = clean(&farm(
        "session_dir = \"/tmp/../x/s\"\nuser_dir = \"/x/./u\"",
        "",
        "",
    ));
    assert_eq!(
        farm.wikis[0].session_store.dir(),
        Some(std::path::Path::new("/x/s"))
    );
    assert_eq!(farm.wikis[0].session.realm, farm.wikis[1].session.realm);
}

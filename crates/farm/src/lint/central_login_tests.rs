//! Central login: each refused use by the smallest farm that has it, and the ones that are right.

use super::CODE;
use crate::lint::testing::{check, clean, finds, problems, underlined};

/// Two wikis of one realm on unrelated hosts; `one` and `two` are further lines of theirs, `at` their addresses.
fn farm(group: &str, at: [&str; 2], one: &str, two: &str) -> String {
    format!(
        "[farm]\ntrusted_proxies = [\"127.0.0.1\"]\n\
         [group.g]\ncookie_name = \"g\"\nsession_dir = \"s\"\nuser_dir = \"u\"\n{group}\n\
         [wiki.one]\ngroup = \"g\"\nat = [\"{}\"]\n{one}\n[wiki.two]\ngroup = \"g\"\nat = [\"{}\"]\n{two}\n",
        at[0], at[1]
    )
}

const HTTPS: [&str; 2] = ["https://wiki.example.org", "https://notes.example.net"];
const ON: &str = "central_login = \"one\"";

#[test]
fn one_key_in_the_group_is_enough() {
    let farm = clean(&farm(ON, HTTPS, "", ""));
    assert!(
        farm.wikis
            .iter()
            .all(|wiki| wiki.central_login.as_deref() == Some("one"))
    );
}

#[test]
fn it_is_off_by_default() {
    let farm = clean(&farm("", HTTPS, "", ""));
    assert!(farm.wikis.iter().all(|wiki| wiki.central_login.is_none()));
}

#[test]
fn on_this_machine_http_will_do() {
    clean(&farm(ON, ["wiki.localhost", "127.0.0.1"], "", ""));
}

#[test]
fn a_wiki_that_does_not_exist_is_refused_with_the_one_that_was_meant() {
    let text = farm("central_login = \"onee\"", HTTPS, "", "");
    let found = problems(&text);
    assert!(!found.is_empty() && found.iter().all(|problem| problem.code == CODE));
    assert_eq!(underlined(&text, &found[0]), "\"onee\"");
    assert_eq!(found[0].remedy, "Did you mean \"one\"?");
}

#[test]
fn a_wiki_of_another_realm_is_refused_with_what_differs() {
    let text = format!(
        "{}[wiki.three]\nat = [\"https://three.example\"]\n{ON}\n",
        farm(ON, HTTPS, "", "")
    );
    let problem = finds(CODE, &text);
    assert!(
        problem.message.contains("cookie_name, session_dir, user_dir"),
        "{problem:#?}"
    );
}

#[test]
fn http_is_refused_on_either_side_and_so_is_an_address_that_may_be_http() {
    for at in [
        ["https://wiki.example.org", "notes.example.net"],
        ["wiki.example.org", "https://notes.example.net"],
    ] {
        let problem = finds(CODE, &farm(ON, at, "", ""));
        assert!(problem.message.contains("could be read"), "{problem:#?}");
        assert!(problem.remedy.contains("https://"), "{problem:#?}");
    }
}

#[test]
fn a_wiki_at_any_host_cannot_take_part() {
    let problem = finds(CODE, &farm(ON, ["https://wiki.example.org", "*"], "", ""));
    assert!(problem.message.contains("any host"), "{problem:#?}");
}

#[test]
fn an_ipv6_address_cannot_take_part() {
    let problem = finds(CODE, &farm(ON, ["localhost", "[::1]"], "", ""));
    assert!(problem.message.contains("IPv6"), "{problem:#?}");
}

#[test]
fn a_realm_that_does_not_agree_is_refused() {
    let problem = finds(CODE, &farm("", HTTPS, ON, ""));
    assert!(problem.message.contains("do not agree"), "{problem:#?}");
    assert!(
        check(&farm("", HTTPS, ON, "central_login = \"two\""))
            .config
            .is_none()
    );
}

#[test]
fn the_login_wiki_must_let_people_log_in() {
    for (setting, why) in [
        ("actions_excluded = [\"login\"]", "no action"),
        ("actions_superuser = [\"login\"]", "for superusers"),
        ("state = \"suspended\"", "suspended"),
        ("same_site = \"strict\"", "another wiki sends"),
    ] {
        let problem = finds(CODE, &farm(ON, HTTPS, setting, ""));
        assert!(problem.message.contains(why), "{setting}: {problem:#?}");
    }
    clean(&farm(ON, HTTPS, "", "same_site = \"strict\""));
    let group = format!("{ON}\ncookie_lifetime = [1, 0]");
    let found = problems(&farm(&group, HTTPS, "", ""));
    assert!(
        found
            .iter()
            .any(|problem| problem.code == CODE && problem.message.contains("disabled"))
    );
}

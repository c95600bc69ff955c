//! Claims about names that meet in one browser.

use crate::lint::testing::{clean, count, finds};
use crate::problem::Severity;

/// Two wikis that share nothing, with these lines each.
fn pair(one: &str, other: &str) -> String {
    format!("[wiki.a]\n{one}\n[wiki.b]\n{other}\n")
}

/// Two wikis at these addresses that share nothing but their cookie's name.
fn named(one: &str, other: &str) -> String {
    let wiki = |at: &str| format!("at = [{at}]\ncookie_name = \"x\"");
    pair(&wiki(one), &wiki(other))
}

#[test]
fn one_name_on_one_host_is_an_error_whatever_port_and_path() {
    let problem = finds("L-07", &named("\"example.org/a\"", "\"example.org:8001\""));
    assert_eq!(
        (problem.severity, problem.line, problem.related[0].line),
        (Severity::Error, 6, 3)
    );
    assert!(problem.message.contains("GRANGE_SESSION_x"));
    clean(&named("\"a.example.org\"", "\"b.example.org\""));
}

#[test]
fn wikis_that_set_nothing_never_meet() {
    clean(
        "[wiki.a]\nat = [\"example.org\"]\n[wiki.b]\nat = [\"example.org/b\"]\n[wiki.c]\nat = [\"example.org:81\"]\n\
         [wiki.d]\nat = [\"example.org/a/b\"]\n[wiki.e]\nat = [\"example.org/a_b\"]\n[wiki.f]\nat = [\"example.org:81/b\"]\n",
    );
}

#[test]
fn a_name_by_hand_can_meet_one_made_from_an_address() {
    finds(
        "L-07",
        &pair(
            "at = [\"example.org/x\"]",
            "at = [\"example.org/y\"]\ncookie_name = \"ROOT_x\"",
        ),
    );
}

#[test]
fn wikis_that_share_sessions_may_share_the_name() {
    let shared = "\nsession_dir = \"s\"\nuser_dir = \"u\"\ncookie_name = \"x\"";
    clean(&pair(
        &format!("at = [\"example.org/a\"]{shared}"),
        &format!("at = [\"example.org/b\"]{shared}"),
    ));
}

#[test]
fn a_second_address_meets_as_the_first_does() {
    finds(
        "L-07",
        &named(
            "\"a.example.org\", \"both.example.org/a\"",
            "\"both.example.org/b\"",
        ),
    );
}

#[test]
fn names_made_from_first_addresses_can_meet_on_a_second_one() {
    let text = pair(
        "at = [\"a.x.org\", \"x.org/a\"]",
        "at = [\"b.x.org\", \"x.org/b\"]",
    );
    assert!(finds("L-07", &text).remedy.contains("siteidmagic"));
    clean(&format!("[defaults]\ncookie_name = \"siteidmagic\"\n{text}"));
}

#[test]
fn a_domain_meets_every_host_and_domain_below_it() {
    let below = |domain: &str, at: &str, more: &str| {
        let one = format!("at = [\"a.example.org\"]\ncookie_name = \"x\"\ncookie_domain = \"{domain}\"");
        pair(&one, &format!("at = [\"{at}\"]\ncookie_name = \"x\"\n{more}"))
    };
    finds("L-07", &below(".example.org", "b.example.org", ""));
    finds(
        "L-07",
        &below(
            "Example.org",
            "x.y.example.org",
            "cookie_domain = \".y.example.org\"",
        ),
    );
    finds("L-07", &below(".example.org", "*.example.org", ""));
    finds("L-07", &below(".a.example.org", "a.example.org:81", ""));
    clean(&below(".a.example.org", "b.example.org", ""));
    clean(&below(".example.org", "b.example.com", ""));
}

#[test]
fn a_domain_and_another_wikis_own_host_have_different_prefixes_on_https() {
    // `__Secure-` for the one, `__Host-` for the other.
    let text = pair(
        "at = [\"https://a.example.org\"]\ncookie_name = \"x\"\ncookie_domain = \".example.org\"",
        "at = [\"https://b.example.org\"]\ncookie_name = \"x\"",
    );
    assert_eq!(count("L-07", &text), 0);
    assert_eq!(count("L-07", &text.replace("https://", "")), 1);
}

#[test]
fn a_wildcard_meets_the_hosts_it_can_answer_for() {
    finds("L-07", &named("\"*\"", "\"example.org:81\""));
    finds("L-07", &named("\"*.example.org\"", "\"a.example.org/x\""));
    finds("L-07", &named("\"*.example.org\"", "\"*.b.example.org:81\""));
    finds("L-07", &named("\"*\"", "\"*.example.org/x\""));
}

#[test]
fn a_host_that_a_wiki_has_for_itself_is_no_wildcards() {
    clean(&pair("at = [\"*\"]", "at = [\"example.org\"]"));
    clean(&pair("at = [\"*.example.org\"]", "at = [\"a.example.org\"]"));
    clean(&pair("at = [\"*.example.org\"]", "at = [\"*.b.example.org\"]"));
    clean(&pair(
        "at = [\"*.localhost:8080\"]",
        "at = [\"localhost:8080/x\"]",
    ));
}

#[test]
fn different_accounts_alone_are_told_once_and_as_such() {
    let one = "at = [\"example.org/a\"]\ncookie_name = \"x\"\nsession_dir = \"s\"";
    finds("L-10", &pair(one, &one.replace("/a", "/b")));
}

#[test]
fn a_wiki_whose_name_was_refused_is_not_guessed_about() {
    let text = named("\"example.org/a\"", "\"example.org/b\"").replacen("\"x\"", "\"x y\"", 1);
    finds("L-06", &text);
}

#[test]
fn every_wiki_of_a_crowd_is_told_once() {
    let wikis = (0..50).map(|n| format!("[wiki.w{n}]\nat = [\"example.org/w{n}\"]\n"));
    let text = format!("[defaults]\ncookie_name = \"x\"\n{}", wikis.collect::<String>());
    assert_eq!(count("L-07", &text), 49);
}

//! Refusals: the right status, a calm page or a problem for programs, and never the cause.

use super::{FRONT, assert_header, farm};
use crate::harness::{Farm, PASSWORD, SINGLE, Visitor};

fn status_of(visitor: &Visitor, method: &str, target: &str) -> (String, Option<String>) {
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: wiki.example.org\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    let answer = visitor.raw(request.as_bytes());
    let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
    let allow = answer
        .lines()
        .find_map(|line| line.strip_prefix("allow: "))
        .map(str::to_owned);
    (status, allow)
}

#[test]
fn methods_that_an_address_does_not_know_are_405_with_those_that_it_knows() {
    let farm = farm();
    let visitor = farm.visitor();
    for method in [
        "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "NONSENSE",
    ] {
        let (status, allow) = status_of(&visitor, method, "/FrontPage");
        assert_eq!(
            (&*status, allow.as_deref()),
            ("405", Some("GET, HEAD, POST")),
            "{method}"
        );
    }
    let posts = [
        ("/FrontPage", "GET, HEAD"),
        ("/FrontPage?action=raw", "GET, HEAD"),
        ("/_static/x/style.css", "GET, HEAD"),
    ];
    for (target, allowed) in posts {
        let (status, allow) = status_of(&visitor, "POST", target);
        assert_eq!((&*status, allow.as_deref()), ("405", Some(allowed)), "{target}");
    }
    let (status, allow) = status_of(&visitor, "GET", "/FrontPage?action=handover");
    assert_eq!((&*status, allow.as_deref()), ("405", Some("POST")));
}

#[test]
fn an_unknown_action_is_404_with_the_known_ones() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let answer = visitor.get(&format!("{FRONT}?action=teleport"));
    assert_eq!(answer.status, 404);
    assert!(answer.content().contains("teleport"));
    let known = answer.attributes("#content a", "href");
    for action in ["edit", "raw", "info", "diff", "login", "newaccount"] {
        assert!(
            known.contains(&format!("/FrontPage?action={action}")),
            "{action}: {known:?}"
        );
    }
    assert_eq!(visitor.post(&format!("{FRONT}?action=teleport"), &[]).status, 404);
}

#[test]
fn every_action_that_a_link_can_do_is_listed_for_an_unknown_one_and_no_other() {
    let farm = super::farm_as(&SINGLE.replace(
        "at =",
        "acl_rights_default = \"Known:read,write,delete,revert All:read\"\nsuperuser = [\"Ada\"]\nat =",
    ));
    farm.add_user("main", "Ada", PASSWORD);
    let mut ada = farm.logged_in(FRONT, "Ada");
    let list = ada.get(&format!("{FRONT}?action=teleport"));
    let listed = list.attributes("#content li a", "href");
    for action in ["logout", "recall", "suid", "sessions", "userprefs"] {
        let href = format!("/FrontPage?action={action}");
        assert!(listed.contains(&href), "{action}: {listed:?}");
    }
    for href in &listed {
        let answer = ada.get(&format!("http://wiki.example.org{href}"));
        assert!(matches!(answer.status, 200 | 303), "{href}: {}", answer.status);
    }
    for action in ["handover", "newpage", "goto", "revert"] {
        let href = format!("/FrontPage?action={action}");
        assert!(!listed.contains(&href), "{action}");
        let answer = ada.get(&format!("http://wiki.example.org{href}"));
        assert!(matches!(answer.status, 400 | 405), "{href}: {}", answer.status);
    }
    let guest = farm.visitor().get(&format!("{FRONT}?action=teleport"));
    let listed = guest.attributes("#content li a", "href");
    assert!(!listed.contains(&"/FrontPage?action=logout".to_owned()));
}

#[test]
fn actions_that_are_turned_off_are_refused() {
    let farm = super::farm_as(&SINGLE.replace(
        "at =",
        "actions_excluded = [\"raw\"]\nactions_superuser = [\"info\"]\nat =",
    ));
    let mut visitor = farm.visitor();
    assert_eq!(visitor.get(&format!("{FRONT}?action=raw")).status, 403);
    assert_eq!(visitor.get(&format!("{FRONT}?action=info")).status, 403);
    assert_eq!(visitor.get(&format!("{FRONT}?action=diff")).status, 200);
}

#[test]
fn programs_get_problems_and_people_get_pages() {
    let farm = Farm::start("[wiki.main]\nat = [\"wiki.example.org\"]\n");
    let mut visitor = farm.visitor();
    let refusals = [
        ("http://wiki.example.org/_x", 404),
        ("http://wiki.example.org/X?action=edit", 403),
        ("http://wiki.example.org/X?action=nonsense", 404),
        ("http://elsewhere.example/X", 404),
    ];
    for (url, status) in refusals {
        for accept in ["application/json", "application/problem+json"] {
            let problem = visitor.get_with(url, &[("accept", accept)]);
            assert_eq!(problem.status, status);
            assert_header(&problem, "content-type", "application/problem+json");
            let told: serde_json::Value = serde_json::from_slice(&problem.body).unwrap();
            assert_eq!(told["status"], status);
            assert!(
                !told["title"].as_str().unwrap().is_empty() && !told["detail"].as_str().unwrap().is_empty()
            );
        }
        let page = visitor.get_with(
            url,
            &[("accept", "text/html,application/xhtml+xml,application/json;q=0.9")],
        );
        assert_header(&page, "content-type", "text/html; charset=utf-8");
    }
}

#[test]
fn a_missing_page_is_a_problem_for_programs_too() {
    let farm = farm();
    let problem = farm.visitor().get_with(
        "http://wiki.example.org/Nowhere",
        &[("accept", "application/json")],
    );
    assert_eq!(problem.status, 404);
    assert_header(&problem, "content-type", "application/problem+json");
}

#[test]
fn a_host_that_no_wiki_has_is_a_404_that_says_so_and_sets_nothing() {
    let farm = Farm::start("[wiki.main]\nat = [\"wiki.example.org\"]\ncookie_lifetime = [1, 12]\n");
    for url in [
        "http://elsewhere.example/",
        "http://example.org/Page?action=login",
        "http://sub.wiki.example.org/",
    ] {
        let answer = farm.visitor().get(url);
        assert_eq!(answer.status, 404);
        assert!(answer.text().contains("No wiki is configured at this address."));
        assert!(answer.set_cookies().is_empty());
        assert_eq!(answer.wiki(), None);
    }
}

#[test]
fn where_there_is_no_wiki_the_page_is_styled_all_the_same() {
    let farm = Farm::start("[wiki.main]\nat = [\"wiki.example.org/deep\"]\n");
    let mut visitor = farm.visitor();
    for host in ["http://elsewhere.example", "http://wiki.example.org"] {
        let page = visitor.get(&format!("{host}/Page"));
        assert_eq!(page.status, 404);
        let style = page.attributes("link[rel=stylesheet]", "href").remove(0);
        let sheet = visitor.get(&format!("{host}{style}"));
        assert_eq!(sheet.status, 200, "{style}");
        assert_header(&sheet, "content-type", "text/css; charset=utf-8");
        assert!(sheet.set_cookies().is_empty());
    }
}

#[test]
fn a_broken_store_is_a_500_that_shows_no_cause_and_logs_it_once() {
    let farm = Farm::prepare(SINGLE);
    farm.write("wikis/main/wiki.db", &"this is no database ".repeat(1000));
    let mut farm = farm;
    farm.restart();
    let mut visitor = farm.visitor();
    for accept in ["text/html", "application/json"] {
        let answer = visitor.get_with(FRONT, &[("accept", accept)]);
        assert_eq!(answer.status, 500);
        let shown = answer.text().to_lowercase();
        for word in [
            "sqlite", "database", "wiki.db", "/tmp", "panic", ".rs", "rusqlite", "not a",
        ] {
            assert!(!shown.contains(word), "{word}: {shown}");
        }
        assert!(answer.set_cookies().is_empty());
    }
    let log = farm.log();
    let causes: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("internal error"))
        .collect();
    assert_eq!(causes.len(), 2, "{log}");
    assert!(causes[0].contains("database"), "the log tells the cause: {log}");
}

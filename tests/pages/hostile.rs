//! Attempts to have a script of one's own run in somebody else's browser, through every text that a visitor
//! can send: pages, names, comments, queries, forms, hosts. [`assert_harmless`] says what "never" means.

use scraper::{Html, Selector};

use super::{OPEN, at, editor, save};
use crate::harness::{Answer, Farm, Visitor};

const SCRIPT: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";

/// Every attack that the wiki's own tests know, here through the whole server.
const ATTACKS: &str = include_str!("../../crates/wiki/src/render/attacks.txt");

/// No script but the theme's, no handler, no style, no address that is a script, nothing that frames or moves.
fn assert_harmless(answer: &Answer, story: &str) {
    let html = Html::parse_document(&answer.text());
    let all = Selector::parse("*").unwrap();
    for element in html.select(&all) {
        let (tag, whole) = (element.value().name(), element.html());
        let own = |name: &str| {
            element
                .value()
                .attr(name)
                .is_some_and(|address| address.contains("/_static/"))
        };
        match tag {
            "script" => assert!(own("src") && element.text().next().is_none(), "{story}: {whole}"),
            "link" => assert!(
                own("href") || element.value().attr("rel") == Some("canonical"),
                "{story}: {whole}"
            ),
            "iframe" | "object" | "embed" | "base" | "style" | "svg" | "math" | "template" | "frame" => {
                panic!("{story}: {whole}")
            }
            "meta" => assert_eq!(element.value().attr("http-equiv"), None, "{story}: {whole}"),
            _ => {}
        }
        for (name, value) in element.value().attrs() {
            assert!(
                !name.starts_with("on") && name != "style" && name != "srcdoc",
                "{story}: {whole}"
            );
            let scheme: String = value
                .chars()
                .filter(|c| !c.is_whitespace() && !c.is_control())
                .collect();
            let scheme = scheme.to_lowercase();
            let leads = matches!(
                name,
                "href" | "src" | "action" | "formaction" | "xlink:href" | "poster" | "data"
            );
            let script = ["javascript:", "data:", "vbscript:"]
                .iter()
                .any(|bad| scheme.starts_with(bad));
            assert!(!(leads && script), "{story}: {whole}");
        }
    }
    let policy = answer.header("content-security-policy").unwrap_or_default();
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{story}"
    );
}

fn shows(visitor: &mut Visitor, target: &str, statuses: &[u16]) -> Answer {
    let answer = visitor.get(&at(target));
    assert!(
        statuses.contains(&answer.status),
        "{target}: {} {}",
        answer.status,
        answer.text()
    );
    assert_harmless(&answer, target);
    answer
}

fn attack_every_way(config: &str) {
    let farm = Farm::start(config);
    let mut visitor = farm.visitor();
    let (ticket, _) = editor(&mut visitor, "New");
    for (number, attack) in ATTACKS.split("\n----\n").chain([SCRIPT]).enumerate() {
        let name = format!("Attack{number}");
        assert_eq!(
            save(&mut visitor, &name, &(ticket.clone(), "0".to_owned()), attack).status,
            303,
            "{attack}"
        );
        for query in ["", "?action=diff", "?action=edit", "?action=revert&rev=1"] {
            shows(&mut visitor, &format!("{name}{query}"), &[200]);
        }
        let raw = visitor.get(&format!("{}?action=raw", at(&name)));
        assert_eq!(raw.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(raw.header("x-content-type-options"), Some("nosniff"));
        let fields = [
            ("ticket", &*ticket),
            ("rev", "0"),
            ("savetext", attack),
            ("comment", attack),
            ("button_preview", "1"),
        ];
        let preview = visitor.post(&format!("{}?action=edit", at(&name)), &fields);
        assert_eq!(preview.status, 200);
        assert_harmless(&preview, attack);
    }
}

#[test]
fn no_page_text_runs_anything() {
    attack_every_way(OPEN);
}

#[test]
fn no_page_text_runs_anything_where_html_is_allowed() {
    attack_every_way(&OPEN.replace("at =", "raw_html = true\nat ="));
}

#[test]
fn names_comments_and_authors_are_only_text() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    let name = "%22%27%3E%3Cscript%3Ealert(1)%3C";
    let canonical = visitor
        .get(&at(name))
        .header("location")
        .unwrap()
        .trim_start_matches('/')
        .to_owned();
    shows(&mut visitor, &canonical, &[404]);
    shows(&mut visitor, &format!("{canonical}?action=edit"), &[200]);
    visitor.fill_in(
        &at(&canonical),
        "edit",
        &[
            ("rev", "0"),
            ("savetext", "a"),
            ("comment", SCRIPT),
            ("button_save", "1"),
        ],
    );
    visitor.fill_in(
        &at(&canonical),
        "edit",
        &[
            ("rev", "1"),
            ("savetext", "b"),
            ("comment", SCRIPT),
            ("button_save", "1"),
        ],
    );
    for query in [
        "",
        "?action=info",
        "?action=diff",
        "?action=rename",
        "?action=delete",
        "?action=login",
        "?action=newaccount",
    ] {
        shows(&mut visitor, &format!("{canonical}{query}"), &[200]);
    }
    farm.put_page("main", "List", "<<PageList>> <<RecentChanges>>");
    let list = shows(&mut visitor, "List", &[200]);
    assert!(
        list.content().contains("<script>alert(1)"),
        "it is there, as text: {}",
        list.content()
    );
}

#[test]
fn what_a_query_says_is_only_text() {
    let farm = Farm::start(OPEN);
    farm.put_page("main", "Plums", "a");
    let mut visitor = farm.visitor();
    let script = "%22%27%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for query in [
        "action=",
        "action=raw&rev=",
        "action=diff&rev1=",
        "rev=",
        "logged_out=",
        "x=",
    ] {
        let answer = visitor.get(&at(&format!("Plums?{query}{script}")));
        let is_html = answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"));
        assert!(!is_html || !answer.text().contains("<script>alert"), "{query}");
        if is_html {
            assert_harmless(&answer, query);
        }
    }
}

#[test]
fn what_refused_forms_give_back_is_only_text() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    let edit = format!("{}?action=edit", at("Plums"));
    let refused = visitor.post(
        &edit,
        &[
            ("ticket", SCRIPT),
            ("rev", SCRIPT),
            ("savetext", SCRIPT),
            ("comment", SCRIPT),
        ],
    );
    assert_eq!(refused.status, 403);
    assert_eq!(refused.field("savetext").as_deref(), Some(SCRIPT));
    assert_harmless(&refused, "edit");
    let breaking = visitor.fill_in(
        &at("Plums"),
        "edit",
        &[
            ("rev", "0"),
            ("savetext", "</textarea><script>alert(1)</script>"),
            ("button_preview", "1"),
        ],
    );
    assert_eq!(
        breaking.field("savetext").as_deref(),
        Some("</textarea><script>alert(1)</script>")
    );
    assert_harmless(&breaking, "textarea");
    for (action, fields) in [
        ("login", vec![("name", SCRIPT), ("password", SCRIPT)]),
        (
            "newaccount",
            vec![
                ("name", SCRIPT),
                ("password1", "x"),
                ("password2", "y"),
                ("email", SCRIPT),
            ],
        ),
    ] {
        let answer = visitor.fill_in(&at("Plums"), action, &fields);
        assert_harmless(&answer, action);
        assert_eq!(
            answer.field("name").as_deref(),
            Some(SCRIPT),
            "{action}: {}",
            answer.text()
        );
    }
}

#[test]
fn a_host_is_never_written_into_a_page_unescaped() {
    let farm = Farm::start(OPEN);
    farm.put_page("main", "FrontPage", "a");
    for host in [
        "\"><script>alert(1)</script>",
        "a'onload=alert(1)",
        "x.example/<script>",
        "<b>.example",
    ] {
        let answer = farm
            .visitor()
            .raw(format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400"), "{host}: {answer}");
        assert!(
            !answer.contains("<script>") && !answer.contains("<b>"),
            "{host}: {answer}"
        );
    }
}

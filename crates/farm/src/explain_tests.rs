//! Claims about `grange explain`.

use std::collections::BTreeMap;

use super::*;
use crate::lint::testing::{check, check_with};

const FARM: &str = "[wiki.one]\nat = [\"Example.org/one\"]\naliases = [\"old.example.org\"]\n\
                    [wiki.any]\nat = [\"*.org\", \"*\"]\ncookie_lifetime = [1, 0]\n\
                    [wiki.port]\nat = [\"example.org:8001\"]\ncookie_lifetime = [0.5, 12]\n";

fn explained(url: &str) -> (Option<String>, String) {
    let loaded = check(FARM);
    assert!(loaded.config.is_some(), "{:?}", loaded.problems);
    let explanation = explain(&loaded, url).unwrap();
    (
        explanation.wiki.as_deref().map(str::to_owned),
        explanation.to_string(),
    )
}

fn cookie_lines(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| line.starts_with("Set-Cookie: ") || *line == "none")
        .collect()
}

#[test]
fn the_winner_and_the_losers_are_named_with_their_lines_and_reasons() {
    let (wiki, text) = explained("http://example.org/one/Page?x=y#z");
    assert_eq!(wiki.as_deref(), Some("one"));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "/farm/farmconfig.toml:2: at \"Example.org/one\" of wiki one: matches and is the most specific"
    );
    let lost = "/farm/farmconfig.toml:5: at \"*\" of wiki any: matches, but \"Example.org/one\" names the host more exactly";
    assert!(lines.contains(&lost), "{text}");
    assert!(
        text.contains("\"example.org:8001\" of wiki port: answers port 8001 only, this is port 80"),
        "{text}"
    );
}

#[test]
fn a_path_without_its_last_slash_redirects_and_sends_no_cookie() {
    for url in ["http://example.org/one", "http://example.org/%6Fne/Page"] {
        let explanation = explain(&check(FARM), url).unwrap();
        assert_eq!(explanation.redirect, Some(Redirect::Spelling), "{url}");
        let text = explanation.to_string();
        assert!(text.contains("with a / behind it"), "{text}");
        assert_eq!(cookie_lines(&text), ["none"]);
    }
    for url in ["http://example.org/one/", "http://example.org:8001"] {
        assert_eq!(explain(&check(FARM), url).unwrap().redirect, None, "{url}");
    }
}

#[test]
fn machines_get_the_same_story() {
    let explanation = explain(&check(FARM), "http://example.org/one/").unwrap();
    let told = serde_json::to_value(&explanation).unwrap();
    assert_eq!(told["wiki"], "one");
    assert_eq!(told["visitor_cookie"], serde_json::Value::Null);
    let user = told["user_cookie"].as_str().unwrap();
    assert!(explanation.to_string().contains(&format!("Set-Cookie: {user}")));
    assert_eq!(told["considered"][0]["entry"], "Example.org/one");
    assert_eq!(told["realm"].as_str().unwrap().len(), 64, "{told}");
}

#[test]
fn a_visitor_gets_none_where_anonymous_sessions_are_off() {
    let (_, text) = explained("example.org/one/");
    let login = "Set-Cookie: GRANGE_SESSION_ROOT_one=<id>; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax";
    assert_eq!(cookie_lines(&text), ["none", login]);
}

#[test]
fn a_visitor_and_a_user_get_a_line_each() {
    let (_, text) = explained("https://example.org:8001/");
    assert_eq!(
        cookie_lines(&text),
        [
            "Set-Cookie: __Host-GRANGE_SESSION_8001_ROOT=<id>; Path=/; Max-Age=1800; Secure; HttpOnly; SameSite=Lax",
            "Set-Cookie: __Host-GRANGE_SESSION_8001_ROOT=<id>; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax",
        ]
    );
}

#[test]
fn where_logging_in_is_disabled_the_user_gets_none() {
    let (wiki, text) = explained("http://anything.example/");
    assert_eq!(wiki.as_deref(), Some("any"));
    let lines = cookie_lines(&text);
    assert!(
        lines[0].starts_with("Set-Cookie: GRANGE_SESSION_ROOT=<id>;") && lines[1] == "none",
        "{lines:?}"
    );
}

#[test]
fn an_alias_redirects_and_sends_no_cookie() {
    let (wiki, text) = explained("http://old.example.org/Page");
    assert_eq!(wiki.as_deref(), Some("one"));
    assert!(
        text.contains("redirects to the canonical address \"Example.org/one\""),
        "{text}"
    );
    assert_eq!(cookie_lines(&text), ["none"]);
}

#[test]
fn an_address_of_nobody_says_so() {
    let loaded = check("[wiki.a]\nat = [\"a.example.org/x\"]");
    let explanation = explain(&loaded, "http://a.example.org/y").unwrap();
    assert_eq!(explanation.wiki, None);
    let text = explanation.to_string();
    assert!(
        text.contains("No wiki is configured at this address.") && text.contains("the path does not begin"),
        "{text}"
    );
    assert_eq!(cookie_lines(&text), ["none"]);
}

#[test]
fn the_realm_is_told_with_its_parts_and_who_shares_it() {
    let loaded = check(
        "[group.g]\ncookie_name = \"x\"\nsession_dir = \"s\"\nuser_dir = \"u\"\n[wiki.a]\nat = [\"x.org/a\"]\n\
         group = \"g\"\n[wiki.b]\nat = [\"x.org/b\"]\ngroup = \"g\"\n[wiki.c]\nat = [\"x.org/c\"]\n",
    );
    let realm = loaded.config.as_ref().unwrap().wikis[0].session.realm.to_hex();
    let text = explain(&loaded, "x.org/a/").unwrap().to_string();
    for part in [
        &*format!("realm: {realm}"),
        "cookie name: x",
        "sessions: s",
        "accounts: u",
        "shared with: b\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        explain(&loaded, "x.org/c/")
            .unwrap()
            .to_string()
            .contains("shared with no other wiki")
    );
}

#[test]
fn a_suspended_wiki_sends_no_cookie() {
    let loaded = check("[wiki.a]\nat = [\"*\"]\nstate = \"suspended\"\ncookie_lifetime = [1, 1]\n");
    assert_eq!(
        cookie_lines(&explain(&loaded, "x.org").unwrap().to_string()),
        ["none"]
    );
}

#[test]
fn each_cookie_and_each_none_is_said_whose_it_is() {
    let suspended = "[wiki.a]\nat = [\"*\"]\nstate = \"suspended\"\n";
    let nobody = "[wiki.a]\nat = [\"a.example.org\"]";
    let both = "Visitors and users alike get no cookie here:";
    for (farm, url, whose) in [
        (FARM, "http://example.org/one/", ["A visitor gets:"].as_slice()),
        (
            FARM,
            "http://anything.example/",
            &["A user who logs in without \"remember me\" gets:"],
        ),
        (FARM, "http://old.example.org/Page", &[both]),
        (suspended, "http://x.org/", &[both]),
        (nobody, "http://b.example.org/", &[both]),
    ] {
        let text = explain(&check(farm), url).unwrap().to_string();
        let lines: Vec<&str> = text.lines().collect();
        let before_none = lines.windows(2).filter(|pair| pair[1] == "none");
        let told: Vec<&str> = before_none.map(|pair| pair[0]).collect();
        assert_eq!(told, whose, "{text}");
    }
}

#[test]
fn values_from_the_environment_stay_hidden() {
    let hidden = ["HOST", "NAME", "DOMAIN", "DIR", "PORT"].map(|name| {
        let value = match name {
            "PORT" => "8123",
            "DOMAIN" => "hush.example.org",
            _ => "hush",
        };
        (name.to_owned(), value.to_owned())
    });
    let environment = BTreeMap::from(hidden);
    let text = "[wiki.a]\nat = [\"${HOST}.hush.example.org\"]\ncookie_name = \"${NAME}\"\nsitename = \"${NAME}\"\n\
                cookie_domain = \".${DOMAIN}\"\ndata_dir = \"/x/${DIR}\"\n\
                [wiki.b]\nat = [\"b.example.org:${PORT}\"]\n[wiki.c]\nat = [\"*.example.org\"]\n";
    let loaded = check_with(text, &environment);
    assert!(loaded.config.is_some(), "{:#?}", loaded.problems);
    let shown = explain(&loaded, "http://hush.hush.example.org/")
        .unwrap()
        .to_string();
    let shown = shown.replace("${HOST}.hush.example.org", "");
    assert!(!shown.contains("hush"), "{shown}");
    assert!(
        shown.contains("Set-Cookie: GRANGE_SESSION_${NAME}=<id>; Domain=.${DOMAIN};"),
        "{shown}"
    );
    let shown = explain(&loaded, "http://b.example.org:8123/")
        .unwrap()
        .to_string();
    assert!(
        shown.contains("GRANGE_SESSION_<from b.example.org:${PORT}>=<id>"),
        "{shown}"
    );
}

#[test]
fn what_no_browser_asks_for_is_refused() {
    let loaded = check(FARM);
    assert_eq!(
        explain(&loaded, "ftp://x.org/"),
        Err(ExplainError::Scheme("ftp".into()))
    );
    assert_eq!(explain(&loaded, "http://me@x.org/"), Err(ExplainError::Userinfo));
    for url in ["http:///Page", "http://a b/", "http://x.org:99999/", ""] {
        assert!(
            matches!(explain(&loaded, url), Err(ExplainError::Authority(_))),
            "{url:?}"
        );
    }
    let refused = check("[wiki.a]\nat = 5\n");
    assert_eq!(explain(&refused, "http://x.org/"), Err(ExplainError::Refused));
}

#[test]
fn where_people_log_in_is_told() {
    let text = "[farm]\ntrusted_proxies = [\"127.0.0.1\"]\n[defaults]\ncookie_name = \"g\"\nsession_dir = \"s\"\nuser_dir = \"u\"\n\
                central_login = \"a\"\n[wiki.a]\nat = [\"https://a.example\"]\n[wiki.b]\nat = [\"https://b.example\"]";
    let explained = explain(&check(text), "https://b.example/").unwrap().to_string();
    assert!(explained.contains("\n  people log in on: a\n"), "{explained}");
}

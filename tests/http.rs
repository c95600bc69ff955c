//! What an answer carries: headers, validators, codings, statuses, and what happens to requests that no
//! browser would send.

mod errors;
mod limits;

use std::io::Read;

use crate::harness::{Answer, Farm, PASSWORD, SINGLE};

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https:; media-src 'self'; font-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const FRONT: &str = "http://wiki.example.org/FrontPage";

/// A wiki with a front page that is worth compressing and says the same to everybody.
fn farm() -> Farm {
    farm_as(SINGLE)
}

fn farm_as(config: &str) -> Farm {
    let farm = Farm::start(config);
    farm.put_page(
        "main",
        "FrontPage",
        &"Plums and quinces, ripe and hard. ".repeat(100),
    );
    farm
}

fn assert_header(answer: &Answer, name: &str, value: &str) {
    let found: Vec<&str> = answer
        .headers
        .iter()
        .filter(|(other, _)| other == name)
        .map(|(_, value)| &**value)
        .collect();
    assert_eq!(found, [value], "{name}");
}

fn decoded(answer: &Answer) -> Vec<u8> {
    let mut plain = Vec::new();
    match answer.header("content-encoding") {
        None => plain.extend_from_slice(&answer.body),
        Some("gzip") => drop(
            flate2::read::GzDecoder::new(&*answer.body)
                .read_to_end(&mut plain)
                .unwrap(),
        ),
        Some("br") => drop(
            brotli::Decompressor::new(&*answer.body, 4096)
                .read_to_end(&mut plain)
                .unwrap(),
        ),
        Some("zstd") => plain = zstd::stream::decode_all(&*answer.body).unwrap(),
        Some(other) => panic!("nobody asked for {other}"),
    }
    plain
}

#[test]
fn every_html_answer_carries_the_whole_policy() {
    let farm = Farm::start("[wiki.main]\nat = [\"wiki.example.org\"]\n");
    let mut visitor = farm.visitor();
    let pages = [
        (FRONT, 404),
        ("http://wiki.example.org/RecentChanges?action=login", 200),
        ("http://wiki.example.org/X?action=edit", 403),
        ("http://wiki.example.org/X?action=nonsense", 404),
        ("http://wiki.example.org/_x", 404),
        ("http://wiki.example.org/%FF", 400),
        ("http://elsewhere.example/", 404),
    ];
    for (page, status) in pages {
        let answer = visitor.get(page);
        assert_eq!(answer.status, status, "{page}");
        assert_header(&answer, "content-security-policy", POLICY);
        assert_header(&answer, "x-content-type-options", "nosniff");
        assert_header(&answer, "referrer-policy", "same-origin");
        assert_header(&answer, "x-frame-options", "DENY");
        assert_header(&answer, "cross-origin-opener-policy", "same-origin");
        assert!(
            answer
                .header("permissions-policy")
                .is_some_and(|policy| policy.contains("camera=()"))
        );
        assert_header(&answer, "content-type", "text/html; charset=utf-8");
        assert!(
            answer
                .header("vary")
                .unwrap()
                .starts_with("Cookie, Accept-Encoding"),
            "{page}"
        );
        assert_eq!(answer.header("strict-transport-security"), None, "not over http");
        assert!(answer.header("server").is_none() && answer.header("x-powered-by").is_none());
    }
}

#[test]
fn https_is_asked_for_from_then_on() {
    let farm = farm_as(
        "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\ntrusted_proxies = [\"127.0.0.1\"]\n[wiki.main]\nat = [\"*\"]\n",
    );
    let page = farm.visitor().get("https://wiki.example.org/FrontPage");
    assert_header(&page, "strict-transport-security", "max-age=31536000");
    assert_eq!(
        farm.visitor().get(FRONT).header("strict-transport-security"),
        None
    );
}

#[test]
fn what_all_guests_see_alike_may_be_kept_and_asked_for_again() {
    let farm = farm();
    let (one, other) = (farm.visitor().get(FRONT), farm.visitor().get(FRONT));
    assert_eq!(one.status, 200);
    assert!(one.body == other.body, "byte for byte the same");
    assert_header(&one, "cache-control", "public, max-age=0, must-revalidate");
    assert_header(&one, "vary", "Cookie, Accept-Encoding, Accept-Language");
    assert!(one.set_cookies().is_empty());
    let tag = one.header("etag").unwrap();
    assert!(tag.starts_with('"') && other.header("etag") == Some(tag));
    for listed in [tag, "*", &format!("\"x\", W/{tag}")] {
        let again = farm.visitor().get_with(FRONT, &[("if-none-match", listed)]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{listed}");
        for name in ["etag", "vary", "cache-control"] {
            assert_eq!(again.header(name), one.header(name), "a 304 repeats {name}");
        }
    }
    assert_eq!(
        farm.visitor()
            .get_with(FRONT, &[("if-none-match", "\"other\"")])
            .status,
        200
    );
}

#[test]
fn who_brings_nothing_and_who_brings_a_dead_cookie_get_the_same_page() {
    let farm = farm();
    let mut gone = farm.visitor();
    gone.get(FRONT);
    let dead = [("cookie", "GRANGE_SESSION_ROOT=v1.dead.1.dead")];
    let (short, long) = (gone.get(FRONT), gone.get_with(FRONT, &dead));
    assert!(short.status == 200 && short.body == long.body);
    let headers = |answer: &crate::harness::Answer| {
        [
            "etag",
            "vary",
            "cache-control",
            "content-type",
            "content-security-policy",
        ]
        .map(|name| answer.header(name).map(str::to_owned))
    };
    assert_eq!(headers(&short), headers(&long));
    for other in [
        &format!("{FRONT}?action=nonsense"),
        "http://wiki.example.org/Nowhere",
    ] {
        assert_ne!(gone.get(other).status, 200, "{other}");
    }
}

#[test]
fn a_change_anywhere_in_the_wiki_makes_another_tag() {
    let farm = farm();
    farm.put_page("main", "FrontPage", &format!("{} [[Plums]]", "ripe ".repeat(500)));
    let before = farm.visitor().get(FRONT);
    let tag = before.header("etag").unwrap();
    farm.put_page("main", "Plums", "now the link leads somewhere");
    let after = farm.visitor().get_with(FRONT, &[("if-none-match", tag)]);
    assert_eq!(after.status, 200);
    assert_ne!(after.header("etag"), Some(tag));
}

#[test]
fn a_wiki_that_ignores_the_browsers_language_does_not_vary_by_it() {
    let farm = farm_as(&SINGLE.replace("at =", "language_ignore_browser = true\nat ="));
    assert_header(&farm.visitor().get(FRONT), "vary", "Cookie, Accept-Encoding");
}

#[test]
fn every_coding_gives_the_same_page_and_has_a_tag_of_its_own() {
    let farm = farm();
    let plain = farm.visitor().get(FRONT);
    let mut tags = vec![plain.header("etag").unwrap().to_owned()];
    for coding in ["gzip", "br", "zstd"] {
        let answer = farm.visitor().get_with(FRONT, &[("accept-encoding", coding)]);
        assert_header(&answer, "content-encoding", coding);
        assert!(answer.body.len() < plain.body.len() / 2);
        assert!(decoded(&answer) == plain.body, "{coding}");
        let tag = answer.header("etag").unwrap().to_owned();
        assert!(!tags.contains(&tag), "{coding}");
        let again = farm
            .visitor()
            .get_with(FRONT, &[("accept-encoding", coding), ("if-none-match", &tag)]);
        assert_eq!(again.status, 304);
        tags.push(tag);
    }
    let choice = |wish| farm.visitor().get_with(FRONT, &[("accept-encoding", wish)]);
    assert_header(&choice("gzip, deflate, br, zstd"), "content-encoding", "br");
    assert_header(&choice("br;q=0.1, gzip;q=0.9"), "content-encoding", "gzip");
    assert_eq!(choice("br;q=0, identity").header("content-encoding"), None);
}

#[test]
fn what_is_made_for_one_visitor_is_kept_by_nobody() {
    let farm = farm();
    farm.add_user("main", "Ada", PASSWORD);
    let mut ada = farm.visitor();
    ada.log_in(FRONT, "Ada", PASSWORD);
    for headers in [
        &[][..],
        &[("if-none-match", "*")],
        &[("accept-encoding", "br"), ("if-none-match", "*")],
    ] {
        let page = ada.get_with(FRONT, headers);
        assert_eq!(page.status, 200);
        assert_header(&page, "cache-control", "private, no-store");
        assert_eq!(page.header("etag"), None);
        assert!(page.header("vary").unwrap().starts_with("Cookie"));
        assert!(String::from_utf8(decoded(&page)).unwrap().contains("Ada"));
    }
    let raw = ada.get(&format!("{FRONT}?action=raw"));
    assert_header(&raw, "cache-control", "private, no-store");
    for page in [
        "FrontPage?action=edit",
        "FrontPage?action=info",
        "FrontPage?action=AttachFile",
        "FrontPage?action=userprefs",
        "FrontPage?action=sessions",
        "FrontPage?action=fullsearch&value=x",
        "FrontPage?action=nonsense",
        "Nowhere",
    ] {
        let shown = ada.get(&format!("http://wiki.example.org/{page}"));
        assert_header(&shown, "cache-control", "private, no-store");
    }
}

#[test]
fn a_logout_has_the_browser_forget_what_it_kept_of_pages_and_never_its_cookies() {
    let farm = farm_as(&format!(
        "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\ntrusted_proxies = [\"127.0.0.1\"]\n{SINGLE}"
    ));
    farm.add_user("main", "Ada", PASSWORD);
    let forgets = |address: &str| {
        let mut ada = farm.visitor();
        ada.log_in(address, "Ada", PASSWORD);
        let page = ada.get(address);
        let ticket = page.ticket("logout").unwrap();
        let out = ada.post(&format!("{address}?action=logout"), &[("ticket", &ticket)]);
        assert_eq!(out.status, 303, "{address}");
        assert!(ada.get(address).user().is_none(), "{address}");
        out.header("clear-site-data").map(str::to_owned)
    };
    assert_eq!(
        forgets("https://wiki.example.org/FrontPage").as_deref(),
        Some("\"cache\"")
    );
    assert_eq!(forgets(FRONT), None, "over http no browser listens");
}

#[test]
fn an_answer_with_a_cookie_is_private_and_never_a_304() {
    let farm = farm_as(&SINGLE.replace("at =", "cookie_lifetime = [1, 12]\nat ="));
    for headers in [&[][..], &[("if-none-match", "*")]] {
        let first = farm.visitor().get_with(FRONT, headers);
        assert_eq!((first.status, first.set_cookies().len()), (200, 1));
        assert_header(&first, "cache-control", "private, no-store");
        assert_eq!(first.header("etag"), None);
    }
}

#[test]
fn a_page_that_speaks_of_time_or_session_is_not_kept_for_all() {
    let farm = farm();
    for text in ["<<SessionTest>>", "<<DateTime>>"] {
        farm.put_page("main", "Live", text);
        let page = farm.visitor().get("http://wiki.example.org/Live");
        assert_header(&page, "cache-control", "private, no-store");
        assert_eq!(page.header("etag"), None, "{text}");
    }
}

#[test]
fn theme_files_are_kept_for_a_year_at_an_address_that_changes_with_them() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let front = visitor.get(FRONT);
    let style = front.attributes("link[rel=stylesheet]", "href").pop().unwrap();
    let script = front.attributes("script", "src").pop().unwrap();
    for (path, kind) in [
        (&style, "text/css; charset=utf-8"),
        (&script, "text/javascript; charset=utf-8"),
    ] {
        let file = visitor.get_with(
            &format!("http://wiki.example.org{path}"),
            &[("accept-encoding", "br")],
        );
        assert_eq!(file.status, 200);
        assert_header(&file, "content-type", kind);
        assert_header(&file, "cache-control", "public, max-age=31536000, immutable");
        assert_header(&file, "vary", "Accept-Encoding");
        assert_header(&file, "x-content-type-options", "nosniff");
        assert!(file.set_cookies().is_empty() && !decoded(&file).is_empty());
        let tag = file.header("etag").unwrap();
        let wishes = [("accept-encoding", "br"), ("if-none-match", tag)];
        assert_eq!(
            visitor
                .get_with(&format!("http://wiki.example.org{path}"), &wishes)
                .status,
            304
        );
    }
    let old = visitor.get("http://wiki.example.org/_static/0000000000000000/style.css");
    assert_eq!((old.status, old.header("location")), (303, Some(&*style)));
    for missing in ["/_static/", "/_static/x/nothing.css", "/_static/style.css"] {
        assert_eq!(
            visitor.get(&format!("http://wiki.example.org{missing}")).status,
            404,
            "{missing}"
        );
    }
}

#[test]
fn theme_files_stand_below_the_mount_path_of_their_wiki() {
    let farm =
        Farm::start("[wiki.one]\nat = [\"example.org/one\"]\n[wiki.two]\nat = [\"example.org/two\"]\n");
    let mut visitor = farm.visitor();
    for wiki in ["one", "two"] {
        let page = visitor.get(&format!("http://example.org/{wiki}/"));
        let style = page.attributes("link[rel=stylesheet]", "href").pop().unwrap();
        assert!(style.starts_with(&format!("/{wiki}/_static/")), "{style}");
        assert_eq!(visitor.get(&format!("http://example.org{style}")).status, 200);
    }
}

#[test]
fn head_is_get_without_a_body() {
    let farm = farm();
    let mut visitor = farm.visitor();
    for (page, status) in [
        ("FrontPage", 200),
        ("Missing", 404),
        ("FrontPage/", 301),
        ("FrontPage?action=raw", 200),
    ] {
        let url = format!("http://wiki.example.org/{page}");
        let (get, head) = (visitor.get(&url), visitor.head(&url));
        assert_eq!(
            (get.status, head.status, head.body.len()),
            (status, status, 0),
            "{page}"
        );
        let told = |answer: &Answer| {
            let mut lines = answer.headers.clone();
            lines.retain(|(name, _)| name != "date");
            lines.sort();
            lines
        };
        assert_eq!(told(&head), told(&get), "{page}");
    }
}

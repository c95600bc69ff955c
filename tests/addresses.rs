//! The address table over HTTP: which wiki answers where, and where other spellings lead.
//!
//! Every page of a wiki names its wiki, the 404 of a page that is not there as well; that is what is asked here.

use crate::harness::{Answer, Farm};

/// All kinds of entries at once; each wiki's id says where it is.
const TABLE: &str = r#"
[farm]
listen = ["127.0.0.1:0"]
admin_listen = ""
trusted_proxies = ["127.0.0.1"]
[defaults]
cookie_name = "siteidmagic"
[wiki.exact]
at = ["example.org"]
[wiki.path]
at = ["example.org/wiki1"]
[wiki.nested]
at = ["example.org/wiki1/deep/er"]
[wiki.port]
at = ["example.org:8001"]
[wiki.portpath]
at = ["example.org:8001/wiki1"]
[wiki.suffix]
at = ["*.example.org"]
[wiki.longsuffix]
at = ["*.deep.example.org"]
[wiki.six]
at = ["[::1]"]
[wiki.four]
at = ["192.0.2.7"]
[wiki.idn]
at = ["bücher.example"]
[wiki.blank]
at = ["example.org/a%20b"]
[wiki.tls]
at = ["https://scheme.example"]
[wiki.notls]
at = ["http://scheme.example"]
[wiki.moved]
at = ["new.example/here", "also.example"]
aliases = ["old.example", "old.example/there", "older.example:8001"]
[wiki.any]
at = ["*"]
"#;

fn wiki_at(farm: &Farm, url: &str) -> Option<String> {
    let answer = farm.visitor().get(url);
    assert!(
        answer.status == 404 || answer.status == 200,
        "{url}: {} {:?}",
        answer.status,
        answer.header("location")
    );
    answer.wiki()
}

fn location(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.header("location").unwrap_or_default())
}

#[test]
fn the_most_specific_entry_answers() {
    let farm = Farm::start(TABLE);
    let rows = [
        ("http://example.org/X", "exact"),
        ("http://example.org:9999/X", "exact"),
        ("https://example.org/X", "exact"),
        ("http://EXAMPLE.Org./X", "exact"),
        ("http://example.org:8001/X", "port"),
        ("http://example.org:8001/wiki1/X", "portpath"),
        ("http://example.org/wiki1/X", "path"),
        ("http://example.org/wiki1/deep/X", "path"),
        ("http://example.org/wiki1/deep/er/X", "nested"),
        ("http://example.org/wiki1/deep/erX", "path"),
        ("http://example.org/wiki10", "exact"),
        ("http://example.org/wiki10/X", "exact"),
        ("http://example.org/Wiki1/X", "exact"),
        ("http://example.org/X/wiki1/Y", "exact"),
        ("http://example.org/a%20b/X", "blank"),
        ("http://a.example.org/X", "suffix"),
        ("http://a.b.example.org/wiki1/X", "suffix"),
        ("http://a.deep.example.org/X", "longsuffix"),
        ("http://deep.example.org/X", "suffix"),
        ("http://[::1]/X", "six"),
        ("http://[::1]:8001/X", "six"),
        ("http://[0:0:0:0:0:0:0:1]/X", "six"),
        ("http://192.0.2.7/X", "four"),
        ("http://xn--bcher-kva.example/X", "idn"),
        ("http://XN--BCHER-KVA.example:80/X", "idn"),
        ("https://scheme.example/X", "tls"),
        ("http://scheme.example/X", "notls"),
        ("http://also.example/X", "moved"),
        ("http://notexample.org/X", "any"),
        ("http://localhost:8080/X", "any"),
    ];
    for (url, wiki) in rows {
        assert_eq!(wiki_at(&farm, url).as_deref(), Some(wiki), "{url}");
    }
}

#[test]
fn the_query_and_untrusted_headers_never_choose_the_wiki() {
    let farm = Farm::start("[wiki.one]\nat = [\"one.example\"]\n[wiki.two]\nat = [\"two.example\"]\n");
    assert_eq!(
        wiki_at(&farm, "http://one.example/X?host=two.example&wiki=two").as_deref(),
        Some("one")
    );
    let lies = [
        ("x-forwarded-host", "two.example"),
        ("forwarded", "host=two.example"),
        ("x-host", "two.example"),
        ("x-original-url", "http://two.example/"),
        ("x-forwarded-proto", "https"),
    ];
    for lie in lies {
        let answer = farm
            .visitor()
            .get_with("http://one.example/X?action=login", &[lie]);
        assert_eq!(answer.wiki().as_deref(), Some("one"), "{lie:?}");
        assert_eq!(answer.header("strict-transport-security"), None, "{lie:?}");
    }
}

#[test]
fn a_mount_path_alone_leads_to_its_root() {
    let farm = Farm::start(TABLE);
    let mut visitor = farm.visitor();
    assert_eq!(
        location(&visitor.get("http://example.org/wiki1")),
        (301, "/wiki1/")
    );
    assert_eq!(
        location(&visitor.get("http://example.org/wiki1?a=b&c")),
        (301, "/wiki1/?a=b&c")
    );
    assert_eq!(
        location(&visitor.head("http://example.org/wiki1/deep/er")),
        (301, "/wiki1/deep/er/")
    );
    assert_eq!(
        location(&visitor.post("http://example.org/wiki1", &[])),
        (308, "/wiki1/")
    );
}

#[test]
fn links_and_redirects_stay_below_the_mount_path() {
    let farm = Farm::start(TABLE);
    farm.put_page("path", "FrontPage", "See [[Other page]].");
    let mut visitor = farm.visitor();
    let page = visitor.get("http://example.org/wiki1/");
    assert_eq!(page.attributes("#content a", "href"), ["/wiki1/Other%20page"]);
    assert!(
        page.attributes("a", "href")
            .iter()
            .all(|href| href.starts_with("/wiki1/") || href.starts_with('#')),
        "{}",
        page.text()
    );
    assert_eq!(
        page.attributes("link[rel=canonical]", "href"),
        ["http://example.org/wiki1/FrontPage"]
    );
    assert_eq!(
        location(&visitor.get("http://example.org/wiki1/A//B?x=1")),
        (301, "/wiki1/A/B?x=1")
    );
    let below = visitor.get("http://example.org/a%20b/X?action=login");
    assert!(
        below
            .attributes("form", "action")
            .iter()
            .all(|action| action.starts_with("/a%20b/")),
        "{}",
        below.text()
    );
}

#[test]
fn aliases_lead_to_the_canonical_address_with_path_and_query() {
    let farm = Farm::start(TABLE);
    let mut visitor = farm.visitor();
    let rows = [
        (
            "http://old.example/Page/Sub?action=raw&x=%20",
            "http://new.example/here/Page/Sub?action=raw&x=%20",
        ),
        ("http://old.example/", "http://new.example/here/"),
        ("http://old.example/there/Page", "http://new.example/here/Page"),
        ("http://old.example/there", "http://new.example/here/"),
        ("https://old.example/Page", "https://new.example/here/Page"),
        (
            "http://old.example/%C3%84%20x",
            "http://new.example/here/%C3%84%20x",
        ),
    ];
    for (from, to) in rows {
        assert_eq!(location(&visitor.get(from)), (301, to), "{from}");
        assert_eq!(location(&visitor.head(from)), (301, to), "{from}");
        assert_eq!(location(&visitor.post(from, &[("a", "b")])), (308, to), "{from}");
    }
    let with_port = visitor.get("http://older.example:8001/Page");
    assert_eq!((with_port.status, with_port.set_cookies().len()), (301, 0));
    assert!(with_port.header("location").unwrap().ends_with("/here/Page"));
}

#[test]
fn a_trusted_proxy_says_host_scheme_port_and_client() {
    let farm = Farm::start(TABLE);
    let mut visitor = farm.visitor();
    let rows: [(&[(&str, &str)], &str); 7] = [
        (&[("x-forwarded-host", "example.org")], "exact"),
        (&[("x-forwarded-host", "example.org:8001")], "port"),
        (
            &[("x-forwarded-host", "example.org"), ("x-forwarded-port", "8001")],
            "port",
        ),
        (
            &[
                ("x-forwarded-host", "scheme.example"),
                ("x-forwarded-proto", "https"),
            ],
            "tls",
        ),
        (
            &[
                ("x-forwarded-host", "evil.example, scheme.example"),
                ("x-forwarded-proto", "https, http"),
            ],
            "notls",
        ),
        (
            &[("forwarded", "for=192.0.2.9;host=scheme.example;proto=https")],
            "tls",
        ),
        (
            &[
                ("forwarded", "host=\"scheme.example\""),
                ("x-forwarded-host", "example.org:8001"),
            ],
            "port",
        ),
    ];
    for (headers, wiki) in rows {
        let answer = visitor.get_with("http://inside.example/X", headers);
        assert_eq!(answer.wiki().as_deref(), Some(wiki), "{headers:?}");
    }
    let junk = visitor.get_with("http://inside.example/X", &[("x-forwarded-host", "a/b")]);
    assert_eq!(junk.status, 400);
}

#[test]
fn the_history_names_the_client_that_a_trusted_proxy_names() {
    let farm = Farm::start(&format!("{TABLE}acl_rights_default = \"All:read,write\"\n"));
    let ways = [
        ("x-forwarded-for", "198.51.100.4, 192.0.2.9", "192.0.2.9"),
        ("x-forwarded-for", "192.0.2.8, 127.0.0.1", "192.0.2.8"),
        (
            "forwarded",
            "for=198.51.100.4, for=\"[2001:db8::1]:4711\"",
            "2001:db8::1",
        ),
    ];
    for (number, (name, value, client)) in ways.into_iter().enumerate() {
        let mut visitor = farm.visitor().with_header(name, value);
        let page = format!("http://somewhere.example/Page{number}");
        visitor.edit(&page, "x");
        let history = visitor.get(&format!("{page}?action=info"));
        assert_eq!(history.words(".who").as_deref(), Some(client), "{name}");
    }
}

#[test]
fn a_wiki_at_two_addresses_names_the_first_as_canonical() {
    let farm = Farm::start(TABLE);
    farm.put_page("moved", "FrontPage", "hello");
    let page = farm.visitor().get("http://also.example/");
    assert_eq!((page.status, page.content().as_str()), (200, "hello"));
    assert_eq!(
        page.attributes("link[rel=canonical]", "href"),
        ["http://new.example/here/FrontPage"]
    );
}

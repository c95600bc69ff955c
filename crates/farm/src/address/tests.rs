//! Claims about `at` entries: what is read, what is refused and in which words, and the URL made from one.
//!
//! Which of several entries wins is claimed beside the router.

use super::*;

fn address(written: &str) -> Address {
    Address::parse(written).unwrap_or_else(|error| panic!("{written}: {error}"))
}

fn refusal(written: &str) -> String {
    Address::parse(written).unwrap_err().to_string()
}

/// The URL of `tail` for a wiki "w".
fn url(entry: &str, request: &Authority<'_>, tail: &str) -> String {
    address(entry).destination("w", request).url(tail)
}

fn asked(host: &str, https: bool, port: Option<u16>) -> Authority<'_> {
    Authority { https, host, port }
}

#[test]
fn every_part_of_an_entry_is_read() {
    let full = address("HTTPS://Wiki.Example.org:8443/team/docs");
    assert_eq!(full.scheme(), Some(Scheme::Https));
    assert_eq!(full.host(), &HostPattern::Exact("wiki.example.org".into()));
    assert_eq!(full.port(), Some(8443));
    assert_eq!(full.path(), ["team", "docs"]);
    assert_eq!(full.to_string(), "HTTPS://Wiki.Example.org:8443/team/docs");
}

#[test]
fn what_is_left_out_is_open() {
    let bare = address("example.org");
    assert_eq!((bare.scheme(), bare.port(), bare.path().len()), (None, None, 0));
    assert_eq!(bare.base(), "");
}

#[test]
fn wildcards_and_literals_are_hosts() {
    assert_eq!(address("*").host(), &HostPattern::Any);
    assert_eq!(address("*:8001/a").host(), &HostPattern::Any);
    assert_eq!(
        address("*.Bücher.example").host(),
        &HostPattern::Suffix("xn--bcher-kva.example".into())
    );
    assert_eq!(address("[0::1]:80").host(), &HostPattern::Exact("[::1]".into()));
    assert_eq!(
        address("127.0.0.1:80").host(),
        &HostPattern::Exact("127.0.0.1".into())
    );
}

#[test]
fn a_suffix_needs_a_label_in_front() {
    let pattern = HostPattern::Suffix("example.org".into());
    assert!(pattern.matches("a.example.org"));
    assert!(pattern.matches("a.b.example.org"));
    assert!(!pattern.matches("example.org"));
    assert!(!pattern.matches("badexample.org"));
}

#[test]
fn a_path_is_decoded_once() {
    assert_eq!(address("h/wiki%31").path(), ["wiki1"]);
    assert_eq!(address("h/a%2520b").path(), ["a%20b"]);
    assert_eq!(address("h/a%2Fb").path(), ["a/b"]);
    assert_eq!(address("h/wiki1/").path(), ["wiki1"]);
    assert_eq!(address("h/").path().len(), 0);
    assert_eq!(address("h/a/_b").path(), ["a", "_b"]);
}

#[test]
fn the_base_is_the_path_as_a_url_has_it() {
    assert_eq!(address("h/a%2fb/ü/c'd").base(), "/a%2Fb/%C3%BC/c'd");
    assert_eq!(address("h/100%25").base(), "/100%25");
}

#[test]
fn the_same_place_is_recognised_in_any_spelling() {
    assert!(address("Example.org./wiki%31").same_place(&address("example.org/wiki1/")));
    assert!(!address("http://example.org").same_place(&address("example.org")));
    assert!(!address("example.org:80").same_place(&address("example.org")));
}

#[test]
fn a_refused_entry_says_what_to_write() {
    let refusals = [
        ("", "needs a host"),
        ("/wiki1", "* for any host"),
        ("http://", "needs a host"),
        (":8001", "needs a host"),
        ("a b", "no blanks"),
        ("a\nb", "no control characters"),
        ("ftp://example.org", "\"ftp://\" is not served"),
        ("me@example.org", "names no user"),
        ("https://me:pw@example.org", "names no user"),
        ("example.org?x=1", "query never chooses"),
        ("example.org/a#b", "never send"),
        ("exa$mple.org", "'$' cannot stand in a host name"),
        ("a*.example.org", "a * stands alone"),
        ("*.*.example.org", "a * stands alone"),
        ("*.", "the host is empty"),
        ("*.10.0.0.1", "a * stands alone"),
        ("300.1.1.1", "no IPv4 address"),
        ("[::g]", "no IPv6 address"),
        ("example.org:", "\"\" is no port"),
        ("example.org:0", "\"0\" is no port"),
        ("example.org:99999", "1 to 65535"),
        ("example.org:http", "\"http\" is no port"),
        ("example.org//a", "empty segment"),
        ("example.org/a//b", "empty segment"),
        ("example.org//", "empty segment"),
        ("example.org/.", "\".\" segment"),
        ("example.org/a/%2e%2E", "\"%2e%2E\" segment"),
        ("example.org/50%", "% begins two hex digits"),
        ("example.org/%zz", "% begins two hex digits"),
        ("example.org/%ff", "UTF-8"),
        ("example.org/a%00", "without control characters"),
        ("example.org/_api", "reserved"),
        ("example.org/%5Fapi", "reserved"),
    ];
    for (written, words) in refusals {
        assert!(
            refusal(written).contains(words),
            "{written:?}: {}",
            refusal(written)
        );
    }
}

#[test]
fn a_colon_in_a_path_is_no_scheme() {
    assert_eq!(address("example.org/a:b").path(), ["a:b"]);
    assert!(refusal("example.org/a://b").contains("empty segment"));
}

#[test]
fn a_url_takes_what_is_open_from_the_request() {
    let open = "example.org/wiki1";
    assert_eq!(
        url(open, &asked("other", false, Some(8080)), "/P"),
        "http://example.org:8080/wiki1/P"
    );
    assert_eq!(
        url(open, &asked("other", true, None), "P?a=1"),
        "https://example.org/wiki1/P?a=1"
    );
    assert_eq!(
        url("*", &asked("seen.example", false, None), ""),
        "http://seen.example/"
    );
}

#[test]
fn a_url_keeps_what_the_entry_says() {
    let request = asked("x", false, Some(80));
    assert_eq!(
        url("https://example.org:8443", &request, "/P"),
        "https://example.org:8443/P"
    );
}

#[test]
fn default_ports_are_left_out_of_a_url() {
    assert_eq!(
        url("https://h:443", &asked("h", true, Some(443)), "/"),
        "https://h/"
    );
    assert_eq!(url("http://h:80/a", &asked("h", false, None), "/"), "http://h/a/");
    assert_eq!(url("h", &asked("h", false, Some(80)), "/"), "http://h/");
    assert_eq!(url("https://h", &asked("h", false, Some(80)), "/"), "https://h/");
    assert_eq!(url("h:80", &asked("h", true, None), "/"), "https://h:80/");
}

#[test]
fn a_suffix_keeps_the_host_that_fits_and_else_stands_in_with_the_id() {
    let suffix = "*.example.org";
    assert_eq!(
        url(suffix, &asked("a.b.example.org", false, None), "/P"),
        "http://a.b.example.org/P"
    );
    assert_eq!(
        url(suffix, &asked("elsewhere.net", false, None), "/P"),
        "http://w.example.org/P"
    );
}

#[test]
fn a_destination_can_be_looked_up_again() {
    let entry = address("https://[::1]:8443/a b".replace(' ', "%20").as_str());
    let there = entry
        .destination("w", &asked("x", false, None))
        .authority()
        .effective_port();
    assert_eq!(there, 8443);
}

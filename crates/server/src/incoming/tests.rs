//! Claims about what a request says of itself and what a proxy may say for it.

use actix_web::HttpRequest;
use actix_web::test::TestRequest;
use ipnet::IpNet;
use jiff::Timestamp;

use super::*;

fn request(headers: &[(&str, &str)]) -> HttpRequest {
    let mut request = TestRequest::get()
        .uri("/Page")
        .peer_addr("10.0.0.1:9000".parse().unwrap());
    for (name, value) in headers {
        request = request.append_header((*name, *value));
    }
    request.to_http_request()
}

fn proxies() -> Vec<IpNet> {
    vec!["10.0.0.0/8".parse().unwrap()]
}

fn read<'r>(http: &'r HttpRequest, trusted: &[IpNet]) -> Result<Incoming<'r>, Refusal> {
    Incoming::read(http, trusted, Timestamp::UNIX_EPOCH, 1)
}

#[test]
fn the_host_header_is_the_authority_and_its_port_the_clients() {
    let http = request(&[("host", "Wiki.Example.org:8001")]);
    let incoming = read(&http, &[]).unwrap();
    assert_eq!(
        (incoming.host.as_str(), incoming.port, incoming.https),
        ("wiki.example.org", 8001, false)
    );
}

#[test]
fn requests_for_different_hosts_in_turn_each_get_their_own() {
    for _ in 0..2 {
        for (written, host, port) in [
            ("a.example", "a.example", 80),
            ("A.example:81", "a.example", 81),
            ("a.example:81", "a.example", 81),
            ("b.example", "b.example", 80),
        ] {
            let http = request(&[("host", written)]);
            let incoming = read(&http, &[]).unwrap();
            assert_eq!((incoming.host.as_str(), incoming.port), (host, port), "{written}");
            let junk = request(&[("host", "user@a.example")]);
            assert!(read(&junk, &[]).is_err());
        }
    }
}

#[test]
fn a_host_that_is_none_is_a_bad_request() {
    for junk in [
        "example.org/wiki1",
        "user@example.org",
        "exa mple.org",
        "",
        "example.org:99999",
    ] {
        let http = request(&[("host", junk)]);
        assert!(
            matches!(read(&http, &[]), Err(Refusal::BadRequest(_))),
            "{junk:?} was accepted"
        );
    }
    let http = request(&[("host", "a.example"), ("host", "b.example")]);
    assert!(matches!(read(&http, &[]), Err(Refusal::BadRequest(_))));
}

#[test]
fn a_stranger_cannot_forward_anything() {
    let http = request(&[
        ("host", "real.example"),
        ("x-forwarded-host", "fake.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-for", "192.0.2.7"),
        ("forwarded", "host=fake.example;proto=https"),
    ]);
    let incoming = read(&http, &[]).unwrap();
    assert_eq!((incoming.host.as_str(), incoming.https), ("real.example", false));
    assert_eq!(incoming.client.to_string(), "10.0.0.1");
}

#[test]
fn a_trusted_proxy_speaks_for_its_client() {
    let http = request(&[
        ("host", "backend:3000"),
        ("x-forwarded-host", "wiki.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-for", "198.51.100.1, 192.0.2.7, 10.0.0.9"),
    ]);
    let incoming = read(&http, &proxies()).unwrap();
    assert_eq!(
        (incoming.host.as_str(), incoming.port, incoming.https),
        ("wiki.example", 443, true)
    );
    assert_eq!(
        incoming.client.to_string(),
        "192.0.2.7",
        "the nearest address that is no proxy of ours"
    );
}

#[test]
fn the_standard_header_is_read_like_the_customary_ones() {
    let http = request(&[
        ("host", "backend:3000"),
        (
            "forwarded",
            "for=203.0.113.5;host=evil.example, for=\"[2001:db8::1]:4711\";proto=https;host=\"wiki.example:8443\"",
        ),
    ]);
    let incoming = read(&http, &proxies()).unwrap();
    assert_eq!((incoming.host.as_str(), incoming.port), ("wiki.example", 8443));
    assert_eq!(incoming.client.to_string(), "2001:db8::1");
}

#[test]
fn a_visitors_forwarded_header_behind_a_proxy_that_writes_the_customary_ones_counts_for_nothing() {
    let http = request(&[
        ("host", "wiki.example"),
        ("x-forwarded-for", "192.0.2.7"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=203.0.113.99;host=evil.example;proto=http"),
    ]);
    let incoming = read(&http, &proxies()).unwrap();
    assert_eq!(incoming.client.to_string(), "192.0.2.7");
    assert_eq!((incoming.host.as_str(), incoming.https), ("wiki.example", true));
}

#[test]
fn junk_that_a_visitor_wrote_does_not_hide_what_the_proxy_added() {
    let mut request = TestRequest::get()
        .uri("/Page")
        .peer_addr("10.0.0.1:9000".parse().unwrap());
    let chain = actix_web::http::header::HeaderValue::from_bytes(b"\xff\xfe, 192.0.2.7").unwrap();
    request = request
        .append_header(("host", "wiki.example"))
        .append_header(("x-forwarded-for", chain));
    let http = request.to_http_request();
    assert_eq!(read(&http, &proxies()).unwrap().client.to_string(), "192.0.2.7");
}

#[test]
fn an_origin_is_ours_when_host_and_port_are() {
    let http = request(&[("host", "wiki.example:8001")]);
    let incoming = read(&http, &[]).unwrap();
    assert!(incoming.is_own_origin("http://wiki.example:8001"));
    assert!(
        incoming.is_own_origin("https://wiki.example:8001"),
        "nobody vouches for the scheme here"
    );
    for foreign in [
        "http://wiki.example",
        "http://wiki.example:8002",
        "http://evil.example:8001",
        "null",
        "",
        "ftp://wiki.example:8001",
    ] {
        assert!(!incoming.is_own_origin(foreign), "{foreign:?} passed");
    }
}

#[test]
fn default_ports_equal_none_in_an_origin() {
    let http = request(&[("host", "wiki.example")]);
    let incoming = read(&http, &[]).unwrap();
    assert!(incoming.is_own_origin("http://wiki.example:80"));
    assert!(
        incoming.is_own_origin("https://wiki.example"),
        "TLS may end in a proxy that nobody declared"
    );
    let http = request(&[
        ("host", "b"),
        ("x-forwarded-host", "wiki.example"),
        ("x-forwarded-proto", "https"),
    ]);
    let incoming = read(&http, &proxies()).unwrap();
    assert!(incoming.is_own_origin("https://wiki.example"));
    assert!(
        !incoming.is_own_origin("http://wiki.example"),
        "a trusted proxy makes the scheme certain"
    );
}

#[test]
fn a_proxy_that_names_no_scheme_does_not_make_it_certain() {
    let http = request(&[("host", "wiki.example"), ("x-forwarded-for", "192.0.2.7")]);
    let incoming = read(&http, &proxies()).unwrap();
    assert!(
        incoming.is_own_origin("https://wiki.example"),
        "it may have ended TLS without saying so"
    );
    assert!(!incoming.is_own_origin("https://evil.example"));
}

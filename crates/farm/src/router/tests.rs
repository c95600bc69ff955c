//! Claims about the address table, one per rule. A table is made from a list of entries; the answer is the entry
//! that won, as written.

use super::*;
use crate::address::parse_authority;

/// The entry that wins for `url`, or "nobody".
fn winner(entries: &[&str], url: &str) -> String {
    find(entries, url).map_or("nobody".to_owned(), |found| entries[found.wiki].to_owned())
}

fn find(entries: &[&str], url: &str) -> Option<Found<'static>> {
    let addresses = addresses(entries);
    let (https, authority, path) = split(url);
    let (host, port) = parse_authority(&authority).unwrap();
    // Found things point into the table, and a test may keep them.
    let router: &'static Router = Box::leak(Box::new(Router::build(routes(&addresses)).unwrap()));
    router.find(
        &Authority {
            https,
            host: &host,
            port,
        },
        &path,
    )
}

fn addresses(entries: &[&str]) -> Vec<Address> {
    entries
        .iter()
        .map(|entry| Address::parse(entry).unwrap())
        .collect()
}

fn routes(addresses: &[Address]) -> Vec<Route<'_>> {
    let numbered = addresses.iter().enumerate();
    numbered
        .map(|(wiki, address)| Route {
            wiki,
            entry: Entry::Address(0),
            address,
        })
        .collect()
}

fn split(url: &str) -> (bool, String, String) {
    let (scheme, rest) = url.split_once("://").unwrap();
    let slash = rest.find('/').unwrap_or(rest.len());
    (
        scheme == "https",
        rest[..slash].to_owned(),
        rest[slash..].to_owned(),
    )
}

fn told(entries: &[&str], url: &str) -> Vec<String> {
    let addresses = addresses(entries);
    let (https, authority, path) = split(url);
    let (host, port) = parse_authority(&authority).unwrap();
    let routes = routes(&addresses);
    let router = Router::build(routes.iter().copied()).unwrap();
    let considered = router.explain(
        &routes,
        &Authority {
            https,
            host: &host,
            port,
        },
        &path,
    );
    considered
        .iter()
        .map(|one| format!("{}: {}", one.written, one.verdict))
        .collect()
}

#[test]
fn a_host_is_found_in_any_spelling() {
    let entries = ["Bücher.example", "[::1]", "127.0.0.1"];
    assert_eq!(
        winner(&entries, "http://XN--BCHER-KVA.example./P"),
        "Bücher.example"
    );
    assert_eq!(winner(&entries, "http://bücher.EXAMPLE/P"), "Bücher.example");
    assert_eq!(winner(&entries, "http://[0:0::1]:8080/P"), "[::1]");
    assert_eq!(winner(&entries, "http://127.0.0.1:8080/P"), "127.0.0.1");
}

#[test]
fn an_unknown_host_has_no_wiki() {
    assert_eq!(winner(&["example.org"], "http://example.net/"), "nobody");
    assert_eq!(winner(&["example.org"], "http://www.example.org/"), "nobody");
    assert_eq!(winner(&[], "http://example.org/"), "nobody");
}

#[test]
fn exact_beats_longer_suffix_beats_shorter_suffix_beats_any() {
    let entries = ["*", "*.org", "*.example.org", "a.example.org"];
    assert_eq!(winner(&entries, "http://a.example.org/"), "a.example.org");
    assert_eq!(winner(&entries, "http://b.a.example.org/"), "*.example.org");
    assert_eq!(winner(&entries, "http://example.org/"), "*.org");
    assert_eq!(winner(&entries, "http://example.net/"), "*");
    let reversed: Vec<&str> = entries.into_iter().rev().collect();
    assert_eq!(winner(&reversed, "http://a.example.org/"), "a.example.org");
    assert_eq!(winner(&reversed, "http://b.example.org/"), "*.example.org");
}

#[test]
fn a_suffix_matches_one_or_more_labels_and_never_itself() {
    let entries = ["*.example.org"];
    assert_eq!(winner(&entries, "http://a.example.org/"), "*.example.org");
    assert_eq!(winner(&entries, "http://a.b.c.example.org/"), "*.example.org");
    assert_eq!(winner(&entries, "http://example.org/"), "nobody");
    assert_eq!(winner(&entries, "http://evilexample.org/"), "nobody");
}

#[test]
fn an_exact_host_beats_a_port_on_any_host() {
    let entries = ["*:8001", "example.org"];
    assert_eq!(winner(&entries, "http://example.org:8001/"), "example.org");
    assert_eq!(winner(&entries, "http://other:8001/"), "*:8001");
}

#[test]
fn a_port_beats_a_longer_path() {
    let entries = ["example.org:8001", "example.org/wiki2", "example.org"];
    assert_eq!(
        winner(&entries, "http://example.org:8001/wiki2/P"),
        "example.org:8001"
    );
    assert_eq!(
        winner(&entries, "http://example.org/wiki2/P"),
        "example.org/wiki2"
    );
    assert_eq!(winner(&entries, "http://example.org:9/P"), "example.org");
}

#[test]
fn a_port_is_the_one_the_client_sees_and_a_default_port_is_none() {
    let entries = ["example.org:80", "example.org:443", "example.org"];
    assert_eq!(winner(&entries, "http://example.org/"), "example.org:80");
    assert_eq!(winner(&entries, "http://example.org:80/"), "example.org:80");
    assert_eq!(winner(&entries, "https://example.org/"), "example.org:443");
    assert_eq!(winner(&entries, "https://example.org:80/"), "example.org:80");
    assert_eq!(winner(&entries, "https://example.org:8443/"), "example.org");
}

#[test]
fn a_scheme_restricts_and_beats_none() {
    let entries = ["https://example.org", "example.org/a", "example.org:443"];
    assert_eq!(
        winner(&entries, "https://example.org:444/a/P"),
        "https://example.org"
    );
    assert_eq!(winner(&entries, "http://example.org/a/P"), "example.org/a");
    assert_eq!(winner(&entries, "https://example.org/a/P"), "example.org:443");
    assert_eq!(winner(&["https://example.org"], "http://example.org/"), "nobody");
}

#[test]
fn the_longest_path_wins() {
    let entries = ["h", "h/a", "h/a/b", "h/a/b/c/d"];
    assert_eq!(winner(&entries, "http://h/a/b/c"), "h/a/b");
    assert_eq!(winner(&entries, "http://h/a/b/c/d"), "h/a/b/c/d");
    assert_eq!(winner(&entries, "http://h/a"), "h/a");
    assert_eq!(winner(&entries, "http://h/b"), "h");
    assert_eq!(winner(&entries, "http://h"), "h");
}

#[test]
fn a_path_matches_whole_segments_only() {
    let entries = ["h/wiki1"];
    assert_eq!(winner(&entries, "http://h/wiki1"), "h/wiki1");
    assert_eq!(winner(&entries, "http://h/wiki1/"), "h/wiki1");
    assert_eq!(winner(&entries, "http://h/wiki10"), "nobody");
    assert_eq!(winner(&entries, "http://h/Wiki1"), "nobody");
    assert_eq!(winner(&entries, "http://h//wiki1"), "nobody");
    assert_eq!(winner(&entries, "http://h/"), "nobody");
}

#[test]
fn segments_compare_decoded_once() {
    let entries = ["h/wiki1", "h/a%2Fb", "h/ü"];
    assert_eq!(winner(&entries, "http://h/wiki%31/P"), "h/wiki1");
    assert_eq!(winner(&entries, "http://h/wiki%2531/P"), "nobody");
    assert_eq!(winner(&entries, "http://h/wiki1%2FP"), "nobody");
    assert_eq!(winner(&entries, "http://h/a/b"), "nobody");
    assert_eq!(winner(&entries, "http://h/a%2fb/P"), "h/a%2Fb");
    assert_eq!(winner(&entries, "http://h/%C3%BC"), "h/ü");
    assert_eq!(winner(&entries, "http://h/%ff"), "nobody");
    assert_eq!(winner(&entries, "http://h/wiki1%"), "nobody");
}

#[test]
fn the_mount_is_measured_in_the_raw_path() {
    let entries = ["h/wiki1/ü"];
    let found = find(&entries, "http://h/wiki%31/%C3%BC/Page?not").unwrap();
    assert_eq!(found.base_len, "/wiki%31/%C3%BC".len());
    assert_eq!(found.base, "/wiki1/%C3%BC");
    let bare = find(&entries, "http://h/wiki1/ü").unwrap();
    assert_eq!(bare.base_len, "/wiki1/ü".len());
    assert_eq!(find(&["h"], "http://h/Page").unwrap().base_len, 0);
}

#[test]
fn where_no_path_of_the_exact_host_matches_the_next_best_pattern_answers() {
    let entries = [
        "a.example.org/docs",
        "*.example.org/wiki",
        "*",
        "a.example.org:8001/x",
    ];
    assert_eq!(
        winner(&entries, "http://a.example.org/docs"),
        "a.example.org/docs"
    );
    assert_eq!(
        winner(&entries, "http://a.example.org/wiki"),
        "*.example.org/wiki"
    );
    assert_eq!(winner(&entries, "http://a.example.org/other"), "*");
    assert_eq!(
        winner(&entries, "http://a.example.org:8001/docs"),
        "a.example.org/docs"
    );
}

#[test]
fn a_request_without_a_path_meets_only_entries_without_one() {
    assert_eq!(winner(&["h", "h/a"], "http://h"), "h");
    let addresses = addresses(&["h/a", "h"]);
    let router = Router::build(routes(&addresses)).unwrap();
    let asked = Authority {
        https: false,
        host: "h",
        port: None,
    };
    assert_eq!(router.find(&asked, "*").unwrap().wiki, 1);
}

#[test]
fn junk_in_the_host_never_routes_even_to_any_host() {
    let addresses = addresses(&["*"]);
    let router = Router::build(routes(&addresses)).unwrap();
    for host in ["", "a/b", "u@h", "a b", "a,b", "[::1"] {
        assert_eq!(
            router.find(
                &Authority {
                    https: false,
                    host,
                    port: None
                },
                "/"
            ),
            None,
            "{host:?}"
        );
    }
}

#[test]
fn the_same_place_twice_names_both_entries() {
    let written = ["example.org/wiki1", "h", "EXAMPLE.org./wiki%31/", "h:80", "h"];
    let addresses = addresses(&written);
    let overlaps = Router::build(routes(&addresses)).unwrap_err();
    assert_eq!(overlaps.len(), 2);
    assert_eq!((overlaps[0].first.0, overlaps[0].second.0), (0, 2));
    assert_eq!((overlaps[1].first.0, overlaps[1].second.0), (1, 4));
    assert_eq!(
        overlaps[0].to_string(),
        "\"example.org/wiki1\" and \"EXAMPLE.org./wiki%31/\" are the same address"
    );
}

#[test]
fn an_alias_is_found_as_an_alias() {
    let addresses = addresses(&["new.example.org", "old.example.org/a"]);
    let router = Router::build([
        Route {
            wiki: 7,
            entry: Entry::Address(0),
            address: &addresses[0],
        },
        Route {
            wiki: 7,
            entry: Entry::Alias(0),
            address: &addresses[1],
        },
    ]);
    let asked = Authority {
        https: false,
        host: "old.example.org",
        port: None,
    };
    let router = router.unwrap();
    let found = router.find(&asked, "/a/Page").unwrap();
    assert_eq!((found.wiki, found.entry, found.base_len), (7, Entry::Alias(0), 2));
}

#[test]
fn an_explanation_names_the_winner_first_and_why_the_others_lost() {
    let entries = [
        "*",
        "h",
        "h:8001",
        "https://h",
        "h:8001/a",
        "http://h:8001",
        "h:8001/b",
        "h:9",
        "*.h",
        "other",
    ];
    assert_eq!(
        told(&entries, "http://h:8001/a/P"),
        [
            "http://h:8001: matches and is the most specific",
            "*: matches, but \"http://h:8001\" names the host more exactly",
            "h: matches, but \"http://h:8001\" names the port",
            "h:8001: matches, but \"http://h:8001\" names the scheme",
            "h:8001/a: matches, but \"http://h:8001\" names the scheme",
            "https://h: answers https only",
            "h:8001/b: the path does not begin with its segments",
            "h:9: answers port 9 only, this is port 8001",
            "*.h: wants at least one name in front of the suffix",
        ]
    );
}

#[test]
fn an_explanation_of_paths_names_the_longer_one() {
    assert_eq!(
        told(&["h/a", "h/a/b"], "http://H/%61/b/c"),
        [
            "h/a/b: matches and is the most specific",
            "h/a: matches, but \"h/a/b\" has the longer path"
        ]
    );
    assert_eq!(
        told(&["h/a"], "http://h/b"),
        ["h/a: the path does not begin with its segments"]
    );
}

#[test]
fn ten_thousand_wikis_are_told_apart() {
    let by_host: Vec<String> = (0..5_000).map(|n| format!("w{n}.example.org")).collect();
    let by_path = (0..4_000).map(|n| format!("example.org/w{n}"));
    let by_port = (0..1_000).map(|n| format!("example.org:{}", 20_000 + n));
    let written: Vec<String> = by_host.into_iter().chain(by_path).chain(by_port).collect();
    let addresses: Vec<Address> = written
        .iter()
        .map(|entry| Address::parse(entry).unwrap())
        .collect();
    let router = Router::build(routes(&addresses)).unwrap();
    for (wiki, entry) in written.iter().enumerate() {
        let (_, authority, path) = split(&format!("http://{entry}"));
        let (host, port) = parse_authority(&authority).unwrap();
        let found = router
            .find(
                &Authority {
                    https: false,
                    host: &host,
                    port,
                },
                &path,
            )
            .unwrap();
        assert_eq!(found.wiki, wiki, "{entry}");
    }
}

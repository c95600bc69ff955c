//! Which destinations are links, and where they lead. How they look in a page is in `specs/links.md`;
//! here stand the readings that no example shows: every refused scheme, every odd spelling.
//! Whether a page exists is no matter here.

use super::*;
use crate::markup::parse_markdown;

fn page_target(name: &str, query: Option<&str>, anchor: Option<&str>) -> Option<Target> {
    let owned = |text: &str| text.to_owned();
    Some(Target::Page {
        name: owned(name),
        query: query.map(owned),
        anchor: anchor.map(owned),
    })
}

#[test]
fn a_destination_is_read_as_an_address() {
    assert_eq!(from_destination("A%20b/c"), page_target("A b/c", None, None));
    assert_eq!(
        from_destination("Page?action=raw#x%20y"),
        page_target("Page", Some("action=raw"), Some("x y"))
    );
    assert_eq!(
        from_destination("?action=edit"),
        page_target("", Some("action=edit"), None)
    );
    assert_eq!(from_destination("#a"), page_target("", None, Some("a")));
    assert_eq!(from_destination("C%23"), page_target("C#", None, None));
}

#[test]
fn a_wiki_link_is_read_as_a_name() {
    assert_eq!(from_wiki_link("A%20b?"), page_target("A%20b?", None, None));
    assert_eq!(
        from_wiki_link("C#sharp#x"),
        page_target("C#sharp", None, Some("x"))
    );
    assert_eq!(from_wiki_link("C##"), page_target("C#", None, None));
    assert_eq!(
        from_wiki_link("Project: Plan"),
        page_target("Project: Plan", None, None)
    );
    assert_eq!(
        from_wiki_link("Project:Plan"),
        page_target("Project:Plan", None, None)
    );
}

#[test]
fn three_schemes_lead_elsewhere() {
    for address in [
        "http://e",
        "HTTPS://e/x?y#z",
        "mailto:a@b",
        "https://[::1]/",
        "https://é.example",
    ] {
        assert_eq!(
            from_destination(address),
            Some(Target::External(address.to_owned())),
            "{address}"
        );
        assert_eq!(
            from_wiki_link(address),
            Some(Target::External(address.to_owned())),
            "{address}"
        );
    }
}

#[test]
fn everything_else_with_a_scheme_is_no_link() {
    for address in [
        "javascript:x",
        "JavaScript:x",
        "data:x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://e",
        "view-source:x",
        "tel:1",
        "//e",
        "http:",
        "http://",
        "https:///e",
        "http:e",
        "https://\\e",
        "mailto:",
        "mailto://e",
        "java\tscript:x",
        "\u{1}javascript:x",
        "https://e\n/",
    ] {
        assert_eq!(from_destination(address), None, "{address:?}");
        let wiki = from_wiki_link(address);
        assert!(
            wiki.is_none() || address.starts_with("http") || address.starts_with("mailto"),
            "{address:?}: {wiki:?}"
        );
        assert!(!matches!(wiki, Some(Target::External(_))), "{address:?}");
    }
}

#[test]
fn nothing_is_no_link() {
    for address in ["", " ", "#", "%FF", "%09"] {
        assert_eq!(from_destination(address), None, "{address:?}");
    }
    assert_eq!(from_wiki_link("#"), None);
}

#[test]
fn an_address_that_is_endless_is_no_link() {
    assert_eq!(
        from_destination(&format!("https://e/{}", "x".repeat(5_000))),
        None
    );
}

#[test]
fn encoding_keeps_what_is_encoded() {
    assert_eq!(
        percent_encode("a b%20\"<é'`\\|"),
        "a%20b%20%22%3C%C3%A9%27%60%5C%7C"
    );
}

#[test]
fn links_are_found_in_every_part_of_a_page() {
    let text = "# [[A]]\n\n> - *[[B]]*\n\n| [[C]] |\n|-|\n| [[D]] |\n\n[^n]\n\n[^n]: [[E]]\n\nterm [[F]]\n: [[G]]\n\n`[[no]]`";
    let page = PageName::parse("P").unwrap();
    let found: Vec<String> = links(&parse_markdown(text), &page)
        .iter()
        .map(|page| page.as_str().to_owned())
        .collect();
    assert_eq!(found, ["A", "B", "C", "D", "E", "F", "G"]);
}

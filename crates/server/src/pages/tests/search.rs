//! The pages that show what was found, and the box at the top of all others.

use super::super::*;
use super::Seen;
use super::samples::{moment, site};

/// Filled once; `word` stands wherever a visitor's or an author's words can stand.
pub(super) fn pages_that_find(word: &str, known: &Shell<'_>) -> Vec<Seen> {
    let marked = |found| MarkedText {
        text: word.to_owned(),
        found,
    };
    let row = ResultRow {
        href: "/orchard/Apple".into(),
        title: vec![marked(false), marked(true)],
        excerpts: vec![vec![marked(false), marked(true), marked(false)]],
        changed: Some(moment()),
    };
    let search = SearchPage {
        shell: Shell {
            search: Some(SearchBox {
                action: "/orchard/",
                value: word,
            }),
            message: Some(Message::refusal(word)),
            ..known.clone()
        },
        form: Some(SearchForm {
            action: "/orchard/Apple",
            value: word,
            titles: true,
            case: false,
            regex: false,
            help: Some("/orchard/HelpOnSearching"),
        }),
        said: word,
        unfinished: true,
        rows: &[row],
        paging: Some(Paging {
            said: word.to_owned(),
            earlier: Some("/orchard/Apple?from=0".into()),
            later: Some("/orchard/Apple?from=50".into()),
        }),
        ways: &[Link {
            href: "/orchard/Quince?action=edit",
            label: word,
        }],
    };
    let index = TitleIndexPage {
        shell: known.clone(),
        said: word,
        letters: &[Letter {
            letter: "A".into(),
            pages: vec![("/orchard/Apple".into(), word)],
        }],
    };
    vec![Seen::new("search", &search), Seen::new("title_index", &index)]
}

fn search(titles: bool) -> Seen {
    let page = SearchPage {
        shell: Shell::new(site(), "Search"),
        form: Some(SearchForm {
            action: "/orchard/Apple",
            value: "a \"b\" <c>",
            titles,
            case: true,
            regex: false,
            help: None,
        }),
        said: "",
        unfinished: false,
        rows: &[],
        paging: None,
        ways: &[],
    };
    Seen::new("search", &page)
}

#[test]
fn the_form_of_a_search_shows_what_was_asked() {
    let seen = search(true);
    assert_eq!(seen.attribute("#search-again", "value"), "a \"b\" <c>");
    assert!(seen.has("input[name=titlesearch][checked]") && seen.has("input[name=case][checked]"));
    assert!(seen.has("input[name=regex]:not([checked])"));
    assert!(search(false).has("input[name=titlesearch]:not([checked])"));
    for absent in [".results", ".found", ".steps", ".ways", ".message"] {
        assert!(!seen.has(absent), "{absent}");
    }
}

#[test]
fn found_words_are_marked_and_nothing_else_is() {
    let pages = pages_that_find("w<i>rd", &Shell::new(site(), "Search"));
    let seen = &pages[0];
    assert_eq!(seen.text("a.result"), "w<i>rdw<i>rd");
    assert_eq!(seen.text("a.result mark"), "w<i>rd");
    assert_eq!(seen.text(".excerpt mark"), "w<i>rd");
    assert!(!seen.has("i"));
}

#[test]
fn the_box_at_the_top_has_a_label_and_goes_without_a_script() {
    let pages = pages_that_find("plain", &Shell::new(site(), "Search"));
    let seen = &pages[0];
    assert_eq!(seen.attribute("form[role=search]", "action"), "/orchard/");
    assert_eq!(seen.text("label[for=search]"), "Search this wiki");
    assert_eq!(seen.attribute("#search", "value"), "plain");
    assert!(
        !pages[1].has("form[role=search]"),
        "where searching is turned off there is none"
    );
}

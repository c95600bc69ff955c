//! What page names promise, as claims; the laws that hold for any text are properties at the end.
//!
//! Nothing here touches a store: that a name survives a store is a claim of `store/acceptance.rs`.

use proptest::prelude::*;

use super::*;

fn name(text: &str) -> PageName {
    PageName::parse(text).unwrap()
}

fn refusal(text: &str) -> PageNameError {
    PageName::parse(text).unwrap_err()
}

#[test]
fn blanks_are_collapsed_in_each_segment() {
    assert_eq!(
        name("  Team /  Meeting \u{a0} notes ").as_str(),
        "Team/Meeting notes"
    );
}

#[test]
fn empty_segments_vanish() {
    assert_eq!(name("/A//B/ /C/").as_str(), "A/B/C");
}

#[test]
fn decomposed_letters_name_the_same_page_as_composed_ones() {
    assert_eq!(name("Cafe\u{301}"), name("Caf\u{e9}"));
}

#[test]
fn names_that_differ_only_by_case_are_different_pages() {
    assert_ne!(name("frontpage"), name("FrontPage"));
}

#[test]
fn a_name_of_nothing_is_refused() {
    for text in ["", " ", "/", " / / "] {
        assert_eq!(refusal(text), PageNameError::Empty, "{text:?}");
    }
}

#[test]
fn a_page_name_with_two_dots_is_refused() {
    for text in ["..", "A/..", "../A", "A/./B", ". ", "A/ .. /B"] {
        assert_eq!(refusal(text), PageNameError::DotSegment, "{text:?}");
    }
    assert_eq!(name("A/...").as_str(), "A/...");
    assert_eq!(name(".config").as_str(), ".config");
}

#[test]
fn an_underscore_may_not_begin_a_name_but_stands_anywhere_else() {
    assert_eq!(refusal("_static/a"), PageNameError::Reserved);
    assert_eq!(refusal(" / _api"), PageNameError::Reserved);
    assert_eq!(name("A/_b_c").as_str(), "A/_b_c");
}

#[test]
fn control_characters_are_refused_and_not_taken_for_blanks() {
    for text in ["a\0b", "a\nb", "a\tb", "a\r", "\u{7f}", "\u{85}x", "a\u{2028}b"] {
        assert_eq!(refusal(text), PageNameError::Control, "{text:?}");
    }
}

#[test]
fn characters_that_turn_the_writing_direction_are_refused() {
    for text in ["a\u{202e}b", "\u{200f}", "a\u{2066}", "\u{61c}x"] {
        assert_eq!(refusal(text), PageNameError::Bidi, "{text:?}");
    }
}

#[test]
fn invisible_characters_are_refused_but_joiners_are_not() {
    assert_eq!(refusal("Front\u{200b}Page"), PageNameError::Invisible);
    assert_eq!(refusal("\u{feff}FrontPage"), PageNameError::Invisible);
    assert!(PageName::parse("می\u{200c}خواهم").is_ok());
    assert!(PageName::parse("👩\u{200d}🚀").is_ok());
}

#[test]
fn a_segment_holds_240_bytes_and_a_name_several_of_them() {
    let longest = "ä".repeat(120);
    assert!(PageName::parse(&format!("{longest}/{longest}")).is_ok());
    assert_eq!(refusal(&format!("{longest}x")), PageNameError::SegmentTooLong);
}

#[test]
fn a_name_whose_address_nobody_could_ask_for_is_refused() {
    let longest = "ää/".repeat(NAME_BYTES / 5);
    assert_eq!(PageName::parse(&longest).unwrap().as_str().len(), NAME_BYTES - 1);
    assert_eq!(refusal(&format!("{longest}ää")), PageNameError::TooLong);
    assert!(PageName::parse(&longest).unwrap().to_url().len() < 8 * 1024);
}

#[test]
fn an_address_keeps_slashes_and_encodes_what_could_be_misread() {
    assert_eq!(name("Team/Meeting notes").to_url(), "Team/Meeting%20notes");
    assert_eq!(
        name("C++ & 50%? #1_a").to_url(),
        "C%2B%2B%20%26%2050%25%3F%20%231_a"
    );
    assert_eq!(name("Übersicht").to_url(), "%C3%9Cbersicht");
}

#[test]
fn an_address_that_is_not_utf8_names_nothing() {
    assert_eq!(PageName::from_url("%ff").unwrap_err(), PageNameError::NotUtf8);
}

#[test]
fn links_are_resolved_like_subpages_and_siblings() {
    let here = name("Team/Rota");
    for (link, target) in [
        ("/May", "Team/Rota/May"),
        ("../Minutes", "Team/Minutes"),
        ("../../Other", "Other"),
        ("../../../Other", "Other"),
        ("..", "Team"),
        ("Home", "Home"),
        (" Home/X ", "Home/X"),
        ("/", "Team/Rota"),
    ] {
        assert_eq!(here.resolve(link).unwrap().as_str(), target, "{link}");
    }
    assert_eq!(name("Top").resolve("../Beside").unwrap().as_str(), "Beside");
    assert!(here.resolve("A/../B").is_err());
    assert!(name("Top").resolve("..").is_err());
}

#[test]
fn ancestors_come_outermost_first() {
    let page = name("A/B/C");
    let above: Vec<String> = page.ancestors().map(String::from).collect();
    assert_eq!(above, ["A", "A/B"]);
    assert_eq!(page.parent(), Some(name("A/B")));
    assert_eq!(page.base_name(), "C");
    assert_eq!(name("A").parent(), None);
    assert_eq!(name("A").ancestors().count(), 0);
}

#[test]
fn a_name_read_from_json_is_checked() {
    assert_eq!(serde_json::from_str::<PageName>("\"a  b\"").unwrap(), name("a b"));
    assert!(serde_json::from_str::<PageName>("\"_x\"").is_err());
    assert_eq!(serde_json::to_string(&name("a b")).unwrap(), "\"a b\"");
}

proptest! {
    #[test]
    fn parsing_never_panics_and_its_result_is_canonical(text in ".{0,80}") {
        if let Ok(name) = PageName::parse(&text) {
            prop_assert_eq!(&PageName::parse(name.as_str()).unwrap(), &name);
            prop_assert!(!name.as_str().starts_with(['_', '/']));
            for segment in name.as_str().split('/') {
                prop_assert!(!segment.is_empty() && segment.len() <= SEGMENT_BYTES);
                prop_assert_eq!(segment, segment.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
    }

    #[test]
    fn an_address_leads_back_to_the_same_name(text in "[a-zA-Z0-9 äß語%?#+&._/-]{1,40}") {
        if let Ok(name) = PageName::parse(&text) {
            let url = name.to_url();
            prop_assert!(url.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)));
            prop_assert_eq!(PageName::from_url(&url).unwrap(), name);
        }
    }

    #[test]
    fn resolving_a_link_never_panics(page in "[a-c/]{1,9}", link in "[a-c./ ]{0,12}") {
        if let Ok(page) = PageName::parse(&page) {
            let _ = page.resolve(&link);
        }
    }
}

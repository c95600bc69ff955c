//! What an index is asked never leaves out a page that the query finds.

use proptest::prelude::*;
use regex::RegexBuilder;

use super::*;
use crate::search::Defaults;

fn probe(text: &str) -> Probe {
    Probe::of(&Query::parse(text, Defaults::FULL_TEXT).unwrap())
}

fn piece(text: &str) -> Probe {
    Probe::Piece(text.to_owned())
}

#[test]
fn only_what_every_found_page_holds_is_asked_for() {
    assert_eq!(probe("Apple"), piece("apple"));
    assert_eq!(probe("\"Two   Words\""), piece("two words"));
    assert_eq!(
        probe("apple pear"),
        Probe::All(vec![piece("apple"), piece("pear")])
    );
    assert_eq!(
        probe("apple or pear"),
        Probe::Any(vec![piece("apple"), piece("pear")])
    );
    assert_eq!(probe("apple -pear"), piece("apple"));
    assert_eq!(probe("title:apple"), piece("apple"));
}

#[test]
fn what_an_index_cannot_tell_is_not_asked() {
    for text in [
        "ab",
        "日本",
        "regex:apple",
        "-apple",
        "apple or ab",
        "linkto:apple",
        "category:apple",
        "",
    ] {
        assert_eq!(probe(text), Probe::Anything, "{text}");
    }
    assert_eq!(probe("apple ab"), piece("apple"));
}

#[test]
fn blanks_and_line_ends_are_one_blank() {
    assert_eq!(fold("Two\r\n\t Words\u{a0}\u{3000}x "), "two words x ");
}

#[test]
fn of_a_long_phrase_the_beginning_is_asked_for() {
    assert_eq!(probe(&"é".repeat(500)), piece(&"é".repeat(40)));
}

/// What the engine takes for one letter, the index must too. Every letter with a case is tried against
/// the letters it turns into.
#[test]
fn letters_that_a_search_takes_for_one_are_one_to_the_index() {
    let letters = ('\0'..=char::MAX).filter(|c| c.is_alphabetic() || c.is_alphanumeric());
    let mut tried = 0;
    for letter in letters {
        let relatives: Vec<char> = letter.to_uppercase().chain(letter.to_lowercase()).collect();
        if relatives.iter().all(|other| *other == letter) {
            continue;
        }
        let engine = RegexBuilder::new(&regex::escape(&letter.to_string()))
            .case_insensitive(true)
            .build()
            .unwrap();
        for other in relatives
            .iter()
            .flat_map(|c| c.to_uppercase().chain(c.to_lowercase()))
        {
            if engine.is_match(&other.to_string()) {
                assert_eq!(
                    fold(&letter.to_string()),
                    fold(&other.to_string()),
                    "{letter} {other}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 2000, "{tried}");
}

proptest! {
    #[test]
    fn a_text_that_holds_a_word_holds_its_piece(
        before in "\\PC{0,12}", word in "[a-zA-ZäÖßςΣſK ]{3,12}", behind in "\\PC{0,12}"
    ) {
        prop_assume!(word.trim().chars().count() >= 3);
        if let Probe::Piece(piece) = Probe::of_term(&Term::words(word.as_str())) {
            let text = format!("{before} {} {behind}", word.to_uppercase().replace("SS", "ß"));
            let pattern = word.split_whitespace().map(regex::escape).collect::<Vec<_>>().join(r"\s+");
            let found = RegexBuilder::new(&pattern).case_insensitive(true).build().unwrap().is_match(&text);
            prop_assert!(!found || fold(&text).contains(&piece), "{:?} {:?}", text, piece);
        }
    }
}

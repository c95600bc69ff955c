//! Names that are taken as they are, names that are refused with a sentence, and equal names.
//!
//! Two properties at the end hold for any text at all: folding is stable, and what was accepted
//! once is accepted again unchanged.

use super::*;

#[track_caller]
fn refused(text: &str, why: UserNameError) {
    assert_eq!(UserName::parse(text).err(), Some(why), "{text:?}");
}

#[test]
fn ordinary_names_of_many_scripts_are_taken_as_they_are() {
    for name in [
        "Mia",
        "mia.sue",
        "m@example.org",
        "Mia von Berg",
        "O'Neil",
        "Jörg",
        "Мария",
        "佐藤 花子",
        "a_b-c",
        "7",
    ] {
        assert_eq!(UserName::parse(name).unwrap().as_str(), name);
    }
}

#[test]
fn a_name_is_kept_in_nfc() {
    assert_eq!(UserName::parse("Jo\u{308}rg").unwrap().as_str(), "J\u{f6}rg");
}

#[test]
fn an_empty_name_is_refused() {
    refused("", UserNameError::Empty);
}

#[test]
fn sixty_four_characters_are_allowed_and_sixty_five_are_not() {
    assert!(UserName::parse(&"ö".repeat(64)).is_ok());
    refused(&"ö".repeat(65), UserNameError::TooLong);
    refused(&"x".repeat(5_000_000), UserNameError::TooLong);
}

#[test]
fn decomposed_letters_count_as_the_letters_they_are() {
    assert!(UserName::parse(&"o\u{308}".repeat(64)).is_ok());
}

#[test]
fn separators_of_lists_and_addresses_are_refused() {
    refused("Mia:Sue", UserNameError::Separator(':'));
    refused("Mia,Sue", UserNameError::Separator(','));
    refused("Mia/Sue", UserNameError::Separator('/'));
}

#[test]
fn what_cannot_be_seen_is_refused() {
    for name in [
        "Mi\na",
        "Mi\ta",
        "Mi\u{0}a",
        "Mi\u{200b}a",
        "Mi\u{202e}a",
        "Mi\u{a0}a",
        "Mi\u{ad}a",
        "Mi\u{feff}a",
        "Mi\u{3000}a",
    ] {
        refused(name, UserNameError::Invisible);
    }
}

#[test]
fn blanks_stand_alone_and_inside() {
    refused(" Mia", UserNameError::Blanks);
    refused("Mia ", UserNameError::Blanks);
    refused("Mia  Sue", UserNameError::Blanks);
    refused(" ", UserNameError::Blanks);
}

#[test]
fn words_with_a_meaning_are_nobodys_name_whatever_their_case() {
    refused("All", UserNameError::Reserved("All"));
    refused("kNOWN", UserNameError::Reserved("Known"));
    refused("trusted", UserNameError::Reserved("Trusted"));
    refused("default", UserNameError::Reserved("Default"));
    refused("__guest__", UserNameError::Reserved("__guest__"));
    assert!(UserName::parse("Allan").is_ok());
}

#[test]
fn names_are_equal_without_case_in_every_script() {
    for (one, other) in [
        ("Mia", "mIA"),
        ("JÖRG", "jo\u{308}rg"),
        ("ΣΟΦΟΣ", "σοφος"),
        ("Мария", "МАРИЯ"),
        ("Groß", "GROSS"),
        ("Groß", "GROẞ"),
    ] {
        assert_eq!(UserName::parse(one).unwrap(), UserName::parse(other).unwrap());
    }
    assert_ne!(UserName::parse("Mia").unwrap(), UserName::parse("Mía").unwrap());
}

#[test]
fn every_refusal_is_a_sentence() {
    for text in ["", ":", "\n", " x", "All"] {
        let sentence = UserName::parse(text).unwrap_err().to_string();
        assert!(sentence.ends_with('.'), "{sentence}");
    }
}

proptest::proptest! {
    #[test]
    fn folding_twice_is_folding_once(name in "\\PC{0,20}") {
        let once = fold_name(&name);
        proptest::prop_assert_eq!(fold_name(&once), once);
    }

    #[test]
    fn an_accepted_name_is_accepted_again_unchanged(name in "\\PC{0,70}") {
        if let Ok(first) = UserName::parse(&name) {
            let again = UserName::parse(first.as_str()).unwrap();
            proptest::prop_assert_eq!(again.as_str(), first.as_str());
        }
    }
}

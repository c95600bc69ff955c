//! What is taken out of a source, what stays, and that nothing is lost on the way. The placeholders
//! are written out here as the two private-use characters that they are, so that a change of the
//! characters shows.

use proptest::prelude::*;

use super::*;

fn taken(source: &str) -> Vec<&str> {
    let (_, stash) = Stash::take_from(source, &[], &[]);
    let source = |entry: &Stashed<'_>| match *entry {
        Stashed::Macro { source, .. } | Stashed::Link { source, .. } | Stashed::Literal { source, .. } => {
            source.to_owned()
        }
    };
    let taken: Vec<String> = stash.entries.iter().map(source).collect();
    taken.into_iter().map(|text| &*text.leak()).collect()
}

#[test]
fn macros_and_links_are_taken_and_the_rest_stays() {
    let (text, stash) = Stash::take_from("a <<B(c)>> d [[E|f]] g", &[], &[]);
    assert_eq!(text, "a \u{10FFFD}0\u{10FFFC} d \u{10FFFD}1\u{10FFFC} g");
    assert_eq!(stash.restore(&text), "a <<B(c)>> d [[E|f]] g");
}

#[test]
fn equal_calls_share_one_entry() {
    assert_eq!(taken("<<BR>> <<BR>> [[A]] <<BR>> [[A]]"), ["<<BR>>", "[[A]]"]);
}

#[test]
fn a_backslash_makes_a_call_a_literal_and_two_do_not() {
    assert_eq!(taken("\\<<BR>> \\[[A]]"), ["\\<<BR>>", "\\[[A]]"]);
    assert_eq!(taken("\\\\<<BR>>"), ["<<BR>>"]);
    assert_eq!(taken("\\\\\\<<BR>>"), ["\\<<BR>>"]);
}

#[test]
fn nothing_is_recognised_in_code() {
    let source = "`<<BR>>` <<BR>>";
    let (text, _) = Stash::take_from(source, std::slice::from_ref(&(0..8)), &[]);
    assert_eq!(text, "`<<BR>>` \u{10FFFD}0\u{10FFFC}");
}

#[test]
fn a_link_does_not_tear_a_code_span_apart() {
    let source = "[[A|b ` c]] d `";
    let (text, _) = Stash::take_from(source, std::slice::from_ref(&(6..15)), &[]);
    assert_eq!(text, source);
}

#[test]
fn placeholder_characters_that_authors_type_cannot_pass_for_ours() {
    for typed in [
        "\u{10FFFD}",
        "\u{10FFFC}",
        "&#x10FFFD;",
        "&#X10fffc;",
        "&#1114109;",
        "&#1114108;",
    ] {
        let source = format!("<<BR>>{typed}0");
        let (text, stash) = Stash::take_from(&source, &[], &[]);
        assert_eq!(text, "\u{10FFFD}0\u{10FFFC}\u{10FFFD}1\u{10FFFC}0", "{typed}");
        assert_eq!(stash.restore(&text), source);
        let shown = stash.split(&text).into_iter().filter_map(|piece| match piece {
            Piece::Stashed(Stashed::Literal { shown, .. }) => Some(shown),
            _ => None,
        });
        assert_eq!(shown.collect::<Vec<_>>(), ["\u{FFFD}"]);
    }
}

#[test]
fn a_marker_that_is_one_too_many_becomes_text() {
    let (text, stash) = Stash::take_from("> > <<A>>", &[], &[2]);
    assert_eq!(text, "> \u{10FFFD}0\u{10FFFC} \u{10FFFD}1\u{10FFFC}");
    assert_eq!(stash.restore(&text), "> > <<A>>");
}

proptest! {
    #[test]
    fn what_is_taken_out_can_be_put_back(source in "([<>\\[\\]|()\\\\`a &#x0-9;\n\u{10FFFC}\u{10FFFD}]|<<A>>|\\[\\[a\\]\\]){0,60}") {
        let (text, stash) = Stash::take_from(&source, &[], &[]);
        prop_assert_eq!(stash.restore(&text), source);
    }
}

//! Excerpts: what stands in them, what is marked, and that they stay small.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::search::{Defaults, Query};
use crate::underlay::SinceStart;

fn excerpts(query: &str, text: &str, length: usize) -> Vec<String> {
    let query = Query::parse(query, Defaults::FULL_TEXT).unwrap();
    let matcher = Matcher::compile(&query, "en").unwrap();
    let meter = Meter::starting_now(Arc::new(SinceStart::now()), Duration::MAX);
    let made = excerpts_of(&matcher, text, length, &meter).unwrap();
    made.iter().map(|excerpt| told(excerpt)).collect()
}

fn told(spans: &[Span]) -> String {
    spans
        .iter()
        .map(|span| match span.standing {
            Standing::Found => format!("[{}]", span.text),
            Standing::Around => span.text.clone(),
        })
        .collect()
}

#[test]
fn what_was_found_is_marked_among_its_neighbours() {
    let text = "There is\nan apple   tree in the garden.";
    assert_eq!(
        excerpts("apple", text, 100),
        ["There is an [apple] tree in the garden."]
    );
    assert_eq!(
        excerpts("\"is an\" tree", text, 100),
        ["There [is an] apple [tree] in the garden."]
    );
}

#[test]
fn an_excerpt_is_cut_at_words() {
    let text = format!("{}apple{}", "before ".repeat(50), " behind".repeat(50));
    let made = excerpts("apple", &text, 60);
    assert_eq!(made.len(), 1);
    assert!(
        made[0].starts_with("… before ") && made[0].ends_with(" behind …"),
        "{made:?}"
    );
    assert!(made[0].len() < 110, "{made:?}");
}

#[test]
fn a_page_shows_three_excerpts_however_often_something_is_found() {
    let text = format!("apple{}", " filler".repeat(60)).repeat(1000);
    assert_eq!(excerpts("apple", &text, 60).len(), 3);
}

#[test]
fn a_page_that_is_found_for_another_reason_shows_its_beginning() {
    assert_eq!(excerpts("-apple", "A page about pears.", 8), ["A page about …"]);
    assert_eq!(
        excerpts("no_highlight:pears", "About pears.", 80),
        ["About pears."]
    );
    assert!(excerpts("-apple", "", 80).is_empty());
}

#[test]
fn dots_stand_only_where_the_text_goes_on() {
    let text = format!("\n apple pie{}", " behind".repeat(50));
    let made = excerpts("apple", &text, 20);
    assert!(
        made[0].starts_with("[apple] pie") && made[0].ends_with(" behind …"),
        "{made:?}"
    );
    let text = format!("{}apple pie\n", "before ".repeat(50));
    let made = excerpts("apple", &text, 30);
    assert!(
        made[0].starts_with("… before") && made[0].ends_with("[apple] pie"),
        "{made:?}"
    );
    assert_eq!(excerpts("apple", "apple", 20), ["[apple]"]);
}

#[test]
fn letters_of_several_bytes_are_never_cut() {
    for length in 0..40 {
        excerpts("ß", &"äöüß日本🎈".repeat(30), length);
    }
    let word = "🎈".repeat(300);
    assert!(excerpts("regex:🎈+", &word, 30)[0].len() < 200);
}

#[test]
fn control_characters_are_blanks() {
    assert_eq!(excerpts("b", "a\u{7}\u{1b}[31mb", 80), ["a [31m[b]"]);
}

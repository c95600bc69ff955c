//! Claims about notes that macros write: numbering together with Markdown's, places for notes, and where a
//! note cannot be one.
//!
//! `<<Note(words)>>` answers with a note and `<<Here>>` with a place for notes.

use crate::markup::{Block, Inline, parse_line, parse_markdown};
use crate::render::testing::{render, written_out};
use crate::render::{Expansion, Expansions, Fragment, RawHtml};

fn html(markdown: &str) -> String {
    html_where(markdown, RawHtml::ShownAsText)
}

fn html_where(markdown: &str, raw_html: RawHtml) -> String {
    let document = parse_markdown(markdown);
    let mut answers = Expansions::default();
    for call in crate::markup::macro_calls(&document) {
        let fragment = match call.name.as_str() {
            "Note" => Fragment::Inline(vec![Inline::Footnote(parse_line(&call.arguments))]),
            _ => Fragment::Blocks(vec![Block::Footnotes]),
        };
        answers.insert(call, Expansion::Forever(fragment));
    }
    written_out(&render(&document, raw_html, &answers))
}

#[test]
fn a_note_is_a_number_and_stands_at_the_end_with_a_way_back() {
    let html = html("One<<Note(see *there*)>>.");
    assert!(
        html.starts_with(
            "<div class=\"paragraph\">One<sup class=\"footnote-ref\"><a href=\"#fn:1\" id=\"fnref:1\">1</a></sup>.</div>"
        ),
        "{html}"
    );
    assert!(
        html.contains("<li id=\"fn:1\"><p>see <em>there</em> <a href=\"#fnref:1\""),
        "{html}"
    );
}

#[test]
fn notes_of_macros_and_of_markdown_are_numbered_together() {
    let html = html("A[^m] B<<Note(x)>> C[^m]\n\n[^m]: from Markdown\n");
    assert!(html.contains("<li id=\"fn:1\"><p>from Markdown"), "{html}");
    assert!(html.contains("<li id=\"fn:2\"><p>x "), "{html}");
    assert!(html.contains("id=\"fnref:1-2\""), "{html}");
    assert_eq!(html.matches("<section").count(), 1, "{html}");
}

#[test]
fn the_same_words_are_one_note() {
    let html = html("A<<Note(x)>> B<<Note(x)>> C<<Note(X)>>");
    assert_eq!(html.matches("<li id=").count(), 2, "{html}");
    assert!(html.contains("href=\"#fn:1\" id=\"fnref:1-2\""), "{html}");
}

#[test]
fn a_place_for_notes_takes_those_above_and_the_rest_stand_at_the_end() {
    let html = html("A<<Note(x)>>\n\n<<Here>>\n\nB<<Note(y)>>\n\n# Heading\n\nC<<Note(x)>>");
    let sections: Vec<&str> = html.split("<section").collect();
    assert_eq!(sections.len(), 3, "{html}");
    assert!(
        sections[1].contains("<p>x ") && !sections[1].contains("<p>y "),
        "{html}"
    );
    assert!(
        sections[2].contains("<ol start=\"2\">") && sections[2].contains("<p>y "),
        "{html}"
    );
    assert!(html.contains("<h1 id=\"heading\">"), "{html}");
}

#[test]
fn a_place_for_notes_without_notes_shows_nothing() {
    assert_eq!(html("<<Here>>"), "");
}

#[test]
fn in_a_link_or_a_heading_a_note_is_words() {
    let html = html("# Prices <<Note(of *May*)>>\n\n[[Team|team <<Note(x)>>]]");
    assert!(html.contains("Prices  (of May)</h1>"), "{html}");
    assert!(
        html.contains("team  (x)</a>") && !html.contains("<section"),
        "{html}"
    );
}

#[test]
fn notes_inside_notes_and_places_inside_notes_end() {
    let mut page = String::from("A[^0]\n\n");
    for nth in 0..2000 {
        page.push_str(&format!("[^{nth}]: see[^{}] and\n\n    <<Here>>\n\n", nth + 1));
    }
    let html = html(&page);
    assert_eq!(html.matches("<section").count(), 1);
    assert_eq!(html.matches("<li id=").count(), 2000);
}

#[test]
fn a_note_keeps_its_ids_where_the_page_is_sanitised() {
    let html = html_where("<b>A</b><<Note(<i>x</i> y)>>", RawHtml::Sanitised);
    assert!(
        html.contains("id=\"fnref:1\"") && html.contains("<li id=\"fn:1\">"),
        "{html}"
    );
    assert!(html.contains("<b>A</b>") && html.contains("<i>x</i>"), "{html}");
}

#[test]
fn a_label_of_markdown_is_never_a_macros_note() {
    let html = html("A<<Note(x)>> B[^\u{0}x]\n\n[^\u{0}x]: other\n");
    assert_eq!(html.matches("<li id=").count(), 2, "{html}");
}

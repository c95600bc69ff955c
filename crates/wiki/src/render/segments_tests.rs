//! How a document becomes segments: what is joined, what stays a hole, what a rendering knows.
//! Macros are answered by closures here; the host that runs real ones is tested where it lives, in
//! the macros crate.

use super::testing::{PAGE, answers, html, page, render, rendered, written_out};
use super::*;
use crate::markup::{Block, Inline, MacroCall, Place, parse_markdown};

fn with_answers(markdown: &str, answer: impl Fn(&str) -> Option<Fragment>) -> Rendered {
    let document = parse_markdown(markdown);
    let expansions = answers(&document, answer);
    render(&document, RawHtml::ShownAsText, &expansions)
}

#[test]
fn a_page_without_holes_is_one_piece() {
    let rendered = rendered("# A\n\ntext", RawHtml::ShownAsText);
    assert!(!rendered.has_holes());
    assert_eq!(
        rendered.html_if_whole().unwrap(),
        "<h1 id=\"a\">A</h1>\n<p>text</p>\n"
    );
}

#[test]
fn an_empty_page_is_one_piece_of_nothing() {
    assert_eq!(rendered("", RawHtml::ShownAsText).html_if_whole().unwrap(), "");
    assert_eq!(
        rendered("<!-- only a note -->", RawHtml::ShownAsText)
            .html_if_whole()
            .unwrap(),
        ""
    );
}

#[test]
fn an_answered_call_becomes_part_of_the_html_around_it() {
    let rendered = with_answers("a <<Baked>> b <<Open>> c", |name| {
        (name == "Baked").then(|| Fragment::Inline(vec![Inline::page_link("Team", "t")]))
    });
    let expected = "<div class=\"paragraph\">a <a href=\"/w/Team\">t</a> b ⟦Inline <<Open>>⟧ c</div>\n";
    assert_eq!(written_out(&rendered), expected);
    assert_eq!(rendered.segments.len(), 3);
    assert!(rendered.html_if_whole().is_none());
}

#[test]
fn the_same_call_in_another_place_is_another_call() {
    let markdown = "<<A>>\n\n<<A>> x\n\n# <<A>>";
    let calls = crate::markup::macro_calls(&parse_markdown(markdown));
    let places: Vec<Place> = calls.iter().map(|call| call.place).collect();
    assert_eq!(places, [Place::Block, Place::Inline, Place::Label]);
    let html = written_out(&with_answers(markdown, |_| Some(Fragment::text("w"))));
    assert_eq!(
        html,
        "<p>w</p>\n<div class=\"paragraph\">w x</div>\n<h1 id=\"section\">w</h1>\n"
    );
}

#[test]
fn macros_called_by_an_answer_are_holes() {
    let inner = MacroCall {
        name: "In".into(),
        arguments: String::new(),
        source: "<<In>>".into(),
        place: Place::Block,
    };
    let answer = |_: &str| {
        Some(Fragment::Blocks(vec![
            Block::text("a"),
            Block::Macro(inner.clone()),
        ]))
    };
    assert_eq!(
        written_out(&with_answers("<<Out>>", answer)),
        "<p>a</p>\n⟦Block <<In>>⟧"
    );
}

#[test]
fn baked_answers_do_not_make_a_page_grow_without_bound() {
    let rendered = with_answers(&"<<A>> ".repeat(50_000), |_| {
        Some(Fragment::text("x".repeat(1_000)))
    });
    let holes = rendered
        .segments
        .iter()
        .filter(|segment| matches!(segment, Segment::Hole(_)))
        .count();
    assert!(rendered.weight() < 16 << 20, "{}", rendered.weight());
    assert!((48_000..50_000).contains(&holes), "{holes}");
}

#[test]
fn an_answer_about_pages_is_remembered_as_such() {
    let document = parse_markdown("<<A>>");
    let call = crate::markup::macro_calls(&document).remove(0);
    for (expansion, depends) in [
        (Expansion::UntilPagesChange(Fragment::text("x")), true),
        (Expansion::Forever(Fragment::text("x")), false),
        (Expansion::Hole, false),
    ] {
        let mut expansions = Expansions::default();
        expansions.insert(call.clone(), expansion);
        assert_eq!(
            render(&document, RawHtml::ShownAsText, &expansions).depends_on_pages,
            depends
        );
    }
}

#[test]
fn a_rendering_knows_its_headings_and_title() {
    let rendered = rendered(
        "# A *b*\n\n## C\n\n> ### D\n\n## C\n\n[^1]\n\n[^1]: # Not this",
        RawHtml::ShownAsText,
    );
    assert_eq!(rendered.title.as_deref(), Some("A b"));
    let headings: Vec<_> = rendered
        .headings
        .iter()
        .map(|h| (h.level, h.id.as_str(), h.text.as_str()))
        .collect();
    assert_eq!(
        headings,
        [(1, "a-b", "A b"), (2, "c", "C"), (3, "d", "D"), (2, "c-2", "C")]
    );
    for (_, id, _) in headings {
        assert!(written_out(&rendered).contains(&format!(" id=\"{id}\"")), "{id}");
    }
    assert!(written_out(&rendered).contains("<h1>Not this</h1>"));
}

#[test]
fn only_a_heading_at_the_top_is_the_title() {
    assert_eq!(rendered("text\n\n# A", RawHtml::ShownAsText).title, None);
    assert_eq!(rendered("## A", RawHtml::ShownAsText).title, None);
}

#[test]
fn a_rendering_knows_the_pages_it_links_to() {
    let markdown = "[[Team]] [x](/Draft) [[../Rota#a]] [[Team|again]] [[#here]] [e](https://e) [[No?]]\n\n[^1]\n\n[^1]: [[Note]]";
    let links: Vec<String> = rendered(markdown, RawHtml::ShownAsText)
        .links
        .iter()
        .map(|page| page.as_str().to_owned())
        .collect();
    assert_eq!(
        links,
        ["No?", "Note", "Team", &format!("{PAGE}/Draft"), "Team/Rota"]
    );
    assert_eq!(page().as_str(), PAGE);
}

#[test]
fn a_note_that_is_referred_to_a_thousand_times_has_a_few_ways_back() {
    let html = html(&format!("{}\n\n[^a]: note", "[^a] ".repeat(1_000)));
    assert_eq!(html.matches("footnote-ref").count(), 1_000);
    assert_eq!(html.matches("footnote-back").count(), 10);
}

#[test]
fn a_note_may_refer_to_notes_and_to_itself() {
    let html = html("a[^1]\n\n[^1]: one[^2][^1]\n[^2]: two[^1]");
    assert_eq!(html.matches("<li id=\"fn:").count(), 2);
    assert!(html.contains("id=\"fnref:1-3\""), "{html}");
}

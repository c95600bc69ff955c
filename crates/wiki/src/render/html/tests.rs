//! What the writer escapes, what it never writes, and where it stops. How trees look as HTML is in
//! `specs/` and in `fragment_tests.rs`; whether all of it together is harmless is in
//! `hostile_tests.rs`.

use super::*;

fn written(budget: usize, write: impl FnOnce(&mut Writer)) -> String {
    let mut writer = Writer::new(budget, None);
    write(&mut writer);
    let html = |piece| match piece {
        Piece::Html(html) => html,
        Piece::Call(call) => call.source,
    };
    writer.finish().into_iter().map(html).collect()
}

#[test]
fn text_and_attributes_are_escaped() {
    let html = written(BUDGET, |out| {
        out.open("a", &[("href", Some("\"'<>&\0")), ("title", None)]);
        out.text("\"'<b>&amp;\0");
        out.close("a");
    });
    assert_eq!(
        html,
        "<a href=\"&quot;&#39;&lt;&gt;&amp;\u{FFFD}\">\"'&lt;b&gt;&amp;amp;\u{FFFD}</a>"
    );
}

#[test]
fn what_does_not_fit_is_left_out_and_everything_open_is_closed() {
    let html = written(30, |out| {
        out.open("div", &[]);
        for _ in 0..10 {
            out.element("p", &[], "0123456789");
        }
        out.close("div");
    });
    let rest = "<p class=\"too-long\">The rest of this page is too long to be shown.</p>";
    assert_eq!(
        html,
        format!("<div><p>0123456789</p><p>0123456789</p></div>{rest}")
    );
}

#[test]
fn markup_is_written_whole_or_not_at_all() {
    let html = written(20, |out| out.markup("<p>a long paragraph of HTML</p>"));
    assert!(html.starts_with("<p class=\"too-long\">"), "{html}");
}

#[test]
fn calls_count_against_the_budget() {
    let call = MacroCall {
        name: "A".into(),
        arguments: String::new(),
        source: "<<A>>".into(),
        place: crate::markup::Place::Inline,
    };
    let mut writer = Writer::new(1000, None);
    (0..1000).for_each(|_| writer.call(call.clone()));
    assert_eq!(
        writer
            .finish()
            .iter()
            .filter(|piece| matches!(piece, Piece::Call(_)))
            .count(),
        16
    );
}

#[test]
fn the_seal_marks_ids_and_classes_only() {
    let mut writer = Writer::new(BUDGET, Some("seal".into()));
    writer.void(
        "img",
        &[("class", Some("c")), ("id", Some("i")), ("src", Some("s"))],
    );
    let Some(Piece::Html(html)) = writer.finish().pop() else {
        panic!("nothing written")
    };
    assert_eq!(html, "<img class=\"seal:c\" id=\"seal:i\" src=\"s\">");
}

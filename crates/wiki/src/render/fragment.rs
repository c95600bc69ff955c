//! What a macro gives back, and the HTML it becomes in its place.
//!
//! Alone in a paragraph anything goes; inside running text a single paragraph is laid into the
//! line; in a link's words or a heading only words remain, because a link in a link or a block in
//! a heading would tear the page apart.

use bytestring::ByteString;

use super::html::{BUDGET, Piece, Scene, TreeWriter, Writer};
use super::{Claims, LinkResolver, RawHtml, SafeHtml, Segment, sanitize};
use crate::PageName;
use crate::markup::{Block, Inline, MacroCall, Place, block_text, plain_text};

/// The output of a macro.
#[derive(Debug, Clone)]
pub enum Fragment {
    /// Running text.
    Inline(Vec<Inline>),
    /// Paragraphs, lists, tables.
    Blocks(Vec<Block>),
    /// HTML that is known to be harmless.
    Html(SafeHtml),
}

impl Fragment {
    /// Plain words.
    pub fn text(words: impl Into<String>) -> Fragment {
        Fragment::Inline(vec![Inline::text(words)])
    }

    /// Nothing.
    pub fn empty() -> Fragment {
        Fragment::Inline(Vec::new())
    }
}

/// The HTML of `fragment` where it stands, on `page`. Macros called in it are shown as their source;
/// use [`fragment_segments`] to run them.
pub fn fragment_html(
    fragment: &Fragment,
    place: Place,
    resolver: &dyn LinkResolver,
    page: &PageName,
) -> ByteString {
    let mut html = String::new();
    for segment in fragment_segments(fragment, place, resolver, page) {
        match segment {
            Segment::Html(finished) => html.push_str(&finished),
            Segment::Hole(call) => html.push_str(&source_html(&call)),
        }
    }
    html.into()
}

/// The segments of `fragment` where it stands, on `page`: a hole for each macro called in it.
pub fn fragment_segments(
    fragment: &Fragment,
    place: Place,
    resolver: &dyn LinkResolver,
    page: &PageName,
) -> Vec<Segment> {
    let nothing = Claims::default();
    let scene = Scene {
        around: &nothing,
        page,
        resolver,
        highlighter: None,
        raw_html: RawHtml::ShownAsText,
        headings: &[],
    };
    let segment = |piece| match piece {
        Piece::Html(html) => Segment::Html(html.into()),
        Piece::Call(call) => Segment::Hole(call),
    };
    pieces(fragment, place, scene, BUDGET)
        .into_iter()
        .map(segment)
        .collect()
}

/// The box that stands where a macro failed: `<<Name: what went wrong>>`.
pub fn macro_error_html(call: &MacroCall, message: &str) -> ByteString {
    let tag = if call.place == Place::Block { "div" } else { "span" };
    let words = format!("<<{}: {message}>>", call.name);
    small_html(tag, "macro-error", &words)
}

fn source_html(call: &MacroCall) -> ByteString {
    small_html("code", "macro-source", &call.source)
}

fn small_html(tag: &'static str, class: &str, words: &str) -> ByteString {
    let mut out = Writer::new(BUDGET, None);
    out.element(tag, &[("class", Some(class))], words);
    let html = |piece| match piece {
        Piece::Html(html) => html,
        Piece::Call(_) => String::new(),
    };
    out.finish().into_iter().map(html).collect::<String>().into()
}

/// Writes a fragment, in at most `budget` bytes.
pub(super) fn pieces(fragment: &Fragment, place: Place, scene: Scene<'_>, budget: usize) -> Vec<Piece> {
    let out = Writer::new(budget, None);
    let tree = TreeWriter::new(scene, out);
    match (place, fragment) {
        (Place::Label, fragment) => tree.only_inlines(&[Inline::Text(words(fragment))]),
        (_, Fragment::Html(html)) => html_pieces(place, html, budget),
        (Place::Block, Fragment::Inline(inlines)) if inlines.is_empty() => Vec::new(),
        (Place::Block, Fragment::Inline(inlines)) => tree.only_paragraph(inlines),
        (Place::Inline, Fragment::Inline(inlines)) => tree.only_inlines(inlines),
        (Place::Inline, Fragment::Blocks(blocks)) => match blocks.as_slice() {
            [Block::Paragraph(inlines) | Block::Plain(inlines)] => tree.only_inlines(inlines),
            blocks => tree.only_blocks(blocks),
        },
        (Place::Block, Fragment::Blocks(blocks)) => tree.only_blocks(blocks),
    }
}

/// What a macro writes as HTML stands where words of its own would stand: alone in its paragraph it is a paragraph, and
/// a single paragraph is laid into a line. So nothing on the page moves when one call writes words, another one markup.
fn html_pieces(place: Place, html: &SafeHtml, budget: usize) -> Vec<Piece> {
    let mut out = Writer::new(budget, None);
    let html = html.as_str();
    match place {
        Place::Block if sanitize::is_inline(html) => {
            out.open("p", &[("class", Some("macro"))]);
            out.markup(html);
            out.close("p");
            out.line();
        }
        Place::Block => {
            out.open("div", &[("class", Some("macro"))]);
            out.markup(html);
            out.close("div");
            out.line();
        }
        Place::Inline | Place::Label => out.markup(sanitize::lone_paragraph(html).unwrap_or(html)),
    }
    out.finish()
}

fn words(fragment: &Fragment) -> String {
    match fragment {
        Fragment::Inline(inlines) => match inlines.as_slice() {
            [Inline::Footnote(note)] => format!(" ({})", plain_text(note)),
            inlines => plain_text(inlines),
        },
        Fragment::Blocks(blocks) => block_text(blocks),
        Fragment::Html(html) => sanitize::words(html.as_str()),
    }
}

#[cfg(test)]
#[path = "fragment_tests.rs"]
mod tests;

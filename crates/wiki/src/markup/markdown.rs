//! Markdown → tree: CommonMark by pulldown-cmark, with tables, footnotes, strikethrough, task lists,
//! alerts, definition lists, and this wiki's own `<<Macro(args)>>` and `[[Page|text]]`.
//!
//! ```text
//! source ─ stash.rs ─► text with placeholders ─ pulldown-cmark ─► events ─ builder.rs ─► tree
//!          (macros and wiki links taken out)                     (text.rs puts them back)
//! ```
//!
//! Macros and wiki links are taken out *before* Markdown sees the text, because no Markdown parser
//! would leave `<<Name(a*b*c)>>` or `[[a|b]]` in a table alone. Where a placeholder ends up in
//! code, in an address or in HTML, the source comes back as it was. `depth.rs` looks after markers
//! nested without end.
//! The dialect is written down, with examples that run as tests, in `specs/`.

mod builder;
mod depth;
mod scan;
mod stash;
mod text;

use pulldown_cmark::{Options, Parser};

use super::tree::{Block, Document, Inline};
use builder::Builder;
use stash::Stash;

/// Extensions by hand: `Options::all()` would also turn on heading attributes, which let
/// `onclick` through, and whatever the next version invents.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
        | Options::ENABLE_DEFINITION_LIST
}

/// Parses a page. It never fails: every text is some document.
///
/// ```
/// use grange_wiki::markup::{Block, Inline, parse_markdown};
///
/// let document = parse_markdown("Hello *world*");
/// let hello = vec![Inline::text("Hello "), Inline::emphasis("world")];
/// assert_eq!(document.blocks, [Block::Paragraph(hello)]);
/// ```
pub fn parse_markdown(source: &str) -> Document {
    let surplus = depth::surplus_markers(source);
    let code = match surplus.is_empty() {
        true => code_ranges(source),
        false => code_ranges(&depth::without(source, &surplus)),
    };
    let (text, stash) = Stash::take_from(source, &code, &surplus);
    let mut builder = Builder::new(&stash);
    for event in Parser::new_ext(&text, options()) {
        builder.take(event);
    }
    builder.finish()
}

/// One line of running text: the words of a `[[Page|words]]` link or of a macro's argument. What is no
/// running text (a list, a heading) stays as it was written.
pub fn parse_line(words: &str) -> Vec<Inline> {
    let plain = || vec![Inline::text(words)];
    if !words.contains(['*', '_', '`', '~', '<', '&', '\\', '!', '[']) {
        return plain();
    }
    let document = parse_markdown(words);
    match <[Block; 1]>::try_from(document.blocks) {
        Ok([Block::Paragraph(inlines)]) if document.footnotes.is_empty() => inlines,
        Ok([Block::Macro(call)]) => vec![Inline::Macro(call)],
        _ => plain(),
    }
}

/// Where code spans and code blocks stand. Found by a first parse of the untouched source, because
/// only a Markdown parser knows which backticks belong together.
fn code_ranges(source: &str) -> Vec<std::ops::Range<usize>> {
    use pulldown_cmark::{Event, Tag};
    if !source.contains(['`', '~']) && !source.contains("    ") && !source.contains('\t') {
        return Vec::new();
    }
    let code = |event: &Event<'_>| matches!(event, Event::Code(_) | Event::Start(Tag::CodeBlock(_)));
    let events = Parser::new_ext(source, options()).into_offset_iter();
    events
        .filter(|(event, _)| code(event))
        .map(|(_, range)| range)
        .collect()
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;

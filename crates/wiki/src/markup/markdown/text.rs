//! Running text → inlines: puts macros and wiki links back where their placeholders stand and turns
//! bare `https://…` into links.
//!
//! It sees the inlines of one paragraph, cell, heading or emphasis after Markdown has found the
//! markup in them. Code, addresses and HTML never come here; the builder restores those.

use super::parse_line;
use super::stash::{Piece, Stash, Stashed};
use crate::markup::links::{from_wiki_link, is_external};
use crate::markup::tree::{Inline, Link, MacroCall, Place, Target};
use crate::markup::walk::plain_text;

/// What surrounds a text and so decides what may be in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surroundings {
    /// A paragraph, a cell, an item.
    Running,
    /// A heading: macros give words only.
    Heading,
    /// The words of a link: no links, and macros give words only.
    Link,
}

impl Surroundings {
    fn place(self) -> Place {
        if self == Surroundings::Running {
            Place::Inline
        } else {
            Place::Label
        }
    }
}

/// Replaces the placeholders and bare addresses in the texts of `inlines`; what is nested in them
/// has been done before.
pub fn finish(inlines: Vec<Inline>, stash: &Stash<'_>, surroundings: Surroundings) -> Vec<Inline> {
    let mut finished = Vec::with_capacity(inlines.len());
    for inline in inlines {
        match inline {
            Inline::Text(text) => finish_text(&text, stash, surroundings, &mut finished),
            other => finished.push(other),
        }
    }
    finished
}

/// Adds an inline; texts that stand beside each other become one.
pub fn push(inlines: &mut Vec<Inline>, inline: Inline) {
    match (inlines.last_mut(), inline) {
        (Some(Inline::Text(before)), Inline::Text(text)) => before.push_str(&text),
        (_, inline) => inlines.push(inline),
    }
}

/// Lays links flat and makes macros labels, for the words of a link.
pub fn without_links(inlines: Vec<Inline>) -> Vec<Inline> {
    let mut flat = Vec::with_capacity(inlines.len());
    for inline in inlines {
        match inline {
            Inline::Link(link) => without_links(link.content)
                .into_iter()
                .for_each(|one| push(&mut flat, one)),
            Inline::Emphasis(content) => flat.push(Inline::Emphasis(without_links(content))),
            Inline::Strong(content) => flat.push(Inline::Strong(without_links(content))),
            Inline::Strikethrough(content) => flat.push(Inline::Strikethrough(without_links(content))),
            Inline::Macro(call) => flat.push(Inline::Macro(MacroCall {
                place: Place::Label,
                ..call
            })),
            Inline::FootnoteReference(label) => push(&mut flat, Inline::Text(format!("[^{label}]"))),
            other => push(&mut flat, other),
        }
    }
    flat
}

fn finish_text(text: &str, stash: &Stash<'_>, surroundings: Surroundings, into: &mut Vec<Inline>) {
    for piece in stash.split(text) {
        match piece {
            Piece::Text(text) if surroundings == Surroundings::Link => push(into, Inline::text(text)),
            Piece::Text(text) => link_addresses(text, into),
            Piece::Stashed(Stashed::Literal { shown, .. }) => push(into, Inline::text(shown)),
            Piece::Stashed(Stashed::Macro {
                source,
                name,
                arguments,
            }) => into.push(Inline::Macro(MacroCall {
                name: name.to_owned(),
                arguments: arguments.to_owned(),
                source: source.to_owned(),
                place: surroundings.place(),
            })),
            Piece::Stashed(Stashed::Link { target, text, .. }) => {
                wiki_link(target, text, surroundings, into);
            }
        }
    }
}

fn wiki_link(target: &str, text: Option<&str>, surroundings: Surroundings, into: &mut Vec<Inline>) {
    let content = match text {
        Some(words) => without_links(parse_line(words)),
        None => vec![Inline::text(target)],
    };
    match from_wiki_link(target) {
        Some(target) if surroundings != Surroundings::Link => {
            // An empty label (`[[Page|<!-- -->]]`) would be a link that nobody can hit.
            let empty = plain_text(&content).trim().is_empty() && !content.iter().any(is_visible);
            let content = if empty {
                vec![Inline::text(text.unwrap_or_default())]
            } else {
                content
            };
            into.push(Inline::Link(Link {
                target,
                title: None,
                content,
            }));
        }
        _ => content.into_iter().for_each(|inline| push(into, inline)),
    }
}

fn is_visible(inline: &Inline) -> bool {
    matches!(inline, Inline::Macro(_) | Inline::Image(_))
}

/// Splits `text` at the `http://` and `https://` addresses in it.
fn link_addresses(text: &str, into: &mut Vec<Inline>) {
    let mut rest = text;
    let mut searched = 0;
    while let Some(offset) = rest.get(searched..).and_then(|later| later.find("://")) {
        let colon = searched + offset;
        let Some(begin) = address_begin(rest, colon) else {
            searched = colon + 3;
            continue;
        };
        let run = address_run(rest, begin);
        let address = without_punctuation(run);
        if !is_external(address) {
            // Too long for a link. Its pieces are none either, and looking at each of them would
            // read the rest of the run again every time.
            searched = begin + run.len();
            continue;
        }
        let (before, address, after) = cut(rest, begin, begin + address.len());
        if !before.is_empty() {
            push(into, Inline::text(before));
        }
        into.push(Inline::link(Target::External(address.to_owned()), address));
        rest = after;
        searched = 0;
    }
    if !rest.is_empty() {
        push(into, Inline::text(rest));
    }
}

fn cut(text: &str, begin: usize, end: usize) -> (&str, &str, &str) {
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    (part(0..begin), part(begin..end), part(end..text.len()))
}

/// Where the address begins whose scheme ends at `colon`, if a host can follow.
fn address_begin(text: &str, colon: usize) -> Option<usize> {
    let (before, behind) = (text.get(..colon)?, text.get(colon + 3..)?);
    if !behind.starts_with(|c: char| c.is_alphanumeric() || c == '[') {
        return None;
    }
    let scheme = ["https", "http"].into_iter().find(|scheme| {
        let start = before
            .len()
            .checked_sub(scheme.len())
            .and_then(|start| before.get(start..));
        start.is_some_and(|found| found.eq_ignore_ascii_case(scheme))
    })?;
    let begin = colon - scheme.len();
    let inside_a_word = before.get(..begin)?.ends_with(|c: char| c.is_alphanumeric());
    (!inside_a_word).then_some(begin)
}

/// What stands from `begin` to the next character that ends every address.
fn address_run(text: &str, begin: usize) -> &str {
    let rest = text.get(begin..).unwrap_or_default();
    let stop = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`');
    rest.get(..rest.find(stop).unwrap_or(rest.len()))
        .unwrap_or_default()
}

/// Punctuation at the end belongs to the sentence; so does a `)` that nothing in the address opened.
fn without_punctuation(run: &str) -> &str {
    let opened = run.matches('(').count();
    let mut closed = run.matches(')').count();
    let mut address = run;
    while let Some(last) = address.chars().next_back() {
        let surplus = last == ')' && closed > opened;
        if !surplus
            && !matches!(
                last,
                '.' | ',' | ':' | ';' | '!' | '?' | '\'' | '*' | '_' | '~' | ']' | '|'
            )
        {
            break;
        }
        closed -= usize::from(last == ')');
        address = address.strip_suffix(last).unwrap_or_default();
    }
    address
}

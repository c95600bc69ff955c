//! Walks over the tree in reading order: what macros a page calls, what words it says.
//!
//! Parsers nest no deeper than `MAX_DEPTH`, but a macro may build any tree; whatever is nested
//! deeper than [`DEEPEST`] is not visited, so that no tree can exhaust the stack.

use std::collections::HashSet;

use super::tree::{Block, Document, Inline, Item, MAX_DEPTH, MacroCall, Table};

/// How deep walks and the renderer go: a page's own nesting, a label's in it, and a macro's.
pub const DEEPEST: usize = 4 * MAX_DEPTH;

/// What a walk meets.
pub enum Node<'a> {
    /// A block, before what it contains.
    Block(&'a Block),
    /// An inline, before what it contains.
    Inline(&'a Inline),
}

/// Shows every node of `blocks` to `visit`, parents before children, in reading order.
pub fn walk_blocks<'a>(blocks: &'a [Block], visit: &mut dyn FnMut(Node<'a>)) {
    blocks_at(blocks, DEEPEST, visit);
}

/// Shows every node of `inlines` to `visit`, parents before children, in reading order.
pub fn walk_inlines<'a>(inlines: &'a [Inline], visit: &mut dyn FnMut(Node<'a>)) {
    inlines_at(inlines, DEEPEST, visit);
}

/// The different macro calls of a document in the order of their first appearance.
pub fn macro_calls(document: &Document) -> Vec<MacroCall> {
    let mut seen = HashSet::new();
    let mut calls = Vec::new();
    let mut note = |node: Node<'_>| {
        let (Node::Block(Block::Macro(call)) | Node::Inline(Inline::Macro(call))) = node else {
            return;
        };
        if seen.insert(call.clone()) {
            calls.push(call.clone());
        }
    };
    walk_blocks(&document.blocks, &mut note);
    for footnote in &document.footnotes {
        walk_blocks(&footnote.content, &mut note);
    }
    calls
}

/// The words of some inlines, without markup; macros say nothing here, line ends are blanks.
pub fn plain_text(inlines: &[Inline]) -> String {
    let mut words = String::new();
    walk_inlines(inlines, &mut |node| match node {
        Node::Inline(Inline::Text(text) | Inline::Code(text) | Inline::Time { text, .. }) => {
            words.push_str(text);
        }
        Node::Inline(Inline::Image(image)) => words.push_str(&image.alt),
        Node::Inline(Inline::Embedded(embedded)) => words.push_str(&embedded.alt),
        Node::Inline(Inline::Symbol { word, .. }) => words.push_str(word),
        Node::Inline(Inline::SoftBreak | Inline::LineBreak) => words.push(' '),
        _ => {}
    });
    words
}

/// The words of some blocks, without markup, a blank between blocks.
pub fn block_text(blocks: &[Block]) -> String {
    let mut words = String::new();
    walk_blocks(blocks, &mut |node| match node {
        Node::Block(Block::Code { text, .. }) => words.push_str(text),
        Node::Block(_) if !words.is_empty() && !words.ends_with(' ') => words.push(' '),
        Node::Inline(Inline::Text(text) | Inline::Code(text) | Inline::Time { text, .. }) => {
            words.push_str(text);
        }
        Node::Inline(Inline::Image(image)) => words.push_str(&image.alt),
        Node::Inline(Inline::Embedded(embedded)) => words.push_str(&embedded.alt),
        Node::Inline(Inline::Symbol { word, .. }) => words.push_str(word),
        Node::Inline(Inline::SoftBreak | Inline::LineBreak) => words.push(' '),
        _ => {}
    });
    words
}

fn blocks_at<'a>(blocks: &'a [Block], left: usize, visit: &mut dyn FnMut(Node<'a>)) {
    let Some(left) = left.checked_sub(1) else { return };
    for block in blocks {
        visit(Node::Block(block));
        match block {
            Block::Paragraph(content) | Block::Plain(content) | Block::Heading { content, .. } => {
                inlines_at(content, left, visit);
            }
            Block::Quote(content)
            | Block::Alert { content, .. }
            | Block::Section { content, .. }
            | Block::Navigation { content, .. } => blocks_at(content, left, visit),
            Block::List { items, .. } => items_at(items, left, visit),
            Block::Definitions(entries) => {
                for entry in entries {
                    inlines_at(&entry.term, left, visit);
                    entry
                        .meanings
                        .iter()
                        .for_each(|meaning| blocks_at(meaning, left, visit));
                }
            }
            Block::Table(table) => table_at(table, left, visit),
            Block::Code { .. }
            | Block::Rule
            | Block::Macro(_)
            | Block::Form(_)
            | Block::Footnotes
            | Block::RawHtml(_) => {}
        }
    }
}

fn items_at<'a>(items: &'a [Item], left: usize, visit: &mut dyn FnMut(Node<'a>)) {
    items
        .iter()
        .for_each(|item| blocks_at(&item.content, left, visit));
}

fn table_at<'a>(table: &'a Table, left: usize, visit: &mut dyn FnMut(Node<'a>)) {
    let cells = table.head.iter().chain(table.rows.iter().flatten());
    cells.for_each(|cell| inlines_at(cell, left, visit));
}

fn inlines_at<'a>(inlines: &'a [Inline], left: usize, visit: &mut dyn FnMut(Node<'a>)) {
    let Some(left) = left.checked_sub(1) else { return };
    for inline in inlines {
        visit(Node::Inline(inline));
        match inline {
            Inline::Emphasis(content)
            | Inline::Strong(content)
            | Inline::Strikethrough(content)
            | Inline::Span { content, .. } => inlines_at(content, left, visit),
            Inline::Link(link) => inlines_at(&link.content, left, visit),
            _ => {}
        }
    }
}

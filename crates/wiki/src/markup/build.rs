//! Short constructors for the tree, for Rust macros and tests: `Block::bullets(items)` instead of
//! four nested literals. Nothing here parses text; every string is plain text and stays it.
//! What is not here is built from the enums in `tree.rs`, which are all public.

use super::links;
use super::tree::{Block, Document, Image, Inline, Item, Link, ListKind, Table, Target};

impl Document {
    /// A document of these blocks, without footnotes.
    pub fn of(blocks: Vec<Block>) -> Document {
        Document {
            blocks,
            footnotes: Vec::new(),
        }
    }
}

impl Block {
    /// A paragraph of plain words.
    pub fn text(words: impl Into<String>) -> Block {
        Block::Paragraph(vec![Inline::text(words)])
    }

    /// A paragraph.
    pub fn paragraph(content: Vec<Inline>) -> Block {
        Block::Paragraph(content)
    }

    /// A heading of plain words.
    pub fn heading(level: u8, words: impl Into<String>) -> Block {
        Block::Heading {
            level,
            content: vec![Inline::text(words)],
        }
    }

    /// Lines shown as they are.
    pub fn code(text: impl Into<String>) -> Block {
        Block::Code {
            language: None,
            text: text.into(),
        }
    }

    /// A bullet list with one line of text an item.
    pub fn bullets(lines: impl IntoIterator<Item = Vec<Inline>>) -> Block {
        Block::list(ListKind::Bullets, lines.into_iter().map(Item::line))
    }

    /// A numbered list with one line of text an item.
    pub fn numbers(lines: impl IntoIterator<Item = Vec<Inline>>) -> Block {
        Block::list(ListKind::Numbers { start: 1 }, lines.into_iter().map(Item::line))
    }

    /// A list of items, which may hold lists again.
    pub fn list(kind: ListKind, items: impl IntoIterator<Item = Item>) -> Block {
        Block::List {
            kind,
            items: items.into_iter().collect(),
        }
    }

    /// A table with a head (empty for none).
    pub fn table(head: Vec<Vec<Inline>>, rows: Vec<Vec<Vec<Inline>>>) -> Block {
        Block::Table(Table {
            alignments: Vec::new(),
            head,
            rows,
        })
    }

    /// Blocks under a class.
    pub fn section(class: impl Into<String>, content: Vec<Block>) -> Block {
        Block::Section {
            class: class.into(),
            content,
        }
    }

    /// A navigation region called `label`.
    pub fn navigation(label: impl Into<String>, content: Vec<Block>) -> Block {
        Block::Navigation {
            label: label.into(),
            content,
        }
    }
}

impl Item {
    /// An item of one line.
    pub fn line(content: Vec<Inline>) -> Item {
        Item {
            task: None,
            content: vec![Block::Plain(content)],
        }
    }

    /// An item of a line and what is nested below it.
    pub fn nested(content: Vec<Inline>, below: Block) -> Item {
        Item {
            task: None,
            content: vec![Block::Plain(content), below],
        }
    }
}

impl Inline {
    /// Plain words.
    pub fn text(words: impl Into<String>) -> Inline {
        Inline::Text(words.into())
    }

    /// Words in the typewriter face.
    pub fn code(words: impl Into<String>) -> Inline {
        Inline::Code(words.into())
    }

    /// Emphasised words.
    pub fn emphasis(words: impl Into<String>) -> Inline {
        Inline::Emphasis(vec![Inline::text(words)])
    }

    /// Strongly emphasised words.
    pub fn strong(words: impl Into<String>) -> Inline {
        Inline::Strong(vec![Inline::text(words)])
    }

    /// Inlines under a class.
    pub fn span(class: impl Into<String>, content: Vec<Inline>) -> Inline {
        Inline::Span {
            class: class.into(),
            content,
        }
    }

    /// A point in time: `datetime` for machines, `text` for people.
    pub fn time(datetime: impl Into<String>, text: impl Into<String>) -> Inline {
        Inline::Time {
            datetime: datetime.into(),
            text: text.into(),
        }
    }

    /// A link to a page of this wiki by its full name.
    pub fn page_link(name: impl Into<String>, words: impl Into<String>) -> Inline {
        Inline::link(Target::page(name), words)
    }

    /// A link to a heading or anchor of the page it stands on.
    pub fn anchor_link(anchor: impl Into<String>, words: impl Into<String>) -> Inline {
        let target = Target::Page {
            name: String::new(),
            query: None,
            anchor: Some(anchor.into()),
        };
        Inline::link(target, words)
    }

    /// A link to an address made by our own code; see [`Target::Address`].
    pub fn address_link(address: impl Into<String>, words: impl Into<String>) -> Inline {
        Inline::link(Target::Address(address.into()), words)
    }

    /// A link with plain words.
    pub fn link(target: Target, words: impl Into<String>) -> Inline {
        Inline::Link(Link {
            target,
            title: None,
            content: vec![Inline::text(words)],
        })
    }

    /// A sign that stands for a word.
    pub fn symbol(sign: impl Into<String>, word: impl Into<String>) -> Inline {
        Inline::Symbol {
            sign: sign.into(),
            word: word.into(),
        }
    }

    /// An image of an `https:` address.
    pub fn image(source: impl Into<String>, alt: impl Into<String>) -> Inline {
        Inline::Image(Image {
            source: source.into(),
            alt: alt.into(),
            title: None,
        })
    }
}

impl Target {
    /// A page of this wiki by its full name.
    pub fn page(name: impl Into<String>) -> Target {
        Target::Page {
            name: name.into(),
            query: None,
            anchor: None,
        }
    }

    /// A page of this wiki, empty for the page itself, asked for with these names and values.
    pub fn query(name: impl Into<String>, fields: &[(&str, &str)]) -> Target {
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", links::query_encode(name), links::query_encode(value)))
            .collect();
        Target::Page {
            name: name.into(),
            query: Some(fields.join("&")),
            anchor: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_query_cannot_bring_another_field_along() {
        let Target::Page { query, .. } = Target::query("", &[("a", "1&b=2#c"), ("d e", "ä+%")]) else {
            panic!("no page")
        };
        assert_eq!(query.as_deref(), Some("a=1%26b%3D2%23c&d%20e=%C3%A4%2B%25"));
    }
}

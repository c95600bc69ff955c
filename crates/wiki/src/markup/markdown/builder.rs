//! pulldown-cmark's events → tree, with a stack of open nodes instead of recursion.
//!
//! Every start opens a [`Frame`], every end closes it and hands the finished node to the frame
//! below. A container that would be nested deeper than [`MAX_DEPTH`] opens no frame: what it
//! contains goes to the frame that is open, so 100,000 `>` cost 100,000 bits and no stack.

use pulldown_cmark::{Alignment as Column, BlockQuoteKind, CodeBlockKind, Event, LinkType, Tag, TagEnd};

use super::stash::Stash;
use super::text::{self, Surroundings};
use crate::markup::links::from_destination;
use crate::markup::tree::{
    AlertKind, Alignment, Block, Definition, Document, Footnote, Image, Inline, Item, Link, ListKind,
    MAX_DEPTH, MacroCall, Place, Table, Target, Task,
};
use crate::markup::walk::plain_text;

/// Builds one document.
pub struct Builder<'a> {
    stash: &'a Stash<'a>,
    frames: Vec<Frame>,
    /// For each start whose end is to come: whether it opened a frame.
    open: Vec<bool>,
    root: Frame,
    footnotes: Vec<Footnote>,
    links: usize,
    headings: usize,
}

/// A node whose end has not come yet.
struct Frame {
    kind: Kind,
    blocks: Vec<Block>,
    inlines: Vec<Inline>,
    /// Lines of code or HTML.
    lines: String,
}

enum Kind {
    Root,
    Paragraph,
    Heading(u8),
    Quote(Option<AlertKind>),
    Code(Option<String>),
    Html,
    List(ListKind, Vec<Item>),
    Item(Option<Task>),
    Footnote(String),
    Definitions(Vec<Definition>),
    Term,
    Meaning,
    Table(Table),
    Row(Vec<Vec<Inline>>),
    Cell,
    Emphasis,
    Strong,
    Strikethrough,
    Link(Option<Target>, Option<String>),
    Image(String, Option<String>),
}

impl<'a> Builder<'a> {
    /// A builder for the events of a text whose placeholders stand for what is in `stash`.
    pub fn new(stash: &'a Stash<'a>) -> Builder<'a> {
        Builder {
            stash,
            frames: Vec::new(),
            open: Vec::new(),
            root: Frame::new(Kind::Root),
            footnotes: Vec::new(),
            links: 0,
            headings: 0,
        }
    }

    /// Takes the next event.
    pub fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) => self.text(&text),
            Event::Code(code) => {
                let code = self.stash.restore(&code);
                self.inline(Inline::Code(code));
            }
            Event::Html(html) => self.top().lines.push_str(&html),
            Event::InlineHtml(html) => {
                let html = self.stash.restore(&html);
                self.inline(Inline::RawHtml(html));
            }
            Event::FootnoteReference(label) => {
                let label = self.stash.restore(&label);
                self.inline(Inline::FootnoteReference(label));
            }
            Event::SoftBreak => self.inline(Inline::SoftBreak),
            Event::HardBreak => self.inline(Inline::LineBreak),
            Event::Rule => self.block(Block::Rule),
            Event::TaskListMarker(done) => self.task(if done { Task::Done } else { Task::Open }),
            // Not asked for in `options()`; shown as written should that ever change.
            Event::InlineMath(math) | Event::DisplayMath(math) => self.text(&math),
        }
    }

    /// The document, once all events have been taken.
    pub fn finish(mut self) -> Document {
        while let Some(frame) = self.frames.pop() {
            self.close(frame);
        }
        let root = std::mem::replace(&mut self.root, Frame::new(Kind::Root));
        let blocks = self.blocks_of(root);
        Document {
            blocks,
            footnotes: self.footnotes,
        }
    }

    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().unwrap_or(&mut self.root)
    }

    fn text(&mut self, words: &str) {
        let frame = self.top();
        match frame.kind {
            Kind::Code(_) | Kind::Html => frame.lines.push_str(words),
            _ => text::push(&mut frame.inlines, Inline::text(words)),
        }
    }

    fn inline(&mut self, inline: Inline) {
        text::push(&mut self.top().inlines, inline);
    }

    fn block(&mut self, block: Block) {
        self.flush();
        self.top().blocks.push(block);
    }

    /// Makes a block of the text that stands loose in an item or another container.
    fn flush(&mut self) {
        let inlines = std::mem::take(&mut self.top().inlines);
        if !inlines.is_empty() {
            let content = self.finished(inlines);
            self.top().blocks.push(Block::Plain(content));
        }
    }

    fn finished(&self, inlines: Vec<Inline>) -> Vec<Inline> {
        let surroundings = match (self.links, self.headings) {
            (0, 0) => Surroundings::Running,
            (0, _) => Surroundings::Heading,
            _ => Surroundings::Link,
        };
        text::finish(inlines, self.stash, surroundings)
    }

    fn task(&mut self, task: Task) {
        let items = self.frames.iter_mut().rev().map(|frame| &mut frame.kind);
        for kind in items.take(2) {
            if let Kind::Item(state) = kind {
                *state = Some(task);
                return;
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match self.kind_of(tag) {
            Some(kind) => {
                self.links += usize::from(matches!(kind, Kind::Link(..)));
                self.headings += usize::from(matches!(kind, Kind::Heading(_)));
                self.frames.push(Frame::new(kind));
                self.open.push(true);
            }
            None => self.open.push(false),
        }
    }

    fn end(&mut self, end: TagEnd) {
        match self.open.pop() {
            Some(true) => {
                if let Some(frame) = self.frames.pop() {
                    self.close(frame);
                }
            }
            // The end of a block that was laid flat still ends its text.
            _ if is_block(end) => self.flush(),
            _ => {}
        }
    }

    /// The frame that `tag` opens; `None` when it would be nested too deep.
    fn kind_of(&mut self, tag: Tag<'_>) -> Option<Kind> {
        let fits = self.frames.len() < MAX_DEPTH;
        let top = &self.top().kind;
        let in_list = matches!(top, Kind::List(..));
        let in_definitions = matches!(top, Kind::Definitions(_));
        if is_container(&tag) {
            // The text before a nested container is a block of its own.
            self.flush();
        }
        let kind = match tag {
            Tag::Paragraph => Kind::Paragraph,
            Tag::Heading { level, .. } => Kind::Heading(level as u8),
            Tag::CodeBlock(kind) => Kind::Code(self.language(&kind)),
            Tag::HtmlBlock => Kind::Html,
            Tag::Table(columns) => Kind::Table(Table {
                alignments: columns.into_iter().map(alignment).collect(),
                ..Table::default()
            }),
            Tag::TableHead | Tag::TableRow => Kind::Row(Vec::new()),
            Tag::TableCell => Kind::Cell,
            Tag::FootnoteDefinition(label) => Kind::Footnote(self.stash.restore(&label)),
            Tag::Item if in_list => Kind::Item(None),
            Tag::DefinitionListTitle if in_definitions => Kind::Term,
            Tag::DefinitionListDefinition if in_definitions => Kind::Meaning,
            _ if !fits => return None,
            Tag::BlockQuote(kind) => Kind::Quote(kind.map(alert)),
            Tag::List(None) => Kind::List(ListKind::Bullets, Vec::new()),
            Tag::List(Some(start)) => Kind::List(ListKind::Numbers { start }, Vec::new()),
            Tag::DefinitionList => Kind::Definitions(Vec::new()),
            Tag::Emphasis => Kind::Emphasis,
            Tag::Strong => Kind::Strong,
            Tag::Strikethrough => Kind::Strikethrough,
            Tag::Link {
                link_type: LinkType::Email,
                dest_url,
                ..
            } => Kind::Link(from_destination(&format!("mailto:{dest_url}")), None),
            Tag::Link { dest_url, title, .. } => Kind::Link(
                from_destination(&self.stash.restore(&dest_url)),
                self.title(&title),
            ),
            Tag::Image { dest_url, title, .. } => {
                Kind::Image(self.stash.restore(&dest_url), self.title(&title))
            }
            Tag::Item | Tag::DefinitionListTitle | Tag::DefinitionListDefinition => return None,
            // Not asked for in `options()`.
            Tag::Superscript | Tag::Subscript | Tag::MetadataBlock(_) => return None,
        };
        Some(kind)
    }

    fn title(&self, title: &str) -> Option<String> {
        (!title.is_empty()).then(|| self.stash.restore(title))
    }

    fn language(&self, kind: &CodeBlockKind<'_>) -> Option<String> {
        let CodeBlockKind::Fenced(words) = kind else {
            return None;
        };
        let words = self.stash.restore(words);
        words
            .split([' ', ',', '\t'])
            .next()
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
    }

    /// Hands the finished node to the frame below.
    fn close(&mut self, mut frame: Frame) {
        let kind = std::mem::replace(&mut frame.kind, Kind::Root);
        match kind {
            Kind::Root => {}
            Kind::Paragraph => self.paragraph(frame),
            Kind::Heading(level) => {
                let content = self.finished(frame.inlines);
                self.headings -= 1;
                self.block(Block::Heading { level, content });
            }
            Kind::Quote(None) => {
                let content = self.blocks_of(frame);
                self.block(Block::Quote(content));
            }
            Kind::Quote(Some(kind)) => {
                let content = self.blocks_of(frame);
                self.block(Block::Alert { kind, content });
            }
            Kind::Code(language) => {
                let text = self.stash.restore(&frame.lines);
                self.block(Block::Code { language, text });
            }
            Kind::Html => {
                let html = self.stash.restore(&frame.lines);
                self.block(Block::RawHtml(html));
            }
            Kind::Footnote(label) => {
                let content = self.blocks_of(frame);
                self.footnotes.push(Footnote { label, content });
            }
            Kind::List(..) | Kind::Item(_) | Kind::Definitions(_) | Kind::Term | Kind::Meaning => {
                self.close_list_part(kind, frame);
            }
            Kind::Table(_) | Kind::Row(_) | Kind::Cell => self.close_table_part(kind, frame),
            Kind::Emphasis | Kind::Strong | Kind::Strikethrough | Kind::Link(..) | Kind::Image(..) => {
                self.close_inline(kind, frame.inlines);
            }
        }
    }

    /// A paragraph that holds nothing but one macro is that macro, as a block.
    fn paragraph(&mut self, frame: Frame) {
        let content = self.finished(frame.inlines);
        let block = match content.as_slice() {
            [Inline::Macro(call)] => Block::Macro(MacroCall {
                place: Place::Block,
                ..call.clone()
            }),
            _ => Block::Paragraph(content),
        };
        self.block(block);
    }

    fn blocks_of(&self, frame: Frame) -> Vec<Block> {
        let mut blocks = frame.blocks;
        if !frame.inlines.is_empty() {
            blocks.push(Block::Plain(self.finished(frame.inlines)));
        }
        blocks
    }

    fn close_list_part(&mut self, kind: Kind, frame: Frame) {
        match kind {
            Kind::List(kind, items) => self.block(Block::List { kind, items }),
            Kind::Definitions(entries) => self.block(Block::Definitions(entries)),
            Kind::Item(task) => {
                let content = self.blocks_of(frame);
                if let Kind::List(_, items) = &mut self.top().kind {
                    items.push(Item { task, content });
                }
            }
            Kind::Term => {
                let term = self.finished(frame.inlines);
                if let Kind::Definitions(entries) = &mut self.top().kind {
                    entries.push(Definition {
                        term,
                        meanings: Vec::new(),
                    });
                }
            }
            _ => {
                let meaning = self.blocks_of(frame);
                if let Kind::Definitions(entries) = &mut self.top().kind
                    && let Some(entry) = entries.last_mut()
                {
                    entry.meanings.push(meaning);
                }
            }
        }
    }

    fn close_table_part(&mut self, kind: Kind, frame: Frame) {
        match kind {
            Kind::Table(table) => self.block(Block::Table(table)),
            Kind::Row(cells) => {
                let Kind::Table(table) = &mut self.top().kind else {
                    return;
                };
                // The head comes first, and exactly once.
                if table.head.is_empty() && table.rows.is_empty() {
                    table.head = cells;
                } else {
                    table.rows.push(cells);
                }
            }
            _ => {
                let cell = self.finished(frame.inlines);
                if let Kind::Row(cells) = &mut self.top().kind {
                    cells.push(cell);
                }
            }
        }
    }

    fn close_inline(&mut self, kind: Kind, inlines: Vec<Inline>) {
        let content = self.finished(inlines);
        let inline = match kind {
            Kind::Emphasis => Inline::Emphasis(content),
            Kind::Strong => Inline::Strong(content),
            Kind::Strikethrough => Inline::Strikethrough(content),
            Kind::Image(source, title) => Inline::Image(Image {
                source,
                alt: plain_text(&content),
                title,
            }),
            Kind::Link(target, title) => {
                self.links -= 1;
                match target {
                    Some(target) => Inline::Link(Link {
                        target,
                        title,
                        content: text::without_links(content),
                    }),
                    // A destination we do not follow: the words stay.
                    None => {
                        return content
                            .into_iter()
                            .for_each(|inline| self.top().inlines.push(inline));
                    }
                }
            }
            _ => return,
        };
        self.inline(inline);
    }
}

impl Frame {
    fn new(kind: Kind) -> Frame {
        Frame {
            kind,
            blocks: Vec::new(),
            inlines: Vec::new(),
            lines: String::new(),
        }
    }
}

fn is_container(tag: &Tag<'_>) -> bool {
    is_block(tag.to_end())
}

fn is_block(end: TagEnd) -> bool {
    !matches!(
        end,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::Link
            | TagEnd::Image
    )
}

fn alert(kind: BlockQuoteKind) -> AlertKind {
    match kind {
        BlockQuoteKind::Note => AlertKind::Note,
        BlockQuoteKind::Tip => AlertKind::Tip,
        BlockQuoteKind::Important => AlertKind::Important,
        BlockQuoteKind::Warning => AlertKind::Warning,
        BlockQuoteKind::Caution => AlertKind::Caution,
    }
}

fn alignment(column: Column) -> Alignment {
    match column {
        Column::None => Alignment::Unset,
        Column::Left => Alignment::Left,
        Column::Center => Alignment::Center,
        Column::Right => Alignment::Right,
    }
}

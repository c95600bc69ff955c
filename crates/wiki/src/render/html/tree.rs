//! Blocks → elements. One function for each kind of block that needs more than a line.
//!
//! Headings of the page get the ids that `segments::headings` gave them; headings inside notes and
//! macros get none, so that an id never stands twice. `notes.rs` numbers and shows the notes.

use super::notes::Notes;
use super::{Piece, Writer};
use crate::PageName;
use crate::markup::walk::{DEEPEST, Node, walk_inlines};
use crate::markup::{AlertKind, Alignment, Block, Definition, Document, Inline, Item, ListKind, Table, Task};
use crate::render::highlight::MOST_WORK;
use crate::render::{Claims, Expansions, Heading, Highlighter, LinkResolver, RawHtml};

/// What rendering a tree depends on.
#[derive(Clone, Copy)]
pub(in crate::render) struct Scene<'a> {
    /// The page on which the tree stands.
    pub page: &'a PageName,
    /// Knows the pages.
    pub resolver: &'a dyn LinkResolver,
    /// Colours code; none for macros' fragments.
    pub highlighter: Option<&'a Highlighter>,
    /// What becomes of HTML that authors typed.
    pub raw_html: RawHtml,
    /// The ids of the headings, in order.
    pub headings: &'a [Heading],
    /// What the page around this one has given away.
    pub around: &'a Claims,
}

/// Writes trees.
pub(in crate::render) struct TreeWriter<'a> {
    pub(super) out: Writer,
    pub(super) scene: Scene<'a>,
    /// What the macros said, where notes among it belong to the page.
    pub(super) answers: Option<&'a Expansions>,
    pub(super) notes: Notes<'a>,
    pub(super) next_heading: Option<usize>,
    /// How much deeper the tree may be.
    pub(super) left: usize,
    /// How much colouring this page may still cost.
    pub(super) colour_left: usize,
}

impl<'a> TreeWriter<'a> {
    pub(in crate::render) fn new(scene: Scene<'a>, out: Writer) -> TreeWriter<'a> {
        TreeWriter {
            out,
            scene,
            answers: None,
            notes: Notes::default(),
            next_heading: None,
            left: DEEPEST,
            colour_left: MOST_WORK,
        }
    }

    /// Writes a page with its notes, those included that macros wrote; says how many they are.
    pub(in crate::render) fn document(
        mut self,
        document: &'a Document,
        answers: &'a Expansions,
    ) -> (Vec<Piece>, usize) {
        self.answers = Some(answers);
        self.notes = Notes::of(document, self.scene.around.notes());
        self.next_heading = Some(0);
        self.blocks(&document.blocks);
        self.footnotes();
        (self.out.finish(), self.notes.count())
    }

    /// Writes blocks without notes.
    pub(in crate::render) fn only_blocks(mut self, blocks: &[Block]) -> Vec<Piece> {
        self.blocks(blocks);
        self.out.finish()
    }

    /// Writes inlines without notes.
    pub(in crate::render) fn only_inlines(mut self, inlines: &[Inline]) -> Vec<Piece> {
        self.inlines(inlines);
        self.out.finish()
    }

    /// Writes the paragraph that a macro alone in its paragraph made.
    pub(in crate::render) fn only_paragraph(mut self, inlines: &[Inline]) -> Vec<Piece> {
        self.paragraph(inlines);
        self.out.finish()
    }

    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        let Some(left) = self.left.checked_sub(1) else {
            return;
        };
        self.left = left;
        for block in blocks {
            self.block(block);
        }
        self.left += 1;
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(content) => self.paragraph(content),
            Block::Plain(content) => self.inlines(content),
            Block::Heading { level, content } => self.heading(*level, content),
            Block::Quote(content) => self.holding("blockquote", None, content),
            Block::Alert { kind, content } => self.alert(*kind, content),
            Block::Code { language, text } => self.code(language.as_deref(), text),
            Block::List { kind, items } => self.list(*kind, items),
            Block::Definitions(entries) => self.definitions(entries),
            Block::Table(table) => self.table(table),
            Block::Rule => {
                self.out.void("hr", &[]);
                self.out.line();
            }
            Block::Macro(call) => self.call(call),
            Block::Form(form) => self.form(form),
            Block::Footnotes => self.footnotes(),
            Block::Section { class, content } => self.holding("div", Some(class), content),
            Block::Navigation { label, content } => {
                self.out.open("nav", &[("aria-label", Some(label))]);
                self.out.line();
                self.blocks(content);
                self.end("nav");
            }
            Block::RawHtml(html) => self.raw_block(html),
        }
    }

    /// A macro may put blocks where it stands, which a `<p>` cannot hold.
    fn paragraph(&mut self, content: &[Inline]) {
        match contains_macro(content) {
            true => {
                self.out.open("div", &[("class", Some("paragraph"))]);
                self.inlines(content);
                self.end("div");
            }
            false => {
                self.out.open("p", &[]);
                self.inlines(content);
                self.end("p");
            }
        }
    }

    pub(super) fn end(&mut self, tag: &'static str) {
        self.out.close(tag);
        self.out.line();
    }

    fn holding(&mut self, tag: &'static str, class: Option<&str>, content: &[Block]) {
        self.out.open(tag, &[("class", class)]);
        self.out.line();
        self.blocks(content);
        self.end(tag);
    }

    fn heading(&mut self, level: u8, content: &[Inline]) {
        const TAGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];
        let at = usize::from(level.clamp(1, 6)) - 1;
        let tag = TAGS.get(at).copied().unwrap_or("h6");
        let headings = self.scene.headings;
        let id = self
            .next_heading
            .and_then(|next| headings.get(next))
            .map(|heading| heading.id.as_str());
        self.next_heading = self.next_heading.map(|next| next + 1);
        self.out.open(tag, &[("id", id)]);
        self.inlines(content);
        self.end(tag);
    }

    fn alert(&mut self, kind: AlertKind, content: &[Block]) {
        let (class, title) = match kind {
            AlertKind::Note => ("alert alert-note", "Note"),
            AlertKind::Tip => ("alert alert-tip", "Tip"),
            AlertKind::Important => ("alert alert-important", "Important"),
            AlertKind::Warning => ("alert alert-warning", "Warning"),
            AlertKind::Caution => ("alert alert-caution", "Caution"),
        };
        self.out
            .open("div", &[("class", Some(class)), ("role", Some("note"))]);
        self.out.line();
        self.out.element("p", &[("class", Some("alert-title"))], title);
        self.out.line();
        self.blocks(content);
        self.end("div");
    }

    fn list(&mut self, kind: ListKind, items: &[Item]) {
        let (tag, start) = match kind {
            ListKind::Bullets => ("ul", None),
            ListKind::Numbers { start: 1 } => ("ol", None),
            ListKind::Numbers { start } => ("ol", Some(start.to_string())),
        };
        self.out.open(tag, &[("start", start.as_deref())]);
        self.out.line();
        items.iter().for_each(|item| self.item(item));
        self.end(tag);
    }

    fn item(&mut self, item: &Item) {
        self.out.open("li", &[("class", item.task.map(|_| "task"))]);
        if let Some(task) = item.task {
            let checked = (task == Task::Done).then_some("");
            let box_ = [
                ("type", Some("checkbox")),
                ("disabled", Some("")),
                ("checked", checked),
            ];
            self.out.void("input", &box_);
            self.out.text(" ");
        }
        self.spread(&item.content);
        self.end("li");
    }

    /// Blocks of which only those after the first begin on a new line of the source.
    fn spread(&mut self, blocks: &[Block]) {
        if !matches!(blocks, [] | [Block::Plain(_), ..]) {
            self.out.line();
        }
        if let [Block::Plain(_), _, ..] = blocks
            && let Some((first, rest)) = blocks.split_first()
        {
            self.block(first);
            self.out.line();
            return self.blocks(rest);
        }
        self.blocks(blocks);
    }

    fn definitions(&mut self, entries: &[Definition]) {
        self.out.open("dl", &[]);
        self.out.line();
        for entry in entries {
            self.out.open("dt", &[]);
            self.inlines(&entry.term);
            self.end("dt");
            for meaning in &entry.meanings {
                self.out.open("dd", &[]);
                self.spread(meaning);
                self.end("dd");
            }
        }
        self.end("dl");
    }

    /// Wide tables scroll by themselves, so that a phone never scrolls the whole page sideways.
    fn table(&mut self, table: &Table) {
        self.out.open("div", &[("class", Some("table-scroll"))]);
        self.out.open("table", &[]);
        self.out.line();
        if !table.head.is_empty() {
            self.out.open("thead", &[]);
            self.row("th", &table.head, &table.alignments);
            self.end("thead");
        }
        if !table.rows.is_empty() {
            self.out.open("tbody", &[]);
            self.out.line();
            for row in &table.rows {
                self.row("td", row, &table.alignments);
                self.out.line();
            }
            self.end("tbody");
        }
        self.out.close("table");
        self.end("div");
    }

    fn row(&mut self, cell: &'static str, cells: &[Vec<Inline>], alignments: &[Alignment]) {
        self.out.open("tr", &[]);
        for (column, content) in cells.iter().enumerate() {
            let class = match alignments.get(column).copied().unwrap_or_default() {
                Alignment::Unset => None,
                Alignment::Left => Some("align-left"),
                Alignment::Center => Some("align-center"),
                Alignment::Right => Some("align-right"),
            };
            self.out.open(cell, &[("class", class)]);
            self.inlines(content);
            self.out.close(cell);
        }
        self.out.close("tr");
    }

    fn raw_block(&mut self, html: &str) {
        match self.scene.raw_html {
            _ if is_comment(html) => {}
            RawHtml::Sanitised => self.out.markup(html),
            RawHtml::ShownAsText => {
                self.out
                    .element("pre", &[("class", Some("raw-html"))], html.trim_end());
                self.out.line();
            }
        }
    }
}

/// Comments are notes among authors; they are not shown even where HTML is shown as text.
pub(super) fn is_comment(html: &str) -> bool {
    let html = html.trim();
    let inner = html
        .strip_prefix("<!--")
        .and_then(|rest| rest.strip_suffix("-->"));
    inner.is_some_and(|inner| !inner.contains("-->"))
}

pub(super) fn contains_macro(inlines: &[Inline]) -> bool {
    let mut found = false;
    walk_inlines(inlines, &mut |node| {
        found |= matches!(node, Node::Inline(Inline::Macro(_)))
    });
    found
}

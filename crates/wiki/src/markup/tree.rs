//! The tree between text and HTML: what a page says, without how it looks.
//!
//! Parsers build it from text, Rust macros build pieces of it with the constructors in `build.rs`
//! (`Inline::text`, `Block::bullets`, …), and `render/html.rs` turns it into HTML, escaping every
//! string on the way. A tree therefore holds plain, unescaped text everywhere; [`Block::RawHtml`]
//! and [`Inline::RawHtml`] hold what an author typed as HTML, trusted by nobody.
//!
//! It does not hold whether a page exists or what a macro says: that is asked at rendering.

use crate::PageName;
use crate::attachment::{FileName, Shows};

/// Blocks and inlines are nested at most this deep by the parsers; what is nested deeper is laid flat.
/// The renderer relies on it for its stack.
pub const MAX_DEPTH: usize = 60;

/// A parsed page or text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// The page from top to bottom.
    pub blocks: Vec<Block>,
    /// The notes, in the order in which they are defined; only those referred to are shown.
    pub footnotes: Vec<Footnote>,
}

/// The text of a footnote.
#[derive(Debug, Clone, PartialEq)]
pub struct Footnote {
    /// What stands in `[^label]`.
    pub label: String,
    /// The note.
    pub content: Vec<Block>,
}

/// A part of a page that begins on a line of its own.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Running text.
    Paragraph(Vec<Inline>),
    /// Text that is not a paragraph of its own: an item of a tight list, a term's short definition.
    Plain(Vec<Inline>),
    /// A heading; ids are given at rendering, where they are made unique.
    Heading {
        /// 1 to 6; others are brought into that range.
        level: u8,
        /// The words.
        content: Vec<Inline>,
    },
    /// A quotation.
    Quote(Vec<Block>),
    /// A coloured box with a title, `> [!NOTE]` in Markdown.
    Alert {
        /// Which box.
        kind: AlertKind,
        /// What stands in it.
        content: Vec<Block>,
    },
    /// Lines shown as they are, highlighted when the language is known.
    Code {
        /// The first word after the fence.
        language: Option<String>,
        /// The lines.
        text: String,
    },
    /// A list.
    List {
        /// Bullets or numbers.
        kind: ListKind,
        /// Its items.
        items: Vec<Item>,
    },
    /// Terms and what they mean.
    Definitions(Vec<Definition>),
    /// A table.
    Table(Table),
    /// A line across the page.
    Rule,
    /// A macro that stands alone in its paragraph.
    Macro(MacroCall),
    /// Blocks under a class, for macros that need a hook for the style sheet.
    Section {
        /// One or more class names of `a-z`, `0-9`, `-` and blanks.
        class: String,
        /// What stands in it.
        content: Vec<Block>,
    },
    /// A navigation region (table of contents, trail).
    Navigation {
        /// What it is called for screen readers.
        label: String,
        /// What stands in it.
        content: Vec<Block>,
    },
    /// A small form that asks for a page.
    Form(Form),
    /// The place for the notes that were referred to above; without it they stand at the page's end.
    Footnotes,
    /// HTML as an author typed it: shown as text, or sanitised where the wiki allows raw HTML.
    RawHtml(String),
}

/// A part of running text.
#[derive(Debug, Clone, PartialEq)]
pub enum Inline {
    /// Words.
    Text(String),
    /// Words in the typewriter face.
    Code(String),
    /// Emphasised.
    Emphasis(Vec<Inline>),
    /// Strongly emphasised.
    Strong(Vec<Inline>),
    /// Struck through.
    Strikethrough(Vec<Inline>),
    /// A link.
    Link(Link),
    /// An image.
    Image(Image),
    /// An attached picture, sound or film, as a macro gives it.
    Embedded(Embedded),
    /// A place that links can lead to.
    Anchor(String),
    /// A point in time, readable by machines.
    Time {
        /// RFC 3339 or a civil date.
        datetime: String,
        /// The same for people.
        text: String,
    },
    /// Inlines under a class, for macros.
    Span {
        /// As for [`Block::Section`].
        class: String,
        /// What stands in it.
        content: Vec<Inline>,
    },
    /// The end of a line in the source; a blank to the reader.
    SoftBreak,
    /// The end of a line that the reader sees.
    LineBreak,
    /// A reference to the footnote with this label.
    FootnoteReference(String),
    /// A footnote written where it is referred to, as a macro gives it.
    Footnote(Vec<Inline>),
    /// A sign that stands for a word.
    Symbol {
        /// The sign.
        sign: String,
        /// The word, for those who do not see it.
        word: String,
    },
    /// A macro inside a line of text.
    Macro(MacroCall),
    /// One HTML tag or comment as an author typed it; see [`Block::RawHtml`].
    RawHtml(String),
}

/// The five boxes GitHub's Markdown knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertKind {
    /// Useful to know.
    Note,
    /// Makes things easier.
    Tip,
    /// Needed to succeed.
    Important,
    /// Needs attention at once.
    Warning,
    /// Has consequences.
    Caution,
}

/// How the items of a list are marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// With bullets.
    Bullets,
    /// With numbers.
    Numbers {
        /// The first number.
        start: u64,
    },
}

/// One item of a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Item {
    /// Set for `- [ ]` and `- [x]`.
    pub task: Option<Task>,
    /// What stands in the item.
    pub content: Vec<Block>,
}

/// The box before a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Still to do.
    Open,
    /// Done.
    Done,
}

/// A term and its definitions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Definition {
    /// What is defined.
    pub term: Vec<Inline>,
    /// One entry for each meaning.
    pub meanings: Vec<Vec<Block>>,
}

/// A table: a head of one row (empty for none) and rows of cells.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// For each column; columns beyond have none.
    pub alignments: Vec<Alignment>,
    /// The cells of the head.
    pub head: Vec<Vec<Inline>>,
    /// The rows below.
    pub rows: Vec<Vec<Vec<Inline>>>,
}

/// How a column is aligned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Alignment {
    /// As the language is written.
    #[default]
    Unset,
    /// To the left.
    Left,
    /// In the middle.
    Center,
    /// To the right.
    Right,
}

/// A link and its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Where to.
    pub target: Target,
    /// Shown when the pointer rests on it.
    pub title: Option<String>,
    /// The words. Links inside are laid flat.
    pub content: Vec<Inline>,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A page of this wiki.
    Page {
        /// As written: `Page`, `/Sub`, `../Sibling`; empty for the page itself.
        name: String,
        /// Without the question mark.
        query: Option<String>,
        /// Without the hash sign.
        anchor: Option<String>,
    },
    /// A file attached to a page.
    Attachment {
        /// The page as in [`Target::Page`]; empty for the page itself.
        page: String,
        /// The file's name.
        file: FileName,
    },
    /// An `http:`, `https:` or `mailto:` address, as written.
    External(String),
    /// An address our own code made: `/path…` on this server or `http(s)://…` of a sibling wiki.
    Address(String),
}

/// A form that asks for a page by its address and changes nothing (`GET`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Which page is asked for: a full name, or empty for the page itself.
    pub page: String,
    /// What is sent along unseen: names and values.
    pub hidden: Vec<(String, String)>,
    /// What the visitor may fill in.
    pub fields: Vec<Field>,
    /// What sends it.
    pub buttons: Vec<Button>,
}

/// Something to be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in the address.
    pub name: String,
    /// What people are asked for.
    pub label: String,
    /// What stands in it at first; of a box, what it says when it is ticked.
    pub value: String,
    /// What it looks like.
    pub kind: FieldKind,
}

/// What a field looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Line,
    /// A box to be ticked.
    Box,
    /// A box that is ticked at first.
    TickedBox,
}

/// A button that sends a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What it says.
    pub label: String,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The address as written.
    pub source: String,
    /// What it shows, for those who do not see it.
    pub alt: String,
    /// Shown when the pointer rests on it.
    pub title: Option<String>,
}

/// A file that stands and that a browser shows. Whoever makes one has asked for both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// The page that has the file.
    pub page: PageName,
    /// The file's name.
    pub file: FileName,
    /// As what it is shown; a text or anything else becomes a link.
    pub shows: Shows,
    /// What it shows or says, for those who do not see or hear it.
    pub alt: String,
    /// In pixels.
    pub width: Option<u32>,
    /// In pixels.
    pub height: Option<u32>,
}

/// `<<Name>>` or `<<Name(arguments)>>` in a page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MacroCall {
    /// The macro's name.
    pub name: String,
    /// What stands between the parentheses; empty without them (see [`MacroCall::has_parentheses`]).
    pub arguments: String,
    /// The whole call as written.
    pub source: String,
    /// Where in the text it stands.
    pub place: Place,
}

impl MacroCall {
    /// Tells `<<Name()>>` from `<<Name>>`: a few macros treat them differently.
    pub fn has_parentheses(&self) -> bool {
        self.source.ends_with(")>>")
    }
}

/// Where a macro stands, and so what it may put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Alone in a paragraph: anything.
    Block,
    /// In running text: anything, best without blocks.
    Inline,
    /// In a link's words or a heading: words only; links and blocks are reduced to their text.
    Label,
}

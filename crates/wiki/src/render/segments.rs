//! Document → [`Rendered`]: finished HTML in as few pieces as possible, and holes.
//!
//! ```text
//! parse_markdown ─► headings ─► Expansions::ask(host) ─► render_segments ─► Rendered ─► cache
//! ```
//!
//! Calls that the host has answered are written into the HTML; the others stay holes. When baked
//! answers have grown to [`BAKED`] bytes, further calls stay holes as well: a macro can always be
//! run at the view, where it is counted and limited.

use std::collections::BTreeSet;

use bytestring::ByteString;

use super::html::{BUDGET, Piece, Scene, TreeWriter, Writer};
use super::{Claims, Expansions, Fragment, Highlighter, LinkResolver, anchor, fragment, sanitize};
use crate::PageName;
use crate::markup::walk::{Node, walk_blocks, walk_inlines};
use crate::markup::{Block, Document, Inline, MacroCall, links, macro_calls, plain_text};

/// How many bytes of HTML baked macros may add to a page.
const BAKED: usize = 1 << 20;

/// A part of a rendered page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Finished HTML.
    Html(ByteString),
    /// A macro speaks here at each view.
    Hole(MacroCall),
}

/// A heading of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its id in the page, what stands behind the `#` of a link.
    pub id: String,
    /// Its words.
    pub text: String,
}

/// A page ready to be viewed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The page from top to bottom; no two pieces of HTML stand beside each other. An empty page is
    /// one piece of nothing.
    pub segments: Vec<Segment>,
    /// Its headings, in order.
    pub headings: Vec<Heading>,
    /// The words of a first-level heading with which the page begins.
    pub title: Option<String>,
    /// The language the page says it is written in; Markdown has no way to say so.
    pub language: Option<String>,
    /// The pages it links to, sorted, each once.
    pub links: Vec<PageName>,
    /// Whether any macro is called on the page, baked or not.
    pub calls_macros: bool,
    /// Whether a baked macro holds only until any page of the wiki changes.
    pub depends_on_pages: bool,
    /// The numbers and ids that it has given away.
    pub claims: Claims,
}

impl Rendered {
    /// Whether a macro has to run at each view.
    pub fn has_holes(&self) -> bool {
        self.segments
            .iter()
            .any(|segment| matches!(segment, Segment::Hole(_)))
    }

    /// The whole page, if no macro has to run for it.
    pub fn html_if_whole(&self) -> Option<&ByteString> {
        match self.segments.as_slice() {
            [Segment::Html(html)] => Some(html),
            _ => None,
        }
    }

    /// About how many bytes it takes in memory, for caches with a limit.
    pub fn weight(&self) -> usize {
        let segment = |segment: &Segment| match segment {
            Segment::Html(html) => html.len(),
            Segment::Hole(call) => 2 * call.source.len() + 100,
        };
        let segments: usize = self.segments.iter().map(segment).sum();
        let headings: usize = self
            .headings
            .iter()
            .map(|heading| heading.id.len() + heading.text.len() + 60)
            .sum();
        segments
            + headings
            + self
                .links
                .iter()
                .map(|link| link.as_str().len() + 40)
                .sum::<usize>()
            + self.claims.weight()
            + 200
    }
}

/// What becomes of HTML that authors type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RawHtml {
    /// It is shown as they typed it.
    ShownAsText,
    /// It is HTML, as far as it is harmless.
    Sanitised,
}

/// What a rendering depends on.
pub struct RenderRequest<'a> {
    /// The parsed text.
    pub document: &'a Document,
    /// The page it stands on.
    pub page: &'a PageName,
    /// Knows the pages.
    pub resolver: &'a dyn LinkResolver,
    /// Colours code blocks.
    pub highlighter: Option<&'a Highlighter>,
    /// Decided by the wiki's configuration.
    pub raw_html: RawHtml,
    /// What the macros said.
    pub expansions: &'a Expansions,
    /// What the page around this one has given away, if it is laid into one.
    pub around: &'a Claims,
}

/// The headings of a page with the ids they will have where `around` is taken. Headings in footnotes are none.
pub fn headings(document: &Document, around: &Claims) -> Vec<Heading> {
    let mut ids = anchor::Ids::beside(around);
    let mut headings = Vec::new();
    walk_blocks(&document.blocks, &mut |node| {
        let Node::Block(Block::Heading { level, content }) = node else {
            return;
        };
        let text = plain_text(content);
        headings.push(Heading {
            level: (*level).clamp(1, 6),
            id: ids.give(&text),
            text,
        });
    });
    headings
}

/// Renders a page.
pub fn render_segments(request: &RenderRequest<'_>) -> Rendered {
    let headings = headings(request.document, request.around);
    let raw = raw_html(request.document);
    let sanitised = request.raw_html == RawHtml::Sanitised
        && !raw.is_empty()
        && !sanitize::is_excessive(raw.iter().map(String::as_str));
    let raw_html = if sanitised {
        RawHtml::Sanitised
    } else {
        RawHtml::ShownAsText
    };
    let scene = Scene {
        page: request.page,
        resolver: request.resolver,
        highlighter: request.highlighter,
        raw_html,
        headings: &headings,
        around: request.around,
    };
    let seal = sanitised.then(|| sanitize::seal(request.document));
    let tree = TreeWriter::new(scene, Writer::new(BUDGET, seal.clone()));
    let (pieces, notes) = tree.document(request.document, request.expansions);
    let pieces = match &seal {
        Some(seal) => sanitize::page(pieces, seal),
        None => pieces,
    };
    let scene = Scene {
        headings: &[],
        raw_html: RawHtml::ShownAsText,
        ..scene
    };
    let segments = bake(pieces, request.expansions, scene);
    Rendered {
        calls_macros: !macro_calls(request.document).is_empty(),
        segments,
        title: title(request.document),
        language: None,
        links: links(request.document, request.page),
        depends_on_pages: request.expansions.depend_on_pages(),
        claims: Claims::of(notes, ids(request, &headings)),
        headings,
    }
}

/// The ids of headings and of anchors that macros set, those left to the page around this one excepted.
fn ids(request: &RenderRequest<'_>, headings: &[Heading]) -> BTreeSet<String> {
    let mut ids: BTreeSet<String> = headings.iter().map(|heading| heading.id.clone()).collect();
    for call in macro_calls(request.document) {
        if let Some(Fragment::Inline(inlines)) = request.expansions.fragment(&call) {
            walk_inlines(inlines, &mut |node| {
                if let Node::Inline(Inline::Anchor(name)) = node {
                    ids.insert(anchor::of_anchor(name));
                }
            });
        }
    }
    ids.retain(|id| !id.is_empty() && !request.around.has(id));
    ids
}

/// The HTML that authors typed.
fn raw_html(document: &Document) -> Vec<String> {
    let mut raw = Vec::new();
    let mut note = |node: Node<'_>| match node {
        Node::Block(Block::RawHtml(html)) | Node::Inline(Inline::RawHtml(html)) => raw.push(html.clone()),
        _ => {}
    };
    walk_blocks(&document.blocks, &mut note);
    for footnote in &document.footnotes {
        walk_blocks(&footnote.content, &mut note);
    }
    raw
}

fn title(document: &Document) -> Option<String> {
    match document.blocks.first() {
        Some(Block::Heading { level: 1, content }) => Some(plain_text(content)),
        _ => None,
    }
}

/// Writes the answered calls into the HTML around them.
fn bake(pieces: Vec<Piece>, expansions: &Expansions, scene: Scene<'_>) -> Vec<Segment> {
    let mut joined = Joined::default();
    let mut left = BAKED;
    for piece in pieces {
        let Piece::Call(call) = &piece else {
            joined.add(piece);
            continue;
        };
        let Some(fragment) = expansions.fragment(call).filter(|_| left > 0) else {
            joined.add(piece);
            continue;
        };
        let baked = fragment::pieces(fragment, call.place, scene, BUDGET);
        let size: usize = baked.iter().map(size).sum();
        match left.checked_sub(size) {
            Some(less) => {
                left = less;
                baked.into_iter().for_each(|piece| joined.add(piece));
            }
            None => {
                left = 0;
                joined.add(piece);
            }
        }
    }
    joined.finish()
}

fn size(piece: &Piece) -> usize {
    match piece {
        Piece::Html(html) => html.len(),
        Piece::Call(call) => call.source.len() + 64,
    }
}

/// Segments in which no two pieces of HTML stand beside each other.
#[derive(Default)]
struct Joined {
    segments: Vec<Segment>,
    html: String,
}

impl Joined {
    fn add(&mut self, piece: Piece) {
        match piece {
            Piece::Html(html) if self.html.is_empty() => self.html = html,
            Piece::Html(html) => self.html.push_str(&html),
            Piece::Call(call) => {
                self.flush();
                self.segments.push(Segment::Hole(call));
            }
        }
    }

    fn flush(&mut self) {
        if !self.html.is_empty() {
            self.segments
                .push(Segment::Html(std::mem::take(&mut self.html).into()));
        }
    }

    fn finish(mut self) -> Vec<Segment> {
        self.flush();
        if self.segments.is_empty() {
            self.segments.push(Segment::Html(ByteString::new()));
        }
        self.segments
    }
}

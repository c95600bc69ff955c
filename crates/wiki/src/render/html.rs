//! The one place that writes `<`. Tags and attribute names are constants of this crate, every
//! attribute value and every text is escaped here, and elements are closed by whoever opened them.
//!
//! It writes no inline style, no script and no event handler, so pages need neither in their
//! Content-Security-Policy. It does not know what a page means: `html/tree.rs` walks the tree,
//! `html/code.rs` shows code, `html/notes.rs` the notes. What it writes stops growing at a [budget](BUDGET).

mod code;
mod forms;
mod inlines;
mod notes;
mod tree;

use crate::markup::MacroCall;

pub(super) use tree::{Scene, TreeWriter};

/// The most bytes of HTML that one page may become: what a megabyte of nothing but `"` would be. It is
/// made, coded and sent for each visitor; what is beyond is left out and a sentence says so.
pub(super) const BUDGET: usize = 6 << 20;

/// A part of a rendering.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    /// Finished HTML.
    Html(String),
    /// A macro speaks here.
    Call(MacroCall),
}

/// Attributes in the order in which they are written; `None` leaves one out.
pub(super) type Attributes<'a> = &'a [(&'static str, Option<&'a str>)];

/// Collects HTML and macro calls.
pub(super) struct Writer {
    pieces: Vec<Piece>,
    html: String,
    written: usize,
    budget: usize,
    /// Elements that were opened after the budget was spent: neither they nor their ends are written.
    skipped: usize,
    /// Marks the classes and ids that we write; see `sanitize.rs`.
    seal: Option<String>,
}

impl Writer {
    pub(super) fn new(budget: usize, seal: Option<String>) -> Writer {
        Writer {
            pieces: Vec::new(),
            html: String::new(),
            written: 0,
            budget,
            skipped: 0,
            seal,
        }
    }

    /// Begins an element.
    pub(super) fn open(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        if self.is_spent() || self.skipped > 0 {
            self.skipped += 1;
            return;
        }
        self.tag(tag, attributes);
    }

    /// Ends an element.
    pub(super) fn close(&mut self, tag: &'static str) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        let start = self.html.len();
        self.html.push_str("</");
        self.html.push_str(tag);
        self.html.push('>');
        self.written += self.html.len() - start;
    }

    /// Writes an element that has no content.
    pub(super) fn void(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        if !self.is_spent() {
            self.tag(tag, attributes);
        }
    }

    /// Writes an element that holds words only.
    pub(super) fn element(&mut self, tag: &'static str, attributes: Attributes<'_>, words: &str) {
        self.open(tag, attributes);
        self.text(words);
        self.close(tag);
    }

    /// Writes words.
    pub(super) fn text(&mut self, words: &str) {
        if self.is_spent() {
            return;
        }
        let start = self.html.len();
        escape(words, IN_TEXT, &mut self.html);
        self.written += self.html.len() - start;
    }

    /// Ends a line, so that people can read the source of a page.
    pub(super) fn line(&mut self) {
        if !self.is_spent() {
            self.html.push('\n');
            self.written += 1;
        }
    }

    /// Writes HTML that was sanitised or made by this module before, or that will be sanitised as a
    /// whole (`sanitize::page`).
    pub(super) fn markup(&mut self, html: &str) {
        if self.written.saturating_add(html.len()) > self.budget {
            self.written = self.budget;
            return;
        }
        self.html.push_str(html);
        self.written += html.len();
    }

    /// Leaves the place to a macro.
    pub(super) fn call(&mut self, call: MacroCall) {
        if self.is_spent() {
            return;
        }
        // A page of a million `<<A>>` is a million holes to fill at each view.
        self.written += 64;
        self.flush();
        self.pieces.push(Piece::Call(call));
    }

    /// Everything that was written, with a sentence at the end if it was not everything.
    pub(super) fn finish(mut self) -> Vec<Piece> {
        if self.is_spent() {
            self.budget = usize::MAX;
            self.element(
                "p",
                &[("class", Some("too-long"))],
                "The rest of this page is too long to be shown.",
            );
        }
        self.flush();
        self.pieces
    }

    pub(super) fn is_spent(&self) -> bool {
        self.written >= self.budget
    }

    fn flush(&mut self) {
        if !self.html.is_empty() {
            self.pieces.push(Piece::Html(std::mem::take(&mut self.html)));
        }
    }

    fn tag(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        let start = self.html.len();
        self.html.push('<');
        self.html.push_str(tag);
        for (name, value) in attributes {
            let Some(value) = value else { continue };
            self.html.push(' ');
            self.html.push_str(name);
            self.html.push_str("=\"");
            if let (Some(seal), "class" | "id") = (&self.seal, *name) {
                self.html.push_str(seal);
                self.html.push(':');
            }
            escape(value, IN_ATTRIBUTE, &mut self.html);
            self.html.push('"');
        }
        self.html.push('>');
        self.written += self.html.len() - start;
    }
}

/// What means something between tags.
const IN_TEXT: &[char] = &['<', '>', '&', '\0'];
/// What means something in an attribute; we quote with `"`, and `'` is escaped to be safe anywhere.
const IN_ATTRIBUTE: &[char] = &['<', '>', '&', '"', '\'', '\0'];

/// Writes `text` so that it is only text where `special` characters mean something.
fn escape(text: &str, special: &[char], html: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(special) {
        let (plain, found) = rest.split_at(at);
        html.push_str(plain);
        html.push_str(match found.as_bytes().first() {
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            Some(b'&') => "&amp;",
            Some(b'"') => "&quot;",
            Some(b'\'') => "&#39;",
            _ => "\u{FFFD}",
        });
        rest = found.get(1..).unwrap_or_default();
    }
    html.push_str(rest);
}

#[cfg(test)]
#[path = "html/tests.rs"]
mod tests;

//! Notes: numbered in the order in which they are referred to, shown at the page's end or where the page
//! has a place for them.
//!
//! Notes come from Markdown (`[^label]`) and from macros that write a note where it is referred to; both
//! are numbered together. A macro's note is found in what the macros said *before* the page is written,
//! because only the page's own writer can number it. In a fragment of its own a note stands in parentheses.

use std::collections::HashMap;

use super::tree::{TreeWriter, contains_macro};
use crate::markup::{Block, Document, Inline, MacroCall, Place};
use crate::render::Fragment;

/// A note that is referred to everywhere needs no thousand ways back.
const WAYS_BACK: usize = 10;

/// The notes of a page, as far as it was written.
#[derive(Default)]
pub(super) struct Notes<'a> {
    /// So many notes has the page around this one.
    before: usize,
    contents: Vec<Content<'a>>,
    by_key: HashMap<Key, usize>,
    /// Numbers of the notes referred to so far: note → (number, references).
    numbers: HashMap<usize, (usize, usize)>,
    order: Vec<usize>,
    shown: usize,
    /// Notes are being shown: a place for notes inside a note is none.
    showing: bool,
}

/// How a note is found again.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    /// By a label, whose case does not count.
    Label(String),
    /// By a macro's arguments: the same words are the same note.
    Written(String),
}

/// What a note says.
#[derive(Clone, Copy)]
enum Content<'a> {
    Blocks(&'a [Block]),
    Words(&'a [Inline]),
}

/// What a macro said, as far as it is about notes.
enum Spoken<'a> {
    Note(&'a [Inline]),
    PlaceForNotes,
}

impl<'a> Notes<'a> {
    /// The notes that a document defines; none is referred to yet. Numbers go on from those `before`.
    pub(super) fn of(document: &'a Document, before: usize) -> Notes<'a> {
        let mut notes = Notes {
            before,
            ..Notes::default()
        };
        for note in &document.footnotes {
            notes.define(
                Key::Label(note.label.to_lowercase()),
                Content::Blocks(&note.content),
            );
        }
        notes
    }

    /// Which note it is; the first definition counts.
    fn define(&mut self, key: Key, content: Content<'a>) -> usize {
        let next = self.contents.len();
        let note = *self.by_key.entry(key).or_insert(next);
        if note == next {
            self.contents.push(content);
        }
        note
    }

    /// The number of the note and which reference to it this is.
    fn refer(&mut self, note: usize) -> (usize, usize) {
        let last = self.before + self.order.len();
        let (number, references) = self.numbers.entry(note).or_insert((last + 1, 0));
        *references += 1;
        if *number > last {
            self.order.push(note);
        }
        (*number, *references)
    }

    /// The next note that was referred to and not shown: its number and itself.
    fn next(&mut self) -> Option<(usize, usize)> {
        let note = *self.order.get(self.shown)?;
        self.shown += 1;
        Some((self.before + self.shown, note))
    }

    /// How many were referred to.
    pub(super) fn count(&self) -> usize {
        self.order.len()
    }
}

impl<'a> TreeWriter<'a> {
    /// Leaves the place to a macro, unless what it said is a note of this page.
    pub(super) fn call(&mut self, call: &MacroCall) {
        let answer = self.answers.and_then(|answers| answers.fragment(call));
        match answer.and_then(spoken) {
            Some(Spoken::Note(words)) if call.place != Place::Label => {
                let key = Key::Written(call.arguments.clone());
                let note = self.notes.define(key, Content::Words(words));
                self.reference(note);
            }
            Some(Spoken::PlaceForNotes) if call.place != Place::Label => self.footnotes(),
            _ => self.out.call(call.clone()),
        }
    }

    /// `[^label]` in the text.
    pub(super) fn footnote_reference(&mut self, label: &str) {
        let note = self.notes.by_key.get(&Key::Label(label.to_lowercase()));
        match note.copied() {
            Some(note) => self.reference(note),
            None => self.out.text(&format!("[^{label}]")),
        }
    }

    /// A note that belongs to no page.
    pub(super) fn note_aside(&mut self, words: &[Inline]) {
        self.out.open("span", &[("class", Some("note-aside"))]);
        self.out.text("(");
        self.inlines(words);
        self.out.text(")");
        self.out.close("span");
    }

    /// Shows the notes that were referred to and stand nowhere yet.
    pub(super) fn footnotes(&mut self) {
        if self.notes.showing || self.notes.shown == self.notes.order.len() {
            return;
        }
        self.notes.showing = true;
        let headings = self.next_heading.take();
        self.out.open(
            "section",
            &[("class", Some("footnotes")), ("aria-label", Some("Footnotes"))],
        );
        let first = self.notes.before + self.notes.shown + 1;
        let start = (first > 1).then(|| first.to_string());
        self.out.open("ol", &[("start", start.as_deref())]);
        self.out.line();
        // A note may refer to further notes, which then stand behind it.
        while let Some((number, note)) = self.notes.next() {
            self.footnote(number, note);
        }
        self.out.close("ol");
        self.end("section");
        self.next_heading = headings;
        self.notes.showing = false;
    }

    fn reference(&mut self, note: usize) {
        let (number, reference) = self.notes.refer(note);
        let target = format!("#fn:{number}");
        let id = reference_id(number, reference);
        self.out.open("sup", &[("class", Some("footnote-ref"))]);
        self.out.element(
            "a",
            &[("href", Some(&target)), ("id", Some(&id))],
            &number.to_string(),
        );
        self.out.close("sup");
    }

    fn footnote(&mut self, number: usize, note: usize) {
        self.out.open("li", &[("id", Some(&format!("fn:{number}")))]);
        match self.notes.contents.get(note).copied() {
            Some(Content::Blocks([before @ .., Block::Paragraph(last) | Block::Plain(last)])) => {
                self.blocks(before);
                self.last_line(number, note, last);
            }
            Some(Content::Blocks(blocks)) => {
                self.blocks(blocks);
                self.ways_back(number, note);
            }
            Some(Content::Words(words)) => self.last_line(number, note, words),
            None => {}
        }
        self.end("li");
    }

    /// The ways back stand in the note's last line.
    fn last_line(&mut self, number: usize, note: usize, words: &[Inline]) {
        let tag = if contains_macro(words) { "div" } else { "p" };
        self.out
            .open(tag, &[("class", (tag == "div").then_some("paragraph"))]);
        self.inlines(words);
        self.ways_back(number, note);
        self.out.close(tag);
    }

    fn ways_back(&mut self, number: usize, note: usize) {
        let references = self
            .notes
            .numbers
            .get(&note)
            .map_or(0, |(_, references)| *references);
        for reference in 1..=references.min(WAYS_BACK) {
            let target = format!("#{}", reference_id(number, reference));
            self.out.text(" ");
            let attributes = [
                ("href", Some(target.as_str())),
                ("class", Some("footnote-back")),
                ("aria-label", Some("Back to the text")),
            ];
            self.out.element("a", &attributes, "↩");
        }
    }
}

fn spoken(fragment: &Fragment) -> Option<Spoken<'_>> {
    match fragment {
        Fragment::Inline(inlines) => match inlines.as_slice() {
            [Inline::Footnote(words)] => Some(Spoken::Note(words)),
            _ => None,
        },
        Fragment::Blocks(blocks) => match blocks.as_slice() {
            [Block::Footnotes] => Some(Spoken::PlaceForNotes),
            _ => None,
        },
        Fragment::Html(_) => None,
    }
}

/// The id of a reference to a note.
fn reference_id(number: usize, reference: usize) -> String {
    match reference {
        1 => format!("fnref:{number}"),
        _ => format!("fnref:{number}-{reference}"),
    }
}

#[cfg(test)]
#[path = "notes_tests.rs"]
mod tests;

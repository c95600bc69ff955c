//! Takes macros and wiki links out of a source and leaves placeholders: two private-use characters
//! around a number, which Markdown treats like a word.
//!
//! Authors may type those two characters themselves, also as `&#x10FFFD;`; both are stashed as
//! well, so a placeholder in the text is always ours. Equal sources share a number: a page of a
//! thousand `<<BR>>` has one entry, and placeholders cannot make a page grow.
//! `\<<Name>>` and `\[[Page]]` say that no macro and no link is meant.

use std::collections::HashMap;
use std::ops::Range;

use super::scan::Scanner;

/// Opens a placeholder. The last code points of plane 16 are assigned to nobody for ever.
const OPEN: char = '\u{10FFFD}';
/// Closes a placeholder.
const CLOSE: char = '\u{10FFFC}';

/// The ways to write [`OPEN`] and [`CLOSE`] as an entity; more digits are none to CommonMark.
const ENTITIES: [&str; 4] = ["&#x10fffd;", "&#x10fffc;", "&#1114109;", "&#1114108;"];

/// What was taken out of a source.
#[derive(Default)]
pub struct Stash<'a> {
    entries: Vec<Stashed<'a>>,
}

/// One thing taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stashed<'a> {
    /// A macro call.
    Macro {
        source: &'a str,
        name: &'a str,
        arguments: &'a str,
    },
    /// A wiki link.
    Link {
        source: &'a str,
        target: &'a str,
        text: Option<&'a str>,
    },
    /// Something that must not be parsed: `shown` in running text, `source` in code.
    Literal { source: &'a str, shown: &'a str },
}

/// A piece of a text with placeholders.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'t, 's> {
    /// Ordinary text.
    Text(&'t str),
    /// What stood there.
    Stashed(Stashed<'s>),
}

impl<'a> Stash<'a> {
    /// Replaces what must be kept from Markdown in `source`; `code` says where code stands, in
    /// which nothing is recognised, and `surplus` where a character must not be a marker.
    pub fn take_from(source: &'a str, code: &[Range<usize>], surplus: &[usize]) -> (String, Stash<'a>) {
        let mut taker = Taker {
            source,
            scanner: Scanner::new(source),
            numbers: HashMap::new(),
            stash: Stash::default(),
            text: String::with_capacity(source.len()),
            copied: 0,
        };
        taker.run(code, surplus);
        (taker.text, taker.stash)
    }

    /// Splits a text at its placeholders.
    pub fn split<'t>(&self, text: &'t str) -> Vec<Piece<'t, 'a>> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, stashed, after)) = self.first_placeholder(rest) {
            if !before.is_empty() {
                pieces.push(Piece::Text(before));
            }
            pieces.push(Piece::Stashed(stashed));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest));
        }
        pieces
    }

    /// The text as it was typed.
    pub fn restore(&self, text: &str) -> String {
        if !text.contains(OPEN) {
            return text.to_owned();
        }
        let source = |piece| match piece {
            Piece::Text(text) => text,
            Piece::Stashed(
                Stashed::Macro { source, .. }
                | Stashed::Link { source, .. }
                | Stashed::Literal { source, .. },
            ) => source,
        };
        self.split(text).into_iter().map(source).collect()
    }

    fn first_placeholder<'t>(&self, text: &'t str) -> Option<(&'t str, Stashed<'a>, &'t str)> {
        let (before, rest) = text.split_once(OPEN)?;
        let (number, after) = rest.split_once(CLOSE)?;
        let stashed = self.entries.get(number.parse::<usize>().ok()?)?;
        Some((before, *stashed, after))
    }
}

struct Taker<'a> {
    source: &'a str,
    scanner: Scanner<'a>,
    numbers: HashMap<&'a str, usize>,
    stash: Stash<'a>,
    text: String,
    /// Up to here the source stands in `text`.
    copied: usize,
}

impl<'a> Taker<'a> {
    fn run(&mut self, code: &[Range<usize>], surplus: &[usize]) {
        let mut code = code.iter().peekable();
        let mut surplus = surplus.iter().copied().peekable();
        let mut at = 0;
        loop {
            while surplus.next_if(|place| *place < at).is_some() {}
            let marker = surplus.peek().copied();
            let Some(found) = self.next_candidate(at).into_iter().chain(marker).min() else {
                break;
            };
            while code.next_if(|range| range.end <= found).is_some() {}
            let next_code = code.peek().map(|range| (*range).clone());
            let in_code = next_code.as_ref().is_some_and(|range| range.contains(&found));
            let taken = match in_code {
                _ if marker == Some(found) => Ok(self.character(found)),
                true => self.private_use(found).ok_or(found + 1),
                false => self.recognise(found, next_code),
            };
            at = match taken {
                Ok((stashed, end)) => self.replace(found..end, stashed),
                Err(next) => next,
            };
        }
        self.copy_up_to(self.source.len());
    }

    /// One ASCII character as nothing but itself.
    fn character(&self, at: usize) -> (Stashed<'a>, usize) {
        let source = self.source.get(at..at + 1).unwrap_or_default();
        (
            Stashed::Literal {
                source,
                shown: source,
            },
            at + 1,
        )
    }

    /// The next character that may begin something.
    fn next_candidate(&self, at: usize) -> Option<usize> {
        let begins = |byte: &u8| matches!(byte, b'<' | b'[' | b'\\' | b'&' | 0xF4);
        let rest = self.source.as_bytes().get(at..)?;
        rest.iter().position(begins).map(|offset| at + offset)
    }

    /// What begins at `at` and where it ends, or where to go on.
    fn recognise(&mut self, at: usize, code: Option<Range<usize>>) -> Result<(Stashed<'a>, usize), usize> {
        let rest = self.source.get(at..).unwrap_or_default();
        if rest.starts_with('\\') {
            return self.escaped(at);
        }
        if let Some(found) = self.scanner.macro_at(at) {
            let source = self.source.get(at..found.end).unwrap_or_default();
            return Ok((
                Stashed::Macro {
                    source,
                    name: found.name,
                    arguments: found.arguments,
                },
                found.end,
            ));
        }
        if let Some(found) = self.scanner.link_at(at) {
            // A code span that begins in the link and ends behind it was meant as code.
            let torn = code.is_some_and(|range| range.start < found.end && range.end > found.end);
            let source = self.source.get(at..found.end).unwrap_or_default();
            let link = Stashed::Link {
                source,
                target: found.target,
                text: found.text,
            };
            return if torn { Err(at + 1) } else { Ok((link, found.end)) };
        }
        if let Some(end) = self.end_of_no_macro(at, rest) {
            let source = self.source.get(at..end).unwrap_or_default();
            return Ok((
                Stashed::Literal {
                    source,
                    shown: source,
                },
                end,
            ));
        }
        self.private_use(at).ok_or(at + 1)
    }

    /// Where a `<<` ends that begins no macro. What follows it is words to be seen, and no HTML tag
    /// `<a b>` to be dropped.
    fn end_of_no_macro(&mut self, at: usize, rest: &str) -> Option<usize> {
        let end = at + rest.bytes().take_while(|byte| *byte == b'<').count();
        let last = end.checked_sub(2).filter(|last| *last >= at)?;
        Some(match self.scanner.macro_at(last) {
            Some(_) => last,
            None => end,
        })
    }

    /// `\<<Name>>` and `\[[Page]]`, shown without the backslash.
    fn escaped(&mut self, at: usize) -> Result<(Stashed<'a>, usize), usize> {
        let end = match self.scanner.macro_at(at + 1) {
            Some(found) => Some(found.end),
            None => self.scanner.link_at(at + 1).map(|found| found.end),
        };
        let Some(end) = end else {
            let next = self.source.get(at + 1..).and_then(|rest| rest.chars().next());
            // An escaped backslash escapes nothing.
            return Err(if next == Some('\\') { at + 2 } else { at + 1 });
        };
        let source = self.source.get(at..end).unwrap_or_default();
        let shown = self.source.get(at + 1..end).unwrap_or_default();
        Ok((Stashed::Literal { source, shown }, end))
    }

    /// A character of our own placeholders, typed by the author.
    fn private_use(&self, at: usize) -> Option<(Stashed<'a>, usize)> {
        let rest = self.source.get(at..)?;
        let typed = rest.chars().next().filter(|c| matches!(*c, OPEN | CLOSE));
        let length = match typed {
            Some(character) => character.len_utf8(),
            None => {
                let is = |entity: &&&str| {
                    rest.get(..10)
                        .is_some_and(|head| head.eq_ignore_ascii_case(entity))
                };
                ENTITIES.iter().find(is).map(|entity| entity.len())?
            }
        };
        // Shown as the replacement character: a finished text never holds a placeholder's characters.
        Some((
            Stashed::Literal {
                source: rest.get(..length)?,
                shown: "\u{FFFD}",
            },
            at + length,
        ))
    }

    fn replace(&mut self, range: Range<usize>, stashed: Stashed<'a>) -> usize {
        self.copy_up_to(range.start);
        let source = self.source.get(range.clone()).unwrap_or_default();
        let entries = &mut self.stash.entries;
        let number = *self.numbers.entry(source).or_insert_with(|| {
            entries.push(stashed);
            entries.len() - 1
        });
        self.text.push(OPEN);
        self.text.push_str(&number.to_string());
        self.text.push(CLOSE);
        self.copied = range.end;
        range.end
    }

    fn copy_up_to(&mut self, end: usize) {
        self.text
            .push_str(self.source.get(self.copied..end).unwrap_or_default());
        self.copied = end;
    }
}

#[cfg(test)]
#[path = "stash_tests.rs"]
mod tests;

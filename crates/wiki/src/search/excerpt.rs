//! The lines around what was found, with the found words marked.
//!
//! An excerpt is plain text in spans; who shows it escapes it. It is cut at words, blanks and line ends
//! become one blank, "…" stands where the text goes on, and few excerpts of a page are made however often
//! something was found.
//! Start at [`excerpts_of`].

use std::ops::{ControlFlow, Range};

use super::matcher::Matcher;
use super::pattern::{Meter, OutOfTime};

/// So many excerpts of one page are shown.
const MOST: usize = 3;

/// So many places of one pattern are looked at.
const LOOKED_AT: usize = 40;

/// A cut moves by so many bytes at most to find the end of a word.
const WORD: usize = 24;

/// A piece of text that was found, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The words.
    pub text: String,
    /// Whether they were looked for.
    pub standing: Standing,
}

/// Whether a span was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was found.
    Found,
    /// It stands around what was found.
    Around,
}

/// A few words of a page, in order.
pub type Excerpt = Vec<Span>;

/// The excerpts of a text, each about `length` bytes long; its beginning if nothing in it is to be marked.
pub(super) fn excerpts_of(
    matcher: &Matcher,
    text: &str,
    length: usize,
    meter: &Meter,
) -> Result<Vec<Excerpt>, OutOfTime> {
    let mut places = Vec::new();
    for pattern in matcher.marked_in_text() {
        let mut seen = 0;
        pattern.places_in_text(text, meter, |place| {
            seen += 1;
            if !place.is_empty() {
                places.push(place);
            }
            match seen < LOOKED_AT {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        })?;
    }
    let places = joined(places);
    let windows = match places.is_empty() {
        true => vec![beginning(text, length)],
        false => windows_around(&places, text, length),
    };
    Ok(windows
        .into_iter()
        .map(|window| (spans(text, window.clone(), &places), window))
        .filter(|(excerpt, _)| !excerpt.is_empty())
        .map(|(excerpt, window)| with_dots(excerpt, text, &window))
        .collect())
}

/// The excerpt with "…" on the sides where words were left out.
fn with_dots(mut excerpt: Excerpt, text: &str, window: &Range<usize>) -> Excerpt {
    let has_words = |rest: Option<&str>| rest.is_some_and(|rest| !rest.trim().is_empty());
    let dots = |text: &str| Span {
        text: text.to_owned(),
        standing: Standing::Around,
    };
    if has_words(text.get(..window.start)) {
        excerpt.insert(0, dots("… "));
    }
    if has_words(text.get(window.end..)) {
        excerpt.push(dots(" …"));
    }
    excerpt
}

/// A name with what was found in it.
pub(super) fn marked_name(name: &str, places: Vec<Range<usize>>) -> Vec<Span> {
    spans(name, 0..name.len(), &joined(places))
}

/// In order, those that touch as one.
fn joined(mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.sort_by_key(|place| (place.start, place.end));
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(places.len());
    for place in places {
        match apart.last_mut() {
            Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
            _ => apart.push(place),
        }
    }
    apart
}

fn beginning(text: &str, length: usize) -> Range<usize> {
    0..word_end(text, length.min(text.len()))
}

/// The first few stretches of text with something found in them.
fn windows_around(places: &[Range<usize>], text: &str, length: usize) -> Vec<Range<usize>> {
    let mut windows: Vec<Range<usize>> = Vec::new();
    for place in places {
        if windows.last().is_some_and(|last| place.start < last.end) {
            continue;
        }
        if windows.len() == MOST {
            break;
        }
        let before = length / 3;
        let start = word_start(text, place.start.saturating_sub(before));
        let start = windows.last().map_or(start, |last| start.max(last.end));
        let end = (start + length)
            .max(place.start.saturating_add(WORD))
            .min(text.len());
        windows.push(start..word_end(text, end));
    }
    windows
}

/// The beginning of the word at a place, or the next character after a very long one.
fn word_start(text: &str, at: usize) -> usize {
    let at = text.ceil_char_boundary(at);
    let from = text.floor_char_boundary(at.saturating_sub(WORD));
    let before = text.get(from..at).unwrap_or_default();
    match before.rfind(char::is_whitespace) {
        Some(blank) => from + blank,
        None if from == 0 => 0,
        None => at,
    }
}

fn word_end(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    let behind = text.get(at..).unwrap_or_default();
    let near = behind.get(..behind.floor_char_boundary(WORD)).unwrap_or_default();
    match near.find(char::is_whitespace) {
        Some(blank) => at + blank,
        None if near.len() == behind.len() => text.len(),
        None => at,
    }
}

fn spans(text: &str, window: Range<usize>, places: &[Range<usize>]) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = window.start;
    for place in places {
        let (start, end) = (place.start.max(at), place.end.min(window.end));
        if start >= end {
            continue;
        }
        push(&mut spans, text, at..start, Standing::Around);
        push(&mut spans, text, start..end, Standing::Found);
        at = end;
    }
    push(&mut spans, text, at..window.end, Standing::Around);
    trim(&mut spans);
    spans
}

fn push(spans: &mut Vec<Span>, text: &str, range: Range<usize>, standing: Standing) {
    let piece = text.get(range).unwrap_or_default();
    let mut words = String::with_capacity(piece.len());
    for c in piece.chars() {
        match c.is_whitespace() || c.is_control() {
            true if words.ends_with(' ') => {}
            true => words.push(' '),
            false => words.push(c),
        }
    }
    if !words.is_empty() {
        spans.push(Span {
            text: words,
            standing,
        });
    }
}

fn trim(spans: &mut Vec<Span>) {
    if let Some(first) = spans.first_mut() {
        first.text = first.text.trim_start().to_owned();
    }
    if let Some(last) = spans.last_mut() {
        last.text = last.text.trim_end().to_owned();
    }
    spans.retain(|span| !span.text.is_empty());
}

#[cfg(test)]
#[path = "excerpt_tests.rs"]
mod tests;

//! Patterns that people typed, compiled: words and regular expressions.
//!
//! The engine needs linear time whatever the expression and refuses those that would take much memory. It
//! cannot be interrupted, so an expression is matched line by line, and of an endless line piece by piece;
//! [`Meter`] ends the work between two pieces. Words of a phrase may stand on two lines.
//! Start at [`Pattern::compile`].

use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::time::Duration;

use regex::{Regex, RegexBuilder};

use super::parse::QueryError;
use super::query::{Case, Reading, Term};
use crate::underlay::MonotonicClock;

/// So much memory a compiled expression may take.
const COMPILED_BYTES: usize = 1 << 18;

/// So much its caches may take while it is matched.
const CACHE_BYTES: usize = 1 << 20;

/// A longer line is looked at in pieces of this length: the worst expression needs a quarter of a second
/// for one.
const LONGEST_PIECE: usize = 8 * 1024;

/// A term's pattern, ready to match.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    regex: Regex,
    reading: Reading,
}

/// The time that a search may take, and whether it is over.
#[derive(Clone)]
pub(super) struct Meter {
    clock: Arc<dyn MonotonicClock>,
    end: Duration,
}

/// The time of the search is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OutOfTime;

impl Meter {
    pub(super) fn starting_now(clock: Arc<dyn MonotonicClock>, time: Duration) -> Meter {
        let end = clock.elapsed().saturating_add(time);
        Meter { clock, end }
    }

    pub(super) fn check(&self) -> Result<(), OutOfTime> {
        match self.clock.elapsed() < self.end {
            true => Ok(()),
            false => Err(OutOfTime),
        }
    }
}

impl Pattern {
    pub(super) fn compile(term: &Term) -> Result<Pattern, QueryError> {
        let written = match term.reading {
            Reading::Expression => term.pattern.clone(),
            Reading::Words => phrase(&term.pattern),
        };
        Pattern::build(term, &written)
    }

    /// The same for the whole of a name.
    pub(super) fn compile_whole(term: &Term) -> Result<Pattern, QueryError> {
        let written = match term.reading {
            Reading::Expression => format!("^(?:{})$", term.pattern),
            Reading::Words => format!("^{}$", phrase(term.pattern.trim())),
        };
        // Else `a)|(b` would be an expression as a part and none by itself.
        Pattern::compile(term)?;
        Pattern::build(term, &written)
    }

    fn build(term: &Term, written: &str) -> Result<Pattern, QueryError> {
        let mut builder = RegexBuilder::new(written);
        builder.case_insensitive(term.case == Case::Ignored);
        let regex = limited(&mut builder).map_err(|reason| QueryError::BadExpression {
            expression: term.pattern.clone(),
            reason,
        })?;
        Ok(Pattern {
            regex,
            reading: term.reading,
        })
    }

    /// Whether the pattern is in a short text: a name, a language.
    pub(super) fn is_in_name(&self, name: &str) -> bool {
        self.regex.is_match(name)
    }

    /// The places in a short text.
    pub(super) fn places_in_name(&self, name: &str) -> Vec<Range<usize>> {
        let found = self.regex.find_iter(name).map(|found| found.range());
        found.filter(|range| !range.is_empty()).collect()
    }

    /// Whether the pattern is in a text.
    pub(super) fn is_in_text(&self, text: &str, meter: &Meter) -> Result<bool, OutOfTime> {
        let mut found = false;
        self.places_in_text(text, meter, |_| {
            found = true;
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    /// Calls `found` with each place in a text, in order, until it has enough. The empty places that
    /// expressions such as `a*` find count only as a first one.
    pub(super) fn places_in_text(
        &self,
        text: &str,
        meter: &Meter,
        mut found: impl FnMut(Range<usize>) -> ControlFlow<()>,
    ) -> Result<(), OutOfTime> {
        let pieces = match self.reading {
            Reading::Words => Pieces::whole(text),
            Reading::Expression => Pieces::lines(text),
        };
        for (start, piece) in pieces {
            meter.check()?;
            for place in self.regex.find_iter(piece) {
                if found(start + place.start()..start + place.end()).is_break() {
                    return Ok(());
                }
                if place.is_empty() {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// The words of a phrase with any blanks between them.
fn phrase(words: &str) -> String {
    let words: Vec<String> = words.split_whitespace().map(regex::escape).collect();
    words.join(r"\s+")
}

/// A text in the pieces in which it is matched, each with where it begins.
struct Pieces<'t> {
    rest: Option<&'t str>,
    start: usize,
    whole: bool,
}

impl<'t> Pieces<'t> {
    fn whole(text: &'t str) -> Pieces<'t> {
        Pieces {
            rest: Some(text),
            start: 0,
            whole: true,
        }
    }

    fn lines(text: &'t str) -> Pieces<'t> {
        Pieces {
            whole: false,
            ..Pieces::whole(text)
        }
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = (usize, &'t str);

    fn next(&mut self) -> Option<(usize, &'t str)> {
        let (rest, start) = (self.rest.take()?, self.start);
        if self.whole {
            return Some((start, rest));
        }
        let line_end = rest.find('\n');
        let line = line_end.and_then(|end| rest.get(..end)).unwrap_or(rest);
        let end = line.floor_char_boundary(LONGEST_PIECE);
        let (piece, skipped) = match line.len() > end {
            true => (line.get(..end).unwrap_or(line), 0),
            false => (line, 1),
        };
        self.start = start + piece.len() + skipped;
        self.rest = rest.get(piece.len() + skipped..);
        Some((start, piece))
    }
}

/// Compiles a regular expression that a page's author wrote, with bounds for its memory.
///
/// # Errors
/// - what is wrong with it, as half a sentence.
fn limited(builder: &mut RegexBuilder) -> Result<Regex, String> {
    let built = builder
        .size_limit(COMPILED_BYTES)
        .dfa_size_limit(CACHE_BYTES)
        .build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
        other => last_line(&other.to_string()),
    })
}

/// The engine draws the expression with a mark under the mistake; the sentence about it stands last.
fn last_line(message: &str) -> String {
    let line = message.lines().last().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;

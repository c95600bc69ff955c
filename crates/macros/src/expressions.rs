//! Regular expressions that authors of pages wrote: how much they may cost, where they run, what is remembered.
//!
//! The engine's time is linear in the text whatever the expression, but the factor is the size of what the expression
//! compiles to, up to a thousandfold. So an expression knows its size, a text that is too long for it is refused, and
//! what may take a while is matched aside, a few at a time. Compiled expressions and refusals are kept, since each
//! view would make them again. What an expression is written for stands in the macros. Start at [`Expressions::find`].

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use regex::{Regex, RegexBuilder};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::error::MacroError;

/// A longer expression is refused before it is read.
const LONGEST_SOURCE: usize = 1000;
/// Sizes that a compiled expression is tried with, in bytes; what does not fit into the last is refused.
const SIZES: [usize; 4] = [4 << 10, 16 << 10, 32 << 10, 64 << 10];
/// What a compiled expression may remember while it matches.
const REMEMBERED_BYTES: usize = 128 << 10;
/// The most that a match may cost, in bytes of the expression times bytes of the text: at worst some two seconds.
const MOST_WORK: usize = 1 << 33;
/// What is matched at once without letting others in: at worst some ten milliseconds.
const LITTLE_WORK: usize = 1 << 25;
/// Said of an expression that would be too large.
const TOO_LARGE: &str = "it is too large";
/// So many bytes are kept, about.
const KEPT_BYTES: u64 = 16 << 20;

/// What a text is for an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Anchors {
    /// `^` and `$` stand at the ends of the text.
    OfTheText,
    /// `^` and `$` stand at each line's ends.
    OfEachLine,
}

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Expression {
    regex: Regex,
    /// In bytes, rounded up.
    size: usize,
}

impl Expression {
    /// The expression itself.
    pub(crate) fn regex(&self) -> &Regex {
        &self.regex
    }

    /// What matching it against so many bytes may cost; see [`Expressions::run`].
    ///
    /// # Errors
    /// * [`MacroError::Said`] if that is too much.
    pub(crate) fn work(&self, bytes: usize) -> Result<usize, MacroError> {
        let work = self.size.saturating_mul(bytes);
        match work <= MOST_WORK {
            true => Ok(work),
            false => Err(MacroError::said(format!(
                "the regular expression \"{}\" is too large for so much text",
                self.regex
            ))),
        }
    }
}

/// A compiled expression, or the reason why there is none.
type Compiled = Result<Arc<Expression>, Arc<str>>;

/// Expressions in memory, and the seats for matching them.
pub(crate) struct Expressions {
    kept: Cache<(String, Anchors), Compiled, ByBytes>,
    seats: Arc<Semaphore>,
}

impl Default for Expressions {
    fn default() -> Expressions {
        let seats = std::thread::available_parallelism().map_or(1, usize::from);
        Expressions {
            kept: Cache::with_weighter(200, KEPT_BYTES, ByBytes),
            seats: Arc::new(Semaphore::new(seats)),
        }
    }
}

impl Expressions {
    /// The expression, compiled now or before.
    ///
    /// # Errors
    /// * [`MacroError::Said`] where it is none, or too large.
    pub(crate) fn find(&self, source: &str, anchors: Anchors) -> Result<Arc<Expression>, MacroError> {
        self.compiled(source, anchors).map_err(|reason| {
            let shown: String = source.chars().take(LONGEST_SOURCE).collect();
            MacroError::said(format!("\"{shown}\" is no regular expression: {reason}"))
        })
    }

    fn compiled(&self, source: &str, anchors: Anchors) -> Compiled {
        if source.len() > LONGEST_SOURCE {
            return Err(TOO_LARGE.into());
        }
        let key = (source.to_owned(), anchors);
        if let Some(kept) = self.kept.get(&key) {
            return kept;
        }
        let compiled = compile(source, anchors);
        self.kept.insert(key, compiled.clone());
        compiled
    }

    /// Does what costs so much work, where it is if that is little, else aside and not before there is a seat. The
    /// seat is held by the work itself, which goes on when nobody waits for it any more.
    ///
    /// # Errors
    /// * [`MacroError::Panicked`] if it panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: usize,
        matching: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, MacroError> {
        if work <= LITTLE_WORK {
            return Ok(matching());
        }
        // Nobody closes the semaphore.
        let seat = Arc::clone(&self.seats).acquire_owned().await.ok();
        let done = spawn_blocking(move || {
            let _seat = seat;
            matching()
        });
        done.await
            .map_err(|error| MacroError::Panicked(error.to_string()))
    }

    /// All seats at once, so that nothing is matched aside.
    #[cfg(test)]
    pub(crate) async fn take_all_seats(&self) -> tokio::sync::OwnedSemaphorePermit {
        let all = u32::try_from(self.seats.available_permits()).unwrap();
        Arc::clone(&self.seats).acquire_many_owned(all).await.unwrap()
    }
}

/// The smallest size that takes it tells how large it is.
fn compile(source: &str, anchors: Anchors) -> Compiled {
    let mut refusal = TOO_LARGE.into();
    for size in SIZES {
        let built = RegexBuilder::new(source)
            .multi_line(anchors == Anchors::OfEachLine)
            .size_limit(size)
            .dfa_size_limit(REMEMBERED_BYTES)
            .build();
        match built {
            Ok(regex) => return Ok(Arc::new(Expression { regex, size })),
            Err(regex::Error::CompiledTooBig(_)) => {}
            Err(other) => {
                refusal = last_line(&other.to_string()).into();
                break;
            }
        }
    }
    Err(refusal)
}

/// The engine draws the expression with a mark under the mistake; the sentence about it stands last.
fn last_line(message: &str) -> &str {
    let line = message.lines().last().unwrap_or_default();
    line.trim_start_matches("error: ")
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<(String, Anchors), Compiled> for ByBytes {
    fn weight(&self, key: &(String, Anchors), compiled: &Compiled) -> u64 {
        let held = match compiled {
            // Compiled for both directions, each of which remembers.
            Ok(expression) => 2 * (expression.size + REMEMBERED_BYTES),
            Err(reason) => reason.len(),
        };
        (key.0.len() + held + 200) as u64
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn find(source: &str) -> Result<Arc<Expression>, MacroError> {
        Expressions::default().find(source, Anchors::OfEachLine)
    }

    #[test]
    fn expressions_that_people_write_are_taken_for_pages_of_usual_length() {
        let usual = [
            r"^== .+ ==$",
            r"\bTeam\b",
            r"[^/]+/\d{4}-\d{2}-\d{2}",
            r"(?i)rota",
            r"^\s*\w+:",
        ];
        for source in usual {
            assert!(find(source).unwrap().work(64 << 10).is_ok(), "{source}");
        }
        assert!(find("^BEGIN").unwrap().work(1 << 20).is_ok());
    }

    #[test]
    fn ordinary_expressions_are_taken_and_ones_that_would_take_seconds_are_not() {
        for taken in [r"^Help", r"\w+Group$", r"(?i)^[a-zäöü]+/\d{4}-\d{2}-\d{2}$", ".*"] {
            assert!(find(taken).is_ok(), "{taken}");
        }
        for refused in [r"[01]*1[01]{3000}x", r"\w{1,90}N"] {
            let told = find(refused).unwrap_err().to_string();
            assert!(told.contains("it is too large"), "{told}");
        }
    }

    #[test]
    fn the_larger_an_expression_the_shorter_the_texts_it_is_matched_against() {
        let large = find("[01]*1[01]{500}x").unwrap();
        assert!(large.work(100 << 10).is_ok());
        let refused = large.work(1 << 20).unwrap_err().to_string();
        assert!(refused.ends_with("is too large for so much text"), "{refused}");
        assert!(find("[01]*1[01]{3000}x").is_err(), "for any text");
    }

    #[test]
    fn an_expression_is_compiled_once_and_so_is_a_refused_one() {
        let all = Expressions::default();
        let first = all.find("^Team/", Anchors::OfTheText).unwrap();
        assert!(Arc::ptr_eq(
            &first,
            &all.find("^Team/", Anchors::OfTheText).unwrap()
        ));
        assert!(!Arc::ptr_eq(
            &first,
            &all.find("^Team/", Anchors::OfEachLine).unwrap()
        ));
        for refused in [r"\w{1,500}", "("] {
            let first = all.compiled(refused, Anchors::OfTheText).unwrap_err();
            let again = all.compiled(refused, Anchors::OfTheText).unwrap_err();
            assert!(Arc::ptr_eq(&first, &again), "{refused}");
        }
    }

    #[test]
    fn a_very_long_expression_is_refused_unread() {
        let all = Expressions::default();
        let long = "a".repeat(LONGEST_SOURCE + 1);
        assert!(all.find(&long, Anchors::OfTheText).is_err());
        assert_eq!(all.kept.len(), 0);
    }

    #[tokio::test]
    async fn what_takes_long_waits_for_a_seat_and_what_is_short_does_not() {
        let all = Expressions::default();
        let held = all.take_all_seats().await;
        assert_eq!(all.run(LITTLE_WORK, || 1).await.unwrap(), 1);
        let mut long = std::pin::pin!(all.run(LITTLE_WORK + 1, || 2));
        assert!(long.as_mut().now_or_never().is_none());
        drop(held);
        assert_eq!(long.await.unwrap(), 2);
    }
}

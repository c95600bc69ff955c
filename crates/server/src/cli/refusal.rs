//! Why a command did not do what it was asked: one sentence for whoever typed it.
//!
//! Any error becomes one with `?`; it carries no type, because all that is left to do is to say it
//! and to end with status 2. Causes that the sentence does not contain already are added.

use std::error::Error;
use std::fmt;

/// The sentence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal(String);

impl Refusal {
    /// A refusal in the command's own words.
    pub(crate) fn new(sentence: impl Into<String>) -> Refusal {
        Refusal(sentence.into())
    }
}

// Not an `Error` itself, so that this can hold for all errors.
impl<E: Error> From<E> for Refusal {
    fn from(error: E) -> Refusal {
        let mut sentence = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let words = inner.to_string();
            if !sentence.contains(&words) {
                sentence = format!("{sentence}: {words}");
            }
            cause = inner.source();
        }
        Refusal(sentence)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the cellar is locked")]
    struct Cellar(#[source] std::io::Error);

    #[derive(Debug, thiserror::Error)]
    #[error("no wine today: the cellar is locked")]
    struct Wine(#[source] Cellar);

    #[test]
    fn causes_are_told_once() {
        let cause = std::io::Error::other("the key is lost");
        let refusal = Refusal::from(Wine(Cellar(cause)));
        assert_eq!(
            refusal.to_string(),
            "no wine today: the cellar is locked: the key is lost"
        );
    }

    #[test]
    fn a_sentence_ends_without_an_empty_line() {
        assert_eq!(Refusal::new("No.\n\n").to_string(), "No.");
    }
}

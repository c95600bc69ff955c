//! Why a Python macro did not run, and what each reader of the page is told of it.
//!
//! The box on the page shows these words. A traceback is for those who may mend the macro; what went to a visitor as a
//! sentence stays one.

use super::pool::HOW_TO_BUILD;
use super::worker::WorkerFault;

/// Why a Python macro did not run.
#[derive(Debug, thiserror::Error)]
pub enum PythonError {
    /// There is no program to run it.
    #[error(
        "Python macros need the program grange-macro-worker beside the server; build it with: {HOW_TO_BUILD}"
    )]
    NoWorker,
    /// All workers were busy for as long as the page had time.
    #[error("all macro workers are busy; try again in a moment")]
    AllBusy,
    /// The worker broke while it ran.
    #[error("the macro was ended because it broke its worker, or would not stop")]
    Worker(#[from] WorkerFault),
    /// The file cannot be run, and no older version of it could.
    #[error("the macro is being mended")]
    Mending,
    /// The file cannot be run: told to who may mend it.
    #[error("{0}")]
    Broken(String),
    /// It raised an exception. The log gets all of it, the page what its viewer may see.
    #[error("{}", shown(message, traceback, *shown_to))]
    Raised {
        /// The exception's type and words.
        message: String,
        /// Where it was raised.
        traceback: String,
        /// Who looks.
        shown_to: Audience,
    },
    /// It took more than it may.
    #[error("{0}")]
    Limit(String),
    /// A call of the same file has cost a worker in this view.
    #[error("not run, because another call of this macro on the page would not stop")]
    StuckBefore,
    /// It gave back no text.
    #[error("the macro gave back no text but {0}")]
    NotText(String),
}

/// Who reads what went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Somebody who may mend the macro: type, words and traceback.
    Menders,
    /// Anybody: the words.
    Everybody,
}

/// A `ValueError` is how macros speak to visitors: those read its sentence without the type. Other exceptions are
/// accidents, and their type says more than their words.
fn shown(message: &str, traceback: &str, to: Audience) -> String {
    let sentence = message
        .strip_prefix("ValueError: ")
        .filter(|sentence| !sentence.trim().is_empty())
        .unwrap_or(message);
    match to {
        Audience::Menders => format!("{message}\n{traceback}"),
        Audience::Everybody => sentence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raised(message: &str, shown_to: Audience) -> String {
        let error = PythonError::Raised {
            message: message.to_owned(),
            traceback: "File \"Poll.py\", line 2".to_owned(),
            shown_to,
        };
        error.to_string()
    }

    #[test]
    fn visitors_read_the_sentence_of_a_value_error_and_menders_its_type_and_place() {
        assert_eq!(
            raised("ValueError: two answers", Audience::Everybody),
            "two answers"
        );
        assert_eq!(raised("KeyError: vote", Audience::Everybody), "KeyError: vote");
        assert_eq!(
            raised("ValueError: two answers", Audience::Menders),
            "ValueError: two answers\nFile \"Poll.py\", line 2"
        );
    }
}

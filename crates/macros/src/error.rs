//! Why a macro did not expand, and what the reader of the page is told about it.
//!
//! The box on the page shows the display text of these errors, so it is written for the page's reader;
//! causes that only an admin understands stay in the source chain and go to the log (`failures.rs`).

use grange_macro_protocol::size::Size;
use grange_session::{ChangeError, ReadError, WriteError};
use grange_wiki::StoreError;

use crate::args::ArgumentError;
use crate::python::PythonError;

/// Why a macro did not expand.
#[derive(Debug, thiserror::Error)]
pub enum MacroError {
    /// The call's arguments do not fit. The author of the page can mend it.
    #[error("{0}")]
    Arguments(#[from] ArgumentError),
    /// The macro says in plain words what is wrong.
    #[error("{0}")]
    Said(String),
    /// No macro has this name.
    #[error("the macro \"{0}\" is not known")]
    Unknown(String),
    /// The same, told to somebody who could put it there: where files of macros are looked for.
    #[error("the macro \"{name}\" is not known: there is no {name}.py in {places}, and no built-in one")]
    UnknownHere {
        /// The name that was called.
        name: String,
        /// The macro directories.
        places: String,
    },
    /// A limit of the page was reached.
    #[error("{0}")]
    Limit(Limit),
    /// The session did not take or give the value.
    #[error("{0}")]
    SessionWrite(#[from] WriteError),
    /// A value in the session is of another type than the macro expected.
    #[error("{0}")]
    SessionRead(#[from] ReadError),
    /// The store of sessions did not answer.
    #[error("your session cannot be changed just now")]
    SessionStore(#[source] grange_session::StoreError),
    /// The wiki's store did not answer.
    #[error("the wiki's pages cannot be read just now")]
    Store(#[from] StoreError),
    /// The counts of views did not answer.
    #[error("the views of pages cannot be counted just now")]
    Views(#[from] grange_wiki::HitsError),
    /// The macro panicked: a defect in it.
    #[error("the macro failed")]
    Panicked(String),
    /// A Python macro did not run or failed.
    #[error("{0}")]
    Python(#[from] PythonError),
    /// An administrator turned the macro off.
    #[error("the macro is turned off on this wiki")]
    TurnedOff,
    /// The macro needs a view of its own: it cannot be part of a cached page.
    #[error("the macro runs only when a page is viewed")]
    OnlyInAView,
}

/// A limit that keeps one page from using up the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    /// So many macros run in one view, included pages counted.
    #[error("not run, because a page may run {0} macros at most")]
    Holes(usize),
    /// So many Python macros run in one view.
    #[error("not run, because a page may run {0} Python macros at most")]
    PythonCalls(usize),
    /// Pages include pages that include pages.
    #[error("pages may be included {0} deep at most")]
    IncludeDepth(usize),
    /// The macros of a view wrote so many bytes.
    #[error("not shown, because the macros of a page may write {} at most", Size::of(*.0))]
    OutputBytes(usize),
    /// The macros of a view added so many keys to the session.
    #[error("the macros of a page may add {0} values to your session at most")]
    SessionKeys(usize),
    /// The macros of a view ran for so long.
    #[error("not run to its end, because the macros of a page may take {} at most", in_seconds(*.0))]
    Time(std::time::Duration),
}

impl MacroError {
    /// An error in the macro's own words.
    pub fn said(message: impl Into<String>) -> MacroError {
        MacroError::Said(message.into())
    }

    /// Whether somebody who runs the server should hear of it; the rest is the page author's business.
    #[must_use]
    pub fn concerns_the_admin(&self) -> bool {
        matches!(
            self,
            MacroError::Store(_)
                | MacroError::Views(_)
                | MacroError::SessionStore(_)
                | MacroError::Panicked(_)
                | MacroError::Python(_)
                | MacroError::Limit(Limit::Time(_))
        )
    }
}

impl From<ChangeError> for MacroError {
    fn from(error: ChangeError) -> MacroError {
        match error {
            ChangeError::Refused(why) => MacroError::SessionWrite(why),
            ChangeError::Store(why) => MacroError::SessionStore(why),
            ChangeError::NotANumber(_) => MacroError::Said(error.to_string()),
        }
    }
}

fn in_seconds(time: std::time::Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_box_of_an_unknown_macro_names_it() {
        let text = MacroError::Unknown("Nope".into()).to_string();
        assert_eq!(text, "the macro \"Nope\" is not known");
    }

    #[test]
    fn a_time_limit_is_told_in_seconds() {
        let text = MacroError::Limit(Limit::Time(Duration::from_millis(1500))).to_string();
        assert!(text.contains("1.5 s"), "{text}");
    }

    #[test]
    fn mistakes_of_page_authors_do_not_concern_the_admin() {
        assert!(!MacroError::said("no such page").concerns_the_admin());
        assert!(!MacroError::from(ArgumentError::TooMany).concerns_the_admin());
        assert!(MacroError::Panicked("index".into()).concerns_the_admin());
    }
}

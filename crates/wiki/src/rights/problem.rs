//! What in a list cannot mean what its author hoped, in words for the author.
//!
//! None of these stops a list from working: MoinMoin's rule is that what is not understood is
//! ignored. They are shown by `grange check` and, later, beside the editor.

use std::fmt;

/// One thing in a list that is ignored or never counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AclProblem {
    /// A word after the colon is no right.
    UnknownRight {
        /// The entry it stands in, as written.
        entry: String,
        /// The word.
        word: String,
    },
    /// A name begins or ends with a blank, so it matches nobody.
    BlankAroundName {
        /// The entry it stands in, as written.
        entry: String,
        /// The name with its blanks.
        name: String,
    },
    /// An entry names nobody.
    NoName {
        /// The entry, as written.
        entry: String,
    },
    /// The rest of the line has no colon and is ignored.
    NoColon {
        /// The ignored rest.
        rest: String,
    },
    /// `Default` inside the default list itself.
    DefaultInsideDefault,
    /// An earlier entry for `All` without + or - decides everything.
    NeverReached {
        /// The entry that never counts, as written.
        entry: String,
        /// The entry that decides before it.
        decided_by: String,
    },
}

impl AclProblem {
    /// The text that is wrong, to be underlined.
    pub fn offending(&self) -> &str {
        match self {
            AclProblem::UnknownRight { word, .. } => word,
            AclProblem::BlankAroundName { name, .. } => name,
            AclProblem::NoName { entry } | AclProblem::NeverReached { entry, .. } => entry,
            AclProblem::NoColon { rest } => rest,
            AclProblem::DefaultInsideDefault => "Default",
        }
    }
}

impl fmt::Display for AclProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AclProblem::UnknownRight { entry, word } => write!(
                f,
                "\"{word}\" in \"{entry}\" is no right and is ignored; the rights are read, write, delete, revert and admin"
            ),
            AclProblem::BlankAroundName { entry, name } => write!(
                f,
                "the name \"{name}\" in \"{entry}\" has a blank at its edge and matches nobody"
            ),
            AclProblem::NoName { entry } => write!(f, "\"{entry}\" names nobody"),
            AclProblem::NoColon { rest } => {
                write!(
                    f,
                    "\"{rest}\" has no colon and is ignored; an entry is written NAME:RIGHTS"
                )
            }
            AclProblem::DefaultInsideDefault => {
                f.write_str("\"Default\" inside the default list itself stands for nothing")
            }
            AclProblem::NeverReached { entry, decided_by } => write!(
                f,
                "\"{entry}\" never counts: \"{decided_by}\" before it decides every right for everybody; put it first"
            ),
        }
    }
}

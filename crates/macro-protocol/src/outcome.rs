//! What a call came to.

use serde::{Deserialize, Serialize};

use crate::value::Value;

/// The result of one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallResult {
    /// The markup it gave back, not yet sanitised, or what went wrong.
    pub output: Result<String, Failure>,
    /// What it read that is not the same for everybody.
    pub touched: Touches,
    /// What it changed in the session, in order; empty after a failure.
    pub session: Vec<SessionChange>,
    /// What it printed, line by line, cut at a bound.
    pub log: Vec<String>,
    /// How long it ran, in microseconds, waiting for answers not counted.
    pub micros: u64,
    /// The most memory it took beyond the idle worker, in bytes; 0 where it was not measured.
    pub memory: u64,
}

/// Why a call gave nothing back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// The arguments do not fit; everybody may read why.
    Arguments(String),
    /// It raised an exception.
    Raised {
        /// Its type and words in a line: `ValueError: no such page`.
        message: String,
        /// The traceback, innermost call last; for admins.
        traceback: String,
    },
    /// It took more than it may.
    Limit(Limit),
    /// It gave back something that is no text: its Python type.
    NotText(String),
}

/// What a call may not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Limit {
    /// Time.
    Time,
    /// Memory.
    Memory,
    /// Depth of calls.
    Recursion,
    /// Length of what it gives back.
    Output,
    /// Number of questions.
    Questions,
}

/// A change of the session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SessionChange {
    /// This key has this value now.
    Set(String, Value),
    /// This key is gone.
    Remove(String),
    /// `reset()`: everything that is the macros' is gone.
    Reset,
    /// `mark_changed()`: to be saved although nothing is new.
    MarkChanged,
}

/// Marks of what a call looked at. Set by the worker, whatever the module declares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "independent marks")]
pub struct Touches {
    /// The session, reading included.
    pub session: bool,
    /// Who looks.
    pub user: bool,
    /// The language of the one who looks.
    pub language: bool,
    /// The time, chance.
    pub moment: bool,
    /// The query of the address, the revision asked for, whether a robot asks.
    pub address: bool,
}

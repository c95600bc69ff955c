//! What a macro may ask the server while it runs.
//!
//! The server answers with the viewer's rights: a page that the viewer may not read is as if it did not
//! exist. It marks what an answer depended on itself.

use serde::{Deserialize, Serialize};

use crate::outcome::Touches;
use crate::value::Value;

/// A question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// The text of a page: [`Value::Text`], or [`Value::Null`].
    PageText(String),
    /// A page's facts: a map of `revision` (Int), `mtime_ms` (Int), `editor` (Text or Null), `comment`
    /// (Text), `size` (Int, bytes); [`Value::Null`] when it does not exist for the viewer.
    PageFacts(String),
    /// Which of these pages exist for the viewer: a list of Bools.
    Exist(Vec<String>),
    /// The names of all pages that the viewer may read, sorted: a list.
    PageList,
    /// Whether the viewer has a right on a page: a Bool.
    May(Right, String),
    /// A message in the viewer's language: Text.
    Translate(String),
    /// The entries of a dict page: a map of Texts; Null where there is no such page.
    Dict(String),
    /// The members of a group page: a list of Texts; Null where there is no such page.
    Group(String),
    /// The address of a page (the second) of another wiki (the first, its name in the interwiki map): Text;
    /// Null where that wiki is unknown.
    InterWiki(String, String),
    /// Whether a page (the first) has an attached file of this name (the second) for the viewer: a Bool.
    Attached(String, String),
    /// A `#pragma` of the page: Text or Null.
    Pragma(String),
    /// Everything in the macro's own storage in this wiki: a map. It fixes what the call sees.
    StoredAll,
    /// Writes the changes of the running call to its storage, all or none: `Bool(true)`, or
    /// `Bool(false)` when somebody changed meanwhile what it had read, and the call has to run again.
    Commit {
        /// Keys and their new values; [`Value::Null`] removes.
        changes: Vec<(String, Value)>,
        /// The keys that the call has looked at, those it found missing included; nothing for all there are.
        read: Option<Vec<String>>,
        /// What the call has looked at. It does nothing more afterwards, so this is all.
        touched: Touches,
        /// All that the session holds after the call, if the call changes it: where the session refuses that, nothing is
        /// written.
        session: Option<Vec<(String, Value)>>,
        /// The bytes that the job's calls have given back, this one included: where the page has no room for them,
        /// nothing is written.
        output_bytes: u64,
    },
}

/// What one may do with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Right {
    /// See it.
    Read,
    /// Change it.
    Write,
    /// Delete it.
    Delete,
    /// Put back an earlier revision.
    Revert,
    /// Change its rights.
    Admin,
}

/// The server's answer: a value, or a sentence that the macro raises as an exception.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer(pub Result<Value, String>);

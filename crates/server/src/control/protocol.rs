//! What is said over the control socket: one order, one answer, a line of JSON each.
//!
//! Both ends are the same program, often of different versions while one is replaced: what an end
//! does not know is refused with a sentence, never guessed at. No password and no session id is
//! ever part of it.

use serde::{Deserialize, Serialize};

/// More than any order needs.
pub(super) const LONGEST_ORDER: u64 = 64 * 1024;

/// More than the longest list of sessions anybody will read.
pub(super) const LONGEST_ANSWER: u64 = 64 * 1024 * 1024;

/// What a running server is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Order {
    /// Read the configuration again.
    Reload,
    /// Something about the sessions of a wiki whose stores are in the server's memory.
    Sessions {
        /// The wiki's id.
        wiki: String,
        /// What.
        order: SessionOrder,
    },
}

/// What is asked about the sessions of a wiki's realm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SessionOrder {
    /// Show them.
    List {
        /// Only those of this user.
        user: Option<String>,
    },
    /// End them.
    Kill(Whom),
    /// Remove what ended ones left behind.
    Sweep,
}

/// Whose sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Whom {
    /// Those of the user of this name.
    User(String),
    /// Those of all who are not logged in.
    Guests,
    /// All of the realm.
    Everyone,
}

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    /// The new configuration is in force; what it changed, in words.
    Reloaded(String),
    /// The sessions.
    Sessions(Vec<SessionRow>),
    /// So many were ended.
    Ended(u64),
    /// So many things were removed.
    Swept(u64),
    /// It was not done, and why.
    Refused(String),
}

/// A session as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SessionRow {
    /// The label of the store's key: enough to tell sessions apart, useless as a cookie.
    pub(crate) key: String,
    /// The user's name (the id, where the account is gone); absent for a guest.
    pub(crate) user: Option<String>,
    /// Whom a superuser acts as.
    pub(crate) acting: Option<String>,
    /// The wiki where it began.
    pub(crate) wiki: String,
    /// The browser's family.
    pub(crate) browser: String,
    /// When it began.
    pub(crate) created: String,
    /// When it was last seen in use.
    pub(crate) last_seen: String,
    /// Whether the user asked to be remembered.
    pub(crate) remember: bool,
}

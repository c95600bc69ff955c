//! What the macros of one view are told before they run.
//!
//! Facts that differ between visitors go into the worker with everything else, but a macro reaches them
//! only through names that leave a mark in [`Touches`](crate::Touches).

use serde::{Deserialize, Serialize};

use crate::module::ModuleId;
use crate::value::Value;

/// A run of neighbouring calls of one page, and what they may know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The calls, in the page's order.
    pub calls: Vec<Call>,
    /// The page they stand on.
    pub page: PageFacts,
    /// The view.
    pub visit: Visit,
    /// The visitor's session.
    pub session: SessionFacts,
    /// Milliseconds that all calls together may take; those that do not get to run fail with
    /// [`Limit::Time`](crate::Limit::Time).
    pub time_ms: u64,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The module to run.
    pub module: ModuleId,
    /// The text between the parentheses; nothing when there are none. `<<A>>` and `<<A()>>` differ.
    pub arguments: Option<String>,
    /// Milliseconds that this call may take, no more than the limit said at the beginning.
    pub time_ms: u64,
}

/// The page that the calls stand on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageFacts {
    /// Its name.
    pub name: String,
    /// The wiki's mount path: empty, or `/wiki1`.
    pub base: String,
    /// The wiki's id.
    pub wiki: String,
    /// Public settings of the wiki (`sitename`, `interwikiname`, `page_front_page`, …): `request.cfg`.
    pub cfg: Vec<(String, Value)>,
    /// The wiki's own language, for what is made for everybody.
    pub language: String,
}

/// The view and who looks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// The moment, in milliseconds since 1970 (UTC).
    pub now_ms: i64,
    /// The query of the address, decoded: `request.args`.
    pub query: Vec<(String, String)>,
    /// The revision asked for, if not the current one: `request.rev`.
    pub revision: Option<u64>,
    /// Whether a program that walks sites asks: `request.isSpiderAgent`.
    pub is_robot: bool,
    /// The language to answer in: `request.lang`.
    pub language: String,
    /// Minutes that the viewer's clock is ahead of UTC at this moment.
    pub utc_offset_minutes: i32,
    /// Who looks: `request.user`.
    pub person: Person,
}

/// Who looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name; nothing for a guest.
    pub name: Option<String>,
    /// The account's id.
    pub id: Option<String>,
    /// Whether a superuser of this wiki.
    pub is_superuser: bool,
}

/// The visitor's session as the macros find it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionFacts {
    /// Whether the browser has not sent back a cookie of ours yet.
    pub is_new: bool,
    /// The values that macros may see.
    pub values: Vec<(String, Value)>,
}

impl Default for SessionFacts {
    fn default() -> SessionFacts {
        SessionFacts {
            is_new: true,
            values: Vec::new(),
        }
    }
}

//! Finding pages by what their names and texts say, by links and by categories.
//!
//! One grammar (`parse.rs`) for title searches, full searches and macros. A store's index proposes pages
//! (`probe.rs`), their texts decide (`matcher.rs`), better ones come first (`weight.rs`) and show why
//! (`excerpt.rs`); `run.rs` does one after the other for one viewer. Rights are asked before a text is
//! read. Attachments are not searched. Start at [`Search::of`] and [`Wiki::search`](crate::Wiki::search).

mod excerpt;
mod links;
mod matcher;
mod parse;
mod pattern;
pub mod probe;
pub mod query;
mod run;
mod tokens;
mod weight;

use std::sync::Arc;
use std::time::Duration;

use crate::underlay::{MonotonicClock, SinceStart};

pub use excerpt::{Excerpt, Span, Standing};
pub use parse::{Defaults, QueryError};
pub use query::Query;
pub use run::{Audience, Found, Hit, Reach};

use self::matcher::Matcher;
use self::probe::Probe;

/// How long a search may take where nothing else is said.
const TIME: Duration = Duration::from_secs(2);

/// A search to be made.
pub struct Search {
    matcher: Matcher,
    probe: Probe,
    /// So many of the best pages are left out: they were shown before.
    pub skipped: usize,
    /// So many pages are shown.
    pub shown: usize,
    /// What is shown of the pages' texts.
    pub excerpts: Excerpts,
    /// How long it may take; what was found until then is shown.
    pub time: Duration,
    /// Tells how long it took.
    pub clock: Arc<dyn MonotonicClock>,
}

/// What is shown of the texts of found pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excerpts {
    /// Nothing.
    None,
    /// A few excerpts, each about so many bytes long.
    Bytes(usize),
}

impl Search {
    /// A search for all pages that a query finds, in a wiki of this language.
    ///
    /// # Errors
    /// - [`QueryError`] if a pattern makes no sense.
    pub fn of(query: &Query, language: &str) -> Result<Search, QueryError> {
        Ok(Search {
            matcher: Matcher::compile(query, language)?,
            probe: Probe::of(query),
            skipped: 0,
            shown: usize::MAX,
            excerpts: Excerpts::None,
            time: TIME,
            clock: Arc::new(SinceStart::now()),
        })
    }
}

#[cfg(test)]
mod tests;

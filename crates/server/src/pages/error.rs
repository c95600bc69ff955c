//! Pages for what could not be done: status, calm title, one sentence, ways onward.
//!
//! The cause of an error is never here; it goes to the log. What each cause is called is decided in
//! `respond/error.rs`, in one place.

use askama::Template;

use super::shell::{Link, Shell};

/// An error on a wiki; the shell's title is the calm title.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// The HTTP status.
    pub status: u16,
    /// One sentence.
    pub sentence: &'a str,
    /// Ways onward.
    pub links: &'a [Link<'a>],
    /// What to quote to the administrator; `None` where that would not help.
    pub request_id: Option<&'a str>,
}

/// 503: the wiki is suspended.
#[derive(Template)]
#[template(path = "suspended.html")]
pub struct SuspendedPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
}

/// An error where there is no wiki, and so no name and no way onward.
#[derive(Template)]
#[template(path = "bare.html")]
pub struct BareErrorPage<'a> {
    /// The calm title, as "No such wiki".
    pub title: &'a str,
    /// One sentence, as "No wiki is configured at this address."
    pub sentence: &'a str,
    /// The address of the style sheet, at the root of whatever host this is.
    pub style: &'a str,
}

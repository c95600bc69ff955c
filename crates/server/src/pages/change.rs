//! The questions before a page is deleted, renamed or put back to an old revision.
//!
//! Each is a form that posts to its own action; a GET only asks. Refusals are the shell's message.

use askama::Template;

use super::diff::{DiffRow, Weight};
use super::shell::{Moment, Shell};

/// `?action=delete`.
#[derive(Template)]
#[template(path = "delete.html")]
pub struct DeletePage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// The page's name.
    pub name: &'a str,
    /// Where it posts to: `{page}?action=delete`.
    pub action: &'a str,
    /// `ticket`.
    pub ticket: &'a str,
    /// `comment`, as it was typed before.
    pub comment: &'a str,
    /// How many files it has.
    pub files: usize,
    /// Where they are.
    pub list_of_files: &'a str,
    /// Back to the page.
    pub cancel: &'a str,
}

/// `?action=rename`.
#[derive(Template)]
#[template(path = "rename.html")]
pub struct RenamePage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// The page's name.
    pub name: &'a str,
    /// Where it posts to: `{page}?action=rename`.
    pub action: &'a str,
    /// `ticket`.
    pub ticket: &'a str,
    /// `newname`, as it was typed before, or the present name.
    pub new_name: &'a str,
    /// `comment`, as it was typed before.
    pub comment: &'a str,
    /// Back to the page.
    pub cancel: &'a str,
}

/// `?action=revert`.
#[derive(Template)]
#[template(path = "revert.html")]
pub struct RevertPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// The page's name.
    pub name: &'a str,
    /// Where it posts to: `{page}?action=revert`.
    pub action: &'a str,
    /// `ticket`.
    pub ticket: &'a str,
    /// `rev`: the revision to go back to; 0 is the page as it came with the wiki.
    pub revision: u32,
    /// When that was written; `None` for revision 0.
    pub moment: Option<Moment>,
    /// What going back would change.
    pub changes: &'a [DiffRow<'a>],
    /// Back to the history.
    pub cancel: &'a str,
}

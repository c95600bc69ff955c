//! Where a user is logged in, the account's own page, and the question for the password before something sensitive.
//!
//! Sessions are named by handles that say nothing to anybody but the store. No password is ever sent back in a form.

use askama::Template;

use super::shell::{Moment, Shell};

/// `?action=sessions`.
#[derive(Template)]
#[template(path = "sessions.html")]
pub struct SessionsPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// Where the forms post to: `{page}?action=sessions`.
    pub action: &'a str,
    /// The page's address without a query.
    pub page: &'a str,
    /// `ticket`.
    pub ticket: &'a str,
    /// `name`: whose sessions these are, when they are not the visitor's own.
    pub name: Option<&'a str>,
    /// The sessions.
    pub rows: &'a [SessionRow],
    /// How many of them are not the one in use.
    pub others: usize,
    /// Whether the visitor may look at other users' sessions.
    pub looks_up: bool,
}

/// One session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// `end`: what names it in a form.
    pub handle: String,
    /// The browser's family.
    pub browser: String,
    /// The site name of the wiki where it began.
    pub wiki: String,
    /// When it began.
    pub created: Moment,
    /// When it was last seen in use.
    pub last_seen: Moment,
    /// Whether the user asked to be remembered.
    pub remembered: bool,
    /// Whom a superuser acts as in it.
    pub acting: Option<String>,
    /// Whose it is, where sessions of several are listed.
    pub user: Option<String>,
    /// Whether it is the one with which the page was asked for.
    pub is_this_one: bool,
}

/// `?action=userprefs`.
#[derive(Template)]
#[template(path = "userprefs.html")]
pub struct PreferencesPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// Where it posts to: `{page}?action=userprefs`.
    pub action: &'a str,
    /// `ticket`.
    pub ticket: &'a str,
    /// The account's name, for password managers.
    pub name: &'a str,
    /// The mail address.
    pub email: Option<&'a str>,
    /// Where the sessions are listed.
    pub sessions: Option<&'a str>,
}

/// The password is asked for before something sensitive is done.
#[derive(Template)]
#[template(path = "proof.html")]
pub struct ProofPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// Where the first form posted to.
    pub action: &'a str,
    /// `ticket`.
    pub ticket: &'a str,
    /// Whose password is wanted.
    pub name: &'a str,
    /// The fields of the first form.
    pub carried: &'a [(&'a str, &'a str)],
    /// Where to go instead.
    pub cancel: &'a str,
}

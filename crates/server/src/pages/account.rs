//! Logging in, making an account, and a superuser acting as somebody else.
//!
//! The field names are MoinMoin's: `name`, `password`, `remember_me`; `name`, `password1`,
//! `password2`, `email`; `name`, `reason`. No password is ever sent back in a form. Refusals are the
//! shell's message.

use askama::Template;

use super::shell::{Link, Shell};

/// `?action=login`.
#[derive(Template)]
#[template(path = "login.html")]
pub struct LoginPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// The form; `None` shows "Logging in is disabled on this wiki."
    pub form: Option<LoginForm<'a>>,
    /// Where to make an account; `None` where registration is closed.
    pub register: Option<&'a str>,
    /// Sibling wikis on which the same login counts, by site name.
    pub shared_with: &'a [Link<'a>],
}

/// The login form's fields.
#[derive(Clone, Copy, Debug)]
pub struct LoginForm<'a> {
    /// Where it posts to: `{page}?action=login`.
    pub action: &'a str,
    /// `ticket`.
    pub ticket: &'a str,
    /// `name`, as it was typed before.
    pub name: &'a str,
    /// Whether `remember_me` is offered.
    pub remember_me: RememberMe,
}

/// Whether *remember me* is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RememberMe {
    /// A box to tick.
    Offered,
    /// Nothing.
    Withheld,
}

/// `?action=logout`, come to by a link: asks once more.
#[derive(Template)]
#[template(path = "logout.html")]
pub struct LogoutPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// Where it posts to.
    pub action: &'a str,
    /// `ticket`.
    pub ticket: &'a str,
    /// Who is logged in.
    pub name: &'a str,
    /// The page to go back to.
    pub page: &'a str,
}

/// A step of a login that is handed over from one host to another: one sentence, one button.
#[derive(Template)]
#[template(path = "handover.html")]
pub struct HandoverPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// Where it posts to.
    pub action: &'a str,
    /// What it posts.
    pub fields: &'a [(&'a str, &'a str)],
    /// What is going on.
    pub sentence: &'a str,
    /// The button.
    pub button: &'a str,
    /// Who presses it.
    pub press: Press,
}

/// Who presses a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// The visitor, who is asked something.
    Visitor,
    /// The theme's script, where scripts run: the visitor has answered already.
    Script,
}

/// `?action=newaccount`.
#[derive(Template)]
#[template(path = "newaccount.html")]
pub struct NewAccountPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// The form; `None` says that accounts are made by an administrator only.
    pub form: Option<NewAccountForm<'a>>,
    /// Where to log in with an account that exists.
    pub login: Option<&'a str>,
}

/// The registration form's fields.
#[derive(Clone, Copy, Debug)]
pub struct NewAccountForm<'a> {
    /// Where it posts to: `{page}?action=newaccount`.
    pub action: &'a str,
    /// `ticket`.
    pub ticket: &'a str,
    /// `name`, as it was typed before.
    pub name: &'a str,
    /// `email`, as it was typed before.
    pub email: &'a str,
}

/// `?action=suid`, for superusers.
#[derive(Template)]
#[template(path = "suid.html")]
pub struct SwitchUserPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// Where it posts to: `{page}?action=suid`.
    pub action: &'a str,
    /// `ticket`.
    pub ticket: &'a str,
    /// `name`, as it was typed before.
    pub name: &'a str,
    /// `reason`, as it was typed before.
    pub reason: &'a str,
}

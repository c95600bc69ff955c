//! The editor and the page that shows two people's texts after a conflict.
//!
//! The field names are MoinMoin's: `savetext`, `rev`, `comment`, `trivial`, `button_save`,
//! `button_preview`, `button_cancel`, and our `ticket`. Notes above the editor (a preview, a refused
//! ticket, a change that came between) are the shell's message.

use askama::Template;
use grange_macros::Completion;

use super::diff::{DiffRow, Weight};
use super::shell::{Author, Moment, Shell};

/// `?action=edit`: the form, with a preview when one was asked for.
#[derive(Template)]
#[template(path = "edit.html")]
pub struct EditPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// The form.
    pub form: EditForm<'a>,
    /// Finished, safe HTML of the text in the form.
    pub preview: Option<&'a str>,
    /// What changed between the saved text and the one in the form; shown with the preview.
    pub changes: &'a [DiffRow<'a>],
}

/// The form's fields, as they are sent out.
#[derive(Clone, Copy, Debug)]
pub struct EditForm<'a> {
    /// Where it posts to: `{page}?action=edit`.
    pub action: &'a str,
    /// `savetext`.
    pub text: &'a str,
    /// `rev`: the revision that the text is based on, 0 for a new page.
    pub base: u32,
    /// `comment`.
    pub comment: &'a str,
    /// `trivial`.
    pub triviality: Triviality,
    /// `ticket`.
    pub ticket: &'a str,
    /// How a guest's change will be signed; `None` for users.
    pub signed_as: Option<&'a str>,
    /// The macros that the page may call.
    pub macros: &'a [Completion],
}

/// Whether the author calls the change trivial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Triviality {
    /// An ordinary change.
    Substantial,
    /// A comma.
    Trivial,
}

/// 409: somebody saved in between and the two changes do not fit together.
#[derive(Template)]
#[template(path = "conflict.html")]
pub struct ConflictPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// The visitor's text; `base` is the revision that stands there now, so that saving again is a
    /// decision made with both texts in view.
    pub form: EditForm<'a>,
    /// The text that stands there now.
    pub theirs: &'a str,
    /// Who wrote it; `None` when the underlay changed.
    pub their_author: Option<Author<'a>>,
    /// When.
    pub their_moment: Option<Moment>,
    /// From their text to the visitor's.
    pub changes: &'a [DiffRow<'a>],
}

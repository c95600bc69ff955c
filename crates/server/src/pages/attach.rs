//! The pages about attached files: the list, one file, the question before it is deleted.
//!
//! Which files there are and who may do what is decided by the handler; the templates show it.

use askama::Template;
use grange_wiki::Shows;

use super::farm::Paging;
use super::history::size_in_words;
use super::{Author, Moment, Shell};

/// The files of a page, and the form that attaches another.
#[derive(Template)]
#[template(path = "attachments.html")]
pub struct AttachmentsPage<'a> {
    /// What stands around it.
    pub shell: Shell<'a>,
    /// By name.
    pub files: &'a [AttachmentRow<'a>],
    /// Which part of the list it is, where there are several.
    pub paging: Option<Paging>,
    /// Whether the visitor may delete them.
    pub may_delete: bool,
    /// The form; `None` where the visitor may not attach files.
    pub form: Option<UploadForm<'a>>,
}

/// One file.
pub struct AttachmentRow<'a> {
    /// Its versions in this part of the list, newest first; never empty.
    pub versions: Vec<AttachedVersion<'a>>,
    /// Whether newer ones stand in the part before.
    pub is_continued: bool,
}

/// One version of a file.
pub struct AttachedVersion<'a> {
    /// The file's name.
    pub name: &'a str,
    /// The version's number.
    pub number: u32,
    /// How many bytes it has.
    pub bytes: u64,
    /// What it is.
    pub media_type: &'a str,
    /// When it came.
    pub moment: Moment,
    /// Who brought it.
    pub author: Author<'a>,
    /// In the author's words, may be empty.
    pub comment: &'a str,
    /// Where it is shown.
    pub view: String,
    /// Where its bytes are.
    pub get: String,
    /// Where it can be removed.
    pub remove: String,
}

impl AttachedVersion<'_> {
    /// The size for people.
    pub fn size(&self) -> String {
        size_in_words(self.bytes)
    }
}

/// The form that attaches a file.
pub struct UploadForm<'a> {
    /// Where it posts to.
    pub action: &'a str,
    /// Its ticket.
    pub ticket: &'a str,
    /// The name that a link to a missing file asked for, may be empty.
    pub wanted: &'a str,
    /// Whether the visitor may give a file a new version.
    pub may_overwrite: bool,
    /// The most bytes that a file may have.
    pub limit: u64,
}

impl UploadForm<'_> {
    /// The limit for people.
    pub fn most(&self) -> String {
        size_in_words(self.limit)
    }
}

/// One file, as far as it can be shown.
#[derive(Template)]
#[template(path = "attachment.html")]
pub struct AttachmentPage<'a> {
    /// What stands around it.
    pub shell: Shell<'a>,
    /// Where all files of the page are.
    pub list: &'a str,
    /// The file.
    pub file: AttachedVersion<'a>,
    /// How it can be shown.
    pub shows: Shows,
    /// The beginning of a text.
    pub text: &'a str,
    /// Whether the text goes on.
    pub is_cut: bool,
}

/// The question before a file is deleted.
#[derive(Template)]
#[template(path = "attachment_delete.html")]
pub struct RemoveFilePage<'a> {
    /// What stands around it.
    pub shell: Shell<'a>,
    /// The file's name.
    pub file: &'a str,
    /// The page's name.
    pub page: &'a str,
    /// Where the form posts to, and where the other files are.
    pub action: &'a str,
    /// Its ticket.
    pub ticket: &'a str,
}

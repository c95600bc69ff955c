//! `?action=info`: the revisions of a page, two of which can be compared.
//!
//! The rows are a GET form: radio buttons `rev1` and `rev2`, and the button that compares them.

use askama::Template;

use super::shell::{Author, Moment, Shell};

/// The revisions, newest first.
#[derive(Template)]
#[template(path = "history.html")]
pub struct HistoryPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// The page's address without a query.
    pub page: &'a str,
    /// The revisions of this sheet.
    pub rows: &'a [HistoryRow<'a>],
    /// The next sheet, with older revisions.
    pub older: Option<&'a str>,
}

/// One revision.
#[derive(Clone, Debug)]
pub struct HistoryRow<'a> {
    /// Its number; 0 is the page as it came with the wiki.
    pub revision: u32,
    /// When; `None` for revision 0.
    pub moment: Option<Moment>,
    /// Who; `None` for revision 0.
    pub author: Option<Author<'a>>,
    /// What kind of change: "edit", "minor edit", "rename", …
    pub kind: &'a str,
    /// The author's comment, may be empty.
    pub comment: &'a str,
    /// The length of the text.
    pub bytes: u64,
    /// Where it stands among the others.
    pub standing: Standing,
}

/// Where a revision stands among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// What the page shows.
    Current,
    /// An older one.
    Old,
    /// An older one to which the visitor may go back.
    Revertible,
}

impl HistoryPage<'_> {
    /// Whether there are two revisions to compare.
    pub fn is_comparable(&self) -> bool {
        self.rows.len() > 1
    }

    /// Whether the button is wanted at the end as well.
    pub fn is_long(&self) -> bool {
        self.rows.len() > 10
    }
}

impl HistoryRow<'_> {
    /// The length as people read it: "812 bytes", "3.4 KiB".
    pub fn size(&self) -> String {
        size_in_words(self.bytes)
    }
}

/// A number of bytes as people read it.
pub(super) fn size_in_words(bytes: u64) -> String {
    const KIB: u64 = 1024;
    match bytes {
        1 => "1 byte".to_owned(),
        bytes if bytes < KIB => format!("{bytes} bytes"),
        // Tenths by integers: no rounding up to a neighbour, no floats.
        bytes if bytes < KIB * KIB => format!("{}.{} KiB", bytes / KIB, bytes % KIB * 10 / KIB),
        bytes => format!(
            "{}.{} MiB",
            bytes / (KIB * KIB),
            bytes % (KIB * KIB) * 10 / (KIB * KIB)
        ),
    }
}

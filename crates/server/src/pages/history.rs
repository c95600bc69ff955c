//! `?action=info`: what happened to a page, its revisions and its files. Two revisions can be compared.
//!
//! The rows are a GET form: radio buttons `rev1` and `rev2` beside the revisions, and the button that compares them.

use askama::Template;

use super::shell::{Author, Moment, Shell};

/// The changes, newest first.
#[derive(Template)]
#[template(path = "history.html")]
pub struct HistoryPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// The page's address without a query.
    pub page: &'a str,
    /// The changes of this sheet.
    pub rows: &'a [HistoryRow<'a>],
    /// The next sheet, with older changes.
    pub older: Option<&'a str>,
}

/// One change.
#[derive(Clone, Debug)]
pub struct HistoryRow<'a> {
    /// Of what.
    pub of: RowOf<'a>,
    /// When; `None` for revision 0.
    pub moment: Option<Moment>,
    /// Who; `None` for revision 0.
    pub author: Option<Author<'a>>,
    /// What kind of change: "edit", "minor edit", "rename", …
    pub kind: &'a str,
    /// The author's comment, may be empty.
    pub comment: &'a str,
    /// The length of the text or the file.
    pub bytes: u64,
}

/// What a change is of.
#[derive(Clone, Debug)]
pub enum RowOf<'a> {
    /// The page's text.
    Revision {
        /// The number; 0 is the page as it came with the wiki.
        number: u32,
        /// Where it stands among the others.
        standing: Standing,
        /// Which ends of a comparison it is unless others are chosen.
        picked: Picked,
    },
    /// An attached file.
    File {
        /// Its name.
        name: &'a str,
        /// Where it is shown; `None` where it is gone.
        view: Option<String>,
    },
}

/// Whether a revision is an end of the comparison that is offered first: between the two newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picked {
    /// What is compared.
    From,
    /// What it is compared to.
    To,
    /// Neither.
    No,
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

/// Picks the two newest revisions for a comparison.
pub fn offer_newest(rows: &mut [HistoryRow<'_>]) {
    let mut ends = [Picked::To, Picked::From].into_iter();
    for row in rows {
        if let RowOf::Revision { picked, .. } = &mut row.of {
            *picked = ends.next().unwrap_or(Picked::No);
        }
    }
}

impl HistoryPage<'_> {
    /// Whether there are two revisions to compare.
    pub fn is_comparable(&self) -> bool {
        let revisions = self.rows.iter().filter(|row| row.is_revision());
        revisions.count() > 1
    }

    /// Whether the button is wanted at the end as well.
    pub fn is_long(&self) -> bool {
        self.rows.len() > 10
    }
}

impl HistoryRow<'_> {
    /// Whether it is of the page's text.
    pub fn is_revision(&self) -> bool {
        matches!(self.of, RowOf::Revision { .. })
    }

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

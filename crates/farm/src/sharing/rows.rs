//! Rows for people: wikis that share alike become one, so that a crowd stays a handful of lines.
//!
//! A few wikis have a row each. What a row says is the same in the table for terminals and in the drawing.

use std::sync::Arc;

use super::{Label, Sharing, SharingWiki};

/// Up to so many wikis each has a row of its own.
const EACH_ITS_OWN: usize = 30;

/// More rows than these nobody reads; machines get all.
pub(super) const MOST_ROWS: usize = 200;

/// So many names stand in a row; the rest is counted.
const NAMED: usize = 4;

/// The columns after the names.
pub(super) const COLUMNS: [&str; 4] = ["cookie", "sessions", "users", "pages"];

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// `orchard`, or `w1, w2, w3, w4 and 96 more`.
    pub(super) names: String,
    /// How many wikis it stands for.
    pub(super) count: usize,
    /// What they share, in the order of the columns.
    pub(super) labels: [Option<Label>; 4],
}

/// All rows, and how many more there would be. Wikis that share nothing come last.
pub(super) fn rows(sharing: &Sharing) -> (Vec<Row>, usize) {
    let merging = sharing.wikis.len() > EACH_ITS_OWN;
    let (sharing_ones, alone): (Vec<&SharingWiki>, Vec<&SharingWiki>) =
        sharing.wikis.iter().partition(|wiki| shares_anything(wiki));
    let ordered: Vec<&SharingWiki> = sharing_ones.into_iter().chain(alone).collect();
    let alike = |one: &&SharingWiki, other: &&SharingWiki| merging && labels(one) == labels(other);
    let mut rows: Vec<Row> = ordered.chunk_by(alike).map(row).collect();
    let more = rows.len().saturating_sub(MOST_ROWS);
    rows.truncate(MOST_ROWS);
    (rows, more)
}

/// `a, b, c, d and 3 more`.
pub(super) fn names<'a>(ids: impl ExactSizeIterator<Item = &'a Arc<str>>) -> String {
    let more = ids.len().saturating_sub(NAMED);
    let shown: Vec<&str> = ids.take(NAMED).map(Arc::as_ref).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn row(wikis: &[&SharingWiki]) -> Row {
    Row {
        names: names(wikis.iter().map(|wiki| &wiki.id)),
        count: wikis.len(),
        labels: wikis.first().map(|wiki| labels(wiki)).unwrap_or_default(),
    }
}

fn labels(wiki: &SharingWiki) -> [Option<Label>; 4] {
    let SharingWiki {
        cookie,
        sessions,
        users,
        pages,
        ..
    } = wiki;
    [cookie, sessions, users, pages].map(Clone::clone)
}

fn shares_anything(wiki: &SharingWiki) -> bool {
    labels(wiki).iter().any(Option::is_some)
}

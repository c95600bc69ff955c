//! The trail: the pages a visitor saw last, across the wikis of a realm.
//!
//! Which visits count (existing pages that could be read, no bots, no errors) and whether an entry
//! may still be shown is decided by who knows pages and rights; here is only the list. Stores append
//! visits to the list they hold, so two tabs do not forget each other's pages.

use serde::{Deserialize, Serialize};

/// One visited page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TrailEntry {
    /// The wiki's id.
    pub wiki: String,
    /// The page's name.
    pub page: String,
}

impl TrailEntry {
    /// An entry for a page of a wiki.
    pub fn new(wiki: impl Into<String>, page: impl Into<String>) -> TrailEntry {
        TrailEntry {
            wiki: wiki.into(),
            page: page.into(),
        }
    }
}

/// Puts `entry` last, takes an earlier one of the same page out, and keeps the last `size`.
pub(crate) fn add_visit(trail: &mut Vec<TrailEntry>, entry: &TrailEntry, size: usize) {
    trail.retain(|earlier| earlier != entry);
    trail.push(entry.clone());
    let surplus = trail.len().saturating_sub(size);
    trail.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(pages: &[&str], size: usize) -> Vec<String> {
        let mut trail = Vec::new();
        for page in pages {
            add_visit(&mut trail, &TrailEntry::new("w", *page), size);
        }
        trail.into_iter().map(|entry| entry.page).collect()
    }

    #[test]
    fn the_page_seen_last_stands_last() {
        assert_eq!(walk(&["A", "B", "C"], 5), ["A", "B", "C"]);
    }

    #[test]
    fn a_page_seen_again_moves_to_the_end() {
        assert_eq!(walk(&["A", "B", "A"], 5), ["B", "A"]);
        assert_eq!(walk(&["A", "A"], 5), ["A"]);
    }

    #[test]
    fn only_the_last_ones_are_kept() {
        assert_eq!(walk(&["A", "B", "C", "D"], 2), ["C", "D"]);
        assert!(walk(&["A"], 0).is_empty());
    }

    #[test]
    fn equal_names_on_two_wikis_are_two_pages() {
        let mut trail = Vec::new();
        add_visit(&mut trail, &TrailEntry::new("w1", "Home"), 5);
        add_visit(&mut trail, &TrailEntry::new("w2", "Home"), 5);
        assert_eq!(trail.len(), 2);
    }
}

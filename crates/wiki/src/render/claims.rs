//! What a page has given away, so that a page that is laid into it takes other numbers and ids.
//!
//! Notes of the page inside are numbered on from those of the page around it, and its headings get ids that are free.
//! A page that takes nothing twice is the same inside as alone, and comes from the same cache.

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

/// The numbers of notes and the ids that are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    notes: usize,
    ids: Arc<BTreeSet<String>>,
}

impl Claims {
    pub(super) fn of(notes: usize, ids: BTreeSet<String>) -> Claims {
        let ids = Arc::new(ids);
        Claims { notes, ids }
    }

    /// How many notes there are.
    #[must_use]
    pub fn notes(&self) -> usize {
        self.notes
    }

    /// Whether an id is taken.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// The ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }

    /// Takes what another page has given away as well.
    pub fn add(&mut self, other: &Claims) {
        self.notes += other.notes;
        if self.ids.is_empty() {
            self.ids = Arc::clone(&other.ids);
        } else if !other.ids.is_empty() {
            Arc::make_mut(&mut self.ids).extend(other.ids.iter().cloned());
        }
    }

    /// Whether both have given away the same number or the same id.
    #[must_use]
    pub fn meets(&self, other: &Claims) -> bool {
        (self.notes > 0 && other.notes > 0) || !self.ids.is_disjoint(&other.ids)
    }

    /// The same for equal claims only.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.notes.to_le_bytes());
        for id in self.ids.iter() {
            digest.update(id.as_bytes());
            // No id has one.
            digest.update([0]);
        }
        digest.finalize().into()
    }

    /// About how many bytes they take in memory.
    pub(super) fn weight(&self) -> usize {
        self.ids.iter().map(|id| id.len() + 60).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(notes: usize, ids: &[&str]) -> Claims {
        Claims::of(notes, ids.iter().map(|id| (*id).to_owned()).collect())
    }

    #[test]
    fn claims_meet_where_a_number_or_an_id_is_the_same() {
        let page = claims(2, &["rota", "team"]);
        assert!(page.meets(&claims(1, &[])));
        assert!(page.meets(&claims(0, &["team"])));
        assert!(!page.meets(&claims(0, &["prices"])));
        assert!(!claims(0, &["rota"]).meets(&claims(5, &["prices"])));
    }

    #[test]
    fn what_is_added_is_taken_and_changes_the_fingerprint() {
        let (mut page, before) = (claims(2, &["rota"]), claims(2, &["rota"]));
        page.add(&claims(1, &["team"]));
        assert_eq!((page.notes(), page.ids().count()), (3, 2));
        assert!(page.has("team") && !before.has("team"));
        assert_ne!(page.fingerprint(), before.fingerprint());
        assert_ne!(
            claims(0, &["ab"]).fingerprint(),
            claims(0, &["a", "b"]).fingerprint()
        );
    }
}

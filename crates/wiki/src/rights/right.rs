//! The five rights and a small set of them.
//!
//! The words are MoinMoin's and part of every stored `#acl` line, so they never change. What an
//! action needs (renaming: delete on the old name, write on the new) is said by the action, not
//! here.

use std::fmt;

/// What a viewer may do with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// See the page, its history and its source, and find it in lists and searches.
    Read,
    /// Save a new revision, or make the page.
    Write,
    /// Delete the page; together with `Write` on the new name, rename it.
    Delete,
    /// Bring an earlier revision back.
    Revert,
    /// Change the page's own access control list.
    Admin,
}

impl Right {
    /// All rights, in the order in which people list them.
    pub const ALL: [Right; 5] = [
        Right::Read,
        Right::Write,
        Right::Delete,
        Right::Revert,
        Right::Admin,
    ];

    /// The word of an access control list; case counts, as in MoinMoin.
    pub fn from_word(word: &str) -> Option<Right> {
        Right::ALL.into_iter().find(|right| right.word() == word)
    }

    /// The word that stands for this right in an access control list.
    pub fn word(self) -> &'static str {
        match self {
            Right::Read => "read",
            Right::Write => "write",
            Right::Delete => "delete",
            Right::Revert => "revert",
            Right::Admin => "admin",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Right::Read => 1,
            Right::Write => 2,
            Right::Delete => 4,
            Right::Revert => 8,
            Right::Admin => 16,
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A set of rights, as one entry of a list names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RightSet(u8);

impl RightSet {
    /// Adds a right.
    pub fn insert(&mut self, right: Right) {
        self.0 |= right.bit();
    }

    /// Whether the right is in the set.
    pub fn contains(self, right: Right) -> bool {
        self.0 & right.bit() != 0
    }

    /// Whether no right is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Right> for RightSet {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> RightSet {
        let mut set = RightSet::default();
        rights.into_iter().for_each(|right| set.insert(right));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_right_is_found_again_by_its_word() {
        for right in Right::ALL {
            assert_eq!(Right::from_word(right.word()), Some(right));
            assert_eq!(Right::from_word(&right.word().to_uppercase()), None);
        }
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let set: RightSet = [Right::Read, Right::Admin].into_iter().collect();
        assert!(set.contains(Right::Read) && set.contains(Right::Admin));
        assert!(!set.contains(Right::Write) && !set.contains(Right::Delete) && !set.contains(Right::Revert));
        assert!(RightSet::default().is_empty() && !set.is_empty());
    }
}

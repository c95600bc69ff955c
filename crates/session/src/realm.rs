//! The realm: who shares sessions with whom.
//!
//! Two wikis share sessions exactly when their realms are equal. The realm is mixed into every id's
//! signature and kept in every record, so a record of another realm is never accepted even where two
//! wikis share a session directory by mistake. This file does not decide what a canonical store
//! address is; the farm does.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The hash of everything that must be equal for two wikis to share sessions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Realm([u8; 32]);

impl Realm {
    /// The realm of a cookie name without prefix, a `session_kind`, and the canonical addresses of
    /// the session store and the user store (a real path, or a URL without credentials).
    pub fn new(cookie_name_part: &str, kind: &str, session_store: &str, user_store: &str) -> Realm {
        let mut hash = Sha256::new();
        hash.update(b"grange realm v1");
        for part in [cookie_name_part, kind, session_store, user_store] {
            // The length in front keeps ("ab", "c") apart from ("a", "bc").
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Realm(hash.finalize().into())
    }

    /// The realm that a store kept as bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Realm {
        Realm(bytes)
    }

    /// The bytes that stores keep and signatures cover.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 lower-case hexadecimal digits, for people and for file names.
    pub fn to_hex(&self) -> String {
        crate::id::to_hex(&self.0)
    }
}

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = self.to_hex();
        write!(f, "Realm({}…)", hex.get(..12).unwrap_or(&hex))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts_and_parts_do_not_run_together() {
        let realms = [
            Realm::new("ROOT", "grange-session", "/s", "/u"),
            Realm::new("ROOT2", "grange-session", "/s", "/u"),
            Realm::new("ROOT", "other", "/s", "/u"),
            Realm::new("ROOT", "grange-session", "/t", "/u"),
            Realm::new("ROOT", "grange-session", "/s", "/v"),
            Realm::new("ROOTg", "range-session", "/s", "/u"),
        ];
        for (i, one) in realms.iter().enumerate() {
            assert!(realms.iter().skip(i + 1).all(|other| other != one));
        }
    }

    #[test]
    fn equal_parts_make_equal_realms_and_64_hex_digits() {
        let realm = Realm::new("myfarm", "k", "/s", "/u");
        assert_eq!(realm, Realm::new("myfarm", "k", "/s", "/u"));
        assert_eq!(realm.to_hex().len(), 64);
        assert_eq!(Realm::from_bytes(*realm.as_bytes()), realm);
    }
}

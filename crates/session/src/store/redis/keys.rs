//! What stands where in Redis: the names of keys.
//!
//! All keys of a realm begin with `KIND:{REALM}:`. Braces are a cluster's hash tag, so everything of a
//! realm lies in one slot: a script can compare a record with the kill generations, and end one record
//! while it makes another, in one step. Realms spread over the cluster. Only the list of realms that want
//! sweeping stands apart, as `KIND:realms`.

use crate::id::StoreKey;
use crate::realm::Realm;
use crate::store::redis::address::RedisAddressError;

/// So many lists of killed records wait for the sweep before two of them are put together.
pub(super) const KILLED_LISTS: usize = 8;
/// 128 bits of the realm's hash name it.
const REALM_DIGITS: usize = 32;
const LONGEST_KIND: usize = 64;

/// Names the keys of one `session_kind`.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    kind: String,
}

/// Names the keys of one realm.
#[derive(Debug, Clone)]
pub(super) struct RealmKeys {
    start: String,
}

impl Keys {
    /// Braces and colons would make the names say something else.
    pub(super) fn new(kind: &str) -> Result<Keys, RedisAddressError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if kind.is_empty() || kind.len() > LONGEST_KIND || !kind.chars().all(is_plain) {
            return Err(RedisAddressError::Kind(kind.to_owned()));
        }
        Ok(Keys {
            kind: kind.to_owned(),
        })
    }

    /// The realms by when there is something to sweep.
    pub(super) fn realms(&self) -> String {
        format!("{}:realms", self.kind)
    }

    pub(super) fn of(&self, realm: &Realm) -> RealmKeys {
        self.of_named(&realm_name(realm))
    }

    pub(super) fn of_named(&self, realm: &str) -> RealmKeys {
        RealmKeys {
            start: format!("{}:{{{realm}}}:", self.kind),
        }
    }
}

/// How a realm is called in names of keys.
pub(super) fn realm_name(realm: &Realm) -> String {
    let mut name = realm.to_hex();
    name.truncate(REALM_DIGITS);
    name
}

impl RealmKeys {
    /// A record or its tombstone.
    pub(super) fn record(&self, key: &StoreKey) -> String {
        self.record_of(&key.to_hex())
    }

    pub(super) fn record_of(&self, hex: &str) -> String {
        self.named("s:", hex)
    }

    /// Generations and the last kills, by subject.
    pub(super) fn generations(&self) -> String {
        self.named("generations", "")
    }

    /// Records of guests by their end.
    pub(super) fn guests(&self) -> String {
        self.named("guests", "")
    }

    /// Records of users by their end.
    pub(super) fn users(&self) -> String {
        self.named("users", "")
    }

    /// Which record is which user's.
    pub(super) fn owners(&self) -> String {
        self.named("owners", "")
    }

    /// Tombstones by their end.
    pub(super) fn tombs(&self) -> String {
        self.named("tombs", "")
    }

    /// Killed records that wait for the sweep: those of single users in the first list.
    pub(super) fn killed(&self) -> impl Iterator<Item = String> + '_ {
        (0..=KILLED_LISTS).map(|i| self.named("killed", &i.to_string()))
    }

    fn named(&self, what: &str, which: &str) -> String {
        format!("{}{what}{which}", self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, policy};

    #[test]
    fn a_name_in_front_cannot_change_what_the_keys_mean() {
        for kind in ["grange-session", "a_b.c"] {
            assert!(Keys::new(kind).is_ok(), "{kind}");
        }
        for kind in ["", "a{b}", "a:b", "a b", "ä", &"k".repeat(65)] {
            assert!(Keys::new(kind).is_err(), "{kind}");
        }
    }

    #[test]
    fn all_keys_of_a_realm_have_its_hash_tag() {
        let realm = policy().realm;
        let keys = Keys::new("k").unwrap().of(&realm);
        let tag = format!("k:{{{}}}:", realm_name(&realm));
        let key = StoreKey::from_parts([7; 32], at(0));
        for name in [keys.record(&key), keys.generations(), keys.guests(), keys.tombs()] {
            assert!(name.starts_with(&tag), "{name}");
        }
    }
}

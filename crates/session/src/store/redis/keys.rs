//! What stands where in Redis: the names of keys.
//!
//! All keys of a realm begin with `KIND:{REALM}:`. Braces are a cluster's hash tag, so everything of a
//! realm lies in one slot: a script can compare a record with the kill generations, and end one record
//! while it makes another, in one step. Realms spread over the cluster. Only the list of realms that want
//! sweeping stands apart, as `KIND:realms`.

use std::fmt::{self, Display, Formatter};

use redis::{RedisWrite, ToRedisArgs, ToSingleRedisArg};

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

/// The name of a key; made where it is sent, since a call has several.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key<'a> {
    start: &'a str,
    what: &'static str,
    which: Which<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Which<'a> {
    The,
    Number(usize),
    Record(Hex<'a>),
}

/// A record's key as a store's list names it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hex<'a> {
    Of(&'a StoreKey),
    Text(&'a str),
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
            start: [&self.kind, ":{", realm, "}:"].concat(),
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
    pub(super) fn record<'a>(&'a self, key: &'a StoreKey) -> Key<'a> {
        self.named("s:", Which::Record(Hex::Of(key)))
    }

    pub(super) fn record_of<'a>(&'a self, hex: &'a str) -> Key<'a> {
        self.named("s:", Which::Record(Hex::Text(hex)))
    }

    /// A record, the generations, and the lists in which it may stand.
    pub(super) fn record_and_lists<'a>(&'a self, key: &'a StoreKey) -> [Key<'a>; 5] {
        [
            self.record(key),
            self.generations(),
            self.guests(),
            self.users(),
            self.owners(),
        ]
    }

    /// Generations and the last kills, by subject.
    pub(super) fn generations(&self) -> Key<'_> {
        self.the("generations")
    }

    /// Records of guests by their end.
    pub(super) fn guests(&self) -> Key<'_> {
        self.the("guests")
    }

    /// Records of users by their end.
    pub(super) fn users(&self) -> Key<'_> {
        self.the("users")
    }

    /// Which record is which user's.
    pub(super) fn owners(&self) -> Key<'_> {
        self.the("owners")
    }

    /// Tombstones by their end.
    pub(super) fn tombs(&self) -> Key<'_> {
        self.the("tombs")
    }

    /// Killed records that wait for the sweep: those of single users in the first list.
    pub(super) fn killed(&self) -> impl Iterator<Item = Key<'_>> + Clone {
        (0..KILLED_LISTS + 1).map(|number| self.named("killed", Which::Number(number)))
    }

    fn the(&self, what: &'static str) -> Key<'_> {
        self.named(what, Which::The)
    }

    fn named<'a>(&'a self, what: &'static str, which: Which<'a>) -> Key<'a> {
        Key {
            start: &self.start,
            what,
            which,
        }
    }
}

impl Display for Key<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.start)?;
        f.write_str(self.what)?;
        match self.which {
            Which::The => Ok(()),
            Which::Number(number) => write!(f, "{number}"),
            Which::Record(hex) => hex.fmt(f),
        }
    }
}

impl Display for Hex<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Hex::Of(key) => f.write_str(&key.to_hex()),
            Hex::Text(hex) => f.write_str(hex),
        }
    }
}

impl ToRedisArgs for Key<'_> {
    fn write_redis_args<W: RedisWrite + ?Sized>(&self, out: &mut W) {
        out.write_arg_fmt(self);
    }
}

impl ToSingleRedisArg for Key<'_> {}

impl ToRedisArgs for Hex<'_> {
    fn write_redis_args<W: RedisWrite + ?Sized>(&self, out: &mut W) {
        out.write_arg_fmt(self);
    }
}

impl ToSingleRedisArg for Hex<'_> {}

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
            assert!(name.to_string().starts_with(&tag), "{name}");
        }
    }
}

//! Every key of farmconfig.toml, each defined once.
//!
//! A section is a file in `raw/keys/`. The doc comment of a key is its documentation: the JSON Schema shows it.
//! To add a key, add it to its section and read it in `check/`.

use std::collections::HashMap;

use super::key::Key;

/// Defines a section: constants, and `KEYS` with all of them.
macro_rules! section {
    ($($(#[doc = $doc:literal])+ $name:ident = $key:expr;)+) => {
        $($(#[doc = $doc])+ pub(crate) const $name: Key = $key.doc(&[$($doc),+]);)+
        /// The keys of this section, in the order of their documentation.
        pub(crate) const KEYS: &[Key] = &[$($name),+];
    };
}

pub(crate) mod cookie;
pub(crate) mod farm;
pub(crate) mod limits;
pub(crate) mod look;
pub(crate) mod places;
pub(crate) mod users;

/// Which table a key may stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// `[farm]`
    Farm,
    /// `[defaults]`, `[group.X]` and `[wiki.Y]`
    Wiki,
}

impl Scope {
    /// The sections of a table.
    pub(crate) fn sections(self) -> &'static [&'static [Key]] {
        match self {
            Scope::Farm => &[farm::KEYS],
            Scope::Wiki => &[look::KEYS, places::KEYS, cookie::KEYS, users::KEYS, limits::KEYS],
        }
    }

    /// The keys of a table, in the order of their documentation.
    pub(crate) fn keys(self) -> impl Iterator<Item = &'static Key> {
        self.sections().iter().flat_map(|section| section.iter())
    }

    /// The other table a misplaced key may belong to.
    pub(crate) fn other(self) -> Scope {
        match self {
            Scope::Farm => Scope::Wiki,
            Scope::Wiki => Scope::Farm,
        }
    }
}

/// The keys of a table by name, with their position.
#[derive(Debug)]
pub(crate) struct Index(HashMap<&'static str, (usize, &'static Key)>);

impl Index {
    pub(crate) fn of(scope: Scope) -> Index {
        Index(
            scope
                .keys()
                .enumerate()
                .map(|(slot, key)| (key.name, (slot, key)))
                .collect(),
        )
    }

    pub(crate) fn find(&self, name: &str) -> Option<(usize, &'static Key)> {
        self.0.get(name).copied()
    }

    pub(crate) fn slot(&self, name: &str) -> Option<usize> {
        self.0.get(name).map(|&(slot, _)| slot)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

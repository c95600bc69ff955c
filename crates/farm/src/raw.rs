//! The files as they stand: every key known, typed and placed; nothing merged, nothing concluded.
//!
//! [`RawConfig`] mirrors farmconfig.toml: `[farm]`, `[defaults]`, `[group.X]`, `[wiki.Y]`. It is walked as a tree
//! with byte spans instead of deserialised, so that one wrong key costs one problem and not the rest of the file.
//! `raw/keys.rs` defines the keys (once for reading, schema, `config show` and documentation), `raw/read.rs` walks
//! a document, `raw/include.rs` finds further files. `layers.rs` merges, `check.rs` concludes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::problem::Place;

mod barriers;
pub(crate) mod expand;
pub(crate) mod include;
pub(crate) mod key;
pub(crate) mod keys;
pub(crate) mod read;
pub(crate) mod repair;
pub(crate) mod rules;
pub(crate) mod unknown;
pub(crate) mod value;

pub(crate) use key::Key;
pub(crate) use value::{Entry, Text, Value};

/// All files together, unmerged.
#[derive(Debug, Default)]
pub(crate) struct RawConfig {
    /// `[farm]`, of the main file only.
    pub(crate) farm: RawTable,
    /// `[defaults]`, of the main file only.
    pub(crate) defaults: RawTable,
    /// `[group.X]` of all files.
    pub(crate) groups: Named,
    /// `[wiki.Y]` of all files, in the order of reading.
    pub(crate) wikis: Named,
}

/// Tables with a name each, found by it.
#[derive(Debug, Default)]
pub(crate) struct Named {
    tables: Vec<RawTable>,
    by_id: HashMap<Arc<str>, usize>,
}

impl Named {
    /// Adds a table.
    ///
    /// # Errors
    /// * the place of the table that already has this name.
    pub(crate) fn add(&mut self, table: RawTable) -> Result<(), Place> {
        if let Some(first) = self.find(&table.id) {
            return Err(first.place);
        }
        self.by_id.insert(Arc::clone(&table.id), self.tables.len());
        self.tables.push(table);
        Ok(())
    }

    pub(crate) fn find(&self, id: &str) -> Option<&RawTable> {
        self.by_id.get(id).and_then(|&index| self.tables.get(index))
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(|table| table.id.as_ref())
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, RawTable> {
        self.tables.iter()
    }
}

/// One table with its entries in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct RawTable {
    /// `wiki1` of `[wiki.wiki1]`; empty for `[farm]` and `[defaults]`.
    pub(crate) id: Arc<str>,
    /// Its name in the header.
    pub(crate) place: Place,
    pub(crate) entries: Vec<Entry>,
    /// Whether lines of it could not be read, so that what is missing may only be unreadable.
    pub(crate) garbled: bool,
}

impl RawTable {
    /// The entry of a key, broken ones included.
    pub(crate) fn entry(&self, key: &Key) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key.name == key.name)
    }
}

//! Inheritance: built-in default → `[defaults]` → `[group.X]` → `[wiki.Y]`, later wins.
//!
//! [`Layers`] holds all tables; [`Layers::effective`] is one wiki's view of them, in which every value still knows
//! the layer, file and line it came from. Nothing is concluded here: `check.rs` does.

use std::sync::Arc;

use crate::problem::Place;
use crate::raw::keys::{Index, Scope, cookie, look};
use crate::raw::value::Texts;
use crate::raw::{Entry, Key, RawConfig, RawTable, Text, Value};

/// The three spellings of one setting: a layer that has one of them replaces all of them.
const LIFETIMES: [&Key; 3] = [
    &cookie::COOKIE_LIFETIME,
    &cookie::ANONYMOUS_SESSION_LIFETIME,
    &cookie::ANONYMOUS_COOKIE_LIFETIME,
];

/// All tables and the built-in defaults.
#[derive(Debug)]
pub(crate) struct Layers {
    pub(crate) raw: RawConfig,
    farm_defaults: RawTable,
    wiki_defaults: RawTable,
    index: Index,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    BuiltIn,
    Defaults,
    Group,
    Wiki,
}

/// One wiki's settings.
#[derive(Debug)]
pub(crate) struct Effective<'a> {
    pub(crate) wiki: &'a RawTable,
    pub(crate) group: Option<&'a RawTable>,
    layers: &'a Layers,
    slots: Vec<Option<(Layer, &'a Entry)>>,
}

impl Layers {
    pub(crate) fn new(raw: RawConfig, farm_defaults: RawTable, wiki_defaults: RawTable) -> Layers {
        Layers {
            raw,
            farm_defaults,
            wiki_defaults,
            index: Index::of(Scope::Wiki),
        }
    }

    /// The settings of a wiki.
    pub(crate) fn effective<'a>(&'a self, wiki: &'a RawTable) -> Effective<'a> {
        let group = self
            .group_of(wiki)
            .and_then(|group| self.raw.groups.find(&group.value));
        let mut effective = Effective {
            wiki,
            group,
            layers: self,
            slots: vec![None; self.index.len()],
        };
        effective.overlay(Layer::BuiltIn, &self.wiki_defaults);
        effective.overlay(Layer::Defaults, &self.raw.defaults);
        if let Some(group) = group {
            effective.overlay(Layer::Group, group);
        }
        effective.overlay(Layer::Wiki, wiki);
        effective
    }

    /// The group a wiki names, whether or not there is one.
    pub(crate) fn group_of<'a>(&'a self, wiki: &'a RawTable) -> Option<&'a Text> {
        let named = wiki
            .entry(&look::GROUP)
            .or_else(|| self.raw.defaults.entry(&look::GROUP))?;
        match &named.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A key of `[farm]`: the written value or the built-in one.
    pub(crate) fn farm(&self, key: &Key) -> Option<&Entry> {
        let written = self
            .raw
            .farm
            .entry(key)
            .filter(|entry| entry.value != Value::Broken);
        written.or_else(|| self.farm_defaults.entry(key))
    }

    /// Every table that wikis inherit from or are: `[defaults]`, groups, wikis.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &RawTable> {
        let defaults = std::iter::once(&self.raw.defaults);
        defaults
            .chain(self.raw.groups.iter())
            .chain(self.raw.wikis.iter())
    }

    /// Every entry of a key wherever it is written, once.
    pub(crate) fn written<'a>(&'a self, key: &'static Key) -> impl Iterator<Item = &'a Entry> {
        self.tables().filter_map(move |table| table.entry(key))
    }
}

impl<'a> Effective<'a> {
    fn overlay(&mut self, layer: Layer, table: &'a RawTable) {
        let is_lifetime = |entry: &Entry| LIFETIMES.iter().any(|key| key.name == entry.key.name);
        if table.entries.iter().any(is_lifetime) {
            for key in LIFETIMES {
                self.set(key.name, None);
            }
        }
        for entry in &table.entries {
            if let Some(slot) = self.slots.get_mut(entry.slot) {
                *slot = Some((layer, entry));
            }
        }
    }

    fn set(&mut self, name: &str, held: Option<(Layer, &'a Entry)>) {
        if let Some(slot) = self
            .layers
            .index
            .slot(name)
            .and_then(|slot| self.slots.get_mut(slot))
        {
            *slot = held;
        }
    }

    /// The entry in force, with its layer, broken ones included.
    pub(crate) fn held(&self, key: &Key) -> Option<(Layer, &'a Entry)> {
        let slot = self.layers.index.slot(key.name)?;
        self.slots.get(slot).copied().flatten()
    }

    /// The value in force; the built-in one in place of a broken one.
    pub(crate) fn value(&self, key: &Key) -> Option<&'a Value> {
        let (_, entry) = self.held(key)?;
        match entry.value {
            Value::Broken => self.layers.wiki_defaults.entry(key).map(|entry| &entry.value),
            _ => Some(&entry.value),
        }
    }

    /// A text.
    pub(crate) fn text(&self, key: &Key) -> Option<&'a Text> {
        match self.value(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A list.
    pub(crate) fn texts(&self, key: &Key) -> Option<&'a Texts> {
        match self.value(key)? {
            Value::Texts(texts) => Some(texts),
            _ => None,
        }
    }

    /// The items of a list.
    pub(crate) fn items(&self, key: &Key) -> &'a [Text] {
        self.texts(key).map_or(&[], |texts| &texts.items)
    }

    /// The items of a list, shared with every wiki that inherits it.
    pub(crate) fn shared(&self, key: &Key) -> Arc<[String]> {
        self.texts(key)
            .map(|texts| Arc::clone(&texts.plain))
            .unwrap_or_default()
    }

    /// A switch.
    pub(crate) fn switch(&self, key: &Key) -> Option<bool> {
        match self.value(key)? {
            Value::Bool(yes) => Some(*yes),
            _ => None,
        }
    }

    /// A whole number.
    pub(crate) fn whole(&self, key: &Key) -> Option<i64> {
        match self.value(key)? {
            Value::Whole(number) => Some(*number),
            _ => None,
        }
    }

    /// A number of hours or seconds.
    pub(crate) fn number(&self, key: &Key) -> Option<f64> {
        match self.value(key)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Where a setting stands; the wiki's header where it is nowhere written.
    pub(crate) fn place(&self, key: &Key) -> Place {
        match self.held(key) {
            Some((Layer::BuiltIn, _)) | None => self.wiki.place,
            Some((_, entry)) => entry.place,
        }
    }

    /// Whether one of these settings was refused: what follows from them would be a guess.
    pub(crate) fn any_broken(&self, keys: &[&Key]) -> bool {
        let tables = [Some(self.wiki), self.group, Some(&self.layers.raw.defaults)];
        let garbled = tables.into_iter().flatten().any(|table| table.garbled);
        let broken = |key: &&Key| self.held(key).is_some_and(|(_, entry)| entry.value.is_broken());
        garbled || keys.iter().any(broken)
    }

    /// All settings in force, in the order of the documentation.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static Key, Option<(Layer, &'a Entry)>)> {
        Scope::Wiki.keys().zip(self.slots.iter().copied())
    }
}

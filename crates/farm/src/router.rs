//! The address table: which wiki answers at this host, port and path.
//!
//! The most specific matching entry wins, whatever the order in the file: exact host before the longest
//! `*.suffix` before `*`; then with port before without; then with scheme before without; then the longest path.
//! A lookup costs one hash per label and per segment, with ten wikis and with a hundred thousand.
//!
//! It opens nothing, redirects nothing and reads no header. Start at [`Router::find`]; the words of
//! `grange explain` are in `router/explain.rs`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use crate::address::{Address, Authority, HostPattern, Scheme, decode_segment, normalise_host};

mod explain;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

pub use explain::{Considered, Verdict};

/// Keys come from the admin's file only, never from a request, so a fixed hash is safe and keeps tables small.
type Table<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// Which entry of a wiki.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Entry {
    /// The n-th of its `at`; the first is the canonical address.
    Address(u32),
    /// The n-th of its `aliases`: answers with a redirect to the canonical address.
    Alias(u32),
}

/// One entry to be put into the table.
#[derive(Debug, Clone, Copy)]
pub struct Route<'a> {
    /// Index of the wiki in the farm.
    pub wiki: usize,
    /// Which of its entries.
    pub entry: Entry,
    /// The entry itself.
    pub address: &'a Address,
}

/// What a lookup found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Index of the wiki in the farm.
    pub wiki: usize,
    /// The entry that matched.
    pub entry: Entry,
    /// How many bytes of the raw path are the mount; the rest is the page's address.
    pub base_len: usize,
    /// The mount path as links have it: `""` or `/wiki1`.
    pub base: Arc<str>,
}

/// Two entries that stand for the same place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The one that came first: index of the wiki, and which entry.
    pub first: (usize, Entry),
    /// The one that came later.
    pub second: (usize, Entry),
    /// The first as written.
    pub first_written: String,
    /// The second as written.
    pub second_written: String,
}

impl fmt::Display for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" and \"{}\" are the same address", self.first_written, self.second_written)
    }
}

/// The address table of a farm.
#[derive(Debug, Default)]
pub struct Router {
    exact: Table<Box<str>, HostNode>,
    suffixes: Table<Box<str>, HostNode>,
    any: Option<HostNode>,
}

/// All entries of one host pattern. Most hosts have one entry without port and scheme, so that one stands
/// in the node itself and the table of restricted ones is not even allocated.
#[derive(Debug, Default)]
struct HostNode {
    open: PathNode,
    restricted: Option<Box<Table<Restriction, PathNode>>>,
}

/// What an entry may demand beside the host.
type Restriction = (Option<Scheme>, Option<u16>);

/// A path so far: the entry that ends here, and what may follow.
#[derive(Debug, Default)]
struct PathNode {
    here: Option<Leaf>,
    below: Option<Box<Table<Box<str>, PathNode>>>,
}

#[derive(Debug)]
struct Leaf {
    wiki: u32,
    entry: Entry,
    base: Arc<str>,
}

impl Router {
    /// Builds the table.
    ///
    /// # Errors
    /// * All pairs of entries that stand for the same place, in the order of the routes.
    pub fn build<'a>(routes: impl IntoIterator<Item = Route<'a>>) -> Result<Router, Vec<Overlap>> {
        let mut router = Router::default();
        let mut clashes = Vec::new();
        let mut kept: Vec<Route<'a>> = Vec::new();
        for route in routes {
            match router.insert(&route) {
                Ok(()) => kept.push(route),
                Err(holder) => clashes.push((holder, route)),
            }
        }
        match clashes.is_empty() {
            true => Ok(router),
            false => Err(clashes.into_iter().map(|(first, second)| overlap(first, &second, &kept)).collect()),
        }
    }

    /// The most specific entry that matches, or none: there is no implicit default wiki.
    ///
    /// `path` is the raw path of the request line, percent-encoded, without query. A segment is compared as decoded
    /// once, so `/wiki%31` finds `/wiki1`, and an encoded slash never splits a segment.
    pub fn find(&self, authority: &Authority<'_>, path: &str) -> Option<Found> {
        let host = normalise_host(authority.host).ok()?;
        let asked = Asked { https: authority.https, port: authority.effective_port(), path };
        if let Some(found) = self.exact.get(host.as_ref()).and_then(|node| node.find(&asked)) {
            return Some(found);
        }
        self.find_by_suffix(&host, &asked).or_else(|| self.any.as_ref()?.find(&asked))
    }

    fn find_by_suffix(&self, host: &str, asked: &Asked<'_>) -> Option<Found> {
        if self.suffixes.is_empty() {
            return None;
        }
        let mut rest = host;
        while let Some((_, suffix)) = rest.split_once('.') {
            if let Some(found) = self.suffixes.get(suffix).and_then(|node| node.find(asked)) {
                return Some(found);
            }
            rest = suffix;
        }
        None
    }

    /// Puts one entry in its place, or tells who holds it.
    fn insert(&mut self, route: &Route<'_>) -> Result<(), (usize, Entry)> {
        let address = route.address;
        let host = match address.host() {
            HostPattern::Exact(name) => self.exact.entry(name.as_str().into()).or_default(),
            HostPattern::Suffix(suffix) => self.suffixes.entry(suffix.as_str().into()).or_default(),
            HostPattern::Any => self.any.get_or_insert_default(),
        };
        let root = match (address.scheme(), address.port()) {
            (None, None) => &mut host.open,
            restriction => host.restricted.get_or_insert_default().entry(restriction).or_default(),
        };
        let node = address.path().iter().fold(root, |node, segment| {
            node.below.get_or_insert_default().entry(segment.as_str().into()).or_default()
        });
        match &node.here {
            Some(holder) => Err((holder.wiki as usize, holder.entry)),
            None => {
                node.here = Some(Leaf::of(route));
                Ok(())
            }
        }
    }
}

/// The parts of a request that a host's entries look at.
struct Asked<'a> {
    https: bool,
    port: u16,
    path: &'a str,
}

impl HostNode {
    fn find(&self, asked: &Asked<'_>) -> Option<Found> {
        let Some(restricted) = &self.restricted else {
            return self.open.find(asked.path);
        };
        let scheme = Some(Scheme::of(asked.https));
        let port = Some(asked.port);
        let by_restriction = [(scheme, port), (None, port), (scheme, None)];
        by_restriction
            .iter()
            .find_map(|restriction| restricted.get(restriction)?.find(asked.path))
            .or_else(|| self.open.find(asked.path))
    }
}

impl PathNode {
    /// The deepest entry on the way down the path's segments.
    fn find(&self, path: &str) -> Option<Found> {
        let mut deepest = self.here.as_ref().map(|leaf| (leaf, 0));
        let mut node = self;
        let mut end = 0;
        while let Some((child, child_end)) = node.step(path, end) {
            (node, end) = (child, child_end);
            deepest = node.here.as_ref().map(|leaf| (leaf, end)).or(deepest);
        }
        deepest.map(|(leaf, base_len)| leaf.found(base_len))
    }

    /// One segment further: the child and where its segment ends in the raw path.
    fn step(&self, path: &str, from: usize) -> Option<(&PathNode, usize)> {
        let below = self.below.as_ref()?;
        let rest = path.get(from..)?.strip_prefix('/')?;
        let raw = rest.split_once('/').map_or(rest, |(segment, _)| segment);
        let segment: Cow<'_, str> = decode_segment(raw)?;
        let child = below.get(segment.as_ref())?;
        Some((child, from + 1 + raw.len()))
    }
}

impl Leaf {
    fn of(route: &Route<'_>) -> Leaf {
        // A farm of four billion wikis is refused long before by memory.
        let wiki = u32::try_from(route.wiki).unwrap_or(u32::MAX);
        Leaf { wiki, entry: route.entry, base: route.address.base().into() }
    }

    fn found(&self, base_len: usize) -> Found {
        Found { wiki: self.wiki as usize, entry: self.entry, base_len, base: Arc::clone(&self.base) }
    }
}

fn overlap(first: (usize, Entry), second: &Route<'_>, kept: &[Route<'_>]) -> Overlap {
    let holder = kept.iter().find(|route| (route.wiki, route.entry) == first);
    Overlap {
        first,
        second: (second.wiki, second.entry),
        first_written: holder.map(|route| route.address.written().to_owned()).unwrap_or_default(),
        second_written: second.address.written().to_owned(),
    }
}

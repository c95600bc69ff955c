//! The address table: which wiki answers at this host, port and path.
//!
//! The most specific matching entry wins, whatever the order in the file: exact host before the longest
//! `*.suffix` before `*`; then with port before without; then with scheme before without; then the longest path.
//! A lookup costs one hash per label and per segment, with ten wikis and with a hundred thousand.
//!
//! It opens nothing, redirects nothing and reads no header. Start at [`Router::find`]; the words of
//! `grange explain` are in `router/explain.rs`.

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
pub struct Found<'t> {
    /// Index of the wiki in the farm.
    pub wiki: usize,
    /// The entry that matched.
    pub entry: Entry,
    /// How many bytes of the raw path are the mount; the rest is the page's address.
    pub base_len: usize,
    /// The mount path as links have it: `""` or `/wiki1`.
    pub base: &'t str,
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
        write!(
            f,
            "\"{}\" and \"{}\" are the same address",
            self.first_written, self.second_written
        )
    }
}

/// The address table of a farm.
#[derive(Debug)]
pub struct Router {
    exact: Table<Box<str>, HostNode>,
    suffixes: Table<Box<str>, HostNode>,
    any: Option<HostNode>,
}

/// All entries of one host pattern. Most hosts have one entry without path, port and scheme, so that one stands in
/// the node itself: ten thousand such hosts fit into a processor's cache, and a lookup costs what it does among ten.
#[derive(Debug, Default)]
struct HostNode {
    root: Option<Target>,
    more: Option<Box<MoreOfHost>>,
}

#[derive(Debug, Default)]
struct MoreOfHost {
    below: Segments,
    restricted: Table<Restriction, PathNode>,
}

/// What an entry may demand beside the host.
type Restriction = (Option<Scheme>, Option<u16>);

/// What may follow, by its next decoded segment.
type Segments = Table<Box<str>, PathNode>;

/// A path so far: the entry that ends here, and what may follow.
#[derive(Debug, Default)]
struct PathNode {
    here: Option<(Target, Arc<str>)>,
    below: Segments,
}

#[derive(Debug, Clone, Copy)]
struct Target {
    wiki: u32,
    entry: Entry,
}

/// A found target, its mount as links have it (`None` = no path), and the mount's length in the raw path.
type Hit<'a> = (Target, Option<&'a Arc<str>>, usize);

impl Router {
    /// Builds the table.
    ///
    /// # Errors
    /// * All pairs of entries that stand for the same place, in the order of the routes.
    pub fn build<'a>(routes: impl IntoIterator<Item = Route<'a>>) -> Result<Router, Vec<Overlap>> {
        let mut router = Router {
            exact: Table::default(),
            suffixes: Table::default(),
            any: None,
        };
        let mut clashes = Vec::new();
        let mut kept: Vec<Route<'a>> = Vec::new();
        for route in routes {
            match router.insert(&route) {
                None => kept.push(route),
                Some(holder) => clashes.push((holder, route)),
            }
        }
        match clashes.is_empty() {
            true => Ok(router),
            false => Err(clashes
                .into_iter()
                .map(|(first, second)| overlap(first, &second, &kept))
                .collect()),
        }
    }

    /// The most specific entry that matches, or none: there is no implicit default wiki.
    ///
    /// `path` is the raw path of the request line, percent-encoded, without query. A segment is compared as decoded
    /// once, so `/wiki%31` finds `/wiki1`, and an encoded slash never splits a segment.
    pub fn find(&self, authority: &Authority<'_>, path: &str) -> Option<Found<'_>> {
        let host = normalise_host(authority.host).ok()?;
        let asked = Asked {
            https: authority.https,
            port: authority.effective_port(),
            path,
        };
        let exact = self.exact.get(host.as_ref()).and_then(|node| node.find(&asked));
        let (target, base, base_len) = exact
            .or_else(|| self.find_by_suffix(&host, &asked))
            .or_else(|| self.any.as_ref()?.find(&asked))?;
        let base = base.map_or("", |base| &**base);
        Some(Found {
            wiki: target.wiki as usize,
            entry: target.entry,
            base_len,
            base,
        })
    }

    fn find_by_suffix(&self, host: &str, asked: &Asked<'_>) -> Option<Hit<'_>> {
        if self.suffixes.is_empty() {
            return None;
        }
        let mut rest = host;
        while let Some((_, suffix)) = rest.split_once('.') {
            if let Some(hit) = self.suffixes.get(suffix).and_then(|node| node.find(asked)) {
                return Some(hit);
            }
            rest = suffix;
        }
        None
    }

    /// Puts one entry in its place, or tells who holds it.
    fn insert(&mut self, route: &Route<'_>) -> Option<Target> {
        let address = route.address;
        let host = match address.host() {
            HostPattern::Exact(name) => self.exact.entry(name.as_str().into()).or_default(),
            HostPattern::Suffix(suffix) => self.suffixes.entry(suffix.as_str().into()).or_default(),
            HostPattern::Any => self.any.get_or_insert_default(),
        };
        let target = Target::of(route);
        let restriction = (address.scheme(), address.port());
        match (restriction, address.path().split_first()) {
            ((None, None), None) if host.root.is_some() => host.root,
            ((None, None), None) => {
                host.root = Some(target);
                None
            }
            ((None, None), Some((first, rest))) => {
                let below = &mut host.more.get_or_insert_default().below;
                below
                    .entry(first.as_str().into())
                    .or_default()
                    .insert(rest, target, address)
            }
            _ => {
                let restricted = &mut host.more.get_or_insert_default().restricted;
                restricted
                    .entry(restriction)
                    .or_default()
                    .insert(address.path(), target, address)
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
    fn find(&self, asked: &Asked<'_>) -> Option<Hit<'_>> {
        let root = self.root.map(|target| (target, None, 0));
        let Some(more) = &self.more else {
            return root;
        };
        more.find_restricted(asked)
            .or_else(|| descend(root, &more.below, asked.path))
    }
}

impl MoreOfHost {
    fn find_restricted(&self, asked: &Asked<'_>) -> Option<Hit<'_>> {
        if self.restricted.is_empty() {
            return None;
        }
        let (scheme, port) = (Some(Scheme::of(asked.https)), Some(asked.port));
        [(scheme, port), (None, port), (scheme, None)]
            .iter()
            .find_map(|restriction| {
                let node = self.restricted.get(restriction)?;
                descend(node.hit(0), &node.below, asked.path)
            })
    }
}

impl PathNode {
    fn hit(&self, base_len: usize) -> Option<Hit<'_>> {
        self.here
            .as_ref()
            .map(|(target, base)| (*target, Some(base), base_len))
    }

    fn insert(&mut self, segments: &[String], target: Target, address: &Address) -> Option<Target> {
        let node = segments.iter().fold(self, |node, segment| {
            node.below.entry(segment.as_str().into()).or_default()
        });
        if let Some((holder, _)) = node.here {
            return Some(holder);
        }
        node.here = Some((target, address.base().into()));
        None
    }
}

/// The deepest entry on the way down the path's segments.
fn descend<'a>(root: Option<Hit<'a>>, below: &'a Segments, path: &str) -> Option<Hit<'a>> {
    let (mut deepest, mut below, mut end) = (root, below, 0);
    while let Some((node, node_end)) = step(below, path, end) {
        (below, end) = (&node.below, node_end);
        deepest = node.hit(end).or(deepest);
    }
    deepest
}

/// One segment further: the node and where its segment ends in the raw path.
fn step<'a>(below: &'a Segments, path: &str, from: usize) -> Option<(&'a PathNode, usize)> {
    if below.is_empty() {
        return None;
    }
    let rest = path.get(from..)?.strip_prefix('/')?;
    let raw = rest.split_once('/').map_or(rest, |(segment, _)| segment);
    let node = below.get(decode_segment(raw)?.as_ref())?;
    Some((node, from + 1 + raw.len()))
}

impl Target {
    fn of(route: &Route<'_>) -> Target {
        // A farm of four billion wikis is refused long before by memory.
        Target {
            wiki: u32::try_from(route.wiki).unwrap_or(u32::MAX),
            entry: route.entry,
        }
    }
}

fn overlap(first: Target, second: &Route<'_>, kept: &[Route<'_>]) -> Overlap {
    let first = (first.wiki as usize, first.entry);
    let holder = kept.iter().find(|route| (route.wiki, route.entry) == first);
    Overlap {
        first,
        second: (second.wiki, second.entry),
        first_written: holder
            .map(|route| route.address.written().to_owned())
            .unwrap_or_default(),
        second_written: second.address.written().to_owned(),
    }
}

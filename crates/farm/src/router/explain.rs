//! Why an address leads where it leads: every entry that matches or nearly does, with the reason it lost.
//!
//! This is `grange explain`, not the hot path: it looks at all entries one by one. The winner is the table's own
//! answer, so an explanation can never tell another story than the server.

use std::fmt;

use super::{Entry, Found, Route, Router};
use crate::address::{Address, Authority, HostPattern, Scheme, decode_segment};

/// One entry and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// Index of the wiki in the farm.
    pub wiki: usize,
    /// Which of its entries.
    pub entry: Entry,
    /// The entry as it stands in the file.
    pub written: String,
    /// Won, or why not.
    pub verdict: Verdict,
}

/// Why an entry won or lost. [`fmt::Display`] gives the words for the admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The most specific entry that matches.
    Won,
    /// It matches, but the winner names the host more exactly.
    HostLessExact {
        /// The winning entry as written.
        winner: String,
    },
    /// It matches, but the winner is restricted to a port and it is not.
    WithoutPort {
        /// The winning entry as written.
        winner: String,
    },
    /// It matches, but the winner is restricted to a scheme and it is not.
    WithoutScheme {
        /// The winning entry as written.
        winner: String,
    },
    /// It matches, but the winner's path is longer.
    ShorterPath {
        /// The winning entry as written.
        winner: String,
    },
    /// The host fits; the entry wants another scheme.
    OtherScheme(Scheme),
    /// The host fits; the entry wants another port.
    OtherPort {
        /// The port the entry wants.
        wanted: u16,
        /// The port the client reached.
        asked: u16,
    },
    /// The host fits; the path does not begin with the entry's segments.
    OtherPath,
    /// `*.suffix` against the suffix itself.
    SuffixItself,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Won => write!(f, "matches and is the most specific"),
            Verdict::HostLessExact { winner } => {
                write!(f, "matches, but \"{winner}\" names the host more exactly")
            }
            Verdict::WithoutPort { winner } => write!(f, "matches, but \"{winner}\" names the port"),
            Verdict::WithoutScheme { winner } => write!(f, "matches, but \"{winner}\" names the scheme"),
            Verdict::ShorterPath { winner } => write!(f, "matches, but \"{winner}\" has the longer path"),
            Verdict::OtherScheme(wanted) => write!(f, "answers {} only", wanted.as_str()),
            Verdict::OtherPort { wanted, asked } => {
                write!(f, "answers port {wanted} only, this is port {asked}")
            }
            Verdict::OtherPath => write!(f, "the path does not begin with its segments"),
            Verdict::SuffixItself => write!(f, "wants at least one name in front of the suffix"),
        }
    }
}

impl Router {
    /// Every entry of `routes` that matches or nearly does (its host fits), the winner first, then those that
    /// match, then the others, each in the order given. `routes` are those the table was built from.
    pub fn explain(&self, routes: &[Route<'_>], authority: &Authority<'_>, path: &str) -> Vec<Considered> {
        let host = crate::address::normalise_host(authority.host).unwrap_or_default();
        let asked = Authority {
            host: &host,
            ..*authority
        };
        let found = self.find(&asked, path);
        let winner = found
            .as_ref()
            .and_then(|found| routes.iter().find(|route| is_it(route, found)));
        let mut considered: Vec<Considered> = routes
            .iter()
            .filter_map(|route| Some((route, verdict(route, winner, &asked, path)?)))
            .map(|(route, verdict)| Considered {
                wiki: route.wiki,
                entry: route.entry,
                written: route.address.written().to_owned(),
                verdict,
            })
            .collect();
        considered.sort_by_key(|one| rank(&one.verdict));
        considered
    }
}

fn is_it(route: &Route<'_>, found: &Found<'_>) -> bool {
    (route.wiki, route.entry) == (found.wiki, found.entry)
}

fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Won => 0,
        Verdict::HostLessExact { .. }
        | Verdict::WithoutPort { .. }
        | Verdict::WithoutScheme { .. }
        | Verdict::ShorterPath { .. } => 1,
        Verdict::OtherScheme(_) | Verdict::OtherPort { .. } | Verdict::OtherPath | Verdict::SuffixItself => 2,
    }
}

/// `None` for an entry whose host has nothing to do with the request.
fn verdict(
    route: &Route<'_>,
    winner: Option<&Route<'_>>,
    asked: &Authority<'_>,
    path: &str,
) -> Option<Verdict> {
    let address = route.address;
    if let HostPattern::Suffix(suffix) = address.host()
        && suffix == asked.host
    {
        return Some(Verdict::SuffixItself);
    }
    if !address.host().matches(asked.host) {
        return None;
    }
    if let Some(wanted) = address
        .scheme()
        .filter(|&wanted| wanted != Scheme::of(asked.https))
    {
        return Some(Verdict::OtherScheme(wanted));
    }
    let port = asked.effective_port();
    if let Some(wanted) = address.port().filter(|&wanted| wanted != port) {
        return Some(Verdict::OtherPort { wanted, asked: port });
    }
    if !begins_with(path, address.path()) {
        return Some(Verdict::OtherPath);
    }
    // An entry that matches without a winner cannot be: the table would have found it.
    winner.map(|winner| lost_to(route, winner))
}

/// Why a matching entry lost: the first rule by which the winner is the more specific one.
fn lost_to(route: &Route<'_>, winner: &Route<'_>) -> Verdict {
    let (ours, theirs): (&Address, &Address) = (route.address, winner.address);
    let name = || theirs.written().to_owned();
    if (route.wiki, route.entry) == (winner.wiki, winner.entry) {
        return Verdict::Won;
    }
    if ours.host() != theirs.host() {
        return Verdict::HostLessExact { winner: name() };
    }
    if ours.port() != theirs.port() {
        return Verdict::WithoutPort { winner: name() };
    }
    if ours.scheme() != theirs.scheme() {
        return Verdict::WithoutScheme { winner: name() };
    }
    Verdict::ShorterPath { winner: name() }
}

fn begins_with(path: &str, segments: &[String]) -> bool {
    let mut raw = path
        .strip_prefix('/')
        .into_iter()
        .flat_map(|rest| rest.split('/'));
    segments.iter().all(|wanted| {
        raw.next()
            .and_then(decode_segment)
            .is_some_and(|segment| segment.as_ref() == wanted.as_str())
    })
}

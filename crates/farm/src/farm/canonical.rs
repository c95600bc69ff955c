//! The canonical URL of a wiki, as seen from a request.
//!
//! What the canonical entry leaves open is taken from the request. That can lead astray: on `example.org:8001` the entry
//! `example.org/club` would become `example.org:8001/club`, which is another wiki's when that one has the port to
//! itself. [`Farm::canonical_url`] looks its own answer up in the address table and takes the next best that arrives.

use crate::address::{Address, Authority, Destination};
use crate::check::WikiConfig;
use crate::router::Entry;

use super::Farm;

impl Farm {
    /// The URL of `tail` in a wiki: the canonical one where it leads to that wiki, else one of another port or `at` entry
    /// that does. `None` where no address is known that leads there from this request.
    ///
    /// `tail` is the percent-encoded rest of the path below the mount, with or without its first slash, and with the
    /// query where there is one.
    pub fn canonical_url(&self, wiki: usize, request: &Authority<'_>, tail: &str) -> Option<String> {
        let config = self.config.wikis.get(wiki)?;
        let entries = (0_u32..).zip(&config.at);
        entries
            .flat_map(|(n, address)| {
                self.destinations(config, address, request)
                    .map(move |there| (n, there))
            })
            .find(|(n, there)| self.leads_to(there, wiki, Entry::Address(*n)))
            .map(|(_, there)| there.url(tail))
    }

    /// Where an entry may send a visitor, the most likely first: the port of the request, the scheme's default, the ports
    /// that the farm listens on.
    fn destinations<'a>(
        &'a self,
        config: &'a WikiConfig,
        address: &'a Address,
        request: &'a Authority<'a>,
    ) -> impl Iterator<Item = Destination<'a>> {
        let ports = [request.port, None]
            .into_iter()
            .chain(self.listening_ports(request));
        // An entry that names its port has one destination only.
        let count = if address.port().is_some() { 1 } else { usize::MAX };
        ports
            .take(count)
            .map(|port| address.destination(&config.id, &Authority { port, ..*request }))
    }

    /// Visitors over https came through a proxy, whose ports are not ours.
    fn listening_ports(&self, request: &Authority<'_>) -> impl Iterator<Item = Option<u16>> {
        let ours = if request.https {
            &[]
        } else {
            self.config.listen.as_slice()
        };
        ours.iter()
            .map(|address| Some(address.port()))
            .filter(|&port| port != Some(0))
    }

    fn leads_to(&self, there: &Destination<'_>, wiki: usize, entry: Entry) -> bool {
        let found = self
            .router
            .find(&there.authority(), &[&*there.base, "/"].concat());
        found.is_some_and(|found| (found.wiki, found.entry) == (wiki, entry))
    }
}

/// The canonical URL of `tail` in a wiki by its settings alone: the first `at` entry, with what it leaves open (scheme,
/// port, a wildcard host) taken from the request. Where a farm is at hand, [`Farm::canonical_url`] knows better.
pub fn canonical_url(config: &WikiConfig, request: &Authority<'_>, tail: &str) -> String {
    match config.canonical() {
        Some(address) => address.destination(&config.id, request).url(tail),
        // A checked configuration has at least one address; a relative link is the harmless answer.
        None => format!("/{}", tail.strip_prefix('/').unwrap_or(tail)),
    }
}

//! Wikis on one host: to a browser they are one site, whatever they share.
//!
//! A browser keeps hosts apart. Paths of a host it does not keep apart at all, and its ports not where cookies are
//! concerned. So wikis on one host are one trust domain, with or without a common login.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use crate::address::{Address, HostPattern};
use crate::check::{FarmConfig, WikiConfig};

/// What an admin must know before wikis go on one host.
pub const ONE_TRUST_DOMAIN: &str = "These wikis are one trust domain. Browsers keep hosts apart, but send a host's \
    cookies to all its ports, and let the pages of one path reach those of every other. Whoever runs a program behind \
    one of the addresses, or gets a script into one of the pages, can act as its visitors on all of them. Wikis that \
    do not trust one another need hosts of their own, best under domains of their own.";

/// Wikis on one host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrustDomain {
    /// The host as in `at`; `None` where it is known from the environment only.
    pub host: Option<String>,
    /// What tells the wikis apart on it.
    pub told_apart_by: ToldApart,
    /// Two or more, in the order of the files.
    pub wikis: Vec<Arc<str>>,
}

/// What tells wikis on one host apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldApart {
    /// The paths differ, the ports do not.
    Path,
    /// The ports differ, the paths do not.
    Port,
    /// Both differ.
    PathAndPort,
    /// Neither differs: http and https of one address.
    Scheme,
}

impl ToldApart {
    /// In words: "by path".
    pub fn as_str(self) -> &'static str {
        match self {
            ToldApart::Path => "by path",
            ToldApart::Port => "by port",
            ToldApart::PathAndPort => "by path and port",
            ToldApart::Scheme => "by scheme",
        }
    }
}

/// The hosts with two wikis or more, in the order of the files.
pub(super) fn trust_domains(farm: &FarmConfig) -> Vec<TrustDomain> {
    let mut places: HashMap<&HostPattern, usize> = HashMap::new();
    let mut hosts: Vec<Host<'_>> = Vec::new();
    for wiki in &farm.wikis {
        for address in &wiki.at {
            let place = *places.entry(address.host()).or_insert(hosts.len());
            if place == hosts.len() {
                hosts.push(Host::first(address));
            }
            if let Some(host) = hosts.get_mut(place) {
                host.add(wiki, address);
            }
        }
    }
    let crowded = hosts.into_iter().filter(|host| host.wikis.len() > 1);
    crowded.map(Host::into_domain).collect()
}

struct Host<'a> {
    first: &'a Address,
    wikis: Vec<Arc<str>>,
    paths_differ: bool,
    ports_differ: bool,
    shown: bool,
}

impl<'a> Host<'a> {
    fn first(first: &'a Address) -> Host<'a> {
        Host {
            first,
            wikis: Vec::new(),
            paths_differ: false,
            ports_differ: false,
            shown: false,
        }
    }

    fn add(&mut self, wiki: &WikiConfig, address: &Address) {
        // Addresses of one wiki come one after the other.
        if self.wikis.last().is_none_or(|last| *last != wiki.id) {
            self.wikis.push(Arc::clone(&wiki.id));
        }
        self.paths_differ |= address.path() != self.first.path();
        self.ports_differ |= address.port() != self.first.port();
        self.shown |= wiki.written_variable("at").is_none();
    }

    fn into_domain(self) -> TrustDomain {
        let host = match self.first.host() {
            HostPattern::Exact(name) => name.clone(),
            HostPattern::Suffix(suffix) => format!("*.{suffix}"),
            HostPattern::Any => "*".to_owned(),
        };
        TrustDomain {
            host: self.shown.then_some(host),
            told_apart_by: match (self.paths_differ, self.ports_differ) {
                (true, true) => ToldApart::PathAndPort,
                (true, false) => ToldApart::Path,
                (false, true) => ToldApart::Port,
                (false, false) => ToldApart::Scheme,
            },
            wikis: self.wikis,
        }
    }
}

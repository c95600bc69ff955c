//! Which wikis' cookies meet in one browser.
//!
//! Browsers tell cookies apart by name, Domain and Path, not by port and not by wiki. All cookies are put into tables by
//! name and by the host, suffix or domain they belong to; then each looks up the places that reach it. Wildcards reach
//! a host only where no wiki has that host for itself. What a meeting means (one login, or a quarrel) is for
//! `lint/jar.rs` and `sharing.rs` to say.

use std::collections::{HashMap, HashSet};

use crate::address::{Address, HostPattern, Scheme, normalise_host};
use crate::check::WikiConfig;

/// Pairs of wikis, by their index, whose cookies have one name in one browser. Each wiki is paired with the first of
/// every place that it shares, so the pairs are about as many as the wikis, and who is connected at all is connected
/// through them. A pair can come twice.
pub(crate) fn meetings<'a>(wikis: impl Iterator<Item = (usize, &'a WikiConfig)>) -> Vec<(usize, usize)> {
    let mut cookies = Vec::new();
    let mut owned = HashSet::new();
    for (index, wiki) in wikis {
        cookies.extend(cookies_of(index, wiki));
        let addresses = wiki.at.iter().chain(&wiki.aliases);
        let whole = addresses.filter(|address| takes_all(address));
        owned.extend(whole.map(|address| address.host().clone()));
    }
    let mut jar = Jar::new();
    for cookie in &cookies {
        jar.entry((cookie.name.clone(), cookie.reach.clone()))
            .or_insert(cookie.wiki);
    }
    let mut pairs = Vec::new();
    for cookie in &cookies {
        let reached = meeting_places(&cookie.reach, &owned);
        let meets = reached
            .into_iter()
            .filter_map(|reach| jar.get(&(cookie.name.clone(), reach)).copied());
        let others = meets.filter(|other| *other != cookie.wiki);
        pairs.extend(others.map(|other| (other.min(cookie.wiki), other.max(cookie.wiki))));
    }
    pairs
}

/// A Domain attribute as browsers compare it: one spelling, no dot in front.
pub(crate) fn bare_domain(written: &str) -> String {
    let name = written.strip_prefix('.').unwrap_or(written);
    normalise_host(name).map_or_else(|_| name.to_owned(), |host| host.into_owned())
}

/// Which hosts a cookie goes to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Reach {
    /// Only the host that set it.
    Host(HostPattern),
    /// A domain and everything below it.
    Domain(String),
}

#[derive(PartialEq, Eq, Hash)]
struct Cookie {
    name: String,
    reach: Reach,
    wiki: usize,
}

/// The first wiki of every (name, reach).
type Jar = HashMap<(String, Reach), usize>;

/// Nothing is left of this host for a less exact entry.
fn takes_all(address: &Address) -> bool {
    address.scheme().is_none() && address.port().is_none() && address.path().is_empty()
}

fn cookies_of(index: usize, wiki: &WikiConfig) -> HashSet<Cookie> {
    let policy = &wiki.session;
    let domain = policy.cookie.domain.as_deref().map(bare_domain);
    let mut cookies = HashSet::new();
    for address in &wiki.at {
        let reach = match &domain {
            Some(domain) => Reach::Domain(domain.clone()),
            None => Reach::Host(address.host().clone()),
        };
        for https in [false, true] {
            if address.scheme().is_none_or(|scheme| scheme == Scheme::of(https)) {
                cookies.insert(Cookie {
                    name: policy.cookie_name(https),
                    reach: reach.clone(),
                    wiki: index,
                });
            }
        }
    }
    cookies
}

/// Where a cookie of another wiki would be seen together with this one. Each pair is found from the side of the more
/// exact host, so looking upwards is enough.
fn meeting_places(reach: &Reach, owned: &HashSet<HostPattern>) -> Vec<Reach> {
    let mut places = vec![reach.clone()];
    let (name, above_only) = match reach {
        Reach::Host(HostPattern::Any) => return places,
        Reach::Host(HostPattern::Exact(name)) => (name, false),
        Reach::Host(HostPattern::Suffix(name)) | Reach::Domain(name) => (name, true),
    };
    let mut parent = Some(name.as_str());
    while let Some(domain) = parent {
        places.push(Reach::Domain(domain.to_owned()));
        parent = domain.split_once('.').map(|(_, parent)| parent);
        let suffix = parent.map(|parent| HostPattern::Suffix(parent.to_owned()));
        places.extend(suffix.filter(|_| !is_owned(reach, owned)).map(Reach::Host));
    }
    // A Domain cookie meets the wiki of `*.domain` itself as well.
    if above_only && matches!(reach, Reach::Domain(_)) {
        places.push(Reach::Host(HostPattern::Suffix(name.clone())));
    }
    if !is_owned(reach, owned) {
        places.push(Reach::Host(HostPattern::Any));
    }
    places
}

/// Whether some wiki has all of these hosts for itself, so that no wildcard answers there.
fn is_owned(reach: &Reach, owned: &HashSet<HostPattern>) -> bool {
    match reach {
        Reach::Host(host) => owned.contains(host),
        // Hosts below the domain that no wiki names are a wildcard's.
        Reach::Domain(domain) => owned.contains(&HostPattern::Suffix(domain.clone())),
    }
}

//! L-07 (and L-09): one name for two cookies in one browser.
//!
//! Browsers tell cookies apart by name, Domain and Path, not by port and not by wiki. Two wikis that do not share
//! sessions and whose cookies have one name where both are sent would end each other's sessions at every visit.
//!
//! All cookies are put into tables by name and by the host, suffix or domain they belong to; then each looks up the
//! places that reach it. Wildcards reach a host only where no wiki has that host for itself.

use std::collections::{HashMap, HashSet};

use super::cookie_domain::bare_domain;
use super::{Member, Study};
use crate::address::{Address, HostPattern, Scheme};
use crate::check::disguise;
use crate::problem::{Finding, Findings};
use crate::raw::Key;
use crate::raw::keys::{cookie, look, places};

/// Settings without which a comparison would guess.
const NEEDED: &[&Key] = &[
    &look::AT,
    &look::GROUP,
    &cookie::COOKIE_NAME,
    &cookie::COOKIE_DOMAIN,
    &cookie::SESSION_KIND,
    &places::SESSION_DIR,
    &places::SESSION_STORE,
    &places::USER_DIR,
    &places::USER_STORE,
];

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

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    let mut cookies = Vec::new();
    let mut owned = HashSet::new();
    for member in study.sound_members(NEEDED) {
        cookies.extend(cookies_of(&member));
        let addresses = member.config.at.iter().chain(&member.config.aliases);
        owned.extend(
            addresses
                .filter(|address| takes_all(address))
                .map(|address| address.host().clone()),
        );
    }
    let mut jar = Jar::new();
    for cookie in &cookies {
        jar.entry((cookie.name.clone(), cookie.reach.clone()))
            .or_insert(cookie.wiki);
    }
    let mut told = HashSet::new();
    for cookie in &cookies {
        let reached = meeting_places(&cookie.reach, &owned);
        let meets = reached
            .into_iter()
            .filter_map(|reach| jar.get(&(cookie.name.clone(), reach)).copied());
        for other in meets.filter(|other| *other != cookie.wiki) {
            let pair = (other.min(cookie.wiki), other.max(cookie.wiki));
            if !are_one_realm(study, pair) && told.insert(pair) {
                report(study, pair, findings);
            }
        }
    }
}

/// Nothing is left of this host for a less exact entry.
fn takes_all(address: &Address) -> bool {
    address.scheme().is_none() && address.port().is_none() && address.path().is_empty()
}

fn cookies_of(member: &Member<'_>) -> HashSet<Cookie> {
    let policy = &member.config.session;
    let domain = policy.cookie.domain.as_deref().map(bare_domain);
    let mut cookies = HashSet::new();
    for address in &member.config.at {
        let reach = match &domain {
            Some(domain) => Reach::Domain(domain.clone()),
            None => Reach::Host(address.host().clone()),
        };
        for https in [false, true] {
            if address.scheme().is_none_or(|scheme| scheme == Scheme::of(https)) {
                cookies.insert(Cookie {
                    name: policy.cookie_name(https),
                    reach: reach.clone(),
                    wiki: member.index,
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

fn are_one_realm(study: &Study<'_>, (one, other): (usize, usize)) -> bool {
    let realm = |index: usize| study.farm.wikis.get(index).map(|wiki| wiki.session.realm);
    realm(one) == realm(other)
}

fn report(study: &Study<'_>, (first, second): (usize, usize), findings: &mut Findings) {
    let (Some(first), Some(second)) = (study.member(first), study.member(second)) else {
        return;
    };
    let same_sessions = first.config.session_store == second.config.session_store
        && first.config.session.kind == second.config.session.kind;
    let same_address = first
        .config
        .at
        .iter()
        .any(|one| second.config.at.iter().any(|other| one.same_place(other)));
    if same_sessions || same_address {
        // Only their accounts are apart (L-10), or they are at one address ("overlap"): that is said better there.
        return;
    }
    let named = second.settings.text(&cookie::COOKIE_NAME);
    let key = if named.is_some() {
        &cookie::COOKIE_NAME
    } else {
        &look::AT
    };
    let shown = disguise::shown_name_part(second.config, &second.settings);
    let message = format!(
        "Wikis \"{}\" and \"{}\" keep their sessions apart, and their cookies have one name (GRANGE_SESSION_{shown}) in \
         one browser: each visit to one would end the session of the other.",
        first.config.id, second.config.id
    );
    let finding = Finding::error("L-07", second.settings.place(key), message);
    let finding = finding.related(first.settings.place(key), "the same name here");
    let apart = match named {
        Some(_) => "remove cookie_name or give each its own",
        None => "write cookie_name = \"siteidmagic\" in both",
    };
    findings.push(finding.remedy(format!(
        "To keep them apart, {apart}; to share sessions, give both the same cookie_name, session_dir and user_dir."
    )));
}

#[cfg(test)]
#[path = "jar_tests.rs"]
mod tests;

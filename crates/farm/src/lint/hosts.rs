//! L-03, L-16, L-17: what hosts under one domain mean for cookies.
//!
//! What a domain is to whom is the public suffix list's word: below `example.co.uk` one registers, below `co.uk` one
//! does not. L-03 and L-17 are worth knowing and nothing to mend, so they are told once for a domain.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Member, Study};
use crate::address::{Address, HostPattern, is_ip_literal};
use crate::cookie_jar::bare_domain;
use crate::problem::{Finding, Findings, Place};
use crate::raw::Value;
use crate::raw::keys::{cookie, look};

/// Browsers keep at least 50 cookies of a domain, and other programs on it have some, too.
const MOST_COOKIES: usize = 40;

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    lint_strangers(study, findings);
    let mut domains: BTreeMap<String, Domain> = BTreeMap::new();
    for member in study.sound_members(&[&look::AT, &cookie::COOKIE_NAME]) {
        for (address, written) in member.config.at.iter().zip(member.settings.items(&look::AT)) {
            if let Some(name) = registrable(address) {
                let domain = domains.entry(name).or_insert_with(|| Domain::at(written.place));
                domain.add(&member, address, written.written.is_some());
            }
        }
    }
    for (name, domain) in &domains {
        domain.lint(name, findings);
    }
}

/// L-03: whoever answers under the domain, in the farm or not, receives the cookie and can set another.
fn lint_strangers(study: &Study<'_>, findings: &mut Findings) {
    let mut told = HashSet::new();
    for entry in study.layers.written(&cookie::COOKIE_DOMAIN) {
        let Value::Text(text) = &entry.value else { continue };
        if !told.insert(bare_domain(&text.value)) {
            continue;
        }
        let message = format!(
            "cookie_domain \"{}\": every host under it, also one that is not in this farm, is sent the session's \
             cookie and can set another in its place.",
            text.shown()
        );
        let remedy = "Keep it only while you know every host under that domain.";
        findings.push(Finding::note("L-03", text.place, message).remedy(remedy));
    }
}

/// The domain that somebody registered to have this host.
fn registrable(address: &Address) -> Option<String> {
    let host = match address.host() {
        HostPattern::Exact(host) | HostPattern::Suffix(host) if !is_ip_literal(host) => host,
        _ => return None,
    };
    psl::domain_str(host).map(str::to_owned)
}

/// What is under one registered domain.
struct Domain {
    place: Place,
    hosts: BTreeSet<String>,
    wikis: BTreeSet<usize>,
    cookies: BTreeSet<String>,
    /// Whether some wiki says its name openly, and not in a variable.
    shown: bool,
}

impl Domain {
    fn at(place: Place) -> Domain {
        Domain {
            place,
            hosts: BTreeSet::new(),
            wikis: BTreeSet::new(),
            cookies: BTreeSet::new(),
            shown: false,
        }
    }

    fn add(&mut self, member: &Member<'_>, address: &Address, is_variable: bool) {
        self.hosts.insert(format!("{:?}", address.host()));
        self.wikis.insert(member.index);
        self.cookies
            .insert(member.config.session.cookie.name_part.clone());
        self.shown |= !is_variable;
    }

    fn lint(&self, name: &str, findings: &mut Findings) {
        let name = if self.shown { name } else { "one domain" };
        if self.hosts.len() > 1 && self.wikis.len() > 1 {
            let message = format!(
                "{} hosts of this farm are under {name}: browsers take them for one site, so SameSite does not keep \
                 one from sending requests to another with the visitor's cookies. Tickets in every form do.",
                self.hosts.len()
            );
            let remedy = "Wikis that do not trust one another belong under domains registered apart.";
            findings.push(Finding::note("L-17", self.place, message).remedy(remedy));
        }
        if self.cookies.len() > MOST_COOKIES {
            let message = format!(
                "{} cookies of different names under {name}: browsers keep few for a domain, so a visitor of many \
                 wikis is logged out of the first.",
                self.cookies.len()
            );
            let remedy =
                "Let wikis share sessions (one cookie_name), or give them hosts under other domains.";
            findings.push(Finding::warning("L-16", self.place, message).remedy(remedy));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{clean, finds, notes};

    #[test]
    fn a_domain_attribute_is_explained_once() {
        let text = "[group.g]\ncookie_domain = \".example.org\"\n[wiki.a]\nat = [\"example.org\"]\ngroup = \"g\"\n\
                    [wiki.b]\nat = [\"example.org/b\"]\ncookie_domain = \"Example.org\"\n";
        let told = notes("L-03", text);
        assert_eq!((told.len(), told[0].line), (1, 2));
        assert!(notes("L-03", "[wiki.a]\nat = [\"example.org\"]").is_empty());
    }

    #[test]
    fn hosts_under_one_registered_domain_are_one_site() {
        let two =
            |one: &str, other: &str| format!("[wiki.a]\nat = [\"{one}\"]\n[wiki.b]\nat = [\"{other}\"]\n");
        assert_eq!(notes("L-17", &two("a.example.co.uk", "b.example.co.uk")).len(), 1);
        assert!(notes("L-17", &two("a.co.uk", "b.co.uk")).is_empty());
        assert!(notes("L-17", &two("a.example.org", "b.example.com")).is_empty());
        assert!(notes("L-17", &two("a.example.org", "a.example.org/b")).is_empty());
        assert!(notes("L-17", &two("10.0.0.1", "10.0.0.2")).is_empty());
    }

    /// So many wikis on one host.
    fn crowd(wikis: usize) -> String {
        (0..wikis)
            .map(|n| format!("[wiki.w{n}]\nat = [\"example.org/w{n}\"]\n"))
            .collect()
    }

    #[test]
    fn more_cookies_than_a_browser_keeps_are_a_warning() {
        finds("L-16", &crowd(41));
        clean(&crowd(40));
        clean(&format!(
            "[defaults]\ncookie_name = \"x\"\nsession_dir = \"s\"\nuser_dir = \"u\"\n{}",
            crowd(41)
        ));
    }
}

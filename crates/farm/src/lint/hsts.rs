//! L-24: a host that browsers reach over https only, once they were there over https.
//!
//! Every answer over https says so (Strict-Transport-Security, for a year, for this host alone and all its ports), so
//! it cannot be missing. What can be wrong is a wiki on the same host that answers over http only.

use std::collections::HashMap;

use super::{Member, Study};
use crate::address::{HostPattern, Scheme, is_ip_literal};
use crate::problem::{Finding, Findings, Place};
use crate::raw::keys::look;

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    let mut https: HashMap<&HostPattern, Place> = HashMap::new();
    for member in study.members() {
        let addresses = member.config.at.iter().zip(member.settings.items(&look::AT));
        for (address, written) in addresses.filter(|(address, _)| address.scheme() == Some(Scheme::Https)) {
            https.entry(address.host()).or_insert(written.place);
        }
    }
    for member in study.members() {
        lint_http_only(&member, &https, findings);
    }
}

fn lint_http_only(member: &Member<'_>, https: &HashMap<&HostPattern, Place>, findings: &mut Findings) {
    let at = &member.config.at;
    for (address, written) in at.iter().zip(member.settings.items(&look::AT)) {
        // Browsers remember names, not numbers.
        let is_name = matches!(address.host(), HostPattern::Exact(host) if !is_ip_literal(host));
        let Some(place) = https.get(address.host()).filter(|_| is_name) else {
            continue;
        };
        let over_https = at
            .iter()
            .any(|other| other.host() == address.host() && other.scheme() != Some(Scheme::Http));
        if address.scheme() != Some(Scheme::Http) || over_https {
            continue;
        }
        let message = format!(
            "\"{}\" answers over http only, and the same host over https: browsers that were there once ask for all \
             of the host over https, and do not find wiki \"{}\".",
            written.shown(),
            member.config.id
        );
        let finding = Finding::warning("L-24", written.place, message).related(*place, "https here");
        findings.push(finding.remedy("Write https:// here as well, or leave the scheme out."));
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{clean, count};

    fn farm(one: &str, other: &str) -> String {
        format!(
            "[farm]\ntrusted_proxies = [\"127.0.0.1\"]\n[wiki.a]\nat = [{one}]\n[wiki.b]\nat = [{other}]\n"
        )
    }

    #[test]
    fn http_beside_https_on_one_host_is_a_warning() {
        assert_eq!(
            count("L-24", &farm("\"https://x.org/a\"", "\"http://x.org/b\"")),
            1
        );
        assert_eq!(
            count("L-24", &farm("\"https://x.org\"", "\"http://x.org:8001\"")),
            1
        );
    }

    #[test]
    fn a_wiki_that_answers_over_https_as_well_is_fine() {
        assert_eq!(
            count("L-24", &farm("\"https://x.org/a\"", "\"http://y.org/b\"")),
            0
        );
        assert_eq!(
            count(
                "L-24",
                &farm("\"https://x.org/a\"", "\"https://x.org/b\", \"http://x.org/b\"")
            ),
            0
        );
        clean(&farm("\"https://x.org/a\"", "\"x.org/b\""));
        assert_eq!(
            count("L-24", &farm("\"https://10.0.0.1/a\"", "\"http://10.0.0.1/b\"")),
            0
        );
    }
}

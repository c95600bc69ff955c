//! L-01, L-02, L-04: a Domain that browsers refuse.
//!
//! A refused cookie means that nobody can log in, so all three are errors. Domains and hosts are compared in the one
//! spelling of `address.rs`; the list of public suffixes is compiled in (crate `psl`).

use super::{Member, Study};
use crate::address::{Address, HostPattern, is_ip_literal};
use crate::cookie_jar::bare_domain;
use crate::problem::{Finding, Findings};
use crate::raw::keys::{cookie, look};
use crate::raw::{Text, Value};

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    for entry in study.layers.written(&cookie::COOKIE_DOMAIN) {
        if let Value::Text(text) = &entry.value {
            lint_public_suffix(text, findings);
        }
    }
    for member in study.members() {
        lint_coverage(&member, findings);
        lint_host_prefix(&member, findings);
    }
}

/// Whether a host is the domain or below it.
pub(super) fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

/// L-02: nobody may set a cookie for all of `.co.uk`.
fn lint_public_suffix(text: &Text, findings: &mut Findings) {
    let domain = bare_domain(&text.value);
    if is_ip_literal(&domain) {
        return;
    }
    let reason = match psl::suffix_str(&domain) {
        _ if !domain.contains('.') => "is a single name",
        Some(suffix) if suffix == domain => "is a public suffix, below which strangers have their sites",
        _ => return,
    };
    let message = format!(
        "cookie_domain \"{}\" {reason}: browsers refuse such a cookie.",
        text.shown()
    );
    let remedy = "Write the domain that is yours, such as \".example.org\", or remove the line.";
    findings.push(Finding::error("L-02", text.place, message).remedy(remedy));
}

/// L-01: the domain must cover every host the wiki is reached at.
fn lint_coverage(member: &Member<'_>, findings: &mut Findings) {
    let Some(text) = member.settings.text(&cookie::COOKIE_DOMAIN) else {
        return;
    };
    let domain = bare_domain(&text.value);
    let addresses = member.config.at.iter().zip(member.settings.items(&look::AT));
    for (address, written) in addresses {
        let Some(severe) = why_uncovered(address, &domain) else {
            continue;
        };
        let message = format!(
            "cookie_domain \"{}\" does not cover \"{}\" of wiki \"{}\": browsers refuse the cookie there, and \
             nobody can log in.",
            text.shown(),
            written.shown(),
            member.config.id
        );
        let finding = match severe {
            Uncovered::Always => Finding::error("L-01", text.place, message),
            Uncovered::Elsewhere => Finding::warning("L-01", text.place, message),
        };
        let remedy = "Remove cookie_domain, or reach the wiki by names within the domain only.";
        findings.push(finding.related(written.place, "reached here").remedy(remedy));
    }
}

#[derive(Clone, Copy)]
enum Uncovered {
    /// The host is outside of the domain.
    Always,
    /// `*`: hosts outside of the domain are possible.
    Elsewhere,
}

fn why_uncovered(address: &Address, domain: &str) -> Option<Uncovered> {
    let covered = match address.host() {
        // An IP address has no domain above it.
        HostPattern::Exact(host) => !is_ip_literal(host) && !is_ip_literal(domain) && is_within(host, domain),
        HostPattern::Suffix(suffix) => is_within(suffix, domain),
        HostPattern::Any => return Some(Uncovered::Elsewhere),
    };
    (!covered).then_some(Uncovered::Always)
}

/// L-04: `__Host-` promises that there is no Domain.
fn lint_host_prefix(member: &Member<'_>, findings: &mut Findings) {
    let (Some(name), Some(domain)) = (
        member.settings.text(&cookie::COOKIE_NAME),
        member.settings.text(&cookie::COOKIE_DOMAIN),
    ) else {
        return;
    };
    if !name.value.to_ascii_lowercase().starts_with("__host-") {
        return;
    }
    let message = "cookie_domain and a cookie_name with `__Host-` exclude each other: the prefix promises that the \
                   cookie has no Domain.";
    let finding = Finding::error("L-04", domain.place, message).related(name.place, "the prefix");
    findings.push(finding.remedy("Remove one of the two; the right prefix is added by itself."));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{clean, count, finds, problems, underlined};
    use crate::problem::Severity;

    fn wiki(at: &str, domain: &str) -> String {
        format!("[wiki.a]\nat = [\"{at}\"]\ncookie_domain = \"{domain}\"\n")
    }

    #[test]
    fn a_domain_that_does_not_cover_the_host_is_an_error() {
        for (at, domain) in [
            ("wiki.example.com", ".example.org"),
            ("example.org", "wiki.example.org"),
            ("badexample.org", "example.org"),
            ("*.example.com", ".example.org"),
            ("*.org", ".example.org"),
        ] {
            let text = wiki(at, domain);
            let problem = finds("L-01", &text);
            assert_eq!(problem.severity, Severity::Error);
            assert_eq!(underlined(&text, &problem), format!("\"{domain}\""));
        }
    }

    #[test]
    fn an_address_by_number_or_localhost_is_never_covered() {
        for (at, domain) in [
            ("127.0.0.1:8080", ".example.org"),
            ("[::1]", ".example.org"),
            ("localhost", ".example.org"),
        ] {
            finds("L-01", &wiki(at, domain));
        }
        finds("L-01", &wiki("127.0.0.1", "127.0.0.1"));
    }

    #[test]
    fn a_domain_above_the_host_is_fine_however_it_is_spelled() {
        for (at, domain) in [
            ("wiki.example.org", ".example.org"),
            ("wiki.example.org", "Example.ORG"),
            ("example.org", ".example.org"),
            ("*.example.org", ".example.org"),
            ("wiki.bücher.example", ".xn--bcher-kva.example"),
        ] {
            clean(&wiki(at, domain));
        }
    }

    #[test]
    fn an_any_host_wiki_with_a_domain_is_a_warning() {
        assert_eq!(
            finds("L-01", &wiki("*", ".example.org")).severity,
            Severity::Warning
        );
    }

    #[test]
    fn a_public_suffix_and_a_single_name_are_errors() {
        for domain in [".co.uk", "github.io", ".org", "localhost"] {
            let text = wiki(&format!("wiki.{}", domain.trim_start_matches('.')), domain);
            assert_eq!(finds("L-02", &text).severity, Severity::Error);
        }
        clean(&wiki("wiki.example.co.uk", ".example.co.uk"));
        clean(&wiki("a.farm.localhost", ".farm.localhost"));
    }

    #[test]
    fn a_public_suffix_in_the_defaults_is_told_once() {
        let text = "[defaults]\ncookie_domain = \".co.uk\"\n[wiki.a]\nat = [\"a.co.uk\"]\n[wiki.b]\nat = [\"b.co.uk\"]\n\
                    cookie_name = \"b\"";
        assert_eq!(count("L-02", text), 1);
    }

    #[test]
    fn a_host_prefix_and_a_domain_exclude_each_other() {
        let text = "[wiki.a]\nat = [\"a.example.org\"]\ncookie_domain = \".example.org\"\ncookie_name = \"__Host-x\"";
        assert!(
            problems(text)
                .iter()
                .any(|problem| problem.code == "L-04" && problem.severity == Severity::Error)
        );
        assert_eq!(count("L-04", &text.replace("__Host-", "")), 0);
    }

    #[test]
    fn within_means_the_same_name_or_below_a_dot() {
        assert!(is_within("example.org", "example.org") && is_within("a.example.org", "example.org"));
        assert!(!is_within("aexample.org", "example.org") && !is_within("org", "example.org"));
    }
}

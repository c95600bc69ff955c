//! L-18, L-19, L-21 to L-23: cookies and addresses on their way.
//!
//! An address without a scheme may be reached over both, and nothing is assumed about it; `http://` on this very
//! machine is fine.

use super::{Member, Study};
use crate::address::{Address, HostPattern, Scheme};
use crate::problem::{Finding, Findings};
use crate::raw::keys::{cookie, farm, look};
use crate::raw::{Text, Value, rules};

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    lint_script_access(study, findings);
    lint_trusted_proxies(study, findings);
    lint_missing_proxy(study, findings);
    for member in study.members() {
        lint_secure(&member, findings);
        lint_plain_http(&member, findings);
        lint_same_site(&member, findings);
    }
}

fn addresses<'a>(member: &Member<'a>) -> impl Iterator<Item = (&'a Address, &'a Text)> {
    member.config.at.iter().zip(member.settings.items(&look::AT))
}

/// L-18: a cookie without Secure on https can be read on the way and replaced.
fn lint_secure(member: &Member<'_>, findings: &mut Findings) {
    if member.settings.switch(&cookie::COOKIE_SECURE) != Some(false) {
        return;
    }
    let mut https = addresses(member).filter(|(address, _)| address.scheme() == Some(Scheme::Https));
    let Some((_, written)) = https.next() else { return };
    let message = format!(
        "Wiki \"{}\" is reached at \"{}\", and its cookie is not Secure: it is sent in the clear to http addresses of \
         the same host.",
        member.config.id,
        written.shown()
    );
    let place = member.settings.place(&cookie::COOKIE_SECURE);
    let finding = Finding::error("L-18", place, message).related(written.place, "https here");
    findings.push(finding.remedy("Remove cookie_secure: on https the cookie is Secure by itself."));
}

/// L-18: passwords in the clear.
fn lint_plain_http(member: &Member<'_>, findings: &mut Findings) {
    for (address, written) in addresses(member) {
        if address.scheme() != Some(Scheme::Http) || is_loopback(address.host()) {
            continue;
        }
        let message = format!(
            "\"{}\": passwords and cookies travel in the clear over http.",
            written.shown()
        );
        let remedy = "Write https:// and put a proxy with a certificate in front, or leave the scheme out.";
        findings.push(Finding::warning("L-18", written.place, message).remedy(remedy));
    }
}

pub(super) fn is_loopback(host: &HostPattern) -> bool {
    match host {
        HostPattern::Exact(name) => {
            let address = name
                .trim_start_matches('[')
                .trim_end_matches(']')
                .parse::<std::net::IpAddr>();
            address.is_ok_and(|address| address.is_loopback()) || is_localhost(name)
        }
        HostPattern::Suffix(suffix) => is_localhost(suffix),
        HostPattern::Any => false,
    }
}

fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

/// L-19: browsers drop a SameSite=None cookie that is not Secure; without the attribute they guess.
fn lint_same_site(member: &Member<'_>, findings: &mut Findings) {
    let Some(text) = member.settings.text(&cookie::SAME_SITE) else {
        return;
    };
    let place = member.settings.place(&cookie::SAME_SITE);
    match &*text.value {
        "off" => {
            let message = "Without SameSite every browser decides for itself when other sites' requests carry the cookie.";
            findings
                .push(Finding::warning("L-19", place, message).remedy("Remove the line, or write \"lax\"."));
        }
        "none" if !always_secure(member) => {
            let message = format!(
                "Wiki \"{}\" sends SameSite=None cookies that are not always Secure: browsers drop those.",
                member.config.id
            );
            let remedy = "Write cookie_secure = true, or https:// in every address, or another same_site.";
            findings.push(Finding::error("L-19", place, message).remedy(remedy));
        }
        _ => {}
    }
}

fn always_secure(member: &Member<'_>) -> bool {
    match member.settings.switch(&cookie::COOKIE_SECURE) {
        Some(secure) => secure,
        None => addresses(member).all(|(address, _)| address.scheme() == Some(Scheme::Https)),
    }
}

/// L-21: a script that gets into a page gets the session.
fn lint_script_access(study: &Study<'_>, findings: &mut Findings) {
    for entry in study.layers.written(&cookie::COOKIE_HTTPONLY) {
        if entry.value == Value::Bool(false) {
            let message = "Without HttpOnly every script on the page can read the session's cookie.";
            findings.push(
                Finding::warning("L-21", entry.place, message).remedy("Remove the line, or write true."),
            );
        }
    }
}

fn trusted_proxies<'a>(study: &Study<'a>) -> Option<&'a crate::raw::value::Texts> {
    match study
        .layers
        .farm(&farm::TRUSTED_PROXIES)
        .map(|entry| &entry.value)
    {
        Some(Value::Texts(texts)) => Some(texts),
        _ => None,
    }
}

/// L-23: to trust everybody's headers is to let everybody choose host and address.
fn lint_trusted_proxies(study: &Study<'_>, findings: &mut Findings) {
    for text in trusted_proxies(study).map_or(&[][..], |texts| &texts.items) {
        if rules::parse_network(&text.value).is_some_and(|network| network.prefix_len() == 0) {
            let message = format!(
                "\"{}\" is everybody: anyone could choose host, scheme and address.",
                text.shown()
            );
            let remedy = "Write the address of your proxy, such as \"127.0.0.1\".";
            findings.push(Finding::error("L-23", text.place, message).remedy(remedy));
        }
    }
}

/// L-22: https without a proxy that is believed. Told once.
fn lint_missing_proxy(study: &Study<'_>, findings: &mut Findings) {
    if trusted_proxies(study).is_none_or(|texts| !texts.items.is_empty() || texts.incomplete) {
        return;
    }
    if study
        .layers
        .raw
        .farm
        .entry(&farm::TRUSTED_PROXIES)
        .is_some_and(|entry| entry.value.is_broken())
    {
        return;
    }
    let https = |member: Member<'_>| {
        let mut https = addresses(&member).filter(|(address, _)| address.scheme() == Some(Scheme::Https));
        https
            .next()
            .map(|(_, text)| (text.place, text.shown().to_owned()))
    };
    let Some((place, shown)) = study.members().find_map(https) else {
        return;
    };
    let message = format!(
        "\"{shown}\" is https, which a proxy in front speaks, and trusted_proxies is empty: host, port and scheme \
         would be the proxy's, and no such address would ever match."
    );
    let remedy = "Write the proxy's address, such as `trusted_proxies = [\"127.0.0.1\"]`, under [farm].";
    findings.push(Finding::warning("L-22", place, message).remedy(remedy));
}

#[cfg(test)]
#[path = "transport_tests.rs"]
mod tests;

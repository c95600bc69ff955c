//! Central login: where the login cannot be handed over, or would be for anybody to read.
//!
//! The key names a wiki of the same realm. A one-time code passes between two hosts, so each must have a name of its
//! own and https, or be this very machine; and the whole realm must agree, or people could log in past it and a logout
//! would miss them.

use std::collections::HashMap;

use grange_session::{Realm, SameSite};

use super::transport::is_loopback;
use super::{Member, Study};
use crate::address::{Address, HostPattern, Scheme};
use crate::check::{WikiConfig, WikiState};
use crate::problem::{Finding, Findings, Place};
use crate::raw::keys::{cookie, look, places, users};
use crate::raw::{Key, unknown};

const CODE: &str = "central-login";

/// Settings without which a comparison would guess.
const NEEDED: &[&Key] = &[
    &look::AT,
    &look::GROUP,
    &look::STATE,
    &users::CENTRAL_LOGIN,
    &users::ACTIONS_EXCLUDED,
    &users::ACTIONS_SUPERUSER,
    &cookie::COOKIE_NAME,
    &cookie::SESSION_KIND,
    &cookie::COOKIE_LIFETIME,
    &cookie::SAME_SITE,
    &places::DATA_DIR,
    &places::SESSION_DIR,
    &places::SESSION_STORE,
    &places::USER_DIR,
    &places::USER_STORE,
];

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    let by_id: HashMap<&str, usize> = (0..)
        .zip(&study.farm.wikis)
        .map(|(n, wiki)| (&*wiki.id, n))
        .collect();
    let mut realms: HashMap<Realm, usize> = HashMap::new();
    for member in study.sound_members(NEEDED) {
        let Some(named) = member.config.central_login.as_deref() else {
            continue;
        };
        realms.entry(member.config.session.realm).or_insert(member.index);
        lint_addresses(&member, findings);
        match by_id.get(named).and_then(|index| study.member(*index)) {
            None => findings.push(unknown_wiki(study, &member)),
            Some(login) if login.config.session.realm != member.config.session.realm => {
                findings.push(other_realm(&member, &login));
            }
            Some(login) if login.index == member.index => lint_login_wiki(&login, findings),
            Some(_) => {}
        }
    }
    lint_agreement(study, &realms, findings);
}

fn place(member: &Member<'_>) -> Place {
    member.settings.place(&users::CENTRAL_LOGIN)
}

fn unknown_wiki(study: &Study<'_>, member: &Member<'_>) -> Finding {
    let text = member.settings.text(&users::CENTRAL_LOGIN);
    let message = format!(
        "There is no wiki \"{}\" to log in on.",
        text.map_or("", |text| text.shown())
    );
    let named = member.config.central_login.as_deref().unwrap_or_default();
    let remedy = match unknown::closest(named, study.layers.raw.wikis.ids()) {
        Some(near) => format!("Did you mean \"{near}\"?"),
        None => "Write the id of one of the wikis that share sessions, or remove the line.".to_owned(),
    };
    Finding::error(CODE, place(member), message).remedy(remedy)
}

/// What is handed over is a login of the realm.
fn other_realm(member: &Member<'_>, login: &Member<'_>) -> Finding {
    let differing = differing_keys(member.config, login.config);
    let message = format!(
        "Wikis \"{}\" and \"{}\" share no sessions, so a login on one cannot count on the other: they differ in {}.",
        member.config.id,
        login.config.id,
        differing.join(", ")
    );
    let remedy = format!(
        "Give both the same {} (in their [group.X]), or remove central_login.",
        differing.join(", ")
    );
    let finding = Finding::error(CODE, place(member), message);
    finding
        .related(login.settings.wiki.place, "people would log in here")
        .remedy(remedy)
}

fn differing_keys(one: &WikiConfig, other: &WikiConfig) -> Vec<&'static str> {
    let (a, b) = (&one.session, &other.session);
    let checks = [
        ("cookie_name", a.cookie.name_part == b.cookie.name_part),
        ("session_kind", a.kind == b.kind),
        ("session_dir", one.session_store == other.session_store),
        ("user_dir", one.user_store == other.user_store),
    ];
    let differing = checks.iter().filter(|(_, same)| !same);
    differing.map(|(key, _)| *key).collect()
}

/// A code is posted to a host that must be known, and nobody may read it on its way.
fn lint_addresses(member: &Member<'_>, findings: &mut Findings) {
    let written = member.settings.items(&look::AT);
    for (n, (address, text)) in member.config.at.iter().zip(written).enumerate() {
        let Some((why, remedy)) = unfit(address, n == 0, text.shown()) else {
            continue;
        };
        let finding = Finding::error(CODE, text.place, format!("\"{}\" {why}", text.shown()));
        findings.push(
            finding
                .related(place(member), "central login here")
                .remedy(remedy),
        );
    }
}

/// Why no login can be handed over at an address, and what to write instead.
fn unfit(address: &Address, canonical: bool, shown: &str) -> Option<(&'static str, String)> {
    if let HostPattern::Exact(name) = address.host()
        && name.starts_with('[')
    {
        return Some((
            "is an IPv6 address, and no page can allow its forms to go to one.",
            "Write a host name, such as \"localhost\" on this machine.".to_owned(),
        ));
    }
    if canonical && !matches!(address.host(), HostPattern::Exact(_)) {
        return Some((
            "is any host, and a login is handed over between hosts that are known.",
            "Put an address with a host name in front, such as \"https://wiki.example.org\".".to_owned(),
        ));
    }
    if address.scheme() == Some(Scheme::Https) || is_loopback(address.host()) {
        return None;
    }
    Some((
        "can be reached over http, where the code that hands a login over could be read on its way.",
        format!("Write \"https://{}\".", without_scheme(shown)),
    ))
}

fn without_scheme(address: &str) -> &str {
    address.split_once("://").map_or(address, |(_, rest)| rest)
}

/// The wiki where people log in must let them, and know them again when another wiki sends them.
fn lint_login_wiki(login: &Member<'_>, findings: &mut Findings) {
    let Some((why, key, remedy)) = unfit_for_login(login.config) else {
        return;
    };
    let message = format!("People could not log in on wiki \"{}\": {why}.", login.config.id);
    let finding = Finding::error(CODE, login.settings.place(key), message);
    findings.push(
        finding
            .related(place(login), "people are to log in there")
            .remedy(remedy),
    );
}

/// Why, which setting says so, and what to do.
fn unfit_for_login(config: &WikiConfig) -> Option<(&'static str, &'static Key, &'static str)> {
    let names = |list: &[String]| list.iter().any(|action| action == "login");
    let take_out = "Take \"login\" out of the list, or name another wiki.";
    if !config.session.lifetimes.allows_login() {
        let remedy = "Give it a second number above 0, or name another wiki.";
        return Some(("logging in is disabled there", &cookie::COOKIE_LIFETIME, remedy));
    }
    if config.state == WikiState::Suspended {
        return Some(("it is suspended", &look::STATE, "Open it, or name another wiki."));
    }
    if names(&config.actions_excluded) {
        return Some(("it has no action \"login\"", &users::ACTIONS_EXCLUDED, take_out));
    }
    if names(&config.actions_superuser) {
        let why = "its action \"login\" is for superusers";
        return Some((why, &users::ACTIONS_SUPERUSER, take_out));
    }
    // The form would be made for a guest, and be sent by somebody who is logged in.
    let why = "with SameSite=Strict browsers do not show its cookie when another wiki sends somebody there";
    let strict = config.session.cookie.same_site == SameSite::Strict;
    strict.then_some((why, &cookie::SAME_SITE, "Remove the line, or write \"lax\"."))
}

/// One realm, one place to log in.
fn lint_agreement(study: &Study<'_>, realms: &HashMap<Realm, usize>, findings: &mut Findings) {
    for member in study.sound_members(NEEDED) {
        let first = realms.get(&member.config.session.realm);
        let Some(first) = first.and_then(|index| study.member(*index)) else {
            continue;
        };
        if first.config.central_login == member.config.central_login {
            continue;
        }
        let message = format!(
            "Wikis \"{}\" and \"{}\" share sessions and do not agree where people log in, so a logout on one would not \
             end the other's logins.",
            first.config.id, member.config.id
        );
        let remedy = "Write central_login once, in the [group.X] of all wikis that share these sessions.";
        let finding = Finding::error(CODE, place(&member), message);
        findings.push(
            finding
                .related(place(&first), "what the other says")
                .remedy(remedy),
        );
    }
}

#[cfg(test)]
#[path = "central_login_tests.rs"]
mod tests;

//! L-10 to L-13: who shares sessions with whom, by half.
//!
//! A realm is cookie name, session kind, session store and user store. Wikis that agree in some of these and not in
//! the others are rarely meant that way. Login methods (L-13) cannot differ while there is one, nor can secrets: a farm
//! has one file of them.

use std::collections::HashMap;
use std::hash::Hash;

use super::{Member, Study, names};
use crate::problem::{Finding, Findings};
use crate::raw::Key;
use crate::raw::keys::{cookie, look, places};

/// Settings without which a comparison would guess.
const NEEDED: &[&Key] = &[
    &look::AT,
    &look::GROUP,
    &cookie::COOKIE_NAME,
    &cookie::SESSION_KIND,
    &cookie::COOKIE_LIFETIME,
    &places::DATA_DIR,
    &places::SESSION_DIR,
    &places::SESSION_STORE,
    &places::USER_DIR,
    &places::USER_STORE,
];

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    lint_accounts(study, findings);
    lint_store_kinds(study, findings);
    lint_lifetimes(study, findings);
    lint_shared_sessions(study, findings);
    lint_shared_accounts(study, findings);
}

/// Calls `differs` with the first wiki of each key and every later one.
fn compare<'a, K: Eq + Hash>(
    study: &Study<'a>,
    key: impl Fn(&Member<'a>) -> K,
    mut differs: impl FnMut(&Member<'a>, &Member<'a>),
) {
    let mut firsts: HashMap<K, usize> = HashMap::new();
    for member in study.sound_members(NEEDED) {
        let first = *firsts.entry(key(&member)).or_insert(member.index);
        if first == member.index {
            continue;
        }
        if let Some(first) = study.member(first) {
            differs(&first, &member);
        }
    }
}

/// What makes two wikis' cookies one: the name, and for a name that nobody wrote also where it is sent. Two hosts
/// without `cookie_name` both say "ROOT" and mean nothing by it.
fn cookie_identity(member: &Member<'_>) -> (String, Option<String>) {
    let cookie = &member.config.session.cookie;
    let is_written = member.settings.text(&cookie::COOKIE_NAME).is_some();
    let sent_to = || {
        let host = member
            .config
            .canonical()
            .map(|address| format!("{:?}", address.host()));
        cookie.domain.clone().or(host)
    };
    (
        cookie.name_part.clone(),
        if is_written { None } else { sent_to() },
    )
}

/// L-10: sessions meet, accounts do not: a user id of one wiki means somebody else on the other.
fn lint_accounts(study: &Study<'_>, findings: &mut Findings) {
    let key = |member: &Member<'_>| {
        let policy = &member.config.session;
        (
            cookie_identity(member),
            policy.kind.clone(),
            member.config.session_store.identity(),
        )
    };
    compare(study, key, |first, second| {
        if first.config.user_store == second.config.user_store {
            return;
        }
        let message = format!(
            "Wikis \"{}\" and \"{}\" have one cookie name and one session store, and different accounts: a session \
             of one means nobody, or somebody else, on the other.",
            first.config.id, second.config.id
        );
        let place = second.settings.place(&places::USER_DIR);
        let finding = Finding::error("L-10", place, message);
        let finding = finding.related(
            first.settings.place(&places::USER_DIR),
            "the accounts of the other",
        );
        findings.push(finding.remedy("Give both the same user_dir, or each its own session_dir."));
    });
}

/// L-13: one directory, two kinds of store.
fn lint_store_kinds(study: &Study<'_>, findings: &mut Findings) {
    let key = |member: &Member<'_>| {
        let policy = &member.config.session;
        let place = &member.config.session_store;
        let name = place
            .dir()
            .map_or_else(|| place.identity(), |dir| dir.display().to_string());
        (cookie_identity(member), policy.kind.clone(), name)
    };
    compare(study, key, |first, second| {
        if first.config.session_store.identity() == second.config.session_store.identity() {
            return;
        }
        let message = format!(
            "Wikis \"{}\" and \"{}\" have one cookie name and one session_dir, and different kinds of session_store.",
            first.config.id, second.config.id
        );
        let place = second.settings.place(&places::SESSION_STORE);
        let finding = Finding::error("L-13", place, message);
        let finding = finding.related(first.settings.place(&places::SESSION_STORE), "another kind here");
        findings.push(finding.remedy("Give both the same session_store, or each its own session_dir."));
    });
}

/// L-13: one session, two lifetimes. A session keeps those of the wiki it began on, so nothing breaks.
fn lint_lifetimes(study: &Study<'_>, findings: &mut Findings) {
    compare(
        study,
        |member| member.config.session.realm,
        |first, second| {
            if first.config.session.lifetimes == second.config.session.lifetimes {
                return;
            }
            let message = format!(
                "Wikis \"{}\" and \"{}\" share sessions and differ in their lifetimes: how long a session lives depends \
             on where it began.",
                first.config.id, second.config.id
            );
            let (place, other) = (lifetime_place(second), lifetime_place(first));
            let finding = Finding::warning("L-13", place, message).related(other, "another lifetime here");
            findings.push(
                finding.remedy("Set the lifetimes in their [group.X], or in [defaults], and nowhere else."),
            );
        },
    );
}

fn lifetime_place(member: &Member<'_>) -> crate::problem::Place {
    let keys = [
        &cookie::COOKIE_LIFETIME,
        &cookie::ANONYMOUS_SESSION_LIFETIME,
        &cookie::ANONYMOUS_COOKIE_LIFETIME,
        &cookie::SESSION_LIFE_TIME,
        &cookie::SESSION_ABSOLUTE_LIFE_TIME,
    ];
    let written = keys.into_iter().map(|key| member.settings.place(key));
    let header = member.settings.wiki.place;
    written
        .into_iter()
        .find(|place| *place != header)
        .unwrap_or(header)
}

/// Everything that wikis with one key have beside it, with the wikis that have it.
struct Crowd<V> {
    wikis: Vec<usize>,
    values: Vec<V>,
}

fn crowds<'a, K: Eq + Hash, V: PartialEq>(
    study: &Study<'a>,
    key: impl Fn(&Member<'a>) -> K,
    value: impl Fn(&Member<'a>) -> V,
) -> Vec<Crowd<V>> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut crowds: Vec<Crowd<V>> = Vec::new();
    for member in study.sound_members(NEEDED) {
        let at = *places.entry(key(&member)).or_insert(crowds.len());
        if at == crowds.len() {
            crowds.push(Crowd {
                wikis: Vec::new(),
                values: Vec::new(),
            });
        }
        let Some(crowd) = crowds.get_mut(at) else { continue };
        crowd.wikis.push(member.index);
        // Two different ones are enough to know.
        let value = value(&member);
        if crowd.values.len() < 2 && !crowd.values.contains(&value) {
            crowd.values.push(value);
        }
    }
    crowds.retain(|crowd| crowd.values.len() > 1);
    crowds
}

/// L-11: works, but kill and sweep look at one store.
fn lint_shared_sessions(study: &Study<'_>, findings: &mut Findings) {
    let key = |member: &Member<'_>| {
        (
            member.config.session_store.clone(),
            member.config.session.kind.clone(),
        )
    };
    // Names that nobody wrote are the same by chance; there the accounts tell who is apart.
    let apart = |member: &Member<'_>| {
        let (name, sent_to) = cookie_identity(member);
        (name, sent_to.map(|_| member.config.user_store.clone()))
    };
    for crowd in crowds(study, key, apart) {
        let Some(last) = crowd.wikis.last().and_then(|index| study.member(*index)) else {
            continue;
        };
        let message = format!(
            "Wikis {} keep their sessions in one session_dir under cookies of their own, so they share the \
             directory and no session.",
            names(study, &crowd.wikis)
        );
        let remedy = "To share sessions, give all the same cookie_name and user_dir; to keep them apart, give each \
                      its own session_dir.";
        let place = last.settings.place(&places::SESSION_DIR);
        findings.push(Finding::warning("L-11", place, message).remedy(remedy));
    }
}

/// L-12: one account, several logins.
fn lint_shared_accounts(study: &Study<'_>, findings: &mut Findings) {
    let key = |member: &Member<'_>| member.config.user_store.clone();
    for crowd in crowds(study, key, |member| member.config.session.realm) {
        let Some(last) = crowd.wikis.last().and_then(|index| study.member(*index)) else {
            continue;
        };
        let message = format!(
            "Wikis {} have the same accounts and different sessions: people log in on each.",
            names(study, &crowd.wikis)
        );
        let remedy = "To log in once, give all the same cookie_name and session_dir.";
        let place = last.settings.place(&places::USER_DIR);
        findings.push(Finding::warning("L-12", place, message).remedy(remedy));
    }
}

#[cfg(test)]
#[path = "realm_tests.rs"]
mod tests;

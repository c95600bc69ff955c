//! L-07 (and L-09): one name for two cookies in one browser.
//!
//! Browsers tell cookies apart by name, Domain and Path, not by port and not by wiki. Two wikis that do not share
//! sessions and whose cookies have one name where both are sent would end each other's sessions at every visit.
//!
//! Who meets whom is `cookie_jar.rs`; here it is said why that is wrong, and what to write instead.

use std::collections::HashSet;

use super::Study;
use crate::check::disguise;
use crate::cookie_jar;
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

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    let members = study.sound_members(NEEDED);
    let mut told = HashSet::new();
    for pair in cookie_jar::meetings(members.map(|member| (member.index, member.config))) {
        if !are_one_realm(study, pair) && told.insert(pair) {
            report(study, pair, findings);
        }
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
    let same_sessions = first.config.session_store.identity() == second.config.session_store.identity()
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

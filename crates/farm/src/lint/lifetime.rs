//! L-20: lifetimes that are said in MoinMoin's older ways, or that surprise.
//!
//! Each table is looked at as it stands, because a later layer replaces the whole setting. Numbers that are none are
//! refused when they are read.

use super::Study;
use crate::check::session::Spelling;
use crate::problem::{Finding, Findings, Place};
use crate::raw::keys::cookie;
use crate::raw::{Entry, RawTable, Value};

/// Browsers keep no cookie longer than 400 days.
const LONGEST_HOURS: f64 = 9600.0;

/// Lifetimes are whole seconds, rounded down.
const SHORTEST_HOURS: f64 = 1.0 / 3600.0;

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    for table in study.layers.tables() {
        lint_spelling(table, findings);
    }
    lint_idle(study, findings);
}

fn anonymous_entries(table: &RawTable) -> Vec<&Entry> {
    let keys = [
        &cookie::ANONYMOUS_SESSION_LIFETIME,
        &cookie::ANONYMOUS_COOKIE_LIFETIME,
    ];
    keys.into_iter().filter_map(|key| table.entry(key)).collect()
}

fn lint_spelling(table: &RawTable, findings: &mut Findings) {
    let lifetime = table.entry(&cookie::COOKIE_LIFETIME);
    let anonymous = anonymous_entries(table);
    if let [first, second] = anonymous.as_slice() {
        let message = format!("`{}` and `{}` are one setting.", first.key.name, second.key.name);
        let finding =
            Finding::error("L-20", second.key_place, message).related(first.key_place, "here first");
        findings.push(finding.remedy("Remove both and write `cookie_lifetime = [anonymous, logged in]`."));
        return;
    }
    let broken = lifetime
        .into_iter()
        .chain(anonymous.iter().copied())
        .any(|entry| entry.value == Value::Broken);
    let Some(spelling) = Spelling::of_table(table).filter(|_| !broken) else {
        return;
    };
    if let (Spelling::Pair(..), [old], Some(pair)) = (spelling, anonymous.as_slice(), lifetime) {
        let message = format!(
            "`{}` stands beside a pair that says the same already.",
            old.key.name
        );
        let finding = Finding::error("L-20", old.key_place, message).related(pair.place, "the first number");
        findings.push(finding.remedy("Remove the line."));
        return;
    }
    let Some(entry) = lifetime.or(anonymous.first().copied()) else {
        return;
    };
    lint_old_spelling(spelling, entry, findings);
    lint_numbers(spelling, entry.place, findings);
}

fn lint_old_spelling(spelling: Spelling, entry: &Entry, findings: &mut Findings) {
    let (anonymous, logged_in) = spelling.pair();
    let name = entry.key.name;
    let message = match spelling {
        Spelling::Pair(..) => return,
        Spelling::Scalar { hours: 0.0, .. } => {
            format!("`{name} = 0` is MoinMoin's old spelling of \"forever\", and means 400 days here.")
        }
        Spelling::Scalar { .. } => format!("`{name}` as one number is the spelling of MoinMoin 1.6 to 1.8."),
        Spelling::AnonymousAlone(_) => format!("`{name}` is the spelling of MoinMoin 1.6 and 1.7."),
    };
    let remedy = match spelling {
        Spelling::Scalar {
            anonymous: Some(_), ..
        } => "instead of both lines",
        _ => "instead",
    };
    let remedy = format!("Write `cookie_lifetime = [{anonymous}, {logged_in}]` {remedy}.");
    findings.push(Finding::warning("L-20", entry.place, message).remedy(remedy));
}

fn lint_numbers(spelling: Spelling, place: Place, findings: &mut Findings) {
    let (anonymous, logged_in) = spelling.pair();
    if logged_in.abs() < SHORTEST_HOURS {
        let message = "A logged-in lifetime of 0 disables logging in.";
        let remedy = "Write the hours a login lasts, such as `cookie_lifetime = [0, 12]`; MoinMoin's old \"forever\" \
                      is `[0, -9600]`.";
        findings.push(Finding::warning("L-20", place, message).remedy(remedy));
    }
    if anonymous > LONGEST_HOURS || logged_in.abs() > LONGEST_HOURS {
        let message =
            "Browsers keep no cookie longer than 400 days (9600 hours), and neither does the server.";
        findings.push(Finding::warning("L-20", place, message).remedy("Write 9600 hours or less."));
    }
}

/// An idle time above the absolute one never comes to pass.
fn lint_idle(study: &Study<'_>, findings: &mut Findings) {
    for member in study.sound_members(&[&cookie::SESSION_LIFE_TIME, &cookie::SESSION_ABSOLUTE_LIFE_TIME]) {
        let lifetimes = &member.config.session.lifetimes;
        if lifetimes.idle.is_none_or(|idle| idle <= lifetimes.absolute) {
            continue;
        }
        let message = format!(
            "session_life_time is longer than the {} seconds after which a new login is due anyway.",
            lifetimes.absolute.as_secs()
        );
        let place = member.settings.place(&cookie::SESSION_LIFE_TIME);
        let remedy = "Write a smaller session_life_time or a larger session_absolute_life_time.";
        findings.push(Finding::warning("L-20", place, message).remedy(remedy));
    }
}

#[cfg(test)]
#[path = "lifetime_tests.rs"]
mod tests;

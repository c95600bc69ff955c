//! L-05: a cookie Path that is not `/`.
//!
//! It is no wall between wikis of one host (MoinMoin calls it "usually not needed and not recommended"), and one that
//! does not cover the wiki, or a wiki that shares its sessions, loses the cookie.

use std::collections::HashMap;

use super::{Member, Study};
use crate::problem::{Finding, Findings};
use crate::raw::Value;
use crate::raw::keys::{cookie, look};

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    for entry in study.layers.written(&cookie::COOKIE_PATH) {
        if let Value::Text(text) = &entry.value
            && &*text.value != "/"
        {
            let message = format!(
                "cookie_path \"{}\" is no wall between wikis and rarely wanted.",
                text.shown()
            );
            let remedy = "Remove the line: wikis that set nothing have cookies of their own already.";
            findings.push(Finding::warning("L-05", text.place, message).remedy(remedy));
        }
    }
    let mut realms: HashMap<_, Vec<Member<'_>>> = HashMap::new();
    for member in study.sound_members(&[&cookie::COOKIE_PATH, &look::AT]) {
        realms
            .entry(member.config.session.realm)
            .or_default()
            .push(member);
    }
    let narrow = |members: &&Vec<Member<'_>>| members.iter().any(|member| path_of(member) != "/");
    for members in realms.values().filter(narrow) {
        lint_realm(members, findings);
    }
}

fn path_of<'a>(member: &Member<'a>) -> &'a str {
    &member.config.session.cookie.path
}

/// Every path in use must cover every wiki that shares the session. A path is tried until it fails, and paths that
/// cover much are few, so this stays linear for all farms that people make.
fn lint_realm(members: &[Member<'_>], findings: &mut Findings) {
    let mut tried = std::collections::HashSet::new();
    for member in members {
        let path = path_of(member);
        if let Some(uncovered) = uncovered_address(member, path) {
            report(member, member, &uncovered, findings);
        } else if tried.insert(path)
            && let Some((other, uncovered)) = members
                .iter()
                .find_map(|other| Some((other, uncovered_address(other, path)?)))
        {
            report(member, other, &uncovered, findings);
        }
    }
}

/// The first address of a wiki to which browsers would not send a cookie of this path.
fn uncovered_address(member: &Member<'_>, path: &str) -> Option<String> {
    let addresses = member.config.at.iter().zip(member.settings.items(&look::AT));
    let mut uncovered = addresses.filter(|(address, _)| !covers(path, &format!("{}/", address.base())));
    uncovered.next().map(|(_, written)| written.shown().to_owned())
}

/// RFC 6265, section 5.1.4.
fn covers(cookie_path: &str, request_path: &str) -> bool {
    let rest = request_path.strip_prefix(cookie_path);
    rest.is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

fn report(member: &Member<'_>, other: &Member<'_>, address: &str, findings: &mut Findings) {
    let shown = member
        .settings
        .text(&cookie::COOKIE_PATH)
        .map_or("/", |text| text.shown());
    let whose = match member.config.id == other.config.id {
        true => "its own address",
        false => "an address that shares its sessions,",
    };
    let message = format!(
        "cookie_path \"{shown}\" of wiki \"{}\" does not cover {whose} \"{address}\": browsers do not send the cookie \
         there.",
        member.config.id
    );
    let place = member.settings.place(&cookie::COOKIE_PATH);
    findings.push(Finding::error("L-05", place, message).remedy("Remove cookie_path, or write \"/\"."));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{clean, finds, problems};
    use crate::problem::Severity;

    #[test]
    fn a_path_that_covers_the_wiki_is_only_a_warning() {
        let problem = finds("L-05", "[wiki.a]\nat = [\"example.org/a\"]\ncookie_path = \"/a\"");
        assert_eq!(problem.severity, Severity::Warning);
        clean("[wiki.a]\nat = [\"example.org/a\"]\ncookie_path = \"/\"");
    }

    #[test]
    fn a_path_that_does_not_cover_the_wiki_is_an_error() {
        let problems =
            problems("[wiki.a]\nat = [\"example.org/ab\", \"example.org:81\"]\ncookie_path = \"/a\"");
        let errors: Vec<_> = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .collect();
        assert_eq!((errors.len(), errors[0].code), (1, "L-05"));
    }

    #[test]
    fn a_path_that_leaves_out_a_sharing_sibling_is_an_error() {
        let shared = "[group.g]\ncookie_name = \"g\"\nsession_dir = \"s\"\nuser_dir = \"u\"\n\
                      [wiki.a]\nat = [\"example.org/a\"]\ngroup = \"g\"\ncookie_path = \"/a\"\n\
                      [wiki.b]\nat = [\"example.org/b\"]\ngroup = \"g\"\n";
        let errors = problems(shared)
            .into_iter()
            .filter(|problem| problem.severity == Severity::Error);
        let errors: Vec<_> = errors.collect();
        assert_eq!((errors.len(), errors[0].code, errors[0].line), (1, "L-05", 8));
    }

    #[test]
    fn paths_are_compared_as_browsers_do() {
        assert!(covers("/", "/a/") && covers("/a", "/a/") && covers("/a/", "/a/b/") && covers("/a", "/a/b/"));
        assert!(!covers("/a", "/ab/") && !covers("/a/b", "/a/") && !covers("/a", "/"));
    }
}

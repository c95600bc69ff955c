//! L-14, L-15: wikis on one host are one trust domain.
//!
//! L-14 is told for wikis that share sessions there; which others are together on a host is in `grange sharing`. HTML in
//! pages is sanitised whatever `raw_html` says, and no wiki brings scripts of its own, so no setting makes it an error.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;

use super::{Member, Study, names};
use crate::address::HostPattern;
use crate::problem::{Finding, Findings};
use crate::raw::Key;
use crate::raw::keys::{cookie, look, places};
use crate::sharing::ONE_TRUST_DOMAIN;

/// Settings without which a comparison would guess.
const NEEDED: &[&Key] = &[
    &look::AT,
    &look::GROUP,
    &cookie::COOKIE_NAME,
    &places::SESSION_DIR,
    &places::USER_DIR,
];

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    lint_shared_logins(study, findings);
    lint_owners(study, findings);
}

/// Wikis by what they have in common, each group once, in the order of the files.
fn gathered<'a, K: std::hash::Hash + Eq>(
    study: &Study<'a>,
    key: impl Fn(&Member<'a>, &HostPattern) -> K,
) -> Vec<Vec<usize>> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for member in study.sound_members(NEEDED) {
        for address in &member.config.at {
            let place = *places.entry(key(&member, address.host())).or_insert(groups.len());
            match groups.get_mut(place) {
                // Addresses of one wiki come one after the other.
                Some(group) if group.last() == Some(&member.index) => {}
                Some(group) => group.push(member.index),
                None => groups.push(vec![member.index]),
            }
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

/// L-14: one login, one host. Told once for wikis that are together on several hosts.
fn lint_shared_logins(study: &Study<'_>, findings: &mut Findings) {
    let mut groups = gathered(study, |member, host| (member.config.session.realm, host.clone()));
    let mut told = std::collections::HashSet::new();
    groups.retain(|group| told.insert(group.clone()));
    for group in groups {
        let Some(first) = group.first().and_then(|index| study.member(*index)) else {
            continue;
        };
        let message = format!(
            "Wikis {} share their sessions on one host. {ONE_TRUST_DOMAIN}",
            names(study, &group)
        );
        findings.push(Finding::note("L-14", first.settings.place(&look::AT), message));
    }
}

/// L-15: cookies go to every port of a host, so also to a program of somebody else's.
fn lint_owners(study: &Study<'_>, findings: &mut Findings) {
    let mut owners: HashMap<usize, Option<u32>> = HashMap::new();
    for group in gathered(study, |_, host| host.clone()) {
        let members = group.iter().filter_map(|index| study.member(*index));
        let mut first: Option<(u32, Member<'_>)> = None;
        for member in members {
            let owner = owners.entry(member.index).or_insert_with(|| {
                std::fs::metadata(&member.config.data_dir)
                    .ok()
                    .map(|found| found.uid())
            });
            match (&first, *owner) {
                (None, Some(owner)) => first = Some((owner, member)),
                (Some((one, other)), Some(owner)) if *one != owner => {
                    findings.push(different_owners(other, &member));
                    break;
                }
                _ => {}
            }
        }
    }
}

fn different_owners(first: &Member<'_>, second: &Member<'_>) -> Finding {
    let message = format!(
        "Wikis \"{}\" and \"{}\" are on one host, and their directories belong to different users of this machine: \
         each can read and replace the other's cookies.",
        first.config.id, second.config.id
    );
    let place = second.settings.place(&places::DATA_DIR);
    let finding =
        Finding::note("L-15", place, message).related(first.settings.place(&places::DATA_DIR), "the other");
    finding.remedy("Give wikis of people who do not trust one another hosts of their own.")
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::notes;

    const SHARED: &str = "[defaults]\ncookie_name = \"g\"\nsession_dir = \"s\"\nuser_dir = \"u\"\n";

    fn two(one: &str, other: &str) -> String {
        format!("[wiki.a]\nat = [\"{one}\"]\n[wiki.b]\nat = [\"{other}\"]\n")
    }

    #[test]
    fn a_login_shared_by_path_or_port_is_one_trust_domain() {
        for other in ["example.org/b", "example.org:8001"] {
            let told = notes("L-14", &format!("{SHARED}{}", two("example.org/a", other)));
            assert_eq!(told.len(), 1);
            assert!(
                told[0].message.contains("one trust domain"),
                "{}",
                told[0].message
            );
        }
    }

    #[test]
    fn hosts_of_their_own_and_sessions_of_their_own_are_not_told() {
        let hosts = format!(
            "{SHARED}cookie_domain = \".example.org\"\n{}",
            two("a.example.org", "b.example.org")
        );
        assert!(notes("L-14", &hosts).is_empty());
        assert!(notes("L-14", &two("example.org/a", "example.org/b")).is_empty());
    }

    #[test]
    fn directories_of_different_users_on_one_host_are_told() {
        // Without the privilege to give a directory away, the root directory is somebody else's.
        let dir = tempfile::tempdir().unwrap();
        let (mine, theirs) = (dir.path().join("mine"), dir.path().join("theirs"));
        std::fs::create_dir(&mine).unwrap();
        std::fs::create_dir(&theirs).unwrap();
        let given = std::os::unix::fs::chown(&theirs, Some(12345), None).is_ok();
        let theirs = if given { theirs } else { "/".into() };
        let text = |other: &std::path::Path| {
            format!(
                "[wiki.a]\nat = [\"example.org:81\"]\ndata_dir = \"{}\"\n[wiki.b]\nat = [\"example.org:82\"]\ndata_dir = \"{}\"\n",
                mine.display(),
                other.display()
            )
        };
        assert_eq!(notes("L-15", &text(&theirs)).len(), 1);
        let beside = dir.path().join("beside");
        std::fs::create_dir(&beside).unwrap();
        assert!(notes("L-15", &text(&beside)).is_empty());
    }
}

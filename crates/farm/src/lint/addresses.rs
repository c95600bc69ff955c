//! Addresses that clash: one entry for two wikis, an alias that leads nowhere.
//!
//! Whether two entries are the same place is the router's word, so check and server cannot disagree.

use super::{Member, Study};
use crate::address::HostPattern;
use crate::farm::routes;
use crate::problem::{Finding, Findings};
use crate::raw::Text;
use crate::raw::keys::look;
use crate::router::{Entry, Router};

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    lint_overlaps(study, findings);
    for member in study.members() {
        lint_aliases(&member, findings);
    }
}

/// Two entries for one place: an error that names both lines.
fn lint_overlaps(study: &Study<'_>, findings: &mut Findings) {
    let Err(overlaps) = Router::build(routes(study.farm)) else {
        return;
    };
    for overlap in overlaps {
        let (Some(first), Some(second)) = (study.member(overlap.first.0), study.member(overlap.second.0))
        else {
            continue;
        };
        let (Some(one), Some(other)) = (text(&first, overlap.first.1), text(&second, overlap.second.1))
        else {
            continue;
        };
        let message = match overlap.first.0 == overlap.second.0 {
            true => format!(
                "\"{}\" stands twice in wiki \"{}\".",
                other.shown(),
                second.config.id
            ),
            false => format!(
                "\"{}\" is the address of wiki \"{}\" and of wiki \"{}\".",
                other.shown(),
                first.config.id,
                second.config.id
            ),
        };
        let finding = Finding::error("overlap", other.place, message).related(one.place, "here first");
        findings.push(finding.remedy("Give one of the two another host, port or path, or remove it."));
    }
}

fn text<'a>(member: &Member<'a>, entry: Entry) -> Option<&'a Text> {
    let (key, index) = match entry {
        Entry::Address(index) => (&look::AT, index),
        Entry::Alias(index) => (&look::ALIASES, index),
    };
    member.settings.items(key).get(index as usize)
}

/// An alias redirects to the canonical host, and `*` is none.
fn lint_aliases(member: &Member<'_>, findings: &mut Findings) {
    if member
        .config
        .canonical()
        .is_none_or(|canonical| *canonical.host() != HostPattern::Any)
    {
        return;
    }
    let canonical = member.settings.place(&look::AT);
    for alias in member.settings.items(&look::ALIASES) {
        let message = format!(
            "\"{}\" cannot redirect: the first address of wiki \"{}\" is `*`, which names no host to go to.",
            alias.shown(),
            member.config.id
        );
        let finding =
            Finding::error("alias", alias.place, message).related(canonical, "the canonical address");
        findings
            .push(finding.remedy("Put an address with a host first in `at`, or move the alias into `at`."));
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{clean, finds, problems};

    #[test]
    fn the_same_address_of_two_wikis_names_both_lines() {
        let text = "[wiki.a]\nat = [\"Example.org\"]\n[wiki.b]\nat = [\"example.org.\"]\n";
        let problem = finds("overlap", text);
        assert_eq!((problem.line, problem.related[0].line), (4, 2));
        clean("[wiki.a]\nat = [\"example.org\"]\n[wiki.b]\nat = [\"example.org/b\"]\n");
    }

    #[test]
    fn an_alias_may_not_be_another_wikis_address() {
        finds(
            "overlap",
            "[wiki.a]\nat = [\"a.example.org\"]\naliases = [\"b.example.org\"]\n[wiki.b]\nat = [\"b.example.org\"]",
        );
        finds(
            "overlap",
            "[wiki.a]\nat = [\"a.example.org\"]\naliases = [\"a.example.org\"]",
        );
    }

    #[test]
    fn an_address_that_all_wikis_inherit_is_an_overlap() {
        let text = "[defaults]\nat = [\"example.org\"]\n[wiki.a]\n[wiki.b]\n";
        assert!(problems(text).iter().any(|problem| problem.code == "overlap"));
    }

    #[test]
    fn an_alias_needs_a_canonical_host() {
        finds("alias", "[wiki.a]\nat = [\"*\"]\naliases = [\"old.example.org\"]");
        clean("[wiki.a]\nat = [\"example.org\", \"*\"]\naliases = [\"old.example.org\"]");
    }
}

//! Words in the rights that mean nothing.
//!
//! MoinMoin ignores what it does not understand in a rights line, and so does Grange; the admin should know. What is
//! wrong with a line is `grange_wiki`'s word. There are no group pages yet: a name that looks like one, as in MoinMoin's
//! `AdminGroup`, gives its rights to nobody, and the admin should know that, too.

use grange_wiki::rights::{Acl, AclProblem, AclRules};

use super::Study;
use crate::problem::{Finding, Findings};
use crate::raw::keys::users;
use crate::raw::{Key, Text, Value};

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    for key in [
        &users::ACL_RIGHTS_BEFORE,
        &users::ACL_RIGHTS_DEFAULT,
        &users::ACL_RIGHTS_AFTER,
    ] {
        for entry in study.layers.written(key) {
            let Value::Text(text) = &entry.value else { continue };
            for group in groups_of(&text.value) {
                findings.push(no_groups_yet(study, key, text, group));
            }
            for problem in problems_of(key, text) {
                let place = study.sources.narrow(text.place, problem.offending());
                // A line from the environment is not repeated.
                let message = match &text.written {
                    Some(written) => format!(
                        "`{}`: what \"{written}\" stands for is not all understood.",
                        key.name
                    ),
                    None => format!("`{}`: {problem}.", key.name),
                };
                findings.push(
                    Finding::warning("acl", place, message).remedy(format!("For example: `{}`.", key.line())),
                );
            }
        }
    }
}

/// The names in a line that MoinMoin would take for groups: `AdminGroup`, with its usual `page_group_regex`.
fn groups_of(line: &str) -> Vec<&str> {
    let is_group = |name: &&str| {
        let stem = name.strip_suffix("Group").unwrap_or_default();
        stem.ends_with(|c: char| c.is_lowercase())
    };
    let names = line.split(':').rev().skip(1).flat_map(|part| part.split(','));
    // Rights stand before a name, with a blank between; a name of several words ends in its last one.
    let words = names.filter_map(|name| name.split_whitespace().next_back());
    let words = words.map(|word| word.trim_start_matches(['+', '-']));
    words.filter(is_group).collect()
}

fn no_groups_yet(study: &Study<'_>, key: &Key, text: &Text, group: &str) -> Finding {
    let (name, place) = (key.name, study.sources.narrow(text.place, group));
    let message = match &text.written {
        Some(written) => format!(
            "`{name}`: \"{written}\" names a group, and there are no groups yet: nobody gets these rights."
        ),
        None => format!(
            "`{name}`: \"{group}\" is the name of no user but of a group, and there are no groups yet: nobody gets these \
             rights."
        ),
    };
    Finding::warning("acl", place, message).remedy("Write the names of the users, separated by commas.")
}

fn problems_of(key: &Key, text: &Text) -> Vec<AclProblem> {
    let line = Acl::parse(&text.value);
    let rules = match key.name == users::ACL_RIGHTS_DEFAULT.name {
        true => AclRules {
            before: Acl::default(),
            default: line,
            after: Acl::default(),
        },
        false => AclRules {
            before: line,
            ..AclRules::default()
        },
    };
    rules.problems().into_iter().map(|(_, problem)| problem).collect()
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{clean, finds, problems, underlined};
    use crate::problem::Severity;

    #[test]
    fn a_word_that_is_no_right_is_a_warning_and_underlined_alone() {
        let text = "[defaults]\nacl_rights_default = \"Known:read,wirte All:read\"";
        let problem = finds("acl", text);
        assert_eq!(problem.severity, Severity::Warning);
        assert_eq!(underlined(text, &problem), "wirte");
        clean("[defaults]\nacl_rights_default = \"Known:read,write All:read\"");
    }

    #[test]
    fn a_group_is_a_warning_until_there_are_groups() {
        for line in [
            "AdminGroup:read,write All:",
            "Joe,+AdminGroup:read All:",
            "All:read -AdminGroup:read",
        ] {
            let text = format!("[defaults]\nacl_rights_before = \"{line}\"");
            let problem = problems(&text)
                .into_iter()
                .find(|problem| problem.message.contains("no groups yet"))
                .unwrap_or_else(|| panic!("{line}"));
            assert_eq!(problem.severity, Severity::Warning);
            assert_eq!(underlined(&text, &problem), "AdminGroup");
        }
        clean("[defaults]\nacl_rights_before = \"GROUP:read Group:read Groups:read Joe Groupe:read\"");
    }

    #[test]
    fn default_inside_the_default_list_is_a_warning() {
        finds("acl", "[defaults]\nacl_rights_default = \"Joe:admin Default\"");
        clean("[defaults]\nacl_rights_before = \"Joe:admin Default\"");
    }
}

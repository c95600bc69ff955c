//! Words in the rights that mean nothing.
//!
//! MoinMoin ignores what it does not understand in a rights line, and so does Grange; the admin should know. What is
//! wrong with a line is `grange_wiki`'s word.

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
    use crate::lint::testing::{clean, finds, underlined};
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
    fn default_inside_the_default_list_is_a_warning() {
        finds("acl", "[defaults]\nacl_rights_default = \"Joe:admin Default\"");
        clean("[defaults]\nacl_rights_before = \"Joe:admin Default\"");
    }
}

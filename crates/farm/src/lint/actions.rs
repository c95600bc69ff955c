//! Names of actions that no page has.
//!
//! `actions_excluded` and `actions_superuser` take something away; a misspelt name takes nothing away, silently.
//! A warning and not an error, because lists that come from MoinMoin name actions that do not exist here.

use super::Study;
use crate::problem::{Finding, Findings};
use crate::raw::keys::users;
use crate::raw::{Key, Text, Value, unknown};

pub use grange_macros::ACTION_NAMES;

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    for key in [&users::ACTIONS_EXCLUDED, &users::ACTIONS_SUPERUSER] {
        for entry in study.layers.written(key) {
            let Value::Texts(texts) = &entry.value else {
                continue;
            };
            for text in &texts.items {
                if !ACTION_NAMES.contains(&&*text.value) {
                    findings.push(unknown_action(key, text));
                }
            }
        }
    }
}

fn unknown_action(key: &Key, text: &Text) -> Finding {
    let message = format!(
        "`{}`: there is no action \"{}\", so this has no effect.",
        key.name,
        text.shown()
    );
    let remedy = match unknown::closest(&text.value, ACTION_NAMES.iter().copied()) {
        Some(near) => format!("Did you mean \"{near}\"?"),
        None => format!("Remove it; the actions are {}.", ACTION_NAMES.join(", ")),
    };
    Finding::warning("actions", text.place, message).remedy(remedy)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{clean, finds, underlined};
    use crate::problem::Severity;

    #[test]
    fn an_action_that_does_not_exist_is_a_warning_with_the_one_that_was_meant() {
        let text = "[defaults]\nactions_excluded = [\"raw\", \"renmae\"]";
        let problem = finds("actions", text);
        assert_eq!(problem.severity, Severity::Warning);
        assert_eq!(underlined(text, &problem), "\"renmae\"");
        assert_eq!(problem.remedy, "Did you mean \"rename\"?");
        finds("actions", "[defaults]\nactions_superuser = [\"xmlrpc\"]");
    }

    #[test]
    fn short_and_long_names_of_actions_are_known() {
        clean(
            "[defaults]\nactions_excluded = [\"rename\"]\nactions_superuser = [\"DeletePage\", \"revert\"]",
        );
    }
}

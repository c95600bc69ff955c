//! L-06, L-08: names for cookies that Grange or another wiki already uses.
//!
//! That a name is a token of at most 64 characters is a rule of the key itself (`raw/rules.rs`, L-06). Names that
//! really meet in one browser are `lint/jar.rs`.

use std::collections::HashMap;

use super::Study;
use crate::problem::{Finding, Findings, Place};
use crate::raw::Value;
use crate::raw::keys::cookie;

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    lint_prefix_by_hand(study, findings);
    lint_ids_as_names(study, findings);
}

/// L-06: the prefixes are promises about other attributes, so they are added by whoever knows those.
fn lint_prefix_by_hand(study: &Study<'_>, findings: &mut Findings) {
    for entry in study.layers.written(&cookie::COOKIE_NAME) {
        let Value::Text(text) = &entry.value else { continue };
        let name = text.value.to_ascii_lowercase();
        if ["__host-", "__secure-"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            let message = format!(
                "cookie_name \"{}\" begins with a prefix, which would end up inside.",
                text.shown()
            );
            let remedy = "Leave the prefix out: it is added by itself where cookies are Secure.";
            findings.push(Finding::error("L-06", text.place, message).remedy(remedy));
        }
    }
}

/// L-08: a name taken from an id and the same name written out.
fn lint_ids_as_names(study: &Study<'_>, findings: &mut Findings) {
    let mut by_magic: HashMap<&str, Place> = HashMap::new();
    let mut by_hand: Vec<(&str, &str, Place)> = Vec::new();
    for member in study.members() {
        let Some(text) = member.settings.text(&cookie::COOKIE_NAME) else {
            continue;
        };
        match &*text.value {
            "siteidmagic" => _ = by_magic.insert(&member.config.id, text.place),
            name => by_hand.push((name, &member.config.id, text.place)),
        }
    }
    for (name, wiki, place) in by_hand {
        if let Some(magic) = by_magic.get(name) {
            let message = format!(
                "Wiki \"{wiki}\" calls its cookie \"{name}\", and so does wiki \"{name}\" by \"siteidmagic\"."
            );
            let finding =
                Finding::warning("L-08", place, message).related(*magic, "the id becomes the name here");
            findings.push(
                finding.remedy("Choose another name, or write it out in both where they share sessions."),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{clean, finds, problems};
    use crate::problem::Severity;

    fn named(name: &str) -> String {
        format!("[wiki.a]\nat = [\"a.example.org\"]\ncookie_name = \"{name}\"\n")
    }

    #[test]
    fn a_name_that_is_no_token_or_too_long_is_an_error() {
        for name in ["", "a b", "a=b", "a;b", "wikié", &"x".repeat(65)] {
            assert_eq!(finds("L-06", &named(name)).severity, Severity::Error, "{name}");
        }
        clean(&named(&"x".repeat(64)));
        clean(&named("my.farm_1"));
    }

    #[test]
    fn a_prefix_by_hand_is_an_error() {
        finds("L-06", &named("__Host-x"));
        finds("L-06", &named("__secure-x"));
        clean(&named("x__Host-"));
    }

    #[test]
    fn a_name_written_out_that_another_wikis_id_makes_is_a_warning() {
        let text = "[wiki.a]\nat = [\"a.example.org\"]\ncookie_name = \"siteidmagic\"\n\
                    [wiki.b]\nat = [\"b.example.org\"]\ncookie_name = \"a\"\n";
        assert_eq!(finds("L-08", text).severity, Severity::Warning);
        clean(&text.replace("\"a\"", "\"c\""));
        assert!(problems(&text.replace("cookie_name = \"a\"", "cookie_name = \"siteidmagic\"")).is_empty());
    }
}

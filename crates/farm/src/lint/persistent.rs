//! L-41: fields that are to come along at login or logout, misspelt.
//!
//! Any name can be a macro's, so only one that is almost, and not quite, a field of Grange's own is told. Fields that say
//! who somebody is are refused where they are read (`raw/rules.rs`).

use super::Study;
use crate::problem::{Finding, Findings};
use crate::raw::keys::cookie;
use crate::raw::{Value, unknown};

/// Session fields that Grange itself keeps.
const FIELDS: &[&str] = &["language"];

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    for key in [&cookie::PERSISTENT_ON_LOGIN, &cookie::PERSISTENT_ON_LOGOUT] {
        for entry in study.layers.written(key) {
            let Value::Texts(texts) = &entry.value else {
                continue;
            };
            for text in &texts.items {
                let near = unknown::closest(&text.value, FIELDS.iter().copied());
                let Some(near) = near.filter(|near| **near != *text.value) else {
                    continue;
                };
                let message = format!("`{}`: nothing keeps a field \"{}\".", key.name, text.shown());
                let remedy = format!("Did you mean \"{near}\"?");
                findings.push(Finding::warning("L-41", text.place, message).remedy(remedy));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{clean, finds};
    use crate::problem::Severity;

    #[test]
    fn a_misspelt_field_is_a_warning_and_a_macros_own_is_not() {
        let text = |name: &str| format!("[defaults]\nsession_persistent_fields_on_login = [\"{name}\"]");
        let problem = finds("L-41", &text("langauge"));
        assert_eq!(
            (problem.severity, problem.remedy.as_str()),
            (Severity::Warning, "Did you mean \"language\"?")
        );
        clean(&text("language"));
        clean(&text("basket"));
        assert_eq!(finds("L-41", &text("user.id")).severity, Severity::Error);
    }
}

//! `[farm] admins`: accounts of wikis that do not exist, or on which nobody can log in.
//!
//! Whether the account itself exists is not known from the configuration; `crate::admins` asks the user store.

use super::Study;
use crate::problem::{Finding, Findings};
use crate::raw::keys::farm as keys;
use crate::raw::{Text, Value, unknown};

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    let admins: &[Text] = match study.layers.farm(&keys::ADMINS).map(|entry| &entry.value) {
        Some(Value::Texts(texts)) => &texts.items,
        _ => return,
    };
    for text in admins {
        let Some((wiki, _)) = text.value.split_once(':') else {
            continue;
        };
        let ids = || study.farm.wikis.iter().map(|config| &*config.id);
        match study.farm.wikis.iter().find(|config| *config.id == *wiki) {
            None => {
                let message = format!("`admins`: there is no wiki \"{wiki}\".");
                let remedy = match unknown::closest(wiki, ids()) {
                    Some(near) => format!("Did you mean \"{near}\"?"),
                    None => "Name a wiki of this farm, as in [wiki.ID].".to_owned(),
                };
                findings.push(Finding::error("admins", text.place, message).remedy(remedy));
            }
            Some(config) if !config.session.lifetimes.allows_login() => {
                let message = format!(
                    "`admins`: nobody can log in on wiki \"{wiki}\", so its accounts open no admin pages there."
                );
                let remedy = "Name an account of a wiki where logging in is possible.";
                findings.push(Finding::warning("admins", text.place, message).remedy(remedy));
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, clean, finds, underlined};
    use crate::problem::Severity;

    #[test]
    fn an_admin_of_a_wiki_that_does_not_exist_is_an_error_with_the_one_that_was_meant() {
        let text = "[farm]\nadmins = [\"gardn:Ada\"]\n[wiki.garden]\nat = [\"a\"]";
        let problem = finds("admins", text);
        assert_eq!(problem.severity, Severity::Error);
        assert_eq!(underlined(text, &problem), "\"gardn:Ada\"");
        assert_eq!(problem.remedy, "Did you mean \"garden\"?");
    }

    #[test]
    fn admins_are_wiki_and_name() {
        let farm = clean("[farm]\nadmins = [\"garden:Ada Lovelace\"]\n[wiki.garden]\nat = [\"a\"]");
        assert_eq!(&*farm.admins[0].wiki, "garden");
        assert_eq!(farm.admins[0].name, "Ada Lovelace");
        for bad in ["Ada", ":Ada", "garden:", "garden:a/b"] {
            let text = format!("[farm]\nadmins = [\"{bad}\"]\n[wiki.garden]\nat = [\"a\"]");
            finds("value", &text);
        }
    }

    #[test]
    fn an_admin_of_a_wiki_without_logins_is_a_warning() {
        let text = "[farm]\nadmins = [\"garden:Ada\"]\n[wiki.garden]\nat = [\"a\"]\ncookie_lifetime = [0, 0]";
        let found = check(text).problems;
        let problem = found.iter().find(|problem| problem.code == "admins").unwrap();
        assert_eq!(problem.severity, Severity::Warning);
    }
}

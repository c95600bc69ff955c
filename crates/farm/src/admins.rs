//! The farm's administrators: who they are, and whether their accounts exist.
//!
//! An administrator is an account that `[farm] admins` names and that is logged in in the realm of its wiki: where
//! that login does not count, the same name means somebody else. Checking a configuration opens nothing, so
//! [`check_admins`] is a step of its own for `grange check` and the admin pages.

use grange_wiki::accounts::fold_name;

use crate::check::{Loaded, StorePlace, WikiConfig};
use crate::farm::Farm;
use crate::problem::{Finding, Findings, Problem};
use crate::raw::keys::farm as keys;
use crate::raw::{Text, Value};
use crate::services::FarmServices;

/// Whether the account of this name, logged in on this wiki, is an administrator of the farm.
pub fn is_farm_admin(farm: &Farm, wiki: &WikiConfig, name: &str) -> bool {
    let name = fold_name(name);
    farm.config.admins.iter().any(|admin| {
        let home = farm
            .wiki_by_id(&admin.wiki)
            .and_then(|index| farm.config.wikis.get(index));
        fold_name(&admin.name) == name && home.is_some_and(|home| home.session.realm == wiki.session.realm)
    })
}

/// A warning for each administrator whose account does not exist. Accounts in the memory of a server, and such that
/// cannot be read, are passed by.
pub async fn check_admins(loaded: &Loaded, services: &FarmServices) -> Vec<Problem> {
    let Some(farm) = &loaded.config else {
        return Vec::new();
    };
    let mut findings = Findings::default();
    let admins: &[Text] = match loaded.layers.farm(&keys::ADMINS).map(|entry| &entry.value) {
        Some(Value::Texts(texts)) => &texts.items,
        _ => &[],
    };
    for text in admins {
        let Some((wiki, name)) = text.value.split_once(':') else {
            continue;
        };
        let home = farm.wikis.iter().find(|config| *config.id == *wiki);
        let Some(home) = home.filter(|home| !matches!(home.user_store, StorePlace::Memory(_))) else {
            continue;
        };
        if matches!(services.accounts(&home.user_store).by_name(name).await, Ok(None)) {
            let message = format!("`admins`: {} has no account yet.", text.shown());
            let remedy = format!("Make it: grange user add {name:?} --wiki {wiki}");
            findings.push(Finding::warning("admins", text.place, message).remedy(remedy));
        }
    }
    findings.into_problems(&loaded.sources)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::NoEnvironment;
    use crate::testing::{cheap_services, config};

    const TWO: &str = "[farm]\nadmins = [\"one:Ada\"]\n\
        [wiki.one]\nat = [\"one\"]\n[wiki.two]\nat = [\"two\"]\n";

    #[test]
    fn an_admin_counts_in_the_realm_of_the_named_wiki_alone() {
        let dir = tempfile::tempdir().unwrap();
        let build = |text: &str| Farm::build(config(dir.path(), text), &cheap_services()).unwrap();
        let farm = build(TWO);
        let [one, two] = &farm.config.wikis[..] else {
            panic!("two wikis")
        };
        assert!(is_farm_admin(&farm, one, "ada"));
        assert!(!is_farm_admin(&farm, two, "Ada"), "another Ada");
        assert!(!is_farm_admin(&farm, one, "Mia"));
        let keys = "[defaults]\ncookie_name = \"s\"\nsession_dir = \"s\"\nuser_dir = \"u\"\n[wiki.one]";
        let farm = build(&TWO.replace("[wiki.one]", keys));
        assert!(
            is_farm_admin(&farm, &farm.config.wikis[1], "Ada"),
            "one login for both"
        );
    }

    #[tokio::test]
    async fn an_admin_without_an_account_is_a_warning_that_says_how_to_make_it() {
        let dir = tempfile::tempdir().unwrap();
        let services = cheap_services();
        let loaded = crate::check::load_text(&dir.path().join("farmconfig.toml"), TWO, &NoEnvironment);
        let problems = check_admins(&loaded, &services).await;
        assert_eq!(problems.len(), 1, "{problems:#?}");
        assert_eq!(problems[0].remedy, "Make it: grange user add \"Ada\" --wiki one");
        assert!(!dir.path().join("wikis").exists(), "checking makes nothing");
        let one = services.accounts(&loaded.config.as_ref().unwrap().wikis[0].user_store);
        one.register(
            grange_wiki::accounts::NewAccount {
                name: "Ada",
                password: "plums and quinces",
                email: "",
                origin: grange_wiki::accounts::Origin::Administrator,
            },
            crate::testing::now(),
        )
        .await
        .unwrap();
        assert!(check_admins(&loaded, &services).await.is_empty());
    }
}

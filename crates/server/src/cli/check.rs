//! `grange check`: everything that is wrong with the configuration, at once.
//!
//! The problems are the answer, so they go to stdout. Exit status 0 clean, 1 warnings, 2 errors;
//! what is only worth knowing changes nothing, and stands below the problems in few words. What
//! holds for each wiki (L-42) is a line for each: machines get it always, people when they ask.
//! Servers that keep sessions are asked too, a few seconds at most.

use std::collections::HashSet;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use grange_farm::{
    FarmConfig, Loaded, ProcessEnvironment, check_admins, exit_code, load, problems_json, render_notes,
    render_problems,
};

use super::place;
use super::{Outcome, answer};

/// What can be said about checking.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// An array of objects instead of text.
    #[arg(long)]
    json: bool,

    /// Show also what holds for each wiki: cookie, realm, directories, lifetimes.
    #[arg(long, conflicts_with = "json")]
    matrix: bool,
}

/// Checks the configuration.
pub(crate) async fn check(config: &Path, arguments: &CheckArguments) -> Outcome {
    let mut loaded = load(config, &ProcessEnvironment);
    let admins = check_admins(&loaded, &place::services()).await;
    loaded.problems.extend(admins);
    loaded.ask_servers().await;
    if arguments.json {
        let everything = [loaded.problems.clone(), loaded.notes.clone(), loaded.matrix()].concat();
        answer::say_json(&problems_json(&everything))?;
    } else {
        answer::say(report(config, &loaded))?;
    }
    if arguments.matrix {
        for row in loaded.matrix() {
            answer::say(row.message)?;
        }
    }
    Ok(ExitCode::from(exit_code(&loaded.problems)))
}

fn report(config: &Path, loaded: &Loaded) -> String {
    let problems = match &loaded.config {
        Some(farm) if loaded.problems.is_empty() => format!("{}: {}\n", config.display(), all_well(farm)),
        _ => render_problems(&loaded.problems, &loaded.sources),
    };
    problems + &render_notes(&loaded.notes)
}

fn all_well(farm: &FarmConfig) -> String {
    let realms: HashSet<_> = farm.wikis.iter().map(|wiki| wiki.session.realm).collect();
    match (farm.wikis.len(), realms.len()) {
        (0, _) => {
            "no problems, and no wiki: a wiki is a table [wiki.ID] with its addresses in `at`, here or in an \
                   included file"
                .to_owned()
        }
        (wikis, realms) if realms < wikis => {
            let (wikis, realms) = (
                answer::count(wikis as u64, "wiki"),
                answer::count(realms as u64, "realm"),
            );
            format!("no problems, {wikis} in {realms}")
        }
        (wikis, _) => format!("no problems, {}", answer::count(wikis as u64, "wiki")),
    }
}

#[cfg(test)]
mod tests {
    use grange_farm::{NoEnvironment, load_text};

    use super::*;

    fn told(text: &str) -> String {
        let path = Path::new("farmconfig.toml");
        report(path, &load_text(path, text, &NoEnvironment))
    }

    #[test]
    fn a_farm_without_a_wiki_is_told_how_one_is_written() {
        assert!(told("[farm]\n").contains("no wiki: a wiki is a table [wiki.ID]"));
        assert_eq!(
            told("[wiki.a]\nat = [\"a.example\"]\n"),
            "farmconfig.toml: no problems, 1 wiki\n"
        );
    }

    #[test]
    fn what_is_worth_knowing_stands_below_and_changes_no_status() {
        let text = "[defaults]\ncookie_name = \"x\"\nsession_dir = \"s\"\nuser_dir = \"u\"\n\
                    [wiki.a]\nat = [\"a.example/a\"]\n[wiki.b]\nat = [\"a.example/b\"]\n";
        let said = told(text);
        assert!(
            said.starts_with("farmconfig.toml: no problems, 2 wikis in 1 realm\nGood to know:"),
            "{said}"
        );
        assert!(
            said.contains("info[L-14]") && said.contains("one trust domain"),
            "{said}"
        );
    }
}

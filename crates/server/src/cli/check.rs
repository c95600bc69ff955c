//! `grange check`: everything that is wrong with the configuration, at once.
//!
//! The problems are the answer, so they go to stdout. Exit status 0 clean, 1 warnings, 2 errors;
//! what is only worth knowing changes nothing.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use grange_farm::{
    Loaded, ProcessEnvironment, check_admins, exit_code, load, problems_json, render_problems,
};

use super::place;
use super::{Outcome, answer};

/// What can be said about checking.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// An array of objects instead of text.
    #[arg(long)]
    json: bool,
}

/// Checks the configuration.
pub(crate) async fn check(config: &Path, arguments: &CheckArguments) -> Outcome {
    let mut loaded = load(config, &ProcessEnvironment);
    let admins = check_admins(&loaded, &place::services()).await;
    loaded.problems.extend(admins);
    if arguments.json {
        answer::say_json(&problems_json(&loaded.problems))?;
    } else {
        answer::say(report(config, &loaded))?;
    }
    Ok(ExitCode::from(exit_code(&loaded.problems)))
}

fn report(config: &Path, loaded: &Loaded) -> String {
    match &loaded.config {
        Some(farm) if loaded.problems.is_empty() && farm.wikis.is_empty() => {
            let path = config.display();
            format!(
                "{path}: no problems, and no wiki: a wiki is a table [wiki.ID] with its addresses in `at`, here or in an included file"
            )
        }
        Some(farm) if loaded.problems.is_empty() => {
            let wikis = answer::count(farm.wikis.len() as u64, "wiki");
            format!("{}: no problems, {wikis}", config.display())
        }
        _ => render_problems(&loaded.problems, &loaded.sources),
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
            "farmconfig.toml: no problems, 1 wiki"
        );
    }
}

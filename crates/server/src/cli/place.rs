//! From `--config` and `--wiki` to a checked farm and one of its wikis.
//!
//! A configuration with errors is shown with all of them and refused. Nothing is made on disk
//! here; what a command opens is its own business.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use grange_farm::{
    FarmConfig, FarmSecrets, FarmServices, Loaded, ProcessEnvironment, WikiConfig, load, render_problems,
};
use grange_macros::Registry;
use grange_session::{Secrets, SystemRandomness};

use super::Refusal;

/// Which wiki a command is about.
#[derive(Debug, Args)]
pub(crate) struct WikiArgument {
    /// The wiki's id, as in `[wiki.ID]`.
    #[arg(long, value_name = "ID")]
    pub(crate) wiki: String,
}

/// Reads and checks the configuration, and keeps how it was read for those who explain it.
///
/// # Errors
/// * The configuration has errors; all of them are in the sentence.
pub(crate) fn read_farm(path: &Path) -> Result<Loaded, Refusal> {
    let loaded = load(path, &ProcessEnvironment);
    if loaded.config.is_none() {
        return Err(refuse(path, &loaded));
    }
    Ok(loaded)
}

/// Reads and checks the configuration.
///
/// # Errors
/// * As [`read_farm`].
pub(crate) fn load_farm(path: &Path) -> Result<FarmConfig, Refusal> {
    let mut loaded = load(path, &ProcessEnvironment);
    loaded.config.take().ok_or_else(|| refuse(path, &loaded))
}

/// All that is wrong, as one refusal.
pub(crate) fn refuse(path: &Path, loaded: &Loaded) -> Refusal {
    let report = render_problems(&loaded.problems, &loaded.sources);
    let hint = match further_up(path) {
        Some(there) => format!("there is one further up: --config {}\n", there.display()),
        None => String::new(),
    };
    Refusal::new(format!("{} has errors\n{report}{hint}", path.display()))
}

/// A file of the same name in a directory around the working one, where it has none. It is named and not taken: which
/// farm a command changes is to be seen on its line.
fn further_up(path: &Path) -> Option<PathBuf> {
    if path.exists() || path.components().count() != 1 {
        return None;
    }
    let here = std::env::current_dir().ok()?;
    let mut way = PathBuf::from("..");
    for directory in here.ancestors().skip(1) {
        if directory.join(path).is_file() {
            return Some(way.join(path));
        }
        way.push("..");
    }
    None
}

/// The stores of a farm, opened as they are asked for.
pub(crate) fn services() -> Arc<FarmServices> {
    Arc::new(FarmServices::new(Registry::builtin(), Arc::new(SystemRandomness)))
}

/// What makes the labels of sessions, where a server ever ran. Only lists need it.
///
/// # Errors
/// * There is a file that cannot be used.
pub(crate) fn secrets(farm: &FarmConfig) -> Result<Option<Arc<Secrets>>, Refusal> {
    let found = FarmSecrets::find(&farm.secrets_file).map_err(|cause| Refusal::new(cause.to_string()))?;
    Ok(found.map(|secrets| Arc::clone(secrets.secrets())))
}

/// The wiki of this id.
///
/// # Errors
/// * There is none; those that are near are named.
pub(crate) fn find_wiki(farm: &FarmConfig, id: &str) -> Result<Arc<WikiConfig>, Refusal> {
    let found = farm.wikis.iter().find(|wiki| &*wiki.id == id);
    found.cloned().ok_or_else(|| no_such_wiki(farm, id))
}

fn no_such_wiki(farm: &FarmConfig, id: &str) -> Refusal {
    const MOST: usize = 12;
    let mut ids: Vec<&str> = farm.wikis.iter().take(MOST).map(|wiki| &*wiki.id).collect();
    if farm.wikis.len() > MOST {
        ids.push("…");
    }
    let has = if ids.is_empty() {
        "it has none".to_owned()
    } else {
        format!("it has {}", ids.join(", "))
    };
    Refusal::new(format!(
        "there is no wiki \"{id}\" in {}; {has}",
        farm.path.display()
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn farm(wikis: usize) -> (tempfile::TempDir, FarmConfig) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("farmconfig.toml");
        let text: String = (0..wikis)
            .map(|n| format!("[wiki.w{n}]\nat = [\"w{n}\"]\n"))
            .collect();
        fs::write(&path, text).unwrap();
        let farm = load_farm(&path).unwrap_or_else(|refusal| panic!("{refusal}"));
        (dir, farm)
    }

    #[test]
    fn a_wiki_is_found_by_its_whole_id() {
        let (_dir, farm) = farm(2);
        assert_eq!(
            find_wiki(&farm, "w1").map(|wiki| wiki.id.to_string()),
            Ok("w1".to_owned())
        );
        let refused = find_wiki(&farm, "w").unwrap_err().to_string();
        assert!(
            refused.contains("no wiki \"w\"") && refused.ends_with("it has w0, w1"),
            "{refused}"
        );
    }

    #[test]
    fn a_large_farm_does_not_list_all_its_wikis() {
        let (_dir, farm) = farm(40);
        let refused = find_wiki(&farm, "x").unwrap_err().to_string();
        assert!(refused.ends_with("w11, …"), "{refused}");
    }

    #[test]
    fn every_error_of_a_configuration_is_in_the_refusal() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("farmconfig.toml");
        fs::write(&path, "[wiki.a]\nat = 5\nsitenam = \"x\"\n").unwrap();
        let refused = load_farm(&path).unwrap_err().to_string();
        assert!(
            refused.contains("farmconfig.toml:2") && refused.contains("farmconfig.toml:3"),
            "{refused}"
        );
    }
}

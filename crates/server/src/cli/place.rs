//! From `--config` and `--wiki` to a checked farm and one of its wikis.
//!
//! A configuration with errors is shown with all of them and refused. Nothing is made on disk
//! here; what a command opens is its own business.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use grange_farm::{FarmConfig, FarmServices, Loaded, ProcessEnvironment, WikiConfig, load, render_problems};
use grange_macros::Registry;
use grange_session::SystemRandomness;

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
    Refusal::new(format!("{} has errors\n{report}", path.display()))
}

/// The stores of a farm, opened as they are asked for.
pub(crate) fn services() -> Arc<FarmServices> {
    Arc::new(FarmServices::new(Registry::builtin(), Arc::new(SystemRandomness)))
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

//! A farm and the state of a process around it, for the tests of this crate's parts.
//!
//! What a whole request does is tested from outside, with a real server; see `tests/`.

use std::path::Path;
use std::sync::Arc;

use grange_farm::{Farm, FarmConfig, FarmServices, NoEnvironment, load_text};
use grange_macros::Registry;
use grange_session::SystemRandomness;
use grange_wiki::accounts::{HashCost, Hashing};

use crate::clock::SystemClock;
use crate::state::AppState;

/// The configuration as if it stood in `dir`.
pub(crate) fn config(dir: &Path, text: &str) -> FarmConfig {
    let loaded = load_text(&dir.join("farmconfig.toml"), text, &NoEnvironment);
    loaded.config.unwrap_or_else(|| panic!("{:#?}", loaded.problems))
}

/// A farm whose passwords cost next to nothing.
pub(crate) fn farm(dir: &Path, text: &str) -> Farm {
    let services = FarmServices::new(Registry::builtin(), Arc::new(SystemRandomness));
    let services = services.with_hashing(Hashing::with_cost(HashCost::WEAKEST).unwrap());
    Farm::build(config(dir, text), &Arc::new(services)).unwrap()
}

/// A process that serves such a farm.
pub(crate) fn state(dir: &Path, text: &str) -> AppState {
    let farm = farm(dir, text);
    let services = farm.services().clone();
    AppState::new(farm, services, Arc::new(SystemClock), Arc::new(SystemRandomness))
}

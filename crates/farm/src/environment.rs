//! Where `"${NAME}"` inside a string of farmconfig.toml comes from.
//!
//! A trait, so that tests and embedders give their own variables and no test changes the process's.
//! Values are secrets until proven otherwise: nothing here prints one. `raw/expand.rs` does the replacing.

use std::collections::{BTreeMap, HashMap};

/// The variables a configuration may name.
pub trait Environment: Send + Sync {
    /// The value of a variable; `None` where it is not set or is no UTF-8.
    fn var(&self, name: &str) -> Option<String>;
}

/// The variables of this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn var(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// No variable is set.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEnvironment;

impl Environment for NoEnvironment {
    fn var(&self, _name: &str) -> Option<String> {
        None
    }
}

impl Environment for BTreeMap<String, String> {
    fn var(&self, name: &str) -> Option<String> {
        self.get(name).cloned()
    }
}

impl Environment for HashMap<String, String> {
    fn var(&self, name: &str) -> Option<String> {
        self.get(name).cloned()
    }
}

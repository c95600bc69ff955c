//! The macro worker has to be built with a flag, because its interpreter declares a newer compiler than it needs.
//!
//! That is why it is no default member of the workspace: plain `cargo build`, `run` and `test` do without it.

use anyhow::Result;

use crate::run;

/// What cargo needs for every command that takes in the worker.
pub const FLAG: &str = "--ignore-rust-version";

/// Builds the server and the worker beside each other.
pub fn build_with_server(profile: &str) -> Result<()> {
    let packages = ["--package", "grange", "--package", "grange-macro-worker"];
    let build = ["build", FLAG, "--profile", profile];
    run::run("cargo", &[&build[..], &packages].concat())
}

//! `cargo farm`: builds the server and its macro worker for release, then becomes the server.
//!
//! What stands behind it on the command line goes to the server; signals and exit code are the server's own.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::worker;

/// Builds both and runs `grange` with these arguments.
pub fn run(arguments: &[String]) -> Result<()> {
    worker::build_with_server("release")?;
    let program = target_directory().join("release").join("grange");
    let error = Command::new(&program).args(arguments).exec();
    Err(error).with_context(|| format!("{} cannot be run", program.display()))
}

/// Where cargo builds: this program was built there too, in one of its directories.
fn target_directory() -> PathBuf {
    let this = std::env::current_exe().unwrap_or_default();
    let target = this.ancestors().nth(2);
    target.map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

//! `cargo farm` and `cargo xtask dist`: the server with its macro worker beside it.
//!
//! The worker's interpreter declares a newer rustc than it needs, and cargo builds it only with
//! `--ignore-rust-version`; therefore plain `cargo build` leaves the worker out, and these chores exist.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::run;

/// What cargo needs to be told for the worker.
pub const ANY_RUSTC: &str = "--ignore-rust-version";
/// The worker's package.
pub const WORKER: &str = "grange-macro-worker";

/// Builds both for release and runs the server in place of this program.
pub fn farm(arguments: &[String]) -> Result<()> {
    build(&["--release", "--quiet"])?;
    let server = beside_this("release")?.join(format!("grange{}", env::consts::EXE_SUFFIX));
    replace(Command::new(&server).args(arguments))
        .with_context(|| format!("{} cannot be run", server.display()))
}

/// Builds both as they are given to others.
pub fn dist() -> Result<()> {
    build(&["--profile", "dist"])
}

fn build(profile: &[&str]) -> Result<()> {
    let packages = ["build", "--package", "grange", "--package", WORKER, ANY_RUSTC];
    run::run("cargo", &[&packages, profile].concat())
}

/// The directory of another profile: this program stands in that of its own.
fn beside_this(profile: &str) -> Result<PathBuf> {
    let this = env::current_exe().context("where this program stands is not known")?;
    let profiles = this
        .parent()
        .and_then(|own| own.parent())
        .context("this program stands in no profile")?;
    Ok(profiles.join(profile))
}

/// Signals and the exit code are the server's, because it is this process from now on.
#[cfg(unix)]
fn replace(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec().into())
}

#[cfg(not(unix))]
fn replace(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(1))
}

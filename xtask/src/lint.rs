//! `cargo xtask lint`: rustfmt and clippy over everything, warnings are errors.

use anyhow::Result;

use crate::{run, worker};

/// Checks formatting first: it is quick and tells most.
pub fn run() -> Result<()> {
    run::run("cargo", &["fmt", "--all", "--check"])?;
    run::run(
        "cargo",
        &[
            "clippy",
            "--workspace",
            worker::FLAG,
            "--all-targets",
            "--quiet",
            "--",
            "--deny",
            "warnings",
        ],
    )
}

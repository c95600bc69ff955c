//! `cargo xtask lint`: rustfmt and clippy over everything, warnings are errors.

use anyhow::Result;

use crate::build::ANY_RUSTC;
use crate::run;

/// Checks formatting first: it is quick and tells most.
pub fn run() -> Result<()> {
    run::run("cargo", &["fmt", "--all", "--check"])?;
    run::run(
        "cargo",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            ANY_RUSTC,
            "--quiet",
            "--",
            "--deny",
            "warnings",
        ],
    )
}

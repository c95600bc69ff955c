//! `cargo xtask bench`: builds everything for release and runs the comparison.

use anyhow::Result;

use crate::build::{ANY_RUSTC, WORKER};
use crate::run;

/// Server and benchmark are built alike, so that the ratios compare designs and not flags.
pub fn run(works: &[String]) -> Result<()> {
    run::run(
        "cargo",
        &[
            "build",
            "--release",
            "--package",
            "grange",
            "--package",
            "grange-benches",
            "--package",
            WORKER,
            ANY_RUSTC,
        ],
    )?;
    let mut arguments = vec!["run", "--release", "--quiet", "--package", "grange-benches", "--"];
    arguments.extend(works.iter().map(String::as_str));
    run::run("cargo", &arguments)
}

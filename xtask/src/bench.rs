//! `cargo xtask bench`: builds everything for release and runs the comparison.

use anyhow::Result;

use crate::{run, worker};

/// Server and benchmark are built alike, so that the ratios compare designs and not flags.
pub fn run(works: &[String]) -> Result<()> {
    run::run(
        "cargo",
        &[
            "build",
            worker::FLAG,
            "--release",
            "--package",
            "grange",
            "--package",
            "grange-macro-worker",
            "--package",
            "grange-benches",
        ],
    )?;
    let mut arguments = vec!["run", "--release", "--quiet", "--package", "grange-benches", "--"];
    arguments.extend(works.iter().map(String::as_str));
    run::run("cargo", &arguments)
}

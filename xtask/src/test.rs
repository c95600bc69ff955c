//! `cargo xtask test`: installs what the tests need, then runs all of them.
//!
//! The browser tests drive Debian's Chromium, and stores are tested on real servers. What is missing is
//! installed where this is a machine on which packages can be; elsewhere the error says which packages to ask the administrator for.
//! Properties are tried with the same cases every time, so that a change is judged by what it changes;
//! `cargo test` tries others each time, and PROPTEST_CASES more of them.

use anyhow::{Result, bail};

use crate::run;

/// The programs that the tests start, with the Debian package that brings each.
const NEEDED: [(&str, &str); 3] = [
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("redis-server", "redis-server"),
];

/// What proptest draws its cases from, unless the environment says otherwise.
const CASES_SEED: (&str, &str) = ("PROPTEST_RNG_SEED", "20261121");

/// Runs every test of the workspace, or those that the arguments name.
pub fn run(arguments: &[String]) -> Result<()> {
    install_missing()?;
    let mut all = vec!["test", "--workspace"];
    all.extend(arguments.iter().map(String::as_str));
    run::run_with_default("cargo", &all, CASES_SEED)
}

fn install_missing() -> Result<()> {
    let missing: Vec<&str> = NEEDED
        .iter()
        .filter(|(program, _)| !run::is_installed(program))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let install = || {
        run::run("apt-get", &["update", "--quiet"])?;
        let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
        arguments.extend(&missing);
        run::run("apt-get", &arguments)
    };
    match install() {
        Ok(()) => Ok(()),
        Err(cause) => bail!(
            "the tests need these Debian packages: {} ({cause})",
            missing.join(" ")
        ),
    }
}

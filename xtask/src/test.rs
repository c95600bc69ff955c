//! `cargo xtask test`: installs what the tests need, then runs all of them.
//!
//! The browser tests drive Debian's Chromium, and stores are tested on real servers. What is missing is
//! installed where this is a machine on which packages can be; elsewhere the error says which packages to ask
//! the administrator for. The PostgreSQL package is kept from making a database of its own.
//! Properties are tried with the same cases every time, so that a change is judged by what it changes;
//! `cargo test` tries others each time, and PROPTEST_CASES more of them.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::{run, worker};

/// The programs that the tests start, with the Debian package that brings each; a path ends in `/`.
const NEEDED: [(&str, &str); 4] = [
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("redis-server", "redis-server"),
    (POSTGRESQL, "postgresql"),
];

/// Where Debian's PostgreSQL keeps its programs: they are on nobody's path.
const POSTGRESQL: &str = "/usr/lib/postgresql/";

/// What Debian's PostgreSQL reads before it makes a database at its installation.
const CLUSTERS: &str = "/etc/postgresql-common/createcluster.conf";

/// What proptest draws its cases from, unless the environment says otherwise.
const CASES_SEED: (&str, &str) = ("PROPTEST_RNG_SEED", "20261121");

/// Said to the end-to-end tests, which would build the worker themselves: testing the workspace builds it.
const WORKER_IS_BUILT: (&str, &str) = ("GRANGE_MACRO_WORKER_IS_BUILT", "yes");

/// Runs every test of the workspace, or those that the arguments name.
pub fn run(arguments: &[String]) -> Result<()> {
    install_missing()?;
    let mut all = vec!["test", "--workspace", worker::FLAG];
    all.extend(arguments.iter().map(String::as_str));
    run::run_with_defaults("cargo", &all, &[CASES_SEED, WORKER_IS_BUILT])
}

fn install_missing() -> Result<()> {
    let missing: Vec<&str> = NEEDED
        .iter()
        .filter(|(program, _)| !is_there(program))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let install = || {
        keep_from_making_a_database()?;
        run::run("apt-get", &["update", "--quiet"])?;
        let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
        arguments.extend(&missing);
        // Nobody is asked about what has just been written.
        run::run_with_defaults("apt-get", &arguments, &[("DEBIAN_FRONTEND", "noninteractive")])
    };
    match install() {
        Ok(()) => Ok(()),
        Err(cause) => bail!(
            "the tests need these Debian packages: {} ({cause})",
            missing.join(" ")
        ),
    }
}

fn is_there(program: &str) -> bool {
    match program.strip_suffix('/') {
        Some(directory) => Path::new(directory).is_dir(),
        None => run::is_installed(program),
    }
}

/// The tests make clusters of their own; one that the package makes would run on this machine for nothing. What an
/// administrator has decided stays.
fn keep_from_making_a_database() -> Result<()> {
    let file = Path::new(CLUSTERS);
    if file.exists() || is_there(POSTGRESQL) {
        return Ok(());
    }
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(file, "create_main_cluster = false\n")?;
    Ok(())
}

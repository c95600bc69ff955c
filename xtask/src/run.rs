//! Running other programs, and saying so.

use std::env;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Runs a program to its end, its output passing through.
pub fn run(program: &str, arguments: &[&str]) -> Result<()> {
    finish(Command::new(program).args(arguments), program, arguments)
}

/// As [`run`], with environment variables that are set unless they are already.
pub fn run_with_defaults(program: &str, arguments: &[&str], defaults: &[(&str, &str)]) -> Result<()> {
    let mut command = Command::new(program);
    for (name, value) in defaults.iter().filter(|(name, _)| env::var_os(name).is_none()) {
        command.env(name, value);
    }
    finish(command.args(arguments), program, arguments)
}

fn finish(command: &mut Command, program: &str, arguments: &[&str]) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("`{program}` cannot be started"))?;
    if !status.success() {
        bail!("`{program} {}` failed: {status}", arguments.join(" "));
    }
    Ok(())
}

/// Whether a program can be started at all.
pub fn is_installed(program: &str) -> bool {
    let version = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

//! Farms to be measured: the release build of `grange` beside this program.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::process::Server;

/// A farm's files.
pub struct Farm {
    /// Its directory.
    pub directory: TempDir,
}

impl Farm {
    /// A farm with these wikis, listening on a free port.
    pub fn new(wikis: &str) -> Result<Farm> {
        let directory = tempfile::tempdir()?;
        let config = format!("[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\n\n{wikis}");
        std::fs::write(directory.path().join("farmconfig.toml"), config)?;
        Ok(Farm { directory })
    }

    /// Serves it.
    pub fn serve(&self) -> Result<Server> {
        let mut command = self.command()?;
        command.arg("serve");
        Server::start(command)
    }

    /// Runs a command of `grange` on it.
    pub fn run(&self, arguments: &[&str], input: &str) -> Result<()> {
        use std::io::Write;
        let mut child = self
            .command()?
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        child
            .stdin
            .take()
            .context("no stdin")?
            .write_all(input.as_bytes())?;
        if !child.wait()?.success() {
            bail!("grange {} failed", arguments.join(" "));
        }
        Ok(())
    }

    fn command(&self) -> Result<Command> {
        let mut command = Command::new(grange()?);
        command.current_dir(self.directory.path());
        Ok(command)
    }
}

/// The server's program stands beside this one.
fn grange() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("grange");
    if !path.exists() {
        bail!("{} is missing; run `cargo xtask bench`", path.display());
    }
    Ok(path)
}

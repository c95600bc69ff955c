//! `cargo xtask dist`: server and macro worker as they are given away, optimised across crates and stripped of
//! debug information.

use anyhow::Result;

use crate::worker;

/// Builds both into the `dist` directory of cargo's target directory.
pub fn run() -> Result<()> {
    worker::build_with_server("dist")
}

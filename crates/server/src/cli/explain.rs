//! `grange explain URL`: which wiki answers there, why, and which cookies it sends.
//!
//! The story is told by the farm crate from its own address table, so it is the server's own.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use super::{Outcome, answer, place};

/// What is asked about.
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// An address as a browser shows it.
    url: String,

    /// An object with wiki, realm, cookies and the entries considered instead of text.
    #[arg(long)]
    json: bool,
}

/// Explains a URL.
pub(crate) fn explain(config: &Path, arguments: &ExplainArguments) -> Outcome {
    let loaded = place::read_farm(config)?;
    let explanation = grange_farm::explain(&loaded, &arguments.url)?;
    match arguments.json {
        true => answer::say_json(&explanation)?,
        false => answer::say(explanation)?,
    }
    Ok(ExitCode::SUCCESS)
}

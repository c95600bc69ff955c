//! `grange sharing`: who shares cookie, sessions, users and pages with whom.
//!
//! The farm crate concludes it from the checked configuration; no store is opened and no server asked. As text, for
//! machines, or drawn as an SVG file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use grange_farm::{Sharing, SvgFor};

use super::{Outcome, Refusal, answer, place};

/// In which form it is told.
#[derive(Debug, Args)]
pub(crate) struct SharingArguments {
    /// An object with all wikis, circles and trust domains instead of text.
    #[arg(long, conflicts_with = "svg")]
    json: bool,

    /// A drawing instead of text, into a file where one is named.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    svg: Option<Option<PathBuf>>,
}

/// Tells who shares what.
pub(crate) fn sharing(config: &Path, arguments: &SharingArguments) -> Outcome {
    let loaded = place::read_farm(config)?;
    let sharing = loaded.config.as_ref().map(Sharing::of);
    let sharing = sharing.ok_or_else(|| place::refuse(config, &loaded))?;
    match (&arguments.svg, arguments.json) {
        (Some(Some(file)), _) => write_drawing(file, &sharing.to_svg(SvgFor::File))?,
        (Some(None), _) => answer::say(sharing.to_svg(SvgFor::File))?,
        (None, true) => answer::say_json(&sharing)?,
        (None, false) => answer::say(sharing.to_text())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn write_drawing(file: &Path, svg: &str) -> Result<(), Refusal> {
    let refuse = |error| Refusal::new(format!("{} cannot be written: {error}", file.display()));
    fs::write(file, svg).map_err(refuse)
}

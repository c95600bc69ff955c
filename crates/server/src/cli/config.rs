//! `grange config show` and `grange config schema`: what is in force, and what can be written.
//!
//! Both are told by the farm crate, from the very types and layers that the server reads; this
//! file only chooses and prints. A value from the environment is shown as `${NAME}`.

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;

use super::place::{self, WikiArgument};
use super::{Outcome, answer};

/// What is asked about the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show every effective key of a wiki.
    Show {
        #[command(flatten)]
        wiki: WikiArgument,
        /// With the layer, file and line that each came from.
        #[arg(long)]
        why: bool,
        /// An object with value, layer, file and line of each key instead of text.
        #[arg(long, conflicts_with = "why")]
        json: bool,
    },
    /// Print the JSON Schema of farmconfig.toml, for editors.
    Schema,
}

/// Answers a question about the configuration.
pub(crate) fn config(config: &Path, command: &ConfigCommand) -> Outcome {
    match command {
        ConfigCommand::Schema => answer::say_json(&grange_farm::schema())?,
        ConfigCommand::Show { wiki, why, json } => {
            let loaded = place::read_farm(config)?;
            if let Some(farm) = &loaded.config {
                place::find_wiki(farm, &wiki.wiki)?;
            }
            match json {
                true => answer::say_json(&grange_farm::show_config_json(&loaded, &wiki.wiki)?)?,
                false => answer::say(grange_farm::show_config(&loaded, &wiki.wiki, *why)?)?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

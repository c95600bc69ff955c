//! `grange reload`: every running server of this configuration reads it again.
//!
//! The new configuration is checked here first, so that its problems are shown although no server
//! may be running; servers that are running are asked all the same, so that their log and /health
//! say that a reload was refused.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use grange_farm::{Loaded, ProcessEnvironment, load};

use super::{Outcome, Refusal, answer, place};
use crate::control::{Answer, Order, SocketPlace, call_all};

/// What can be said about reloading.
#[derive(Debug, Args)]
pub(crate) struct ReloadArguments {
    /// An array with what each server answered.
    #[arg(long)]
    json: bool,
}

/// Asks the servers to reload.
pub(crate) fn reload(config: &Path, arguments: &ReloadArguments) -> Outcome {
    let loaded = load(config, &ProcessEnvironment);
    let answers = match socket_place(config, &loaded) {
        Some(place) => call_all(&place, &Order::Reload)?,
        None => Vec::new(),
    };
    if loaded.config.is_none() {
        return Err(place::refuse(config, &loaded));
    }
    if answers.is_empty() {
        return Err(Refusal::new(format!("no running server uses {}", config.display())));
    }
    if arguments.json {
        answer::say_json(&answers)?;
    }
    tell(&answers, arguments.json)
}

/// Beside the secrets file, if the configuration says that much.
fn socket_place(config: &Path, loaded: &Loaded) -> Option<SocketPlace> {
    loaded.config.as_ref().map(SocketPlace::of).or_else(|| {
        let secrets_file = loaded.secrets_file.as_ref()?;
        Some(SocketPlace::beside(secrets_file, config))
    })
}

/// One line for each server; a refusal of any is the command's.
fn tell(answers: &[Answer], told_already: bool) -> Outcome {
    let mut refused = Vec::new();
    for one in answers {
        match one {
            Answer::Refused(problems) => refused.push(problems.as_str()),
            Answer::Reloaded(difference) if !told_already => answer::say(difference)?,
            _ => {}
        }
    }
    refused.dedup();
    match refused.is_empty() {
        true => Ok(ExitCode::SUCCESS),
        false => Err(Refusal::new(format!("the reload was refused\n{}", refused.join("\n")))),
    }
}

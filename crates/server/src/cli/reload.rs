//! `grange reload`: every running server of this configuration reads it again.
//!
//! What the servers answer decides, because they may see other environment variables than the
//! terminal does. Where none is running, the configuration is checked here, so that its problems
//! are shown all the same.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use grange_farm::{ProcessEnvironment, load};

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
    // Wrong or not: the servers are to know, and to say so in their logs and on /health.
    let place = SocketPlace::beside(&loaded.secrets_file, config);
    let answers = call_all(&place, &Order::Reload)?;
    if answers.is_empty() {
        return Err(match loaded.config {
            None => place::refuse(config, &loaded),
            Some(_) => Refusal::new(format!("no running server uses {}", config.display())),
        });
    }
    if arguments.json {
        answer::say_json(&answers)?;
    }
    tell(&answers, arguments.json)
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
        false => Err(Refusal::new(format!(
            "the reload was refused\n{}",
            refused.join("\n")
        ))),
    }
}

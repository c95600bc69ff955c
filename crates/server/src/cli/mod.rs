//! `grange` on a terminal: the commands, their options, and what they answer with.
//!
//! Only commands that work stand here, so `grange --help` promises nothing. Each is one file:
//! it reads the configuration, does its work on the stores directly (safe beside a running
//! server) and answers on stdout; why it did not goes to stderr, with exit status 2. `check` alone
//! also uses 1. Start reading at [`run`].

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::logging::LogFormat;

mod answer;
mod check;
mod config;
mod explain;
mod macro_;
mod page;
mod password;
mod place;
mod progress;
mod refusal;
mod reload;
mod serve;
mod session;
mod sharing;
mod user;

#[cfg(test)]
mod tests;

use refusal::Refusal;

/// How a command ends: its exit status, or a sentence and status 2.
type Outcome = Result<ExitCode, Refusal>;

/// A wiki farm server: many wikis, one process, sessions built in.
#[derive(Debug, Parser)]
#[command(name = "grange", version, max_term_width = 100)]
struct Cli {
    /// The farm's configuration.
    #[arg(long, global = true, value_name = "FILE", default_value = "farmconfig.toml")]
    config: PathBuf,

    /// The shape of log lines (serve only).
    #[arg(long, value_name = "FORMAT")]
    log: Option<LogFormat>,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the farm (also without a command).
    Serve(serve::ServeArguments),
    /// Say everything that is wrong with the configuration; exit status 0 clean, 1 warnings, 2 errors.
    Check(check::CheckArguments),
    /// Say which wiki answers at a URL, why, and which cookies it sends.
    Explain(explain::ExplainArguments),
    /// Say which wikis share cookie, sessions, users and pages with one another.
    Sharing(sharing::SharingArguments),
    /// Show the effective configuration of a wiki, or what can be configured.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Tell all running servers of this configuration to read it again.
    Reload(reload::ReloadArguments),
    /// Accounts.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Pages.
    #[command(subcommand)]
    Page(page::PageCommand),
    /// Macros: tools for those who write them.
    #[command(subcommand)]
    Macro(macro_::MacroCommand),
    /// Sessions: who is logged in, and ending that.
    #[command(subcommand)]
    Session(session::SessionCommand),
}

/// Does what the command line of this process says.
pub fn run() -> ExitCode {
    // clap answers --help with status 0 and a mistake with a sentence and status 2.
    obey(Cli::parse()).unwrap_or_else(|refusal| {
        answer::complain(&refusal);
        ExitCode::from(2)
    })
}

fn obey(cli: Cli) -> Outcome {
    let Cli { config, log, command } = cli;
    let Some(command) = command else {
        return Ok(serve::serve(&config, log));
    };
    if let (Some(_), false) = (log, matches!(command, Command::Serve(_))) {
        return Err(Refusal::new("--log belongs to `grange serve`"));
    }
    match command {
        Command::Serve(arguments) => Ok(serve::serve(&config, arguments.log.or(log))),
        Command::Check(arguments) => wait_for(check::check(&config, &arguments)),
        Command::Explain(arguments) => explain::explain(&config, &arguments),
        Command::Sharing(arguments) => sharing::sharing(&config, &arguments),
        Command::Config(command) => config::config(&config, &command),
        Command::Reload(arguments) => reload::reload(&config, &arguments),
        Command::User(command) => wait_for(user::user(&config, command)),
        Command::Page(command) => wait_for(page::page(&config, command)),
        Command::Macro(command) => wait_for(macro_::macro_(&config, command)),
        Command::Session(command) => wait_for(session::session(&config, command)),
    }
}

/// Runs a command that asks stores. They need a runtime with a blocking pool, nothing more.
fn wait_for(work: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(work);
    // A read of stdin that nobody waits for any more must not keep the process.
    runtime.shutdown_background();
    outcome
}

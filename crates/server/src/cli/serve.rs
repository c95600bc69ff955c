//! `grange serve`, and `grange` without a command: the server itself.
//!
//! Everything happens in `startup.rs`; this file only reads the options.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use crate::logging::LogFormat;
use crate::startup::{self, ServeOptions};

/// What can be said about serving.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// The shape of log lines.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) log: Option<LogFormat>,
}

/// Serves until a signal ends it.
pub(crate) fn serve(config: &Path, log: Option<LogFormat>) -> ExitCode {
    startup::serve(
        config,
        ServeOptions {
            log: log.unwrap_or_default(),
        },
    )
}

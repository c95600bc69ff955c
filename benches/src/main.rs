//! Grange beside its references, in one run on one machine: ratios of medians.
//!
//! Every work starts the real server and its reference as processes, loads them in turn from the
//! same client, and compares what the system says they used. Absolute numbers of a shared machine
//! mean little; the last column is what counts. Start at [`work`].
#![expect(clippy::print_stdout, reason = "a benchmark talks on stdout")]

mod clock;
mod farm;
mod load;
mod policy;
mod process;
mod reference;
mod table;
mod work;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Grange beside its references: ratios of medians")]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// Only works whose name contains one of these
    works: Vec<String>,
}

#[derive(Subcommand)]
enum Part {
    /// Serve a file from memory with actix-web (started by the benchmark itself)
    #[command(hide = true)]
    ReferenceStatic {
        /// The file
        file: std::path::PathBuf,
    },
    /// The same behind actix-session with a store in memory
    #[command(hide = true)]
    ReferenceSession {
        /// The file
        file: std::path::PathBuf,
    },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match arguments.part {
        Some(Part::ReferenceStatic { file }) => reference::serve_static(&file),
        Some(Part::ReferenceSession { file }) => reference::serve_with_session(&file),
        None => work::run(&arguments.works),
    }
}

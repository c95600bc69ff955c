//! Chores of the repository: `cargo xtask test|lint|bench|dist`, and `cargo farm`.
//!
//! One file per chore. Each says which commands it runs, so that nobody needs it to know how.

mod bench;
mod dist;
mod farm;
mod lint;
mod run;
mod test;
mod worker;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of the Grange repository")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Install what the tests need (Debian's Chromium, ChromeDriver, Redis and PostgreSQL) and run all of them
    Test {
        /// Further arguments for `cargo test`, such as the name of a test
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build server and macro worker for release and run the server; further arguments are its own
    #[command(disable_help_flag = true)]
    Farm {
        /// What `grange` is to do; nothing serves the demo farm
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build server and macro worker to be given away
    Dist,
    /// Formatting and lints, as CI wants them
    Lint,
    /// Compare with actix-web, actix-session and SQLite in one run; print ratios of medians
    Bench {
        /// Only these works, by a part of their name
        works: Vec<String>,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().chore {
        Chore::Test { arguments } => test::run(&arguments),
        Chore::Farm { arguments } => farm::run(&arguments),
        Chore::Dist => dist::run(),
        Chore::Lint => lint::run(),
        Chore::Bench { works } => bench::run(&works),
    }
}

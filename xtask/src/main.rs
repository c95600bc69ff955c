//! Chores of the repository: `cargo xtask test`, `lint`, `bench`, `dist`, and `cargo farm`.
//!
//! One file per chore. Each says which commands it runs, so that nobody needs it to know how.

mod bench;
mod build;
mod lint;
mod run;
mod test;

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
    /// Formatting and lints, as CI wants them
    Lint,
    /// Build the server and its macro worker with the dist profile
    Dist,
    /// Build the server and its macro worker for release and run the server with these arguments
    #[command(disable_help_flag = true)]
    Farm {
        /// Arguments of `grange`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Compare with actix-web, actix-session and SQLite in one run; print ratios of medians
    Bench {
        /// Only these works, by a part of their name
        works: Vec<String>,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().chore {
        Chore::Test { arguments } => test::run(&arguments),
        Chore::Dist => build::dist(),
        Chore::Farm { arguments } => build::farm(&arguments),
        Chore::Lint => lint::run(),
        Chore::Bench { works } => bench::run(&works),
    }
}

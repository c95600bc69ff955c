//! `grange`: see `grange --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    grange::cli::run()
}

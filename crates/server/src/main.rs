//! `grange`: see `grange --help`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Quicker than the system's for the many small pieces of a page.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    grange::cli::run()
}

//! A farm with a macro of its own, written in Rust.
//!
//! ```text
//! cargo run --example embedding-macro -- farmconfig.toml
//! ```
//! `<<Greeting>>` on a page greets whoever looks. Start reading at greeting.rs.

use std::path::Path;
use std::process::ExitCode;

use grange::startup::{Embedding, ServeOptions, serve_with};
use grange_farm::Farm;

mod greeting;

use greeting::Greeting;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [config] = arguments.as_slice() else {
        use std::io::Write;
        // Nobody to tell is no reason to panic.
        _ = writeln!(std::io::stderr(), "usage: embedding-macro farmconfig.toml");
        return ExitCode::from(2);
    };
    let embedding = Embedding {
        farm: Farm::builder().register(Greeting),
        ..Embedding::default()
    };
    serve_with(Path::new(config), ServeOptions::default(), embedding)
}

#[cfg(test)]
mod tests;

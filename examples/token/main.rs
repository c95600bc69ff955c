//! A farm whose visitors may come with an API token instead of a cookie.
//!
//! ```text
//! cargo run --example token -- farmconfig.toml tokens.txt
//! curl -H "Authorization: Bearer SECRET" http://localhost:8080/garden/FrontPage
//! ```
//! `tokens.txt` has a line for each token: the SHA-256 of the secret in hexadecimal digits, when it was
//! issued, and whose it is. It is possible and not recommended: docs/embedding.md says why. Start reading at
//! handler.rs.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use grange::startup::{Embedding, ServeOptions, serve_with};
use grange_farm::Farm;

mod handler;

use handler::{TokenHandler, Tokens};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [config, tokens] = arguments.as_slice() else {
        return refuse("usage: token farmconfig.toml tokens.txt");
    };
    let tokens = match std::fs::read_to_string(tokens) {
        Ok(text) => Arc::new(Tokens::parse(&text)),
        Err(error) => return refuse(&format!("{tokens} cannot be read: {error}")),
    };
    let farm =
        Farm::builder().session_handler(move |parts| Arc::new(TokenHandler::new(parts, Arc::clone(&tokens))));
    let embedding = Embedding {
        farm,
        ..Embedding::default()
    };
    serve_with(Path::new(config), ServeOptions::default(), embedding)
}

fn refuse(sentence: &str) -> ExitCode {
    use std::io::Write;
    // Nobody to tell is no reason to panic.
    _ = writeln!(std::io::stderr(), "{sentence}");
    ExitCode::from(2)
}

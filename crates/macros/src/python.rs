//! Python macros: what can be said about a macro's file without running it.
//!
//! Start reading at `tokens.rs`; [`port`] carries MoinMoin's macros over.

pub mod port;
pub mod tokens;

#[cfg(test)]
mod tokens_tests;

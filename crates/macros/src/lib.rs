//! .
pub mod args;
pub mod definition;
pub mod dependencies;

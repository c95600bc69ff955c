//! The worker as the server sees it: a process that is sent files and jobs over a pipe.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod api;
mod arguments;
mod fences;
mod formatter;
mod harness;
mod helpers;
mod hostile;
mod loading;
mod members;
mod neighbours;
mod privacy;
mod sample;
mod session;
mod storage;
mod talk;

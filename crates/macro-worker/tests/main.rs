//! The worker as the server sees it: a process that is sent files and jobs over a pipe.
//!
//! `harness` teaches the words; every other module is one subject, and each test in it a claim.
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
mod privacy;
mod sample;
mod session;
mod storage;
mod talk;

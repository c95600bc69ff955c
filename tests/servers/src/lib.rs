//! Real servers on loopback for the tests of what keeps data elsewhere.
//!
//! `RedisServer::start()` is a Redis (or Valkey) of a test's own: a free port, a directory that goes with
//! it, ended by its process id when dropped. It can be stopped and started again on the same port, frozen
//! and thawed. `PostgresServer::start()` is the same for PostgreSQL. Nothing here knows Grange; what a server must be asked for, it is asked, with a deadline.
//! Packages that bring the programs are installed by `cargo xtask test`. Start at redis.rs; the files
//! beside it are what any server needs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a server that does not start is a failed test"
)]

mod certificates;
mod guard;
mod postgres;
mod process;
mod redis;

pub use certificates::Certificates;
pub use guard::Guard;
pub use postgres::{PostgresServer, PostgresSetup};
pub use process::{Process, free_port, wait_until};
pub use redis::cluster::RedisCluster;
pub use redis::{RedisServer, Setup, Transport};

//! The acceptance suite on real servers (one, with TLS, a cluster), and claims about Redis alone.

use std::sync::Arc;

use grange_test_servers::{RedisCluster, RedisServer, Setup, Transport};

use super::line::ANSWER_LIMIT;
use super::*;
use crate::store::acceptance::*;

mod outage;
mod pipes;
mod suites;

/// A store that nobody else uses, on a server that others may use too.
fn store_at(url: &str) -> Arc<dyn SessionStore> {
    Arc::new(RedisSessionStore::at(url, &fresh_kind()).unwrap())
}

/// A name that no other test has.
fn fresh_kind() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

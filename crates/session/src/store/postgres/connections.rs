//! The connections to one server: opened at first use, used by whoever needs one, replaced when broken.
//!
//! They live on a thread of their own, and so do the operations: a connection is bound to the runtime that
//! made it, would wait whenever that worker of the server renders a page, and die with it. An operation goes
//! on there when the request that wanted it is given up, so no transaction stays half done. Start at `run`.

use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{BuildError, Object, Pool, PoolError};
use tokio::time::timeout;

use super::address::PostgresAddress;
use super::connection::{Connection, Connector};
use super::tables::Tables;
use super::trouble::Trouble;
use crate::store::StoreError;
use crate::store::background::Background;

/// A server's default is a hundred for all its clients; a merge holds one for about a millisecond.
const MAX_CONNECTIONS: usize = 16;
/// How long somebody waits for a connection that others use.
const WAIT_LIMIT: Duration = Duration::from_secs(1);
/// How long what a request does may take on a connection; a server that answers takes less (its own limit).
pub(super) const REQUEST_LIMIT: Duration = Duration::from_secs(2);
/// The same for what concerns many sessions.
pub(super) const LEISURE_LIMIT: Duration = Duration::from_secs(65);

/// The connections to one server.
pub(super) struct Connections {
    background: Background,
    pool: Result<Pool<Connector>, BuildError>,
}

impl Connections {
    pub(super) fn to(address: PostgresAddress, tables: Tables) -> Connections {
        let pool = Pool::builder(Connector::new(address, tables))
            .max_size(MAX_CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT_LIMIT))
            .build();
        Connections {
            background: Background::named("postgres-sessions"),
            pool,
        }
    }

    /// Does something on a connection. When it failed and has surely changed nothing it is done once more,
    /// on a fresh one: a server that was restarted has closed all that we had.
    pub(super) async fn run<T, F, Fut>(&self, limit: Duration, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(Lease) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, Trouble>> + Send,
    {
        let runtime = self.background.handle().map_err(StoreError::down)?;
        let pool = self.pool.as_ref();
        let pool = pool.map_err(|error| StoreError::down(error.to_string()))?.clone();
        let done = runtime.spawn(async move {
            match attempt(&pool, limit, &job).await {
                Err(Trouble::Undone(cause)) => {
                    tracing::debug!(%cause, "tried once more");
                    pool.retain(|_, _| false);
                    attempt(&pool, limit, &job).await
                }
                done => done,
            }
        });
        match done.await {
            Ok(done) => done.map_err(StoreError::from),
            Err(error) => Err(StoreError::down(error)),
        }
    }
}

async fn attempt<T, F, Fut>(pool: &Pool<Connector>, limit: Duration, job: &F) -> Result<T, Trouble>
where
    F: Fn(Lease) -> Fut,
    Fut: Future<Output = Result<T, Trouble>>,
{
    let connection = pool.get().await.map_err(|error| {
        Trouble::Refused(match error {
            PoolError::Backend(cause) => cause,
            PoolError::Timeout(_) => StoreError::down("all connections to PostgreSQL are in use"),
            error => StoreError::down(error),
        })
    })?;
    let lease = Lease(Arc::new(Leased {
        connection,
        went_well: AtomicBool::new(false),
    }));
    match timeout(limit, job(lease.clone())).await {
        Ok(Ok(done)) => {
            lease.0.went_well.store(true, Ordering::Relaxed);
            Ok(done)
        }
        Ok(Err(trouble)) => Err(trouble),
        Err(_) => {
            // Others need not wait as long to learn the same.
            pool.manager().shut();
            pool.retain(|_, _| false);
            Err(Trouble::Unknown(StoreError::down(
                "the PostgreSQL server does not answer",
            )))
        }
    }
}

/// A connection in use. It goes back to the others when all went well; it is closed when anything went
/// wrong, also by a panic or a time limit: a transaction that was left open must end there and then.
#[derive(Clone)]
pub(super) struct Lease(Arc<Leased>);

struct Leased {
    connection: Object<Connector>,
    went_well: AtomicBool,
}

impl Deref for Lease {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0.connection
    }
}

impl Drop for Leased {
    fn drop(&mut self) {
        if !self.went_well.load(Ordering::Relaxed) {
            self.connection.break_off();
        }
    }
}

//! One connection to the server: made within a time limit, set up, and ended when dropped.
//!
//! While the server cannot be reached, one attempt at a time finds out whether that is still so; all
//! others are told at once. No SQL of sessions stands here.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_postgres::Client;

use super::address::PostgresAddress;
use super::statements::{Prepared, SeldomTexts};
use super::tables::Tables;
use super::tls;
use super::trouble::{Trouble, down, surely_undone};
use crate::store::StoreError;

/// Longer than any server takes to let somebody in, even over the sea.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// How long a failed attempt speaks for all others.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(250);

/// What a session on the server is set to. The server's own limits are shorter than ours, so that it says
/// what was wrong; only a server that does not answer at all runs into ours.
const SETTINGS: &str = "
    SET statement_timeout = '1500ms';
    SET lock_timeout = '1s';
    SET idle_in_transaction_session_timeout = '5s';
    SET default_transaction_isolation = 'read committed';
    SET jit = off;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// A connection with its statements.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) prepared: Prepared,
    pub(super) seldom: Arc<SeldomTexts>,
    pub(super) tables: Arc<Tables>,
    driver: JoinHandle<()>,
    broken_off: AtomicBool,
}

impl Connection {
    /// Closes it, whatever is under way: the server takes back what was not committed.
    pub(super) fn break_off(&self) {
        self.broken_off.store(true, Ordering::Relaxed);
        self.driver.abort();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // A server that has stopped answering would keep it for ever.
        self.driver.abort();
    }
}

/// Makes connections to one server for one pair of tables.
pub(super) struct Connector {
    address: PostgresAddress,
    tables: Arc<Tables>,
    seldom: Arc<SeldomTexts>,
    /// Until when nobody need try; `None` = the server was there when it was last asked.
    shut_until: Mutex<Option<Instant>>,
}

impl Connector {
    pub(super) fn new(address: PostgresAddress, tables: Tables) -> Connector {
        Connector {
            address,
            seldom: Arc::new(SeldomTexts::of(&tables)),
            tables: Arc::new(tables),
            shut_until: Mutex::default(),
        }
    }

    /// Has everybody else told at once, for a moment, that the server does not answer.
    pub(super) fn shut(&self) {
        self.set_shut(Some(Instant::now() + PAUSE_AFTER_FAILURE));
    }

    fn set_shut(&self, until: Option<Instant>) {
        *self.shut_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Whether to try; whoever may when the pause is over tries for all.
    fn may_try(&self) -> bool {
        let mut shut_until = self.shut_until.lock().unwrap_or_else(PoisonError::into_inner);
        match *shut_until {
            None => true,
            Some(until) if Instant::now() < until => false,
            Some(_) => {
                *shut_until = Some(Instant::now() + CONNECT_LIMIT);
                true
            }
        }
    }

    async fn connect(&self) -> Result<Connection, StoreError> {
        let connector = tls::connector(&self.address.trust)?;
        let connected = self.address.config.connect(connector).await;
        let (client, driver) = connected.map_err(|error| down(&error))?;
        let driver = tokio::spawn(async move {
            // Whoever uses the connection is told the same.
            if let Err(cause) = driver.await {
                tracing::debug!(%cause, "a connection to PostgreSQL has ended");
            }
        });
        match self.set_up(&client).await {
            Ok(prepared) => Ok(Connection {
                client,
                prepared,
                seldom: Arc::clone(&self.seldom),
                tables: Arc::clone(&self.tables),
                driver,
                broken_off: AtomicBool::new(false),
            }),
            Err(trouble) => {
                driver.abort();
                Err(trouble.into())
            }
        }
    }

    async fn set_up(&self, client: &Client) -> Result<Prepared, Trouble> {
        client.batch_execute(SETTINGS).await.map_err(surely_undone)?;
        self.tables.make(client).await?;
        Prepared::on(client, &self.tables).await.map_err(surely_undone)
    }
}

impl Manager for Connector {
    type Type = Connection;
    type Error = StoreError;

    async fn create(&self) -> Result<Connection, StoreError> {
        if !self.may_try() {
            return Err(StoreError::down(
                "the PostgreSQL server did not answer a moment ago",
            ));
        }
        let made = timeout(CONNECT_LIMIT, self.connect())
            .await
            .unwrap_or_else(|_| Err(StoreError::down("the PostgreSQL server does not answer")));
        match made {
            Ok(_) => self.set_shut(None),
            Err(_) => self.shut(),
        }
        made
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<StoreError> {
        match connection.broken_off.load(Ordering::Relaxed) || connection.client.is_closed() {
            true => Err(RecycleError::message("closed")),
            false => Ok(()),
        }
    }
}

//! Sessions in PostgreSQL, for several servers that share them.
//!
//! Nothing is opened before the first use; the tables are made then, unless they are there. Creating,
//! rotating, deleting and killing are as durable as the database makes a commit when they return; merges
//! and touches follow within moments. While the server is down every operation says so within two or three
//! seconds, most at once, and the first one after its return succeeds. Start at postgres/operations.rs for
//! what is done and why it is right, at postgres/connections.rs for how it is run.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use self::address::check_table;
use self::connections::{Connections, LEISURE_LIMIT, Lease, REQUEST_LIMIT};
use self::operations::OwnedRotation;
use self::tables::Tables;
use super::*;

mod address;
mod connection;
mod connections;
mod housekeeping;
mod operations;
mod rows;
mod statements;
mod tables;
#[cfg(test)]
mod tests;
mod tls;
mod trouble;

pub use self::address::{PostgresAddress, PostgresAddressError};

/// Keeps sessions in two tables of a PostgreSQL database.
pub struct PostgresSessionStore {
    connections: Connections,
}

impl PostgresSessionStore {
    /// The store at `url`, in the table `table` and one called like it with `_generations` behind. Nothing
    /// is opened yet. The URL is PostgreSQL's own: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`.
    ///
    /// # Errors
    /// * [`PostgresAddressError`] for a URL or a name that cannot be used. It repeats nothing of the URL.
    pub fn at(url: &str, table: &str) -> Result<PostgresSessionStore, PostgresAddressError> {
        check_table(table)?;
        Ok(PostgresSessionStore {
            connections: Connections::to(PostgresAddress::parse(url)?, Tables::named(table)),
        })
    }

    async fn change<T, F>(
        &self,
        key: &StoreKey,
        realm: &Realm,
        now: Timestamp,
        act: F,
    ) -> Result<T, MergeError>
    where
        T: Send + 'static,
        F: Fn(&mut Record) -> Result<T, MergeError> + Send + Sync + 'static,
    {
        let (key, realm, act) = (*key, *realm, Arc::new(act));
        self.connections
            .run(REQUEST_LIMIT, move |db| {
                let act = Arc::clone(&act);
                async move { operations::change(&db, &key, &realm, now, &*act).await }
            })
            .await?
    }
}

#[async_trait]
impl SessionStore for PostgresSessionStore {
    async fn create(&self, key: &StoreKey, record: &Record, now: Timestamp) -> Result<(), CreateError> {
        let (key, record) = (*key, Arc::new(record.clone()));
        self.connections
            .run(REQUEST_LIMIT, move |db| {
                let record = Arc::clone(&record);
                async move { operations::create(&db, &key, &record, now).await }
            })
            .await?
    }

    async fn load(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<Loaded, StoreError> {
        let (key, realm) = (*key, *realm);
        let load = move |db: Lease| async move { operations::load(&db, &key, &realm, now).await };
        // The row is taken apart here: all operations share the thread of the connections.
        let row = self.connections.run(REQUEST_LIMIT, load).await?;
        Ok(operations::read_loaded(&row, &realm, now))
    }

    async fn merge(
        &self,
        key: &StoreKey,
        realm: &Realm,
        delta: &Delta,
        usage: Option<Usage>,
        now: Timestamp,
    ) -> Result<(), MergeError> {
        let delta = delta.clone();
        self.change(key, realm, now, move |record| record.apply(&delta, usage))
            .await
    }

    async fn update(
        &self,
        key: &StoreKey,
        realm: &Realm,
        name: &str,
        change: &Change,
        now: Timestamp,
    ) -> Result<Option<Value>, MergeError> {
        let (name, change) = (name.to_owned(), Arc::clone(change));
        self.change(key, realm, now, move |record| record.change_value(&name, &change))
            .await
    }

    async fn touch(
        &self,
        key: &StoreKey,
        realm: &Realm,
        usage: Usage,
        now: Timestamp,
    ) -> Result<(), TouchError> {
        let noted = self.change(key, realm, now, move |record| {
            record.note_use(usage);
            Ok(())
        });
        match noted.await {
            Ok(()) | Err(MergeError::Limit(_)) => Ok(()),
            Err(MergeError::Gone(ending)) => Err(TouchError::Gone(ending)),
            Err(MergeError::Store(error)) => Err(TouchError::Store(error)),
        }
    }

    async fn delete(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<bool, StoreError> {
        let (key, realm) = (*key, *realm);
        self.connections
            .run(REQUEST_LIMIT, move |db| async move {
                operations::delete(&db, &key, &realm, now).await
            })
            .await
    }

    async fn rotate(&self, rotation: Rotation<'_>, now: Timestamp) -> Result<(), RotateError> {
        let rotation = Arc::new(OwnedRotation::of(&rotation, now));
        self.connections
            .run(REQUEST_LIMIT, move |db| {
                let rotation = Arc::clone(&rotation);
                async move { operations::rotate(&db, &rotation, now).await }
            })
            .await?
    }

    async fn kill(&self, realm: &Realm, whom: Kill<'_>, now: Timestamp) -> Result<u64, StoreError> {
        let realm = *realm;
        let user = match whom {
            Kill::User(user_id) => Some(Arc::<str>::from(user_id)),
            Kill::Guests => Some(Arc::from(GUEST_USER)),
            Kill::Everyone => None,
        };
        self.connections
            .run(LEISURE_LIMIT, move |db| {
                let user = user.clone();
                async move {
                    let whom = user.as_deref().map_or(Kill::Everyone, Kill::User);
                    housekeeping::kill(&db, &realm, whom, now).await
                }
            })
            .await
    }

    async fn list(
        &self,
        realm: &Realm,
        user_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<SessionSummary>, StoreError> {
        let (realm, user_id) = (*realm, user_id.map(Arc::<str>::from));
        self.connections
            .run(REQUEST_LIMIT, move |db| {
                let user_id = user_id.clone();
                let all = (0, usize::MAX);
                async move { housekeeping::list(&db, &realm, user_id.as_deref(), all, now).await }
            })
            .await
    }

    async fn list_part(
        &self,
        realm: &Realm,
        user_id: Option<&str>,
        skip: usize,
        most: usize,
        now: Timestamp,
    ) -> Result<ListPart, StoreError> {
        let (realm, user_id) = (*realm, user_id.map(Arc::<str>::from));
        self.connections
            .run(REQUEST_LIMIT, move |db| {
                let user_id = user_id.clone();
                let part = (skip, most);
                async move { housekeeping::list_part(&db, &realm, user_id.as_deref(), part, now).await }
            })
            .await
    }

    async fn end_surplus_guests(
        &self,
        realm: &Realm,
        most: usize,
        budget: usize,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let realm = *realm;
        self.connections
            .run(REQUEST_LIMIT, move |db| async move {
                housekeeping::end_surplus_guests(&db, &realm, (most, budget), now).await
            })
            .await
    }

    async fn sweep(&self, now: Timestamp, budget: usize) -> Result<Swept, StoreError> {
        self.connections
            .run(REQUEST_LIMIT, move |db| async move {
                housekeeping::sweep(&db, now, budget).await
            })
            .await
    }
}

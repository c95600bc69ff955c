//! Sessions in `sessions.db` of a session directory: the default.
//!
//! SQLite with a write-ahead log, safe for several processes on one host; what one of them ends is
//! ended for all on their next request. Creating, rotating, deleting and killing are on the disk when
//! they return; merges and touches follow within moments. Sessions in use are kept at hand, and whatever
//! anybody commits to the file is noticed (sqlite/kept.rs). The file is made at the first write. Start at
//! sqlite/statements.rs for what is done (sqlite/unwritten.rs: the one write of most page views),
//! sqlite/connections.rs for how it is run.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use self::connections::Connections;
use self::kept::{Change as Changed, KeptRecords};
use self::statements::{Found, NotRotated, OwnedRotation, Refused};
use self::tracked::Tracked;
use self::unwritten::Unwritten;
use super::*;

mod commits;
mod connections;
mod kept;
mod rows;
mod statements;
mod sweeping;
#[cfg(test)]
mod tests;
mod tracked;
mod turn;
mod unwritten;

/// The file's name in the session directory.
const FILE: &str = "sessions.db";

/// Keeps sessions in an SQLite file.
pub struct SqliteSessionStore {
    // Dropped first: what closes its connection is then the thread that closes the others.
    kept: Arc<KeptRecords>,
    connections: Arc<Connections>,
    unwritten: Arc<Unwritten>,
}

impl SqliteSessionStore {
    /// The store in `dir`. Nothing is opened or made before the first use; a missing directory is made
    /// for us alone (0700), the file too (0600).
    pub fn at(dir: &Path) -> SqliteSessionStore {
        let kept = Arc::<KeptRecords>::default();
        SqliteSessionStore {
            connections: Connections::to(dir.join(FILE), Arc::clone(&kept)),
            unwritten: Arc::default(),
            kept,
        }
    }

    /// What stands under a key in the file, and the record as it stands there.
    async fn read(
        &self,
        key: &StoreKey,
        realm: &Realm,
        now: Timestamp,
    ) -> Result<(Loaded, Option<Box<Record>>), StoreError> {
        let (key, realm, unwritten) = (*key, *realm, Arc::clone(&self.unwritten));
        let job = move |connection: &Tracked| {
            let db = &connection.db;
            let arrivals = unwritten.arrivals();
            let loaded = match statements::find(db, &key, &realm, now)? {
                Found::Live(read) => {
                    let mut record = read.clone();
                    let is_whole = unwritten.add_to_read(arrivals, &key, &mut record);
                    return Ok((is_whole.then_some(Loaded::Live(record)), Some(read)));
                }
                Found::Tombstone(told) => told.loaded(now),
                Found::Dead(_) => Loaded::Ended(Ending::Ended),
                Found::Nothing if statements::pending_was_killed(db, &realm, key.issued(), now)? => {
                    Loaded::Ended(Ending::Ended)
                }
                Found::Nothing => Loaded::Missing,
            };
            Ok((Some(loaded), None))
        };
        loop {
            match self.connections.read(job.clone()).await? {
                None => return Ok((Loaded::Missing, None)),
                Some((Some(loaded), read)) => return Ok((loaded, read)),
                // Visits were written meanwhile, which happens once in a millisecond at most.
                Some((None, _)) => {}
            }
        }
    }

    /// Does something to a live record in one transaction, and writes its contents back, and its use if
    /// that changed.
    async fn change<T, F>(
        &self,
        key: &StoreKey,
        realm: &Realm,
        now: Timestamp,
        use_changes: bool,
        act: F,
    ) -> Result<T, MergeError>
    where
        T: Send + 'static,
        F: Fn(&mut Record) -> Result<T, MergeError> + Send + 'static,
    {
        let (key, realm, unwritten) = (*key, *realm, Arc::clone(&self.unwritten));
        let job = move |connection: &Tracked| {
            let db = &connection.db;
            let mut record = match statements::find(db, &key, &realm, now)? {
                Found::Live(record) => record,
                Found::Tombstone(told) => return Ok(Err(MergeError::Gone(told.ending()))),
                Found::Dead(_) | Found::Nothing => return Ok(Err(MergeError::Gone(Ending::Ended))),
            };
            unwritten.add_to(&key, &mut record);
            let result = act(&mut record);
            if result.is_ok() {
                statements::write_contents(db, &key, &record)?;
                if use_changes {
                    statements::write_use(db, &key, &record)?;
                    connection.note(Changed::Reload(key));
                } else {
                    connection.note(Changed::Record(key, record));
                }
            }
            Ok(result)
        };
        self.connections.write_quickly(job).await?
    }
}

/// What is not written yet is written before the connections are closed.
impl Drop for SqliteSessionStore {
    fn drop(&mut self) {
        self.unwritten.write_now(&self.connections);
    }
}

#[async_trait]
impl SessionStore for SqliteSessionStore {
    async fn create(&self, key: &StoreKey, record: &Record, now: Timestamp) -> Result<(), CreateError> {
        let (key, record) = (*key, record.clone());
        let created = self
            .connections
            .write_durably(move |connection| {
                connection.note(Changed::Reload(key));
                statements::insert(&connection.db, &key, &record, now)
            })
            .await?;
        created.map_err(|refused| match refused {
            Refused::Exists => CreateError::Exists,
            Refused::Ended(ending) => CreateError::Ended(ending),
            Refused::Killed => CreateError::Killed,
        })
    }

    async fn load(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<Loaded, StoreError> {
        let glance = self.kept.glance();
        if let Some(glance) = glance {
            let get = || self.kept.get(glance, key, realm, now);
            if let Some(record) = self.unwritten.add_to_kept(key, get) {
                return Ok(Loaded::Live(Box::new(record)));
            }
        }
        let (loaded, read) = self.read(key, realm, now).await?;
        if let (Some(glance), Some(record)) = (glance, read) {
            self.kept.put(glance, *key, *record);
        }
        Ok(loaded)
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
        self.change(key, realm, now, usage.is_some(), move |record| {
            record.apply(&delta, usage)
        })
        .await
    }

    async fn visit(
        &self,
        key: &StoreKey,
        realm: &Realm,
        delta: &Delta,
        now: Timestamp,
    ) -> Result<(), MergeError> {
        match self.unwritten.add(&self.connections, key, realm, delta, now) {
            true => Ok(()),
            false => self.merge(key, realm, delta, None, now).await,
        }
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
        self.change(key, realm, now, false, move |record| {
            record.change_value(&name, &change)
        })
        .await
    }

    async fn touch(
        &self,
        key: &StoreKey,
        realm: &Realm,
        usage: Usage,
        now: Timestamp,
    ) -> Result<(), TouchError> {
        let (key, realm) = (*key, *realm);
        let job = move |connection: &Tracked| {
            let mut record = match statements::find(&connection.db, &key, &realm, now)? {
                Found::Live(record) => record,
                Found::Tombstone(told) => return Ok(Err(told.ending())),
                Found::Dead(_) | Found::Nothing => return Ok(Err(Ending::Ended)),
            };
            record.note_use(usage);
            connection.note(Changed::Reload(key));
            statements::write_use(&connection.db, &key, &record)?;
            Ok(Ok(()))
        };
        self.connections
            .write_quickly(job)
            .await?
            .map_err(TouchError::Gone)
    }

    async fn delete(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<bool, StoreError> {
        let (key, realm) = (*key, *realm);
        let job = move |connection: &Tracked| {
            connection.note(Changed::Reload(key));
            match statements::find(&connection.db, &key, &realm, now)? {
                Found::Nothing => Ok(false),
                _ => statements::bury(&connection.db, &key, &realm, now),
            }
        };
        self.connections.write_durably(job).await
    }

    async fn rotate(&self, rotation: Rotation<'_>, now: Timestamp) -> Result<(), RotateError> {
        let rotation = OwnedRotation {
            old: rotation.old,
            old_record: rotation.old_record,
            told: Tombstone::of_rotation(&rotation, now),
            old_verifies_until: rotation.old_verifies_until,
            new: rotation.new,
            record: rotation.record.clone(),
            max_sessions: rotation.max_sessions,
        };
        let rotated = self
            .connections
            .write_durably(move |connection| statements::rotate(&connection.db, &rotation, now))
            .await?;
        rotated.map_err(|error| match error {
            NotRotated::Gone(ending) => RotateError::Gone(ending),
            NotRotated::Taken => RotateError::Taken,
            NotRotated::Killed => RotateError::Killed,
        })
    }

    async fn kill(&self, realm: &Realm, whom: Kill<'_>, now: Timestamp) -> Result<u64, StoreError> {
        let realm = *realm;
        let user = match whom {
            Kill::User(user_id) => Some(user_id.to_owned()),
            Kill::Guests => Some(GUEST_USER.to_owned()),
            Kill::Everyone => None,
        };
        let job = move |connection: &Tracked| {
            let whom = user.as_deref().map_or(Kill::Everyone, Kill::User);
            statements::kill(&connection.db, &realm, whom, now)
        };
        self.connections.write_durably(job).await
    }

    async fn list(
        &self,
        realm: &Realm,
        user_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<SessionSummary>, StoreError> {
        let (realm, user_id) = (*realm, user_id.map(str::to_owned));
        let job = move |connection: &Tracked| {
            statements::list(&connection.db, &realm, user_id.as_deref(), (0, -1), now)
        };
        Ok(self.connections.read_at_leisure(job).await?.unwrap_or_default())
    }

    async fn list_part(
        &self,
        realm: &Realm,
        user_id: Option<&str>,
        skip: usize,
        most: usize,
        now: Timestamp,
    ) -> Result<ListPart, StoreError> {
        let (realm, user_id) = (*realm, user_id.map(str::to_owned));
        let limit = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let part = (limit(skip), limit(most));
        let job = move |connection: &Tracked| {
            Ok(ListPart {
                sessions: statements::list(&connection.db, &realm, user_id.as_deref(), part, now)?,
                total: statements::count(&connection.db, &realm, user_id.as_deref(), now)?,
            })
        };
        Ok(self.connections.read_at_leisure(job).await?.unwrap_or_default())
    }

    async fn end_surplus_guests(
        &self,
        realm: &Realm,
        most: usize,
        budget: usize,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let realm = *realm;
        if self.connections.read(|_| Ok(())).await?.is_none() {
            return Ok(0);
        }
        self.connections
            .write_at_leisure(move |connection| {
                sweeping::end_surplus_guests(&connection.db, &realm, most, budget, now)
            })
            .await
    }

    async fn sweep(&self, now: Timestamp, budget: usize) -> Result<Swept, StoreError> {
        // Without a file there is nothing to sweep, and sweeping makes none.
        if self.connections.read(|_| Ok(())).await?.is_none() {
            return Ok(Swept::default());
        }
        // Some hundred removals take milliseconds: not on a thread that answers requests.
        self.connections
            .write_at_leisure(move |connection| sweeping::sweep(&connection.db, now, budget))
            .await
    }
}

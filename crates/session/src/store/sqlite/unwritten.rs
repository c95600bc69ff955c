//! Visits that are not written down yet: the one write of most page views.
//!
//! Nearly every write of a wiki adds one page to one trail, and a transaction for each would cost more
//! than the page. So visits are laid down here and written together, a moment after the answers have left
//! (a few turns of the thread's loop on an idle server, which are microseconds; one or two milliseconds on a busy one).
//! Until then loads through this store see them all the same. What is lost should the process be killed
//! in that moment is the newest entry of a trail and nothing else; values, logins and logouts never wait
//! here. Start at [`Unwritten::add`].
//!
//! The statement that writes finds the live record, checks its generations, and adds the visits inside
//! SQLite under the write lock, by an SQL function that we give to the connection. Whoever has ended
//! meanwhile gets nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, params};

use super::connections::Connections;
use super::kept::Change;
use super::rows::trail_text;
use super::statements::{in_force, key_is};
use super::tracked::Tracked;
use crate::delta::Delta;
use crate::id::StoreKey;
use crate::realm::Realm;
use crate::record::Record;
use crate::store::StoreError;
use crate::trail::TrailEntry;

/// So many turns of a thread's loop a visit waits to see whether others come.
const TURNS: u32 = 4;
/// So long it waits for more when they do. A turn of the loop asks the system for news each time, so that waiting by
/// turns would cost a busy server more than the writing.
const TOGETHER: Duration = Duration::from_millis(1);
/// Sessions with unwritten visits; with more of them, something is in the way, and each is written at once.
const MOST: usize = 4096;

/// The visits of one store that are not written yet.
#[derive(Default)]
pub(super) struct Unwritten {
    lists: Mutex<Lists>,
}

#[derive(Default)]
struct Lists {
    /// Nobody has begun to write these.
    waiting: HashMap<StoreKey, Visits>,
    /// Somebody is writing these.
    leaving: HashMap<StoreKey, Visits>,
    /// How many visits were laid down since somebody came last.
    laid_down: usize,
    /// Somebody will come for those who wait.
    awaited: bool,
    /// How often those who left were written.
    arrivals: u64,
}

#[derive(Clone)]
struct Visits {
    realm: Realm,
    delta: Delta,
    now: Timestamp,
}

impl Unwritten {
    /// Lays a delta's visits down. `false` when there is no room.
    pub(super) fn add(
        self: &Arc<Self>,
        connections: &Arc<Connections>,
        key: &StoreKey,
        realm: &Realm,
        delta: &Delta,
        now: Timestamp,
    ) -> bool {
        let mut lists = self.lists();
        if lists.waiting.len() >= MOST {
            return false;
        }
        let visits = Visits {
            realm: *realm,
            delta: delta.clone(),
            now,
        };
        lists.lay_down(*key, visits);
        if !std::mem::replace(&mut lists.awaited, true) {
            let writer = Writer {
                unwritten: Arc::clone(self),
                is_done: false,
            };
            let connections = Arc::clone(connections);
            tokio::spawn(async move { writer.write(&connections).await });
        }
        true
    }

    /// How often what had left was written.
    pub(super) fn arrivals(&self) -> u64 {
        self.lists().arrivals
    }

    /// Adds what is not written yet to a record that was read after so many arrivals. `false` when there were more
    /// meanwhile: what came then may be missing from both.
    pub(super) fn add_to_read(&self, arrivals: u64, key: &StoreKey, record: &mut Record) -> bool {
        let lists = self.lists();
        lists.add_to(key, record);
        lists.arrivals == arrivals
    }

    /// Adds what is not written yet to a record that was loaded.
    pub(super) fn add_to(&self, key: &StoreKey, record: &mut Record) {
        self.lists().add_to(key, record);
    }

    /// The same for a record that is at hand. Whoever has written visits down puts them there before they leave the
    /// lists here, so that none is missed.
    pub(super) fn add_to_kept(&self, key: &StoreKey, get: impl FnOnce() -> Option<Record>) -> Option<Record> {
        let lists = self.lists();
        let mut record = get()?;
        lists.add_to(key, &mut record);
        Some(record)
    }

    /// Writes everything on this thread: nobody will come any more.
    pub(super) fn write_now(&self, connections: &Connections) {
        if self.lists().is_empty() {
            return;
        }
        if let Err(error) = connections.write_patiently(|db| self.write_with(db)) {
            log_trouble(&error);
        }
    }

    /// Inside the transaction, which may be tried several times.
    fn write_with(&self, connection: &Tracked) -> rusqlite::Result<()> {
        let leaving = self.lists().leave();
        for (key, visits) in leaving {
            let is_live = add_visits(&connection.db, &key, &visits.realm, &visits.delta, visits.now)?;
            connection.note(match is_live {
                true => Change::Visits(key, visits.delta),
                false => Change::Reload(key),
            });
        }
        Ok(())
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        // Poisoned or not, a list of visits is as good as before.
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever comes for what waits; there is one at a time.
struct Writer {
    unwritten: Arc<Unwritten>,
    is_done: bool,
}

impl Writer {
    async fn write(mut self, connections: &Arc<Connections>) {
        loop {
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            if self.unwritten.lists().laid_down > 1 {
                tokio::time::sleep(TOGETHER).await;
            }
            let unwritten = Arc::clone(&self.unwritten);
            let written = connections
                .write_quickly(move |db| unwritten.write_with(db))
                .await;
            if let Err(error) = written {
                log_trouble(&error);
            }
            self.is_done = self.unwritten.lists().arrive();
            if self.is_done {
                return;
            }
        }
    }
}

/// Also when its thread is shut down under way: the next visit sends another.
impl Drop for Writer {
    fn drop(&mut self) {
        if !self.is_done {
            self.unwritten.lists().awaited = false;
        }
    }
}

fn log_trouble(error: &StoreError) {
    tracing::error!(%error, "could not write the trails of visitors down");
}

impl Lists {
    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.leaving.is_empty()
    }

    fn add_to(&self, key: &StoreKey, record: &mut Record) {
        for visits in [self.leaving.get(key), self.waiting.get(key)]
            .into_iter()
            .flatten()
        {
            // Adding the same visits twice leaves the trail as adding them once did.
            visits.delta.add_visits(Arc::make_mut(&mut record.trail));
        }
    }

    fn lay_down(&mut self, key: StoreKey, visits: Visits) {
        self.laid_down += 1;
        match self.waiting.get_mut(&key) {
            Some(earlier) => earlier.add(visits),
            None => drop(self.waiting.insert(key, visits)),
        }
    }

    fn leave(&mut self) -> Vec<(StoreKey, Visits)> {
        self.laid_down = 0;
        for (key, visits) in std::mem::take(&mut self.waiting) {
            match self.leaving.get_mut(&key) {
                Some(earlier) => earlier.add(visits),
                None => drop(self.leaving.insert(key, visits)),
            }
        }
        self.leaving
            .iter()
            .map(|(key, visits)| (*key, visits.clone()))
            .collect()
    }

    /// Those who left are written. Whether nobody waits any more.
    fn arrive(&mut self) -> bool {
        self.leaving.clear();
        self.arrivals += 1;
        self.awaited = !self.waiting.is_empty();
        !self.awaited
    }
}

impl Visits {
    /// Later visits of the same session.
    fn add(&mut self, later: Visits) {
        later.delta.add_visits(&mut self.delta.visits);
        self.delta.trail_size = later.delta.trail_size;
        self.now = later.now;
    }
}

const ADD_VISITS: &str = concat!(
    "UPDATE sessions AS s SET trail=with_visits(s.trail,?4,?5) WHERE ",
    key_is!(),
    " AND s.realm=?2 AND s.expires>?3 AND ",
    in_force!()
);

// An unreadable row that takes a visit stays unreadable: a load calls it ended all the same.

/// Gives a connection the SQL function that [`add_visits`] uses.
pub(super) fn teach(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("with_visits", 3, flags, with_visits)
}

/// `with_visits(trail, visits, trail size)`: the trail afterwards.
fn with_visits(arguments: &Context<'_>) -> rusqlite::Result<String> {
    let trail = |argument: usize| -> rusqlite::Result<Vec<TrailEntry>> {
        serde_json::from_str(arguments.get_raw(argument).as_str()?)
            .map_err(|error| rusqlite::Error::UserFunctionError(error.into()))
    };
    let delta = Delta {
        visits: trail(1)?,
        trail_size: usize::try_from(arguments.get::<i64>(2)?).unwrap_or(0),
        ..Delta::default()
    };
    let mut trail = trail(0)?;
    delta.add_visits(&mut trail);
    trail_text(&trail)
}

/// Adds a delta's visits to a record's trail if it lives. Whether it does.
fn add_visits(
    db: &Connection,
    key: &StoreKey,
    realm: &Realm,
    delta: &Delta,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let rows = db.prepare_cached(ADD_VISITS)?.execute(params![
        key.as_bytes(),
        realm.as_bytes(),
        // Columns hold whole milliseconds, as every comparison of a record's end does.
        now.as_millisecond(),
        trail_text(&delta.visits)?,
        i64::try_from(delta.trail_size).unwrap_or(i64::MAX),
    ])?;
    Ok(rows > 0)
}

#[cfg(test)]
#[path = "unwritten_tests.rs"]
mod tests;

//! Records of sessions in use, kept at hand: a load asks SQLite only for what has changed.
//!
//! A record that was loaded holds until something is committed, which a look at the file's [`Commits`] tells. Commits
//! of our own say what they change ([`Change`]) and leave the rest as good as it was; after anybody else's, be it
//! another process or an administrator's shell, and after one of ours that does not say, everything is loaded anew.
//! Whether a record has expired, and whose it is, is asked at each load. Start at [`KeptRecords::glance`].

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use jiff::Timestamp;
use quick_cache::unsync::Cache;
use rusqlite::Connection;

use super::commits::{CommitWatch, Commits};
use crate::delta::Delta;
use crate::id::StoreKey;
use crate::realm::Realm;
use crate::record::Record;
use crate::store::StoreError;
use crate::value::json_bytes;

/// So many sessions are kept at hand. One takes about a kilobyte.
const MOST: usize = 4096;
/// Records with more text in values and trail are loaded each time, so that what is kept is bounded in bytes too.
const LONGEST: usize = 8 << 10;

/// The records of one file that are at hand.
pub(super) struct KeptRecords {
    watch: OnceLock<CommitWatch>,
    /// The file that is watched is no longer that of the store.
    has_ended: AtomicBool,
    state: Mutex<State>,
}

struct State {
    /// The commits up to which everything is known.
    known: Option<Commits>,
    /// Counts the commits of which it is not known what they changed. Records of earlier ages are worth nothing.
    age: u64,
    /// Counts our own commits.
    own: u64,
    records: Cache<StoreKey, Kept>,
}

struct Kept {
    age: u64,
    record: Record,
}

/// A moment in the history of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glance {
    age: u64,
    own: u64,
}

/// What a commit of ours changes.
pub(super) enum Change {
    /// The record under a key is now this.
    Record(StoreKey, Box<Record>),
    /// The record under a key has these visits more.
    Visits(StoreKey, Delta),
    /// What stands under a key is to be loaded anew.
    Reload(StoreKey),
    /// More than is said.
    Anything,
}

impl Default for KeptRecords {
    fn default() -> KeptRecords {
        KeptRecords {
            watch: OnceLock::new(),
            has_ended: AtomicBool::new(false),
            state: Mutex::new(State {
                known: None,
                age: 0,
                own: 0,
                records: Cache::new(MOST),
            }),
        }
    }
}

impl KeptRecords {
    /// Begins to keep records of the file at `path`, unless that is done already. `open` opens a connection.
    ///
    /// # Errors
    /// * [`StoreError`] when `open` fails.
    pub(super) fn begin(
        &self,
        path: &Path,
        open: impl FnOnce() -> Result<Connection, StoreError>,
    ) -> Result<(), StoreError> {
        if let Some(watch) = self.watch.get() {
            // Connections that are opened now are to another file than those before.
            if !watch.is_in_place() {
                self.has_ended.store(true, Ordering::Release);
            }
            return Ok(());
        }
        match CommitWatch::over(path, open()?) {
            // Another thread may have been first.
            Ok(watch) => _ = self.watch.set(watch),
            Err(error) => tracing::debug!(%error, "sessions are loaded from their file each time"),
        }
        Ok(())
    }

    /// The present moment. `None` while nothing is kept.
    pub(super) fn glance(&self) -> Option<Glance> {
        let commits = self.look()?;
        let mut state = self.state();
        if state.known != Some(commits) {
            state.known = Some(commits);
            state.age += 1;
        }
        Some(Glance {
            age: state.age,
            own: state.own,
        })
    }

    /// The live record under a key, as it was at a moment or later.
    pub(super) fn get(
        &self,
        glance: Glance,
        key: &StoreKey,
        realm: &Realm,
        now: Timestamp,
    ) -> Option<Record> {
        let state = self.state();
        let kept = state.records.get(key)?;
        let record = &kept.record;
        // Of the present age too: visits that were written down meanwhile are not added to records of an earlier one.
        let is_known = kept.age == glance.age && state.age == glance.age;
        let holds = is_known && record.realm == *realm && !record.is_expired(now);
        holds.then(|| record.clone())
    }

    /// Keeps a record that was loaded after `glance`, unless something was committed meanwhile.
    pub(super) fn put(&self, glance: Glance, key: StoreKey, record: Record) {
        let mut state = self.state();
        if (state.age, state.own) == (glance.age, glance.own) {
            state.keep(key, record);
        }
    }

    /// What commits there have been, as far as a transaction that writes can tell.
    pub(super) fn look(&self) -> Option<Commits> {
        let watch = self.watch.get()?;
        (!self.has_ended.load(Ordering::Acquire))
            .then(|| watch.look())
            .flatten()
    }

    /// Takes over what a transaction of ours has changed. `before` was looked up inside it, when nobody else could
    /// commit any more.
    pub(super) fn note_commit(&self, before: Option<Commits>, changes: Vec<Change>) {
        let after = self.look();
        if after.is_some() && after == before {
            return;
        }
        let mut state = self.state();
        state.own += 1;
        let only_ours = match (before, after) {
            (Some(before), Some(after)) => state.known == Some(before) && after.follow(&before),
            _ => false,
        };
        state.known = after;
        match only_ours {
            true => changes.into_iter().for_each(|change| state.change(change)),
            false => state.age += 1,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| {
            // Whoever panicked may not have finished: nothing that was kept is trusted.
            self.state.clear_poison();
            let mut state = poisoned.into_inner();
            state.age += 1;
            state
        })
    }
}

impl State {
    fn change(&mut self, change: Change) {
        match change {
            Change::Record(key, record) => self.keep(key, *record),
            Change::Visits(key, delta) => {
                let Some(mut kept) = self.records.get_mut(&key) else {
                    return;
                };
                delta.add_visits(Arc::make_mut(&mut kept.record.trail));
                let is_short = is_short(&kept.record);
                drop(kept);
                if !is_short {
                    self.records.remove(&key);
                }
            }
            Change::Reload(key) => _ = self.records.remove(&key),
            Change::Anything => self.age += 1,
        }
    }

    fn keep(&mut self, key: StoreKey, record: Record) {
        if is_short(&record) {
            let age = self.age;
            self.records.insert(key, Kept { age, record });
        } else {
            self.records.remove(&key);
        }
    }
}

fn is_short(record: &Record) -> bool {
    let trail: usize = record
        .trail
        .iter()
        .map(|entry| entry.wiki.len() + entry.page.len())
        .sum();
    json_bytes(&record.values).is_ok_and(|values| values + trail <= LONGEST)
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;

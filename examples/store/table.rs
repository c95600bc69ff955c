//! The store: what stands under a key is a record or, after its session, a tombstone.
//!
//! Everything happens under one lock, so every operation is atomic and no race can be lost. What is worth
//! copying is the order of the questions: is there a record, of this realm, neither killed nor expired?

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use grange_session::store::AFTERLIFE;
use grange_session::{
    Change, CreateError, Delta, Ending, GUEST_USER, Kill, Loaded, MergeError, OldRecord, Realm, Record,
    RotateError, Rotation, SessionStore, SessionSummary, StoreError, StoreKey, Swept, Tombstone, TouchError,
    Usage, Value,
};
use jiff::Timestamp;

/// A kill that lies further ahead was made by a clock that was wrong.
const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

/// Keeps sessions in a table behind one lock.
#[derive(Default)]
pub struct OneLockStore(Mutex<Table>);

#[derive(Default)]
struct Table {
    slots: HashMap<[u8; 32], Slot>,
    /// When users, guests ([`GUEST_USER`]) and everybody (`None`) of a realm were killed last.
    kills: HashMap<(Realm, Option<String>), Timestamp>,
}

enum Slot {
    Record(Box<Held>),
    Tombstone { until: Timestamp, told: Tombstone },
}

struct Held {
    key: StoreKey,
    record: Record,
    killed: bool,
}

impl Held {
    fn lives(&self, realm: &Realm, now: Timestamp) -> bool {
        !self.killed && self.record.realm == *realm && !self.record.is_expired(now)
    }

    /// When nobody can need the record any more.
    fn due(&self, now: Timestamp) -> Timestamp {
        match self.killed {
            true => now,
            false => later(self.record.expires(), AFTERLIFE),
        }
    }
}

impl Table {
    /// The live record under a key, or how it ended.
    fn live(&mut self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<&mut Record, Ending> {
        match self.slots.get_mut(key.as_bytes()) {
            Some(Slot::Record(held)) if held.lives(realm, now) => Ok(&mut held.record),
            Some(Slot::Record(_)) | None => Err(Ending::Ended),
            Some(Slot::Tombstone { told, .. }) => Err(told.ending()),
        }
    }

    /// Whether an id issued then may not begin a session of this subject.
    fn was_killed(&self, realm: &Realm, subject: &str, issued: Timestamp, now: Timestamp) -> bool {
        [Some(subject.to_owned()), None].into_iter().any(|whose| {
            let killed = self.kills.get(&(*realm, whose));
            killed.is_some_and(|at| issued <= *at && *at <= later(now, CLOCK_SKEW))
        })
    }

    fn insert(&mut self, key: &StoreKey, record: &Record, now: Timestamp) -> Result<(), CreateError> {
        match self.slots.get(key.as_bytes()) {
            Some(Slot::Record(held)) if held.lives(&record.realm, now) => return Err(CreateError::Exists),
            Some(Slot::Record(_)) => return Err(CreateError::Ended(Ending::Ended)),
            Some(Slot::Tombstone { told, .. }) => return Err(CreateError::Ended(told.ending())),
            None => {}
        }
        if self.was_killed(&record.realm, subject(record), key.issued(), now) {
            return Err(CreateError::Killed);
        }
        let held = Held {
            key: *key,
            record: record.clone(),
            killed: false,
        };
        self.slots.insert(*key.as_bytes(), Slot::Record(Box::new(held)));
        Ok(())
    }

    /// Puts a tombstone under a key, which stands until no id can be presented there any more.
    fn bury(&mut self, key: &StoreKey, told: Tombstone, at_least: Timestamp, now: Timestamp) {
        let verified = match self.slots.get(key.as_bytes()) {
            Some(Slot::Record(held)) => held.record.verifies_until,
            Some(Slot::Tombstone { until, .. }) => *until,
            None => now,
        };
        let until = verified.max(at_least).max(later(now, AFTERLIFE));
        self.slots
            .insert(*key.as_bytes(), Slot::Tombstone { until, told });
    }

    fn is_foreign(&self, key: &StoreKey, realm: &Realm) -> bool {
        matches!(self.slots.get(key.as_bytes()), Some(Slot::Record(held)) if held.record.realm != *realm)
    }

    fn list(&self, realm: &Realm, user_id: Option<&str>, now: Timestamp) -> Vec<SessionSummary> {
        let records = self.slots.values().filter_map(|slot| match slot {
            Slot::Record(held) if held.lives(realm, now) => Some(held),
            Slot::Record(_) | Slot::Tombstone { .. } => None,
        });
        let mut found: Vec<SessionSummary> = records
            .filter(|held| user_id.is_none_or(|user_id| held.record.user_id() == Some(user_id)))
            .map(|held| SessionSummary::new(held.key, &held.record))
            .collect();
        found.sort_by_key(|summary| std::cmp::Reverse((summary.last_seen, summary.key)));
        found
    }

    /// Ends a user's sessions beyond the allowed number, the longest unused first.
    fn end_surplus(&mut self, rotation: &Rotation<'_>, now: Timestamp) {
        let Some(user_id) = rotation.record.user_id() else {
            return;
        };
        let all = self.list(&rotation.record.realm, Some(user_id), now);
        let others = all.iter().filter(|other| other.key != rotation.new);
        for surplus in others.skip(rotation.max_sessions.saturating_sub(1)) {
            self.bury(&surplus.key, Tombstone::Ended, now, now);
        }
    }

    /// Removes what is past its time under one key. Returns whether anything was.
    fn sweep(&mut self, hash: &[u8; 32], now: Timestamp) -> bool {
        let tombstone = match self.slots.get(hash) {
            Some(Slot::Tombstone { until, .. }) if *until <= now => None,
            Some(Slot::Record(held)) if held.due(now) <= now => {
                let until = held.record.verifies_until;
                (until > now).then_some(Slot::Tombstone {
                    until,
                    told: Tombstone::Ended,
                })
            }
            _ => return false,
        };
        match tombstone {
            Some(tombstone) => self.slots.insert(*hash, tombstone),
            None => self.slots.remove(hash),
        };
        true
    }
}

impl OneLockStore {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SessionStore for OneLockStore {
    async fn create(&self, key: &StoreKey, record: &Record, now: Timestamp) -> Result<(), CreateError> {
        self.table().insert(key, record, now)
    }

    async fn load(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<Loaded, StoreError> {
        let table = self.table();
        Ok(match table.slots.get(key.as_bytes()) {
            Some(Slot::Record(held)) if held.lives(realm, now) => Loaded::Live(Box::new(held.record.clone())),
            Some(Slot::Record(_)) => Loaded::Ended(Ending::Ended),
            Some(Slot::Tombstone { told, .. }) => told.loaded(now),
            None if table.was_killed(realm, GUEST_USER, key.issued(), now) => Loaded::Ended(Ending::Ended),
            None => Loaded::Missing,
        })
    }

    async fn merge(
        &self,
        key: &StoreKey,
        realm: &Realm,
        delta: &Delta,
        usage: Option<Usage>,
        now: Timestamp,
    ) -> Result<(), MergeError> {
        let mut table = self.table();
        let record = table.live(key, realm, now).map_err(MergeError::Gone)?;
        record.apply(delta, usage)
    }

    async fn update(
        &self,
        key: &StoreKey,
        realm: &Realm,
        name: &str,
        change: &Change,
        now: Timestamp,
    ) -> Result<Option<Value>, MergeError> {
        let mut table = self.table();
        let record = table.live(key, realm, now).map_err(MergeError::Gone)?;
        record.change_value(name, change)
    }

    async fn touch(
        &self,
        key: &StoreKey,
        realm: &Realm,
        usage: Usage,
        now: Timestamp,
    ) -> Result<(), TouchError> {
        let mut table = self.table();
        let record = table.live(key, realm, now).map_err(TouchError::Gone)?;
        record.note_use(usage);
        Ok(())
    }

    async fn delete(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<bool, StoreError> {
        let mut table = self.table();
        let lived = table.live(key, realm, now).is_ok();
        let stands = matches!(table.slots.get(key.as_bytes()), Some(Slot::Record(_)));
        if stands && !table.is_foreign(key, realm) {
            table.bury(key, Tombstone::Ended, now, now);
        }
        Ok(lived)
    }

    async fn rotate(&self, rotation: Rotation<'_>, now: Timestamp) -> Result<(), RotateError> {
        let (mut table, realm) = (self.table(), &rotation.record.realm);
        if let (Some(old), OldRecord::MustLive) = (&rotation.old, rotation.old_record) {
            table.live(old, realm, now).map_err(RotateError::Gone)?;
        }
        let inserted = table.insert(&rotation.new, rotation.record, now);
        inserted.map_err(|refused| match refused {
            CreateError::Killed => RotateError::Killed,
            CreateError::Store(error) => RotateError::Store(error),
            CreateError::Exists | CreateError::Ended(_) => RotateError::Taken,
        })?;
        if let Some(old) = rotation.old.filter(|old| !table.is_foreign(old, realm)) {
            let told = Tombstone::of_rotation(&rotation, now);
            table.bury(&old, told, rotation.old_verifies_until, now);
        }
        table.end_surplus(&rotation, now);
        Ok(())
    }

    async fn kill(&self, realm: &Realm, whom: Kill<'_>, now: Timestamp) -> Result<u64, StoreError> {
        let mut table = self.table();
        let whose = match whom {
            Kill::User(user_id) => Some(user_id),
            Kill::Guests => Some(GUEST_USER),
            Kill::Everyone => None,
        };
        let mut ended = 0;
        for slot in table.slots.values_mut() {
            let Slot::Record(held) = slot else { continue };
            let meant = whose.is_none_or(|whose| whose == subject(&held.record));
            if meant && held.lives(realm, now) {
                held.killed = true;
                ended += 1;
            }
        }
        let before = table.kills.remove(&(*realm, whose.map(str::to_owned)));
        let before = before.filter(|at| *at <= later(now, CLOCK_SKEW));
        let at = before.map_or(now, |before| before.max(now));
        table.kills.insert((*realm, whose.map(str::to_owned)), at);
        Ok(ended)
    }

    async fn list(
        &self,
        realm: &Realm,
        user_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<SessionSummary>, StoreError> {
        Ok(self.table().list(realm, user_id, now))
    }

    async fn end_surplus_guests(
        &self,
        realm: &Realm,
        most: usize,
        budget: usize,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut table = self.table();
        let mut guests: Vec<_> = table
            .list(realm, None, now)
            .into_iter()
            .filter(|session| session.user_id.is_none())
            .collect();
        // Latest used first; this store's guests all live equally long.
        let surplus = guests.split_off(most.min(guests.len()));
        for session in surplus.iter().rev().take(budget) {
            table.bury(&session.key, Tombstone::Ended, now, now);
        }
        Ok(surplus.len().min(budget) as u64)
    }

    async fn sweep(&self, now: Timestamp, budget: usize) -> Result<Swept, StoreError> {
        let mut table = self.table();
        let mut swept = Swept::default();
        let hashes: Vec<[u8; 32]> = table.slots.keys().copied().collect();
        for hash in hashes {
            if swept.removed >= budget as u64 {
                swept.more = true;
                break;
            }
            swept.removed += u64::from(table.sweep(&hash, now));
        }
        Ok(swept)
    }
}

/// Whose session it is.
fn subject(record: &Record) -> &str {
    record.user_id().unwrap_or(GUEST_USER)
}

fn later(moment: Timestamp, time: Duration) -> Timestamp {
    moment.checked_add(time).unwrap_or(Timestamp::MAX)
}

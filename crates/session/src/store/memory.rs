//! Sessions in memory: for tests and for farms that may forget.
//!
//! Survives a reload, because the farm keeps the store, and not a restart. Operations on one session
//! happen under the lock of its slot; a kill needs no lock but the number it raises, since a record made
//! with an older number is born dead. What is due to be swept stands in a queue by time, so a sweep
//! never walks over all sessions.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use jiff::Timestamp;

use super::generation::{GUESTS, REALM, latest_kill, subject_of, subject_of_kill};
use super::*;
use crate::moment;

type Hash = [u8; 32];

/// Keeps sessions in memory.
#[derive(Default)]
pub struct MemorySessionStore {
    slots: DashMap<Hash, Slot>,
    generations: DashMap<(Realm, String), Generation>,
    /// How many kills there were, raised after the generation: as long as it stays the same, so do they all.
    kills: AtomicU64,
    /// Everything with a time when it may have to be removed; at least one entry per slot.
    due: Mutex<BTreeSet<(Timestamp, Hash)>>,
}

enum Slot {
    Live(Box<Held>),
    Tombstone { until: Timestamp, told: Tombstone },
}

struct Held {
    record: Record,
    issued: Timestamp,
    subject: String,
    generation: u64,
    realm_generation: u64,
    /// After how many kills the generations were found to be in force.
    in_force_at: AtomicU64,
}

#[derive(Clone, Copy, Default)]
struct Generation {
    number: u64,
    killed_at: Option<Timestamp>,
}

impl MemorySessionStore {
    /// An empty store.
    pub fn new() -> MemorySessionStore {
        MemorySessionStore::default()
    }

    fn generation(&self, realm: &Realm, subject: &str) -> Generation {
        self.generations
            .get(&(*realm, subject.to_owned()))
            .map(|found| *found)
            .unwrap_or_default()
    }

    fn was_killed(&self, realm: &Realm, subject: &str, issued: Timestamp, now: Timestamp) -> bool {
        let kills = [self.generation(realm, subject), self.generation(realm, REALM)];
        kills
            .iter()
            .filter_map(|kill| kill.killed_at)
            .any(|at| issued <= at && at <= latest_kill(now))
    }

    fn is_killed(&self, held: &Held) -> bool {
        // Read before the generations: a kill in between is seen by whoever looks next.
        let kills = self.kills.load(Ordering::Acquire);
        if held.in_force_at.load(Ordering::Relaxed) == kills {
            return false;
        }
        let realm = &held.record.realm;
        let killed = held.generation != self.generation(realm, &held.subject).number
            || held.realm_generation != self.generation(realm, REALM).number;
        if !killed {
            held.in_force_at.store(kills, Ordering::Relaxed);
        }
        killed
    }

    fn is_live(&self, held: &Held, realm: &Realm, now: Timestamp) -> bool {
        held.record.realm == *realm && !held.record.is_expired(now) && !self.is_killed(held)
    }

    fn hold(&self, key: &StoreKey, record: &Record) -> Held {
        let subject = subject_of(record.user_id());
        let in_force_at = AtomicU64::new(self.kills.load(Ordering::Acquire));
        Held {
            in_force_at,
            generation: self.generation(&record.realm, &subject).number,
            realm_generation: self.generation(&record.realm, REALM).number,
            issued: key.issued(),
            record: record.clone(),
            subject,
        }
    }

    fn queue(&self) -> MutexGuard<'_, BTreeSet<(Timestamp, Hash)>> {
        // Poisoned or not, a set of times is as good as before.
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a record under a key that has none.
    fn insert_new(&self, key: &StoreKey, record: &Record, now: Timestamp) -> Result<(), CreateError> {
        // Taken before the kills are looked at: a kill in between makes the record be born dead.
        let held = self.hold(key, record);
        if self.was_killed(&record.realm, &held.subject, key.issued(), now) {
            return Err(CreateError::Killed);
        }
        let due = moment::later(record.expires(), AFTERLIFE);
        match self.slots.entry(*key.as_bytes()) {
            Entry::Occupied(slot) => return Err(self.why_occupied(slot.get(), &record.realm, now)),
            Entry::Vacant(slot) => drop(slot.insert(Slot::Live(Box::new(held)))),
        }
        self.queue().insert((due, *key.as_bytes()));
        Ok(())
    }

    fn why_occupied(&self, slot: &Slot, realm: &Realm, now: Timestamp) -> CreateError {
        match slot {
            Slot::Live(held) if self.is_live(held, realm, now) => CreateError::Exists,
            Slot::Live(_) => CreateError::Ended(Ending::Ended),
            Slot::Tombstone { told, .. } => CreateError::Ended(told.ending()),
        }
    }

    /// Does something to a live record under its lock, or says how it ended.
    fn with_live<T>(
        &self,
        key: &StoreKey,
        realm: &Realm,
        now: Timestamp,
        act: impl FnOnce(&mut Record) -> Result<T, MergeError>,
    ) -> Result<T, MergeError> {
        let Some(mut slot) = self.slots.get_mut(key.as_bytes()) else {
            return Err(MergeError::Gone(Ending::Ended));
        };
        match slot.value_mut() {
            Slot::Live(held) if self.is_live(held, realm, now) => act(&mut held.record),
            Slot::Live(_) => Err(MergeError::Gone(Ending::Ended)),
            Slot::Tombstone { told, .. } => Err(MergeError::Gone(told.ending())),
        }
    }

    /// Puts a tombstone in the place of a record of this realm. Returns whether it lived.
    fn bury(&self, key: &StoreKey, realm: &Realm, told: Tombstone, now: Timestamp) -> bool {
        let Some(mut slot) = self.slots.get_mut(key.as_bytes()) else {
            return false;
        };
        let Slot::Live(held) = slot.value() else {
            return false;
        };
        if held.record.realm != *realm {
            return false;
        }
        let lived = self.is_live(held, realm, now);
        let until = held.record.verifies_until.max(moment::later(now, AFTERLIFE));
        *slot = Slot::Tombstone { until, told };
        drop(slot);
        self.queue().insert((until, *key.as_bytes()));
        lived
    }

    /// Ends the record that a rotation continues, if it lives; else says how it ended.
    fn replace_live(&self, old: &StoreKey, rotation: &Rotation<'_>, now: Timestamp) -> Result<(), Ending> {
        let realm = &rotation.record.realm;
        let Some(mut slot) = self.slots.get_mut(old.as_bytes()) else {
            return Err(Ending::Ended);
        };
        let until = match slot.value() {
            Slot::Live(held) if self.is_live(held, realm, now) => held.record.verifies_until,
            Slot::Live(_) => return Err(Ending::Ended),
            Slot::Tombstone { told, .. } => return Err(told.ending()),
        };
        self.end_as_replaced(&mut slot, old, rotation, until, now);
        Ok(())
    }

    /// Ends whatever of this realm stands under the key that a login replaces, be it nothing.
    fn replace_any(&self, old: &StoreKey, rotation: &Rotation<'_>, now: Timestamp) {
        let told = Tombstone::Ended;
        let mut slot = self
            .slots
            .entry(*old.as_bytes())
            .or_insert(Slot::Tombstone { until: now, told });
        let until = match slot.value() {
            Slot::Live(held) if held.record.realm != rotation.record.realm => return,
            Slot::Live(held) => held.record.verifies_until,
            Slot::Tombstone { until, .. } => *until,
        };
        self.end_as_replaced(&mut slot, old, rotation, until, now);
    }

    fn end_as_replaced(
        &self,
        slot: &mut Slot,
        old: &StoreKey,
        rotation: &Rotation<'_>,
        until: Timestamp,
        now: Timestamp,
    ) {
        let until = until
            .max(rotation.old_verifies_until)
            .max(moment::later(now, AFTERLIFE));
        let told = Tombstone::of_rotation(rotation, now);
        *slot = Slot::Tombstone { until, told };
        self.queue().insert((until, *old.as_bytes()));
    }

    fn live_sessions(&self, realm: &Realm, user_id: Option<&str>, now: Timestamp) -> Vec<SessionSummary> {
        let mut found = Vec::new();
        for slot in &self.slots {
            let Slot::Live(held) = slot.value() else { continue };
            let wanted = user_id.is_none_or(|user_id| held.record.user_id() == Some(user_id));
            if wanted && self.is_live(held, realm, now) {
                let key = StoreKey::from_parts(*slot.key(), held.issued);
                found.push(SessionSummary::new(key, &held.record));
            }
        }
        found.sort_by_key(|summary| std::cmp::Reverse((summary.last_seen, summary.key)));
        found
    }

    fn end_surplus(&self, rotation: &Rotation<'_>, now: Timestamp) {
        let Some(user_id) = rotation.record.user_id() else {
            return;
        };
        let realm = &rotation.record.realm;
        let others = self.live_sessions(realm, Some(user_id), now);
        let others = others.iter().filter(|other| other.key != rotation.new);
        for surplus in others.skip(rotation.max_sessions.saturating_sub(1)) {
            // It may have ended by itself meanwhile, which is as good.
            _ = self.bury(&surplus.key, realm, Tombstone::Ended, now);
        }
    }

    fn guests_by_end(&self, realm: &Realm, now: Timestamp) -> Vec<(Timestamp, StoreKey)> {
        let mut found = Vec::new();
        for slot in &self.slots {
            if let Slot::Live(held) = slot.value()
                && held.subject == GUESTS
                && self.is_live(held, realm, now)
            {
                let key = StoreKey::from_parts(*slot.key(), held.issued);
                found.push((held.record.expires(), key));
            }
        }
        found.sort_unstable();
        found
    }

    /// Removes what stands under a key if it is past its time; otherwise says when to look again.
    fn sweep_slot(&self, hash: &Hash, now: Timestamp) -> (u64, Option<Timestamp>) {
        let Entry::Occupied(mut slot) = self.slots.entry(*hash) else {
            return (0, None);
        };
        match slot.get() {
            Slot::Tombstone { until, .. } if *until > now => (0, Some(*until)),
            Slot::Tombstone { .. } => {
                slot.remove();
                (1, None)
            }
            Slot::Live(held) => {
                let due = moment::later(held.record.expires(), AFTERLIFE);
                if due > now && !self.is_killed(held) {
                    return (0, Some(due));
                }
                let until = held.record.verifies_until;
                if until <= now {
                    slot.remove();
                    return (1, None);
                }
                slot.insert(Slot::Tombstone {
                    until,
                    told: Tombstone::Ended,
                });
                (1, Some(until))
            }
        }
    }
}

#[async_trait]
impl SessionStore for MemorySessionStore {
    async fn create(&self, key: &StoreKey, record: &Record, now: Timestamp) -> Result<(), CreateError> {
        self.insert_new(key, record, now)
    }

    async fn load(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<Loaded, StoreError> {
        let Some(slot) = self.slots.get(key.as_bytes()) else {
            let killed = self.was_killed(realm, GUESTS, key.issued(), now);
            return Ok(if killed {
                Loaded::Ended(Ending::Ended)
            } else {
                Loaded::Missing
            });
        };
        Ok(match slot.value() {
            Slot::Live(held) if self.is_live(held, realm, now) => Loaded::Live(Box::new(held.record.clone())),
            Slot::Live(_) => Loaded::Ended(Ending::Ended),
            Slot::Tombstone { told, .. } => told.loaded(now),
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
        self.with_live(key, realm, now, |record| record.apply(delta, usage))
    }

    async fn update(
        &self,
        key: &StoreKey,
        realm: &Realm,
        name: &str,
        change: &Change,
        now: Timestamp,
    ) -> Result<Option<Value>, MergeError> {
        self.with_live(key, realm, now, |record| record.change_value(name, change))
    }

    async fn touch(
        &self,
        key: &StoreKey,
        realm: &Realm,
        usage: Usage,
        now: Timestamp,
    ) -> Result<(), TouchError> {
        let used = self.with_live(key, realm, now, |record| {
            record.note_use(usage);
            Ok(())
        });
        match used {
            Err(MergeError::Gone(ending)) => Err(TouchError::Gone(ending)),
            Err(MergeError::Store(error)) => Err(TouchError::Store(error)),
            Ok(()) | Err(MergeError::Limit(_)) => Ok(()),
        }
    }

    async fn delete(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.bury(key, realm, Tombstone::Ended, now))
    }

    async fn rotate(&self, rotation: Rotation<'_>, now: Timestamp) -> Result<(), RotateError> {
        self.insert_new(&rotation.new, rotation.record, now)
            .map_err(|error| match error {
                CreateError::Killed => RotateError::Killed,
                CreateError::Store(error) => RotateError::Store(error),
                CreateError::Exists | CreateError::Ended(_) => RotateError::Taken,
            })?;
        match (&rotation.old, rotation.old_record) {
            (Some(old), OldRecord::MustLive) => {
                if let Err(ending) = self.replace_live(old, &rotation, now) {
                    self.slots.remove(rotation.new.as_bytes());
                    return Err(RotateError::Gone(ending));
                }
            }
            (Some(old), OldRecord::MayBeGone) => self.replace_any(old, &rotation, now),
            (None, _) => {}
        }
        self.end_surplus(&rotation, now);
        Ok(())
    }

    async fn kill(&self, realm: &Realm, whom: Kill<'_>, now: Timestamp) -> Result<u64, StoreError> {
        let subject = subject_of_kill(whom);
        let is_meant = |held: &Held| whom == Kill::Everyone || held.subject == subject;
        let mut ended = BTreeSet::new();
        for slot in &self.slots {
            if let Slot::Live(held) = slot.value()
                && is_meant(held)
                && self.is_live(held, realm, now)
            {
                ended.insert((now, *slot.key()));
            }
        }
        let count = ended.len() as u64;
        let mut generation = self.generations.entry((*realm, subject)).or_default();
        generation.number += 1;
        let before = generation.killed_at.filter(|at| *at <= latest_kill(now));
        generation.killed_at = before.max(Some(now));
        drop(generation);
        self.kills.fetch_add(1, Ordering::Release);
        self.queue().append(&mut ended);
        Ok(count)
    }

    async fn list(
        &self,
        realm: &Realm,
        user_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<SessionSummary>, StoreError> {
        Ok(self.live_sessions(realm, user_id, now))
    }

    async fn end_surplus_guests(
        &self,
        realm: &Realm,
        most: usize,
        budget: usize,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        // Without walking over them where there cannot be too many.
        if self.slots.len() <= most {
            return Ok(0);
        }
        let guests = self.guests_by_end(realm, now);
        let surplus = guests.len().saturating_sub(most).min(budget);
        let mut ended = 0;
        for (_, key) in guests.iter().take(surplus) {
            // It may have ended by itself meanwhile, which is as good.
            ended += u64::from(self.bury(key, realm, Tombstone::Ended, now));
        }
        Ok(ended)
    }

    async fn sweep(&self, now: Timestamp, budget: usize) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        for _ in 0..budget {
            let Some(next) = self.queue().first().copied().filter(|(due, _)| *due <= now) else {
                return Ok(swept);
            };
            self.queue().remove(&next);
            let (removed, again) = self.sweep_slot(&next.1, now);
            swept.removed += removed;
            if let Some(again) = again {
                self.queue().insert((again, next.1));
            }
        }
        swept.more = self.queue().first().is_some_and(|(due, _)| *due <= now);
        Ok(swept)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::store::acceptance::{at, guest_at, key, realm, run};

    fn in_memory() -> ((), Arc<dyn SessionStore>) {
        ((), Arc::new(MemorySessionStore::new()))
    }

    crate::acceptance_tests!(in_memory);

    #[test]
    fn a_sweep_of_old_sessions_leaves_nothing_behind() {
        let store = MemorySessionStore::new();
        run(async {
            for number in 0..200 {
                store.create(&key(number), &guest_at(0), at(0)).await.unwrap();
            }
            store.kill(&realm(), Kill::Guests, at(1)).await.unwrap();
            while store.sweep(at(100_000), 7).await.unwrap().more {}
        });
        assert!(store.slots.is_empty() && store.queue().is_empty());
    }
}

//! Things that several wikis share by place: made at the first asking, dropped with their last user.
//!
//! A registry of weak references; it keeps nothing alive. What must outlive its users (a memory store) is kept
//! by whoever made it.

use std::hash::Hash;
use std::sync::{Arc, Weak};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

/// One shared thing per key, as long as somebody uses it.
pub(crate) struct Shared<K, V: ?Sized> {
    living: DashMap<K, Weak<V>>,
}

impl<K: Eq + Hash, V: ?Sized> Shared<K, V> {
    pub(crate) fn new() -> Self {
        Shared {
            living: DashMap::new(),
        }
    }

    /// The living one, or a new one; never two at a time.
    pub(crate) fn get_or_make(&self, key: K, make: impl FnOnce() -> Arc<V>) -> Arc<V> {
        self.forget_the_dead();
        match self.living.entry(key) {
            Entry::Occupied(mut entry) => entry.get().upgrade().unwrap_or_else(|| {
                let made = make();
                entry.insert(Arc::downgrade(&made));
                made
            }),
            Entry::Vacant(entry) => {
                let made = make();
                entry.insert(Arc::downgrade(&made));
                made
            }
        }
    }

    /// The one for this key, if somebody uses it.
    pub(crate) fn living(&self, key: &K) -> Option<Arc<V>> {
        self.living.get(key)?.upgrade()
    }

    /// Keys of the dead are dropped when they may be many: whenever the table has outgrown its last doubling.
    fn forget_the_dead(&self) {
        let entries = self.living.len();
        if entries >= 64 && entries.is_power_of_two() {
            self.living.retain(|_, one| one.strong_count() > 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_is_one_thing_while_it_is_used() {
        let shared: Shared<u32, String> = Shared::new();
        let first = shared.get_or_make(1, || Arc::new("first".into()));
        assert_eq!(*shared.get_or_make(1, || Arc::new("second".into())), "first");
        assert_eq!(*shared.get_or_make(2, || Arc::new("other".into())), "other");
        drop(first);
        assert!(shared.living(&1).is_none());
        assert_eq!(*shared.get_or_make(1, || Arc::new("third".into())), "third");
    }

    #[test]
    fn many_short_lives_leave_no_trace() {
        let shared: Shared<u32, u32> = Shared::new();
        for key in 0..10_000 {
            assert_eq!(*shared.get_or_make(key, || Arc::new(key)), key);
        }
        assert!(shared.living.len() <= 64, "{}", shared.living.len());
    }
}

//! What a request changed in a session: keys set, keys removed, pages visited.
//!
//! Stores apply deltas to the record they hold, never whole sessions, so requests that write different
//! keys at the same time keep both. A delta is found by comparing with what was loaded, which is why a
//! list changed in place counts and an equal value set again does not.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::trail::{TrailEntry, add_visit};
use crate::value::{Values, WriteError, check_values};

/// The changes of one request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    /// Keys with their new values.
    pub set: Values,
    /// Keys that are gone.
    pub removed: BTreeSet<String>,
    /// Pages visited, oldest first.
    pub visits: Vec<TrailEntry>,
    /// How many entries the trail keeps when `visits` are added.
    pub trail_size: usize,
}

impl Delta {
    /// What leads from `old` to `new`.
    pub fn between(old: &Values, new: &Values) -> Delta {
        let set = new.iter().filter(|(key, value)| old.get(*key) != Some(*value));
        let removed = old.keys().filter(|key| !new.contains_key(*key));
        Delta {
            set: set.map(|(key, value)| (key.clone(), value.clone())).collect(),
            removed: removed.cloned().collect(),
            ..Delta::default()
        }
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.removed.is_empty() && self.visits.is_empty()
    }

    /// Whether it adds visits to the trail and changes no value.
    pub(crate) fn only_visits(&self) -> bool {
        !self.visits.is_empty() && !self.changes_values()
    }

    /// Whether it sets or removes a value.
    pub(crate) fn changes_values(&self) -> bool {
        !(self.set.is_empty() && self.removed.is_empty())
    }

    /// Applies it to the values and the trail that a store holds.
    ///
    /// # Errors
    /// * Any limit of [`WriteError`] that the values would then break, as parallel requests together
    ///   may; `values` are to be thrown away then.
    pub fn apply(&self, values: &mut Values, trail: &mut Vec<TrailEntry>) -> Result<(), WriteError> {
        self.change_values(values)?;
        self.add_visits(trail);
        Ok(())
    }

    /// Its part that concerns the trail.
    pub(crate) fn add_visits(&self, trail: &mut Vec<TrailEntry>) {
        for entry in &self.visits {
            add_visit(trail, entry, self.trail_size);
        }
    }

    /// Its part that concerns the values; they are to be thrown away when it fails.
    pub(crate) fn change_values(&self, values: &mut Values) -> Result<(), WriteError> {
        for key in &self.removed {
            values.remove(key);
        }
        for (key, value) in &self.set {
            values.insert(key.clone(), value.clone());
        }
        if self.set.is_empty() {
            Ok(())
        } else {
            check_values(values)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::Value;

    fn values(pairs: &[(&str, i64)]) -> Values {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Value::from(*value)))
            .collect()
    }

    #[test]
    fn equal_values_are_no_change() {
        assert!(Delta::between(&values(&[("a", 1)]), &values(&[("a", 1)])).is_empty());
    }

    #[test]
    fn sets_and_removals_are_found_per_key() {
        let delta = Delta::between(
            &values(&[("a", 1), ("b", 2), ("c", 3)]),
            &values(&[("a", 1), ("b", 9), ("d", 4)]),
        );
        assert_eq!(delta.set, values(&[("b", 9), ("d", 4)]));
        assert_eq!(delta.removed.into_iter().collect::<Vec<_>>(), ["c"]);
    }

    #[test]
    fn two_deltas_of_different_keys_are_both_kept() {
        let base = values(&[("a", 1)]);
        let one = Delta::between(&base, &values(&[("a", 1), ("b", 2)]));
        let two = Delta::between(&base, &values(&[("c", 3)]));
        let (mut held, mut trail) = (base, Vec::new());
        one.apply(&mut held, &mut trail).unwrap();
        two.apply(&mut held, &mut trail).unwrap();
        assert_eq!(held, values(&[("b", 2), ("c", 3)]));
    }

    #[test]
    fn deltas_that_together_are_too_much_are_refused() {
        let big = |key: &str| Values::from([(key.to_owned(), Value::from("x".repeat(40_000)))]);
        let (mut held, mut trail) = (big("a"), Vec::new());
        let delta = Delta::between(&Values::new(), &big("b"));
        assert!(matches!(
            delta.apply(&mut held, &mut trail),
            Err(WriteError::TooLarge(_))
        ));
    }

    proptest! {
        #[test]
        fn a_delta_leads_from_old_to_new(
            old in proptest::collection::btree_map("[a-e]", 0i64..3, 0..5),
            new in proptest::collection::btree_map("[a-e]", 0i64..3, 0..5),
        ) {
            let values = |map: std::collections::BTreeMap<String, i64>| {
                map.into_iter().map(|(key, value)| (key, Value::from(value))).collect::<Values>()
            };
            let (mut old, new) = (values(old), values(new));
            Delta::between(&old, &new).apply(&mut old, &mut Vec::new()).unwrap();
            prop_assert_eq!(old, new);
        }
    }
}

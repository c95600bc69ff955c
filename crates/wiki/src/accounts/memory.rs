//! Accounts in memory: for tests and throw-away farms; gone when the process ends.
//!
//! One lock around two maps; nothing waits while it is held.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{CreateUserError, User, UserChange, UserName, UserStore, UserStoreError};

/// Keeps accounts until the process ends.
#[derive(Debug, Default)]
pub struct MemoryUserStore {
    accounts: Mutex<AccountMaps>,
}

#[derive(Debug, Default)]
struct AccountMaps {
    by_id: BTreeMap<String, User>,
    ids_by_folded_name: BTreeMap<String, String>,
}

impl MemoryUserStore {
    /// An empty store.
    pub fn new() -> MemoryUserStore {
        MemoryUserStore::default()
    }

    fn lock(&self) -> MutexGuard<'_, AccountMaps> {
        // No code panics between two changes of the maps, so a poisoned lock guards sound maps.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl UserStore for MemoryUserStore {
    async fn create(&self, user: &User) -> Result<(), CreateUserError> {
        let mut maps = self.lock();
        if maps.ids_by_folded_name.contains_key(user.name.folded()) || maps.by_id.contains_key(&user.id) {
            return Err(CreateUserError::NameTaken);
        }
        maps.ids_by_folded_name
            .insert(user.name.folded().to_owned(), user.id.clone());
        maps.by_id.insert(user.id.clone(), user.clone());
        Ok(())
    }

    async fn by_id(&self, id: &str) -> Result<Option<User>, UserStoreError> {
        Ok(self.lock().by_id.get(id).cloned())
    }

    async fn by_name(&self, name: &UserName) -> Result<Option<User>, UserStoreError> {
        let maps = self.lock();
        let id = maps.ids_by_folded_name.get(name.folded());
        Ok(id.and_then(|id| maps.by_id.get(id)).cloned())
    }

    async fn list(&self) -> Result<Vec<User>, UserStoreError> {
        let maps = self.lock();
        Ok(maps
            .ids_by_folded_name
            .values()
            .filter_map(|id| maps.by_id.get(id))
            .cloned()
            .collect())
    }

    async fn change(&self, id: &str, change: &UserChange) -> Result<Option<User>, UserStoreError> {
        let mut maps = self.lock();
        let Some(user) = maps.by_id.get_mut(id) else {
            return Ok(None);
        };
        change.apply(user);
        Ok(Some(user.clone()))
    }

    async fn delete(&self, id: &str) -> Result<bool, UserStoreError> {
        let mut maps = self.lock();
        let Some(user) = maps.by_id.remove(id) else {
            return Ok(false);
        };
        maps.ids_by_folded_name.remove(user.name.folded());
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::acceptance;

    #[tokio::test]
    async fn the_memory_store_passes_the_acceptance_suite() {
        acceptance::run(|| std::sync::Arc::new(MemoryUserStore::new())).await;
    }
}

//! Values that many requests change at once: a change made in the store, as one step that loses no other's.
//!
//! A plain write is merged at the request's end, and of two that write one key the later wins. That is right
//! for a language and wrong for a counter. Here the store is asked at once, and the session goes on with
//! what it answers, so that it reads its own change. Where nothing can be stored the change lives for the
//! request, as any other write.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Session, Standing};
use crate::handler::records;
use crate::hooks::{SessionEvent, SessionHooks, SessionNotice};
use crate::id::StoreKey;
use crate::realm::Realm;
use crate::store::{Change, CreateError, Loaded, MergeError, SessionStore, StoreError};
use crate::value::{Value, Values, WriteError, check_key, check_values};

/// The store for changes in the middle of a request, and the request's moment.
#[derive(Clone)]
pub(crate) struct LentStore {
    store: Arc<dyn SessionStore>,
    hooks: Option<Arc<dyn SessionHooks>>,
    now: Timestamp,
}

/// Why a value was not changed. The session is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The key is reserved, or the session would break a limit.
    #[error(transparent)]
    Refused(#[from] WriteError),
    /// What stands there is no whole number, so nothing can be added to it.
    #[error("the session's value for {0:?} is no whole number, so it cannot count")]
    NotANumber(String),
    /// The store is down.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Session {
    /// Replaces the value for `key` by what `change` makes of it (`None` = no value) and returns the new
    /// one. In a stored session that is one step in the store: of a hundred requests that add one at the
    /// same time, each counts. `change` must be quick and may be called several times.
    ///
    /// It is not taken back when the request fails later. What this request wrote under `key` before counts
    /// as what stood there.
    ///
    /// # Errors
    /// * [`ChangeError::Refused`] for reserved keys and broken limits;
    /// * [`ChangeError::Store`] when the store is down.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use grange_session::{Session, Value};
    ///
    /// let mut session = Session::for_test([("best", 7)], None);
    /// let at_least_nine = |best: Option<&Value>| match best {
    ///     Some(Value::Int(best)) if *best > 9 => Some(Value::Int(*best)),
    ///     _ => Some(Value::Int(9)),
    /// };
    /// assert_eq!(session.change("best", at_least_nine).await?, Some(Value::Int(9)));
    /// assert_eq!(session.get("best"), Some(&Value::Int(9)));
    /// # Ok::<_, grange_session::ChangeError>(()) }).unwrap();
    /// ```
    pub async fn change<F>(&mut self, key: &str, change: F) -> Result<Option<Value>, ChangeError>
    where
        F: Fn(Option<&Value>) -> Option<Value> + Send + Sync + 'static,
    {
        check_key(key)?;
        self.mark_used();
        let mine = self.values.get(key).cloned();
        let change: Change = match self.original.get(key) == mine.as_ref() {
            true => Arc::new(change),
            false => Arc::new(move |_| change(mine.as_ref())),
        };
        match self.change_in_store(key, &change).await? {
            InStore::Done(value) => {
                self.note_changed(key, value.as_ref());
                Ok(value)
            }
            InStore::Nowhere => self.change_here(key, &change),
        }
    }

    /// Adds `by` to the whole number for `key` (0 where there is none) and returns the sum, as
    /// [`Session::change`] does: no other request's addition is lost.
    ///
    /// # Errors
    /// * [`ChangeError::NotANumber`] when something else stands there;
    /// * as [`Session::change`] otherwise.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use grange_session::Session;
    ///
    /// let mut session = Session::for_test([("visits", 4)], None);
    /// assert_eq!(session.count("visits", 1).await?, 5);
    /// assert_eq!(session.count("new", 2).await?, 2);
    /// # Ok::<_, grange_session::ChangeError>(()) }).unwrap();
    /// ```
    pub async fn count(&mut self, key: &str, by: i64) -> Result<i64, ChangeError> {
        let sum = self
            .change(key, move |before| match before {
                None => Some(Value::Int(by)),
                Some(Value::Int(number)) => Some(Value::Int(number.saturating_add(by))),
                Some(other) => Some(other.clone()),
            })
            .await?;
        match sum {
            Some(Value::Int(sum)) => Ok(sum),
            _ => Err(ChangeError::NotANumber(key.to_owned())),
        }
    }

    /// Lets the session change values in the store before the request's end.
    pub(crate) fn lend_store(
        &mut self,
        store: Arc<dyn SessionStore>,
        hooks: Option<Arc<dyn SessionHooks>>,
        now: Timestamp,
    ) {
        self.lent = Some(LentStore { store, hooks, now });
    }

    async fn change_in_store(&mut self, key: &str, change: &Change) -> Result<InStore, ChangeError> {
        // After a login or a reset the values belong to a session that begins at the request's end.
        let (None, Some(lent)) = (self.switch, self.lent.clone()) else {
            return Ok(InStore::Nowhere);
        };
        if matches!(self.standing, Standing::Pending(_)) {
            self.begin_now(&lent).await?;
        }
        let Some((stored, realm)) = self.stored_under() else {
            return Ok(InStore::Nowhere);
        };
        match lent.store.update(&stored, &realm, key, change, lent.now).await {
            Ok(value) => Ok(InStore::Done(value)),
            // It has ended meanwhile; the request's end will say so to the browser.
            Err(MergeError::Gone(_)) => Ok(InStore::Nowhere),
            Err(MergeError::Limit(why)) => Err(why.into()),
            Err(MergeError::Store(error)) => Err(error.into()),
        }
    }

    fn stored_under(&self) -> Option<(StoreKey, Realm)> {
        match &self.standing {
            Standing::Stored(id, record) => Some((*id.key(), record.realm)),
            Standing::Outside(key, Some(record)) => Some((*key, record.realm)),
            _ => None,
        }
    }

    /// Makes the record of a visitor who sent a pending id back; a parallel request's will do as well.
    async fn begin_now(&mut self, lent: &LentStore) -> Result<(), ChangeError> {
        let (Standing::Pending(id), Some(policy)) = (&self.standing, self.policy.clone()) else {
            return Ok(());
        };
        let (id, key) = (id.clone(), *id.key());
        let Some(lifetime) = policy.lifetimes.for_visitor() else {
            return Ok(());
        };
        let mut record = records::new_record(&policy, self, &key, &lifetime, lent.now);
        record.cookie_until = records::cookie_end_of_pending(&policy, &key, &lifetime);
        // What was written so far may yet be taken back, and is merged at the request's end.
        (record.values, record.trail) = (Arc::default(), Arc::default());
        match lent.store.create(&key, &record, lent.now).await {
            Ok(()) => {
                if let Some(hooks) = &lent.hooks {
                    hooks.notice(&SessionNotice {
                        wiki: &policy.wiki,
                        at: lent.now,
                        event: SessionEvent::Created,
                    });
                }
            }
            Err(CreateError::Exists) => {}
            Err(CreateError::Ended(_) | CreateError::Killed) => return Ok(()),
            Err(CreateError::Store(error)) => return Err(error.into()),
        }
        if let Loaded::Live(record) = lent.store.load(&key, &policy.realm, lent.now).await? {
            self.adopt(record.values.as_ref());
            self.standing = Standing::Stored(id, record);
        }
        Ok(())
    }

    /// Goes on from other values in the store, with what this request wrote on top.
    fn adopt(&mut self, stored: &Values) {
        let mut values = stored.clone();
        // Limits are kept at the request's end, as for values changed in place.
        _ = self.changes().change_values(&mut values);
        self.original = Arc::new(stored.clone());
        self.values = Arc::new(values);
    }

    /// The store holds this now: it is no change of the request's any more.
    fn note_changed(&mut self, key: &str, value: Option<&Value>) {
        for values in [&mut self.original, &mut self.values] {
            set(Arc::make_mut(values), key, value.cloned());
        }
        self.changed_in_store.push(key.to_owned());
    }

    fn change_here(&mut self, key: &str, change: &Change) -> Result<Option<Value>, ChangeError> {
        let value = change(self.values.get(key));
        let mut values = Arc::clone(&self.values);
        set(Arc::make_mut(&mut values), key, value.clone());
        check_values(&values)?;
        self.values = values;
        Ok(value)
    }
}

enum InStore {
    Done(Option<Value>),
    /// There is no record, and will be none before the request's end.
    Nowhere,
}

fn set(values: &mut Values, key: &str, value: Option<Value>) {
    match value {
        Some(value) => values.insert(key.to_owned(), value),
        None => values.remove(key),
    };
}

#[cfg(test)]
mod tests;

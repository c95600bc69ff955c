//! Sessions that a handler outside this crate opens, and what it must know to finish them.
//!
//! A [`SessionHandler`](crate::SessionHandler) of one's own finds a visitor by whatever it likes, makes a
//! session of what its store holds ([`Session::opened`]), and at the request's end asks for the
//! [changes](Session::changes) and the [wish](Session::wish). It owes the same as ours: an id that was not
//! proved reaches no store, what has ended never begins again, and a store that is down costs nobody a page.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Session, Standing};
use crate::browser::browser_family;
use crate::handler::{records, savable_changes};
use crate::id::StoreKey;
use crate::identity::{Identity, Remember};
use crate::login::{Renewal, Switch};
use crate::policy::SessionPolicy;
use crate::record::Record;
use crate::store::{MergeError, SessionStore, Usage};

/// What a handler found out about a visitor.
#[derive(Debug, Clone)]
pub enum Found {
    /// A visitor who proved nothing: nothing can be kept.
    Nobody,
    /// A visitor who proved to be who comes under this key; nothing is stored yet.
    Returning(StoreKey),
    /// A stored session, as the store gave it.
    Stored(StoreKey, Box<Record>),
    /// The store did not answer, so who the visitor is cannot be known.
    StoreDown,
}

/// What a request wants to become of its session's id and user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Nothing.
    Keep,
    /// A new session of [`Session::identity`].
    LogIn {
        /// Whether this device is to be remembered.
        remember: Remember,
    },
    /// The session is to end.
    LogOut,
    /// The same login is to go on under a new id.
    NewId,
}

impl Session {
    /// The session of a request that a handler of one's own opened, on a wiki with this policy.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use grange_session::{Found, Session, SessionPolicy, StoreKey};
    ///
    /// # fn open(policy: Arc<SessionPolicy>, now: jiff::Timestamp) {
    /// let key = StoreKey::from_parts([7; 32], now);
    /// let session = Session::opened(policy, Found::Returning(key));
    /// assert!(!session.is_new() && !session.is_stored());
    /// # }
    /// ```
    pub fn opened(policy: Arc<SessionPolicy>, found: Found) -> Session {
        let standing = match found {
            Found::Nobody => Standing::New,
            Found::Returning(key) => Standing::Outside(key, None),
            Found::Stored(key, record) => Standing::Outside(key, Some(record)),
            Found::StoreDown => Standing::Unknown,
        };
        Session::new(standing, Some(policy), "other")
    }

    /// The same session, able to [change](Session::change) values of its record in this store.
    #[must_use]
    pub fn with_store(mut self, store: Arc<dyn SessionStore>, now: Timestamp) -> Session {
        self.lend_store(store, None, now);
        self
    }

    /// Saves what an ordinary request changed in the stored session that [`Session::opened`] was given, and
    /// writes its use down when that is due. Values that no session can hold are dropped.
    ///
    /// # Errors
    /// * As [`SessionStore::merge`]. None is a reason not to send the page.
    pub async fn save(&self, store: &dyn SessionStore, now: Timestamp) -> Result<(), MergeError> {
        let Standing::Outside(key, Some(record)) = &self.standing else {
            return Ok(());
        };
        let delta = savable_changes(self);
        let due = self.is_marked() || record.touch_is_due(now);
        let usage = due.then_some(Usage {
            seen: now,
            cookie_until: None,
        });
        match (delta.is_empty(), usage) {
            (true, None) => Ok(()),
            (_, usage) => store.merge(key, &record.realm, &delta, usage, now).await,
        }
    }

    /// Whether it was opened by [`Session::opened`] for somebody, so that the handler that did so must
    /// finish it.
    pub fn is_of_another_handler(&self) -> bool {
        matches!(self.standing, Standing::Outside(..))
    }

    /// What the request wants to become of the session's id and user. A handler that cannot do so answers
    /// with a [`FinishError`](crate::FinishError).
    pub fn wish(&self) -> Wish {
        match self.switch {
            None => Wish::Keep,
            Some(Switch::LogIn { remember }) => Wish::LogIn { remember },
            Some(Switch::LogOut) => Wish::LogOut,
            // Nobody asked for it; the next request tries again.
            Some(Switch::Renew(Renewal::Overdue | Renewal::WrongClock)) => Wish::Keep,
            Some(Switch::Renew(_)) => Wish::NewId,
        }
    }
}

impl Record {
    /// The record of a login that begins on a wiki with this policy; `None` where logging in is disabled.
    pub fn of_login(
        policy: &SessionPolicy,
        key: &StoreKey,
        identity: Identity,
        user_agent: Option<&str>,
        now: Timestamp,
    ) -> Option<Record> {
        let lifetime = policy.lifetimes.for_login(Remember::No)?;
        let mut record = records::new_record(policy, &Session::unsaved(), key, &lifetime, now);
        let about = Arc::make_mut(&mut record.about);
        about.identity = Some(identity);
        about.browser = browser_family(user_agent).to_owned();
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, identity, policy};

    fn key() -> StoreKey {
        StoreKey::from_parts([7; 32], at(0))
    }

    fn stored() -> Session {
        let policy = Arc::new(policy());
        let record = Record::of_login(&policy, &key(), identity("u1", at(0)), None, at(0)).unwrap();
        Session::opened(policy, Found::Stored(key(), Box::new(record)))
    }

    #[test]
    fn what_was_found_decides_what_can_be_kept() {
        let open = |found| Session::opened(Arc::new(policy()), found);
        let nobody = open(Found::Nobody);
        assert!(nobody.is_new() && !nobody.is_stored() && !nobody.is_of_another_handler());
        let returning = open(Found::Returning(key()));
        assert!(!returning.is_new() && !returning.is_stored() && returning.is_of_another_handler());
        let down = open(Found::StoreDown);
        assert!(down.is_new() && down.store_is_down());
        let stored = stored();
        assert!(!stored.is_new() && stored.is_stored() && stored.is_of_another_handler());
        assert_eq!((stored.key(), stored.identity().is_some()), (Some(key()), true));
    }

    #[test]
    fn wishes_are_told_as_they_were_made() {
        let mut session = stored();
        assert_eq!(session.wish(), Wish::Keep);
        session.reset();
        assert_eq!(session.wish(), Wish::NewId);
        session.log_out();
        assert_eq!(session.wish(), Wish::LogOut);
        let remember = Remember::Yes;
        session.log_in(identity("u2", at(0)), remember);
        assert_eq!(session.wish(), Wish::LogIn { remember });
    }

    #[test]
    fn a_login_record_has_the_wikis_lifetimes_and_none_where_logins_are_off() {
        let mut policy = policy();
        let record = Record::of_login(&policy, &key(), identity("u1", at(0)), Some("curl/8"), at(0)).unwrap();
        assert_eq!((record.user_id(), record.about.idle), (Some("u1"), 43_200_000));
        policy.lifetimes = crate::Lifetimes::from_pair(0.0, 0.0).unwrap();
        assert!(Record::of_login(&policy, &key(), identity("u1", at(0)), None, at(0)).is_none());
    }
}

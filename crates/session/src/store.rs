//! Where sessions live: the trait every store implements, and its errors per operation.
//!
//! The contract in one sentence: *create* must not find, *merge* and *touch* must find, there is no
//! upsert, and whoever was killed stays killed. `store/acceptance.rs` says it in claims that every
//! store passes, races included. Stores know keys (hashes) and records, never ids or cookies.

use std::error::Error;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::delta::Delta;
use crate::id::StoreKey;
use crate::identity::{LoginLink, Remember};
use crate::realm::Realm;
use crate::record::Record;
use crate::value::{Value, WriteError};

#[cfg(any(test, feature = "acceptance"))]
pub mod acceptance;
#[cfg(feature = "actix-session")]
mod actix;
#[cfg(feature = "postgres")]
mod background;
mod generation;
mod measured;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
mod sqlite;
mod tombstone;
mod written;

#[cfg(feature = "actix-session")]
pub use actix::{ActixSessions, BASE as ACTIX_BASE};
pub use measured::{Measured, MeasuredStore, STORE_BUCKETS, StoreMeter, StoreOperation};
pub use memory::MemorySessionStore;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresAddress, PostgresAddressError, PostgresSessionStore};
#[cfg(feature = "redis")]
pub use redis::{RedisAddress, RedisAddressError, RedisAdvice, RedisSessionStore};
pub use sqlite::SqliteSessionStore;
pub use tombstone::Tombstone;

/// The name that stands for all visitors who are not logged in, where a user's name could stand.
pub const GUEST_USER: &str = "__guest__";

/// How long after its end a session's state may still be of use to a request in flight: tombstones
/// stand and expired records stay at least this long.
pub const AFTERLIFE: std::time::Duration = std::time::Duration::from_secs(60 * 60);

/// So many sessions of guests a realm may have. It is no promise: between two sweeps there may be more.
pub const MOST_GUESTS: usize = 100_000;

/// Keeps sessions.
///
/// All operations are atomic, also between processes where the store is shared, and all but `kill`,
/// `list`, `end_surplus_guests` and `sweep` concern one session. `now` is never read from a clock.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Makes a record under a key that has none, with the generations in force.
    ///
    /// # Errors
    /// * [`CreateError::Exists`] when a live record has the key: merge into it;
    /// * [`CreateError::Ended`] when one had it;
    /// * [`CreateError::Killed`] when the id was issued at or before the last kill that concerns it,
    ///   unless that lies more than five minutes ahead of `now`: the clock was set back;
    /// * [`CreateError::Store`] when the store is down.
    async fn create(&self, key: &StoreKey, record: &Record, now: Timestamp) -> Result<(), CreateError>;

    /// What stands under a key. A record that is expired, killed, unreadable or of another realm has
    /// ended; so has a missing one that could not be created because of a kill.
    ///
    /// # Errors
    /// * [`StoreError`] when the store is down.
    async fn load(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<Loaded, StoreError>;

    /// Applies a delta to a live record, and writes a use down with it where one is given.
    ///
    /// # Errors
    /// * [`MergeError::Gone`] when there is no live record (any more);
    /// * [`MergeError::Limit`] when the record would break a limit; nothing is changed;
    /// * [`MergeError::Store`] when the store is down.
    async fn merge(
        &self,
        key: &StoreKey,
        realm: &Realm,
        delta: &Delta,
        usage: Option<Usage>,
        now: Timestamp,
    ) -> Result<(), MergeError>;

    /// Adds a delta's visits to the trail of a record that this request loaded, and nothing else. A store
    /// may write them down a moment later, together with those of others; loads through it see them at
    /// once. Of a record that ended meanwhile it need not say so.
    ///
    /// # Errors
    /// As [`SessionStore::merge`], which it is unless a store knows better.
    async fn visit(
        &self,
        key: &StoreKey,
        realm: &Realm,
        delta: &Delta,
        now: Timestamp,
    ) -> Result<(), MergeError> {
        self.merge(key, realm, delta, None, now).await
    }

    /// Replaces the value of one key of a live record by what `change` makes of it (`None` = no
    /// value), as one step that loses no other's. Returns the new value. `change` must be quick and
    /// may be called several times.
    ///
    /// # Errors
    /// As [`SessionStore::merge`].
    async fn update(
        &self,
        key: &StoreKey,
        realm: &Realm,
        name: &str,
        change: &Change,
        now: Timestamp,
    ) -> Result<Option<Value>, MergeError>;

    /// Writes a use of a live record down and changes nothing else.
    ///
    /// # Errors
    /// * [`TouchError::Gone`] when there is no live record (any more);
    /// * [`TouchError::Store`] when the store is down.
    async fn touch(
        &self,
        key: &StoreKey,
        realm: &Realm,
        usage: Usage,
        now: Timestamp,
    ) -> Result<(), TouchError>;

    /// Ends a record and leaves a tombstone. Returns whether there was a live one.
    ///
    /// # Errors
    /// * [`StoreError`] when the store is down; the record may live on then.
    async fn delete(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<bool, StoreError>;

    /// Makes the new record and ends the old one in one step, the new before the old, and ends the
    /// user's sessions beyond the allowed number, the longest unused first.
    ///
    /// # Errors
    /// * [`RotateError::Gone`] when the old one had to live and does not;
    /// * [`RotateError::Taken`] when the new key is not new;
    /// * [`RotateError::Killed`] when a kill that concerns it came after the new id was issued;
    /// * [`RotateError::Store`] when the store is down; nothing is changed then.
    async fn rotate(&self, rotation: Rotation<'_>, now: Timestamp) -> Result<(), RotateError>;

    /// Ends sessions at once by raising a generation, also against saves in flight, whatever their
    /// number. Returns how many that were.
    ///
    /// # Errors
    /// * [`StoreError`] when the store is down; nobody was killed then.
    async fn kill(&self, realm: &Realm, whom: Kill<'_>, now: Timestamp) -> Result<u64, StoreError>;

    /// The live sessions of a user, or of all users and guests, latest used first.
    ///
    /// # Errors
    /// * [`StoreError`] when the store is down.
    async fn list(
        &self,
        realm: &Realm,
        user_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<SessionSummary>, StoreError>;

    /// A part of what [`SessionStore::list`] gives: so many sessions behind the first `skip`, and how many
    /// there are in all. A store that has very many does better than to list them all for it.
    ///
    /// # Errors
    /// * [`StoreError`] when the store is down.
    async fn list_part(
        &self,
        realm: &Realm,
        user_id: Option<&str>,
        skip: usize,
        most: usize,
        now: Timestamp,
    ) -> Result<ListPart, StoreError> {
        let all = self.list(realm, user_id, now).await?;
        Ok(ListPart {
            total: all.len() as u64,
            sessions: all.into_iter().skip(skip).take(most).collect(),
        })
    }

    /// Ends guests' sessions of a realm that has more than `most`, up to `budget` of them and never a user's; those
    /// first that would end soonest, which of equal lifetimes are the longest unused. Returns how many that were.
    ///
    /// Called now and then beside [`SessionStore::sweep`], so that robots fill no store. It may count those that have
    /// ended and were not swept yet.
    ///
    /// # Errors
    /// * [`StoreError`] when the store is down.
    async fn end_surplus_guests(
        &self,
        realm: &Realm,
        most: usize,
        budget: usize,
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// Removes up to `budget` things that nobody can need any more, of all realms: records an hour
    /// after their end, killed records, tombstones past their time.
    ///
    /// # Errors
    /// * [`StoreError`] when the store is down.
    async fn sweep(&self, now: Timestamp, budget: usize) -> Result<Swept, StoreError>;
}

/// What makes a new value of the old one, for [`SessionStore::update`].
pub type Change = std::sync::Arc<dyn Fn(Option<&Value>) -> Option<Value> + Send + Sync>;

/// What stands under a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded {
    /// A live record.
    Live(Box<Record>),
    /// Nothing, and nothing is known of the key.
    Missing,
    /// The session under this key has ended, or its pending id may not begin one.
    Ended(Ending),
    /// The session goes on under this key, and whoever comes with the old one may read it for a moment.
    Renewed(StoreKey),
}

/// How a record ended. A [`Tombstone`] tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Another took its place: the browser has, or will have, the new cookie, and no other may arrive
    /// behind it.
    Replaced,
    /// Nothing took its place; or, to who loads it, that is more than a minute ago.
    Ended,
}

/// A use of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// When. The record keeps the latest.
    pub seen: Timestamp,
    /// Until when the browser keeps the cookie, where it is sent again.
    pub cookie_until: Option<Timestamp>,
}

/// A record that takes the place of another.
#[derive(Debug, Clone, Copy)]
pub struct Rotation<'a> {
    /// The key that must be dead afterwards.
    pub old: Option<StoreKey>,
    /// Whether a record must live under it.
    pub old_record: OldRecord,
    /// What requests get that are on their way with the old key.
    pub on_their_way: OnTheirWay,
    /// How long the old key's tombstone stands when there is no record that says so.
    pub old_verifies_until: Timestamp,
    /// The new key.
    pub new: StoreKey,
    /// The new record.
    pub record: &'a Record,
    /// How many sessions its user may have.
    pub max_sessions: usize,
}

/// Whether the old record of a rotation must live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldRecord {
    /// It must: the new record continues it.
    MustLive,
    /// It need not: a login proves itself.
    MayBeGone,
}

/// What requests get that are on their way while their id is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnTheirWay {
    /// Nothing: the old id is dead at once.
    Refused,
    /// The session that goes on, to read, for half a minute: the user is the same.
    Follow,
}

/// Whose sessions to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill<'a> {
    /// This user's.
    User(&'a str),
    /// Those of all who are not logged in.
    Guests,
    /// All of the realm.
    Everyone,
}

/// A session as its owner sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSummary {
    /// The store's key; its [label](StoreKey::label) is for people.
    pub key: StoreKey,
    /// Who logged in; `None` = a guest.
    pub user_id: Option<String>,
    /// Whom a superuser acts as.
    pub acting: Option<String>,
    /// When it began.
    pub created: Timestamp,
    /// When it was last seen in use.
    pub last_seen: Timestamp,
    /// The wiki where it began.
    pub wiki: String,
    /// The browser's family.
    pub browser: String,
    /// Whether the user asked to be remembered.
    pub remember: Remember,
    /// The login on several hosts that it is part of.
    pub link: Option<LoginLink>,
}

impl SessionSummary {
    /// What a list shows of a record.
    pub fn new(key: StoreKey, record: &Record) -> SessionSummary {
        let about = &record.about;
        SessionSummary {
            key,
            user_id: record.user_id().map(str::to_owned),
            acting: about.acting.as_ref().map(|acting| acting.user_id.clone()),
            created: about.created,
            last_seen: record.seen,
            wiki: about.wiki.clone(),
            browser: about.browser.clone(),
            remember: about.remember,
            link: about.link.clone(),
        }
    }
}

/// A part of a list of sessions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListPart {
    /// The sessions of this part, latest used first.
    pub sessions: Vec<SessionSummary>,
    /// How many sessions the whole list has.
    pub total: u64,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// How many things were removed.
    pub removed: u64,
    /// Whether there may be more to remove.
    pub more: bool,
}

/// The store cannot answer. No cookie is ever removed because of it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is down, full, damaged or out of reach.
    #[error("the session store is down: {0}")]
    Down(#[source] Box<dyn Error + Send + Sync>),
    /// Its format is newer than this program.
    #[error("the session store has format {found}, this program knows {known}; use a newer one")]
    TooNew {
        /// The format found.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
}

impl StoreError {
    /// The store is down because of `cause`.
    pub fn down(cause: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
        StoreError::Down(cause.into())
    }
}

/// Why a record was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// A live record has the key.
    #[error("there is a session under this key")]
    Exists,
    /// A record had the key and has ended.
    #[error("the session under this key has ended")]
    Ended(Ending),
    /// The id is older than a kill that concerns it.
    #[error("all sessions of that time were ended")]
    Killed,
    /// The store is down.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a delta was not applied.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// There is no live record (any more).
    #[error("the session has ended")]
    Gone(Ending),
    /// The record would break a limit.
    #[error(transparent)]
    Limit(#[from] WriteError),
    /// The store is down.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a use was not written down.
#[derive(Debug, thiserror::Error)]
pub enum TouchError {
    /// There is no live record (any more).
    #[error("the session has ended")]
    Gone(Ending),
    /// The store is down.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a record did not take the place of another.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The old record has ended.
    #[error("the session has ended")]
    Gone(Ending),
    /// The new key is not new.
    #[error("there is, or was, a session under the new key")]
    Taken,
    /// A kill came after the new id was issued.
    #[error("all sessions of that time were ended")]
    Killed,
    /// The store is down.
    #[error(transparent)]
    Store(#[from] StoreError),
}

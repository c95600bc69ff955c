//! The dict that macros and handlers see, and what it remembers of the request.
//!
//! A `Session` lives for one request: the handler opens it, everybody reads and writes, the handler
//! finishes it. It finds its changes by comparing with what was loaded, so values changed in place
//! count. Its verbs are in session/verbs.rs; `change` and `count` alone reach the store before the end
//! (session/change.rs). Writing to the session of a visitor who has not come back yet is no error: the
//! value lives for this request. Who is logged in, and changes of that, are in login.rs.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use crate::delta::Delta;
use crate::id::{SessionId, StoreKey};
use crate::identity::{Acting, Identity, LoginLink};
use crate::login::Switch;
use crate::policy::SessionPolicy;
use crate::record::Record;
use crate::store::Ending;
use crate::trail::{TrailEntry, add_visit};
use crate::value::{Value, Values};

mod change;
mod dict;
mod opened;
mod verbs;

pub use change::ChangeError;
pub(crate) use change::LentStore;
pub use dict::SessionDict;
pub use opened::{Found, Wish};

/// Names longer than this are not kept in a trail.
const MAX_TRAIL_NAME: usize = 1024;

/// One visitor's session during one request.
pub struct Session {
    pub(crate) standing: Standing,
    /// What is kept beyond login and logout; `None` outside a wiki.
    pub(crate) policy: Option<Arc<SessionPolicy>>,
    pub(crate) browser: &'static str,
    pub(crate) identity: Option<Identity>,
    pub(crate) acting: Option<Acting>,
    pub(crate) switch: Option<Switch>,
    pub(crate) link: Option<LoginLink>,
    /// When a login that was handed over must end.
    pub(crate) ends: Option<Timestamp>,
    pub(crate) original: Arc<Values>,
    pub(crate) values: Arc<Values>,
    pub(crate) trail: Arc<Vec<TrailEntry>>,
    pub(crate) visits: Vec<TrailEntry>,
    pub(crate) trail_size: usize,
    marked: bool,
    /// Keys whose values were changed in the store already.
    pub(crate) changed_in_store: Vec<String>,
    pub(crate) lent: Option<LentStore>,
    /// Written out when it is asked for first.
    key_text: OnceLock<String>,
    used: AtomicBool,
}

/// What is known of the visitor's session.
#[derive(Debug, Clone)]
pub(crate) enum Standing {
    /// The visitor sent no cookie of ours.
    New,
    /// The visitor sent a cookie of ours whose session has ended.
    Ended(SessionId, Ending),
    /// The visitor sent our pending id back; nothing is stored yet.
    Pending(SessionId),
    /// A stored session.
    Stored(SessionId, Box<Record>),
    /// A stored session under the id before its present one: to read, for a moment.
    Renewed(StoreKey, Box<Record>),
    /// A stored session that lives, but that this wiki's settings do not let in. It is left alone.
    Asleep(SessionId),
    /// A pending id that this wiki does not take, but a sibling may. It is left alone.
    Foreign(SessionId),
    /// The store did not answer; what the visitor has is not known.
    Unknown,
    /// What an embedder's handler found: the key, and the record where there is one.
    Outside(StoreKey, Option<Box<Record>>),
    /// No visitor at all: command line, tests.
    Detached(Option<StoreKey>),
}

/// A state of a session's values to go back to.
#[derive(Debug, Clone)]
pub struct Savepoint {
    original: Arc<Values>,
    values: Arc<Values>,
    trail: Arc<Vec<TrailEntry>>,
    visits: usize,
    marked: bool,
    changed_in_store: usize,
    switch: Option<Switch>,
}

impl Session {
    /// A session that no handler opened and none will save, as for a visitor's first request.
    pub fn unsaved() -> Session {
        Session::new(Standing::Detached(None), None, "other")
    }

    /// A session for tests of macros and handlers: as if loaded from a store with these values, for
    /// this user or a guest. No handler can save it.
    pub fn for_test<K: Into<String>, V: Into<Value>>(
        values: impl IntoIterator<Item = (K, V)>,
        identity: Option<Identity>,
    ) -> Session {
        let key = StoreKey::from_parts([7; 32], jiff::Timestamp::UNIX_EPOCH);
        let mut session = Session::new(Standing::Detached(Some(key)), None, "other");
        let values = values
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()))
            .collect();
        session.values = Arc::new(values);
        session.original = Arc::clone(&session.values);
        session.identity = identity;
        session
    }

    pub(crate) fn new(
        standing: Standing,
        policy: Option<Arc<SessionPolicy>>,
        browser: &'static str,
    ) -> Session {
        let mut session = Session {
            policy,
            browser,
            identity: None,
            acting: None,
            switch: None,
            link: None,
            ends: None,
            original: Arc::default(),
            values: Arc::default(),
            trail: Arc::default(),
            visits: Vec::new(),
            trail_size: 0,
            marked: false,
            changed_in_store: Vec::new(),
            lent: None,
            key_text: OnceLock::new(),
            used: AtomicBool::new(false),
            standing,
        };
        if let Standing::Stored(_, record)
        | Standing::Renewed(_, record)
        | Standing::Outside(_, Some(record)) = &session.standing
        {
            session.identity = record.about.identity.clone();
            session.acting = record.about.acting.clone();
            session.link = record.about.link.clone();
            session.original = Arc::clone(&record.values);
            session.values = Arc::clone(&record.values);
            session.trail = Arc::clone(&record.trail);
        }
        session
    }

    /// True until the visitor has sent back a cookie that we issued; so nothing can be kept yet. Also
    /// true where nothing can be kept at all: anonymous sessions are off, or the store is down.
    pub fn is_new(&self) -> bool {
        self.mark_used();
        !self.is_stored() && !self.can_begin()
    }

    /// Whether a record of this session stands in a store.
    pub fn is_stored(&self) -> bool {
        matches!(
            self.standing,
            Standing::Stored(..)
                | Standing::Renewed(..)
                | Standing::Outside(_, Some(_))
                | Standing::Detached(Some(_))
        )
    }

    /// Whether the store did not answer, so that who the visitor is cannot be known. A page that needs
    /// to know answers 503.
    pub fn store_is_down(&self) -> bool {
        matches!(self.standing, Standing::Unknown)
    }

    /// The store key of a stored session in hexadecimal digits, for tickets; it is no credential.
    pub fn key_text(&self) -> Option<&str> {
        let key = self.key()?;
        Some(self.key_text.get_or_init(|| key.to_hex()))
    }

    /// The store key of a stored session, to tell "this one" in a list.
    pub fn key(&self) -> Option<StoreKey> {
        match &self.standing {
            Standing::Stored(id, _) => Some(*id.key()),
            Standing::Renewed(key, _) | Standing::Outside(key, Some(_)) => Some(*key),
            Standing::Detached(key) => *key,
            _ => None,
        }
    }

    /// Whether values, trail or user were read or written in this request, so that the answer is this
    /// visitor's alone.
    pub fn was_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    pub(crate) fn mark_used(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    /// What the request changed so far.
    pub fn changes(&self) -> Delta {
        let mut delta = match Arc::ptr_eq(&self.original, &self.values) {
            true => Delta::default(),
            false => Delta::between(&self.original, &self.values),
        };
        delta.visits.clone_from(&self.visits);
        delta.trail_size = self.trail_size;
        delta
    }

    /// How many values more there are than at the request's begin. Asking is no use of the session.
    pub fn keys_added(&self) -> usize {
        self.values.len().saturating_sub(self.original.len())
    }

    /// A state to go back to. Taking one copies nothing.
    pub fn savepoint(&self) -> Savepoint {
        Savepoint {
            original: Arc::clone(&self.original),
            values: Arc::clone(&self.values),
            trail: Arc::clone(&self.trail),
            visits: self.visits.len(),
            marked: self.marked,
            changed_in_store: self.changed_in_store.len(),
            switch: self.switch,
        }
    }

    /// Takes back what was written to the dict and the trail since the savepoint, a
    /// [reset](Session::reset) too. What [`Session::change`] did stands in the store and stays; who is
    /// logged in stays as it is.
    pub fn roll_back(&mut self, savepoint: Savepoint) {
        self.values = self.values_at(&savepoint);
        self.switch = savepoint.switch;
        self.trail = savepoint.trail;
        self.visits.truncate(savepoint.visits);
        self.marked = savepoint.marked;
    }

    /// The values that were written up to the savepoint, over what the store held last.
    fn values_at(&self, savepoint: &Savepoint) -> Arc<Values> {
        if Arc::ptr_eq(&self.original, &savepoint.original) {
            return Arc::clone(&savepoint.values);
        }
        let mut written = Delta::between(&savepoint.original, &savepoint.values);
        for key in self.changed_in_store.iter().skip(savepoint.changed_in_store) {
            written.set.remove(key);
            written.removed.remove(key);
        }
        let mut values = self.original.as_ref().clone();
        // Limits are kept at the request's end, as for values changed in place.
        _ = written.change_values(&mut values);
        Arc::new(values)
    }

    /// The pages visited, oldest first. Entries may have become unreadable: check before showing.
    pub fn trail(&self) -> Vec<TrailEntry> {
        self.mark_used();
        self.trail.to_vec()
    }

    /// Notes a visit as the trail's last entry and keeps the last `size`. Does nothing for a visitor
    /// who has no session and cannot begin one by this.
    pub fn visit(&mut self, entry: TrailEntry, size: usize) {
        let unchanged = self.trail.last() == Some(&entry);
        let oversized = entry.page.len() > MAX_TRAIL_NAME || entry.wiki.len() > MAX_TRAIL_NAME;
        if size == 0 || unchanged || oversized || !self.can_keep() {
            return;
        }
        self.mark_used();
        add_visit(Arc::make_mut(&mut self.trail), &entry, size);
        self.visits.push(entry);
        self.trail_size = size;
    }

    fn can_keep(&self) -> bool {
        self.is_stored() || self.can_begin() || matches!(self.switch, Some(Switch::LogIn { .. }))
    }

    /// Whether nothing is stored yet and something can be.
    fn can_begin(&self) -> bool {
        matches!(self.standing, Standing::Pending(_) | Standing::Outside(_, None))
    }
}

impl fmt::Debug for Session {
    /// Says what the session is, and neither its id nor its values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let standing = match &self.standing {
            Standing::New => "new",
            Standing::Ended(..) => "ended",
            Standing::Pending(_) => "pending",
            Standing::Stored(..) => "stored",
            Standing::Renewed(..) => "renewed",
            Standing::Outside(..) => "of another handler",
            Standing::Asleep(_) | Standing::Foreign(_) => "not of this wiki",
            Standing::Unknown => "unknown",
            Standing::Detached(_) => "detached",
        };
        f.debug_struct("Session")
            .field("standing", &standing)
            .field("user", &self.identity.as_ref().map(|identity| &identity.user_id))
            .field("keys", &self.values.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

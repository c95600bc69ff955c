//! The dict that macros and handlers see, and what it remembers of the request.
//!
//! A `Session` lives for one request: the handler opens it, everybody reads and writes, the handler
//! finishes it. It finds its changes by comparing with what was loaded, so values changed in place
//! count. It does no input or output. Writing to the session of a visitor who has not come back yet is no error: the
//! value lives for this request. Who is logged in, and changes of that, are in login.rs.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::delta::Delta;
use crate::id::{SessionId, StoreKey};
use crate::identity::{Acting, Identity, LoginLink};
use crate::login::Switch;
use crate::policy::SessionPolicy;
use crate::record::Record;
use crate::store::Ending;
use crate::trail::{TrailEntry, add_visit};
use crate::value::{ReadError, Value, Values, WriteError, check_key, check_values};

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
    key_text: Option<String>,
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
    /// No visitor at all: command line, tests.
    Detached(Option<StoreKey>),
}

/// A state of a session's values to go back to.
#[derive(Debug, Clone)]
pub struct Savepoint {
    values: Arc<Values>,
    trail: Arc<Vec<TrailEntry>>,
    visits: usize,
    marked: bool,
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
        let key_text = match &standing {
            Standing::Stored(id, _) => Some(id.key().to_hex()),
            Standing::Renewed(key, _) => Some(key.to_hex()),
            Standing::Detached(key) => key.map(|key| key.to_hex()),
            _ => None,
        };
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
            key_text,
            used: AtomicBool::new(false),
            standing,
        };
        if let Standing::Stored(_, record) | Standing::Renewed(_, record) = &session.standing {
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
        !self.is_stored() && !matches!(self.standing, Standing::Pending(_))
    }

    /// Whether a record of this session stands in a store.
    pub fn is_stored(&self) -> bool {
        matches!(
            self.standing,
            Standing::Stored(..) | Standing::Renewed(..) | Standing::Detached(Some(_))
        )
    }

    /// Whether the store did not answer, so that who the visitor is cannot be known. A page that needs
    /// to know answers 503.
    pub fn store_is_down(&self) -> bool {
        matches!(self.standing, Standing::Unknown)
    }

    /// The store key of a stored session in hexadecimal digits, for tickets; it is no credential.
    pub fn key_text(&self) -> Option<&str> {
        self.key_text.as_deref()
    }

    /// The store key of a stored session, to tell "this one" in a list.
    pub fn key(&self) -> Option<StoreKey> {
        match &self.standing {
            Standing::Stored(id, _) => Some(*id.key()),
            Standing::Renewed(key, _) => Some(*key),
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

    /// Whether there is a value for `key`.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The value for `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.mark_used();
        self.values.get(key)
    }

    /// The value for `key`, to be changed in place. Changes are found at the request's end; those that
    /// break a limit are dropped then.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.mark_used();
        if !self.values.contains_key(key) {
            return None;
        }
        Arc::make_mut(&mut self.values).get_mut(key)
    }

    /// The value for `key` as a Rust type.
    ///
    /// # Errors
    /// * [`ReadError`] when there is a value and it is none of that type.
    pub fn get_as<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, ReadError> {
        self.get(key).map(|value| value.read(key)).transpose()
    }

    /// Sets the value for `key` and returns the one before. Setting an equal value changes nothing.
    ///
    /// # Errors
    /// * [`WriteError`] for reserved keys, broken limits and values that no session can hold; the
    ///   session is as it was before.
    pub fn insert(&mut self, key: &str, value: impl Serialize) -> Result<Option<Value>, WriteError> {
        let value = Value::from_serialize(value)?;
        self.update([(key.to_owned(), value)])
            .map(|mut before| before.pop().flatten())
    }

    /// Sets several values, all or none, and returns those before.
    ///
    /// # Errors
    /// As [`Session::insert`].
    pub fn update(
        &mut self,
        values: impl IntoIterator<Item = (String, Value)>,
    ) -> Result<Vec<Option<Value>>, WriteError> {
        self.mark_used();
        let mut changed = Arc::clone(&self.values);
        let mut before = Vec::new();
        for (key, value) in values {
            check_key(&key)?;
            if changed.get(&key) == Some(&value) {
                before.push(Some(value));
                continue;
            }
            before.push(Arc::make_mut(&mut changed).insert(key, value));
        }
        if !Arc::ptr_eq(&changed, &self.values) {
            check_values(&changed)?;
            self.values = changed;
        }
        Ok(before)
    }

    /// The value for `key`, set to `default` first where there is none.
    ///
    /// # Errors
    /// As [`Session::insert`].
    pub fn set_default(&mut self, key: &str, default: impl Serialize) -> Result<Value, WriteError> {
        if let Some(value) = self.get(key) {
            return Ok(value.clone());
        }
        self.insert(key, default)?;
        Ok(self.values.get(key).cloned().unwrap_or(Value::Null))
    }

    /// Takes the value for `key` out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.mark_used();
        if !self.values.contains_key(key) {
            return None;
        }
        Arc::make_mut(&mut self.values).remove(key)
    }

    /// Takes the value for `key` out, or gives `default`.
    pub fn pop(&mut self, key: &str, default: Value) -> Value {
        self.remove(key).unwrap_or(default)
    }

    /// Takes some value out.
    pub fn pop_item(&mut self) -> Option<(String, Value)> {
        self.mark_used();
        if self.values.is_empty() {
            return None;
        }
        Arc::make_mut(&mut self.values).pop_last()
    }

    /// Takes all values out.
    pub fn clear(&mut self) {
        self.mark_used();
        if !self.values.is_empty() {
            self.values = Arc::default();
        }
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.mark_used();
        self.values.keys().map(String::as_str)
    }

    /// The values with their keys, in order.
    pub fn items(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.mark_used();
        self.values.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.mark_used();
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Has the use of a stored session written down at the request's end even when nothing changed.
    /// Changes need no mark: they are found.
    pub fn mark_changed(&mut self) {
        self.mark_used();
        self.marked = true;
    }

    pub(crate) fn is_marked(&self) -> bool {
        self.marked
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

    /// A state to go back to. Taking one copies nothing.
    pub fn savepoint(&self) -> Savepoint {
        Savepoint {
            values: Arc::clone(&self.values),
            trail: Arc::clone(&self.trail),
            visits: self.visits.len(),
            marked: self.marked,
        }
    }

    /// Takes back what was written to the dict and the trail since the savepoint. Logins and logouts
    /// are not taken back.
    pub fn roll_back(&mut self, savepoint: Savepoint) {
        self.values = savepoint.values;
        self.trail = savepoint.trail;
        self.visits.truncate(savepoint.visits);
        self.marked = savepoint.marked;
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
        let stored = self.is_stored() || matches!(self.standing, Standing::Pending(_));
        stored || matches!(self.switch, Some(Switch::LogIn { .. }))
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

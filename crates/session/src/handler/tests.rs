//! The life of a session as a browser lives it: requests against the cookie handler, told as claims.
//!
//! `Browser` keeps cookies as RFC 6265 says and counts what reaches the store. The claims are in
//! tests/life.rs (a visitor's session), tests/login.rs (login, logout, acting), tests/renewal.rs
//! (new ids for the same user), tests/handover.rs (a login on several hosts), tests/sharing.rs (sibling wikis),
//! tests/clocks.rs (clocks that were wrong), tests/hostile.rs (forged cookies, races, stores that fail).

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;
use crate::delta::Delta;
use crate::id::StoreKey;
use crate::identity::Remember;
use crate::realm::Realm;
use crate::store::acceptance::run;
use crate::store::{
    Change, CreateError, Kill, MemorySessionStore, MergeError, RotateError, Rotation, SessionSummary, Swept,
    TouchError, Usage,
};
use crate::testing::{at, identity, policy, secrets};
use crate::value::Value;

mod clocks;
mod handover;
mod hooks;
mod hostile;
mod life;
mod login;
mod renewal;
mod sharing;

/// A memory store that counts its operations and can be down.
#[derive(Default)]
pub(crate) struct WatchedStore {
    inner: MemorySessionStore,
    operations: AtomicUsize,
    writes: AtomicUsize,
    down: AtomicBool,
}

impl WatchedStore {
    fn note(&self, is_write: bool) -> Result<(), StoreError> {
        self.operations.fetch_add(1, Ordering::SeqCst);
        self.writes.fetch_add(usize::from(is_write), Ordering::SeqCst);
        match self.down.load(Ordering::SeqCst) {
            true => Err(StoreError::down("unplugged")),
            false => Ok(()),
        }
    }

    pub(crate) fn operations(&self) -> usize {
        self.operations.load(Ordering::SeqCst)
    }

    pub(crate) fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    pub(crate) fn unplug(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }
}

#[async_trait]
impl SessionStore for WatchedStore {
    async fn create(&self, key: &StoreKey, record: &Record, now: Timestamp) -> Result<(), CreateError> {
        self.note(true)?;
        self.inner.create(key, record, now).await
    }

    async fn load(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<Loaded, StoreError> {
        self.note(false)?;
        self.inner.load(key, realm, now).await
    }

    async fn merge(
        &self,
        key: &StoreKey,
        realm: &Realm,
        delta: &Delta,
        usage: Option<Usage>,
        now: Timestamp,
    ) -> Result<(), MergeError> {
        self.note(true)?;
        self.inner.merge(key, realm, delta, usage, now).await
    }

    async fn update(
        &self,
        key: &StoreKey,
        realm: &Realm,
        name: &str,
        change: &Change,
        now: Timestamp,
    ) -> Result<Option<Value>, MergeError> {
        self.note(true)?;
        self.inner.update(key, realm, name, change, now).await
    }

    async fn touch(
        &self,
        key: &StoreKey,
        realm: &Realm,
        usage: Usage,
        now: Timestamp,
    ) -> Result<(), TouchError> {
        self.note(true)?;
        self.inner.touch(key, realm, usage, now).await
    }

    async fn delete(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<bool, StoreError> {
        self.note(true)?;
        self.inner.delete(key, realm, now).await
    }

    async fn rotate(&self, rotation: Rotation<'_>, now: Timestamp) -> Result<(), RotateError> {
        self.note(true)?;
        self.inner.rotate(rotation, now).await
    }

    async fn kill(&self, realm: &Realm, whom: Kill<'_>, now: Timestamp) -> Result<u64, StoreError> {
        self.note(true)?;
        self.inner.kill(realm, whom, now).await
    }

    async fn list(
        &self,
        realm: &Realm,
        user_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<SessionSummary>, StoreError> {
        self.note(false)?;
        self.inner.list(realm, user_id, now).await
    }

    async fn end_surplus_guests(
        &self,
        realm: &Realm,
        most: usize,
        budget: usize,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.note(true)?;
        self.inner.end_surplus_guests(realm, most, budget, now).await
    }

    async fn sweep(&self, now: Timestamp, budget: usize) -> Result<Swept, StoreError> {
        self.note(true)?;
        self.inner.sweep(now, budget).await
    }
}

/// One store and one secrets file, for any number of wikis.
#[derive(Clone)]
pub(crate) struct Farm {
    pub(crate) store: Arc<WatchedStore>,
    secrets: Arc<Secrets>,
}

impl Farm {
    pub(crate) fn new() -> Farm {
        Farm {
            store: Arc::default(),
            secrets: secrets(),
        }
    }

    pub(crate) fn wiki(&self, policy: SessionPolicy) -> CookieHandler {
        let store: Arc<dyn SessionStore> = Arc::<WatchedStore>::clone(&self.store);
        let randomness = Arc::new(crate::SystemRandomness);
        CookieHandler::new(Arc::new(policy), store, Arc::clone(&self.secrets), randomness)
    }

    pub(crate) fn kill(&self, whom: Kill<'_>, seconds: u64) -> u64 {
        run(self.store.inner.kill(&policy().realm, whom, at(seconds))).unwrap()
    }

    pub(crate) fn sessions(&self, seconds: u64) -> Vec<SessionSummary> {
        run(self.store.inner.list(&policy().realm, None, at(seconds))).unwrap()
    }
}

/// Changes a policy on the way.
pub(crate) fn policy_with(change: impl FnOnce(&mut SessionPolicy)) -> SessionPolicy {
    let mut policy = policy();
    change(&mut policy);
    policy
}

pub(crate) fn with_lifetimes(anonymous: f64, logged_in: f64) -> SessionPolicy {
    policy_with(|policy| policy.lifetimes = crate::Lifetimes::from_pair(anonymous, logged_in).unwrap())
}

/// A browser on one host: one cookie jar for all wikis, by name.
#[derive(Default)]
pub(crate) struct Browser {
    jar: Mutex<Vec<(String, String)>>,
}

/// What came of a request.
pub(crate) struct Answer<T> {
    pub(crate) seen: T,
    pub(crate) cookies: Vec<String>,
}

impl Browser {
    pub(crate) fn new() -> Browser {
        Browser::default()
    }

    pub(crate) fn cookie_header(&self) -> String {
        let jar = self.jar.lock().unwrap();
        jar.iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// Another browser with the same cookies: a thief, or a request sent at the same time.
    pub(crate) fn copy(&self) -> Browser {
        Browser {
            jar: Mutex::new(self.jar.lock().unwrap().clone()),
        }
    }

    pub(crate) fn plant(&self, name: &str, value: &str) {
        self.jar.lock().unwrap().push((name.into(), value.into()));
    }

    fn obey(&self, line: &str) {
        let pair = line.split("; ").next().unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        let mut jar = self.jar.lock().unwrap();
        jar.retain(|(known, _)| known != name);
        if !line.contains("Max-Age=0") {
            jar.push((name.into(), value.into()));
        }
    }

    pub(crate) fn open(&self, wiki: &CookieHandler, seconds: u64) -> Session {
        let header = self.cookie_header();
        let headers: &[&[u8]] = if header.is_empty() {
            &[]
        } else {
            &[header.as_bytes()]
        };
        let facts = RequestFacts {
            cookie_headers: headers,
            ..RequestFacts::at(at(seconds))
        };
        run(wiki.open(&facts))
    }

    pub(crate) fn try_finish(
        &self,
        wiki: &CookieHandler,
        session: Session,
        outcome: &Outcome,
    ) -> Result<Vec<String>, FinishError> {
        let changes = run(wiki.finish(session, outcome))?;
        assert!(changes.len() <= 1, "never two lines of one name");
        let lines: Vec<String> = changes
            .iter()
            .map(|change| change.header_value().to_owned())
            .collect();
        lines.iter().for_each(|line| self.obey(line));
        Ok(lines)
    }

    pub(crate) fn finish(&self, wiki: &CookieHandler, session: Session, seconds: u64) -> Vec<String> {
        self.try_finish(wiki, session, &page_view(seconds)).unwrap()
    }

    /// A page view during which `act` happens.
    pub(crate) fn view<T>(
        &self,
        wiki: &CookieHandler,
        seconds: u64,
        act: impl FnOnce(&mut Session) -> T,
    ) -> Answer<T> {
        let mut session = self.open(wiki, seconds);
        let seen = act(&mut session);
        Answer {
            seen,
            cookies: self.finish(wiki, session, seconds),
        }
    }

    /// A POST during which `act` happens, answered by a redirect.
    pub(crate) fn post<T>(
        &self,
        wiki: &CookieHandler,
        seconds: u64,
        act: impl FnOnce(&mut Session) -> T,
    ) -> Answer<T> {
        let mut session = self.open(wiki, seconds);
        let seen = act(&mut session);
        let outcome = Outcome {
            offer_pending: false,
            ..page_view(seconds)
        };
        Answer {
            seen,
            cookies: self.try_finish(wiki, session, &outcome).unwrap(),
        }
    }

    pub(crate) fn log_in(&self, wiki: &CookieHandler, user: &str, seconds: u64) -> Answer<()> {
        self.post(wiki, seconds, |session| {
            session.log_in(identity(user, at(seconds)), Remember::No)
        })
    }

    pub(crate) fn user(&self, wiki: &CookieHandler, seconds: u64) -> Option<String> {
        self.view(wiki, seconds, |session| {
            session.identity().map(|identity| identity.user_id.clone())
        })
        .seen
    }

    /// The sample macro of the help page.
    pub(crate) fn macro_text(&self, wiki: &CookieHandler, seconds: u64) -> String {
        self.view(wiki, seconds, sample_macro).seen
    }
}

pub(crate) fn sample_macro(session: &mut Session) -> String {
    if session.is_new() {
        return "Not storing any state until you send a cookie.".into();
    }
    if let Some(Value::Int(number)) = session.get("test") {
        return format!("Loaded value {number}");
    }
    session.insert("test", 42).unwrap();
    "Set to value 42".into()
}

pub(crate) const NOT_STORING: &str = "Not storing any state until you send a cookie.";

/// A GET page view answered 200.
pub(crate) fn page_view(seconds: u64) -> Outcome {
    Outcome {
        offer_pending: true,
        discard_writes: false,
        now: at(seconds),
        https: false,
    }
}

//! Which session a request gets, and how it goes back: `open`, then `finish`.
//!
//! [`SessionHandler`] is the seam where an embedder puts another way in (a token instead of a cookie);
//! [`CookieHandler`] is the default and the only caller of stores. It touches no store for a visitor
//! without a cookie that we signed, never begins a session under an id that has ended, and never takes a
//! cookie away because a store is down. Start at `open` and `finish`; what a login or logout does at
//! the end is in handler/switch.rs.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::browser::browser_family;
use crate::cookie::{CookieChange, CookieVerb, cookie_values};
use crate::delta::Delta;
use crate::hooks::SessionHooks;
use crate::id::{IdSigner, SessionId, StoreKey};
use crate::moment;
use crate::policy::SessionPolicy;
use crate::random::Randomness;
use crate::record::Record;
use crate::secrets::Secrets;
use crate::session::{Session, Standing};
use crate::store::{Ending, Loaded, SessionStore, StoreError};
use crate::value::check_values;

use self::departures::Departures;

mod departures;
mod linked;
pub(crate) mod records;
mod saving;
mod switch;
mod telling;
#[cfg(test)]
pub(crate) mod tests;

/// So many cookies of our name are looked up in the store, should somebody have planted twins.
///
/// Browsers keep more cookies than that for a site, so genuine ids planted in front can still hide the
/// visitor's own. Whoever can plant those can as well plant a login of their own, or push ours out of the
/// browser; only the `__Host-` prefix, which https gives, keeps cookies from being planted at all. A limit
/// keeps a request from costing hundreds of lookups.
const MAX_CANDIDATES: usize = 50;

/// So many renewals of one session are followed while a request is on its way.
const MAX_HEIRS: usize = 4;

/// What a handler needs to know of a request. [`RequestFacts::at`] has the rest of those that are not said.
#[derive(Clone, Copy)]
pub struct RequestFacts<'a> {
    /// The values of all Cookie headers, as they came.
    pub cookie_headers: &'a [&'a [u8]],
    /// Whether the visitor's browser speaks https.
    pub https: bool,
    /// The User-Agent header.
    pub user_agent: Option<&'a str>,
    /// The moment of the request.
    pub now: Timestamp,
    /// Any other header's first value as it came, by its name in small letters, for handlers that know
    /// visitors by something else than a cookie.
    pub header: HeaderLookup<'a>,
    /// The request is a HEAD: nothing it does to the session counts.
    pub discard_writes: bool,
}

/// A header's first value by its name in small letters.
pub type HeaderLookup<'a> = &'a (dyn Fn(&str) -> Option<&'a [u8]> + Sync);

impl<'a> RequestFacts<'a> {
    /// A request at a moment, over http, with no header at all.
    pub fn at(now: Timestamp) -> RequestFacts<'a> {
        RequestFacts {
            cookie_headers: &[],
            https: false,
            user_agent: None,
            now,
            header: &no_header,
            discard_writes: false,
        }
    }
}

fn no_header<'a>(_: &str) -> Option<&'a [u8]> {
    None
}

/// What a handler needs to know of the answer.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// It is a page view by GET, answered 200: the place to give a visitor a first cookie.
    pub offer_pending: bool,
    /// The request was a HEAD: nothing it did to the session counts.
    pub discard_writes: bool,
    /// The moment of the request.
    pub now: Timestamp,
    /// Whether the visitor's browser speaks https.
    pub https: bool,
}

/// Why an answer must not be sent as it is.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// A login, logout or change of user could not be made durable. Answer 503: the visitor is who
    /// they were before.
    #[error("the change of login could not be stored")]
    NotStored(#[source] Box<dyn Error + Send + Sync>),
    /// A login was handed over from where it has ended meanwhile.
    #[error("the login that was handed over has ended")]
    LoginEnded,
    /// Somebody was logged in on a wiki where logged-in sessions are disabled.
    #[error("logging in is disabled on this wiki")]
    LoginDisabled,
}

/// Which session a request gets, and how it goes back.
#[async_trait]
pub trait SessionHandler: Send + Sync {
    /// The session of a request. There always is one; a visitor without one gets a new one.
    async fn open(&self, facts: &RequestFacts<'_>) -> Session;

    /// Saves a session and says what to tell the browser: at most one change.
    ///
    /// # Errors
    /// * [`FinishError`] when a login, logout or change of user did not happen. That an ordinary value
    ///   could not be saved is no error: the page was made, and the log says so.
    async fn finish(&self, session: Session, outcome: &Outcome) -> Result<Vec<CookieChange>, FinishError>;

    /// Whether a request brings nothing that this handler looks at, and is given nothing either: whoever asks is nobody,
    /// before and after. A server may answer such a request without a session. To say no costs time and nothing else.
    fn is_nobody(&self, _facts: &RequestFacts<'_>) -> bool {
        false
    }

    /// Whether an [identity](crate::Identity) that proved itself by this method counts here. One that does not is
    /// left alone: it may count on a sibling wiki.
    fn takes(&self, auth_method: &str) -> bool {
        auth_method == PASSWORD
    }
}

/// The method of those who gave their password.
pub const PASSWORD: &str = "password";

/// The handler that finds sessions by signed cookies.
pub struct CookieHandler {
    policy: Arc<SessionPolicy>,
    store: Arc<dyn SessionStore>,
    signer: IdSigner,
    randomness: Arc<dyn Randomness>,
    hooks: Option<Arc<dyn SessionHooks>>,
    departures: Departures,
    /// The cookie's name over http and over https.
    names: (String, String),
}

impl CookieHandler {
    /// The handler of one wiki.
    pub fn new(
        policy: Arc<SessionPolicy>,
        store: Arc<dyn SessionStore>,
        secrets: Arc<Secrets>,
        randomness: Arc<dyn Randomness>,
    ) -> CookieHandler {
        CookieHandler {
            signer: IdSigner::new(&secrets, &policy.realm),
            names: (policy.cookie_name(false), policy.cookie_name(true)),
            policy,
            store,
            randomness,
            hooks: None,
            departures: Departures::default(),
        }
    }
}

#[async_trait]
impl SessionHandler for CookieHandler {
    async fn open(&self, facts: &RequestFacts<'_>) -> Session {
        let ids = self.presented_ids(facts);
        let standing = match ids.is_empty() {
            true => Standing::New,
            false => self.find(ids, facts.now).await,
        };
        let browser = browser_family(facts.user_agent);
        let (standing, restamped) = restamp(standing, facts.now);
        let mut session = Session::new(standing, Some(Arc::clone(&self.policy)), browser);
        if restamped {
            session.renew_after_wrong_clock();
        }
        session.end_overdue_acting(facts.now);
        if !facts.discard_writes {
            session.lend_store(Arc::clone(&self.store), self.hooks.clone(), facts.now);
        }
        session
    }

    async fn finish(&self, session: Session, outcome: &Outcome) -> Result<Vec<CookieChange>, FinishError> {
        if outcome.discard_writes {
            return Ok(Vec::new());
        }
        let change = match session.switch {
            Some(switch) => self.make_switch(session, switch, outcome).await?,
            None => self.save(&session, outcome).await,
        };
        Ok(change.into_iter().collect())
    }

    fn is_nobody(&self, facts: &RequestFacts<'_>) -> bool {
        let name = self.name(facts);
        // Whoever mentions the name anywhere is looked at thoroughly.
        let mentions = |header: &&[u8]| std::str::from_utf8(header).map_or(true, |text| text.contains(name));
        self.policy.lifetimes.for_visitor().is_none() && !facts.cookie_headers.iter().any(mentions)
    }
}

// Opening.
impl CookieHandler {
    fn name(&self, facts: &RequestFacts<'_>) -> &str {
        if facts.https { &self.names.1 } else { &self.names.0 }
    }

    /// The ids in the request's cookies that we signed, each once.
    fn presented_ids(&self, facts: &RequestFacts<'_>) -> Vec<SessionId> {
        let name = self.name(facts);
        let mut ids: Vec<SessionId> = Vec::new();
        // All of them, however many: checking a signature costs no more than reading its bytes, and a
        // limit would let garbage hide ours.
        let values = cookie_values(facts.cookie_headers, name);
        for id in values.filter_map(|value| self.signer.verify(value)) {
            if ids.len() < MAX_CANDIDATES && !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// The first id with a login that counts here; else the best that can be said, the first of equals. A guest's
    /// session that somebody planted in front hides no login.
    async fn find(&self, ids: Vec<SessionId>, now: Timestamp) -> Standing {
        let mut best = Standing::New;
        for id in ids {
            let standing = match self.store.load(id.key(), &self.policy.realm, now).await {
                Ok(Loaded::Live(record)) if self.lets_in(&record) => Standing::Stored(id, record),
                Ok(Loaded::Live(_)) => Standing::Asleep(id),
                Ok(Loaded::Missing) => self.standing_of_unstored(id, now),
                Ok(Loaded::Ended(ending)) => Standing::Ended(id, ending),
                Ok(Loaded::Renewed(heir)) => self.follow(id, heir, now).await,
                Err(error) => {
                    log_trouble("load a session", &error);
                    return Standing::Unknown;
                }
            };
            if matches!(&standing, Standing::Stored(_, record) if record.about.identity.is_some()) {
                return standing;
            }
            if worth(&standing) > worth(&best) {
                best = standing;
            }
        }
        best
    }

    /// The session that goes on under another id, if this wiki lets it in.
    async fn follow(&self, id: SessionId, mut heir: StoreKey, now: Timestamp) -> Standing {
        for _ in 0..MAX_HEIRS {
            match self.store.load(&heir, &self.policy.realm, now).await {
                Ok(Loaded::Live(record)) if self.lets_in(&record) => return Standing::Renewed(heir, record),
                Ok(Loaded::Renewed(next)) => heir = next,
                Ok(Loaded::Live(_) | Loaded::Missing | Loaded::Ended(_)) => break,
                Err(error) => {
                    log_trouble("load a session", &error);
                    return Standing::Unknown;
                }
            }
        }
        Standing::Ended(id, Ending::Replaced)
    }

    /// Whether this wiki has such sessions. One that it has not is left alone, for the sibling that has.
    fn lets_in(&self, record: &Record) -> bool {
        match record.about.identity {
            Some(_) => self.policy.lifetimes.allows_login(),
            None => self.policy.lifetimes.allows_anonymous(),
        }
    }

    fn standing_of_unstored(&self, id: SessionId, now: Timestamp) -> Standing {
        match self.policy.lifetimes.anonymous {
            None => Standing::Foreign(id),
            // Issued while the clock was ahead: it would be taken for as much longer. Nothing is stored under it.
            Some(_) if moment::is_from_the_future(id.key().issued(), now) => Standing::New,
            Some(lifetime) if now < moment::later(id.key().issued(), lifetime) => Standing::Pending(id),
            Some(_) => Standing::New,
        }
    }
}

/// A stored session that was made or used while the clock was ahead is looked at as if it had been used now.
fn restamp(mut standing: Standing, now: Timestamp) -> (Standing, bool) {
    let mut restamped = false;
    if let Standing::Stored(_, record) | Standing::Renewed(_, record) = &mut standing
        && let Some(corrected) = record.restamped(now)
    {
        **record = corrected;
        restamped = true;
    }
    (standing, restamped)
}

/// Which of several cookies' standings says most.
fn worth(standing: &Standing) -> u8 {
    match standing {
        Standing::Stored(..) | Standing::Unknown | Standing::Outside(..) | Standing::Detached(_) => 7,
        Standing::Renewed(..) => 6,
        Standing::Asleep(_) => 5,
        Standing::Pending(_) => 4,
        Standing::Foreign(_) => 3,
        Standing::Ended(_, Ending::Replaced) => 2,
        Standing::Ended(_, Ending::Ended) => 1,
        Standing::New => 0,
    }
}

// Cookies and records.
impl CookieHandler {
    fn cookie(&self, id: &SessionId, max_age: Option<Duration>, outcome: &Outcome) -> CookieChange {
        let verb = CookieVerb::Keep {
            id: id.text(),
            max_age,
        };
        CookieChange::new(&self.policy.cookie_scope(outcome.https), verb)
    }

    fn removal(&self, outcome: &Outcome) -> CookieChange {
        CookieChange::new(&self.policy.cookie_scope(outcome.https), CookieVerb::Remove)
    }

    /// What to tell the browser when its session has ended. A session that was replaced has sent, or
    /// will send, its new cookie: a removal must not arrive behind it.
    fn withdraw(&self, ending: Ending, outcome: &Outcome) -> Option<CookieChange> {
        (ending == Ending::Ended).then(|| self.removal(outcome))
    }

    /// The same to a request that met the end on its way.
    fn withdraw_late(&self, id: &SessionId, ending: Ending, outcome: &Outcome) -> Option<CookieChange> {
        match self.departures.is_recent(id.key(), outcome.now) {
            true => None,
            false => self.withdraw(ending, outcome),
        }
    }
}

/// What the request changed, without values that no session can hold (they came in through `get_mut`,
/// past the checks).
pub(crate) fn savable_changes(session: &Session) -> Delta {
    let mut delta = session.changes();
    if delta.set.is_empty() {
        return delta;
    }
    if let Err(error) = check_values(&session.values) {
        tracing::warn!(%error, "values changed in place were dropped");
        delta.set.clear();
        delta.removed.clear();
    }
    delta
}

/// A store that is down is told by [`MeasuredStore`](crate::MeasuredStore), once and not by every request.
fn log_trouble(what: &str, error: &StoreError) {
    tracing::debug!(%error, "could not {what}");
}

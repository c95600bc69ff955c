//! Sessions for wiki farms: who is this visitor, across requests.
//!
//! HTTP forgets. This crate gives each visitor a dict that macros and handlers can write to, knows who
//! logged in, and shares or separates all of it between the wikis of a farm as their configuration
//! says. It knows no wiki, no page and no web framework: cookies are bytes, time and randomness are
//! parameters.
//!
//! # Words
//!
//! * An **id** is what the browser keeps in its cookie: random bits, the moment of issue and our
//!   signature. It is written down nowhere.
//! * A **store key** is the SHA-256 of an id; a **record** is what a [`store`] keeps under it.
//! * A **pending id** was given to a visitor of whom nothing is stored yet.
//! * A **realm** is the set of wikis that share sessions; an id of one says nothing in another.
//! * A **[`Session`]** is the dict during one request. A **policy** is what a wiki decides about its sessions.
//! * **Persistent fields** are the few keys that survive a login or a logout.
//! * A **kill** ends sessions by raising a **generation**, a **sweep** removes what has ended, and a
//!   **tombstone** stays where an id could still be presented.
//! * A **handover** carries a login to a host that shares no cookie with the one where people log in; a
//!   **[link](LoginLink)** says which sessions are of one login, and all of them end together.
//! * **Acting** is a superuser being shown the wiki as another user.
//!
//! # The life of a session
//!
//! 1. A visitor without our cookie sees a page. Where anonymous sessions are on, the answer carries a
//!    pending id. No store was asked, none was written.
//! 2. The cookie comes back: the session is no longer [new](Session::is_new). The first write makes the
//!    record. Until then nothing about the visitor exists on our side.
//! 3. Each request loads the record, and at its end merges what it changed, key by key. A use is
//!    written down every few minutes at most. Idle time and absolute limit are the record's own, from
//!    the wiki where it began.
//! 4. Login, logout, acting, returning and a password change make a new record under a new id. The
//!    persistent fields go along; the old id is dead from that moment.
//! 5. The session ends by logout, by time, by a kill or by being one too many. Whoever presents its id
//!    afterwards is a new visitor.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use grange_session::{
//!     CookieHandler, CookiePolicy, CookieUntil, Lifetimes, MemorySessionStore, Outcome, Realm, RequestFacts,
//!     SameSite, Secrets, SecureRule, SessionHandler, SessionPolicy, SystemRandomness,
//! };
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = SessionPolicy {
//!     wiki: "wiki1".into(),
//!     realm: Realm::new("ROOT", "grange-session", "/srv/sessions", "/srv/users"),
//!     cookie: CookiePolicy {
//!         name_part: "ROOT".into(),
//!         domain: None,
//!         path: "/".into(),
//!         secure: SecureRule::WhenHttps,
//!         http_only: true,
//!         same_site: SameSite::Lax,
//!         until: CookieUntil::MaxAge,
//!     },
//!     lifetimes: Lifetimes::from_pair(1.0, 12.0)?,
//!     longest_anonymous: None,
//!     persistent_on_login: vec!["language".into()],
//!     persistent_on_logout: vec!["language".into()],
//!     kind: "grange-session".into(),
//!     max_sessions_per_user: 50,
//!     trail_size: 5,
//! };
//! let secrets = Secrets::parse(&Secrets::generate_line(&SystemRandomness))?;
//! let store = Arc::new(MemorySessionStore::new());
//! let handler = CookieHandler::new(Arc::new(policy), store, Arc::new(secrets), Arc::new(SystemRandomness));
//!
//! let now = "2026-11-21T12:00:00Z".parse()?;
//! let page_view = Outcome { offer_pending: true, discard_writes: false, now, https: true };
//! let mut cookie = String::new();
//! for expected in ["nothing can be kept yet", "set", "loaded"] {
//!     let headers: &[&[u8]] = &[cookie.as_bytes()];
//!     let facts = RequestFacts { cookie_headers: headers, https: true, ..RequestFacts::at(now) };
//!     let mut session = handler.open(&facts).await;
//!     let seen = if session.is_new() {
//!         "nothing can be kept yet"
//!     } else if session.contains_key("colour") {
//!         "loaded"
//!     } else {
//!         session.insert("colour", "green")?;
//!         "set"
//!     };
//!     assert_eq!(seen, expected);
//!     for change in handler.finish(session, &page_view).await? {
//!         assert!(change.header_value().starts_with("__Host-GRANGE_SESSION_ROOT=v1."));
//!         cookie = change.header_value().split(';').next().unwrap_or_default().to_owned();
//!     }
//! }
//! # Ok(())
//! # }
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(example()).unwrap();
//! ```
//!
//! # Invariants
//!
//! * *Invariant:* this crate depends on none of ours.
//! * *Invariant:* an id that we did not sign for this realm reaches no store, and an id stands in no file,
//!   log or error.
//! * *Invariant:* no record is made but from a pending id that came back, or by a login or rotation;
//!   nothing that has ended comes back.
//! * *Invariant:* a store that fails never costs anybody a cookie or a page; only a change of login that
//!   could not be stored is told ([`FinishError`]).
//! * *Invariant:* a wiki leaves sessions alone that its settings do not let in, and obeys the lifetimes a
//!   session was begun with.
//! * *Invariant:* at most one Set-Cookie line of the session per answer. A [`LoginAttempt`] has a cookie of its own.
//!
//! # Where to read on
//!
//! [`Session`] for macros and handlers, [`SessionPolicy`] and [`Lifetimes`] for configuration,
//! [`SessionHandler`] to open sessions from something other than a cookie, [`SessionHooks`] to hear of what happens, [`store`] to keep them
//! elsewhere, [`issue_ticket`] and [`check_ticket`] for forms.

mod browser;
mod cookie;
mod csrf;
mod delta;
mod handler;
mod handover;
mod hooks;
mod id;
mod identity;
mod lifetime;
mod login;
mod moment;
mod name;
mod policy;
mod random;
mod realm;
mod record;
mod secrets;
mod session;
pub mod store;
mod sweep;
#[cfg(test)]
mod testing;
mod trail;
mod value;

pub use cookie::CookieChange;
pub use csrf::{TICKET_LIFETIME, TicketRefused, TicketScope, check_ticket, issue_ticket};
pub use delta::Delta;
pub use handler::{
    CookieHandler, FinishError, HeaderLookup, Outcome, PASSWORD, RequestFacts, SessionHandler,
};
pub use handover::{
    ATTEMPT_LIFETIME, CODE_LIFETIME, CodeFor, HandedOver, Handover, HandoverRefused, LoginAttempt, end_login,
};
pub use hooks::{EndReason, SessionEvent, SessionHooks, SessionNotice};
pub use id::StoreKey;
pub use identity::{ACTING_LIMIT, Acting, Identity, LoginLink, LoginPart, PROOF_LIFETIME, Remember};
pub use lifetime::{
    DEFAULT_ABSOLUTE, FOREVER, LifetimeError, Lifetimes, LoggedIn, RememberOffer, SessionLifetime,
    touch_interval,
};
pub use name::{CookieNameError, CookieNameRule, NAME_BASE, cookie_name_part};
pub use policy::{CookiePolicy, CookieUntil, SameSite, SecureRule, SessionPolicy};
pub use random::{Randomness, SystemRandomness};
pub use realm::Realm;
pub use record::{About, Record};
pub use secrets::{Secrets, SecretsError};
pub use session::{ChangeError, Found, Savepoint, Session, SessionDict, Wish};
#[cfg(feature = "actix-session")]
pub use store::{ACTIX_BASE, ActixSessions};
pub use store::{
    Change, CreateError, Ending, GUEST_USER, Kill, ListPart, Loaded, MOST_GUESTS, Measured, MeasuredStore,
    MemorySessionStore, MergeError, OldRecord, OnTheirWay, RotateError, Rotation, STORE_BUCKETS,
    SessionStore, SessionSummary, SqliteSessionStore, StoreError, StoreMeter, StoreOperation, Swept,
    Tombstone, TouchError, Usage,
};
#[cfg(feature = "postgres")]
pub use store::{PostgresAddress, PostgresAddressError, PostgresSessionStore};
#[cfg(feature = "redis")]
pub use store::{RedisAddress, RedisAddressError, RedisAdvice, RedisSessionStore};
pub use sweep::{SWEEP_STEP, sweep_everything};
pub use trail::TrailEntry;
pub use value::{
    MAX_DEPTH, MAX_KEY_BYTES, MAX_KEYS, MAX_SESSION_BYTES, ReadError, Value, Values, WriteError, is_reserved,
};

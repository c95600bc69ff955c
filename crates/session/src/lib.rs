//! Sessions for wiki farms: who is this visitor, across requests.
mod browser;
mod cookie;
mod csrf;
mod delta;
mod handler;
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
pub use handler::{CookieHandler, FinishError, Outcome, RequestFacts, SessionHandler};
pub use id::StoreKey;
pub use identity::{ACTING_LIMIT, Acting, Identity, Remember};
pub use lifetime::{
    DEFAULT_ABSOLUTE, FOREVER, LifetimeError, Lifetimes, LoggedIn, RememberOffer, SessionLifetime, touch_interval,
};
pub use name::{CookieNameError, CookieNameRule, NAME_BASE, cookie_name_part};
pub use policy::{CookiePolicy, CookieUntil, SameSite, SecureRule, SessionPolicy};
pub use random::{Randomness, SystemRandomness};
pub use realm::Realm;
pub use record::{About, Record};
pub use secrets::{Secrets, SecretsError};
pub use session::{Savepoint, Session};
pub use store::{
    Change, CreateError, Ending, GUEST_USER, Kill, Loaded, MemorySessionStore, MergeError, OldRecord, RotateError,
    Rotation, SessionStore, SessionSummary, SqliteSessionStore, StoreError, Swept, TouchError, Usage,
};
pub use sweep::{SWEEP_STEP, sweep_everything};
pub use trail::TrailEntry;
pub use value::{
    MAX_DEPTH, MAX_KEY_BYTES, MAX_KEYS, MAX_SESSION_BYTES, ReadError, Value, Values, WriteError, is_reserved,
};

//! Telling an embedder what happens to sessions: begun, logged in, logged out, acting, ended and why.
//!
//! [`SessionHooks`] has one method. The handler calls it when a thing has been stored, never before; whoever ends
//! sessions past the handler (a list of sessions, an administrator, a sweep) calls it too. A notice names users by
//! their account's id and never carries a session's id, so it may be logged. A hook cannot change or refuse anything,
//! and whatever it does is waited for: it should be quick. Sessions that end by time are noticed when they are swept,
//! as a number, since nobody looks at each.

use jiff::Timestamp;

use crate::identity::Remember;

/// Hears of what happens to sessions.
///
/// ```
/// use std::sync::Mutex;
///
/// use grange_session::{EndReason, SessionEvent, SessionHooks, SessionNotice};
///
/// /// Counts logins, and sessions that were ended by somebody.
/// #[derive(Default)]
/// struct Counter(Mutex<(u64, u64)>);
///
/// impl SessionHooks for Counter {
///     fn notice(&self, notice: &SessionNotice<'_>) {
///         let Ok(mut counts) = self.0.lock() else { return };
///         match notice.event {
///             SessionEvent::LoggedIn { .. } => counts.0 += 1,
///             SessionEvent::Ended { reason: EndReason::Killed | EndReason::Revoked, count, .. } => counts.1 += count,
///             _ => {}
///         }
///     }
/// }
///
/// let counter = Counter::default();
/// let event = SessionEvent::Ended { user_id: Some("u1"), reason: EndReason::Killed, count: 3 };
/// counter.notice(&SessionNotice { wiki: "garden", at: jiff::Timestamp::UNIX_EPOCH, event });
/// assert_eq!(*counter.0.lock().unwrap(), (0, 3));
/// ```
pub trait SessionHooks: Send + Sync {
    /// Something has happened, and is stored.
    fn notice(&self, notice: &SessionNotice<'_>);
}

/// What happened, where and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionNotice<'a> {
    /// The wiki whose visitor it was; empty for what concerns a whole store.
    pub wiki: &'a str,
    /// The moment of the request.
    pub at: Timestamp,
    /// What.
    pub event: SessionEvent<'a>,
}

/// What can happen to sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionEvent<'a> {
    /// A guest's session was begun: its first value is stored.
    Created,
    /// A user logged in; the session is new.
    LoggedIn {
        /// Whose account.
        user_id: &'a str,
        /// Whether this device is remembered.
        remember: Remember,
    },
    /// A user logged out.
    LoggedOut {
        /// Whose account.
        user_id: &'a str,
    },
    /// A superuser began to act as another user.
    ActingBegan {
        /// The superuser.
        user_id: &'a str,
        /// The other user.
        acting_as: &'a str,
    },
    /// The acting is over: by returning, by a logout, or after its hour.
    ActingEnded {
        /// The superuser.
        user_id: &'a str,
        /// The other user.
        acting_as: &'a str,
    },
    /// Sessions have ended.
    Ended {
        /// Whose; `None` = guests', or those of several users.
        user_id: Option<&'a str>,
        /// Why.
        reason: EndReason,
        /// How many.
        count: u64,
    },
    /// What had ended by time or otherwise was removed from a store.
    Swept {
        /// How many things.
        removed: u64,
    },
}

/// Why sessions have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndReason {
    /// Its user logged out.
    LoggedOut,
    /// Another session took its place: a login, acting, returning, a new proof.
    Replaced,
    /// Its user, or a superuser, ended it in the list of sessions.
    Revoked,
    /// An administrator ended it, with others or alone.
    Killed,
    /// The user had more sessions than `max_sessions_per_user`.
    Surplus,
    /// The user has a new password.
    PasswordChanged,
}

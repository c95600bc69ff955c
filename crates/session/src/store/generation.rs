//! Generations: how a kill ends any number of sessions by raising one number.
//!
//! Each record carries the generation of its subject (its user, or the guests) and of its realm at the
//! time it was made; it lives while both are still in force. Kills also keep their moment, so that a
//! pending id issued before cannot begin a session afterwards.

use jiff::Timestamp;

use crate::moment;
use crate::store::{GUEST_USER, Kill};

/// All guests of a realm.
pub(super) const GUESTS: &str = "guests";
/// Everybody of a realm.
pub(super) const REALM: &str = "realm";

/// Whose generation a record of this user carries.
pub(super) fn subject_of(user_id: Option<&str>) -> String {
    match user_id {
        // In front of every id, so no user can be called "guests" or "realm".
        Some(user_id) => format!("user:{user_id}"),
        None => GUESTS.to_owned(),
    }
}

/// Kills later than this do not keep ids from beginning sessions: the clock was set back since, and
/// nobody could log in until it caught up. The records of that time are dead by their generation.
pub(super) fn latest_kill(now: Timestamp) -> Timestamp {
    moment::later(now, moment::CLOCK_SKEW)
}

/// Whose generation a kill raises.
pub(super) fn subject_of_kill(kill: Kill<'_>) -> String {
    match kill {
        Kill::User(GUEST_USER) | Kill::Guests => GUESTS.to_owned(),
        Kill::User(user_id) => subject_of(Some(user_id)),
        Kill::Everyone => REALM.to_owned(),
    }
}

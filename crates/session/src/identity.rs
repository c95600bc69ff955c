//! Who a session belongs to: the user that logged in, and the user a superuser acts as.
//!
//! Only ids, never rights, groups or profiles: what a user may do is decided anew on every request.
//! Whether an account still exists, is enabled and has not changed its password is asked of the user
//! store by whoever identifies the visitor; this file knows no accounts.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::to_hex;
use crate::moment;
use crate::random::Randomness;

/// How long a superuser may act as another user before that ends by itself.
pub const ACTING_LIMIT: Duration = Duration::from_secs(60 * 60);

/// How long a proof of who one is serves for what is sensitive; then the password is asked for again.
pub const PROOF_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The user that logged in, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The account's id in the realm's user store.
    pub user_id: String,
    /// The method that let the user in, such as `password`; a wiki that does not offer it (any more)
    /// treats the visitor as a guest.
    pub auth_method: String,
    /// When the user last proved who they are, by logging in or by giving the password again.
    #[serde(with = "moment::millis")]
    pub auth_time: Timestamp,
    /// The account's own generation at that time; another one in the user store voids the session.
    pub account_generation: u64,
}

/// The user a superuser acts as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acting {
    /// The acted-as account's id.
    pub user_id: String,
    /// When acting began; it ends an hour later at the latest.
    #[serde(with = "moment::millis")]
    pub since: Timestamp,
    /// What the superuser wrote as the reason, for the log.
    pub reason: String,
}

impl Identity {
    /// Whether the last proof is young enough for what is sensitive: 15 minutes at most. One from the
    /// future proves nothing: the clock was set back.
    pub fn is_proven(&self, now: Timestamp) -> bool {
        let ahead = moment::between(now, self.auth_time);
        ahead <= moment::CLOCK_SKEW && moment::between(self.auth_time, now) <= PROOF_LIFETIME
    }
}

impl Acting {
    /// Whether the hour is over at `now`.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= moment::later(self.since, ACTING_LIMIT)
    }
}

/// Whether the user ticked *remember me* on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Remember {
    /// The wiki's ordinary logged-in lifetime.
    #[default]
    No,
    /// 400 days, renewed on use.
    Yes,
}

/// One login that counts on several hosts (central login): each has a session of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginLink {
    /// What the sessions of one login have in common. It lets nobody in.
    pub login: String,
    /// How this session came to it.
    pub part: LoginPart,
}

/// How a session came to a login on several hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoginPart {
    /// Here the user proved who they are; this session hands the login over.
    Origin,
    /// The login was handed over.
    HandedOver,
}

impl LoginLink {
    /// A login that begins.
    pub fn begin(randomness: &dyn Randomness) -> LoginLink {
        let mut bytes = [0; 16];
        randomness.fill(&mut bytes);
        LoginLink {
            login: to_hex(&bytes),
            part: LoginPart::Origin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_serves_for_exactly_fifteen_minutes() {
        let proven = Timestamp::from_second(1_000_000).unwrap();
        let identity = crate::testing::identity("u1", proven);
        assert!(identity.is_proven(proven));
        assert!(identity.is_proven(moment::later(proven, PROOF_LIFETIME)));
        let over = moment::later(proven, PROOF_LIFETIME + Duration::from_millis(1));
        assert!(!identity.is_proven(over));
    }

    #[test]
    fn a_proof_from_the_future_is_none() {
        let proven = Timestamp::from_second(1_000_000).unwrap();
        let identity = crate::testing::identity("u1", proven);
        assert!(identity.is_proven(moment::earlier(proven, moment::CLOCK_SKEW)));
        let before = moment::earlier(proven, moment::CLOCK_SKEW + Duration::from_millis(1));
        assert!(!identity.is_proven(before));
    }

    #[test]
    fn acting_is_over_after_exactly_an_hour() {
        let since = Timestamp::from_second(1_000_000).unwrap();
        let acting = Acting {
            user_id: "u2".into(),
            since,
            reason: "help".into(),
        };
        assert!(!acting.is_over(since));
        assert!(!acting.is_over(moment::later(since, Duration::from_millis(3_599_999))));
        assert!(acting.is_over(moment::later(since, ACTING_LIMIT)));
    }
}

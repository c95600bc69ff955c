//! What the unit tests of this crate share: a policy, a clock's moment, secrets.
//!
//! Compiled for tests alone.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::*;

/// A wiki with anonymous sessions of an hour and logged-in ones of twelve.
pub(crate) fn policy() -> SessionPolicy {
    SessionPolicy {
        wiki: "wiki1".into(),
        realm: Realm::new("ROOT", "grange-session", "/sessions", "/users"),
        cookie: CookiePolicy {
            name_part: "ROOT".into(),
            domain: None,
            path: "/".into(),
            secure: SecureRule::WhenHttps,
            http_only: true,
            same_site: SameSite::Lax,
            until: CookieUntil::MaxAge,
        },
        lifetimes: Lifetimes::from_pair(1.0, 12.0).unwrap(),
        longest_anonymous: None,
        persistent_on_login: vec!["language".into()],
        persistent_on_logout: vec!["language".into()],
        kind: "grange-session".into(),
        max_sessions_per_user: 50,
        trail_size: 5,
    }
}

/// A moment `seconds` after the tests' beginning.
pub(crate) fn at(seconds: u64) -> Timestamp {
    moment::later(
        Timestamp::from_second(1_790_000_000).unwrap(),
        Duration::from_secs(seconds),
    )
}

pub(crate) fn secrets() -> Arc<Secrets> {
    Arc::new(Secrets::parse(&Secrets::generate_line(&SystemRandomness)).unwrap())
}

pub(crate) fn identity(user_id: &str, now: Timestamp) -> Identity {
    Identity {
        user_id: user_id.into(),
        auth_method: "password".into(),
        auth_time: now,
        account_generation: 0,
    }
}

//! What the measured sessions are allowed: guests for an hour, over http, no trail.

use anyhow::Result;
use grange_session::{CookiePolicy, CookieUntil, Lifetimes, Realm, SameSite, SecureRule, SessionPolicy};

/// The policy of a wiki whose guests have sessions.
pub fn policy() -> Result<SessionPolicy> {
    Ok(SessionPolicy {
        wiki: "main".into(),
        realm: realm("bench"),
        cookie: CookiePolicy {
            name_part: "ROOT".into(),
            domain: None,
            path: "/".into(),
            secure: SecureRule::WhenHttps,
            http_only: true,
            same_site: SameSite::Lax,
            until: CookieUntil::MaxAge,
        },
        lifetimes: Lifetimes::from_pair(1.0, 12.0)?,
        longest_anonymous: None,
        persistent_on_login: Vec::new(),
        persistent_on_logout: Vec::new(),
        kind: "bench".into(),
        max_sessions_per_user: 50,
        trail_size: 0,
    })
}

/// A realm of its own.
pub fn realm(name: &str) -> Realm {
    Realm::new(name, "bench", "/sessions", "/users")
}

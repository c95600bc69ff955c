//! Cookie and session: what MoinMoin 1.9 and ViUR call them.
//!
//! What the lifetimes mean in detail is `grange_session::Lifetimes`; the three spellings of one setting
//! (`cookie_lifetime` and the two anonymous keys of 1.6 and 1.7) are told apart in `check/session.rs`.

use super::super::key::Default::{Toml, Words};
use super::super::key::{Key, Kind};
use super::super::rules;

section! {
    /// Part of the session cookie's name. Absent: made from port and path of the canonical address; "siteidmagic":
    /// the wiki's id; anything else: as it is.
    COOKIE_NAME = Key::new(
        "cookie_name",
        Kind::Text(rules::cookie_name),
        Words("made from the canonical address"),
        r#""myfarm""#,
    );
    /// The cookie's Domain attribute: every host under it gets the cookie.
    COOKIE_DOMAIN = Key::new(
        "cookie_domain",
        Kind::Text(rules::cookie_domain),
        Words("none: only the wiki's own host"),
        r#"".example.org""#,
    );
    /// The cookie's Path attribute; rarely wanted.
    COOKIE_PATH = Key::new("cookie_path", Kind::Text(rules::cookie_path), Words("/"), r#""/""#);
    /// Hours, fractions allowed: [anonymous, logged in]. Anonymous 0 = no anonymous sessions. Logged in: above 0 = that
    /// many hours, or 400 days with "remember me"; below 0 = that many hours without it; 0 = logging in is disabled.
    COOKIE_LIFETIME = Key::new("cookie_lifetime", Kind::Lifetime, Toml("[0, 12]"), "[0, 12]");
    /// MoinMoin 1.7's spelling of the first element of cookie_lifetime.
    ANONYMOUS_SESSION_LIFETIME = Key::new("anonymous_session_lifetime", Kind::Hours, Words("0"), "0");
    /// MoinMoin 1.6's spelling of the first element of cookie_lifetime.
    ANONYMOUS_COOKIE_LIFETIME = Key::new("anonymous_cookie_lifetime", Kind::Hours, Words("0"), "0");
    /// The cookie's Secure attribute.
    COOKIE_SECURE = Key::new("cookie_secure", Kind::Bool, Words("true on https"), "true");
    /// The cookie's HttpOnly attribute.
    COOKIE_HTTPONLY = Key::new("cookie_httponly", Kind::Bool, Toml("true"), "true");
    /// The cookie's SameSite attribute; "off" leaves it out.
    SAME_SITE = Key::new(
        "same_site",
        Kind::Word { now: &["lax", "strict", "none", "off"], later: &[] },
        Toml(r#""lax""#),
        r#""lax""#,
    );
    /// No Max-Age is sent: the browser drops the cookie when it closes. The server's lifetime holds all the same.
    USE_SESSION_COOKIE = Key::new("use_session_cookie", Kind::Bool, Toml("false"), "true");
    /// Seconds of idleness after which the server ends a session, whatever the cookie says.
    SESSION_LIFE_TIME = Key::new(
        "session_life_time",
        Kind::Seconds,
        Words("the cookie's lifetime, sliding"),
        "3600",
    );
    /// Seconds after login when a new login is due; "remember me" sessions are exempt up to 400 days.
    SESSION_ABSOLUTE_LIFE_TIME = Key::new(
        "session_absolute_life_time",
        Kind::Seconds,
        Words("the larger of 30 days and the logged-in lifetime"),
        "2592000",
    );
    /// Session keys that are copied into the new session at login; all else is destroyed.
    PERSISTENT_ON_LOGIN = Key::new(
        "session_persistent_fields_on_login",
        Kind::Texts(rules::session_key),
        Toml(r#"["language"]"#),
        r#"["language"]"#,
    );
    /// Session keys that are copied into the new session at logout; all else is destroyed.
    PERSISTENT_ON_LOGOUT = Key::new(
        "session_persistent_fields_on_logout",
        Kind::Texts(rules::session_key),
        Toml(r#"["language"]"#),
        r#"["language"]"#,
    );
    /// The table or key prefix in a store that several farms share.
    SESSION_KIND = Key::new(
        "session_kind",
        Kind::Text(rules::identifier),
        Toml(r#""grange-session""#),
        r#""grange-session""#,
    );
    /// The oldest idle session of a user is ended first.
    MAX_SESSIONS_PER_USER = Key::new(
        "max_sessions_per_user",
        Kind::Whole { min: 1, max: 100_000 },
        Toml("50"),
        "50",
    );
    /// Visited pages kept in the session; 0 = off.
    TRAIL_SIZE = Key::new("trail_size", Kind::Whole { min: 0, max: 100 }, Toml("5"), "5");
}

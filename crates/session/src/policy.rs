//! Everything that a wiki's configuration decides about its sessions, checked.
//!
//! The farm builds one [`SessionPolicy`] per wiki; the handler obeys it. The policy also answers
//! `grange explain`: which Set-Cookie line a visitor or a user would get. It reads no configuration
//! file and keeps no state.

use std::time::Duration;

use crate::cookie::{CookieScope, CookieVerb, cookie_line};
use crate::identity::Remember;
use crate::lifetime::Lifetimes;
use crate::name::NAME_BASE;
use crate::realm::Realm;
use crate::value::is_reserved;

/// What one wiki decides about its sessions.
#[derive(Debug, Clone)]
pub struct SessionPolicy {
    /// The wiki's id, kept in the records of sessions that begin here.
    pub wiki: String,
    /// Who shares sessions with this wiki.
    pub realm: Realm,
    /// The cookie's name and attributes.
    pub cookie: CookiePolicy,
    /// How long sessions live.
    pub lifetimes: Lifetimes,
    /// The longest anonymous lifetime of the realm's wikis: so long an id could be taken for a pending one,
    /// so what has ended is remembered as long.
    pub longest_anonymous: Option<Duration>,
    /// Keys that survive a login, acting as another user, and a password change.
    pub persistent_on_login: Vec<String>,
    /// Keys that survive a logout.
    pub persistent_on_logout: Vec<String>,
    /// `session_kind`: keeps farms apart that share a store. It is part of the realm; stores with
    /// tables or key prefixes name them so.
    pub kind: String,
    /// The oldest idle session of a user beyond this many is ended.
    pub max_sessions_per_user: usize,
    /// How many visited pages are kept; 0 = none.
    pub trail_size: usize,
}

/// The cookie's name and attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookiePolicy {
    /// The name without base and prefix, see [`crate::cookie_name_part`].
    pub name_part: String,
    /// The Domain attribute.
    pub domain: Option<String>,
    /// The Path attribute, `/` unless configured.
    pub path: String,
    /// When the cookie is Secure.
    pub secure: SecureRule,
    /// Whether scripts are kept from reading it.
    pub http_only: bool,
    /// The SameSite attribute.
    pub same_site: SameSite,
    /// Whether it outlives the browser.
    pub until: CookieUntil,
}

/// When a cookie gets the Secure attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecureRule {
    /// On requests over https.
    WhenHttps,
    /// On every request.
    Always,
    /// On none.
    Never,
}

/// The SameSite attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// Sent along when a link is followed from elsewhere.
    Lax,
    /// Not even then.
    Strict,
    /// Always sent; browsers want Secure with it.
    None,
    /// The attribute is left out.
    Off,
}

/// Whether a cookie outlives the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieUntil {
    /// It has a Max-Age.
    MaxAge,
    /// `use_session_cookie`: the browser drops it when it closes; the server-side lifetime holds.
    BrowserCloses,
}

impl SessionPolicy {
    /// The cookie's full name: `__Host-` in front when it is Secure, has no Domain and the path `/`,
    /// else `__Secure-` when Secure, else nothing.
    pub fn cookie_name(&self, https: bool) -> String {
        let prefix = match self.cookie.is_secure(https) {
            true if self.cookie.domain.is_none() && self.cookie.path == "/" => "__Host-",
            true => "__Secure-",
            false => "",
        };
        format!("{prefix}{NAME_BASE}{}", self.cookie.name_part)
    }

    /// The value of the Set-Cookie header that an anonymous visitor with this id gets; `None` where
    /// anonymous sessions are off.
    pub fn visitor_cookie_line(&self, https: bool, id: &str) -> Option<String> {
        let lifetime = self.lifetimes.for_visitor()?;
        Some(self.keep_line(https, id, lifetime.cookie))
    }

    /// The value of the Set-Cookie header that a login with this id gets; `None` where logging in is
    /// disabled.
    pub fn login_cookie_line(&self, https: bool, remember: Remember, id: &str) -> Option<String> {
        let lifetime = self.lifetimes.for_login(remember)?;
        Some(self.keep_line(https, id, lifetime.cookie))
    }

    fn keep_line(&self, https: bool, id: &str, age: Duration) -> String {
        let verb = CookieVerb::Keep {
            id,
            max_age: self.max_age(age),
        };
        cookie_line(&self.cookie_scope(https), verb)
    }

    /// `age` as this wiki sends it: no Max-Age at all for cookies that die with the browser.
    pub(crate) fn max_age(&self, age: Duration) -> Option<Duration> {
        (self.cookie.until == CookieUntil::MaxAge).then_some(age)
    }

    pub(crate) fn cookie_scope(&self, https: bool) -> CookieScope<'_> {
        CookieScope {
            name: self.cookie_name(https),
            domain: self.cookie.domain.as_deref(),
            path: &self.cookie.path,
            secure: self.cookie.is_secure(https),
            http_only: self.cookie.http_only,
            same_site: self.cookie.same_site.attribute(),
        }
    }

    /// Whether `key` survives a login. Reserved keys never do, whatever the configuration says.
    pub(crate) fn survives_login(&self, key: &str) -> bool {
        !is_reserved(key) && self.persistent_on_login.iter().any(|kept| kept == key)
    }

    /// Whether `key` survives a logout.
    pub(crate) fn survives_logout(&self, key: &str) -> bool {
        !is_reserved(key) && self.persistent_on_logout.iter().any(|kept| kept == key)
    }
}

impl CookiePolicy {
    fn is_secure(&self, https: bool) -> bool {
        match self.secure {
            SecureRule::WhenHttps => https,
            SecureRule::Always => true,
            SecureRule::Never => false,
        }
    }
}

impl SameSite {
    fn attribute(self) -> Option<&'static str> {
        match self {
            SameSite::Lax => Some("Lax"),
            SameSite::Strict => Some("Strict"),
            SameSite::None => Some("None"),
            SameSite::Off => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::policy;

    #[test]
    fn an_https_cookie_without_domain_at_the_root_is_a_host_cookie() {
        let mut policy = policy();
        assert_eq!(policy.cookie_name(true), "__Host-GRANGE_SESSION_ROOT");
        assert_eq!(policy.cookie_name(false), "GRANGE_SESSION_ROOT");
        policy.cookie.domain = Some(".example.org".into());
        assert_eq!(policy.cookie_name(true), "__Secure-GRANGE_SESSION_ROOT");
        policy.cookie.domain = None;
        policy.cookie.path = "/wiki".into();
        assert_eq!(policy.cookie_name(true), "__Secure-GRANGE_SESSION_ROOT");
    }

    #[test]
    fn the_longest_cookie_that_can_be_configured_is_one_that_browsers_keep() {
        let mut policy = policy();
        policy.cookie.name_part = "n".repeat(512);
        policy.cookie.domain = Some(format!(".{}", "d".repeat(253)));
        policy.cookie.path = format!("/{}", "p".repeat(1023));
        // An id: version, random bits, moment, signature.
        let id = "i".repeat(2 + 43 + 15 + 43 + 3);
        let line = policy.visitor_cookie_line(true, &id).unwrap();
        assert!(line.len() < 4096, "{} bytes", line.len());
    }

    #[test]
    fn the_secure_rule_decides_prefix_and_attribute_together() {
        let mut policy = policy();
        policy.cookie.secure = SecureRule::Never;
        let line = policy.visitor_cookie_line(true, "ID").unwrap();
        assert_eq!(
            line,
            "GRANGE_SESSION_ROOT=ID; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"
        );
        policy.cookie.secure = SecureRule::Always;
        let line = policy.visitor_cookie_line(false, "ID").unwrap();
        assert_eq!(
            line,
            "__Host-GRANGE_SESSION_ROOT=ID; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn same_site_and_http_only_follow_the_configuration() {
        let mut policy = policy();
        policy.cookie.http_only = false;
        for (rule, text) in [
            (SameSite::Strict, "; SameSite=Strict"),
            (SameSite::None, "; SameSite=None"),
            (SameSite::Off, ""),
        ] {
            policy.cookie.same_site = rule;
            let line = policy.visitor_cookie_line(false, "ID").unwrap();
            assert_eq!(
                line,
                format!("GRANGE_SESSION_ROOT=ID; Path=/; Max-Age=3600{text}")
            );
        }
    }

    #[test]
    fn a_login_line_has_the_logged_in_age_and_400_days_when_remembered() {
        let policy = policy();
        let line = |remember| policy.login_cookie_line(false, remember, "ID").unwrap();
        assert!(line(Remember::No).contains("; Max-Age=43200;"));
        assert!(line(Remember::Yes).contains("; Max-Age=34560000;"));
    }

    #[test]
    fn a_cookie_that_dies_with_the_browser_has_no_age_even_when_remembered() {
        let mut policy = policy();
        policy.cookie.until = CookieUntil::BrowserCloses;
        assert!(
            !policy
                .visitor_cookie_line(false, "ID")
                .unwrap()
                .contains("Max-Age")
        );
        assert!(
            !policy
                .login_cookie_line(false, Remember::Yes, "ID")
                .unwrap()
                .contains("Max-Age")
        );
    }

    #[test]
    fn there_is_no_line_where_there_are_no_sessions() {
        let mut policy = policy();
        policy.lifetimes = Lifetimes::from_pair(0.0, 0.0).unwrap();
        assert_eq!(policy.visitor_cookie_line(false, "ID"), None);
        assert_eq!(policy.login_cookie_line(false, Remember::Yes, "ID"), None);
    }

    #[test]
    fn reserved_keys_never_survive_even_when_configured() {
        let mut policy = policy();
        policy.persistent_on_login = vec!["language".into(), "user.id".into(), "trail".into()];
        assert!(policy.survives_login("language"));
        assert!(!policy.survives_login("user.id") && !policy.survives_login("trail"));
        assert!(!policy.survives_login("test"));
    }
}

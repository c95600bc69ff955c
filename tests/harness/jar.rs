//! A cookie jar as RFC 6265bis describes it: what a browser keeps and what it sends.
//!
//! Host-only and domain cookies, paths, Secure, Max-Age, the `__Secure-` and `__Host-` prefixes,
//! public suffixes; ports play no part, as in every browser.

#![expect(clippy::disallowed_methods, reason = "a browser reads the clock")]

use std::time::{Duration, SystemTime};

/// A cookie in the jar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The host, or the domain when `host_only` is false.
    pub domain: String,
    /// Whether only the very host gets it.
    pub host_only: bool,
    /// Below which path it is sent.
    pub path: String,
    /// Whether it travels over https only.
    pub secure: bool,
    /// Whether it has an end (Max-Age) or goes when the browser closes.
    pub expires: Option<SystemTime>,
}

/// A browser's cookies.
#[derive(Debug, Clone, Default)]
pub struct Jar {
    cookies: Vec<Cookie>,
}

/// Where a request goes, as far as cookies care.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The host without port.
    pub host: &'a str,
    /// The path without query.
    pub path: &'a str,
    /// Whether it is https.
    pub https: bool,
}

impl Jar {
    /// Takes a Set-Cookie line as a browser would: refuses what it must refuse.
    pub fn take(&mut self, line: &str, place: Place<'_>) {
        let Some(cookie) = parse(line, place) else { return };
        if !is_acceptable(&cookie, place) {
            return;
        }
        self.cookies.retain(|old| {
            (&old.name, &old.domain, &old.path) != (&cookie.name, &cookie.domain, &cookie.path)
        });
        if cookie.expires.is_none_or(|end| end > SystemTime::now()) {
            self.cookies.push(cookie);
        }
    }

    /// The Cookie header for a request; longer paths first, then older cookies.
    pub fn header(&self, place: Place<'_>) -> Option<String> {
        let mut sent: Vec<&Cookie> = self
            .cookies
            .iter()
            .filter(|cookie| cookie.is_sent_to(place))
            .collect();
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = sent
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// All cookies.
    pub fn cookies(&self) -> &[Cookie] {
        &self.cookies
    }

    /// The value of the first cookie of a name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.cookies
            .iter()
            .find(|cookie| cookie.name == name)
            .map(|cookie| cookie.value.as_str())
    }

    /// The cookies of our server, whatever their names' endings.
    pub fn session_cookies(&self) -> Vec<&Cookie> {
        self.cookies
            .iter()
            .filter(|cookie| cookie.name.contains("GRANGE_SESSION_"))
            .collect()
    }

    /// Puts a cookie in by hand, as a hostile sibling or a thief would.
    pub fn plant(&mut self, cookie: Cookie) {
        self.cookies.push(cookie);
    }

    /// The browser is closed: cookies without an end go.
    pub fn close_browser(&mut self) {
        self.cookies.retain(|cookie| cookie.expires.is_some());
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.cookies.clear();
    }
}

impl Cookie {
    fn is_sent_to(&self, place: Place<'_>) -> bool {
        let host = if self.host_only {
            self.domain == place.host
        } else {
            domain_matches(place.host, &self.domain)
        };
        let alive = self.expires.is_none_or(|end| end > SystemTime::now());
        host && alive && path_matches(place.path, &self.path) && (!self.secure || is_trustworthy(place))
    }
}

/// https, or the machine itself, which browsers trust as well.
fn is_trustworthy(place: Place<'_>) -> bool {
    place.https
}

fn parse(line: &str, place: Place<'_>) -> Option<Cookie> {
    let mut parts = line.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let mut cookie = Cookie {
        name: name.trim().to_owned(),
        value: value.trim().to_owned(),
        domain: place.host.to_owned(),
        host_only: true,
        path: default_path(place.path),
        secure: false,
        expires: None,
    };
    for attribute in parts {
        let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "domain" if !value.is_empty() => {
                cookie.domain = value.trim_start_matches('.').to_ascii_lowercase();
                cookie.host_only = false;
            }
            "path" if value.starts_with('/') => cookie.path = value.to_owned(),
            "secure" => cookie.secure = true,
            "max-age" => cookie.expires = Some(end(value)?),
            _ => {}
        }
    }
    Some(cookie)
}

fn end(max_age: &str) -> Option<SystemTime> {
    let seconds: i64 = max_age.parse().ok()?;
    match u64::try_from(seconds) {
        Ok(0) | Err(_) => Some(SystemTime::UNIX_EPOCH),
        // No browser keeps a cookie longer than 400 days.
        Ok(seconds) => Some(SystemTime::now() + Duration::from_secs(seconds.min(400 * 86_400))),
    }
}

fn is_acceptable(cookie: &Cookie, place: Place<'_>) -> bool {
    if cookie.name.len() + cookie.value.len() > 4096 {
        return false;
    }
    if cookie.secure && !is_trustworthy(place) {
        return false;
    }
    if !cookie.host_only && (!domain_matches(place.host, &cookie.domain) || is_public_suffix(&cookie.domain))
    {
        return false;
    }
    if cookie.name.starts_with("__Secure-") && !cookie.secure {
        return false;
    }
    let host_prefixed = cookie.name.starts_with("__Host-");
    !host_prefixed || (cookie.secure && cookie.host_only && cookie.path == "/")
}

/// RFC 6265bis section 5.1.3; addresses match only themselves.
fn domain_matches(host: &str, domain: &str) -> bool {
    if host == domain {
        return true;
    }
    let is_address = host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[');
    !is_address && host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// The suffixes that the tests use; a real browser knows the whole list.
fn is_public_suffix(domain: &str) -> bool {
    !domain.contains('.') || ["co.uk", "github.io"].contains(&domain)
}

/// RFC 6265bis section 5.1.4.
fn path_matches(path: &str, cookie_path: &str) -> bool {
    match path.strip_prefix(cookie_path) {
        Some(rest) => rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'),
        None => false,
    }
}

fn default_path(path: &str) -> String {
    match path.rfind('/') {
        Some(0) | None => "/".to_owned(),
        Some(last) => path[..last].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(host: &'static str, path: &'static str) -> Place<'static> {
        Place {
            host,
            path,
            https: false,
        }
    }

    fn secure(host: &'static str) -> Place<'static> {
        Place {
            host,
            path: "/",
            https: true,
        }
    }

    #[test]
    fn a_host_only_cookie_goes_to_its_host_alone() {
        let mut jar = Jar::default();
        jar.take("a=1; Path=/", at("wiki.example.org", "/"));
        assert_eq!(jar.header(at("wiki.example.org", "/x")).as_deref(), Some("a=1"));
        assert_eq!(jar.header(at("sub.wiki.example.org", "/")), None);
        assert_eq!(jar.header(at("example.org", "/")), None);
    }

    #[test]
    fn a_domain_cookie_goes_to_all_hosts_below() {
        let mut jar = Jar::default();
        jar.take("a=1; Domain=.example.org; Path=/", at("wiki1.example.org", "/"));
        assert!(jar.header(at("wiki2.example.org", "/")).is_some());
        assert_eq!(jar.header(at("notexample.org", "/")), None);
        jar.take("b=1; Domain=other.org", at("wiki1.example.org", "/"));
        jar.take("c=1; Domain=org", at("wiki1.example.org", "/"));
        assert_eq!(
            jar.cookies().len(),
            1,
            "foreign and public-suffix domains are refused"
        );
    }

    #[test]
    fn a_path_is_no_prefix_of_letters() {
        let mut jar = Jar::default();
        jar.take("a=1; Path=/wiki1", at("h.example", "/wiki1/"));
        assert!(jar.header(at("h.example", "/wiki1/Page")).is_some());
        assert!(jar.header(at("h.example", "/wiki10")).is_none());
    }

    #[test]
    fn prefixes_are_held_to_their_promise() {
        let mut jar = Jar::default();
        jar.take(
            "__Host-a=1; Secure; Path=/; Domain=example.org",
            secure("example.org"),
        );
        jar.take("__Host-a=1; Secure; Path=/x", secure("example.org"));
        jar.take("__Host-a=1; Path=/", secure("example.org"));
        jar.take("__Secure-a=1; Path=/", secure("example.org"));
        assert!(jar.cookies().is_empty());
        jar.take("__Host-a=1; Secure; Path=/", secure("example.org"));
        assert_eq!(jar.cookies().len(), 1);
        assert_eq!(jar.header(at("example.org", "/")), None, "not over http");
    }

    #[test]
    fn a_max_age_of_zero_removes_and_a_closed_browser_forgets() {
        let mut jar = Jar::default();
        jar.take("a=1; Path=/", at("h.example", "/"));
        jar.take("b=1; Path=/; Max-Age=60", at("h.example", "/"));
        jar.close_browser();
        assert_eq!(jar.header(at("h.example", "/")).as_deref(), Some("b=1"));
        jar.take("b=; Path=/; Max-Age=0", at("h.example", "/"));
        assert_eq!(jar.header(at("h.example", "/")), None);
    }
}

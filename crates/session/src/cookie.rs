//! Cookies as bytes: the values of our name in Cookie headers, and Set-Cookie lines.
//!
//! The reader looks at each cookie by itself, so a malformed neighbour, a byte that is no UTF-8 or a
//! twin of the same name never hides ours; what a value means is id.rs's business. The writer is one
//! function for setting and removing, because a removal with another Domain, Path or Secure would
//! remove nothing (RFC 6265, section 5.3).

use std::fmt;
use std::time::Duration;

/// What a cookie is sent with, the same for every line of one wiki and scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CookieScope<'a> {
    pub(crate) name: String,
    pub(crate) domain: Option<&'a str>,
    pub(crate) path: &'a str,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) same_site: Option<&'static str>,
}

/// What a Set-Cookie line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CookieVerb<'a> {
    /// Keep this id; `None` = until the browser closes.
    Keep { id: &'a str, max_age: Option<Duration> },
    /// Forget the cookie.
    Remove,
}

/// The value of one Set-Cookie header.
#[derive(Clone, PartialEq, Eq)]
pub struct CookieChange {
    line: String,
    removal: bool,
}

impl CookieChange {
    pub(crate) fn new(scope: &CookieScope<'_>, verb: CookieVerb<'_>) -> CookieChange {
        CookieChange {
            line: cookie_line(scope, verb),
            removal: verb == CookieVerb::Remove,
        }
    }

    /// The header's value. It holds an id: send it, and write it nowhere else.
    pub fn header_value(&self) -> &str {
        &self.line
    }

    /// Whether the line makes the browser forget the cookie.
    pub fn is_removal(&self) -> bool {
        self.removal
    }
}

impl fmt::Debug for CookieChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.line.split('=').next().unwrap_or_default();
        let verb = if self.removal { "remove" } else { "keep" };
        write!(f, "CookieChange({verb} {name})")
    }
}

/// The values of all cookies called `name`, in the order sent, quotes taken off.
pub(crate) fn cookie_values<'a>(
    headers: &'a [&'a [u8]],
    name: &'a str,
) -> impl Iterator<Item = &'a [u8]> + 'a {
    headers
        .iter()
        .flat_map(|header| header.split(|byte| *byte == b';'))
        .filter_map(move |pair| read_pair(pair, name.as_bytes()))
}

fn read_pair<'a>(pair: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let rest = pair.trim_ascii().strip_prefix(name)?.trim_ascii_start();
    let value = rest.strip_prefix(b"=")?.trim_ascii();
    let unquoted = value
        .strip_prefix(b"\"")
        .and_then(|value| value.strip_suffix(b"\""));
    Some(unquoted.unwrap_or(value))
}

/// One Set-Cookie value. Setting and removing differ in value and age alone.
pub(crate) fn cookie_line(scope: &CookieScope<'_>, verb: CookieVerb<'_>) -> String {
    let id = match verb {
        CookieVerb::Keep { id, .. } => id,
        CookieVerb::Remove => "",
    };
    let mut line = format!("{}={id}", scope.name);
    if let Some(domain) = scope.domain {
        line.push_str(&format!("; Domain={domain}"));
    }
    line.push_str(&format!("; Path={}", scope.path));
    match verb {
        CookieVerb::Keep { max_age: None, .. } => {}
        CookieVerb::Keep {
            max_age: Some(age), ..
        } => line.push_str(&format!("; Max-Age={}", age.as_secs())),
        // Expires too, for programs that never learned Max-Age.
        CookieVerb::Remove => line.push_str("; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
    }
    if scope.secure {
        line.push_str("; Secure");
    }
    if scope.http_only {
        line.push_str("; HttpOnly");
    }
    if let Some(same_site) = scope.same_site {
        line.push_str(&format!("; SameSite={same_site}"));
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(headers: &[&[u8]]) -> Vec<String> {
        cookie_values(headers, "S")
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .collect()
    }

    #[test]
    fn our_cookie_is_found_among_others() {
        assert_eq!(values(&[b"a=1; S=x.y; b=2"]), ["x.y"]);
        assert_eq!(values(&[b"a=1", b"S=x"]), ["x"]);
        assert!(values(&[b"SS=1; s=2; S2=3; xS=4"]).is_empty());
    }

    #[test]
    fn several_cookies_of_our_name_come_in_order() {
        assert_eq!(values(&[b"S=1; S=2", b"S=3"]), ["1", "2", "3"]);
    }

    #[test]
    fn malformed_neighbours_never_hide_ours() {
        assert_eq!(values(&[b"\xff\xfe; =; ;; garbage; a=\"; S=x; \x00=\x01"]), ["x"]);
        assert_eq!(values(&[b"S; S=\xff; S=x"]), ["\u{fffd}", "x"]);
    }

    #[test]
    fn blanks_and_quotes_around_a_value_are_taken_off() {
        assert_eq!(values(&[b"  S =  x  ;S=\"y\";S=\"z"]), ["x", "y", "\"z"]);
    }

    fn scope(domain: Option<&str>) -> CookieScope<'_> {
        CookieScope {
            name: "S".into(),
            domain,
            path: "/w",
            secure: true,
            http_only: true,
            same_site: Some("Lax"),
        }
    }

    #[test]
    fn a_line_has_all_attributes_in_a_fixed_order() {
        let verb = CookieVerb::Keep {
            id: "x",
            max_age: Some(Duration::from_millis(36_900)),
        };
        let expected = "S=x; Domain=.example.org; Path=/w; Max-Age=36; Secure; HttpOnly; SameSite=Lax";
        assert_eq!(cookie_line(&scope(Some(".example.org")), verb), expected);
    }

    #[test]
    fn a_cookie_until_the_browser_closes_has_no_age() {
        let line = cookie_line(
            &scope(None),
            CookieVerb::Keep {
                id: "x",
                max_age: None,
            },
        );
        assert_eq!(line, "S=x; Path=/w; Secure; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn a_removal_has_the_name_domain_path_and_secure_of_what_it_removes() {
        let line = cookie_line(&scope(Some("example.org")), CookieVerb::Remove);
        let expected = "S=; Domain=example.org; Path=/w; Max-Age=0; \
                        Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax";
        assert_eq!(line, expected);
    }

    #[test]
    fn a_change_does_not_print_its_id() {
        let change = CookieChange::new(
            &scope(None),
            CookieVerb::Keep {
                id: "secret",
                max_age: None,
            },
        );
        assert_eq!(format!("{change:?}"), "CookieChange(keep S)");
        assert!(change.header_value().contains("secret") && !change.is_removal());
    }

    proptest! {
        #[test]
        fn no_header_makes_the_reader_panic(header in proptest::collection::vec(any::<u8>(), 0..300)) {
            for value in cookie_values(&[&header], "S") {
                prop_assert!(!value.contains(&b';'));
            }
        }

        #[test]
        fn ours_is_found_behind_any_garbage(
            before in proptest::collection::vec(any::<u8>(), 0..100),
            after in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let header = [&before[..], b"; S=ours;", &after[..]].concat();
            prop_assert!(cookie_values(&[&header], "S").any(|value| value == b"ours"));
        }
    }
}

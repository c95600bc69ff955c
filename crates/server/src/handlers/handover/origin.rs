//! Origins as browsers name them: scheme, host and port.
//!
//! Two origins are compared as values, never as texts, so that a default port or a capital letter makes no
//! difference and a longer host name is not taken for a shorter one.

use grange_farm::parse_authority;

use crate::incoming::default_port;

/// Scheme, host and port, as an `Origin` header has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WebOrigin {
    https: bool,
    pub(super) host: String,
    port: u16,
}

impl WebOrigin {
    /// The origin of an absolute address.
    pub(super) fn of(url: &str) -> Option<WebOrigin> {
        let (scheme, rest) = url.split_once("://")?;
        let https = match scheme {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let (host, port) = parse_authority(rest.split(['/', '?', '#']).next()?).ok()?;
        Some(WebOrigin {
            https,
            host: host.into_owned(),
            port: port.unwrap_or(default_port(https)),
        })
    }
}

impl std::fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        match self.port == default_port(self.https) {
            true => write!(f, "{scheme}://{}", self.host),
            false => write!(f, "{scheme}://{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_stands_before_the_path() {
        for (url, origin) in [
            ("https://Wiki.example.org/a?b", "https://wiki.example.org"),
            ("https://wiki.example.org:443", "https://wiki.example.org"),
            (
                "http://a.localhost:8080/w/P?action=handover",
                "http://a.localhost:8080",
            ),
        ] {
            assert_eq!(WebOrigin::of(url).unwrap().to_string(), origin);
        }
        for none in [
            "null",
            "",
            "wiki.example.org",
            "ftp://a",
            "https://",
            "https://a b",
        ] {
            assert_eq!(WebOrigin::of(none), None, "{none}");
        }
        assert_ne!(WebOrigin::of("http://a"), WebOrigin::of("https://a"));
    }
}

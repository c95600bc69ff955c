//! The host and port a client addressed: the Host header, or a trusted proxy's word.
//!
//! Junk is refused here, so that nothing behind this line sees a slash, a blank or a second host in a name.
//! Which header counts is the server's decision; this file reads one text.

use std::borrow::Cow;

use super::host;
pub use super::host::HostError;

/// Where a request was sent, in the one spelling of [`parse_authority`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authority<'a> {
    /// Whether the client spoke https (to us, or to a trusted proxy).
    pub https: bool,
    /// The host, without port; IPv6 in brackets.
    pub host: &'a str,
    /// The port as the client wrote it; `None` and the scheme's default are the same.
    pub port: Option<u16>,
}

impl Authority<'_> {
    /// The port a client really reached: the written one or the scheme's default.
    pub fn effective_port(&self) -> u16 {
        self.port.unwrap_or(default_port(self.https))
    }

    /// The port where it must be written in a URL, `None` where the scheme says it.
    pub fn written_port(&self) -> Option<u16> {
        self.port.filter(|&port| port != default_port(self.https))
    }
}

/// 443 for https, else 80.
pub fn default_port(https: bool) -> u16 {
    match https {
        true => 443,
        false => 80,
    }
}

/// Why a Host header routes nowhere: the answer is 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// The host part is none.
    #[error("no valid host: {0}")]
    Host(#[from] HostError),
    /// Something else than 1 to 65535 after the colon.
    #[error("no valid port")]
    Port,
}

/// Reads `HOST[:PORT]`, the host in its one spelling.
///
/// An empty port is none, as RFC 3986 has it. Nothing is allocated for a lower-case ASCII host.
///
/// # Errors
/// * [`AuthorityError::Host`]: empty, blanks, control characters, a slash, userinfo, a comma, a broken literal.
/// * [`AuthorityError::Port`]: not a number from 1 to 65535.
pub fn parse_authority(text: &str) -> Result<(Cow<'_, str>, Option<u16>), AuthorityError> {
    let (host, port) = split_port(text);
    let host = host::normalise(host)?;
    let port = match port {
        None | Some("") => None,
        Some(digits) => Some(parse_port(digits).ok_or(AuthorityError::Port)?),
    };
    Ok((host, port))
}

/// Cuts at the colon that begins the port; the colons of an IPv6 literal are not it.
pub(super) fn split_port(text: &str) -> (&str, Option<&str>) {
    let name_end = match text.starts_with('[') {
        true => text.rfind(']').unwrap_or(0),
        false => 0,
    };
    let tail = text.get(name_end..).unwrap_or(text);
    match tail.find(':') {
        None => (text, None),
        Some(colon) => {
            let (host, port) = text.split_at_checked(name_end + colon).unwrap_or((text, ""));
            (host, port.get(1..))
        }
    }
}

/// A port from 1 to 65535 in plain digits (`+80` and ` 80` are none).
pub(super) fn parse_port(digits: &str) -> Option<u16> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain
        .then(|| digits.parse().ok())
        .flatten()
        .filter(|&port| port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, Option<u16>) {
        let (host, port) = parse_authority(text).unwrap();
        (host.into_owned(), port)
    }

    #[test]
    fn host_and_port_come_apart() {
        assert_eq!(parsed("Example.org:8001"), ("example.org".into(), Some(8001)));
        assert_eq!(parsed("example.org"), ("example.org".into(), None));
        assert_eq!(parsed("[::1]:8080"), ("[::1]".into(), Some(8080)));
        assert_eq!(parsed("[0::1]"), ("[::1]".into(), None));
        assert_eq!(parsed("127.0.0.1:80"), ("127.0.0.1".into(), Some(80)));
    }

    #[test]
    fn an_empty_port_is_none() {
        assert_eq!(parsed("example.org:"), ("example.org".into(), None));
    }

    #[test]
    fn junk_is_refused() {
        let junk = [
            "",
            ":80",
            "a b",
            "a/b",
            "a/../b",
            "user@example.org",
            "user:pw@example.org",
            "a,b",
            "a\tb",
            "a\r\nb",
            "example.org:80:80",
            "::1",
            "example.org:0",
            "example.org:65536",
            "example.org:+80",
            "example.org: 80",
            "example.org:8o",
            "[::1",
            "[::1]x",
            "[::1]x:80",
            "]:80",
            "exa]mple:80",
            "example.org?x",
            "example.org#x",
            "example.org\\x",
            "\u{0}",
            "*",
        ];
        for text in junk {
            assert!(parse_authority(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_default_port_is_not_written() {
        let at = |https, port| Authority {
            https,
            host: "h",
            port,
        };
        assert_eq!(at(false, Some(80)).written_port(), None);
        assert_eq!(at(true, Some(80)).written_port(), Some(80));
        assert_eq!(at(true, None).effective_port(), 443);
        assert_eq!(at(false, Some(8001)).effective_port(), 8001);
    }
}

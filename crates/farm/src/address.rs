//! `at` and `aliases` entries: `[http[s]://]HOST[:PORT][/PATH]`, read completely or refused with a sentence.
//!
//! An [`Address`] is a pattern over what a client addresses; [`crate::router`] finds the most specific one.
//! It is also the way back: [`Address::destination`] fills what the entry leaves open from the request. Host names live in `address/host.rs`, the Host header in `address/authority.rs`.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

mod authority;
mod host;
#[cfg(test)]
mod tests;

pub use authority::{Authority, AuthorityError, default_port, parse_authority};
pub use host::{HostError, is_ip_literal, normalise as normalise_host};

/// What RFC 3986 lets stand unescaped in a path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// The scheme an entry is restricted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `http://`
    Http,
    /// `https://`
    Https,
}

impl Scheme {
    /// The scheme of a request.
    pub fn of(https: bool) -> Scheme {
        match https {
            true => Scheme::Https,
            false => Scheme::Http,
        }
    }

    /// `http` or `https`.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

/// The host part of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HostPattern {
    /// One name or IP literal, in its one spelling.
    Exact(String),
    /// `*.suffix`: one or more labels in front of this suffix, never the suffix itself.
    Suffix(String),
    /// `*`: any host.
    Any,
}

impl HostPattern {
    /// Whether a host in its one spelling fits.
    pub fn matches(&self, host: &str) -> bool {
        match self {
            HostPattern::Exact(name) => name == host,
            HostPattern::Suffix(suffix) => host
                .strip_suffix(suffix.as_str())
                .is_some_and(|front| front.len() > 1 && front.ends_with('.')),
            HostPattern::Any => true,
        }
    }
}

/// One checked `at` or `aliases` entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    scheme: Option<Scheme>,
    host: HostPattern,
    port: Option<u16>,
    path: Vec<String>,
    written: String,
}

impl Address {
    /// Reads one entry.
    ///
    /// # Errors
    /// * [`AddressError`]: what is wrong, in the words of the person who wrote the entry.
    pub fn parse(written: &str) -> Result<Address, AddressError> {
        refuse_foreign_characters(written)?;
        let (scheme, rest) = split_scheme(written)?;
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at_checked(slash).unwrap_or((rest, "")),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(AddressError::Userinfo);
        }
        let (host, port) = authority::split_port(authority);
        Ok(Address {
            scheme,
            host: parse_host(host)?,
            port: port.map(parse_port).transpose()?,
            path: parse_path(path)?,
            written: written.to_owned(),
        })
    }

    /// The scheme it is restricted to; `None` = both.
    pub fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    /// The host part.
    pub fn host(&self) -> &HostPattern {
        &self.host
    }

    /// The port it is restricted to; `None` = any.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The path as decoded segments.
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// The entry as it stands in the file.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The mount path as a URL has it: `""`, `/wiki1`, `/a%20b`.
    pub fn base(&self) -> String {
        self.path.iter().fold(String::new(), |base, segment| {
            base + "/" + &encode_segment(segment)
        })
    }

    /// Whether both stand for the same place in the table, however they are spelled.
    pub fn same_place(&self, other: &Address) -> bool {
        (self.scheme, &self.host, self.port, &self.path)
            == (other.scheme, &other.host, other.port, &other.path)
    }

    /// Where this entry sends a visitor: what it leaves open is taken from the request.
    ///
    /// For `*.suffix` the request's host is kept where it fits; a request from elsewhere is sent to
    /// `stand_in.suffix`, which the entry matches as well.
    pub fn destination<'a>(&'a self, stand_in: &str, request: &Authority<'a>) -> Destination<'a> {
        let host = match &self.host {
            HostPattern::Exact(name) => Cow::Borrowed(name.as_str()),
            HostPattern::Suffix(suffix) if !self.host.matches(request.host) => {
                Cow::Owned(format!("{stand_in}.{suffix}"))
            }
            HostPattern::Suffix(_) | HostPattern::Any => Cow::Borrowed(request.host),
        };
        let scheme = self.scheme.unwrap_or(Scheme::of(request.https));
        let port = self.port.or(request.written_port());
        let port = port.filter(|&port| port != default_port(scheme == Scheme::Https));
        Destination {
            scheme,
            host,
            port,
            base: self.base(),
        }
    }
}

/// Scheme, host, port and mount, all known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination<'a> {
    /// The scheme.
    pub scheme: Scheme,
    /// The host.
    pub host: Cow<'a, str>,
    /// The port; `None` where the scheme says it.
    pub port: Option<u16>,
    /// The mount path, percent-encoded: `""` or `/wiki1`.
    pub base: String,
}

impl Destination<'_> {
    /// The authority that a request sent there would have.
    pub fn authority(&self) -> Authority<'_> {
        Authority {
            https: self.scheme == Scheme::Https,
            host: &self.host,
            port: self.port,
        }
    }

    /// The URL of `tail`: a percent-encoded path below the mount, with its query if any. A missing first slash is
    /// added.
    pub fn url(&self, tail: &str) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        let slash = if tail.starts_with('/') { "" } else { "/" };
        let scheme = self.scheme.as_str();
        [scheme, "://", &self.host, &port, &self.base, slash, tail].concat()
    }
}

/// The entry as it was written.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// Why an `at` or `aliases` entry is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing is written.
    #[error("an address needs a host: write HOST, HOST:PORT or HOST/PATH, or * for any host")]
    Empty,
    /// Blanks and control characters.
    #[error("an address has no blanks and no control characters")]
    Blank,
    /// Neither `http://` nor `https://`.
    #[error("\"{0}://\" is not served: write http:// or https://, or leave the scheme out for both")]
    Scheme(String),
    /// `user@host`.
    #[error("an address names no user: leave out what stands before the @")]
    Userinfo,
    /// A `?`.
    #[error("the query never chooses a wiki: leave out the ? and what follows")]
    Query,
    /// A `#`.
    #[error("browsers never send what follows a #: leave it out")]
    Fragment,
    /// The host is none.
    #[error("\"{host}\" is no host: {reason}")]
    Host {
        /// As written.
        host: String,
        /// What is wrong with it.
        reason: HostError,
    },
    /// A `*` that is neither alone nor in front of `.suffix`.
    #[error("\"{0}\": a * stands alone (any host) or in front of a dot (*.example.org)")]
    Wildcard(String),
    /// Not a port.
    #[error("\"{0}\" is no port: write a number from 1 to 65535, or leave the colon out for any port")]
    Port(String),
    /// `//` inside the path.
    #[error("the path has an empty segment: write single slashes")]
    EmptySegment,
    /// `.` or `..`.
    #[error(
        "the path has a \"{0}\" segment, which browsers resolve before they ask: write the path they ask for"
    )]
    DotSegment(String),
    /// A `%` that begins no escape, or escapes that are no UTF-8 or a control character.
    #[error(
        "\"{0}\" is no valid path segment: % begins two hex digits, and the whole is UTF-8 without control characters"
    )]
    Escape(String),
    /// A first segment beginning with `_`.
    #[error(
        "\"/{0}\": a path that begins with _ is reserved for a wiki's own addresses (_static, _api, _farm)"
    )]
    Reserved(String),
}

fn refuse_foreign_characters(written: &str) -> Result<(), AddressError> {
    match written
        .chars()
        .find(|&c| c.is_whitespace() || c.is_control() || c == '?' || c == '#')
    {
        None if written.is_empty() => Err(AddressError::Empty),
        None => Ok(()),
        Some('?') => Err(AddressError::Query),
        Some('#') => Err(AddressError::Fragment),
        Some(_) => Err(AddressError::Blank),
    }
}

fn split_scheme(written: &str) -> Result<(Option<Scheme>, &str), AddressError> {
    // `example.org/a://b` has no scheme: its path only looks like one.
    let Some((scheme, rest)) = written
        .split_once("://")
        .filter(|(scheme, _)| !scheme.contains('/'))
    else {
        return Ok((None, written));
    };
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Ok((Some(Scheme::Http), rest)),
        "https" => Ok((Some(Scheme::Https), rest)),
        _ => Err(AddressError::Scheme(scheme.to_owned())),
    }
}

fn parse_host(host: &str) -> Result<HostPattern, AddressError> {
    let refused = |reason| AddressError::Host {
        host: host.to_owned(),
        reason,
    };
    match host.strip_prefix("*.") {
        _ if host.is_empty() => Err(AddressError::Empty),
        _ if host == "*" => Ok(HostPattern::Any),
        Some(suffix) if !suffix.contains('*') => {
            let suffix = host::normalise(suffix).map_err(refused)?;
            match is_ip_literal(&suffix) {
                true => Err(AddressError::Wildcard(host.to_owned())),
                false => Ok(HostPattern::Suffix(suffix.into_owned())),
            }
        }
        _ if host.contains('*') => Err(AddressError::Wildcard(host.to_owned())),
        _ => Ok(HostPattern::Exact(
            host::normalise(host).map_err(refused)?.into_owned(),
        )),
    }
}

fn parse_port(digits: &str) -> Result<u16, AddressError> {
    authority::parse_port(digits).ok_or_else(|| AddressError::Port(digits.to_owned()))
}

fn parse_path(path: &str) -> Result<Vec<String>, AddressError> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let segments: Vec<String> = path
        .split('/')
        .skip(1)
        .map(parse_segment)
        .collect::<Result<_, _>>()?;
    match segments.first().filter(|first| first.starts_with('_')) {
        Some(first) => Err(AddressError::Reserved(first.clone())),
        None => Ok(segments),
    }
}

fn parse_segment(raw: &str) -> Result<String, AddressError> {
    let escape = || AddressError::Escape(raw.to_owned());
    let decoded = decode_segment(raw).ok_or_else(escape)?;
    match decoded.as_ref() {
        "" => Err(AddressError::EmptySegment),
        "." | ".." => Err(AddressError::DotSegment(raw.to_owned())),
        text if text.chars().any(char::is_control) => Err(escape()),
        text => Ok(text.to_owned()),
    }
}

/// A raw segment decoded once; `None` where it is no UTF-8 or a `%` begins no escape.
pub(crate) fn decode_segment(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.contains('%') {
        return Some(Cow::Borrowed(raw));
    }
    let escapes_are_whole = raw.split('%').skip(1).all(|rest| {
        rest.as_bytes()
            .get(..2)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    escapes_are_whole
        .then(|| percent_decode_str(raw).decode_utf8().ok())
        .flatten()
}

fn encode_segment(segment: &str) -> String {
    utf8_percent_encode(segment, SEGMENT).to_string()
}

//! What arrived, as plain words: authority, scheme, client, path.
//!
//! The first step of every request. It believes `X-Forwarded-*` and `Forwarded`
//! only from a trusted proxy, refuses an authority that is not one, and never
//! looks at the query string to decide where a request belongs.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use grange_farm::{Authority, parse_authority};
use ipnet::IpNet;
use jiff::Timestamp;

use crate::heads::{CUT, LONGEST_HEAD};
use crate::refusal::Refusal;

/// The most bytes a request target may have; longer ones are answered 414.
const LONGEST_TARGET: usize = 8 * 1024;

/// One request, before anybody asked which wiki it is for.
pub struct Incoming<'r> {
    /// The request as the HTTP layer read it.
    pub http: &'r HttpRequest,
    /// When it arrived.
    pub now: Timestamp,
    /// Names this request in the log and on error pages.
    pub id: u64,
    /// Whether the client speaks https to whoever answers it.
    pub https: bool,
    /// The host, normalised as browsers do (lower case, IDNA, no trailing dot).
    pub host: String,
    /// The port as the client sees it, the scheme's default filled in.
    pub port: u16,
    /// Who asks: the peer, or what a trusted proxy says.
    pub client: IpAddr,
    /// Whether the scheme above is certain (own TLS, or a trusted proxy says it), so
    /// that the scheme of an Origin header may be held against it.
    pub scheme_is_certain: bool,
}

impl<'r> Incoming<'r> {
    /// Reads authority, scheme and client.
    ///
    /// # Errors
    /// * [`Refusal::BadRequest`] when the Host is missing, repeated or not a host
    /// * [`Refusal::TargetTooLong`] when the request target is over 8 KiB
    /// * [`Refusal::HeadTooLong`] when it has more than 64 KiB with the headers
    pub fn read(http: &'r HttpRequest, trusted: &[IpNet], now: Timestamp, id: u64) -> Result<Self, Refusal> {
        let target = http.uri();
        let length = target.path().len() + target.query().map_or(0, str::len);
        if length > LONGEST_TARGET {
            return Err(Refusal::TargetTooLong);
        }
        let peer = http
            .peer_addr()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| {
                address.ip().to_canonical()
            });
        let proxied = is_trusted(trusted, peer)
            .then(|| Forwarded::read(http.headers(), trusted))
            .flatten();
        let written = match proxied.as_ref().and_then(|forwarded| forwarded.host.as_deref()) {
            Some(host) => host,
            None => own_authority(http)?,
        };
        let (host, port) = host_and_port(written)?;
        if is_too_long(http) {
            return Err(Refusal::HeadTooLong { host });
        }
        let https = match &proxied {
            Some(forwarded) => forwarded.https.unwrap_or(false),
            None => http.app_config().secure(),
        };
        let port = proxied.as_ref().and_then(|forwarded| forwarded.port).or(port);
        Ok(Incoming {
            http,
            now,
            id,
            https,
            host,
            port: port.unwrap_or(default_port(https)),
            client: proxied
                .as_ref()
                .and_then(|forwarded| forwarded.client)
                .unwrap_or(peer),
            scheme_is_certain: match &proxied {
                // A proxy that only names its client leaves open whether it ended TLS.
                Some(forwarded) => forwarded.https.is_some(),
                None => http.app_config().secure(),
            },
        })
    }

    /// Where the request was sent, for the address table.
    pub fn authority(&self) -> Authority<'_> {
        Authority {
            https: self.https,
            host: &self.host,
            port: Some(self.port),
        }
    }

    /// The path as it was sent, percent-encoded.
    pub fn path(&self) -> &'r str {
        self.http.uri().path()
    }

    /// The query as it was sent, without the question mark.
    pub fn query(&self) -> Option<&'r str> {
        self.http.uri().query()
    }

    /// A header's text, when it is one.
    pub fn header(&self, name: HeaderName) -> Option<&'r str> {
        self.http.headers().get(name)?.to_str().ok()
    }

    /// Every Cookie header's bytes, in the order they came.
    pub fn cookie_headers(&self) -> Vec<&'r [u8]> {
        self.http
            .headers()
            .get_all(header::COOKIE)
            .map(|value| value.as_bytes())
            .collect()
    }

    /// GET or HEAD: a request that may change nothing.
    pub fn is_reading(&self) -> bool {
        matches!(*self.http.method(), Method::GET | Method::HEAD)
    }

    /// HEAD: nobody sees the body, so nothing is remembered either.
    pub fn is_head(&self) -> bool {
        *self.http.method() == Method::HEAD
    }

    /// Whether the browser takes this address for one that nobody can listen to or speak for: by https, or this machine.
    pub fn is_trustworthy(&self) -> bool {
        let host = self.host.trim_matches(['[', ']']);
        let is_loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        self.https || is_loopback || host == "localhost" || host.ends_with(".localhost")
    }

    /// Whether an `Origin` header's value names the host and port that this
    /// request was sent to. Its scheme counts only where ours is certain.
    pub fn is_own_origin(&self, origin: &str) -> bool {
        let (https, rest) = match (origin.strip_prefix("https://"), origin.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return false, // "null" among them
        };
        if self.scheme_is_certain && https != self.https {
            return false;
        }
        match parse_authority(rest) {
            Ok((host, port)) => host == self.host && self.same_port(https, port),
            Err(_) => false,
        }
    }

    /// Default ports equal none: a proxy that nobody trusts may have ended TLS, so
    /// an origin on its scheme's default port fits a request on either default.
    fn same_port(&self, origin_https: bool, port: Option<u16>) -> bool {
        let port = port.unwrap_or(default_port(origin_https));
        let both_default = port == default_port(origin_https) && self.port == default_port(self.https);
        port == self.port || both_default
    }
}

/// The port that a scheme means when none is written.
pub fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

/// Whether there is more than we read. What the headers take on the wire is what their names and values have.
fn is_too_long(http: &HttpRequest) -> bool {
    let (target, headers) = (http.uri(), http.headers());
    let line = http.method().as_str().len() + target.path().len() + target.query().map_or(0, str::len);
    let rest: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len())
        .sum();
    line + rest > LONGEST_HEAD || headers.contains_key(CUT)
}

fn is_trusted(trusted: &[IpNet], address: IpAddr) -> bool {
    trusted.iter().any(|block| block.contains(&address))
}

/// The request's own authority: an absolute target's, else the one Host header.
fn own_authority(http: &HttpRequest) -> Result<&str, Refusal> {
    if let Some(authority) = http.uri().authority() {
        return Ok(authority.as_str());
    }
    let mut hosts = http.headers().get_all(header::HOST);
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host
            .to_str()
            .map_err(|_| Refusal::BadRequest("The Host header is not a host name.".to_owned())),
        (Some(_), Some(_)) => Err(Refusal::BadRequest(
            "The request has more than one Host header.".to_owned(),
        )),
        (None, _) => Err(Refusal::BadRequest("The request has no Host header.".to_owned())),
    }
}

/// An authority as it was written, and what it says.
#[derive(Default)]
struct Written {
    text: String,
    host: String,
    port: Option<u16>,
}

thread_local! {
    /// The one read last: the requests of a connection all name the same.
    static LAST: RefCell<Written> = RefCell::default();
}

fn host_and_port(text: &str) -> Result<(String, Option<u16>), Refusal> {
    LAST.with_borrow_mut(|last| {
        if last.text != text || text.is_empty() {
            let (host, port) =
                parse_authority(text).map_err(|cause| Refusal::BadRequest(cause.to_string()))?;
            *last = Written {
                text: text.to_owned(),
                host: host.into_owned(),
                port,
            };
        }
        Ok((last.host.clone(), last.port))
    })
}

/// What trusted proxies say about the client they speak for.
#[derive(Default, Debug, PartialEq)]
struct Forwarded {
    host: Option<String>,
    https: Option<bool>,
    port: Option<u16>,
    client: Option<IpAddr>,
}

impl Forwarded {
    /// Reads `X-Forwarded-*` when there is one of them, else `Forwarded` (RFC 7239); `None` when the
    /// proxy says nothing at all. Most proxies write the former and hand on a visitor's `Forwarded`
    /// untouched, so where both stand it is the visitor who wrote the latter.
    fn read(headers: &HeaderMap, trusted: &[IpNet]) -> Option<Forwarded> {
        Self::from_customary(headers, trusted)
            .or_else(|| joined(headers, "forwarded").map(|line| Self::from_standard(&line, trusted)))
    }

    /// The nearest element that does not name a trusted proxy as its client
    /// tells about the visitor; what stands left of it was written by strangers.
    fn from_standard(line: &str, trusted: &[IpNet]) -> Forwarded {
        let mut nearest = Forwarded::default();
        for element in line.rsplit(',') {
            nearest = Self::from_element(element);
            if !nearest.client.is_some_and(|client| is_trusted(trusted, client)) {
                break;
            }
        }
        nearest
    }

    fn from_element(element: &str) -> Forwarded {
        let mut found = Forwarded::default();
        for pair in element.split(';') {
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "for" => found.client = parse_client(value),
                "host" => found.host = Some(value.to_owned()),
                "proto" => found.https = Some(value.eq_ignore_ascii_case("https")),
                _ => {}
            }
        }
        found
    }

    fn from_customary(headers: &HeaderMap, trusted: &[IpNet]) -> Option<Forwarded> {
        let chain = joined(headers, "x-forwarded-for");
        let host = joined(headers, "x-forwarded-host");
        let proto = joined(headers, "x-forwarded-proto");
        let port = joined(headers, "x-forwarded-port");
        if chain.is_none() && host.is_none() && proto.is_none() && port.is_none() {
            return None;
        }
        Some(Forwarded {
            // The last value is the one our own proxy wrote.
            host: host.as_deref().map(|value| last(value).to_owned()),
            https: proto
                .as_deref()
                .map(|value| last(value).eq_ignore_ascii_case("https")),
            port: port.as_deref().and_then(|value| last(value).parse().ok()),
            client: chain
                .as_deref()
                .and_then(|value| nearest_stranger(value, trusted)),
        })
    }
}

/// All header lines of one name as one list.
fn joined(headers: &HeaderMap, name: &'static str) -> Option<String> {
    // Junk in front of what our proxy added must not hide it.
    let lines: Vec<_> = headers
        .get_all(HeaderName::from_static(name))
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

fn last(list: &str) -> &str {
    list.rsplit(',').next().unwrap_or("").trim()
}

/// The rightmost address that is not one of our proxies; whatever stands left of
/// it could have been written by anybody.
fn nearest_stranger(chain: &str, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut nearest = None;
    for hop in chain.rsplit(',') {
        let address = parse_client(hop.trim())?;
        nearest = Some(address);
        if !is_trusted(trusted, address) {
            break;
        }
    }
    nearest
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn parse_client(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some(socket.ip().to_canonical());
    }
    text.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok()
}

#[cfg(test)]
mod tests;

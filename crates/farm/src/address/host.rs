//! Host names as one spelling: lower case, punycode, no trailing dot; IPv6 in brackets in its shortest form.
//!
//! The same function serves `at` entries and the Host header, so both can be compared byte by byte.
//! It does not know ports or wildcards. A name that needs no change is returned as it came: the address table
//! asks this on every request and must not allocate for the ordinary one.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Why a text is no host name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Nothing at all, or only a dot.
    #[error("the host is empty")]
    Empty,
    /// A dot too many: `a..b`, `.a`.
    #[error("the host has an empty part between two dots")]
    EmptyLabel,
    /// A character that no host name has.
    #[error("{0:?} cannot stand in a host name")]
    Character(char),
    /// More than 253 bytes, or a part of more than 63.
    #[error("the host is too long (253 characters, 63 between two dots)")]
    TooLong,
    /// Ends in a number without being four numbers from 0 to 255.
    #[error("it ends in a number and is no IPv4 address (four numbers from 0 to 255)")]
    Ipv4,
    /// Brackets around something else than an IPv6 address.
    #[error("between [ and ] stands no IPv6 address")]
    Ipv6,
    /// Not a name in the sense of UTS 46.
    #[error("it is no valid international host name")]
    Idna,
}

/// The one spelling of a host name or IP literal.
///
/// # Errors
/// * [`HostError`]: says what is wrong with it; never a name that could match anything.
pub fn normalise(host: &str) -> Result<Cow<'_, str>, HostError> {
    if let Some(inner) = host.strip_prefix('[') {
        return normalise_ipv6(host, inner);
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    if is_ordinary(name) || is_ipv4(name) {
        return Ok(Cow::Borrowed(name));
    }
    if is_plain(name) {
        return check_name(name).map(|()| Cow::Borrowed(name));
    }
    if let Some(odd) = name
        .chars()
        .find(|&c| c.is_ascii() && !is_name_byte(c.to_ascii_lowercase() as u8))
    {
        return Err(HostError::Character(odd));
    }
    let ascii =
        idna::domain_to_ascii_cow(name.as_bytes(), idna::AsciiDenyList::URL).map_err(|_| HostError::Idna)?;
    // A wide full stop becomes an ordinary one here, so the trailing dot can appear only now.
    let ascii = match ascii.strip_suffix('.') {
        Some(shorter) => Cow::Owned(shorter.to_owned()),
        None => ascii,
    };
    check_name(&ascii)?;
    Ok(ascii)
}

/// True for an IPv4 or bracketed IPv6 literal in its one spelling.
pub fn is_ip_literal(normalised: &str) -> bool {
    normalised.starts_with('[') || normalised.parse::<Ipv4Addr>().is_ok()
}

fn normalise_ipv6<'a>(host: &'a str, inner: &str) -> Result<Cow<'a, str>, HostError> {
    let inner = inner.strip_suffix(']').ok_or(HostError::Ipv6)?;
    let address: Ipv6Addr = inner.parse().map_err(|_| HostError::Ipv6)?;
    let one_spelling = format!("[{address}]");
    match one_spelling == host {
        true => Ok(Cow::Borrowed(host)),
        false => Ok(Cow::Owned(one_spelling)),
    }
}

/// Whether a name is found to be one by one look at its bytes, as nearly every request's is: parts that begin with a
/// letter, but no `x` of a punycode part or a hexadecimal number, and are not too long.
fn is_ordinary(name: &str) -> bool {
    let mut begins = true;
    let is_fit = name.bytes().all(|byte| {
        let fits = match begins {
            true => byte.is_ascii_lowercase() && byte != b'x',
            false => is_name_byte(byte),
        };
        begins = byte == b'.';
        fits
    });
    is_fit && !begins && name.len() <= 63
}

/// An IPv4 address has one spelling, and no name is one.
fn is_ipv4(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_digit()) && name.parse::<Ipv4Addr>().is_ok()
}

/// Lower-case ASCII without punycode: nothing for IDNA to do.
fn is_plain(name: &str) -> bool {
    name.bytes().all(is_name_byte) && !name.split('.').any(|label| label.starts_with("xn--"))
}

/// Underscores are no letters of a host name by the letter of the law, and common in container networks.
fn is_name_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.')
}

fn check_name(name: &str) -> Result<(), HostError> {
    if name.is_empty() {
        return Err(HostError::Empty);
    }
    if name.len() > 253 {
        return Err(HostError::TooLong);
    }
    let mut last = "";
    for label in name.split('.') {
        match label.len() {
            0 => return Err(HostError::EmptyLabel),
            1..=63 => last = label,
            _ => return Err(HostError::TooLong),
        }
    }
    // Browsers read `127.1` and `0x7f.1` as IPv4 addresses; a name that looks like one must be one.
    match looks_numeric(last) && name.parse::<Ipv4Addr>().is_err() {
        true => Err(HostError::Ipv4),
        false => Ok(()),
    }
}

fn looks_numeric(label: &str) -> bool {
    let hex = label
        .strip_prefix("0x")
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
    hex || label.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_spelling(host: &str) -> String {
        normalise(host).unwrap().into_owned()
    }

    #[test]
    fn case_and_a_trailing_dot_do_not_matter() {
        assert_eq!(one_spelling("Wiki.Example.ORG."), "wiki.example.org");
    }

    #[test]
    fn an_ordinary_name_is_not_copied() {
        for host in [
            "wiki.example.org",
            "wiki.example.org.",
            "127.0.0.1",
            "[::1]",
            "a_b.internal",
        ] {
            assert!(matches!(normalise(host), Ok(Cow::Borrowed(_))), "{host}");
        }
    }

    #[test]
    fn the_quick_look_finds_what_the_thorough_one_finds() {
        for host in [
            "localhost",
            "a",
            "a.b",
            "wiki.example.org",
            "a_b.c-d",
            "a..b",
            "a.",
            "",
            ".a",
            "x.a",
            "a.0x1",
        ] {
            let thorough = is_plain(host) && check_name(host).is_ok();
            assert!(thorough || !is_ordinary(host), "{host}");
        }
        assert!(is_ordinary("wiki.example.org") && !is_ordinary("a.1"));
    }

    #[test]
    fn an_umlaut_and_its_punycode_are_one_host() {
        assert_eq!(one_spelling("BÜCHER.example"), "xn--bcher-kva.example");
        assert_eq!(one_spelling("XN--Bcher-KVA.example"), "xn--bcher-kva.example");
        assert_eq!(one_spelling("bücher。example。"), "xn--bcher-kva.example");
    }

    #[test]
    fn every_spelling_of_an_ipv6_address_is_one_host() {
        assert_eq!(one_spelling("[0:0:0::0:1]"), "[::1]");
        assert_eq!(one_spelling("[2001:DB8::A]"), "[2001:db8::a]");
    }

    #[test]
    fn what_is_no_host_is_refused_with_its_reason() {
        let refused = [
            ("", HostError::Empty),
            (".", HostError::Empty),
            ("a..b", HostError::EmptyLabel),
            (".a", HostError::EmptyLabel),
            ("a b", HostError::Character(' ')),
            ("a/b", HostError::Character('/')),
            ("a\u{0}b", HostError::Character('\0')),
            ("u@h", HostError::Character('@')),
            ("a*.b", HostError::Character('*')),
            ("a%2eb", HostError::Character('%')),
            ("1.2.3", HostError::Ipv4),
            ("1.2.3.256", HostError::Ipv4),
            ("0x7f.1", HostError::Ipv4),
            ("[::1", HostError::Ipv6),
            ("[fe80::1%eth0]", HostError::Ipv6),
            ("[127.0.0.1]", HostError::Ipv6),
            ("xn--\u{fffd}", HostError::Idna),
        ];
        for (host, reason) in refused {
            assert_eq!(normalise(host).unwrap_err(), reason, "{host:?}");
        }
    }

    #[test]
    fn lengths_are_those_of_the_domain_name_system() {
        let label = "a".repeat(63);
        assert!(normalise(&label).is_ok());
        assert_eq!(normalise(&format!("{label}a")).unwrap_err(), HostError::TooLong);
        let long = [label.as_str(); 4].join(".");
        assert_eq!(normalise(&long).unwrap_err(), HostError::TooLong);
        assert!(normalise(&long[..253]).is_ok());
    }

    #[test]
    fn literals_are_told_from_names() {
        assert!(is_ip_literal("127.0.0.1"));
        assert!(is_ip_literal("[::1]"));
        assert!(!is_ip_literal("example.org"));
    }
}

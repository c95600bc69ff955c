//! The part of the session cookie's name that a wiki's address, id or config decides.
//!
//! Wikis that say nothing get a name made from the port and path of their address, so no two
//! addresses share one: every byte outside `A-Z a-z 0-9 .` of a path segment is written `-HH`, and `_`
//! stands between segments only. Prefixes (`__Host-`) and attributes are policy.rs's business.

use std::fmt::Write as _;

/// What every session cookie's name begins with, after its prefix.
pub const NAME_BASE: &str = "GRANGE_SESSION_";

/// Longer names leave a browser too little of its 4096 bytes a cookie, and no person writes them.
const MAX_LEN: usize = 512;

/// How a wiki's `cookie_name` is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CookieNameRule {
    /// Absent: from the port and path of the canonical address.
    FromAddress,
    /// `"siteidmagic"`: the wiki's id.
    SiteIdMagic,
    /// Anything else, as it is.
    Literal(String),
}

/// Why a cookie name cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CookieNameError {
    /// It has no characters.
    #[error("a cookie name cannot be empty")]
    Empty,
    /// A browser would cut or refuse it.
    #[error("{character:?} cannot stand in a cookie name; letters, digits and !#$%&'*+-.^_`|~ can")]
    NotAToken {
        /// The first character that cannot stand there.
        character: char,
    },
    /// It is too long for a cookie.
    #[error("the cookie name is {length} bytes long; at most {MAX_LEN} are possible")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
}

/// The name without base and prefix: `ROOT_wiki1`, `8001_ROOT`, `ROOT_a-5Fb`, `myfarm`.
///
/// `port` is the port of the canonical address where it is not the scheme's own, and `path_segments`
/// are its decoded segments.
///
/// # Errors
/// * [`CookieNameError::Empty`] and [`CookieNameError::NotAToken`] for a literal name or wiki id that
///   is no RFC 6265 token;
/// * [`CookieNameError::TooLong`] for more than 512 bytes.
pub fn cookie_name_part(
    rule: &CookieNameRule,
    wiki_id: &str,
    port: Option<u16>,
    path_segments: &[String],
) -> Result<String, CookieNameError> {
    let part = match rule {
        CookieNameRule::FromAddress => from_address(port, path_segments),
        CookieNameRule::SiteIdMagic => wiki_id.to_owned(),
        CookieNameRule::Literal(name) => name.clone(),
    };
    if part.is_empty() {
        return Err(CookieNameError::Empty);
    }
    if let Some(character) = part.chars().find(|c| !is_token_char(*c)) {
        return Err(CookieNameError::NotAToken { character });
    }
    if part.len() > MAX_LEN {
        return Err(CookieNameError::TooLong { length: part.len() });
    }
    Ok(part)
}

fn from_address(port: Option<u16>, path_segments: &[String]) -> String {
    let mut part = port.map(|port| format!("{port}_")).unwrap_or_default();
    part.push_str("ROOT");
    for segment in path_segments {
        part.push('_');
        for byte in segment.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' => part.push(byte.into()),
                // Writing to a String cannot fail.
                _ => _ = write!(part, "-{byte:02X}"),
            }
        }
    }
    part
}

/// RFC 6265 takes a cookie's name from RFC 2616: a token.
fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(port: Option<u16>, path: &[&str]) -> String {
        let segments: Vec<String> = path.iter().map(|s| (*s).to_owned()).collect();
        cookie_name_part(&CookieNameRule::FromAddress, "w", port, &segments).unwrap()
    }

    fn literal(name: &str) -> Result<String, CookieNameError> {
        cookie_name_part(&CookieNameRule::Literal(name.into()), "w", None, &[])
    }

    #[test]
    fn names_from_addresses_are_as_documented() {
        assert_eq!(address(None, &["wiki1"]), "ROOT_wiki1");
        assert_eq!(address(Some(8001), &[]), "8001_ROOT");
        assert_eq!(address(None, &["a_b"]), "ROOT_a-5Fb");
        assert_eq!(address(None, &[]), "ROOT");
        assert_eq!(address(Some(8001), &["x y", "é.1"]), "8001_ROOT_x-20y_-C3-A9.1");
    }

    #[test]
    fn a_path_of_two_segments_and_one_with_an_underscore_have_different_names() {
        assert_ne!(address(None, &["a", "b"]), address(None, &["a_b"]));
        assert_ne!(address(None, &["a-5Fb"]), address(None, &["a_b"]));
    }

    #[test]
    fn siteidmagic_is_the_id_and_a_literal_is_itself() {
        let magic = cookie_name_part(&CookieNameRule::SiteIdMagic, "wiki1", Some(80), &["x".into()]);
        assert_eq!(magic.unwrap(), "wiki1");
        assert_eq!(literal("myfarm").unwrap(), "myfarm");
    }

    #[test]
    fn names_that_are_no_tokens_are_refused() {
        assert_eq!(literal(""), Err(CookieNameError::Empty));
        for bad in ['=', ';', ' ', ',', '"', '/', '\u{7f}', 'é', '\n', '(', '@', '{'] {
            assert_eq!(
                literal(&format!("a{bad}b")),
                Err(CookieNameError::NotAToken { character: bad })
            );
        }
        assert_eq!(
            literal(&"x".repeat(513)),
            Err(CookieNameError::TooLong { length: 513 })
        );
    }

    proptest! {
        #[test]
        fn different_addresses_never_share_a_name(
            one in (proptest::option::of(1u16..), proptest::collection::vec("[a-bA_5.F/ é-]{1,4}", 0..4)),
            two in (proptest::option::of(1u16..), proptest::collection::vec("[a-bA_5.F/ é-]{1,4}", 0..4)),
        ) {
            prop_assume!(one != two);
            prop_assert_ne!(from_address(one.0, &one.1), from_address(two.0, &two.1));
        }

        #[test]
        fn every_address_makes_a_token(port: Option<u16>, path in proptest::collection::vec("\\PC{1,5}", 0..3)) {
            prop_assert!(from_address(port, &path).chars().all(is_token_char));
        }
    }
}

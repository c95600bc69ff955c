//! Elements and addresses: the only place here that writes `<`.
//!
//! What leaves it is escaped; the server cleans the whole once more.

use std::fmt::Write as _;

/// Schemes that a link of a macro may have.
const SCHEMES: &[&str] = &["http", "https", "mailto", "ftp"];

/// Text, safe between tags and between quotes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for sign in text.chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// An opening tag with those attributes that have a value.
#[must_use]
pub fn open<N: AsRef<str>>(tag: &str, attributes: &[(N, Option<String>)]) -> String {
    let mut markup = format!("<{tag}");
    for (name, value) in attributes {
        if let Some(value) = value {
            let _ = write!(markup, " {}=\"{}\"", name.as_ref(), escape(value));
        }
    }
    markup.push('>');
    markup
}

/// A closing tag.
#[must_use]
pub fn close(tag: &str) -> String {
    format!("</{tag}>")
}

/// A whole element around text.
#[must_use]
pub fn element<N: AsRef<str>>(tag: &str, attributes: &[(N, Option<String>)], text: &str) -> String {
    format!("{}{}{}", open(tag, attributes), escape(text), close(tag))
}

/// The address of a page: mount path, name, query and anchor.
#[must_use]
pub fn address(base: &str, page: &str, query: &[(String, String)], anchor: &str) -> String {
    let mut address = format!("{base}/{}", quote(page, "/:"));
    for (place, (key, value)) in query.iter().enumerate() {
        let before = if place == 0 { '?' } else { '&' };
        let _ = write!(address, "{before}{}={}", quote(key, ""), quote(value, ""));
    }
    if !anchor.is_empty() {
        let _ = write!(address, "#{}", quote(anchor, ""));
    }
    address
}

/// A query that is text already, as names and values.
#[must_use]
pub fn query_of(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    let pairs = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
    pairs.map(|(key, value)| (unquote(key), unquote(value))).collect()
}

/// Percent-encoding of all but letters, digits, `-._~` and what is said to be safe.
#[must_use]
pub fn quote(text: &str, safe: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for byte in text.bytes() {
        let sign = char::from(byte);
        if sign.is_ascii_alphanumeric() || "-._~".contains(sign) || safe.contains(sign) {
            quoted.push(sign);
        } else {
            let _ = write!(quoted, "%{byte:02X}");
        }
    }
    quoted
}

/// The opposite of [`quote`]; `+` is a blank, as in queries.
#[must_use]
pub fn unquote(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex
            .filter(|_| *first == b'%')
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Why an address cannot stand in a link; nothing where it can.
#[must_use]
pub fn refusal(address: &str) -> Option<&'static str> {
    if address.is_empty() {
        return Some("a link needs an address");
    }
    if address.chars().any(char::is_control) {
        return Some("an address of a link has no control characters");
    }
    let bare = address.trim();
    if bare.len() > 1 && bare.chars().take(2).all(|sign| matches!(sign, '/' | '\\')) {
        return Some("an address of another server begins with https:// or http://");
    }
    match bare.split_once(':') {
        Some((before, rest)) if !before.contains(['/', '?', '#']) => of_scheme(before, rest),
        _ => None,
    }
}

fn of_scheme(scheme: &str, rest: &str) -> Option<&'static str> {
    let scheme = scheme.to_ascii_lowercase();
    if !SCHEMES.contains(&scheme.as_str()) {
        return Some("a link leads to http, https, mailto, ftp or within the wiki, and nowhere else");
    }
    let (lacks, why) = match scheme.as_str() {
        "mailto" => (
            rest.is_empty() || rest.starts_with('/'),
            "behind mailto: stands an address",
        ),
        _ => {
            let host = rest.strip_prefix("//").unwrap_or_default();
            let begins = host.starts_with(|sign: char| sign.is_alphanumeric() || sign == '[');
            (!begins, "behind http:, https: and ftp: stand // and a host")
        }
    };
    lacks.then_some(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_address_keeps_slashes_and_encodes_blanks() {
        assert_eq!(
            address("/wiki1", "Front Page/Über?", &[], ""),
            "/wiki1/Front%20Page/%C3%9Cber%3F"
        );
        let query = [
            ("action".to_owned(), "a b".to_owned()),
            ("x".to_owned(), "&".to_owned()),
        ];
        assert_eq!(address("", "A", &query, "t"), "/A?action=a%20b&x=%26#t");
    }

    #[test]
    fn what_is_quoted_comes_back() {
        assert_eq!(unquote(&quote("ä & 100%/+", "")), "ä & 100%/+");
        assert_eq!(unquote("%zz%4"), "%zz%4");
    }

    #[test]
    fn only_known_schemes_may_stand_in_links() {
        for address in [
            "http://a/",
            "HTTPS://a",
            "mailto:a@b",
            "/a:b",
            "a/b",
            "#x",
            "?a=b:c",
            "?action=info",
            "ftp://a/b",
        ] {
            assert_eq!(refusal(address), None, "{address}");
        }
        for address in [
            "javascript:alert(1)",
            " java\nscript:x",
            "data:text/html,x",
            "vbscript:x",
            "\u{1}javascript:x",
            "//host/x",
            "/\\host",
            "http:x",
            "https://",
            "mailto:",
            "",
        ] {
            assert!(refusal(address).is_some(), "{address}");
        }
    }
}

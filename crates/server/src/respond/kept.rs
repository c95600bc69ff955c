//! Bytes that are answered again and again: kept plain and in every coding that
//! somebody asked for, with a validator per coding.
//!
//! A coding is made the first time a client asks for it and never again. Files of
//! the theme and pages that everybody gets alike are kept this way; pages for one
//! visitor never are.

use std::sync::OnceLock;

use actix_web::http::header::HeaderValue;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::compress::{Effort, Encoding, SHORTEST_WORTH_CODING};

/// Above this size the best quality takes longer than a request should.
const LARGEST_FOR_BEST: usize = 256 * 1024;

/// A body and its codings.
#[derive(Debug)]
pub struct KeptPage {
    plain: Bytes,
    digest: String,
    /// Of the plain body, then of each coding.
    tags: [HeaderValue; 4],
    coded: [OnceLock<(Encoding, Bytes)>; 3],
}

impl KeptPage {
    /// Keeps a body. Its digest names it in ETags.
    pub fn new(plain: Bytes) -> KeptPage {
        let digest = Sha256::digest(&plain);
        let digest: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        KeptPage {
            plain,
            tags: ENCODINGS.map(|encoding| entity_tag(&digest, encoding)),
            digest,
            coded: Default::default(),
        }
    }

    /// The body in a coding, and the coding that was really used: short bodies stay plain.
    pub fn coded(&self, encoding: Encoding) -> (Encoding, Bytes) {
        let slot = match encoding {
            _ if self.plain.len() < SHORTEST_WORTH_CODING => None,
            Encoding::Identity => None,
            Encoding::Gzip => self.coded.first(),
            Encoding::Brotli => self.coded.get(1),
            Encoding::Zstd => self.coded.get(2),
        };
        let Some(slot) = slot else {
            return (Encoding::Identity, self.plain.clone());
        };
        let effort = if self.plain.len() > LARGEST_FOR_BEST {
            Effort::Quick
        } else {
            Effort::Best
        };
        slot.get_or_init(|| encoding.encode(&self.plain, effort)).clone()
    }

    /// The strong validator of the body in a coding (RFC 9110 section 8.8.3): other
    /// bytes, other tag.
    pub fn entity_tag(&self, encoding: Encoding) -> &HeaderValue {
        let [plain, gzip, brotli, zstd] = &self.tags;
        match encoding {
            Encoding::Identity => plain,
            Encoding::Gzip => gzip,
            Encoding::Brotli => brotli,
            Encoding::Zstd => zstd,
        }
    }

    /// A name for the content, fit for an address.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The body without coding.
    pub fn plain(&self) -> &Bytes {
        &self.plain
    }

    /// Bytes held, codings counted as if they were all there.
    pub fn weight(&self) -> u64 {
        (self.plain.len() + self.plain.len() / 2 + 256) as u64
    }
}

const ENCODINGS: [Encoding; 4] = [
    Encoding::Identity,
    Encoding::Gzip,
    Encoding::Brotli,
    Encoding::Zstd,
];

fn entity_tag(digest: &str, encoding: Encoding) -> HeaderValue {
    let tag = match encoding.token() {
        Some(token) => format!("\"{digest}-{token}\""),
        None => format!("\"{digest}\""),
    };
    // Hexadecimal digits and a token are always a header's text.
    HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// Whether an `If-None-Match` header names a tag (weak comparison, RFC 9110 section 13.1.2).
pub fn names_tag(if_none_match: &str, tag: &str) -> bool {
    if_none_match.split(',').any(|listed| {
        let listed = listed.trim();
        listed == "*" || listed.strip_prefix("W/").unwrap_or(listed) == tag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_coding_has_a_tag_of_its_own() {
        let page = KeptPage::new(Bytes::from("wiki ".repeat(1000)));
        let tags = ENCODINGS.map(|encoding| page.entity_tag(encoding).to_str().unwrap());
        for (index, tag) in tags.iter().enumerate() {
            assert!(tag.starts_with('"') && tag.ends_with('"'));
            assert!(!tags[index + 1..].contains(tag));
        }
    }

    #[test]
    fn other_bytes_have_another_tag_and_the_same_bytes_the_same() {
        let tag = |text: &'static str| {
            KeptPage::new(Bytes::from(text))
                .entity_tag(Encoding::Identity)
                .clone()
        };
        assert_eq!(tag("one"), tag("one"));
        assert_ne!(tag("one"), tag("two"));
    }

    #[test]
    fn a_coding_is_made_once() {
        let page = KeptPage::new(Bytes::from("wiki ".repeat(1000)));
        let (_, first) = page.coded(Encoding::Gzip);
        let (_, again) = page.coded(Encoding::Gzip);
        assert_eq!(first.as_ptr(), again.as_ptr());
    }

    #[test]
    fn a_short_body_stays_plain() {
        let page = KeptPage::new(Bytes::from_static(b"short"));
        assert_eq!(
            page.coded(Encoding::Brotli),
            (Encoding::Identity, Bytes::from_static(b"short"))
        );
    }

    #[test]
    fn a_listed_or_weak_tag_matches_and_another_does_not() {
        assert!(names_tag("\"a\", \"b\"", "\"b\""));
        assert!(names_tag("W/\"b\"", "\"b\""));
        assert!(names_tag("*", "\"b\""));
        assert!(!names_tag("\"b-br\"", "\"b\""));
    }
}

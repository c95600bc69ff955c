//! Which encoding a client gets, and the bytes in it.
//!
//! Pages that everybody gets alike are compressed once and kept (see
//! `kept`), so they can afford the best quality; pages made for one
//! visitor are compressed on the way out, quickly. Nothing here knows what a
//! page is.

use std::io::Write;

use bytes::Bytes;

/// A content coding that we speak (RFC 9110 section 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// No coding at all.
    Identity,
    /// `gzip`, understood by everyone.
    Gzip,
    /// `br`, smallest for text.
    Brotli,
    /// `zstd`, quickest to make.
    Zstd,
}

/// How much time the bytes are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Made once, sent often.
    Best,
    /// Made for this answer only.
    Quick,
}

/// Bodies shorter than this gain nothing from a coding.
pub const SHORTEST_WORTH_CODING: usize = 860;

impl Encoding {
    /// The token in `Content-Encoding`; `None` for identity.
    pub fn token(self) -> Option<&'static str> {
        match self {
            Encoding::Identity => None,
            Encoding::Gzip => Some("gzip"),
            Encoding::Brotli => Some("br"),
            Encoding::Zstd => Some("zstd"),
        }
    }

    /// The coding this client prefers among ours: highest weight first, at equal
    /// weight br before zstd before gzip. An absent or unreadable header means
    /// identity (RFC 9110 section 12.5.3).
    pub fn negotiate(accept_encoding: Option<&str>) -> Encoding {
        let Some(header) = accept_encoding else {
            return Encoding::Identity;
        };
        let mut best = (Encoding::Identity, 0u16);
        for offer in [Encoding::Brotli, Encoding::Zstd, Encoding::Gzip] {
            let weight = weight_of(header, offer.token().unwrap_or("identity"));
            if weight > best.1 {
                best = (offer, weight);
            }
        }
        best.0
    }

    /// The body in this coding. Falls back to the plain bytes when a coder fails,
    /// which with memory as its target none does; the encoding that was really
    /// used is returned beside them.
    pub fn encode(self, plain: &Bytes, effort: Effort) -> (Encoding, Bytes) {
        let coded = match self {
            Encoding::Identity => return (self, plain.clone()),
            Encoding::Gzip => gzip(plain, effort),
            Encoding::Brotli => brotli(plain, effort),
            Encoding::Zstd => zstd::bulk::compress(plain, if effort == Effort::Best { 15 } else { 1 }),
        };
        match coded {
            Ok(bytes) => (self, Bytes::from(bytes)),
            Err(_) => (Encoding::Identity, plain.clone()),
        }
    }
}

fn gzip(plain: &[u8], effort: Effort) -> std::io::Result<Vec<u8>> {
    let level = if effort == Effort::Best { 9 } else { 1 };
    let mut coder = flate2::write::GzEncoder::new(
        Vec::with_capacity(plain.len() / 3),
        flate2::Compression::new(level),
    );
    coder.write_all(plain)?;
    coder.finish()
}

fn brotli(plain: &[u8], effort: Effort) -> std::io::Result<Vec<u8>> {
    let quality = if effort == Effort::Best { 9 } else { 2 };
    let mut coded = Vec::with_capacity(plain.len() / 3);
    let mut coder = brotli::CompressorWriter::new(&mut coded, 8192, quality, 20);
    coder.write_all(plain)?;
    drop(coder);
    Ok(coded)
}

/// The weight in thousandths that a header gives a coding: its own entry, else
/// the one for `*`, else 0.
fn weight_of(header: &str, token: &str) -> u16 {
    let mut wildcard = 0;
    for entry in header.split(',') {
        let mut parts = entry.split(';');
        let name = parts.next().unwrap_or("").trim();
        let weight = parts
            .find_map(|part| part.trim().strip_prefix("q="))
            .map_or(1000, thousandths);
        if name.eq_ignore_ascii_case(token) {
            return weight;
        }
        if name == "*" {
            wildcard = weight;
        }
    }
    wildcard
}

fn thousandths(quality: &str) -> u16 {
    quality
        .trim()
        .parse::<f32>()
        .map_or(0, |q| (q.clamp(0.0, 1.0) * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_client_that_names_nothing_gets_plain_bytes() {
        assert_eq!(Encoding::negotiate(None), Encoding::Identity);
        assert_eq!(Encoding::negotiate(Some("")), Encoding::Identity);
        assert_eq!(Encoding::negotiate(Some("compress, sdch")), Encoding::Identity);
    }

    #[test]
    fn the_highest_weight_wins_and_brotli_wins_a_tie() {
        assert_eq!(
            Encoding::negotiate(Some("gzip, deflate, br, zstd")),
            Encoding::Brotli
        );
        assert_eq!(Encoding::negotiate(Some("gzip;q=1.0, br;q=0.5")), Encoding::Gzip);
        assert_eq!(Encoding::negotiate(Some("ZSTD")), Encoding::Zstd);
        assert_eq!(Encoding::negotiate(Some("*")), Encoding::Brotli);
    }

    #[test]
    fn a_weight_of_zero_refuses_a_coding() {
        assert_eq!(Encoding::negotiate(Some("br;q=0, gzip")), Encoding::Gzip);
        assert_eq!(Encoding::negotiate(Some("br;q=0, *;q=0")), Encoding::Identity);
        assert_eq!(Encoding::negotiate(Some("gzip;q=nonsense")), Encoding::Identity);
    }

    #[test]
    fn every_coding_gives_the_same_text_back() {
        let plain = Bytes::from("A calm page about harbours. ".repeat(400));
        for effort in [Effort::Best, Effort::Quick] {
            for encoding in [Encoding::Gzip, Encoding::Brotli, Encoding::Zstd] {
                let (used, coded) = encoding.encode(&plain, effort);
                assert_eq!(used, encoding);
                assert!(coded.len() < plain.len() / 4);
                assert_eq!(decode(encoding, &coded), plain);
            }
        }
    }

    fn decode(encoding: Encoding, coded: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        match encoding {
            Encoding::Identity => plain.extend_from_slice(coded),
            Encoding::Gzip => drop(
                flate2::read::GzDecoder::new(coded)
                    .read_to_end(&mut plain)
                    .unwrap(),
            ),
            Encoding::Brotli => drop(
                brotli::Decompressor::new(coded, 4096)
                    .read_to_end(&mut plain)
                    .unwrap(),
            ),
            Encoding::Zstd => plain = zstd::bulk::decompress(coded, 1 << 20).unwrap(),
        }
        plain
    }
}

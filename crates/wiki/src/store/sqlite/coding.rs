//! A revision's text as bytes in the store: compressed when that saves something, hashed always.
//!
//! The hash is of the text, so it does not depend on the compression and tells a damaged row when it
//! is read. Nothing here knows tables. Start at [`Coder::encode`].

use std::sync::Arc;

use zstd::bulk::{Compressor, decompress};

use crate::store::content_hash;

/// Below this, compression saves less than it costs.
const WORTH_COMPRESSING: usize = 256;

/// Fast; higher levels win little on wiki texts and a save waits for them.
const LEVEL: i32 = 1;

/// How a text's bytes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Plain,
    Zstd,
}

impl Coding {
    pub fn number(self) -> i64 {
        match self {
            Coding::Plain => 0,
            Coding::Zstd => 1,
        }
    }

    fn from_number(number: i64) -> Result<Coding, DamagedText> {
        match number {
            0 => Ok(Coding::Plain),
            1 => Ok(Coding::Zstd),
            _ => Err(DamagedText("its coding is unknown")),
        }
    }
}

/// A text ready to be stored.
pub struct CodedText {
    pub coding: Coding,
    pub bytes: Vec<u8>,
    pub hash: [u8; 32],
}

/// A stored text that is not what was saved.
#[derive(Debug, thiserror::Error)]
#[error("the text of a revision cannot be read: {0}")]
pub struct DamagedText(&'static str);

/// Compresses texts, keeping its tables from one to the next.
#[derive(Default)]
pub struct Coder {
    compressor: Option<Compressor<'static>>,
}

impl Coder {
    pub fn encode(&mut self, text: &str) -> CodedText {
        let hash = content_hash(text);
        match self.compress(text.as_bytes()) {
            Some(bytes) if bytes.len() < text.len() => CodedText {
                coding: Coding::Zstd,
                bytes,
                hash,
            },
            _ => CodedText {
                coding: Coding::Plain,
                bytes: text.into(),
                hash,
            },
        }
    }

    /// Nothing if it is not worth it or the library refuses: the text is then kept as it is.
    fn compress(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        if text.len() < WORTH_COMPRESSING {
            return None;
        }
        if self.compressor.is_none() {
            self.compressor = Compressor::new(LEVEL).ok();
        }
        self.compressor.as_mut()?.compress(text).ok()
    }
}

/// The text that [`Coder::encode`] was given, of `size` bytes.
pub fn decode(coding: i64, bytes: &[u8], size: u64, hash: &[u8]) -> Result<Arc<str>, DamagedText> {
    let size = usize::try_from(size).map_err(|_| DamagedText("its size is impossible"))?;
    let text = match Coding::from_number(coding)? {
        Coding::Plain => text_of(bytes)?,
        Coding::Zstd => {
            let plain = decompress(bytes, size).map_err(|_| DamagedText("it cannot be decompressed"))?;
            text_of(&plain)?
        }
    };
    if content_hash(&text) != hash {
        return Err(DamagedText("its hash differs"));
    }
    Ok(text)
}

fn text_of(bytes: &[u8]) -> Result<Arc<str>, DamagedText> {
    std::str::from_utf8(bytes)
        .map(Arc::from)
        .map_err(|_| DamagedText("it is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(text: &str) -> CodedText {
        let coded = Coder::default().encode(text);
        let back = decode(
            coded.coding.number(),
            &coded.bytes,
            text.len() as u64,
            &coded.hash,
        )
        .unwrap();
        assert_eq!(&*back, text);
        coded
    }

    #[test]
    fn a_text_comes_back_as_it_was_compressed_or_not() {
        assert_eq!(there_and_back("").coding, Coding::Plain);
        assert_eq!(there_and_back("short").coding, Coding::Plain);
        let long = there_and_back(&"All work and no play. ".repeat(500));
        assert_eq!(long.coding, Coding::Zstd);
        assert!(long.bytes.len() < 500);
    }

    #[test]
    fn a_text_that_does_not_shrink_is_kept_as_it_is() {
        let bytes = (0..8_u8).flat_map(|n| content_hash(&n.to_string()));
        let noise: String = bytes.map(|byte| char::from(b' ' + byte % 95)).collect();
        assert_eq!(noise.len(), WORTH_COMPRESSING);
        assert_eq!(there_and_back(&noise).coding, Coding::Plain);
    }

    #[test]
    fn a_flipped_bit_is_noticed() {
        let text = "The quick brown fox. ".repeat(50);
        let coded = Coder::default().encode(&text);
        for place in 0..coded.bytes.len() {
            let mut bytes = coded.bytes.clone();
            bytes[place] ^= 0x10;
            if let Ok(back) = decode(1, &bytes, text.len() as u64, &coded.hash) {
                assert_eq!(&*back, text, "a changed byte may only be one that does not count");
            }
        }
        assert!(decode(0, b"other", 5, &content_hash("wanted")).is_err());
        assert!(decode(7, b"x", 1, &content_hash("x")).is_err());
        assert!(decode(0, &[0xff], 1, &content_hash("x")).is_err());
    }

    #[test]
    fn a_row_that_claims_a_small_size_cannot_fill_the_memory() {
        let bomb = Coder::default().encode(&"a".repeat(1_000_000));
        assert!(decode(1, &bomb.bytes, 10, &bomb.hash).is_err());
    }
}

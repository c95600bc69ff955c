//! Session ids and the keys under which stores know them.
//!
//! An id is `v1.RANDOM.ISSUED.MAC`: 256 random bits, the milliseconds of its issue, and an HMAC-SHA-256
//! over both under a key made of a farm secret and the realm. Only ids that verify ever reach a store,
//! and stores see nothing but the SHA-256 of the text. There is exactly one text for one id, so two
//! spellings cannot name one session. The same format serves pending ids (sent to a visitor of whom
//! nothing is stored) and the ids of stored sessions.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::moment;
use crate::random::Randomness;
use crate::realm::Realm;
use crate::secrets::{Secrets, Signer};

const VERSION: &[u8] = b"v1";
/// 32 bytes in base64url without padding.
const FIELD_LEN: usize = 43;
/// 15 digits of milliseconds reach to the year 33658.
const MAX_DIGITS: usize = 15;

/// The key under which a store keeps a session: SHA-256 of the id, and when the id was issued.
///
/// The id cannot be found from it, so it may be listed, compared and put into tickets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreKey {
    hash: [u8; 32],
    issued: Timestamp,
}

impl StoreKey {
    /// The key that a store kept as bytes.
    pub fn from_parts(hash: [u8; 32], issued: Timestamp) -> StoreKey {
        StoreKey { hash, issued }
    }

    /// The key that was written as 64 hexadecimal digits; `None` where that is none.
    pub fn from_hex(digits: &str, issued: Timestamp) -> Option<StoreKey> {
        let mut hash = [0; 32];
        let digits = digits.as_bytes();
        if digits.len() != 2 * hash.len() || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(StoreKey { hash, issued })
    }

    /// The bytes that a store looks up.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.hash
    }

    /// When the id behind it was issued.
    pub fn issued(&self) -> Timestamp {
        self.issued
    }

    /// All 64 hexadecimal digits.
    pub fn to_hex(&self) -> String {
        to_hex(&self.hash)
    }

    /// The key as one word, for a form that names a session. Whoever reads it back asks the store whose
    /// session that is.
    pub fn handle(&self) -> String {
        format!("{}.{}", self.to_hex(), self.issued.as_millisecond())
    }

    /// The key that a [handle](StoreKey::handle) stands for; `None` when it is none.
    pub fn from_handle(handle: &str) -> Option<StoreKey> {
        let (digits, millis) = handle.split_once('.')?;
        let issued = Timestamp::from_millisecond(millis.parse().ok()?).ok()?;
        let mut hash = [0; 32];
        if digits.len() != 2 * hash.len() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        for (at, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(StoreKey { hash, issued })
    }

    /// Eight hexadecimal digits by which people tell sessions apart, in lists and logs: the only form in which a key
    /// may be shown. They are a keyed hash, so nobody without the farm's secrets can match them with a store, an id or
    /// what another farm shows. A new secret on top of the file makes new ones.
    pub fn label(&self, secrets: &Secrets) -> String {
        let mut mac = secrets.label_signer();
        mac.update(&self.hash);
        let digest = mac.finalize().into_bytes();
        to_hex(digest.get(..4).unwrap_or(&[]))
    }
}

impl fmt::Debug for StoreKey {
    /// Tells nothing of the hash: what is printed may end in a log, which must not name a row of the store.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreKey(*** of {})", self.issued)
    }
}

/// An id whose signature is ours. Its text is a credential and is not printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SessionId {
    text: String,
    key: StoreKey,
}

impl SessionId {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn key(&self) -> &StoreKey {
        &self.key
    }

    fn new(text: String, issued: Timestamp) -> SessionId {
        let hash = Sha256::digest(text.as_bytes()).into();
        SessionId {
            text,
            key: StoreKey { hash, issued },
        }
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId(*** {:?})", self.key)
    }
}

/// Makes and verifies the ids of one realm.
#[derive(Clone)]
pub(crate) struct IdSigner {
    signers: Vec<Signer>,
}

impl IdSigner {
    pub(crate) fn new(secrets: &Secrets, realm: &Realm) -> IdSigner {
        IdSigner::for_purpose(secrets, "grange session id v1", realm.as_bytes())
    }

    /// The same format for something else: what one purpose or context signed, no other takes.
    pub(crate) fn for_purpose(secrets: &Secrets, purpose: &str, context: &[u8]) -> IdSigner {
        IdSigner {
            signers: secrets.signers(purpose, context),
        }
    }

    /// A new id, never seen before.
    pub(crate) fn issue(&self, now: Timestamp, randomness: &dyn Randomness) -> SessionId {
        let mut random = [0; 32];
        randomness.fill(&mut random);
        let millis = now.as_millisecond().max(0);
        let mac = self
            .signers
            .first()
            .map(|signer| mac_over(signer, &random, millis).finalize().into_bytes());
        // `Secrets` is never empty; without a signer the id would verify nowhere.
        let mac = mac.map(|mac| URL_SAFE_NO_PAD.encode(mac)).unwrap_or_default();
        let text = format!("v1.{}.{millis}.{mac}", URL_SAFE_NO_PAD.encode(random));
        SessionId::new(text, moment::from_millis(millis))
    }

    /// The id that `value`, a cookie's value as it came, spells; `None` unless we signed it.
    pub(crate) fn verify(&self, value: &[u8]) -> Option<SessionId> {
        let parts = read_parts(value)?;
        let signed = |signer: &Signer| {
            mac_over(signer, &parts.random, parts.millis)
                .verify_slice(&parts.mac)
                .is_ok()
        };
        if !self.signers.iter().any(signed) {
            return None;
        }
        let text = std::str::from_utf8(value).ok()?.to_owned();
        Some(SessionId::new(
            text,
            Timestamp::from_millisecond(parts.millis).ok()?,
        ))
    }
}

struct Parts {
    random: [u8; 32],
    millis: i64,
    mac: [u8; 32],
}

fn read_parts(value: &[u8]) -> Option<Parts> {
    let mut fields = value.split(|byte| *byte == b'.');
    let (version, random, issued, mac) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    if version != VERSION || fields.next().is_some() {
        return None;
    }
    Some(Parts {
        random: read_field(random)?,
        millis: read_millis(issued)?,
        mac: read_field(mac)?,
    })
}

/// 32 bytes in base64url. The decoder refuses stray bits in the last character, so each value has one text.
fn read_field(field: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; FIELD_LEN];
    if field.len() != FIELD_LEN || URL_SAFE_NO_PAD.decode_slice(field, &mut bytes).ok()? != 32 {
        return None;
    }
    bytes.get(..32)?.try_into().ok()
}

/// Digits without sign or leading zero.
fn read_millis(digits: &[u8]) -> Option<i64> {
    let plain = (1..=MAX_DIGITS).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    if !plain || (digits.len() > 1 && digits.first() == Some(&b'0')) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn mac_over(signer: &Signer, random: &[u8; 32], millis: i64) -> Signer {
    let mut mac = signer.clone();
    // Both fields have a fixed length, so no separator is needed.
    mac.update(random);
    mac.update(&millis.to_be_bytes());
    mac
}

/// Lower-case hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(char::from(digit(byte >> 4)));
        text.push(char::from(digit(byte & 15)));
    }
    text
}

#[cfg(test)]
mod tests;

//! The secrets file: keys that sign ids and tickets.
//!
//! One secret a line; the first signs, all verify, so a secret is changed by putting a new line on
//! top and removing the old one when no cookie signed with it can be alive. Blank lines and lines
//! that begin with `#` are skipped. This file reads text only; who may read the file, and that it is
//! made at first start, is the farm's business. Secrets are never printed, not even in `Debug`.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dashmap::DashMap;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::random::Randomness;
use crate::realm::Realm;

/// A secret has at least as many bytes as the hash that it keys (RFC 2104, section 3).
const MIN_SECRET_BYTES: usize = 32;

/// A MAC state keyed for one purpose; cloned for every use, which is cheaper than keying it again.
pub(crate) type Signer = Hmac<Sha256>;

/// The secrets of one farm. The first signs, all verify.
#[derive(Clone)]
pub struct Secrets {
    keys: Vec<Vec<u8>>,
    /// Derived once per realm: nearly every page of a logged-in visitor carries a ticket.
    ticket_signers: Arc<DashMap<Realm, Arc<[Signer]>>>,
}

/// Why a secrets file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// There is no secret in it.
    #[error("the secrets file holds no secret")]
    Empty,
    /// A line is no secret: not base64url.
    #[error("line {line} of the secrets file is not a secret (43 or more characters A-Z a-z 0-9 - _)")]
    NotASecret {
        /// The line, counted from 1.
        line: usize,
    },
    /// A secret is too short, or the same byte over and over.
    #[error("the secret on line {line} can be guessed; write a line with 32 random bytes in base64url")]
    Guessable {
        /// The line, counted from 1.
        line: usize,
    },
}

impl Secrets {
    /// Reads the text of a secrets file.
    ///
    /// # Errors
    /// * [`SecretsError::Empty`] without any secret;
    /// * [`SecretsError::NotASecret`] and [`SecretsError::Guessable`] with the line.
    pub fn parse(text: &str) -> Result<Secrets, SecretsError> {
        let mut keys = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            keys.push(read_secret(line, number + 1)?);
        }
        if keys.is_empty() {
            return Err(SecretsError::Empty);
        }
        Ok(Secrets {
            keys,
            ticket_signers: Arc::default(),
        })
    }

    /// A new line for a secrets file: 32 random bytes in base64url, without a line end.
    pub fn generate_line(randomness: &dyn Randomness) -> String {
        let mut bytes = [0; MIN_SECRET_BYTES];
        randomness.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Signers for the tickets of a realm, the signing one first.
    pub(crate) fn ticket_signers(&self, realm: &Realm) -> Arc<[Signer]> {
        if let Some(signers) = self.ticket_signers.get(realm) {
            return Arc::clone(&signers);
        }
        let signers: Arc<[Signer]> = self.signers("grange ticket v1", realm.as_bytes()).into();
        self.ticket_signers.insert(*realm, Arc::clone(&signers));
        signers
    }

    /// The signer of what people are shown of a session's key.
    pub(crate) fn label_signer(&self) -> Signer {
        // `Secrets` is never empty; an empty key would make labels that say less.
        let first = self.signers("grange session label v1", &[]).into_iter().next();
        first.unwrap_or_else(|| signer(&[]))
    }

    /// Signers for `purpose` and `context`, the signing one first. Each purpose has keys of its own,
    /// so a ticket can never be passed off as an id.
    pub(crate) fn signers(&self, purpose: &str, context: &[u8]) -> Vec<Signer> {
        self.keys
            .iter()
            .map(|key| {
                let mut derive = signer(key);
                derive.update(&(purpose.len() as u64).to_be_bytes());
                derive.update(purpose.as_bytes());
                derive.update(context);
                signer(&derive.finalize().into_bytes())
            })
            .collect()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(***)")
    }
}

fn read_secret(line: &str, number: usize) -> Result<Vec<u8>, SecretsError> {
    let key = URL_SAFE_NO_PAD
        .decode(line)
        .map_err(|_| SecretsError::NotASecret { line: number })?;
    let monotonous = key.windows(2).all(|pair| pair.first() == pair.last());
    if key.len() < MIN_SECRET_BYTES || monotonous {
        return Err(SecretsError::Guessable { line: number });
    }
    Ok(key)
}

fn signer(key: &[u8]) -> Signer {
    match Signer::new_from_slice(key) {
        Ok(signer) => signer,
        // HMAC takes keys of any length (RFC 2104, section 2); the type cannot say so.
        Err(_) => unreachable!("HMAC refused a key of {} bytes", key.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandomness;

    #[test]
    fn a_generated_line_is_a_secrets_file() {
        let line = Secrets::generate_line(&SystemRandomness);
        assert_eq!(line.len(), 43);
        assert_eq!(Secrets::parse(&line).unwrap().keys.len(), 1);
        assert_eq!(
            Secrets::parse(&format!("# new\n\n{line}\r\n{line}\n"))
                .unwrap()
                .keys
                .len(),
            2
        );
    }

    #[test]
    fn an_empty_file_and_bad_lines_are_refused_with_their_line() {
        assert_eq!(
            Secrets::parse("\n# only words\n").unwrap_err(),
            SecretsError::Empty
        );
        assert_eq!(
            Secrets::parse("\nnot a secret").unwrap_err(),
            SecretsError::NotASecret { line: 2 }
        );
        assert_eq!(
            Secrets::parse("c2hvcnQ").unwrap_err(),
            SecretsError::Guessable { line: 1 }
        );
        assert_eq!(
            Secrets::parse(&"A".repeat(43)).unwrap_err(),
            SecretsError::Guessable { line: 1 }
        );
    }

    #[test]
    fn secrets_are_never_printed() {
        let line = Secrets::generate_line(&SystemRandomness);
        let secrets = Secrets::parse(&line).unwrap();
        assert_eq!(format!("{secrets:?}"), "Secrets(***)");
        let error = Secrets::parse("c2hvcnQ").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("c2hvcnQ"));
    }

    #[test]
    fn each_purpose_and_context_has_its_own_key() {
        let secrets = Secrets::parse(&Secrets::generate_line(&SystemRandomness)).unwrap();
        let mac = |purpose: &str, context: &[u8]| {
            let signer = secrets.signers(purpose, context).remove(0);
            signer.finalize().into_bytes()
        };
        assert_eq!(mac("id", b"a"), mac("id", b"a"));
        assert_ne!(mac("id", b"a"), mac("ticket", b"a"));
        assert_ne!(mac("id", b"a"), mac("id", b"b"));
    }
}

//! A new password: the rule, and the words for whoever breaks it.
//!
//! At least 8 characters, no rule about which. The maximum only keeps somebody from making the
//! server hash a film. A password is put into NFC, because two keyboards may write one letter in
//! two ways. It prints as `***`.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// Fewest characters of a password.
pub const MIN_PASSWORD_CHARS: usize = 8;

/// Most bytes of a password.
pub const MAX_PASSWORD_BYTES: usize = 4096;

/// A password that may be set.
#[derive(Clone)]
pub struct Password(String);

/// Why a text cannot be a password; the text of the error is for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than 8 characters.
    #[error("A password needs at least 8 characters.")]
    TooShort,
    /// More than 4096 bytes.
    #[error("A password can have at most 4096 bytes.")]
    TooLong,
}

impl Password {
    /// Checks a new password.
    ///
    /// # Errors
    /// * [`PasswordError::TooShort`], [`PasswordError::TooLong`].
    pub fn parse(text: &str) -> Result<Password, PasswordError> {
        let normal = normalise(text).ok_or(PasswordError::TooLong)?;
        if normal.chars().count() < MIN_PASSWORD_CHARS {
            return Err(PasswordError::TooShort);
        }
        Ok(Password(normal))
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// The bytes that are hashed, for a password somebody tries; `None` if nobody can have it.
pub(super) fn attempt(text: &str) -> Option<Vec<u8>> {
    normalise(text).map(String::into_bytes)
}

fn normalise(text: &str) -> Option<String> {
    if text.len() > MAX_PASSWORD_BYTES {
        return None;
    }
    Some(text.nfc().collect())
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_characters_are_enough_and_seven_are_not() {
        assert!(Password::parse("12345678").is_ok());
        assert!(Password::parse("öäüßöäüß").is_ok());
        assert_eq!(Password::parse("1234567").err(), Some(PasswordError::TooShort));
        assert_eq!(Password::parse("").err(), Some(PasswordError::TooShort));
    }

    #[test]
    fn four_bytes_a_letter_do_not_make_a_short_password_long() {
        assert_eq!(
            Password::parse("\u{1f600}\u{1f600}").err(),
            Some(PasswordError::TooShort)
        );
    }

    #[test]
    fn a_film_is_refused_before_anything_is_done_with_it() {
        assert!(Password::parse(&"x".repeat(4096)).is_ok());
        assert_eq!(
            Password::parse(&"x".repeat(4097)).err(),
            Some(PasswordError::TooLong)
        );
        assert_eq!(attempt(&"x".repeat(4097)), None);
    }

    #[test]
    fn blanks_count_and_are_kept() {
        assert_eq!(
            Password::parse(" two words ").unwrap().into_bytes(),
            b" two words "
        );
    }

    #[test]
    fn one_letter_typed_in_two_ways_is_one_password() {
        let typed = Password::parse("passwo\u{308}rt").unwrap().into_bytes();
        assert_eq!(Some(typed), attempt("passw\u{f6}rt"));
    }

    #[test]
    fn a_password_is_never_printed() {
        assert_eq!(format!("{:?}", Password::parse("secret words").unwrap()), "***");
    }
}

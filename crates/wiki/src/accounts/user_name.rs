//! The name of an account: its rule, the reason for it, and the words for whoever breaks it.
//!
//! A name is NFC, at most 64 characters, with single blanks inside only. `:` and `,` would end it
//! in an access control list, `/` would make its home page a subpage, control and invisible
//! characters would let one account look like another. Names are compared without case.
//! Special words of access control lists and of the command line are nobody's name.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

const MAX_CHARS: usize = 64;

/// Words that mean something else where names are written: the special entries of access control
/// lists, and the guests in `grange session kill __guest__`.
const RESERVED: [&str; 5] = ["All", "Known", "Trusted", "Default", "__guest__"];

/// The checked name of an account, as its owner wrote it.
#[derive(Clone, Debug)]
pub struct UserName {
    written: String,
    folded: String,
}

/// Why a text is no name for an account; the text of the error is for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserNameError {
    /// Nothing was typed.
    #[error("A user name cannot be empty.")]
    Empty,
    /// More than 64 characters.
    #[error("A user name can have at most 64 characters.")]
    TooLong,
    /// A character that has a meaning in access control lists or addresses.
    #[error("A user name cannot contain \"{0}\".")]
    Separator(char),
    /// A character that cannot be seen.
    #[error("A user name cannot contain control characters, invisible characters or special blanks.")]
    Invisible,
    /// A blank at the beginning or end, or two in a row.
    #[error("A user name cannot begin or end with a blank, nor have two blanks in a row.")]
    Blanks,
    /// A word with a meaning of its own.
    #[error("\"{0}\" has a special meaning and cannot be a user name.")]
    Reserved(&'static str),
}

impl UserName {
    /// Checks a name. The text is put into NFC first; nothing else about it is changed.
    ///
    /// # Errors
    /// * One [`UserNameError`] per rule that is broken; the first found.
    pub fn parse(text: &str) -> Result<UserName, UserNameError> {
        // A megabyte typed into the login form is refused before it is normalised.
        if text.len() > MAX_CHARS * 16 {
            return Err(UserNameError::TooLong);
        }
        let written: String = text.nfc().collect();
        check_length(&written)?;
        check_characters(&written)?;
        check_blanks(&written)?;
        let folded = fold_name(&written);
        if let Some(word) = RESERVED.into_iter().find(|word| fold_name(word) == folded) {
            return Err(UserNameError::Reserved(word));
        }
        Ok(UserName { written, folded })
    }

    /// The name as its owner wrote it, in NFC.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The form under which names are compared and stored as unique.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

/// The form under which two spellings of one name are equal: without case, in NFC. Works for any
/// text, so that lists of names (`superuser`, access control lists) can be compared with it.
pub fn fold_name(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Up and down again brings together what has several small forms (ς and σ, ß and ss); down before
    // that, because ẞ is its own capital.
    text.nfc()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}

impl PartialEq for UserName {
    fn eq(&self, other: &UserName) -> bool {
        self.folded == other.folded
    }
}

impl Eq for UserName {}

impl std::hash::Hash for UserName {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl FromStr for UserName {
    type Err = UserNameError;

    fn from_str(text: &str) -> Result<UserName, UserNameError> {
        UserName::parse(text)
    }
}

fn check_length(name: &str) -> Result<(), UserNameError> {
    match name.chars().count() {
        0 => Err(UserNameError::Empty),
        1..=MAX_CHARS => Ok(()),
        _ => Err(UserNameError::TooLong),
    }
}

fn check_characters(name: &str) -> Result<(), UserNameError> {
    for character in name.chars() {
        match character {
            ':' | ',' | '/' => return Err(UserNameError::Separator(character)),
            _ if is_invisible(character) => return Err(UserNameError::Invisible),
            _ => {}
        }
    }
    Ok(())
}

fn check_blanks(name: &str) -> Result<(), UserNameError> {
    if name.starts_with(' ') || name.ends_with(' ') || name.contains("  ") {
        return Err(UserNameError::Blanks);
    }
    Ok(())
}

/// Characters that leave no mark of their own, so that two names could look the same.
fn is_invisible(character: char) -> bool {
    if character == ' ' {
        return false;
    }
    character.is_control()
        || character.is_whitespace()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}'
        )
}

#[cfg(test)]
#[path = "user_name_tests.rs"]
mod tests;

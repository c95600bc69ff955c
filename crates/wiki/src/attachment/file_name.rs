//! Names of attached files: what may be one, and how people are told when it may not.
//!
//! A name is never joined to a directory: files lie under the hash of their bytes. The rules keep names
//! writable in markup and harmless where somebody saves the file. Start at [`FileName::parse`].

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

/// The longest name in bytes, as on most file systems.
const LONGEST: usize = 255;

/// The name of an attached file: NFC, one line, no directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

/// Why a text is no name of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileNameError {
    /// Nothing was given.
    #[error("The file needs a name.")]
    Empty,
    /// It would be hidden, or the name of a directory.
    #[error("A file's name may not begin with a dot.")]
    LeadingDot,
    /// It holds a character that separates directories or schemes.
    #[error("A file's name may not contain “{0}”.")]
    Separator(char),
    /// It holds a character that nobody sees, or one that turns the writing direction.
    #[error("A file's name may not contain control characters.")]
    Control,
    /// It is too long.
    #[error("A file's name can be at most {LONGEST} bytes long.")]
    TooLong,
}

impl FileName {
    /// Reads a name as somebody typed or sent it; blanks around it do not count.
    ///
    /// # Errors
    /// - [`FileNameError`] with the rule that the text breaks.
    pub fn parse(text: &str) -> Result<FileName, FileNameError> {
        // A text many times too long is not normalised first.
        if text.len() > 4 * LONGEST {
            return Err(FileNameError::TooLong);
        }
        let name: String = text.trim().nfc().collect();
        if name.is_empty() {
            return Err(FileNameError::Empty);
        }
        if let Some(found) = name.chars().find(|c| matches!(c, '/' | '\\' | ':')) {
            return Err(FileNameError::Separator(found));
        }
        if name.chars().any(is_unseen) {
            return Err(FileNameError::Control);
        }
        if name.starts_with('.') {
            return Err(FileNameError::LeadingDot);
        }
        if name.len() > LONGEST {
            return Err(FileNameError::TooLong);
        }
        Ok(FileName(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, line ends, what turns the writing direction (`gpj.exe` must not look like `exe.jpg`), and
/// what nobody sees (no two names of a page look the same). Joiners stay: some scripts are written with them.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
                | '\u{180B}'..='\u{180F}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FileName {
    type Err = FileNameError;

    fn from_str(text: &str) -> Result<FileName, FileNameError> {
        FileName::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_name_is_taken_as_it_is() {
        for name in [
            "plan.pdf",
            "Grundriß 2 (alt).png",
            "a",
            "x..y",
            "日本.txt",
            "100%.txt",
            "a?b=c&d#e",
        ] {
            assert_eq!(FileName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(FileName::parse("  plan.pdf ").unwrap().as_str(), "plan.pdf");
    }

    #[test]
    fn both_spellings_of_an_accent_are_one_name() {
        assert_eq!(FileName::parse("e\u{301}.txt"), FileName::parse("é.txt"));
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        for (name, error) in [
            ("../secret", FileNameError::Separator('/')),
            ("a/b", FileNameError::Separator('/')),
            ("C:\\x", FileNameError::Separator(':')),
            ("..\\x", FileNameError::Separator('\\')),
            ("..", FileNameError::LeadingDot),
            (".htaccess", FileNameError::LeadingDot),
            ("", FileNameError::Empty),
            (" \t", FileNameError::Empty),
            ("a\0b", FileNameError::Control),
            ("a\nb", FileNameError::Control),
            ("a\u{202e}gpj.exe", FileNameError::Control),
            ("a\u{200b}.txt", FileNameError::Control),
            ("\u{3164}", FileNameError::Control),
        ] {
            assert_eq!(FileName::parse(name), Err(error), "{name:?}");
        }
    }

    #[test]
    fn a_long_name_is_refused_at_255_bytes() {
        assert!(FileName::parse(&"a".repeat(255)).is_ok());
        for long in ["a".repeat(256), "ä".repeat(128), "e\u{301}".repeat(1_000_000)] {
            assert_eq!(FileName::parse(&long), Err(FileNameError::TooLong));
        }
    }
}

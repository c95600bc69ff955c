//! Whether bytes that come in pieces are text: UTF-8 without control characters but those of lines.
//!
//! A piece may end in the middle of a character; its beginning is kept for the next one.
//! Start at [`Utf8Check::see`].

/// Looks at pieces of a file.
#[derive(Default)]
pub struct Utf8Check {
    /// The beginning of a character that the next piece goes on with.
    carried: Vec<u8>,
    broken: bool,
}

impl Utf8Check {
    /// Looks at the next bytes.
    pub fn see(&mut self, bytes: &[u8]) {
        if self.broken {
            return;
        }
        let joined = match self.carried.is_empty() {
            true => None,
            false => Some([self.carried.as_slice(), bytes].concat()),
        };
        self.carried.clear();
        let bytes = joined.as_deref().unwrap_or(bytes);
        let valid = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            // Cut in the middle of a character, perhaps.
            Err(error) if error.error_len().is_none() => {
                let (valid, rest) = bytes.split_at(error.valid_up_to());
                self.carried.extend_from_slice(rest);
                std::str::from_utf8(valid).unwrap_or_default()
            }
            Err(_) => {
                self.broken = true;
                return;
            }
        };
        self.broken = valid
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}'));
    }

    /// Whether all that was seen is text.
    pub fn is_text(&self) -> bool {
        !self.broken && self.carried.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_text(bytes: &[u8], piece: usize) -> bool {
        let mut check = Utf8Check::default();
        bytes.chunks(piece).for_each(|bytes| check.see(bytes));
        check.is_text()
    }

    #[test]
    fn text_is_text_wherever_it_is_cut() {
        for piece in 1..9 {
            assert!(is_text("aé日𝄞\r\n\tz".as_bytes(), piece), "{piece}");
            assert!(!is_text(b"a\xffb", piece), "{piece}");
            assert!(
                !is_text("日".as_bytes().split_last().unwrap().1, piece),
                "{piece}"
            );
            assert!(!is_text(b"a\x1b[31m", piece), "{piece}");
        }
    }
}

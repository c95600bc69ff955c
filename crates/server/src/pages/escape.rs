//! Text on its way into a page, its markup characters escaped.
//!
//! The templates' own escaping looks at one byte after another, which costs as much as everything else that a page
//! writes around its content. Nearly no text has anything to escape, so that is found out first, many bytes at a
//! time; where there is something, the templates' own does it. Named in `askama.toml`.

use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};

/// Escapes `"`, `&`, `'`, `<` and `>`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Escaped;

impl Escaper for Escaped {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        match has_markup(text.as_bytes()) {
            true => Html.write_escaped_str(dest, text),
            false => dest.write_str(text),
        }
    }
}

/// Never leaves the loop early, so that the compiler makes it look at many bytes at once.
fn has_markup(text: &[u8]) -> bool {
    let is_markup = |byte: &u8| matches!(byte, b'"' | b'&' | b'\'' | b'<' | b'>');
    text.iter().fold(false, |found, byte| found | is_markup(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut written = String::new();
        Escaped.write_escaped_str(&mut written, text).unwrap();
        written
    }

    #[test]
    fn every_markup_character_is_escaped_wherever_it_stands() {
        for (character, written) in [
            ('"', "&#34;"),
            ('&', "&#38;"),
            ('\'', "&#39;"),
            ('<', "&#60;"),
            ('>', "&#62;"),
        ] {
            for before in 0..40 {
                let text = format!("{}{character}{}", "a".repeat(before), "ö".repeat(40 - before));
                assert_eq!(escaped(&text), text.replace(character, written), "{text}");
            }
        }
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in ["", "FrontPage", "/wiki/B%C3%BCcher?action=edit", "“Bücher”"] {
            assert_eq!(escaped(text), text);
        }
    }
}

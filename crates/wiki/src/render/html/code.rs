//! Code blocks → `<pre><code>`, coloured when the language is known and the block is not too big.

use super::tree::TreeWriter;

/// How many bytes of code a page may have coloured: colouring is the slowest part of rendering.
pub(super) const COLOURED_BYTES: usize = 400 << 10;

impl TreeWriter<'_> {
    pub(super) fn code(&mut self, language: Option<&str>, text: &str) {
        let class = language.and_then(language_class);
        self.out.open("pre", &[]);
        self.out.open("code", &[("class", class.as_deref())]);
        if !self.coloured(language, text) {
            self.out.text(text);
        }
        self.out.close("code");
        self.out.close("pre");
        self.out.line();
    }

    fn coloured(&mut self, language: Option<&str>, text: &str) -> bool {
        let (Some(highlighter), Some(language)) = (self.scene.highlighter, language) else {
            return false;
        };
        let Some(left) = self.colour_left.checked_sub(text.len()) else {
            return false;
        };
        let Some(tokens) = highlighter.tokens(language, text) else {
            return false;
        };
        self.colour_left = left;
        for token in tokens {
            match token.class {
                Some(class) => self.out.element("span", &[("class", Some(class))], token.text),
                None => self.out.text(token.text),
            }
        }
        true
    }
}

/// `language-rust`, as HTML recommends; only for names that are one.
fn language_class(language: &str) -> Option<String> {
    let fits = language.len() <= 40
        && language
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '#' | '.' | '_' | '-'));
    fits.then(|| format!("language-{}", language.to_ascii_lowercase()))
}

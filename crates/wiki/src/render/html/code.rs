//! Code blocks → `<pre><code>`, coloured when the language is known and colouring it would not take
//! too long; how long is too long is counted for the page as a whole. Tokens and their classes come
//! from `render/highlight.rs`.

use super::tree::TreeWriter;
use crate::render::highlight::work;

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
        let Some(left) = self.colour_left.checked_sub(work(text)) else {
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

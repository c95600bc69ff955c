//! What a page's name is searched for: a text, whatever its case, or `regex:` and an expression.
//!
//! The engine needs linear time whatever the expression, and refuses those that would need much memory.

use regex::{Regex, RegexBuilder};

use crate::error::MacroError;

/// So much memory a compiled expression may take: the time for a text is its length times this size, and a
/// page has a megabyte.
const COMPILED_BYTES: usize = 64 << 10;
/// So much memory the engine may take for what it finds out while it looks.
const LOOKING_BYTES: usize = 1 << 20;

/// A text or an expression to look for.
#[derive(Clone, Debug)]
pub(super) enum Needle {
    /// In lower case.
    Text(String),
    Expression(Regex),
}

impl Needle {
    pub(super) fn parse(written: &str) -> Result<Needle, MacroError> {
        match written.strip_prefix("regex:") {
            Some(expression) => compile(expression).map(Needle::Expression),
            None => Ok(Needle::Text(written.to_lowercase())),
        }
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        match self {
            Needle::Text(wanted) => text.to_lowercase().contains(wanted),
            Needle::Expression(expression) => expression.is_match(text),
        }
    }
}

/// Compiles an expression that a page's author wrote.
pub(super) fn compile(expression: &str) -> Result<Regex, MacroError> {
    build(&mut RegexBuilder::new(expression), expression)
}

/// The same for texts of several lines, where `^` and `$` stand at each line's ends.
pub(super) fn compile_for_lines(expression: &str) -> Result<Regex, MacroError> {
    build(RegexBuilder::new(expression).multi_line(true), expression)
}

fn build(builder: &mut RegexBuilder, expression: &str) -> Result<Regex, MacroError> {
    let built = builder
        .size_limit(COMPILED_BYTES)
        .dfa_size_limit(LOOKING_BYTES)
        .build();
    built.map_err(|error| {
        let reason = match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            other => last_line(&other.to_string()),
        };
        MacroError::said(format!("\"{expression}\" is no regular expression: {reason}"))
    })
}

/// The engine draws the expression with a mark under the mistake; the sentence about it stands last.
fn last_line(message: &str) -> String {
    let line = message.lines().last().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_expressions_are_taken_and_ones_that_would_take_seconds_are_not() {
        for taken in [r"^Help", r"\w+Group$", r"(?i)^[a-zäöü]+/\d{4}-\d{2}-\d{2}$", ".*"] {
            assert!(compile(taken).is_ok(), "{taken}");
        }
        for refused in [r"[01]*1[01]{3000}x", r"\w{1,90}N"] {
            let told = compile(refused).unwrap_err().to_string();
            assert!(told.contains("it is too large"), "{told}");
        }
    }

    #[test]
    fn a_text_is_found_whatever_its_case() {
        let needle = Needle::parse("ÄPFEL").unwrap();
        assert!(needle.is_in("Alle Äpfel"));
        assert!(!needle.is_in("Birnen"));
        assert!(Needle::parse("").unwrap().is_in("anything"));
    }

    #[test]
    fn a_text_is_not_taken_for_an_expression() {
        assert!(!Needle::parse("a.c").unwrap().is_in("abc"));
        assert!(Needle::parse("a.c").unwrap().is_in("xa.cx"));
    }

    #[test]
    fn case_counts_in_an_expression() {
        let needle = Needle::parse("regex:^Team/").unwrap();
        assert!(needle.is_in("Team/Rota"));
        assert!(!needle.is_in("team/rota"));
        assert!(!needle.is_in("Old Team/Rota"));
    }

    #[test]
    fn a_broken_expression_is_named_with_its_mistake() {
        let words = Needle::parse("regex:(").unwrap_err().to_string();
        assert_eq!(words, "\"(\" is no regular expression: unclosed group");
    }

    #[test]
    fn an_expression_that_would_take_much_memory_is_refused() {
        let words = Needle::parse(r"regex:(\w{1,500}){1,500}")
            .unwrap_err()
            .to_string();
        assert!(words.ends_with("it is too large"), "{words}");
    }

    #[test]
    fn a_hostile_expression_does_not_take_long() {
        let needle = Needle::parse("regex:^(a+)+$").unwrap();
        assert!(!needle.is_in(&format!("{}b", "a".repeat(10_000))));
    }
}

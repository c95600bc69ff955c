//! Regular expressions that a page's author wrote, with the bounds that searches have.
//!
//! The engine needs linear time whatever the expression, and refuses those that would need much memory.

use grange_wiki::search::limited;
use regex::{Regex, RegexBuilder};

use crate::error::MacroError;

/// Compiles an expression.
pub(super) fn compile(expression: &str) -> Result<Regex, MacroError> {
    build(&mut RegexBuilder::new(expression), expression)
}

/// The same for texts of several lines, where `^` and `$` stand at each line's ends.
pub(super) fn compile_for_lines(expression: &str) -> Result<Regex, MacroError> {
    build(RegexBuilder::new(expression).multi_line(true), expression)
}

fn build(builder: &mut RegexBuilder, expression: &str) -> Result<Regex, MacroError> {
    limited(builder)
        .map_err(|reason| MacroError::said(format!("\"{expression}\" is no regular expression: {reason}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_counts_in_an_expression() {
        let expression = compile("^Team/").unwrap();
        assert!(expression.is_match("Team/Rota"));
        assert!(!expression.is_match("team/rota") && !expression.is_match("Old Team/Rota"));
    }

    #[test]
    fn a_broken_expression_is_named_with_its_mistake() {
        let words = compile("(").unwrap_err().to_string();
        assert_eq!(words, "\"(\" is no regular expression: unclosed group");
    }

    #[test]
    fn an_expression_that_would_take_much_memory_is_refused() {
        let words = compile(r"(\w{1,500}){1,500}").unwrap_err().to_string();
        assert!(words.ends_with("it is too large"), "{words}");
    }
}

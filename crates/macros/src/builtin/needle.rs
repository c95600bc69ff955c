//! What a page's name is searched for: a text, whatever its case, or `regex:` and an expression.
//!
//! How large an expression may be, and where it is matched, is `expressions.rs`' business. Start at
//! [`Needle::matching_pages`].

use std::sync::Arc;

use grange_wiki::PageName;

use crate::context::MacroContext;
use crate::error::MacroError;
use crate::expressions::{Anchors, Expression, Expressions};

/// What looking for a text costs for each byte, as if it were an expression of this size.
const COST_OF_A_TEXT: usize = 256;

/// A text or an expression to look for.
#[derive(Clone, Debug)]
pub(super) enum Needle {
    /// In lower case.
    Text(String),
    Expression(Arc<Expression>),
}

impl Needle {
    pub(super) fn parse(written: &str, known: &Expressions) -> Result<Needle, MacroError> {
        match written.strip_prefix("regex:") {
            Some(expression) => known.find(expression, Anchors::OfTheText).map(Needle::Expression),
            None => Ok(Needle::Text(written.to_lowercase())),
        }
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        match self {
            Needle::Text(wanted) => text.to_lowercase().contains(wanted),
            Needle::Expression(expression) => expression.regex().is_match(text),
        }
    }

    /// The pages in whose names it is and which the viewer may read, in order.
    pub(super) async fn matching_pages(self, cx: &mut MacroContext<'_>) -> Result<Vec<PageName>, MacroError> {
        let names = cx.wiki().page_names().await?;
        let bytes = names.iter().map(|name| name.as_str().len()).sum();
        let work = match &self {
            Needle::Text(_) => COST_OF_A_TEXT.saturating_mul(bytes),
            Needle::Expression(expression) => expression.work(bytes)?,
        };
        let matching = move || -> Vec<PageName> {
            let found = names.iter().filter(|name| self.is_in(name.as_str()));
            found.cloned().collect()
        };
        let found = cx.view.registry.expressions.run(work, matching).await?;
        cx.readable_of(found).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(written: &str) -> Result<Needle, MacroError> {
        Needle::parse(written, &Expressions::default())
    }

    #[test]
    fn a_text_is_found_whatever_its_case() {
        let needle = parse("ÄPFEL").unwrap();
        assert!(needle.is_in("Alle Äpfel"));
        assert!(!needle.is_in("Birnen"));
        assert!(parse("").unwrap().is_in("anything"));
    }

    #[test]
    fn a_text_is_not_taken_for_an_expression() {
        assert!(!parse("a.c").unwrap().is_in("abc"));
        assert!(parse("a.c").unwrap().is_in("xa.cx"));
    }

    #[test]
    fn case_counts_in_an_expression() {
        let needle = parse("regex:^Team/").unwrap();
        assert!(needle.is_in("Team/Rota"));
        assert!(!needle.is_in("team/rota"));
        assert!(!needle.is_in("Old Team/Rota"));
    }

    #[test]
    fn a_broken_expression_is_named_with_its_mistake() {
        let words = parse("regex:(").unwrap_err().to_string();
        assert_eq!(words, "\"(\" is no regular expression: unclosed group");
    }

    #[test]
    fn an_expression_that_would_take_much_memory_is_refused() {
        let words = parse(r"regex:(\w{1,500}){1,500}").unwrap_err().to_string();
        assert!(words.ends_with("it is too large"), "{words}");
    }

    #[test]
    fn a_hostile_expression_does_not_take_long() {
        let needle = parse("regex:^(a+)+$").unwrap();
        assert!(!needle.is_in(&format!("{}b", "a".repeat(10_000))));
    }
}

//! `<<WordIndex>>`: the words in the names of pages, and under each the pages that have it.
//!
//! Words end at blanks and signs and where a capital follows a small letter, so `TeamMeeting notes` stands
//! under Team, Meeting and notes.

use std::collections::BTreeMap;

use async_trait::async_trait;
use grange_wiki::PageName;
use grange_wiki::markup::{Block, Inline, Item};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::listing::{Index, LONGEST, and_more, nothing};
use crate::builtin::page_list::list_of;
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct WordIndex;

static DEFINITION: Definition = Definition {
    name: "WordIndex",
    summary: "Lists the words in the names of all pages, and the pages under each.",
    help: "",
    arguments: Arguments::List(&[]),
    dependencies: &[Dependency::Namespace],
    example: Example {
        call: "<<WordIndex>>",
        shows: "<strong>Rota</strong>",
    },
};

#[async_trait]
impl Macro for WordIndex {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let mut pages = cx.readable_pages(|_| true).await?;
        if pages.is_empty() {
            return Ok(Fragment::Blocks(nothing("No pages.")));
        }
        let rest = pages.len().saturating_sub(LONGEST);
        pages.truncate(LONGEST);
        let lines = by_word(&pages)
            .into_iter()
            .map(|(word, pages)| {
                let item = Item::nested(vec![Inline::strong(word.as_str())], list_of(&pages));
                (word, item)
            })
            .collect();
        let mut blocks: Vec<Block> = Index::of("words", lines).show();
        blocks.extend((rest > 0).then(|| and_more(rest)));
        Ok(Fragment::Blocks(blocks))
    }
}

/// The pages of each word; a word is shown as the first page spells it.
fn by_word(pages: &[PageName]) -> Vec<(String, Vec<PageName>)> {
    let mut words: BTreeMap<String, (String, Vec<PageName>)> = BTreeMap::new();
    for page in pages {
        for word in words_of(page.as_str()) {
            let (_, listed) = words
                .entry(word.to_lowercase())
                .or_insert_with(|| (word.to_owned(), Vec::new()));
            if listed.last() != Some(page) {
                listed.push(page.clone());
            }
        }
    }
    words.into_values().collect()
}

fn words_of(name: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for part in name.split(|letter: char| !letter.is_alphanumeric()) {
        let mut start = 0;
        let mut was_small = false;
        for (at, letter) in part.char_indices() {
            if letter.is_uppercase() && was_small {
                words.extend(part.get(start..at));
                start = at;
            }
            was_small = letter.is_lowercase() || letter.is_numeric();
        }
        words.extend(part.get(start..).filter(|word| !word.is_empty()));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_signs_and_before_capitals() {
        assert_eq!(
            words_of("TeamMeeting notes/2026-05"),
            ["Team", "Meeting", "notes", "2026", "05"]
        );
        assert_eq!(words_of("HTTPServer ÄpfelÖl"), ["HTTPServer", "Äpfel", "Öl"]);
        assert_eq!(words_of("日本語/ページ"), ["日本語", "ページ"]);
        assert!(words_of("!?").is_empty());
    }

    #[test]
    fn a_page_stands_once_under_a_word_that_it_has_twice() {
        let pages = ["Rota/Rota", "rota"].map(|name| PageName::parse(name).unwrap());
        let words = by_word(&pages);
        assert_eq!(words, [("Rota".to_owned(), pages.to_vec())]);
    }
}

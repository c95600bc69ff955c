//! `<<HighlighterList>>`: the languages whose code is coloured, and what to write after the fence.
//!
//! It is part of the cached page and depends on the program alone.

use async_trait::async_trait;
use grange_wiki::markup::{Block, Inline};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct HighlighterList;

static DEFINITION: Definition = Definition {
    name: "HighlighterList",
    summary: "Lists the languages whose code is coloured.",
    help: "The words are those that may stand after the three backticks of a code block.",
    arguments: Arguments::List(&[]),
    dependencies: &[],
    example: Example {
        call: "<<HighlighterList>>",
        shows: "<td>Rust</td>",
    },
};

#[async_trait]
impl Macro for HighlighterList {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let highlighter = cx.highlighter();
        // Unpacking the syntaxes takes some 30 ms, once in the life of the program.
        let languages = tokio::task::spawn_blocking(move || highlighter.languages());
        let languages = languages
            .await
            .map_err(|_| MacroError::said("the languages cannot be listed just now"))?;
        let row = |(name, words): (String, Vec<String>)| {
            vec![vec![Inline::text(name)], vec![Inline::code(words.join(" "))]]
        };
        let head = ["Language", "Words"]
            .map(|word| vec![Inline::text(word)])
            .to_vec();
        Ok(Fragment::Blocks(vec![Block::table(
            head,
            languages.into_iter().map(row).collect(),
        )]))
    }
}

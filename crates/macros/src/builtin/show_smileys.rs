//! `<<ShowSmileys>>`: the smileys that `<<Icon>>` knows, and what to write for each.
//!
//! It is part of the cached page and depends on the program alone.

use async_trait::async_trait;
use grange_wiki::markup::{Block, Inline};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::icon;
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct ShowSmileys;

static DEFINITION: Definition = Definition {
    name: "ShowSmileys",
    summary: "Lists the smileys and what to write for them.",
    help: "Smileys are names of signs for the macro Icon.",
    arguments: Arguments::List(&[]),
    dependencies: &[],
    example: Example {
        call: "<<ShowSmileys>>",
        shows: "<code>&lt;&lt;Icon(;))&gt;&gt;</code>",
    },
};

#[async_trait]
impl Macro for ShowSmileys {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, _: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let row = |(name, sign, word): &(&str, &'static str, &'static str)| {
            vec![
                vec![Inline::code(format!("<<Icon({name})>>"))],
                vec![Inline::symbol(*sign, *word)],
                vec![Inline::text(*word)],
            ]
        };
        let head = ["What to write", "What it shows", "What it means"];
        let head = head.map(|word| vec![Inline::text(word)]).to_vec();
        Ok(Fragment::Blocks(vec![Block::table(
            head,
            icon::smileys().map(row).collect(),
        )]))
    }
}

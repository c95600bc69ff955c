//! `<<FootNote(words)>>`: a note, numbered together with the notes that Markdown's `[^1]` refers to.
//!
//! The page's writer gives the numbers and shows the notes (`render/html/notes.rs` of `grange-wiki`); here
//! they are only written. A note costs no hole: it depends on the page's text alone.

use async_trait::async_trait;
use grange_wiki::markup::{Block, Inline, parse_line};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct FootNote;

static DEFINITION: Definition = Definition {
    name: "FootNote",
    summary: "Puts a numbered note below the text.",
    help: "The notes stand where `<<FootNote>>` without words is, those behind it at the end of the page. The words may have \
        markup. A note that says the same as an earlier one gets its number.",
    arguments: Arguments::Whole(Argument::optional(
        "words",
        Kind::Text,
        "What the note says; without it, the place for the notes so far.",
    )),
    dependencies: &[],
    example: Example {
        call: "<<FootNote(Measured in *May*.)>>",
        shows: "Measured in <em>May</em>.",
    },
};

#[async_trait]
impl Macro for FootNote {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, _: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        Ok(match args.text("words") {
            Some(words) => Fragment::Inline(vec![Inline::Footnote(parse_line(words))]),
            None => Fragment::Blocks(vec![Block::Footnotes]),
        })
    }
}

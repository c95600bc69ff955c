//! `<<BR>>`: the end of a line inside a paragraph or a cell of a table.
//!
//! Markdown has two blanks at a line's end for it, which nobody sees and a cell cannot hold.

use async_trait::async_trait;
use grange_wiki::markup::Inline;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct LineBreak;

static DEFINITION: Definition = Definition {
    name: "BR",
    summary: "Ends the line here.",
    help: "",
    arguments: Arguments::List(&[]),
    dependencies: &[],
    example: Example {
        call: "<<BR>>",
        shows: "<br>",
    },
};

#[async_trait]
impl Macro for LineBreak {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, _: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        Ok(Fragment::Inline(vec![Inline::LineBreak]))
    }
}

//! `<<Verbatim(text)>>`: words as they were written, without markup.
//!
//! What stands between the parentheses is taken whole, quotes and commas included.

use async_trait::async_trait;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct Verbatim;

static DEFINITION: Definition = Definition {
    name: "Verbatim",
    summary: "Shows words as they are written, without markup.",
    help: "",
    arguments: Arguments::Whole(Argument::optional("text", Kind::Text, "The words.")),
    dependencies: &[],
    example: Example {
        call: "<<Verbatim(*not emphasised*)>>",
        shows: "*not emphasised*",
    },
};

#[async_trait]
impl Macro for Verbatim {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, _: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        Ok(Fragment::text(args.raw()))
    }
}

//! `<<AdvancedSearch>>`: a form for those who would rather fill in fields than learn prefixes.
//!
//! The form is in `search_box.rs`; it works without JavaScript.

use async_trait::async_trait;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::search_box::advanced_search;
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct AdvancedSearch;

static DEFINITION: Definition = Definition {
    name: "AdvancedSearch",
    summary: "Shows a form with fields for all that a search can ask for.",
    help: "",
    arguments: Arguments::List(&[]),
    dependencies: &[],
    example: Example {
        call: "<<AdvancedSearch>>",
        shows: "name=\"not_terms\"",
    },
};

#[async_trait]
impl Macro for AdvancedSearch {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, _: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        Ok(advanced_search())
    }
}

//! `<<TitleSearch>>`: a box that looks for words in page names.
//!
//! The form is in `search_box.rs`; it works without JavaScript.

use async_trait::async_trait;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::search_box::title_search;
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct TitleSearch;

static DEFINITION: Definition = Definition {
    name: "TitleSearch",
    summary: "Shows a box that searches in the names of pages.",
    help: "Where exactly one page is found and it is the one that was typed, the reader is led there.",
    arguments: Arguments::List(&[]),
    dependencies: &[],
    example: Example {
        call: "<<TitleSearch>>",
        shows: "Search titles</button>",
    },
};

#[async_trait]
impl Macro for TitleSearch {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, _: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        Ok(title_search())
    }
}

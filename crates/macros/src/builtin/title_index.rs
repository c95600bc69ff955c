//! `<<TitleIndex>>`: the names of all pages that the reader may see, under their first letters.
//!
//! Only names are looked at. Where guests may read every page the index is part of the cached page and is made
//! again when pages come or go.

use async_trait::async_trait;
use grange_wiki::markup::Item;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::listing::{Index, nothing, page_link};
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct TitleIndex;

static DEFINITION: Definition = Definition {
    name: "TitleIndex",
    summary: "Lists all pages by their first letters.",
    help: "",
    arguments: Arguments::List(&[]),
    dependencies: &[Dependency::Namespace],
    example: Example {
        call: "<<TitleIndex>>",
        shows: "Team/Rota",
    },
};

#[async_trait]
impl Macro for TitleIndex {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let pages = cx.readable_pages(|_| true).await?;
        if pages.is_empty() {
            return Ok(Fragment::Blocks(nothing("No pages.")));
        }
        let line = |page: &_| (ToString::to_string(page), Item::line(vec![page_link(page)]));
        let index = Index::of("titles", pages.iter().map(line).collect());
        Ok(Fragment::Blocks(index.show()))
    }
}

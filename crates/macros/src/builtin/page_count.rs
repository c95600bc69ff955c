//! `<<PageCount>>`: how many pages the reader may see.
//!
//! Counted are pages that exist, be they stored or files of the wiki's underlay.

use async_trait::async_trait;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct PageCount;

static DEFINITION: Definition = Definition {
    name: "PageCount",
    summary: "Shows how many pages the wiki has, as far as you may read them.",
    help: "Deleted pages never count, so `<<PageCount(exists)>>`, as pages of MoinMoin wikis have it, is the same \
        number.",
    arguments: Arguments::List(&[Argument::optional(
        "exists",
        Kind::Choice(&["exists"]),
        "Says what is so anyway: only pages that exist count.",
    )]),
    dependencies: &[Dependency::Namespace],
    example: Example {
        call: "<<PageCount>>",
        shows: "6",
    },
};

#[async_trait]
impl Macro for PageCount {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let pages = cx.readable_pages(|_| true).await?;
        Ok(Fragment::text(pages.len().to_string()))
    }
}

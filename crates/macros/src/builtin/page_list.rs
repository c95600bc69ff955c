//! `<<PageList>>`: the pages of the wiki whose names match, as a list of links.
//!
//! Only names are looked at, and only of pages that the viewer may read. Where guests may read them all,
//! the list is part of the cached page and is made again when pages change.

use async_trait::async_trait;
use grange_wiki::PageName;
use grange_wiki::markup::{Block, Inline};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::needle::Needle;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind, Need};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct PageList;

static DEFINITION: Definition = Definition {
    name: "PageList",
    summary: "Lists the pages whose names contain a text or match a regular expression.",
    help: "Without an argument it lists every page. `<<PageList(Help)>>` lists the pages with \"help\" in \
        their names, upper and lower case alike. `<<PageList(regex:^Team/)>>` lists the subpages of Team: \
        after `regex:` stands a regular expression, in which case counts.",
    arguments: Arguments::Whole(Argument {
        name: "needle",
        kind: Kind::Text,
        need: Need::Optional,
        help: "What the names have to contain.",
    }),
    dependencies: &[Dependency::Namespace],
    example: Example {
        call: "<<PageList(regex:^Team/)>>",
        shows: "Team/Rota",
    },
};

#[async_trait]
impl Macro for PageList {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let written = args.text("needle").unwrap_or_default();
        let needle = Needle::parse(written, &cx.view.registry.expressions)?;
        let pages = needle.matching_pages(cx).await?;
        match pages.is_empty() {
            true => Ok(Fragment::Inline(vec![Inline::emphasis("No matching page.")])),
            false => Ok(Fragment::Blocks(vec![list_of(&pages)])),
        }
    }
}

/// The pages as links, in their order.
pub(super) fn list_of(pages: &[PageName]) -> Block {
    Block::bullets(
        pages
            .iter()
            .map(|page| vec![Inline::page_link(page.as_str(), page.as_str())]),
    )
}

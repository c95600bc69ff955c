//! `<<OrphanedPages>>`: pages that no other page links to.
//!
//! A page's links to itself do not count, nor do links on pages that the reader may not see. The front page
//! is no orphan: every page of the wiki leads to it.

use std::collections::HashSet;

use async_trait::async_trait;
use grange_wiki::PageName;
use grange_wiki::markup::{Item, ListKind};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::link_graph::readable_links;
use crate::builtin::listing::{list, nothing, page_link};
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::{ForRobots, Macro};

/// See the module.
pub struct OrphanedPages;

static DEFINITION: Definition = Definition {
    name: "OrphanedPages",
    summary: "Lists pages that no other page links to.",
    help: "",
    arguments: Arguments::List(&[]),
    dependencies: &[Dependency::Pages],
    example: Example {
        call: "<<OrphanedPages>>",
        shows: ">Team/Rota</a>",
    },
};

#[async_trait]
impl Macro for OrphanedPages {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn for_robots(&self) -> ForRobots {
        ForRobots::Nothing
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let links = readable_links(cx).await?.into_iter();
        let linked: HashSet<PageName> = links.filter(|(from, to)| from != to).map(|(_, to)| to).collect();
        let front = cx.wiki().settings().front_page.clone();
        let pages = cx
            .readable_pages(|page| *page != front && !linked.contains(page))
            .await?;
        let lines = pages.iter().map(|page| Item::line(vec![page_link(page)]));
        Ok(Fragment::Blocks(match pages.is_empty() {
            true => nothing("No page is orphaned."),
            false => list(ListKind::Numbers { start: 1 }, lines.collect()),
        }))
    }
}

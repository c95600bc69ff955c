//! `<<WantedPages>>`: pages that others link to and nobody has written.
//!
//! Only links on pages that the reader may see count, and only pages that the reader might see are named.

use std::collections::BTreeMap;

use async_trait::async_trait;
use grange_wiki::PageName;
use grange_wiki::markup::{Inline, Item, ListKind};
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
pub struct WantedPages;

/// So many of the pages that link to one are named.
const NAMED: usize = 10;

static DEFINITION: Definition = Definition {
    name: "WantedPages",
    summary: "Lists pages that are linked to and do not exist yet.",
    help: "Behind each stand the pages that link to it.",
    arguments: Arguments::List(&[]),
    dependencies: &[Dependency::Pages],
    example: Example {
        call: "<<WantedPages>>",
        shows: ">Team/Shopping</a>",
    },
};

#[async_trait]
impl Macro for WantedPages {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn for_robots(&self) -> ForRobots {
        ForRobots::Nothing
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let names = cx.wiki().page_names().await?;
        let mut wanted: BTreeMap<PageName, Vec<PageName>> = BTreeMap::new();
        for (from, to) in readable_links(cx).await? {
            if names.binary_search(&to).is_err() {
                wanted.entry(to).or_default().push(from);
            }
        }
        let mut lines = Vec::new();
        for (page, by) in &wanted {
            if cx.may_read(page).await? {
                lines.push(Item::line(line(page, by)));
            }
        }
        Ok(Fragment::Blocks(match lines.is_empty() {
            true => nothing("No page is wanted."),
            false => list(ListKind::Numbers { start: 1 }, lines),
        }))
    }
}

fn line(page: &PageName, by: &[PageName]) -> Vec<Inline> {
    let mut line = vec![page_link(page), Inline::text(" from ")];
    for (nth, linking) in by.iter().take(NAMED).enumerate() {
        if nth > 0 {
            line.push(Inline::text(", "));
        }
        line.push(page_link(linking));
    }
    if let Some(rest) = by.len().checked_sub(NAMED).filter(|rest| *rest > 0) {
        line.push(Inline::text(format!(" and {rest} more")));
    }
    line
}

//! `<<PageSize>>`: the pages by the size of their texts, the largest first.
//!
//! Sizes stand in the change log; only pages that come from files unchanged are read for it.

use async_trait::async_trait;
use grange_wiki::markup::{Inline, Item, ListKind};
use grange_wiki::render::Fragment;
use grange_wiki::{Order, PageName};

use crate::args::Args;
use crate::builtin::listing::{LONGEST, list, nothing, page_link};
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::{ForRobots, Macro};

/// See the module.
pub struct PageSize;

/// So many pages are looked at.
const LOOKED_AT: usize = 4 * LONGEST;

static DEFINITION: Definition = Definition {
    name: "PageSize",
    summary: "Lists the pages by their size, the largest first.",
    help: "",
    arguments: Arguments::List(&[]),
    dependencies: &[Dependency::Pages],
    example: Example {
        call: "<<PageSize>>",
        shows: "9 bytes: <a href=\"/team/Team/Rota\"",
    },
};

#[async_trait]
impl Macro for PageSize {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn for_robots(&self) -> ForRobots {
        ForRobots::Nothing
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let mut sizes = stored_sizes(cx).await?;
        sizes.extend(file_sizes(cx).await?);
        sizes.sort_by(|(a, first), (b, second)| b.cmp(a).then_with(|| first.cmp(second)));
        let line = |(bytes, page): &(u64, PageName)| {
            Item::line(vec![Inline::text(format!("{bytes} bytes: ")), page_link(page)])
        };
        Ok(Fragment::Blocks(match sizes.is_empty() {
            true => nothing("No pages."),
            false => list(ListKind::Numbers { start: 1 }, sizes.iter().map(line).collect()),
        }))
    }
}

async fn stored_sizes(cx: &mut MacroContext<'_>) -> Result<Vec<(u64, PageName)>, MacroError> {
    let mut sizes = Vec::new();
    for change in cx.wiki().standing_changes(Order::Largest, LOOKED_AT).await? {
        if cx.may_read(&change.page).await? {
            sizes.push((change.bytes, change.page));
        }
    }
    Ok(sizes)
}

async fn file_sizes(cx: &mut MacroContext<'_>) -> Result<Vec<(u64, PageName)>, MacroError> {
    let mut sizes = Vec::new();
    for name in cx.wiki().underlay_names().await.into_iter().take(LOOKED_AT) {
        if let Some(page) = cx.page(&name).await?.filter(|page| page.is_underlay()) {
            sizes.push((page.text.len() as u64, name));
        }
    }
    Ok(sizes)
}

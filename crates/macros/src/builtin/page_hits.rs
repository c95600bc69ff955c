//! `<<PageHits>>`: the pages by how often they were looked at. `<<Hits>>`: how often this one was.
//!
//! Robots are not counted; see `grange_wiki`'s hits.rs for what is.

use std::time::Duration;

use async_trait::async_trait;
use grange_wiki::markup::{Inline, Item, ListKind};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::listing::{LONGEST, list, nothing, page_link};
use crate::context::MacroContext;
use crate::count_cache::Counts;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::{ForRobots, Macro};

/// See the module.
pub struct PageHits;

/// See the module.
pub struct Hits;

/// So many pages are looked at: those at the beginning may be gone, or not the reader's to see.
const LOOKED_AT: usize = 4 * LONGEST;

/// Counting all pages costs something; nobody needs it more often.
const HOLDS: Duration = Duration::from_secs(10);

static PAGE_HITS: Definition = Definition {
    name: "PageHits",
    summary: "Lists the pages by how often they were looked at, the most seen first.",
    help: "Robots are not counted.",
    arguments: Arguments::List(&[]),
    dependencies: &[Dependency::TimeFor(HOLDS)],
    example: Example {
        call: "<<PageHits>>",
        shows: "Nobody has looked at a page yet.",
    },
};

static HITS: Definition = Definition {
    name: "Hits",
    summary: "Shows how often the page was looked at.",
    help: "`<<Hits(all)>>` shows how often all pages of the wiki were. Robots are not counted.",
    arguments: Arguments::List(&[Argument::with_default(
        "of",
        Kind::Choice(&["page", "all"]),
        "page",
        "What is counted.",
    )]),
    dependencies: &[Dependency::TimeFor(HOLDS)],
    example: Example {
        call: "<<Hits>>",
        shows: "0",
    },
};

/// The counts of the wiki. Where not everybody may read, these macros run for each viewer; what is dear about them is
/// read once for all.
async fn counts(cx: &mut MacroContext<'_>) -> Result<Counts, MacroError> {
    let (registry, now) = (cx.view.registry, cx.view.now);
    Ok(registry.counts.counts(cx.wiki(), HOLDS, now).await?)
}

#[async_trait]
impl Macro for PageHits {
    fn definition(&self) -> &'static Definition {
        &PAGE_HITS
    }

    fn for_robots(&self) -> ForRobots {
        ForRobots::Nothing
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let mut lines = Vec::new();
        let standing = cx.wiki().page_names().await?;
        for (page, count) in counts(cx).await?.iter().take(LOOKED_AT) {
            if lines.len() == LONGEST {
                break;
            }
            if standing.binary_search(page).is_ok() && cx.may_read(page).await? {
                lines.push(Item::line(vec![
                    Inline::text(format!("{count} ")),
                    page_link(page),
                ]));
            }
        }
        Ok(Fragment::Blocks(match lines.is_empty() {
            true => nothing("Nobody has looked at a page yet."),
            false => list(ListKind::Bullets, lines),
        }))
    }
}

#[async_trait]
impl Macro for Hits {
    fn definition(&self) -> &'static Definition {
        &HITS
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let views = counts(cx).await?;
        let mut sum = 0_u64;
        for (page, count) in views.iter() {
            let is_wanted = args.text("of") == Some("all") || page == cx.page_name();
            if is_wanted && cx.may_read(page).await? {
                sum = sum.saturating_add(*count);
            }
        }
        Ok(Fragment::text(sum.to_string()))
    }
}

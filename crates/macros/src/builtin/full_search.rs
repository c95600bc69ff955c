//! `<<FullSearch>>`: a search box; with brackets the pages that link here; with a needle the pages that match.
//!
//! The query is MoinMoin's. Only pages that the viewer may read are listed; where guests may read all that
//! was looked at, the list is part of the cached page and is made again when pages change. The page with the
//! call is left out: its text holds the needle, whatever it is about. `<<FullSearchCached>>` is the same.

use async_trait::async_trait;
use grange_wiki::PageName;
use grange_wiki::markup::{Block, Inline, Item, ListKind};
use grange_wiki::render::Fragment;
use grange_wiki::search::{Defaults, Query, Reach};

use crate::args::{Args, Parentheses};
use crate::builtin::listing::{list, nothing, page_link};
use crate::builtin::search_box::text_search;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::{ForRobots, Macro};

/// See the module.
pub struct FullSearch;

/// See the module.
pub struct FullSearchCached;

const NEEDLE: Argument = Argument::optional(
    "needle",
    Kind::Text,
    "What to look for, as in the search box: words, \"phrases\", `title:…`, `linkto:…`, `category:…`, `regex:…`, \
     `or`, `-`.",
);

static DEFINITION: Definition = Definition {
    name: "FullSearch",
    summary: "Lists the pages in which something is found, or shows a search box.",
    help: "`<<FullSearch(apple tree)>>` lists the pages with both words, `<<FullSearch(category:CategoryFruit)>>` \
        the pages of a category, `<<FullSearch()>>` with empty brackets the pages that link to this one, and \
        `<<FullSearch>>` without brackets shows a search box. The page with the call is not listed. The list is \
        made once and again when pages change. How to search is told in HelpOnSearching.",
    arguments: Arguments::Whole(NEEDLE),
    dependencies: &[Dependency::Pages],
    example: Example {
        call: "<<FullSearch(Ada cooks)>>",
        shows: ">Team/Rota</a>",
    },
};

static CACHED: Definition = Definition {
    name: "FullSearchCached",
    summary: "The same as FullSearch, under the name that keeps MoinMoin from searching at every view.",
    help: "",
    arguments: Arguments::Whole(NEEDLE),
    dependencies: &[Dependency::Pages],
    example: Example {
        call: "<<FullSearchCached(Ada cooks)>>",
        shows: ">Team/Rota</a>",
    },
};

#[async_trait]
impl Macro for FullSearch {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn for_robots(&self) -> ForRobots {
        ForRobots::Nothing
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        expand(cx, &args).await
    }
}

#[async_trait]
impl Macro for FullSearchCached {
    fn definition(&self) -> &'static Definition {
        &CACHED
    }

    fn for_robots(&self) -> ForRobots {
        ForRobots::Nothing
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        expand(cx, &args).await
    }
}

async fn expand(cx: &mut MacroContext<'_>, args: &Args) -> Result<Fragment, MacroError> {
    let query = match (args.text("needle"), args.parentheses()) {
        (None, Parentheses::None) => return Ok(text_search()),
        (None, Parentheses::Written) if args.raw().is_empty() => Query::links_to(cx.page_name()),
        (needle, _) => wanted(needle.unwrap_or_default())?,
    };
    let here = cx.page_name();
    let (mut pages, note) = pages_found(cx, &query).await?;
    pages.retain(|page| page != here);
    let line = |page| Item::line(vec![page_link(page)]);
    let mut blocks = match pages.is_empty() {
        true => nothing("No matching page."),
        false => list(ListKind::Bullets, pages.iter().map(line).collect()),
    };
    blocks.extend(note);
    Ok(Fragment::Blocks(blocks))
}

/// A query that finds every page is a mistake, and a dear one.
fn wanted(needle: &str) -> Result<Query, MacroError> {
    let query =
        Query::parse(needle, Defaults::FULL_TEXT).map_err(|error| MacroError::said(error.to_string()))?;
    match query.is_empty() {
        true => Err(MacroError::said("please say what to look for")),
        false => Ok(query),
    }
}

/// The pages that a query finds, in the order of their names, and a word about those that were not looked at.
pub(super) async fn pages_found(
    cx: &mut MacroContext<'_>,
    query: &Query,
) -> Result<(Vec<PageName>, Option<Block>), MacroError> {
    let found = cx.search(query).await?;
    let mut pages: Vec<PageName> = found.hits.into_iter().map(|hit| hit.page).collect();
    pages.sort_unstable();
    let words = Inline::emphasis("Not every page could be looked at in the time that a search may take.");
    let note = (found.reach == Reach::Partial).then(|| Block::paragraph(vec![words]));
    Ok((pages, note))
}

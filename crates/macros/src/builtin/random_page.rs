//! `<<RandomPage>>`: a page, or several, by chance, among those that the reader may see.
//!
//! Names are drawn until enough may be read, and not all of them asked about.

use async_trait::async_trait;
use grange_wiki::PageName;
use grange_wiki::markup::Inline;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::dice;
use crate::builtin::listing::page_link;
use crate::builtin::page_list::list_of;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::{ForRobots, Macro};

/// See the module.
pub struct RandomPage;

/// So many pages at most.
const MOST: i64 = 100;

static DEFINITION: Definition = Definition {
    name: "RandomPage",
    summary: "Links a page of the wiki by chance.",
    help: "",
    arguments: Arguments::List(&[Argument::with_default(
        "pages",
        Kind::Int,
        "1",
        "How many, 1 to 100. More than one are a list.",
    )]),
    dependencies: &[Dependency::Time],
    example: Example {
        call: "<<RandomPage(100)>>",
        shows: ">Team/Rota</a>",
    },
};

#[async_trait]
impl Macro for RandomPage {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn for_robots(&self) -> ForRobots {
        ForRobots::Nothing
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let wanted = args.int("pages").unwrap_or(1);
        if !(1..=MOST).contains(&wanted) {
            return Err(MacroError::said(format!(
                "Argument \"pages\" must be from 1 to {MOST}"
            )));
        }
        let mut pages = drawn(cx, usize::try_from(wanted).unwrap_or(1)).await?;
        Ok(match pages.as_slice() {
            [] => Fragment::Inline(vec![Inline::emphasis("No pages.")]),
            [page] if wanted == 1 => Fragment::Inline(vec![page_link(page)]),
            _ => {
                pages.sort_unstable();
                Fragment::Blocks(vec![list_of(&pages)])
            }
        })
    }
}

/// So many different pages; fewer if there are fewer. Each name is asked about once at most.
async fn drawn(cx: &mut MacroContext<'_>, wanted: usize) -> Result<Vec<PageName>, MacroError> {
    let mut left: Vec<PageName> = cx.wiki().page_names().await?.to_vec();
    let mut pages = Vec::new();
    while pages.len() < wanted && !left.is_empty() {
        let name = left.swap_remove(dice::below(left.len(), cx.randomness()));
        if cx.may_read(&name).await? {
            pages.push(name);
        }
    }
    Ok(pages)
}

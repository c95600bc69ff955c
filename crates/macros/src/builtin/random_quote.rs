//! `<<RandomQuote>>`: one item of a page's lists, by chance.
//!
//! The page has one saying in each bullet of the first level. Markup in it is kept; macros in it are not run.

use async_trait::async_trait;
use grange_wiki::markup::{Block, ListKind, parse_markdown};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::dice;
use crate::builtin::source::page_to_read;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::{ForRobots, Macro};

/// See the module.
pub struct RandomQuote;

static DEFINITION: Definition = Definition {
    name: "RandomQuote",
    summary: "Shows a saying by chance from a page with a list of them.",
    help: "Each bullet of the page is one saying.",
    arguments: Arguments::Whole(Argument::with_default(
        "page",
        Kind::Text,
        "FortuneCookies",
        "The page with the list.",
    )),
    dependencies: &[Dependency::Time],
    example: Example {
        call: "<<RandomQuote>>",
        shows: "Rain is good for <em>ducks</em>.",
    },
};

#[async_trait]
impl Macro for RandomQuote {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn for_robots(&self) -> ForRobots {
        ForRobots::Nothing
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let page = page_to_read(cx, args.text("page").unwrap_or_default()).await?;
        let mut quotes = quotes_in(&page.text);
        if quotes.is_empty() {
            return Err(MacroError::said(format!(
                "the page \"{}\" has no list",
                page.name
            )));
        }
        let chosen = quotes.swap_remove(dice::below(quotes.len(), cx.randomness()));
        Ok(Fragment::Blocks(chosen))
    }
}

fn quotes_in(text: &str) -> Vec<Vec<Block>> {
    let items = |block| match block {
        Block::List {
            kind: ListKind::Bullets,
            items,
        } => items,
        _ => Vec::new(),
    };
    let blocks = parse_markdown(text).blocks.into_iter();
    blocks.flat_map(items).map(|item| item.content).collect()
}

//! `<<TableOfContents>>`: the page's headings as a nested list of links.
//!
//! It depends on the page's text only, so it is expanded once and costs nothing at a view. Headings of
//! included pages are not listed: they differ between visitors.

use async_trait::async_trait;
use grange_wiki::markup::{Block, Inline, Item, ListKind};
use grange_wiki::render::{Fragment, Heading};

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind, Need};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct TableOfContents;

static DEFINITION: Definition = Definition {
    name: "TableOfContents",
    summary: "Lists the headings of the page.",
    help: "",
    arguments: Arguments::List(&[Argument {
        name: "maxdepth",
        kind: Kind::Int,
        need: Need::Optional,
        help: "Lists so many levels of headings, counted from the page's topmost one.",
    }]),
    dependencies: &[Dependency::Page],
    example: Example {
        call: "<<TableOfContents(2)>>",
        shows: "First steps",
    },
};

#[async_trait]
impl Macro for TableOfContents {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let top = cx
            .headings()
            .iter()
            .map(|heading| heading.level)
            .min()
            .unwrap_or(1);
        let listed: Vec<&Heading> = cx
            .headings()
            .iter()
            .filter(|heading| is_within(heading, top, args.int("maxdepth")))
            .collect();
        match listed.is_empty() {
            true => Ok(Fragment::Blocks(Vec::new())),
            false => Ok(Fragment::Blocks(vec![Block::navigation(
                "Contents",
                vec![nested_list(&listed)],
            )])),
        }
    }
}

fn is_within(heading: &Heading, top: u8, deepest: Option<i64>) -> bool {
    deepest.is_none_or(|deepest| i64::from(heading.level - top) < deepest)
}

/// A heading becomes an item of the last heading above it that has a higher rank. Ranks that are left
/// out (`#` and then `###`) make no empty lists. Headings have six ranks, so this nests six deep at most.
fn nested_list(headings: &[&Heading]) -> Block {
    let mut items = Vec::new();
    let mut rest = headings;
    while let Some((first, after)) = rest.split_first() {
        let below = after
            .iter()
            .take_while(|heading| heading.level > first.level)
            .count();
        let (inner, next) = after.split_at(below);
        let link = vec![Inline::anchor_link(first.id.as_str(), first.text.as_str())];
        items.push(match inner.is_empty() {
            true => Item::line(link),
            false => Item::nested(link, nested_list(inner)),
        });
        rest = next;
    }
    Block::list(ListKind::Bullets, items)
}

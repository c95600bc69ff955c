//! `<<AbandonedPages>>`: the pages that nobody has changed for the longest time.
//!
//! Pages that come from files unchanged have no such time and are left out.

use async_trait::async_trait;
use grange_wiki::markup::{Inline, Item, ListKind};
use grange_wiki::render::Fragment;
use grange_wiki::{Change, Order};
use jiff::tz::TimeZone;

use crate::args::Args;
use crate::builtin::listing::{list, nothing, page_link};
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::{ForRobots, Macro};

/// See the module.
pub struct AbandonedPages;

/// So many pages are looked at: those at the beginning may not be the reader's to see.
const LOOKED_AT: usize = 5000;

static DEFINITION: Definition = Definition {
    name: "AbandonedPages",
    summary: "Lists the pages that nobody has changed for the longest time.",
    help: "",
    arguments: Arguments::List(&[Argument::with_default(
        "pages",
        Kind::Int,
        "50",
        "How many, 1 to 1000.",
    )]),
    dependencies: &[Dependency::Pages, Dependency::User],
    example: Example {
        call: "<<AbandonedPages>>",
        shows: ">2026-05-01</time>",
    },
};

#[async_trait]
impl Macro for AbandonedPages {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn for_robots(&self) -> ForRobots {
        ForRobots::Nothing
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let wanted = args.int("pages").and_then(|pages| usize::try_from(pages).ok());
        let wanted = wanted
            .filter(|pages| (1..=1000).contains(pages))
            .ok_or_else(|| MacroError::said("Argument \"pages\" must be from 1 to 1000"))?;
        let changes = cx
            .wiki()
            .standing_changes(Order::LongestUntouched, LOOKED_AT)
            .await?;
        let zone = cx.time_zone();
        let mut lines = Vec::new();
        for change in changes {
            if lines.len() < wanted && cx.may_read(&change.page).await? {
                lines.push(Item::line(line(&change, &zone)));
            }
        }
        Ok(Fragment::Blocks(match lines.is_empty() {
            true => nothing("No pages."),
            false => list(ListKind::Bullets, lines),
        }))
    }
}

fn line(change: &Change, zone: &TimeZone) -> Vec<Inline> {
    let day = change.time.to_zoned(zone.clone()).date().to_string();
    let time = Inline::time(change.time.to_string(), day);
    let by = change.author.label().unwrap_or("anonymous");
    vec![
        time,
        Inline::text(" "),
        page_link(&change.page),
        Inline::text(format!(" · {by}")),
    ]
}

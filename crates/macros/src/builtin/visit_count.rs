//! `<<VisitCount>>`: how often this visitor has seen pages with it.
//!
//! Counts in the store, so that visits at the same moment each count. It is also how an admin sees whether
//! the servers of a farm lose nothing between them.

use async_trait::async_trait;
use grange_wiki::markup::Inline;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind, Need};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct VisitCount;

static DEFINITION: Definition = Definition {
    name: "VisitCount",
    summary: "Shows how often you have been here.",
    help: "Counts the views of all pages with the same key in your session, from the second visit on.",
    arguments: Arguments::List(&[Argument {
        name: "key",
        kind: Kind::Text,
        need: Need::Default("visits"),
        help: "The place in the session. Another key counts on its own.",
    }]),
    dependencies: &[Dependency::Session],
    example: Example {
        call: "<<VisitCount>>",
        shows: "This is your first visit.",
    },
};

#[async_trait]
impl Macro for VisitCount {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let key = args.text("key").unwrap_or_default();
        let words = match cx.session().is_new() {
            true => "This is your first visit.".to_owned(),
            false => format!("Visits counted: {}", cx.session().count(key, 1).await?),
        };
        Ok(Fragment::Inline(vec![Inline::text(words)]))
    }
}

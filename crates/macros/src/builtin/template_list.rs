//! `<<TemplateList>>`: pages that others are begun with.
//!
//! They are pages like any other; only their names, which end in Template, say what they are for.

use async_trait::async_trait;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::listing::nothing;
use crate::builtin::needle::matching_pages;
use crate::builtin::page_list::list_of;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::expressions::Anchors;
use crate::macro_::Macro;

/// See the module.
pub struct TemplateList;

static DEFINITION: Definition = Definition {
    name: "TemplateList",
    summary: "Lists the pages that new pages can be begun with.",
    help: "`<<TemplateList(^Team/.*Template$)>>` lists those whose names match the regular expression.",
    arguments: Arguments::Whole(Argument::with_default(
        "regex",
        Kind::Text,
        "Template$",
        "What the names have to match.",
    )),
    dependencies: &[Dependency::Namespace],
    example: Example {
        call: "<<TemplateList>>",
        shows: ">MeetingTemplate</a>",
    },
};

#[async_trait]
impl Macro for TemplateList {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let written = args.text("regex").unwrap_or_default();
        let expression = cx.view.registry.expressions.find(written, Anchors::OfTheText)?;
        let pages = matching_pages(cx, expression).await?;
        Ok(Fragment::Blocks(match pages.is_empty() {
            true => nothing("No templates."),
            false => vec![list_of(&pages)],
        }))
    }
}

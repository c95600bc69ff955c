//! `<<EditedSystemPages>>`: pages that came with the wiki and were changed in it.
//!
//! Their files may get better with a new version while the wiki goes on showing its own text, so somebody
//! should look at them then. Reverting such a page to revision 0 brings the file back.

use async_trait::async_trait;
use grange_wiki::markup::{Item, ListKind};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::listing::{list, nothing, page_link};
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::{ForRobots, Macro};

/// See the module.
pub struct EditedSystemPages;

static DEFINITION: Definition = Definition {
    name: "EditedSystemPages",
    summary: "Lists the pages that came with the wiki and were changed in it.",
    help: "",
    arguments: Arguments::List(&[]),
    dependencies: &[Dependency::Pages],
    example: Example {
        call: "<<EditedSystemPages>>",
        shows: "No page that came with the wiki was changed.",
    },
};

#[async_trait]
impl Macro for EditedSystemPages {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn for_robots(&self) -> ForRobots {
        ForRobots::Nothing
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let mut lines = Vec::new();
        for name in cx.wiki().underlay_names().await {
            if cx.page(&name).await?.is_some_and(|page| !page.is_underlay()) {
                lines.push(Item::line(vec![page_link(&name)]));
            }
        }
        Ok(Fragment::Blocks(match lines.is_empty() {
            true => nothing("No page that came with the wiki was changed."),
            false => list(ListKind::Bullets, lines),
        }))
    }
}

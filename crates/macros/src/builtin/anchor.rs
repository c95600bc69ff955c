//! `<<Anchor(name)>>`: a place on the page that links can lead to.
//!
//! The name becomes an id by the rule that links follow, so `[[Page#Some place]]` finds
//! `<<Anchor(Some place)>>` however it is spelt.

use async_trait::async_trait;
use grange_wiki::markup::Inline;
use grange_wiki::render::Fragment;
use grange_wiki::render::anchor;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct Anchor;

static DEFINITION: Definition = Definition {
    name: "Anchor",
    summary: "Marks a place on the page that links can lead to.",
    help: "`[[#results]]` on the same page and `[[Page#results]]` on others lead to `<<Anchor(results)>>`.",
    arguments: Arguments::Whole(Argument::required(
        "name",
        Kind::Text,
        "What links call the place.",
    )),
    dependencies: &[],
    example: Example {
        call: "<<Anchor(results)>>",
        shows: "id=\"results\"",
    },
};

#[async_trait]
impl Macro for Anchor {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, _: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let name = args.text("name").unwrap_or_default();
        match anchor::slug(name).is_empty() {
            true => Err(MacroError::said(format!(
                "\"{name}\" has no letter or digit that a link could lead to"
            ))),
            false => Ok(Fragment::Inline(vec![Inline::Anchor(name.to_owned())])),
        }
    }
}

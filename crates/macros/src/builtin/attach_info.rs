//! `<<AttachInfo>>`: how many files a page has, as a link to them.
//!
//! A page that may not be read has none.

use async_trait::async_trait;
use grange_wiki::markup::Inline;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::attached::{files_of, list_of_files, page_named};
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct AttachInfo;

static DEFINITION: Definition = Definition {
    name: "AttachInfo",
    summary: "Says how many files are attached to a page, and leads to them.",
    help: "",
    arguments: Arguments::List(&[Argument::optional(
        "page",
        Kind::Text,
        "Another page; without it, the page itself.",
    )]),
    dependencies: &[Dependency::Pages],
    example: Example {
        call: "<<AttachInfo>>",
        shows: "2 files</a>",
    },
};

#[async_trait]
impl Macro for AttachInfo {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let page = page_named(cx, args.text("page"))?;
        let words = match files_of(cx, &page).await?.len() {
            0 => return Ok(Fragment::text("no files")),
            1 => "1 file".to_owned(),
            count => format!("{count} files"),
        };
        Ok(Fragment::Inline(vec![Inline::link(list_of_files(&page), words)]))
    }
}

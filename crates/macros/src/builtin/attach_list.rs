//! `<<AttachList>>`: the files of a page as a list of links.
//!
//! They can be narrowed by kind and by name. A page that may not be read has none.

use std::sync::Arc;

use async_trait::async_trait;
use grange_wiki::Attachment;
use grange_wiki::markup::{Inline, Item, ListKind};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::attached::{files_of, page_named, view_of};
use crate::builtin::listing::{list, nothing};
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::expressions::Anchors;
use crate::macro_::Macro;

/// See the module.
pub struct AttachList;

static DEFINITION: Definition = Definition {
    name: "AttachList",
    summary: "Lists the files that are attached to a page.",
    help: "`<<AttachList(Team)>>` lists the files of the page Team, `<<AttachList(mime_type=image/)>>` the pictures of \
        this one, `<<AttachList(search_term=^plan)>>` the files whose names match a regular expression.",
    arguments: Arguments::List(&[
        Argument::optional("page", Kind::Text, "Another page; without it, the page itself."),
        Argument::optional(
            "mime_type",
            Kind::Text,
            "Only files of this kind: `image/png`, or `image/` for every picture.",
        ),
        Argument::optional(
            "search_term",
            Kind::Text,
            "Only files whose names match this regular expression.",
        ),
    ]),
    dependencies: &[Dependency::Pages],
    example: Example {
        call: "<<AttachList>>",
        shows: "plan.txt</a> (4 bytes)",
    },
};

#[async_trait]
impl Macro for AttachList {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let page = page_named(cx, args.text("page"))?;
        let mut files = files_of(cx, &page).await?;
        let kind = args.text("mime_type").unwrap_or_default();
        files.retain(|file| file.media_type.starts_with(kind));
        if let Some(term) = args.text("search_term") {
            files = matching(cx, files, term).await?;
        }
        Ok(Fragment::Blocks(match files.is_empty() {
            true => nothing("No files."),
            false => list(ListKind::Bullets, files.iter().map(line).collect()),
        }))
    }
}

fn line(file: &Attachment) -> Item {
    let size = match file.bytes {
        1 => " (1 byte)".to_owned(),
        bytes => format!(" ({bytes} bytes)"),
    };
    Item::line(vec![
        Inline::link(view_of(file), file.file.as_str()),
        Inline::text(size),
    ])
}

async fn matching(
    cx: &MacroContext<'_>,
    files: Vec<Attachment>,
    term: &str,
) -> Result<Vec<Attachment>, MacroError> {
    let expressions = &cx.view.registry.expressions;
    let expression = expressions.find(term, Anchors::OfTheText)?;
    let work = expression.work(files.iter().map(|file| file.file.as_str().len()).sum())?;
    let expression = Arc::clone(&expression);
    let matching = move || -> Vec<Attachment> {
        let mut files = files;
        files.retain(|file| expression.regex().is_match(file.file.as_str()));
        files
    };
    expressions.run(work, matching).await
}

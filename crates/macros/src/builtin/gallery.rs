//! `<<Gallery>>`: the pictures of a page in a grid, each leading to its view.
//!
//! Pictures are what browsers show as such; other files are left out. A page that may not be read has none.

use async_trait::async_trait;
use grange_wiki::markup::{Block, Inline, Link};
use grange_wiki::render::Fragment;
use grange_wiki::{Attachment, Shows};

use crate::args::Args;
use crate::builtin::attached::{embedded, files_of, page_named, view_of};
use crate::builtin::listing::{and_more, nothing};
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct Gallery;

/// So many pictures are shown.
const MOST: usize = 200;

static DEFINITION: Definition = Definition {
    name: "Gallery",
    summary: "Shows the pictures that are attached to a page, in a grid.",
    help: "Each picture leads to a page that shows it large.",
    arguments: Arguments::List(&[
        Argument::optional("page", Kind::Text, "Another page; without it, the page itself."),
        Argument::with_default(
            "columns",
            Kind::Int,
            "4",
            "How many pictures stand side by side, from 1 to 8.",
        ),
    ]),
    dependencies: &[Dependency::Pages],
    example: Example {
        call: "<<Gallery>>",
        shows: "alt=\"rota.png\"",
    },
};

#[async_trait]
impl Macro for Gallery {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let page = page_named(cx, args.text("page"))?;
        let columns = args.int("columns").unwrap_or(4);
        if !(1..=8).contains(&columns) {
            return Err(MacroError::said("Argument \"columns\" must be from 1 to 8"));
        }
        let mut pictures = files_of(cx, &page).await?;
        pictures.retain(|file| file.shows() == Shows::Picture);
        if pictures.is_empty() {
            return Ok(Fragment::Blocks(nothing("No pictures.")));
        }
        let rest = pictures.len().saturating_sub(MOST);
        let grid = pictures.iter().take(MOST).map(|file| vec![picture(file)]);
        let class = format!("gallery columns-{columns}");
        let mut blocks = vec![Block::section(class, vec![Block::bullets(grid)])];
        blocks.extend((rest > 0).then(|| and_more(rest)));
        Ok(Fragment::Blocks(blocks))
    }
}

fn picture(file: &Attachment) -> Inline {
    let name = file.file.as_str();
    Inline::Link(Link {
        target: view_of(file),
        title: Some(name.to_owned()),
        content: vec![embedded(file, name, [None, None])],
    })
}

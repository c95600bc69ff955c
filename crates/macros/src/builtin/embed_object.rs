//! `<<EmbedObject(file)>>`: an attached picture, sound or film in the page; any other file as a link.
//!
//! What a file is, is told by its bytes. A file that is missing is a link to the form that attaches it.

use async_trait::async_trait;
use grange_wiki::attachment::address::upload_query;
use grange_wiki::markup::{Inline, Link};
use grange_wiki::render::Fragment;
use grange_wiki::{FileName, Shows};

use crate::args::Args;
use crate::builtin::attached::{embedded, files_of, on_page, page_named, view_of};
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct EmbedObject;

/// The most pixels; nothing larger fits on a page.
const MOST_PIXELS: i64 = 10_000;

static DEFINITION: Definition = Definition {
    name: "EmbedObject",
    summary: "Shows an attached picture, or plays an attached sound or film.",
    help: "Files of other kinds, PDF among them, become links. A file that is not there becomes a link to the form \
        that attaches it.",
    arguments: Arguments::List(&[
        Argument::required("target", Kind::Text, "The file's name."),
        Argument::optional(
            "pagename",
            Kind::Text,
            "The page that has it; without it, the page itself.",
        ),
        Argument::optional("width", Kind::Int, "The width in pixels."),
        Argument::optional("height", Kind::Int, "The height in pixels."),
        Argument::optional("alt", Kind::Text, "What it shows, for those who do not see it."),
    ]),
    dependencies: &[Dependency::Pages],
    example: Example {
        call: "<<EmbedObject(rota.png, width=300, alt=Who cooks when)>>",
        shows: "alt=\"Who cooks when\" width=\"300\"",
    },
};

#[async_trait]
impl Macro for EmbedObject {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let page = page_named(cx, args.text("pagename"))?;
        let written = args.text("target").unwrap_or_default();
        let name = FileName::parse(written).map_err(|error| MacroError::said(error.to_string()))?;
        let size = [pixels(&args, "width")?, pixels(&args, "height")?];
        let found = files_of(cx, &page).await?;
        let Some(file) = found.into_iter().find(|file| file.file == name) else {
            return Ok(Fragment::Inline(vec![missing(
                on_page(&page, upload_query(&name)),
                &name,
            )]));
        };
        let alt = args.text("alt").unwrap_or(name.as_str());
        Ok(Fragment::Inline(vec![match file.shows() {
            Shows::Picture | Shows::Sound | Shows::Film => embedded(&file, alt, size),
            Shows::Text | Shows::Nothing => Inline::link(view_of(&file), alt),
        }]))
    }
}

fn missing(target: grange_wiki::markup::Target, name: &FileName) -> Inline {
    Inline::Link(Link {
        target,
        title: Some(format!("{name} (this file does not exist yet)")),
        content: vec![Inline::span("missing", vec![Inline::text(name.as_str())])],
    })
}

fn pixels(args: &Args, name: &str) -> Result<Option<u32>, MacroError> {
    let Some(number) = args.int(name) else {
        return Ok(None);
    };
    let fits = u32::try_from(number)
        .ok()
        .filter(|_| (1..=MOST_PIXELS).contains(&number));
    fits.map(Some)
        .ok_or_else(|| MacroError::said(format!("Argument \"{name}\" must be from 1 to {MOST_PIXELS}")))
}

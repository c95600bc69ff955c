//! `<<Navigation(what)>>`: ways between pages that belong together by their names.
//!
//! `children` and `siblings` are lists; `slides` is the numbered list of a page's subpages, `slideshow` the bar
//! with which one goes through them one by one. Pages that the reader may not see are left out and not counted.

use async_trait::async_trait;
use grange_wiki::PageName;
use grange_wiki::markup::{Block, Inline, Item, Link, ListKind, Target};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::listing::{list, nothing};
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct Navigation;

static DEFINITION: Definition = Definition {
    name: "Navigation",
    summary: "Links the pages below or beside this one, or goes through them one by one.",
    help: "`children` are the subpages of this page, `siblings` the pages beside it. `slides` numbers the \
        subpages, and `slideshow` on each of them is a bar to the first, previous, next and last one.",
    arguments: Arguments::List(&[
        Argument::required(
            "what",
            Kind::Choice(&["children", "siblings", "slideshow", "slides"]),
            "What is linked.",
        ),
        Argument::optional(
            "depth",
            Kind::Int,
            "Of `children` and `siblings`: how many levels of subpages are listed; all unless given.",
        ),
    ]),
    dependencies: &[Dependency::Namespace],
    example: Example {
        call: "<<Navigation(children)>>",
        shows: "href=\"/team/Front/One\"",
    },
};

#[async_trait]
impl Macro for Navigation {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let depth = depth(&args)?;
        let blocks = match (args.text("what").unwrap_or_default(), depth) {
            ("children", depth) => children(cx, depth).await?,
            ("siblings", depth) => siblings(cx, depth).await?,
            (what, Some(_)) => {
                return Err(MacroError::said(format!(
                    "Argument \"depth\" does not go with {what}"
                )));
            }
            ("slides", None) => slides(cx).await?,
            (_, None) => slideshow(cx).await?,
        };
        Ok(Fragment::Blocks(blocks))
    }
}

fn depth(args: &Args) -> Result<Option<usize>, MacroError> {
    match args.int("depth") {
        None | Some(0) => Ok(None),
        Some(depth) => usize::try_from(depth)
            .map(Some)
            .map_err(|_| MacroError::said("Argument \"depth\" must not be negative")),
    }
}

async fn children(cx: &mut MacroContext<'_>, depth: Option<usize>) -> Result<Vec<Block>, MacroError> {
    let here = cx.page_name();
    let pages = pages_below(cx, Some(here), depth).await?;
    Ok(listed("Subpages", here, Some(here), &pages))
}

async fn siblings(cx: &mut MacroContext<'_>, depth: Option<usize>) -> Result<Vec<Block>, MacroError> {
    let here = cx.page_name();
    let parent = here.parent();
    let pages = pages_below(cx, parent.as_ref(), depth.or(Some(1))).await?;
    Ok(listed("Pages beside this one", here, parent.as_ref(), &pages))
}

fn listed(label: &str, here: &PageName, parent: Option<&PageName>, pages: &[PageName]) -> Vec<Block> {
    if pages.is_empty() {
        return nothing("No such pages.");
    }
    let line = |page: &PageName| Item::line(vec![step(here, page, below(parent, page))]);
    let lines = list(ListKind::Bullets, pages.iter().map(line).collect());
    vec![Block::navigation(label, lines)]
}

/// The slides of the page itself, or where it has none, of the page that it is a slide of.
async fn slides_here(cx: &mut MacroContext<'_>) -> Result<(PageName, Vec<PageName>), MacroError> {
    let here = cx.page_name().clone();
    let own = pages_below(cx, Some(&here), Some(1)).await?;
    match (own.is_empty(), here.parent()) {
        (true, Some(parent)) => {
            let slides = pages_below(cx, Some(&parent), Some(1)).await?;
            Ok((parent, slides))
        }
        _ => Ok((here, own)),
    }
}

async fn slides(cx: &mut MacroContext<'_>) -> Result<Vec<Block>, MacroError> {
    let (show, slides) = slides_here(cx).await?;
    if slides.is_empty() {
        return Ok(nothing("There are no slides."));
    }
    let here = cx.page_name();
    let line = |slide: &PageName| Item::line(vec![step(here, slide, below(Some(&show), slide))]);
    let lines = list(ListKind::Numbers { start: 1 }, slides.iter().map(line).collect());
    Ok(vec![Block::navigation("Slides", lines)])
}

async fn slideshow(cx: &mut MacroContext<'_>) -> Result<Vec<Block>, MacroError> {
    let (show, slides) = slides_here(cx).await?;
    let here = cx.page_name();
    let (Some(first), Some(last)) = (slides.first(), slides.last()) else {
        return Ok(nothing("There are no slides."));
    };
    let line = match slides.iter().position(|slide| slide == here) {
        None => vec![Inline::page_link(first.as_str(), "Start the slides")],
        Some(at) => {
            let before = at.checked_sub(1).and_then(|before| slides.get(before));
            let bar = [
                (Some(first).filter(|_| at > 0), "«", "First slide"),
                (before, "‹", "Previous slide"),
                (slides.get(at + 1), "›", "Next slide"),
                (Some(last).filter(|_| at + 1 < slides.len()), "»", "Last slide"),
            ];
            let mut line: Vec<Inline> = Vec::new();
            for (nth, (slide, sign, word)) in bar.into_iter().enumerate() {
                if nth == 2 {
                    line.push(Inline::text(format!("Slide {} of {} ", at + 1, slides.len())));
                }
                line.extend(
                    slide
                        .into_iter()
                        .flat_map(|slide| [sign_link(slide, sign, word), Inline::text(" ")]),
                );
            }
            line.push(Inline::page_link(show.as_str(), show.as_str()));
            line
        }
    };
    Ok(vec![Block::navigation("Slides", vec![Block::paragraph(line)])])
}

/// The readable pages below another, or those at the top, so many levels deep.
async fn pages_below(
    cx: &mut MacroContext<'_>,
    parent: Option<&PageName>,
    depth: Option<usize>,
) -> Result<Vec<PageName>, MacroError> {
    let is_below = |page: &PageName| match parent {
        None => true,
        Some(parent) => page
            .as_str()
            .strip_prefix(parent.as_str())
            .is_some_and(|rest| rest.starts_with('/')),
    };
    let is_near = |page: &PageName| depth.is_none_or(|depth| below(parent, page).split('/').count() <= depth);
    cx.readable_pages(|page| is_below(page) && is_near(page)).await
}

/// The page's name without its parent's.
fn below<'p>(parent: Option<&PageName>, page: &'p PageName) -> &'p str {
    let rest = parent.and_then(|parent| page.as_str().strip_prefix(parent.as_str()));
    rest.map_or(page.as_str(), |rest| rest.trim_start_matches('/'))
}

/// A link, or where one is already, the words.
fn step(here: &PageName, page: &PageName, words: &str) -> Inline {
    match page == here {
        true => Inline::strong(words),
        false => Inline::page_link(page.as_str(), words),
    }
}

fn sign_link(page: &PageName, sign: &str, word: &str) -> Inline {
    Inline::Link(Link {
        target: Target::page(page.as_str()),
        title: None,
        content: vec![Inline::symbol(sign, word)],
    })
}

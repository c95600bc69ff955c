//! `<<Include(Page)>>`: another page's content inside this one, with the viewer's rights.
//!
//! Always a hole: what is included differs between viewers, and two pages that include each other would
//! render each other without end. The included page itself comes from the cache.
//! Start reading at `expand`; `chosen_pages` are the pages, `Look` is how each is shown.

use std::sync::Arc;

use async_trait::async_trait;
use bytestring::ByteString;
use grange_wiki::markup::{Block, Inline, Link, Place, Target};
use grange_wiki::render::{Fragment, SafeHtml};
use grange_wiki::{Page, PageName};

use crate::args::Args;
use crate::builtin::expression::{compile, compile_for_lines};
use crate::builtin::page_list::list_of;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind, Need};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;
use crate::nested::Part;

/// See the module.
pub struct Include;

const fn argument(name: &'static str, kind: Kind, need: Need, help: &'static str) -> Argument {
    Argument {
        name,
        kind,
        need,
        help,
    }
}

static DEFINITION: Definition = Definition {
    name: "Include",
    summary: "Shows another page, or several, inside this one.",
    help: "`<<Include(Team/Rota)>>` shows that page; `<<Include(/Notes)>>` the subpage Notes of this page. \
        `<<Include(^Team/Day)>>` shows all pages whose names match the regular expression. A page that may \
        not be read is left out, and a page cannot include itself.",
    arguments: Arguments::List(&[
        argument(
            "page",
            Kind::Text,
            Need::Required,
            "The page, or `^` and a regular expression for several.",
        ),
        argument(
            "heading",
            Kind::Text,
            Need::Optional,
            "Words for a heading; left empty after a comma, the page's name.",
        ),
        argument(
            "level",
            Kind::Int,
            Need::Default("1"),
            "The heading's level, 1 to 6.",
        ),
        argument(
            "from",
            Kind::Text,
            Need::Optional,
            "Shows only what follows the first match of this regular expression.",
        ),
        argument(
            "to",
            Kind::Text,
            Need::Optional,
            "Shows only what stands before the first match of this regular expression.",
        ),
        argument(
            "sort",
            Kind::Choice(&["ascending", "descending"]),
            Need::Default("ascending"),
            "The order of several pages.",
        ),
        argument("items", Kind::Int, Need::Optional, "Shows so many pages at most."),
        argument(
            "skipitems",
            Kind::Int,
            Need::Default("0"),
            "Leaves out so many pages first.",
        ),
        argument(
            "titlesonly",
            Kind::Flag,
            Need::Default("no"),
            "Lists the pages instead of showing them.",
        ),
        argument(
            "editlink",
            Kind::Flag,
            Need::Default("no"),
            "Puts a link for editing below each page.",
        ),
    ]),
    dependencies: &[Dependency::Time, Dependency::Pages],
    example: Example {
        call: "<<Include(Team/Rota, Who cooks, 2)>>",
        shows: "Ada cooks",
    },
};

#[async_trait]
impl Macro for Include {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let names = chosen_pages(cx, &args).await?;
        if args.bool("titlesonly") == Some(true) {
            return Ok(Fragment::Blocks(vec![list_of(&names)]));
        }
        let look = Look::of(&args)?;
        let mut html = String::new();
        for name in names {
            // One page is held at a time, however many match.
            if let Some(page) = cx.page(&name).await? {
                look.show(cx, &page, &mut html).await?;
            }
        }
        Ok(Fragment::Html(SafeHtml::rendered(html)))
    }
}

/// The pages to show that exist and may be read, in their order.
async fn chosen_pages(cx: &mut MacroContext<'_>, args: &Args) -> Result<Vec<PageName>, MacroError> {
    let written = args.text("page").unwrap_or_default();
    if !written.starts_with('^') {
        return one_page(cx, written).await.map(|page| vec![page.name.clone()]);
    }
    let expression = compile(written)?;
    let here = cx.page_name();
    let mut names = cx
        .readable_pages(|name| name != here && expression.is_match(name.as_str()))
        .await?;
    if args.text("sort") == Some("descending") {
        names.reverse();
    }
    let skipped = count(args, "skipitems")?.unwrap_or(0);
    let most = count(args, "items")?.unwrap_or(usize::MAX);
    Ok(names.into_iter().skip(skipped).take(most).collect())
}

async fn one_page(cx: &mut MacroContext<'_>, written: &str) -> Result<Arc<Page>, MacroError> {
    let name = cx
        .page_name()
        .resolve(written)
        .map_err(|error| MacroError::said(format!("\"{written}\" is no page: {error}")))?;
    // One sentence for both: it does not tell which pages exist.
    cx.page(&name).await?.ok_or_else(|| {
        MacroError::said(format!(
            "the page \"{name}\" does not exist, or you may not read it"
        ))
    })
}

fn count(args: &Args, name: &str) -> Result<Option<usize>, MacroError> {
    let number = args.int(name).map(usize::try_from).transpose();
    number.map_err(|_| MacroError::said(format!("Argument \"{name}\" must not be negative")))
}

/// How each page is shown.
struct Look<'a> {
    heading: Option<Words<'a>>,
    level: u8,
    from: Option<&'a str>,
    to: Option<&'a str>,
    edit_link: bool,
}

/// A heading's words.
enum Words<'a> {
    TheName,
    These(&'a str),
}

impl<'a> Look<'a> {
    fn of(args: &'a Args) -> Result<Look<'a>, MacroError> {
        let named = args.was_left_empty("heading").then_some(Words::TheName);
        let level = u8::try_from(args.int("level").unwrap_or(1)).ok();
        Ok(Look {
            heading: args.text("heading").map(Words::These).or(named),
            level: level
                .filter(|level| (1..=6).contains(level))
                .ok_or_else(|| MacroError::said("Argument \"level\" must be from 1 to 6"))?,
            from: args.text("from"),
            to: args.text("to"),
            edit_link: args.bool("editlink") == Some(true),
        })
    }

    async fn show(
        &self,
        cx: &mut MacroContext<'_>,
        page: &Page,
        html: &mut String,
    ) -> Result<(), MacroError> {
        if let Some(heading) = self.heading(&page.name) {
            html.push_str(&block_html(cx, heading).await?);
        }
        let text = between(page, self.from, self.to)?;
        let part = match text.len() == page.text.len() {
            true => Part::Whole,
            false => Part::Text(text),
        };
        *html += &cx.page_inside(page, part).await?.to_string();
        if self.edit_link {
            html.push_str(&block_html(cx, edit_link(&page.name)).await?);
        }
        Ok(())
    }

    fn heading(&self, name: &PageName) -> Option<Block> {
        let words = match self.heading.as_ref()? {
            Words::TheName => name.as_str(),
            Words::These(words) => words,
        };
        let content = vec![Inline::page_link(name.as_str(), words)];
        Some(Block::Heading {
            level: self.level,
            content,
        })
    }
}

fn edit_link(name: &PageName) -> Block {
    let target = Target::Page {
        name: name.as_str().to_owned(),
        query: Some("action=edit".to_owned()),
        anchor: None,
    };
    let title = Some(format!("Edit {name}"));
    Block::paragraph(vec![Inline::Link(Link {
        target,
        title,
        content: vec![Inline::text("Edit")],
    })])
}

async fn block_html(cx: &mut MacroContext<'_>, block: Block) -> Result<ByteString, MacroError> {
    cx.html_of(&Fragment::Blocks(vec![block]), Place::Block).await
}

/// The text behind the first match of `from` and before the next one of `to`.
fn between<'p>(page: &'p Page, from: Option<&str>, to: Option<&str>) -> Result<&'p str, MacroError> {
    let mut text: &str = &page.text;
    if let Some(from) = from {
        let found = compile_for_lines(from)?
            .find(text)
            .ok_or_else(|| nothing(page, "from", from))?;
        text = text.get(found.end()..).unwrap_or_default();
    }
    if let Some(to) = to {
        let found = compile_for_lines(to)?
            .find(text)
            .ok_or_else(|| nothing(page, "to", to))?;
        text = text.get(..found.start()).unwrap_or_default();
    }
    Ok(text)
}

fn nothing(page: &Page, argument: &str, expression: &str) -> MacroError {
    MacroError::said(format!(
        "nothing in \"{}\" matches {argument}=\"{expression}\"",
        page.name
    ))
}

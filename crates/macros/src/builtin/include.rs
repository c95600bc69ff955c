//! `<<Include(Page)>>`: another page's content inside this one, with the viewer's rights.
//!
//! Always a hole: what is included differs between viewers, and two pages that include each other would
//! render each other without end. The included page itself comes from the cache.
//! Start reading at `expand`; `chosen_pages` are the pages, `Look` is how each is shown.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytestring::ByteString;
use grange_wiki::markup::{Block, Inline, Link, Place, Target};
use grange_wiki::render::{Fragment, SafeHtml};
use grange_wiki::{Page, PageName};

use crate::args::Args;
use crate::builtin::needle::matching_pages;
use crate::builtin::page_list::list_of;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind, Need};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::expressions::{Anchors, Expression, Expressions};
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
        let look = Look::of(&args, &cx.view.registry.expressions)?;
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
    let expression = cx.view.registry.expressions.find(written, Anchors::OfTheText)?;
    let here = cx.page_name();
    let mut names = matching_pages(cx, expression).await?;
    names.retain(|name| name != here);
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
    from: Option<Arc<Expression>>,
    to: Option<Arc<Expression>>,
    edit_link: bool,
}

/// A heading's words.
enum Words<'a> {
    TheName,
    These(&'a str),
}

impl<'a> Look<'a> {
    fn of(args: &'a Args, known: &Expressions) -> Result<Look<'a>, MacroError> {
        let find = |expression| known.find(expression, Anchors::OfEachLine);
        let named = args.was_left_empty("heading").then_some(Words::TheName);
        let level = u8::try_from(args.int("level").unwrap_or(1)).ok();
        Ok(Look {
            heading: args.text("heading").map(Words::These).or(named),
            level: level
                .filter(|level| (1..=6).contains(level))
                .ok_or_else(|| MacroError::said("Argument \"level\" must be from 1 to 6"))?,
            from: args.text("from").map(find).transpose()?,
            to: args.text("to").map(find).transpose()?,
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
        let text = self.piece_of(cx, page).await?;
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

    /// The text behind the first match of `from` and before the next one of `to`.
    async fn piece_of<'p>(&self, cx: &MacroContext<'_>, page: &'p Page) -> Result<&'p str, MacroError> {
        let ends = [&self.from, &self.to];
        let mut work = 0;
        for expression in ends.into_iter().flatten() {
            work += expression.work(page.text.len())?;
        }
        let (text, [from, to]) = (page.text.clone(), ends.map(Clone::clone));
        let cutting = move || cut(&text, from.as_deref(), to.as_deref());
        let cut = cx.view.registry.expressions.run(work, cutting).await?;
        let range = cut.map_err(|(argument, expression)| {
            let name = &page.name;
            MacroError::said(format!(
                "nothing in \"{name}\" matches {argument}=\"{expression}\""
            ))
        })?;
        Ok(page.text.get(range).unwrap_or_default())
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

/// Where the piece is, or which argument matches nothing.
fn cut(
    text: &str,
    from: Option<&Expression>,
    to: Option<&Expression>,
) -> Result<Range<usize>, (&'static str, String)> {
    let nothing = |argument, expression: &Expression| (argument, expression.regex().to_string());
    let begin = match from {
        Some(from) => from
            .regex()
            .find(text)
            .ok_or_else(|| nothing("from", from))?
            .end(),
        None => 0,
    };
    let rest = text.get(begin..).unwrap_or_default();
    let end = match to {
        Some(to) => to.regex().find(rest).ok_or_else(|| nothing("to", to))?.start(),
        None => rest.len(),
    };
    Ok(begin..begin + end)
}

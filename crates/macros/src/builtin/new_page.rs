//! `<<NewPage>>`: a small form that begins a new page, from a template and under a parent if wanted.
//!
//! The form asks for `?action=newpage`, which makes the name and leads to the editor; it changes nothing by
//! itself and works without JavaScript. Whether the reader may write the page is asked there.

use async_trait::async_trait;
use grange_wiki::PageName;
use grange_wiki::markup::{Block, Field, Form};
use grange_wiki::render::Fragment;
use jiff::tz::TimeZone;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::error::MacroError;
use crate::macro_::Macro;
use crate::name_template::{asks_for_a_name, fill_in};

/// See the module.
pub struct NewPage;

static DEFINITION: Definition = Definition {
    name: "NewPage",
    summary: "Shows a form that creates a new page.",
    help: "`<<NewPage(MeetingTemplate, New meeting, Team/Meetings)>>` begins a page below Team/Meetings with the \
        text of MeetingTemplate. The parent may be `@SELF`, this page, or `@ME`, the page of whoever is logged \
        in. The template of the name has `%s` for what is typed and signs for the date: \
        `<<NewPage(, Today's notes, @SELF, %Y-%m-%d)>>` asks for no name at all.",
    arguments: Arguments::List(&[
        Argument::optional(
            "template",
            Kind::Text,
            "The page with whose text the new one begins.",
        ),
        Argument::with_default(
            "button_label",
            Kind::Text,
            "Create new page",
            "What the button says.",
        ),
        Argument::optional(
            "parent_page",
            Kind::Text,
            "The page below which the new one is made.",
        ),
        Argument::with_default(
            "name_template",
            Kind::Text,
            "%s",
            "How the name is made of what is typed and of the date.",
        ),
    ]),
    dependencies: &[],
    example: Example {
        call: "<<NewPage(MeetingTemplate, New meeting)>>",
        shows: "New meeting</button>",
    },
};

#[async_trait]
impl Macro for NewPage {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let name_template = args.text("name_template").unwrap_or_default();
        refuse_bad_template(name_template)?;
        let parent = match args.text("parent_page") {
            None => String::new(),
            Some(written) => match parent(cx, written)? {
                Some(parent) => parent,
                // Guests have no page of their own.
                None => return Ok(Fragment::empty()),
            },
        };
        let template = template(cx.page_name(), args.text("template"))?;
        let fields = [
            ("action", "newpage"),
            ("template", &template),
            ("parent", &parent),
            ("nametemplate", name_template),
        ];
        let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
        Ok(Fragment::Blocks(vec![Block::Form(Form {
            page: String::new(),
            hidden: given
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            field: asks_for_a_name(name_template).then(|| Field {
                name: "pagename".to_owned(),
                label: "Name".to_owned(),
                value: String::new(),
            }),
            button: args.text("button_label").unwrap_or_default().to_owned(),
        })]))
    }
}

/// Any moment will do to see whether a date can be filled in.
fn refuse_bad_template(template: &str) -> Result<(), MacroError> {
    let moment = jiff::Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
    fill_in(template, "x", &moment)
        .map(drop)
        .map_err(|error| MacroError::said(error.to_string()))
}

fn template(here: &PageName, written: Option<&str>) -> Result<String, MacroError> {
    let Some(written) = written else {
        return Ok(String::new());
    };
    resolve(here, written)
}

/// The parent's full name; nothing for the page of a guest.
fn parent(cx: &mut MacroContext<'_>, written: &str) -> Result<Option<String>, MacroError> {
    let here = cx.page_name();
    if let Some(below) = after(written, "@SELF") {
        return Ok(Some(format!("{here}{below}")));
    }
    match after(written, "@ME") {
        Some(below) => Ok(cx.viewer().name.as_ref().map(|name| format!("{name}{below}"))),
        None => resolve(here, written).map(Some),
    }
}

/// What follows the word: nothing, or a slash and more.
fn after<'w>(written: &'w str, word: &str) -> Option<&'w str> {
    let below = written.strip_prefix(word)?;
    (below.is_empty() || below.starts_with('/')).then_some(below)
}

fn resolve(here: &PageName, written: &str) -> Result<String, MacroError> {
    let name = here
        .resolve(written)
        .map_err(|error| MacroError::said(format!("\"{written}\" is no page: {error}")))?;
    Ok(name.as_str().to_owned())
}

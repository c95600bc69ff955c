//! `<<SystemInfo>>`: what the wiki runs on, as far as everybody may know.
//!
//! Nothing about the machine, its files or its accounts.

use async_trait::async_trait;
use grange_macro_protocol::size::Size;
use grange_wiki::markup::{Block, Definition as Entry, Inline};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct SystemInfo;

static DEFINITION: Definition = Definition {
    name: "SystemInfo",
    summary: "Shows the program's version, the size of the wiki and its macros.",
    help: "",
    arguments: Arguments::List(&[]),
    dependencies: &[Dependency::Pages],
    example: Example {
        call: "<<SystemInfo>>",
        shows: "SessionTest, ShowSmileys, SystemInfo",
    },
};

#[async_trait]
impl Macro for SystemInfo {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let pages = cx.readable_pages(|_| true).await?.len().to_string();
        let macros: Vec<&str> = cx.macro_names().collect();
        let settings = cx.wiki().settings();
        let facts = [
            ("Program", format!("Grange {}", env!("CARGO_PKG_VERSION"))),
            ("Wiki", settings.id.clone()),
            ("Pages", pages),
            ("Language", settings.language.clone()),
            ("Time zone", settings.time_zone.clone()),
            ("Largest page", Size(settings.max_page_bytes).to_string()),
            ("Macros", macros.join(", ")),
        ];
        Ok(Fragment::Blocks(vec![Block::Definitions(
            facts.map(entry).to_vec(),
        )]))
    }
}

fn entry((term, meaning): (&str, String)) -> Entry {
    Entry {
        term: vec![Inline::text(term)],
        meanings: vec![vec![Block::Plain(vec![Inline::text(meaning)])]],
    }
}

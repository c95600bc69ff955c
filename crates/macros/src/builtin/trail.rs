//! `<<Trail>>`: the pages that the visitor looked at last, across the wikis that share the session.
//!
//! The list is the one of every page's `#trail` (`crate::trail`), which records nothing and checks again
//! what may be read.

use async_trait::async_trait;
use grange_wiki::markup::{Block, Inline};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;
use crate::trail::{TrailLink, links_of};

/// See the module.
pub struct Trail;

static DEFINITION: Definition = Definition {
    name: "Trail",
    summary: "Lists the pages that you visited last, in all wikis that share your session.",
    help: "Only pages that still exist and that you may still read are listed.",
    arguments: Arguments::List(&[]),
    dependencies: &[Dependency::Session, Dependency::User],
    example: Example {
        call: "<<Trail>>",
        shows: "No visited pages are known.",
    },
};

#[async_trait]
impl Macro for Trail {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let (farm, viewer) = (cx.farm(), cx.viewer());
        let here = cx.wiki_id();
        let links = links_of(cx.session().trail(), viewer, farm).await;
        match links.is_empty() {
            true => Ok(Fragment::Inline(vec![Inline::emphasis(
                "No visited pages are known.",
            )])),
            false => Ok(Fragment::Blocks(vec![Block::bullets(
                links.into_iter().map(|link| line(link, here)),
            )])),
        }
    }
}

/// The page, and for one of another wiki what that is called.
fn line(link: TrailLink, here: &str) -> Vec<Inline> {
    let page = Inline::address_link(link.href, link.label);
    match link.wiki == here {
        true => vec![page],
        false => vec![page, Inline::text(format!(" ({})", link.wiki_title))],
    }
}

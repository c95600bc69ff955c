//! `<<InterWiki>>`: the wikis of the farm.
//!
//! Named are those that the reader may read; which those are is the farm's to say (`farm_view.rs`).

use async_trait::async_trait;
use grange_wiki::markup::{Block, Inline};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::listing::nothing;
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::farm_view::FarmWiki;
use crate::macro_::{ForRobots, Macro};

/// See the module.
pub struct InterWiki;

static DEFINITION: Definition = Definition {
    name: "InterWiki",
    summary: "Lists the wikis of the farm that you may read.",
    help: "",
    arguments: Arguments::List(&[]),
    dependencies: &[Dependency::Time, Dependency::User],
    example: Example {
        call: "<<InterWiki>>",
        shows: "<a href=\"/beside/FrontPage\">Wiki beside</a>",
    },
};

#[async_trait]
impl Macro for InterWiki {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn for_robots(&self) -> ForRobots {
        ForRobots::Nothing
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let viewer = cx.viewer();
        let wikis = cx.farm().wikis(viewer).await;
        if wikis.is_empty() {
            return Ok(Fragment::Blocks(nothing("There is no other wiki.")));
        }
        let head = ["Name", "Wiki"].map(|word| vec![Inline::text(word)]).to_vec();
        let rows = wikis.into_iter().map(row).collect();
        Ok(Fragment::Blocks(vec![Block::table(head, rows)]))
    }
}

fn row(wiki: FarmWiki) -> Vec<Vec<Inline>> {
    vec![
        vec![Inline::code(wiki.name)],
        vec![Inline::address_link(wiki.href, wiki.title)],
    ]
}

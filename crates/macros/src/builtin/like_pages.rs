//! `<<LikePages>>`: pages with names like this one's, for somebody who is not quite at the right place.
//!
//! Alike are names that begin or end with the same word, contain the text, or differ in a few letters.

use async_trait::async_trait;
use grange_wiki::markup::{Item, ListKind};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::listing::{list, nothing, page_link};
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::{ForRobots, Macro};

/// See the module.
pub struct LikePages;

/// So alike two names are that are taken for each other: 1 is equal, 0 has nothing in common.
const ALIKE: f64 = 0.7;
/// So many are shown.
const SHOWN: usize = 50;

static DEFINITION: Definition = Definition {
    name: "LikePages",
    summary: "Lists pages with names like this page's, or like a given one.",
    help: "",
    arguments: Arguments::Whole(Argument::optional(
        "name",
        Kind::Text,
        "The name to compare with, instead of this page's.",
    )),
    dependencies: &[Dependency::Namespace],
    example: Example {
        call: "<<LikePages(Team/Rotas)>>",
        shows: ">Team/Rota</a>",
    },
};

#[async_trait]
impl Macro for LikePages {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn for_robots(&self) -> ForRobots {
        ForRobots::Nothing
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let here = cx.page_name();
        let wanted = args.text("name").unwrap_or(here.as_str()).to_lowercase();
        let pages = cx
            .readable_pages(|page| page != here && likeness(&wanted, &page.as_str().to_lowercase()) > 0.0)
            .await?;
        let mut found: Vec<_> = pages
            .iter()
            .map(|page| (likeness(&wanted, &page.as_str().to_lowercase()), page))
            .collect();
        found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let lines = found
            .iter()
            .take(SHOWN)
            .map(|(_, page)| Item::line(vec![page_link(page)]));
        Ok(Fragment::Blocks(match found.is_empty() {
            true => nothing("No page has a name like this."),
            false => list(ListKind::Bullets, lines.collect()),
        }))
    }
}

/// How alike two names in lower case are; 0 where they are not taken for each other.
fn likeness(wanted: &str, name: &str) -> f64 {
    let alike = strsim::sorensen_dice(wanted, name);
    let shares_a_word = !wanted.is_empty()
        && (name.contains(wanted)
            || first_word(wanted) == first_word(name)
            || last_word(wanted) == last_word(name));
    match alike >= ALIKE || shares_a_word {
        true => alike.max(f64::MIN_POSITIVE),
        false => 0.0,
    }
}

fn first_word(name: &str) -> &str {
    words(name).next().unwrap_or(name)
}

fn last_word(name: &str) -> &str {
    words(name).next_back().unwrap_or(name)
}

fn words(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    name.split([' ', '/', '-', '_', '.'])
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_by_their_words_or_by_their_letters() {
        for (wanted, name) in [
            ("team/rotas", "team/rota"),
            ("recent chnages", "recent changes"),
            ("team notes", "team/plans"),
            ("old rota", "team/rota"),
            ("rot", "the rotunda"),
        ] {
            assert!(likeness(wanted, name) > 0.0, "{wanted} {name}");
        }
        for (wanted, name) in [("rota", "kitchen"), ("", "kitchen"), ("a b", "c d")] {
            assert!(likeness(wanted, name) == 0.0, "{wanted} {name}");
        }
    }
}

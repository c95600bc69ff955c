//! `<<Icon(name)>>`: a small sign with a word for those who do not see it.
//!
//! The signs are characters, so they need no files, follow the colours of the theme and grow with the text.
//! The names are those that pages of MoinMoin wikis use, its smileys included.

use async_trait::async_trait;
use grange_macro_protocol::signs::{SIGNS, sign};
use grange_wiki::markup::Inline;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct Icon;

/// The signs whose names are smileys.
pub fn smileys() -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    SIGNS.iter().filter(|(name, _, _)| {
        let word = |sign: char| sign.is_ascii_lowercase() || sign == '-';
        !name.chars().all(word)
    })
}

static DEFINITION: Definition = Definition {
    name: "Icon",
    summary: "Shows a small sign.",
    help: "The signs are called attach, attention, bottom, checkmark, conflict, deleted, diff, edit, find, help, \
        home, idea, info, mailto, new, print, raw, renamed, rss, star, subscribe, thumbs-up, top, unsubscribe, \
        updated, view and www. The smileys of MoinMoin, such as `(./)`, are names too.",
    arguments: Arguments::Whole(Argument::required("name", Kind::Text, "Which sign.")),
    dependencies: &[],
    example: Example {
        call: "<<Icon(star)>>",
        shows: "★",
    },
};

#[async_trait]
impl Macro for Icon {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, _: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let wanted = args.text("name").unwrap_or_default();
        sign(wanted)
            .map(|(sign, word)| Fragment::Inline(vec![Inline::symbol(sign, word)]))
            .ok_or_else(|| MacroError::said(format!("there is no sign called \"{wanted}\"")))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_means_one_sign_and_the_help_names_all_that_are_words() {
        let names: BTreeSet<&str> = SIGNS.iter().map(|(name, _, _)| *name).collect();
        assert_eq!(names.len(), SIGNS.len());
        for name in names
            .iter()
            .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
        {
            assert!(DEFINITION.help.contains(name), "{name}");
        }
    }
}

//! `<<GetVal(page, key)>>`: one value of a page that is a dictionary.
//!
//! A dictionary is a page with a definition list: in Markdown a term and below it `: value`. Lines of the
//! kind ` key:: value`, as dictionaries of MoinMoin wikis have them, are read as well.

use async_trait::async_trait;
use grange_wiki::markup::word_lists::dict_entries;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::source::page_to_read;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct GetVal;

static DEFINITION: Definition = Definition {
    name: "GetVal",
    summary: "Shows a value from a page that is a dictionary.",
    help: "A dictionary has each key on a line of its own and below it a colon, a blank and the value. A key that \
        it does not have shows nothing.",
    arguments: Arguments::List(&[
        Argument::required("page", Kind::Text, "The page with the dictionary."),
        Argument::required(
            "key",
            Kind::Text,
            "What is looked up. Upper and lower case differ.",
        ),
    ]),
    dependencies: &[Dependency::Pages],
    example: Example {
        call: "<<GetVal(OrchardDict, apples)>>",
        shows: "red and green",
    },
};

#[async_trait]
impl Macro for GetVal {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let page = page_to_read(cx, args.text("page").unwrap_or_default()).await?;
        let key = args.text("key").unwrap_or_default();
        Ok(Fragment::text(value_in(&page.text, key).unwrap_or_default()))
    }
}

fn value_in(text: &str, key: &str) -> Option<String> {
    let mut entries = dict_entries(text).into_iter();
    entries.find(|(known, _)| known == key).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, key: &str) -> String {
        value_in(text, key).unwrap_or_else(|| "nothing".to_owned())
    }

    #[test]
    fn definition_lists_are_dictionaries() {
        let text = "# Fruit\n\napples\n: red *and* green\n\n`pears`\n: yellow\n: brown\n";
        assert_eq!(value(text, "apples"), "red and green");
        assert_eq!(value(text, "pears"), "yellow brown");
        assert_eq!(value(text, "Apples"), "nothing");
        assert_eq!(value(text, ""), "nothing");
    }

    #[test]
    fn dictionaries_of_moinmoin_are_read_too() {
        let text =
            "#acl All:read\n apples:: red\n two words:: a: b:: c \n  deep:: no\nflat:: no\n apples:: green\n";
        assert_eq!(value(text, "apples"), "green");
        assert_eq!(value(text, "two words"), "a: b:: c");
        assert_eq!(value(text, "deep"), "nothing");
        assert_eq!(value(text, "flat"), "nothing");
    }
}

//! `<<Action(name)>>`: a link to an action of the page, such as editing it.
//!
//! Further `name=value` go into the address. Whether the reader may do the action is asked where the link
//! leads; this link changes nothing by itself.

use async_trait::async_trait;
use grange_wiki::markup::{Inline, Target};
use grange_wiki::render::Fragment;

use crate::actions::ACTION_NAMES;
use crate::args::{Args, ArgumentError, Item, split_items};
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct Action;

static DEFINITION: Definition = Definition {
    name: "Action",
    summary: "Links an action of this page: its history, its source, the editor.",
    help: "`<<Action(info, History)>>` leads to the history of the page it stands on. Further values go into the address: \
        `<<Action(diff, What changed last, rev1=3, rev2=4)>>`.",
    arguments: Arguments::Whole(Argument::required(
        "action",
        Kind::Text,
        "The action; after a comma the words of the link, then `name=value` as often as needed.",
    )),
    dependencies: &[],
    example: Example {
        call: "<<Action(info, History)>>",
        shows: "?action=info\">History</a>",
    },
};

#[async_trait]
impl Macro for Action {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let call = Call::read(args.raw())?;
        let words = call.words.as_deref().unwrap_or(&call.action);
        if cx.is_turned_off(&call.action) {
            // As in MoinMoin, the words stay and lead nowhere.
            return Ok(Fragment::text(words));
        }
        let mut fields = vec![("action", call.action.as_str())];
        fields.extend(
            call.fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        Ok(Fragment::Inline(vec![Inline::link(
            Target::query("", &fields),
            words,
        )]))
    }
}

/// No link can do this one.
const BY_FORMS_ALONE: &str = "handover";

/// What stands between the parentheses.
#[derive(Debug, Default, PartialEq, Eq)]
struct Call {
    action: String,
    words: Option<String>,
    fields: Vec<(String, String)>,
}

impl Call {
    fn read(text: &str) -> Result<Call, MacroError> {
        let mut call = Call::default();
        let mut by_place = 0;
        for Item { name, value } in split_items(text) {
            let value = value.unwrap_or_default();
            match name.as_deref() {
                Some("action") => call.action = value,
                Some("text") => call.words = Some(value),
                Some(name) => call.fields.push((name.to_owned(), value)),
                None => {
                    by_place += 1;
                    match by_place {
                        1 => call.action = value,
                        2 => call.words = Some(value).filter(|words| !words.is_empty()),
                        _ => return Err(ArgumentError::TooMany.into()),
                    }
                }
            }
        }
        match ACTION_NAMES.contains(&call.action.as_str()) && call.action != BY_FORMS_ALONE {
            true => Ok(call),
            false => Err(MacroError::said(format!(
                "there is no action \"{}\"",
                call.action
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Call, String> {
        Call::read(text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_action_the_words_and_what_goes_into_the_address_are_told_apart() {
        let call = read("diff, \"What, last\", rev1=3, rev2=4").unwrap();
        assert_eq!(call.action, "diff");
        assert_eq!(call.words.as_deref(), Some("What, last"));
        let fields = [("rev1", "3"), ("rev2", "4")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(call.fields, fields);
    }

    #[test]
    fn the_words_may_be_left_out() {
        assert_eq!(read("raw").unwrap().words, None);
        assert_eq!(read("raw,,a=b").unwrap().words, None);
        assert_eq!(
            read("text=Source, action=raw").unwrap().words.as_deref(),
            Some("Source")
        );
    }

    #[test]
    fn an_action_that_does_not_exist_is_told_and_not_linked() {
        assert_eq!(read("edit&x=y").unwrap_err(), "there is no action \"edit&x=y\"");
        assert_eq!(read("").unwrap_err(), "there is no action \"\"");
        assert_eq!(read("nosuch").unwrap_err(), "there is no action \"nosuch\"");
        assert_eq!(read("handover").unwrap_err(), "there is no action \"handover\"");
        assert_eq!(read("a, b, c").unwrap_err(), "Too many arguments");
    }
}

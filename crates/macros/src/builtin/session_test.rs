//! `<<SessionTest>>`: shows whether this visitor's session holds.
//!
//! The first visit stores nothing, the second stores a number, later ones read it. With it an admin sees
//! at a glance which wikis of a farm share sessions. The texts are the well-known sample's, word for word.

use async_trait::async_trait;
use grange_session::Randomness;
use grange_wiki::markup::Inline;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind, Need};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct SessionTest;

const LARGEST: u32 = 100_000;

static DEFINITION: Definition = Definition {
    name: "SessionTest",
    summary: "Shows whether your session holds: stores a number at the second visit and shows it from then on.",
    help: "Nothing is stored until your browser has sent a cookie back. Put the macro on pages of two wikis \
        to see whether they share sessions: they do if both show the same number.",
    arguments: Arguments::List(&[Argument {
        name: "key",
        kind: Kind::Text,
        need: Need::Default("test"),
        help: "The place in the session. Another key keeps another number.",
    }]),
    dependencies: &[Dependency::Session],
    example: Example {
        call: "<<SessionTest>>",
        shows: "Not storing any state until you send a cookie.",
    },
};

#[async_trait]
impl Macro for SessionTest {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let key = args.text("key").unwrap_or_default();
        Ok(Fragment::Inline(vec![Inline::text(sentence(cx, key)?)]))
    }
}

fn sentence(cx: &mut MacroContext<'_>, key: &str) -> Result<String, MacroError> {
    if cx.session().is_new() {
        return Ok("Not storing any state until you send a cookie.".to_owned());
    }
    if let Some(value) = cx.session().get_as::<i64>(key)? {
        return Ok(format!("Loaded value {value}"));
    }
    let value = random_number(cx.randomness());
    cx.session().insert(key, value)?;
    Ok(format!("Set to value {value}"))
}

/// From 1 to `LARGEST`, each as likely as any other: numbers beyond the last whole round are drawn again.
fn random_number(randomness: &dyn Randomness) -> u32 {
    let whole_rounds = u32::MAX - u32::MAX % LARGEST;
    loop {
        let mut bytes = [0; 4];
        randomness.fill(&mut bytes);
        let drawn = u32::from_le_bytes(bytes);
        if drawn < whole_rounds {
            return drawn % LARGEST + 1;
        }
    }
}

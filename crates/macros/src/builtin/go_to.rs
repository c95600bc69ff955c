//! `<<GoTo>>`: a box that leads to the page whose name is typed.
//!
//! The form is in `search_box.rs`; it works without JavaScript.

use async_trait::async_trait;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::builtin::search_box::go_to;
use crate::context::MacroContext;
use crate::definition::{Arguments, Definition, Example};
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct GoTo;

static DEFINITION: Definition = Definition {
    name: "GoTo",
    summary: "Shows a box that leads to the page whose name is typed into it.",
    help: "",
    arguments: Arguments::List(&[]),
    dependencies: &[],
    example: Example {
        call: "<<GoTo>>",
        shows: "Go to page</button>",
    },
};

#[async_trait]
impl Macro for GoTo {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, _: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        Ok(go_to())
    }
}

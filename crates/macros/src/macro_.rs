//! The trait that a Rust macro implements.
//!
//! Two methods: what the macro is, and what a call of it shows. Everything else (arguments, limits,
//! error boxes, caching, privacy) is done around it. `builtin/session_test.rs` is a short one to copy.

use async_trait::async_trait;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::Definition;
use crate::error::MacroError;

/// What programs that walk sites (robots) get of a macro. What is part of a cached page costs nothing more
/// and is there for them too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForRobots {
    /// What everybody gets.
    TheSame,
    /// Nothing: it is dear to make, different at each view, or a way without end.
    Nothing,
}

/// What `<<Name(args)>>` on a page means.
#[async_trait]
pub trait Macro: Send + Sync {
    /// Name, arguments, help and example.
    fn definition(&self) -> &'static Definition;

    /// What programs that walk sites get where the macro runs at each view.
    fn for_robots(&self) -> ForRobots {
        ForRobots::TheSame
    }

    /// What this call shows. Whatever the macro reads or writes, it does through `cx`.
    ///
    /// # Errors
    /// * [`MacroError`]: the page shows a box with its words, and what the macro wrote to the session in
    ///   this call is dropped.
    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError>;
}

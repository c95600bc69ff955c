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

/// What `<<Name(args)>>` on a page means.
#[async_trait]
pub trait Macro: Send + Sync {
    /// Name, arguments, help and example.
    fn definition(&self) -> &'static Definition;

    /// What this call shows. Whatever the macro reads or writes, it does through `cx`.
    ///
    /// # Errors
    /// * [`MacroError`]: the page shows a box with its words, and what the macro wrote to the session in
    ///   this call is dropped.
    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError>;
}

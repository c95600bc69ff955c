//! Macros: what `<<Name>>` and `<<Name(args)>>` on a wiki page mean.
//!
//! # Words
//!
//! * A **macro** has a [`Definition`] (name, arguments, help, an example) and expands to a fragment of
//!   the wiki's tree. The [`Registry`] knows all of them.
//! * A **dependency** is what its output depends on. One that depends on nothing but the page is expanded
//!   once and becomes part of the cached page ([`Expander`]); the others are **holes**, which [`fill`]
//!   runs at each view, in page order, with the visitor's session.
//! * What a macro really **touched** is recorded by the [`MacroContext`]. It decides who may see an
//!   output; a wrong declaration costs speed and never privacy.
//!
//! # Invariants
//!
//! * *Invariant:* this crate speaks no HTTP, and of the farm it knows what [`FarmView`] tells.
//! * *Invariant:* an output for which session or viewer was touched is never shown to anybody else.
//! * *Invariant:* a broken macro costs a box in the page; the page is shown, and what the macro wrote to
//!   the session in that call is dropped.
//! * *Invariant:* output is built from the wiki's tree; only `grange-wiki` writes `<`.
//!
//! # A macro of your own
//!
//! ```
//! use async_trait::async_trait;
//! use grange_macros::{Args, Argument, Arguments, Definition, Example, Kind, Need};
//! use grange_macros::{Macro, MacroContext, MacroError, Registry};
//! use grange_wiki::markup::Inline;
//! use grange_wiki::render::Fragment;
//!
//! struct Greeting;
//!
//! #[async_trait]
//! impl Macro for Greeting {
//!     fn definition(&self) -> &'static Definition {
//!         &Definition {
//!             name: "Greeting",
//!             summary: "Greets somebody.",
//!             help: "",
//!             arguments: Arguments::List(&[Argument {
//!                 name: "name",
//!                 kind: Kind::Text,
//!                 need: Need::Default("world"),
//!                 help: "Who is greeted.",
//!             }]),
//!             dependencies: &[],
//!             example: Example { call: "<<Greeting(moon)>>", shows: "Hello, moon!" },
//!         }
//!     }
//!
//!     async fn expand(&self, _: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
//!         let name = args.text("name").unwrap_or_default();
//!         Ok(Fragment::Inline(vec![Inline::text(format!("Hello, {name}!"))]))
//!     }
//! }
//!
//! let mut registry = Registry::builtin();
//! registry.register(Greeting);
//! assert!(registry.find("Greeting").is_some());
//! ```
//!
//! Start reading at `macro_.rs` and `context.rs`, then `expander.rs` (what is a hole) and `fill.rs` (how
//! one is filled); `builtin/` has one file per macro.

mod actions;
pub mod args;
pub mod builtin;
pub mod clock;
mod completion;
mod context;
mod count_cache;
pub mod definition;
pub mod dependencies;
mod error;
mod expander;
mod expressions;
mod failures;
mod farm_view;
mod fill;
mod found;
pub mod language;
mod ledger;
mod limits;
mod macro_;
pub mod name_template;
mod nested;
mod pace;
mod period_cache;
mod pieces;
pub mod python;
mod registry;
#[cfg(test)]
mod testing;
mod touched;
mod trail;

pub use args::{Args, ArgumentError, ArgumentValue};
pub use clock::{MacroClock, Stopwatch};
pub use completion::{Completion, completions};
pub use context::{Keeping, MacroContext, View};
pub use definition::{Argument, Arguments, Definition, Example, Kind, Need};
pub use dependencies::{Dependency, Runs, UnknownDependency};
pub use error::{Limit, MacroError};
pub use expander::Expander;
pub use farm_view::{FarmLink, FarmView, FarmWiki, NoFarm};
pub use grange_macro_protocol::size::Size;

pub use actions::{ACTION_NAMES, short_action_name};
pub use fill::{Filled, Holds, fill};
pub use limits::Limits;
pub use macro_::{ForRobots, Macro};
pub use pieces::Pieces;
pub use registry::Registry;
pub use touched::Touched;
pub use trail::{TrailLink, trail_links};

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod period_tests;
#[cfg(test)]
mod privacy_tests;

// The macro in the manual compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/macros.md")]
struct Manual;

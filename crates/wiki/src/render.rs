//! Tree → html. A document becomes a list of segments: HTML that is ready, and holes that a macro
//! fills at each view.
//!
//! ```text
//! Document ──► html.rs (pieces: text and calls) ──► segments.rs (calls answered by Expansions) ──► Rendered
//!                     ▲                                   ▲
//!               LinkResolver                    host.rs: MacroHost, asked once per call
//! ```
//!
//! Only `html.rs` writes `<`, so only `html.rs` has to be right about escaping. Nothing here parses
//! a page or reads a store: whether a page exists is the [`LinkResolver`]'s to say, what a macro
//! says the [`MacroHost`]'s. Start reading at `segments.rs`.

pub mod anchor;
mod claims;
mod fragment;
pub mod highlight;
mod host;
mod html;
mod resolve;
mod sanitize;
mod segments;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod pathological;
#[cfg(test)]
mod segments_tests;
#[cfg(test)]
mod spec_tests;
#[cfg(test)]
pub(crate) mod testing;

pub use claims::Claims;
pub use fragment::{Fragment, fragment_html, fragment_segments, macro_error_html};
pub use highlight::Highlighter;
pub(crate) use highlight::work as code_work;
pub use host::{Expansion, Expansions, MacroHost, RenderFacts};
pub use resolve::LinkResolver;
pub use sanitize::SafeHtml;
pub use segments::{Heading, RawHtml, RenderRequest, Rendered, Segment, headings, render_segments};

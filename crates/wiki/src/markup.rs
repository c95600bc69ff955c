//! Text → tree. A page's source becomes a [`Document`]: blocks of inlines that know nothing of HTML,
//! of stores or of the page they stand on.
//!
//! Parsing never fails: whatever somebody types is some document, found in near linear time and
//! nested no deeper than [`MAX_DEPTH`]. Nothing here writes HTML (`render/html.rs` does), decides
//! whether a link's page exists (`render::LinkResolver`) or runs a macro (`render::MacroHost`).
//!
//! Start reading at `tree.rs`, then `markdown.rs`.

mod build;
pub mod links;
pub mod markdown;
pub mod tree;
pub mod walk;
pub mod word_lists;

pub use links::links;
pub use markdown::{parse_line, parse_markdown};
pub use tree::{
    AlertKind, Alignment, Block, Button, Definition, Document, Embedded, Field, FieldKind, Footnote, Form,
    Image, Inline, Item, Link, ListKind, MAX_DEPTH, MacroCall, Place, Table, Target, Task,
};
pub use walk::{block_text, macro_calls, plain_text};

//! One wiki: its pages and their history, markup, links, rights and accounts.
//!
//! # Words
//!
//! * A **page** has a [`PageName`] and a text. The **store** keeps every **revision** of it; the
//!   **underlay** is a directory of plain files that stand as pages (revision 0) until somebody edits them.
//! * A [`Change`] is one entry of the **change log**: who made which revision, when and why.
//! * A page has **attachments**: files by name, each with its **versions**; what a version holds is a **blob**,
//!   known by the SHA-256 of its bytes.
//! * The **generation** of a wiki changes whenever anything visible of it changed, whoever changed it;
//!   the **link generation** only when a page or an attached file begins or ceases to exist.
//! * A page is rendered into **segments**: finished HTML, and **holes** where a macro speaks per view.
//!
//! # Invariants
//!
//! * *Invariant:* this crate knows no sessions, no HTTP, no farm and no particular macro. A visitor
//!   comes in as [`Viewer`], a macro as [`render::MacroHost`], time as a parameter `now`.
//! * *Invariant:* a save is answered only after page, revision, links and change log are durable, in one
//!   transaction; a text is never overwritten by somebody who has not seen it.
//! * *Invariant:* a file is attached only after its bytes are durable; a name whose bytes are not is never seen.
//! * *Invariant:* a search reads no text that its viewer may not read, and misses nothing because an index
//!   lags behind.
//! * *Invariant:* looking at a wiki creates nothing on disk; the first save does.
//! * *Invariant:* [`PageName`] is canonical; no other spelling reaches a store.
//! * *Invariant:* only `render/html.rs` writes `<`.
//!
//! # Example
//!
//! ```
//! use grange_wiki::{Author, PageName, Save, Saved, Wiki, WikiSettings};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! # let directory = tempfile::tempdir()?;
//! # let now = jiff::Timestamp::UNIX_EPOCH;
//! let wiki = Wiki::open(WikiSettings::new("team", directory.path().join("data"))).await?;
//! let front = PageName::parse("FrontPage")?;
//! assert!(wiki.page(&front).await?.is_none());
//!
//! let save = Save::new(front.clone(), "Hello, *wiki*.", 0, Author::named("Ada"), now);
//! assert!(matches!(wiki.save(save).await?, Saved::New { revision: 1 }));
//! assert_eq!(&*wiki.page(&front).await?.expect("just saved").text, "Hello, *wiki*.");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Start reading at [`wiki`], then `store.rs` and `underlay.rs`; `markup.rs` and `render.rs` are the
//! way from text to HTML.

pub mod accounts;
pub mod attachment;
pub mod cache;
pub mod diff;
mod durable;
pub mod history;
mod hits;
mod log_watch;
pub mod markup;
pub mod merge;
pub mod name;
mod overview;
pub mod page;
pub mod randomness;
pub mod render;
mod rendering;
pub mod rights;
pub mod save;
pub mod search;
mod seats;
pub mod store;
mod text;
pub mod underlay;
pub mod wiki;

pub use attachment::{Attach, AttachError, Attachment, Detach, FileName, FileNameError, Shows, Upload};
pub use cache::PageCache;
pub use history::{ChangeError, Delete, Rename, Revert};
pub use hits::HitsError;
pub use name::{PageName, PageNameError};
pub use page::{Author, Change, ChangeKind, Page, RevisionNumber, Standing};
pub use randomness::{Randomness, SystemRandomness};
pub use rendering::{DraftError, PageLinks};
pub use rights::Viewer;
pub use save::{Conflict, Save, SaveError, Saved};
pub use store::{Order, StoreError};
pub use underlay::Underlay;
pub use wiki::{OpenError, Wiki, WikiSettings};

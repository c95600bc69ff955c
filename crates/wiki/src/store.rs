//! Where pages are kept: the trait every store implements, and what it takes and gives.
//!
//! A store knows names, revisions, links and the change log of one wiki. It does not know the
//! underlay, does not merge, does not parse and asks nobody's rights: `wiki.rs` does.
//! `store/acceptance.rs` is the suite that every implementation passes; `store/sqlite.rs` is the
//! embedded default. Start at [`PageStore`].

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::name::PageName;
use crate::page::{Author, Change, ChangeKind, Page, RevisionNumber, Standing};
use crate::search::probe::Probe;

#[cfg(test)]
mod acceptance;
pub mod attachments;
pub mod sqlite;

pub use attachments::{Attaching, AttachmentSheet, AttachmentStore, NewAttachment, Overwrite, Removal};
pub use sqlite::SqlitePageStore;

/// The pages of one wiki, kept durably.
#[async_trait]
pub trait PageStore: AttachmentStore {
    /// Where the change log stands. Asked on every view, so it costs a few microseconds; a commit
    /// by another process shows in the next answer.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn position(&self) -> Result<Position, StoreError>;

    /// The newest revision of a page, or the one with a number. A deletion is a revision too.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn read(&self, page: &PageName, which: Which) -> Result<Option<Revision>, StoreError>;

    /// Every name that has or had a page here, in byte order, with what stands there now.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn names(&self) -> Result<Vec<(PageName, Standing)>, StoreError>;

    /// The changes of one page with revisions below `before`, newest first.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn history(
        &self,
        page: &PageName,
        before: Option<RevisionNumber>,
        limit: usize,
    ) -> Result<Vec<Change>, StoreError>;

    /// The changes of one page and of its files, newest first: those before the `before`th, which are counted from the
    /// oldest, or all.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn page_log(
        &self,
        page: &PageName,
        before: Option<u32>,
        limit: usize,
    ) -> Result<PageLog, StoreError>;

    /// A stretch of the change log: revisions and changes of files.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn changes(&self, stretch: Stretch, limit: usize) -> Result<Vec<Change>, StoreError>;

    /// The links from or to a page, in byte order. Only pages that stand link anywhere.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn links(&self, links: Links<'_>) -> Result<Vec<PageName>, StoreError>;

    /// Every link of the pages that stand, from page to target, sorted by both; at most `limit`.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn link_pairs(&self, limit: usize) -> Result<Vec<(PageName, PageName)>, StoreError>;

    /// The newest change of every page whose text stands, in an order; at most `limit`.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn standing(&self, order: Order, limit: usize) -> Result<Vec<Change>, StoreError>;

    /// Lets the full-text index, if there is one, follow the change log a step of bounded length.
    ///
    /// # Errors
    /// - [`StoreError`] if nothing could be written; then nothing was.
    async fn index_more(&self) -> Result<Indexing, StoreError> {
        Ok(Indexing::Done)
    }

    /// The pages with a text here whose names or texts may hold what a probe asks for: every one that does,
    /// and some that do not. Nothing where that is not known, as without an index.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn candidates(&self, _probe: &Probe) -> Result<Option<Vec<PageName>>, StoreError> {
        Ok(None)
    }

    /// The newest revisions of these pages, in no order. Names without history are left out, and so is what
    /// cannot be read, because one damaged text must not end every search.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn texts(&self, pages: &[PageName]) -> Result<Vec<Revision>, StoreError> {
        let mut found = Vec::with_capacity(pages.len());
        for page in pages {
            match self.read(page, Which::Current).await {
                Ok(revision) => found.extend(revision),
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(%page, %error, "a page cannot be searched");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Makes a revision, its links and its log entry durable in one transaction, if `base` is still
    /// what stands there.
    ///
    /// # Errors
    /// - [`StoreError`] if nothing could be written; then nothing was.
    async fn save(&self, revision: NewRevision) -> Result<Saving, StoreError>;

    /// Gives a page's revisions and files another name, in one transaction: the new name continues its own
    /// numbers, the old one keeps a deletion of kind [`ChangeKind::Rename`].
    ///
    /// # Errors
    /// - [`StoreError`] if nothing could be written; then nothing was.
    async fn rename(&self, renaming: Renaming) -> Result<Renamed, StoreError>;
}

/// Where a store's change log stands. Equal positions mean equal content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Position {
    /// Which store this is; another number after a file was replaced, 0 while there is none.
    pub store: u64,
    /// The newest entry of the change log.
    pub seq: u64,
    /// Grows when a page or an attached file begins or ceases to exist, or a file becomes one of another kind.
    pub page_set: u64,
}

/// Which revision to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The newest.
    Current,
    /// The one with this number.
    Number(RevisionNumber),
}

/// A part of the change log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// Everything after this entry, oldest first.
    After(u64),
    /// Everything at or after this time, newest first.
    Since(Timestamp),
    /// Everything, newest first.
    Newest,
}

/// A part of what happened to a page and its files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageLog {
    /// The changes, newest first.
    pub changes: Vec<Change>,
    /// How many older ones there are.
    pub older: usize,
}

/// A question about links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links<'a> {
    /// What a page links to.
    From(&'a PageName),
    /// Which pages link to a page, whether it exists or not.
    To(&'a PageName),
}

/// Whether an index has more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indexing {
    /// Another step is worth its while.
    More,
    /// Not now: it has come far enough, or another process is at it.
    Done,
}

/// In which order pages are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The ones that nobody changed for the longest time first.
    LongestUntouched,
    /// The largest texts first.
    Largest,
}

/// A revision with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its entry in the change log.
    pub change: Change,
    /// Its text; empty for a deletion.
    pub text: Arc<str>,
}

impl Revision {
    /// The revision as a page under its name.
    pub fn into_page(self) -> Page {
        Page {
            name: self.change.page.clone(),
            revision: self.change.revision,
            text: self.text,
            fingerprint: self.change.fingerprint,
            change: Some(self.change),
        }
    }
}

/// A revision to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRevision {
    /// The page.
    pub page: PageName,
    /// The revision its author has seen; 0 fits wherever no revision's text stands.
    pub base: RevisionNumber,
    /// What will stand there.
    pub content: Content,
    /// What is done.
    pub kind: ChangeKind,
    /// By whom.
    pub author: Author,
    /// In the author's words.
    pub comment: String,
    /// When.
    pub time: Timestamp,
    /// What the text links to.
    pub links: Vec<PageName>,
}

/// What a revision puts at a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A text.
    Text(Arc<str>),
    /// No page.
    Nothing,
    /// The underlay's file again, which holds this text now.
    Underlay(Arc<str>),
}

impl Content {
    /// What stands at the page afterwards.
    pub fn standing(&self) -> Standing {
        match self {
            Content::Text(_) => Standing::Text,
            Content::Nothing => Standing::Nothing,
            Content::Underlay(_) => Standing::Underlay,
        }
    }

    /// The text to keep; empty for a deletion.
    pub fn text(&self) -> &str {
        match self {
            Content::Text(text) | Content::Underlay(text) => text,
            Content::Nothing => "",
        }
    }
}

/// What became of a [`NewRevision`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saving {
    /// It stands, durably.
    Saved(Change),
    /// Somebody else was faster; nothing was written. This is what they did.
    Stale(Change),
}

/// A page to be renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming {
    /// The name it has.
    pub from: PageName,
    /// The name it gets.
    pub to: PageName,
    /// As [`NewRevision::base`], for the old name.
    pub base: RevisionNumber,
    /// The text that stands there, with what it links to under its new name.
    pub text: Arc<str>,
    /// What the text links to.
    pub links: Vec<PageName>,
    /// By whom.
    pub author: Author,
    /// In the author's words.
    pub comment: String,
    /// When.
    pub time: Timestamp,
}

/// What became of a [`Renaming`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renamed {
    /// Done; this is the entry under the new name.
    Done(Change),
    /// Somebody changed the page meanwhile; nothing was written.
    Stale(Change),
    /// A page stands under the new name; nothing was written.
    TargetExists,
}

/// Why a store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the store for longer than we wait. Trying again may help.
    #[error("the page store {} is busy", path.display())]
    Busy {
        /// The store's file.
        path: PathBuf,
    },
    /// A newer Grange wrote the store. Only a newer Grange can read it.
    #[error(
        "{} was written by a newer Grange (its schema is {found}, this one knows {known}): \
         please start the newer version", path.display()
    )]
    NewerSchema {
        /// The store's file.
        path: PathBuf,
        /// The schema in the file.
        found: u32,
        /// The newest schema this program knows.
        known: u32,
    },
    /// What was read contradicts itself. The file needs a look, or a backup.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The file system refused.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("the page store {} failed", path.display())]
    Sqlite {
        /// The store's file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The work was given up, because the program is ending.
    #[error("the page store was closed while it worked")]
    Closed,
}

/// SHA-256 of a text, as stores keep it.
pub fn content_hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// The first eight bytes of a content hash: [`Page::fingerprint`].
pub fn fingerprint(hash: &[u8; 32]) -> u64 {
    let mut first = [0; 8];
    first.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(first)
}

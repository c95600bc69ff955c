//! What a page store keeps of attached files: names, versions and entries of the change log, not the bytes.
//!
//! A file belongs to its page: it moves when the page is renamed, and hides while no page stands there.
//! `store/acceptance/attaching.rs` holds the claims. Start at [`AttachmentStore`].

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::attachment::{Attachment, FileName};
use crate::name::PageName;
use crate::page::{Author, Change};

/// The files attached to the pages of one wiki, kept durably.
#[async_trait]
pub trait AttachmentStore: Send + Sync {
    /// The newest versions of a page's files, by name.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn attachments(&self, page: &PageName) -> Result<Vec<Attachment>, StoreError>;

    /// A part of the list of a page's files with all their versions that can be read, by name, each file's newest
    /// version first.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn attachment_sheet(
        &self,
        page: &PageName,
        first: usize,
        limit: usize,
    ) -> Result<AttachmentSheet, StoreError>;

    /// How many files the page had just before an entry of the change log. Files of a page that was deleted then count:
    /// they are hidden with it, and back with the next page of its name.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn attachment_count_before(&self, page: &PageName, seq: u64) -> Result<usize, StoreError>;

    /// How many files each page has, of those that stand and have any. The same until the wiki's set of pages changes,
    /// for which new and removed files count.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn attachment_counts(&self) -> Result<Vec<(PageName, usize)>, StoreError>;

    /// The versions of a file since it was last removed, newest first.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be asked.
    async fn attachment_versions(
        &self,
        page: &PageName,
        file: &FileName,
    ) -> Result<Vec<Attachment>, StoreError>;

    /// Makes a version and its entry in the change log durable in one transaction. A page without a row here is one
    /// of the underlay; whoever calls has seen it.
    ///
    /// # Errors
    /// - [`StoreError`] if nothing could be written; then nothing was.
    async fn attach(&self, new: NewAttachment) -> Result<Attaching, StoreError>;

    /// Hides a file and all its versions, with an entry in the change log; nothing if there is no such file.
    ///
    /// # Errors
    /// - [`StoreError`] if nothing could be written; then nothing was.
    async fn detach(&self, removal: Removal) -> Result<Option<Change>, StoreError>;
}

/// A part of the list of a page's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttachmentSheet {
    /// The versions.
    pub versions: Vec<Attachment>,
    /// How many versions the whole list has.
    pub total: usize,
}

/// A version to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttachment {
    /// The page.
    pub page: PageName,
    /// The file's name.
    pub file: FileName,
    /// What to do where the page has such a file.
    pub overwrite: Overwrite,
    /// How many bytes it has.
    pub bytes: u64,
    /// Their SHA-256.
    pub hash: [u8; 32],
    /// What they are.
    pub media_type: String,
    /// By whom.
    pub author: Author,
    /// In the author's words.
    pub comment: String,
    /// When.
    pub time: Timestamp,
}

/// What to do where a page has a file of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// Leave it alone.
    Refused,
    /// Make the next version of it.
    Allowed,
}

/// What became of a [`NewAttachment`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attaching {
    /// It stands, durably.
    Done(Box<Attachment>),
    /// There is such a file; nothing was written.
    NameTaken,
    /// The page is gone; nothing was written.
    NoPage,
}

/// A file to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The page.
    pub page: PageName,
    /// The file's name.
    pub file: FileName,
    /// By whom.
    pub author: Author,
    /// In the author's words.
    pub comment: String,
    /// When.
    pub time: Timestamp,
}

//! Files attached to pages: put there, looked at, removed.
//!
//! Names, versions and who did what stand in the page store and are part of the change log; the bytes lie beside it
//! as plain files, each under the hash of its content (`attachment/blobs.rs`). Overwriting makes a version, removing
//! hides a name; neither removes bytes. What a file is, is told by its bytes. Rights are asked before, by whoever
//! calls. Start at [`Wiki::begin_upload`], then [`Wiki::attach`].

pub mod address;
pub mod blobs;
mod file_name;
mod media_type;
mod upload;
mod utf8;

use jiff::Timestamp;

pub use self::blobs::Blob;
pub use self::file_name::{FileName, FileNameError};
pub use self::media_type::{Shows, sent_as};
pub use self::upload::Upload;
use crate::name::PageName;
use crate::page::{Author, Change};
use crate::store::{Attaching, AttachmentSheet, NewAttachment, Overwrite, Removal, StoreError};
use crate::text::one_line;
use crate::wiki::Wiki;

/// Counts the versions of one name on a page from 1. A removal has a number too, and none is used twice.
pub type VersionNumber = u32;

/// One version of an attached file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its entry in the change log.
    pub seq: u64,
    /// The page, under its name of today.
    pub page: PageName,
    /// The file's name.
    pub file: FileName,
    /// Which version this is.
    pub version: VersionNumber,
    /// How many bytes it has.
    pub bytes: u64,
    /// The SHA-256 of the bytes.
    pub hash: [u8; 32],
    /// What they are, as told by the bytes.
    pub media_type: String,
    /// Who attached it.
    pub author: Author,
    /// In the author's words, empty when there are none.
    pub comment: String,
    /// When.
    pub time: Timestamp,
}

impl Attachment {
    /// How a browser may show it.
    pub fn shows(&self) -> Shows {
        Shows::of(&self.media_type)
    }
}

/// A file to be attached.
pub struct Attach {
    /// The page, which must stand.
    pub page: PageName,
    /// The name that the file gets.
    pub file: FileName,
    /// Its bytes.
    pub upload: Upload,
    /// Whether a file of that name may get a new version.
    pub overwrite: Overwrite,
    /// By whom.
    pub author: Author,
    /// In the author's words.
    pub comment: String,
    /// When.
    pub now: Timestamp,
}

/// A file to be removed from its page.
#[derive(Clone, Debug)]
pub struct Detach {
    /// The page.
    pub page: PageName,
    /// The file's name.
    pub file: FileName,
    /// By whom.
    pub author: Author,
    /// In the author's words.
    pub comment: String,
    /// When.
    pub now: Timestamp,
}

/// Why a file was not attached or removed.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// There is no such page.
    #[error("there is no page {0}")]
    NoSuchPage(PageName),
    /// The page has no such file.
    #[error("there is no file {0}")]
    NoSuchFile(FileName),
    /// The page has a file of that name, and it was not to be overwritten.
    #[error("there is already a file {0}")]
    NameTaken(FileName),
    /// The file is too large.
    #[error("a file of this wiki can be at most {limit} bytes long")]
    TooLarge {
        /// The wiki's limit.
        limit: u64,
    },
    /// The wiki takes no changes at the moment.
    #[error("this wiki is read-only")]
    ReadOnly,
    /// It could not be made durable; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Wiki {
    /// A place for the bytes of a file that is about to be attached. Dropping it leaves nothing behind.
    ///
    /// # Errors
    /// - [`AttachError::ReadOnly`] if the wiki takes no changes.
    /// - [`AttachError::Store`] if nothing can be written.
    pub async fn begin_upload(&self, now: Timestamp) -> Result<Upload, AttachError> {
        if self.settings.read_only {
            return Err(AttachError::ReadOnly);
        }
        Upload::begin(self.blobs.clone(), self.settings.max_attachment_bytes, now).await
    }

    /// Attaches a file. Answered when its bytes, its name and the entry in the change log are durable.
    ///
    /// # Errors
    /// - [`AttachError::NoSuchPage`] if no page stands there.
    /// - [`AttachError::NameTaken`] if there is such a file and it was not to be overwritten.
    /// - [`AttachError::ReadOnly`], [`AttachError::Store`]; nothing was attached.
    pub async fn attach(&self, attach: Attach) -> Result<Attachment, AttachError> {
        if self.settings.read_only {
            return Err(AttachError::ReadOnly);
        }
        let Attach { page, file, .. } = attach;
        if self.page(&page).await?.is_none() {
            return Err(AttachError::NoSuchPage(page));
        }
        // Bytes that are refused leave nothing behind.
        let is_taken = !self.store.attachment_versions(&page, &file).await?.is_empty();
        if is_taken && attach.overwrite == Overwrite::Refused {
            return Err(AttachError::NameTaken(file));
        }
        // The bytes first: a name never stands for bytes that are not there.
        let kept = attach.upload.keep().await?;
        let new = NewAttachment {
            page: page.clone(),
            file: file.clone(),
            overwrite: attach.overwrite,
            bytes: kept.bytes,
            hash: kept.hash,
            media_type: kept.media_type.to_owned(),
            author: attach.author,
            comment: one_line(&attach.comment),
            time: attach.now,
        };
        match self.store.attach(new).await? {
            Attaching::Done(attachment) => Ok(*attachment),
            Attaching::NameTaken => Err(AttachError::NameTaken(file)),
            Attaching::NoPage => Err(AttachError::NoSuchPage(page)),
        }
    }

    /// Removes a file from its page. Its versions stay in the change log, and no longer can be read.
    ///
    /// # Errors
    /// - [`AttachError::NoSuchFile`] if there is no such file.
    /// - [`AttachError::ReadOnly`], [`AttachError::Store`].
    pub async fn detach(&self, detach: Detach) -> Result<Change, AttachError> {
        if self.settings.read_only {
            return Err(AttachError::ReadOnly);
        }
        let file = detach.file.clone();
        if !self.exists(&detach.page).await? {
            return Err(AttachError::NoSuchFile(file));
        }
        let removal = Removal {
            page: detach.page,
            file: detach.file,
            author: detach.author,
            comment: one_line(&detach.comment),
            time: detach.now,
        };
        let removed = self.store.detach(removal).await?;
        removed.ok_or(AttachError::NoSuchFile(file))
    }

    /// The newest versions of the files of a page, by name. A page that does not stand has none.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn attachments(&self, page: &PageName) -> Result<Vec<Attachment>, StoreError> {
        match self.exists(page).await? {
            true => self.store.attachments(page).await,
            false => Ok(Vec::new()),
        }
    }

    /// A part of the list of a page's files with all their versions that can be read, by name, each file's newest
    /// version first.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn attachment_sheet(
        &self,
        page: &PageName,
        first: usize,
        limit: usize,
    ) -> Result<AttachmentSheet, StoreError> {
        match self.exists(page).await? {
            true => self.store.attachment_sheet(page, first, limit).await,
            false => Ok(AttachmentSheet::default()),
        }
    }

    /// How many files a page had when it was deleted by this entry of the change log. They are hidden since, and back
    /// with the next page of its name.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn hidden_attachments(&self, deletion: &Change) -> Result<usize, StoreError> {
        match deletion.removes_page() {
            true => {
                self.store
                    .attachment_count_before(&deletion.page, deletion.seq)
                    .await
            }
            false => Ok(0),
        }
    }

    /// How many files the page has. Costs a look into memory until pages or files come and go.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn attachment_count(&self, page: &PageName) -> Result<usize, StoreError> {
        let generation = self.link_generation().await?;
        let counts = match self.file_counts.find(generation) {
            Some(counts) => counts,
            None => {
                let counted = self.store.attachment_counts().await?;
                self.file_counts.keep(generation, counted.into_iter().collect())
            }
        };
        Ok(counts.get(page).copied().unwrap_or(0))
    }

    /// The versions of a file, newest first; none if there is no such file. What was removed does not come back with
    /// a new file of the same name.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn attachment_versions(
        &self,
        page: &PageName,
        file: &FileName,
    ) -> Result<Vec<Attachment>, StoreError> {
        match self.exists(page).await? {
            true => self.store.attachment_versions(page, file).await,
            false => Ok(Vec::new()),
        }
    }

    /// The bytes of a version.
    ///
    /// # Errors
    /// - [`StoreError::Damaged`] if they are not there.
    /// - [`StoreError::Io`] if they cannot be read.
    pub async fn blob(&self, attachment: &Attachment) -> Result<Blob, StoreError> {
        self.blobs.open(&attachment.hash, attachment.bytes).await
    }
}

#[cfg(test)]
#[path = "attachment_tests.rs"]
mod tests;

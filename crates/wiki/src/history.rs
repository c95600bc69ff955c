//! Looking back and taking back: histories, recent changes, deleting, renaming, reverting.
//!
//! None of these removes a revision: each adds one that says what now stands. If somebody saves at the
//! same moment, the work is done again on what stands then. Rights are asked before, by whoever calls.
//! Start at [`Wiki::history`].

use std::sync::Arc;

use jiff::Timestamp;

use crate::name::PageName;
use crate::page::{Author, Change, ChangeKind, Page, RevisionNumber};
use crate::save::links_in;
use crate::store::{Content, NewRevision, PageLog, Renamed, Renaming, Saving, StoreError, Stretch};
use crate::text::one_line;
use crate::wiki::Wiki;

/// A page to be deleted.
#[derive(Clone, Debug)]
pub struct Delete {
    /// The page.
    pub page: PageName,
    /// By whom.
    pub author: Author,
    /// In the author's words.
    pub comment: String,
    /// When.
    pub now: Timestamp,
}

/// A page to get another name.
#[derive(Clone, Debug)]
pub struct Rename {
    /// The name it has.
    pub from: PageName,
    /// The name it gets; no page may stand there.
    pub to: PageName,
    /// By whom.
    pub author: Author,
    /// In the author's words.
    pub comment: String,
    /// When.
    pub now: Timestamp,
}

/// A page to say again what it said at an older revision.
#[derive(Clone, Debug)]
pub struct Revert {
    /// The page.
    pub page: PageName,
    /// The revision; 0 brings the underlay's file back.
    pub revision: RevisionNumber,
    /// By whom.
    pub author: Author,
    /// In the author's words.
    pub comment: String,
    /// When.
    pub now: Timestamp,
}

/// Why a page was not deleted, renamed or reverted.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such page.
    #[error("there is no page {0}")]
    NoSuchPage(PageName),
    /// The page has no such revision, or that revision is a deletion.
    #[error("{page} has no text of revision {revision}")]
    NoSuchRevision {
        /// The page.
        page: PageName,
        /// The revision that was asked for.
        revision: RevisionNumber,
    },
    /// A page stands under the new name.
    #[error("there is already a page {0}")]
    TargetExists(PageName),
    /// The wiki takes no changes at the moment.
    #[error("this wiki is read-only")]
    ReadOnly,
    /// The store could not make it durable; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Wiki {
    /// The changes of one page with revisions below `before`, newest first. The underlay's file is no
    /// change; a page nobody edited has no history.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn history(
        &self,
        page: &PageName,
        before: Option<RevisionNumber>,
        limit: usize,
    ) -> Result<Vec<Change>, StoreError> {
        self.store.history(page, before, limit).await
    }

    /// The changes of one page and of its files, newest first: those before the `before`th, which are counted from the
    /// oldest, or all.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn page_log(
        &self,
        page: &PageName,
        before: Option<u32>,
        limit: usize,
    ) -> Result<PageLog, StoreError> {
        self.store.page_log(page, before, limit).await
    }

    /// The changes of all pages, made at `since` or later, newest first.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn recent_changes(
        &self,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Change>, StoreError> {
        self.store
            .changes(since.map_or(Stretch::Newest, Stretch::Since), limit)
            .await
    }

    /// Deletes a page. Its history stays; a page made under its name later continues the numbers.
    ///
    /// # Errors
    /// - [`ChangeError::NoSuchPage`] if no page stands there.
    /// - [`ChangeError::ReadOnly`], [`ChangeError::Store`].
    pub async fn delete(&self, delete: Delete) -> Result<RevisionNumber, ChangeError> {
        self.refuse_when_read_only()?;
        loop {
            let (base, _) = self.standing_page(&delete.page).await?;
            let saving = self.store.save(NewRevision {
                page: delete.page.clone(),
                base,
                content: Content::Nothing,
                kind: ChangeKind::Delete,
                author: delete.author.clone(),
                comment: one_line(&delete.comment),
                time: delete.now,
                links: Vec::new(),
            });
            if let Saving::Saved(change) = saving.await? {
                return Ok(change.revision);
            }
        }
    }

    /// Makes an older revision's text stand again, as a new revision. Revision 0 makes the underlay's
    /// file stand again: the page then follows the file.
    ///
    /// # Errors
    /// - [`ChangeError::NoSuchRevision`] if there is no such text.
    /// - [`ChangeError::ReadOnly`], [`ChangeError::Store`].
    pub async fn revert(&self, revert: Revert) -> Result<RevisionNumber, ChangeError> {
        self.refuse_when_read_only()?;
        let found = self.revision(&revert.page, revert.revision).await?;
        let Some(older) = found.filter(|older| !older.is_deletion()) else {
            return Err(ChangeError::NoSuchRevision {
                page: revert.page,
                revision: revert.revision,
            });
        };
        let content = match revert.revision {
            0 => Content::Underlay(older.text.clone()),
            _ => Content::Text(older.text.clone()),
        };
        let links = links_in(&revert.page, &older.text).await;
        loop {
            let newest = self.newest(&revert.page).await?;
            let saving = self.store.save(NewRevision {
                page: revert.page.clone(),
                base: newest.map_or(0, |page| page.revision),
                content: content.clone(),
                kind: ChangeKind::Revert,
                author: revert.author.clone(),
                comment: one_line(&revert.comment),
                time: revert.now,
                links: links.clone(),
            });
            if let Saving::Saved(change) = saving.await? {
                return Ok(change.revision);
            }
        }
    }

    /// Gives a page and its history another name. The old name keeps an entry that says so.
    ///
    /// # Errors
    /// - [`ChangeError::NoSuchPage`] if no page stands under the old name.
    /// - [`ChangeError::TargetExists`] if one stands under the new name.
    /// - [`ChangeError::ReadOnly`], [`ChangeError::Store`].
    pub async fn rename(&self, rename: Rename) -> Result<RevisionNumber, ChangeError> {
        self.refuse_when_read_only()?;
        loop {
            let (base, page) = self.standing_page(&rename.from).await?;
            if rename.from == rename.to || self.exists(&rename.to).await? {
                return Err(ChangeError::TargetExists(rename.to));
            }
            let renamed = self.store.rename(Renaming {
                from: rename.from.clone(),
                to: rename.to.clone(),
                base,
                links: links_in(&rename.to, &page.text).await,
                text: page.text.clone(),
                author: rename.author.clone(),
                comment: one_line(&rename.comment),
                time: rename.now,
            });
            match renamed.await? {
                Renamed::Done(change) => return Ok(change.revision),
                Renamed::TargetExists => return Err(ChangeError::TargetExists(rename.to)),
                Renamed::Stale(_) => {}
            }
        }
    }

    fn refuse_when_read_only(&self) -> Result<(), ChangeError> {
        if self.settings.read_only {
            Err(ChangeError::ReadOnly)
        } else {
            Ok(())
        }
    }

    /// The page that readers see, with the number of the newest revision in the store.
    async fn standing_page(&self, name: &PageName) -> Result<(RevisionNumber, Arc<Page>), ChangeError> {
        let newest = self.newest(name).await?;
        let base = newest.as_ref().map_or(0, |page| page.revision);
        let shown = self.shown(name, newest).await;
        shown
            .map(|page| (base, page))
            .ok_or_else(|| ChangeError::NoSuchPage(name.clone()))
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;

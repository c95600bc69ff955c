//! Saving a page: what a visitor typed becomes a revision, or is brought together with what somebody
//! else saved meanwhile, or comes back as a conflict. Nothing is ever overwritten unseen.
//!
//! The store decides whether the base revision is still the newest, inside its transaction; merging and
//! trying again happen here. Rights are asked before, by whoever calls. Start at [`Wiki::save`].

use std::sync::Arc;

use jiff::Timestamp;

use crate::markup;
use crate::merge::merge_texts;
use crate::name::PageName;
use crate::page::{Author, ChangeKind, Page, RevisionNumber};
use crate::store::{Content, NewRevision, Saving, StoreError};
use crate::text::{here_or_aside, one_line, with_plain_line_ends};
use crate::wiki::Wiki;

/// A text to be saved.
#[derive(Clone, Debug)]
pub struct Save {
    /// The page.
    pub page: PageName,
    /// The whole text; line ends become `\n`.
    pub text: String,
    /// The revision its author began with; 0 for a new page and for the underlay's file.
    pub base: RevisionNumber,
    /// By whom.
    pub author: Author,
    /// In the author's words.
    pub comment: String,
    /// An edit, a minor one, or an import.
    pub kind: ChangeKind,
    /// When.
    pub now: Timestamp,
}

impl Save {
    /// An ordinary edit without comment.
    pub fn new(
        page: PageName,
        text: impl Into<String>,
        base: RevisionNumber,
        author: Author,
        now: Timestamp,
    ) -> Save {
        let comment = String::new();
        Save {
            page,
            text: text.into(),
            base,
            author,
            comment,
            kind: ChangeKind::Edit,
            now,
        }
    }
}

/// What became of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It stands as this revision.
    New {
        /// Its number.
        revision: RevisionNumber,
    },
    /// Somebody else had saved meanwhile; this revision holds both changes.
    Merged {
        /// Its number.
        revision: RevisionNumber,
        /// Its text.
        text: Arc<str>,
    },
    /// The page says that already; nothing was written.
    Unchanged {
        /// The revision that stands.
        revision: RevisionNumber,
    },
}

impl Saved {
    /// The revision that stands now.
    pub fn revision(&self) -> RevisionNumber {
        match self {
            Saved::New { revision } | Saved::Merged { revision, .. } | Saved::Unchanged { revision } => {
                *revision
            }
        }
    }
}

/// Why a text was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody else changed the same lines. The author decides, with both texts in view.
    #[error("somebody else changed {} meanwhile", .0.current.name)]
    Conflict(Box<Conflict>),
    /// The text is too long.
    #[error("a page of this wiki can be at most {limit} bytes long")]
    TooLarge {
        /// The wiki's limit.
        limit: u64,
    },
    /// The wiki takes no changes at the moment.
    #[error("this wiki is read-only")]
    ReadOnly,
    /// The store could not make it durable; nothing was saved.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Two texts that cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What stands there now; a deletion has an empty text ([`Page::is_deletion`]). Its revision is the
    /// base for saving after having looked.
    pub current: Arc<Page>,
    /// What the author began with; nothing for a new page.
    pub base_text: Option<Arc<str>>,
    /// What the author wrote.
    pub yours: Arc<str>,
}

impl Wiki {
    /// Saves a text. Answered when it is durable.
    ///
    /// # Errors
    /// - [`SaveError::Conflict`] if the text cannot be merged with what was saved since its base.
    /// - [`SaveError::TooLarge`] if it, or what it was merged to, is longer than the wiki allows.
    /// - [`SaveError::ReadOnly`] if the wiki takes no changes.
    /// - [`SaveError::Store`] if the store failed; nothing was saved.
    pub async fn save(&self, save: Save) -> Result<Saved, SaveError> {
        if self.settings.read_only {
            return Err(SaveError::ReadOnly);
        }
        let yours = with_plain_line_ends(&save.text);
        let (mut text, mut base) = (yours.clone(), save.base);
        // Each turn but the last means that somebody else saved in between, so this comes to an end.
        loop {
            self.refuse_large(&text)?;
            if let Some(revision) = self.standing_already(&save.page, base, &text).await? {
                return Ok(Saved::Unchanged { revision });
            }
            let revision = self.new_revision(&save, base, text.clone()).await;
            let newer = match self.store.save(revision).await? {
                Saving::Saved(change) => {
                    let revision = change.revision;
                    self.remember(change, text.clone());
                    return Ok(match base == save.base {
                        true => Saved::New { revision },
                        false => Saved::Merged { revision, text },
                    });
                }
                Saving::Stale(change) => change.revision,
            };
            text = self.merge(&save, newer, &yours).await?;
            base = newer;
        }
    }

    fn refuse_large(&self, text: &str) -> Result<(), SaveError> {
        let limit = self.settings.max_page_bytes;
        if text.len() as u64 > limit {
            Err(SaveError::TooLarge { limit })
        } else {
            Ok(())
        }
    }

    /// The revision that stands, if it is the base and its text is this one.
    async fn standing_already(
        &self,
        page: &PageName,
        base: RevisionNumber,
        text: &Arc<str>,
    ) -> Result<Option<RevisionNumber>, StoreError> {
        let current = self.page(page).await?;
        let same = current.filter(|current| current.revision == base && current.text == *text);
        Ok(same.map(|current| current.revision))
    }

    async fn new_revision(&self, save: &Save, base: RevisionNumber, text: Arc<str>) -> NewRevision {
        NewRevision {
            page: save.page.clone(),
            base,
            links: links_in(&save.page, &text).await,
            content: Content::Text(text),
            kind: save.kind,
            author: save.author.clone(),
            comment: one_line(&save.comment),
            time: save.now,
        }
    }

    /// The text that holds the author's change and what was saved as revision `newer`.
    async fn merge(
        &self,
        save: &Save,
        newer: RevisionNumber,
        yours: &Arc<str>,
    ) -> Result<Arc<str>, SaveError> {
        let found = self.revision(&save.page, newer).await?;
        // A revision that was just seen can only be gone if the page was renamed since: ask again.
        let Some(current) = found else {
            return Ok(yours.clone());
        };
        let base = self
            .revision(&save.page, save.base)
            .await?
            .filter(|base| !base.is_deletion());
        let base_text = base.map(|base| base.text.clone());
        let merged = match (&base_text, current.is_deletion()) {
            (Some(base), false) => merged(base.clone(), current.text.clone(), yours.clone()).await,
            (None, false) if current.text == *yours => Some(yours.clone()),
            _ => None,
        };
        merged.ok_or_else(|| {
            let yours = yours.clone();
            SaveError::Conflict(Box::new(Conflict {
                current,
                base_text,
                yours,
            }))
        })
    }
}

/// What a text links to.
pub(crate) async fn links_in(page: &PageName, text: &Arc<str>) -> Vec<PageName> {
    let (page, text, size) = (page.clone(), text.clone(), text.len());
    here_or_aside(size, move || markup::links(&markup::parse_markdown(&text), &page))
        .await
        .unwrap_or_default()
}

async fn merged(base: Arc<str>, theirs: Arc<str>, yours: Arc<str>) -> Option<Arc<str>> {
    let size = base.len().max(theirs.len()).max(yours.len());
    here_or_aside(size, move || merge_texts(&base, &theirs, &yours).map(Arc::from))
        .await
        .flatten()
}

#[cfg(test)]
#[path = "save_tests.rs"]
mod tests;

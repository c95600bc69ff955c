//! One wiki as the rest of the farm sees it: pages by name, whether store or underlay holds them.
//!
//! This is the façade: methods are short and the work stands elsewhere. `save.rs` saves and merges,
//! `history.rs` looks back, deletes, renames and reverts, `rendering.rs` renders, `store.rs` keeps.
//! Nothing here is remembered without being checked against the store's position, so another process's
//! commit shows on the next view. Start at [`Wiki::page`].

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::quality::FixedState;

use crate::attachment::blobs::Blobs;
use crate::cache::{HeldPage, PageCache, WikiKey};
use crate::hits::Hits;
use crate::name::PageName;
use crate::page::{Change, Page, RevisionNumber, Standing};
use crate::render::Highlighter;
use crate::rights::{AclRules, Right, Viewer};
use crate::seats::Share;
use crate::store::{PageStore, Position, Revision, SqlitePageStore, StoreError, Which};
use crate::underlay::Underlay;

/// How large a page may be where nothing is configured.
const MAX_PAGE_BYTES: u64 = 1024 * 1024;

/// How large an attached file may be where nothing is configured.
const MAX_ATTACHMENT_BYTES: u64 = 16 * 1024 * 1024;

/// What a wiki that shares its cache with nobody remembers.
const OWN_CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// Folds numbers into one, in every process alike.
const NUMBERS: FixedState = FixedState::with_seed(0);

/// Everything a wiki is told when it is opened.
#[derive(Clone, Debug)]
pub struct WikiSettings {
    /// The wiki's id in the farm.
    pub id: String,
    /// Where its pages are kept; made by the first save.
    pub data_dir: PathBuf,
    /// Directories of default pages; of two that hold a page, the first counts.
    pub underlays: Vec<Arc<Underlay>>,
    /// Who may do what.
    pub rights: AclRules,
    /// The page shown at the wiki's root.
    pub front_page: PageName,
    /// The largest text that may be saved.
    pub max_page_bytes: u64,
    /// The largest file that may be attached.
    pub max_attachment_bytes: u64,
    /// Whether HTML in a page's source is sanitised and shown, instead of shown as text.
    pub raw_html: bool,
    /// The language of the pages.
    pub language: String,
    /// The time zone in which times are shown to those who chose none.
    pub time_zone: String,
    /// Whether every change is refused.
    pub read_only: bool,
    /// Pages in memory; a farm hands the same to all its wikis.
    pub cache: Arc<PageCache>,
    /// Colours code; a farm hands the same to all its wikis.
    pub highlighter: Arc<Highlighter>,
}

impl WikiSettings {
    /// A wiki with the defaults of the farm's configuration and no default pages.
    pub fn new(id: impl Into<String>, data_dir: impl Into<PathBuf>) -> WikiSettings {
        WikiSettings {
            id: id.into(),
            data_dir: data_dir.into(),
            underlays: Vec::new(),
            rights: AclRules::default(),
            front_page: PageName::front_page(),
            max_page_bytes: MAX_PAGE_BYTES,
            max_attachment_bytes: MAX_ATTACHMENT_BYTES,
            raw_html: false,
            language: "en".to_owned(),
            time_zone: "UTC".to_owned(),
            read_only: false,
            cache: Arc::new(PageCache::with_bytes(OWN_CACHE_BYTES)),
            highlighter: Arc::new(Highlighter::new()),
        }
    }
}

/// Why a wiki could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A state of a wiki in two numbers.
#[derive(Clone, Copy)]
pub(crate) struct Generations {
    /// [`Wiki::generation`].
    pub content: u64,
    /// [`Wiki::link_generation`].
    pub names: u64,
}

/// Something about all pages, remembered with the link generation that it belongs to.
pub(crate) struct Remembered<T>(Mutex<Option<(u64, Arc<T>)>>);

impl<T> Remembered<T> {
    fn nothing() -> Remembered<T> {
        Remembered(Mutex::new(None))
    }

    /// What was remembered, if it still holds.
    pub fn find(&self, generation: u64) -> Option<Arc<T>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .as_ref()
            .filter(|(of, _)| *of == generation)
            .map(|(_, found)| Arc::clone(found))
    }

    /// Remembers this instead.
    pub fn keep(&self, generation: u64, found: T) -> Arc<T> {
        let found = Arc::new(found);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((generation, Arc::clone(&found)));
        found
    }
}

/// An open wiki.
pub struct Wiki {
    pub(crate) settings: WikiSettings,
    pub(crate) store: Arc<dyn PageStore>,
    /// The bytes of attached files.
    pub(crate) blobs: Blobs,
    pub(crate) key: WikiKey,
    /// What it may take of the cache's seats.
    pub(crate) share: Share,
    /// The names of all pages.
    names: Remembered<Vec<PageName>>,
    /// How many files the pages have that have any.
    pub(crate) file_counts: Remembered<HashMap<PageName, usize>>,
    /// Held by the search that helps the index along.
    pub(crate) indexing: tokio::sync::Mutex<()>,
    pub(crate) hits: Arc<Hits>,
}

impl Wiki {
    /// Opens a wiki whose pages are in its `data_dir`. Touches no file: the store is opened by the
    /// first view and made by the first save.
    ///
    /// # Errors
    /// - none today; a store that has to be reached over a network may refuse.
    pub async fn open(settings: WikiSettings) -> Result<Wiki, OpenError> {
        let store = Arc::new(SqlitePageStore::at(&settings.data_dir));
        Ok(Wiki::with_store(settings, store))
    }

    /// A wiki whose pages are in a store of the caller's.
    pub fn with_store(settings: WikiSettings, store: Arc<dyn PageStore>) -> Wiki {
        let (key, share) = (settings.cache.enter(), settings.cache.seats.share());
        Wiki {
            hits: Arc::new(Hits::at(&settings.data_dir)),
            blobs: Blobs::at(&settings.data_dir),
            settings,
            store,
            key,
            share,
            names: Remembered::nothing(),
            file_counts: Remembered::nothing(),
            indexing: tokio::sync::Mutex::default(),
        }
    }

    /// The wiki's id in the farm.
    pub fn id(&self) -> &str {
        &self.settings.id
    }

    /// What it was told when it was opened.
    pub fn settings(&self) -> &WikiSettings {
        &self.settings
    }

    /// The page as it stands; nothing if it never was, or is deleted.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn page(&self, name: &PageName) -> Result<Option<Arc<Page>>, StoreError> {
        let newest = self.newest(name).await?;
        Ok(self.shown(name, newest).await)
    }

    /// A page as it stood at one revision; 0 is the underlay's file as it is now. A deletion is a
    /// revision with an empty text ([`Page::is_deletion`]).
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn revision(
        &self,
        name: &PageName,
        revision: RevisionNumber,
    ) -> Result<Option<Arc<Page>>, StoreError> {
        if revision == 0 {
            return Ok(self.underlay_page(name).await);
        }
        let found = self.store.read(name, Which::Number(revision)).await?;
        Ok(found.map(|revision| Arc::new(revision.into_page())))
    }

    /// Whether the page stands. Looks into the list of names, so asking often is cheap.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn exists(&self, name: &PageName) -> Result<bool, StoreError> {
        Ok(self.page_names().await?.binary_search(name).is_ok())
    }

    /// The names of all pages that stand, in byte order.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn page_names(&self) -> Result<Arc<Vec<PageName>>, StoreError> {
        let generation = self.link_generation().await?;
        match self.names.find(generation) {
            Some(names) => Ok(names),
            None => Ok(self.names.keep(generation, self.collect_names().await?)),
        }
    }

    /// Whether the viewer has the right on the page.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn may(&self, viewer: &Viewer, right: Right, _page: &PageName) -> Result<bool, StoreError> {
        Ok(self.settings.rights.allows(viewer, right))
    }

    /// Differs from what it was when anything visible of this wiki changed, be it by a save here, by
    /// another process or in a file of the underlay (within a second). Costs a few microseconds. Equal
    /// numbers mean equal content, also after the wiki was closed and opened again.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn generation(&self) -> Result<u64, StoreError> {
        Ok(self.generations().await?.content)
    }

    /// As [`Wiki::generation`], but only for the question which pages stand and which files they have.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn link_generation(&self) -> Result<u64, StoreError> {
        Ok(self.generations().await?.names)
    }

    /// Both at one moment.
    pub(crate) async fn generations(&self) -> Result<Generations, StoreError> {
        let position = self.store.position().await?;
        let (mut content, mut names) = (NUMBERS.build_hasher(), NUMBERS.build_hasher());
        position.hash(&mut content);
        (position.store, position.page_set).hash(&mut names);
        for underlay in &self.settings.underlays {
            let stamp = underlay.stamp().await;
            stamp.content.hash(&mut content);
            stamp.names.hash(&mut names);
        }
        Ok(Generations {
            content: content.finish(),
            names: names.finish(),
        })
    }

    /// The newest revision in the store, a deletion included; nothing for a name without history.
    pub(crate) async fn newest(&self, name: &PageName) -> Result<Option<Arc<Page>>, StoreError> {
        let position = self.store.position().await?;
        if position.seq == 0 {
            return Ok(None);
        }
        let held = self.settings.cache.page(self.key, name);
        let newest = match held {
            Some(held) if held.position == position => return Ok(held.newest),
            Some(held) if held.position.store == position.store => self.renew(name, held).await?,
            _ => self.read_newest(name).await?,
        };
        let held = HeldPage {
            position,
            newest: newest.clone(),
        };
        self.settings.cache.keep_page(self.key, name, held);
        Ok(newest)
    }

    /// Keeps what was just saved, so that the view that follows need not read it. No store stands at
    /// entry 0, so whether something came after this revision is asked before it is shown.
    pub(crate) fn remember(&self, change: Change, text: Arc<str>) {
        let name = change.page.clone();
        let Some(held) = self.settings.cache.page(self.key, &name) else {
            return;
        };
        let position = Position {
            seq: 0,
            ..held.position
        };
        let newest = Some(Arc::new(Revision { change, text }.into_page()));
        self.settings
            .cache
            .keep_page(self.key, &name, HeldPage { position, newest });
    }

    /// What was held is still right if no newer revision was made: numbers are never used twice.
    async fn renew(&self, name: &PageName, held: HeldPage) -> Result<Option<Arc<Page>>, StoreError> {
        let latest = self.store.history(name, None, 1).await?;
        let known = held.newest.as_ref().map(|page| (page.revision, page.fingerprint));
        match latest.first().map(|change| (change.revision, change.fingerprint)) == known {
            true => Ok(held.newest),
            false => self.read_newest(name).await,
        }
    }

    async fn read_newest(&self, name: &PageName) -> Result<Option<Arc<Page>>, StoreError> {
        let found = self.store.read(name, Which::Current).await?;
        Ok(found.map(|revision| Arc::new(revision.into_page())))
    }

    /// The page that readers see, given the newest revision in the store.
    pub(crate) async fn shown(&self, name: &PageName, newest: Option<Arc<Page>>) -> Option<Arc<Page>> {
        let standing = newest
            .as_ref()
            .and_then(|page| page.change.as_ref())
            .map(|change| change.standing);
        match standing {
            Some(Standing::Text) => newest,
            Some(Standing::Nothing) => None,
            Some(Standing::Underlay) | None => self.underlay_page(name).await,
        }
    }

    pub(crate) async fn underlay_page(&self, name: &PageName) -> Option<Arc<Page>> {
        for underlay in &self.settings.underlays {
            if let Some(page) = underlay.page(name).await {
                return Some(page);
            }
        }
        None
    }

    async fn collect_names(&self) -> Result<Vec<PageName>, StoreError> {
        let stored = self.store.names().await?;
        let mut names = Vec::with_capacity(stored.len());
        for underlay in &self.settings.underlays {
            names.extend(underlay.names().await.into_iter().filter(|name| {
                let found = stored.binary_search_by(|(other, _)| other.cmp(name));
                let standing = found
                    .ok()
                    .and_then(|place| stored.get(place))
                    .map(|(_, standing)| *standing);
                standing.is_none_or(|standing| standing == Standing::Underlay)
            }));
        }
        let texts = stored
            .into_iter()
            .filter(|(_, standing)| *standing == Standing::Text);
        names.extend(texts.map(|(name, _)| name));
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }
}

impl std::fmt::Debug for Wiki {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wiki")
            .field("id", &self.settings.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "wiki_tests.rs"]
pub(crate) mod tests;

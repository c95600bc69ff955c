//! What wikis remember of pages they read and rendered: bounded by bytes, shared by a whole farm.
//!
//! Entries carry what they were made from (the store's position, the text's fingerprint, the link
//! generation), so nothing has to be thrown out in time: an entry that no longer fits is not used.
//! Which entry fits is decided in `wiki.rs`; nothing here reads a store. Start at [`PageCache`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::name::PageName;
use crate::page::Page;
use crate::render::Rendered;
use crate::seats::Seats;
use crate::store::Position;

/// The share of a cache's bytes that goes to source texts; the rest goes to rendered pages.
const SHARE_OF_TEXTS: u64 = 4;

/// What an entry weighs beside its text.
const ENTRY_BYTES: u64 = 256;

/// How large a page is taken to be when the cache lays out its tables.
const USUAL_BYTES: u64 = 4096;

/// A cache is divided so that many may use it at once, but into no smaller parts than this: what is
/// larger than its part is never kept, and a large page is the dearest to render again.
const SMALLEST_PART: u64 = 8 * 1024 * 1024;

/// The pages in memory. One may serve every wiki of a farm.
pub struct PageCache {
    wikis: AtomicU64,
    texts: Cache<(WikiKey, PageName), HeldPage, Weights>,
    rendered: Cache<RenderedKey, HeldRendering, Weights>,
    /// For the work on long texts.
    pub(crate) seats: Seats,
    searches: Arc<Semaphore>,
}

/// One opened wiki. Opening it again gives another key: what was rendered under other settings never
/// shows again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct WikiKey(u64);

/// What the store had for a name, nothing or a deletion included.
#[derive(Clone)]
pub(crate) struct HeldPage {
    /// Where the store stood when this was read.
    pub position: Position,
    /// What it had.
    pub newest: Option<Arc<Page>>,
}

/// What a rendering was made from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RenderedKey {
    pub wiki: WikiKey,
    pub page: PageName,
    /// The wiki's mount path: links begin with it.
    pub base: Arc<str>,
    pub fingerprint: u64,
    pub link_generation: u64,
    /// What a page around this one had given away, if that makes it another rendering.
    pub around: Option<[u8; 32]>,
}

/// A rendering and how long it holds.
#[derive(Clone)]
pub(crate) struct HeldRendering {
    pub rendered: Arc<Rendered>,
    /// The generation it belongs to, if a macro in it looks at other pages.
    pub generation: Option<u64>,
    /// The edition of the macros it was made with, if it calls any.
    pub edition: Option<u64>,
}

impl PageCache {
    /// A cache that holds about this many bytes of text and HTML.
    pub fn with_bytes(bytes: u64) -> PageCache {
        let texts = bytes / SHARE_OF_TEXTS;
        PageCache {
            wikis: AtomicU64::new(0),
            texts: cache(texts),
            rendered: cache(bytes - texts),
            seats: Seats::of_this_machine(),
            searches: one_per_processor(),
        }
    }

    /// Leave to search. A search may take all of a processor for seconds, so the farm makes only a few at a
    /// time. Not the seats for long texts: a page that is rendered may wait for a search.
    pub(crate) async fn leave_to_search(&self) -> Option<OwnedSemaphorePermit> {
        self.searches.clone().acquire_owned().await.ok()
    }

    pub(crate) fn enter(&self) -> WikiKey {
        WikiKey(self.wikis.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn page(&self, wiki: WikiKey, name: &PageName) -> Option<HeldPage> {
        self.texts.get(&(wiki, name.clone()))
    }

    pub(crate) fn keep_page(&self, wiki: WikiKey, name: &PageName, held: HeldPage) {
        self.texts.insert((wiki, name.clone()), held);
    }

    pub(crate) fn rendering(&self, key: &RenderedKey) -> Option<HeldRendering> {
        self.rendered.get(key)
    }

    pub(crate) fn keep_rendering(&self, key: RenderedKey, held: HeldRendering) {
        self.rendered.insert(key, held);
    }
}

impl std::fmt::Debug for PageCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (texts, rendered) = (self.texts.weight(), self.rendered.weight());
        f.debug_struct("PageCache")
            .field("text_bytes", &texts)
            .field("rendered_bytes", &rendered)
            .finish()
    }
}

fn one_per_processor() -> Arc<Semaphore> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Arc::new(Semaphore::new(processors))
}

fn cache<K: Eq + std::hash::Hash, V: Clone>(bytes: u64) -> Cache<K, V, Weights>
where
    Weights: Weighter<K, V>,
{
    let entries = usize::try_from(bytes / USUAL_BYTES).unwrap_or(usize::MAX).max(16);
    // A power of two, as the cache would make it by rounding up.
    let parts = 1 << (bytes / SMALLEST_PART).clamp(1, 16).ilog2();
    let options = OptionsBuilder::new()
        .estimated_items_capacity(entries)
        .weight_capacity(bytes)
        .shards(parts)
        .build();
    match options {
        Ok(options) => Cache::with_options(
            options,
            Weights,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        ),
        // Only an option that is not set is an error.
        Err(_) => Cache::with_weighter(entries, bytes, Weights),
    }
}

#[derive(Clone)]
struct Weights;

impl Weighter<(WikiKey, PageName), HeldPage> for Weights {
    fn weight(&self, key: &(WikiKey, PageName), held: &HeldPage) -> u64 {
        let text = held.newest.as_ref().map_or(0, |page| page.text.len());
        ENTRY_BYTES + (key.1.as_str().len() + text) as u64
    }
}

impl Weighter<RenderedKey, HeldRendering> for Weights {
    fn weight(&self, key: &RenderedKey, held: &HeldRendering) -> u64 {
        ENTRY_BYTES + (key.page.as_str().len() + held.rendered.weight()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(text: &str) -> HeldPage {
        let name = PageName::parse("Page").unwrap();
        let page = Page {
            name,
            revision: 0,
            text: text.into(),
            change: None,
            fingerprint: 0,
        };
        HeldPage {
            position: Position::default(),
            newest: Some(Arc::new(page)),
        }
    }

    #[test]
    fn wikis_of_one_farm_do_not_see_each_others_pages() {
        let cache = PageCache::with_bytes(1 << 20);
        let (one, other) = (cache.enter(), cache.enter());
        let name = PageName::parse("Page").unwrap();
        cache.keep_page(one, &name, held("mine"));
        assert!(cache.page(one, &name).is_some());
        assert!(cache.page(other, &name).is_none());
    }

    #[test]
    fn a_large_page_is_kept_however_many_cores_the_machine_has() {
        let cache = PageCache::with_bytes(64 << 20);
        let (wiki, name) = (cache.enter(), PageName::parse("Large").unwrap());
        cache.keep_page(wiki, &name, held(&"x".repeat(4 << 20)));
        assert!(cache.page(wiki, &name).is_some());
    }

    #[test]
    fn a_cache_stays_within_its_bytes() {
        let cache = PageCache::with_bytes(400_000);
        let wiki = cache.enter();
        for number in 0..1_000 {
            let name = PageName::parse(&format!("Page{number}")).unwrap();
            cache.keep_page(wiki, &name, held(&"x".repeat(5_000)));
        }
        assert!(cache.texts.weight() <= 100_000, "{cache:?}");
        assert!(!cache.texts.is_empty(), "something is kept");
    }
}

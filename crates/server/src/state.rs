//! Everything a request can reach: no globals, one value passed along.
//!
//! [`AppState`] lives as long as the process. What a reload replaces stands
//! together in [`Live`], so that a request sees one farm from its first step to
//! its last and pages kept for an old farm go away with it.

use std::cell::Cell;
use std::sync::Arc;

use arc_swap::ArcSwap;
use grange_farm::{Farm, FarmServices};
use grange_macros::python::PythonMacros;
use grange_session::Randomness;
use grange_wiki::PageName;
use jiff::Timestamp;
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};
use thread_local::ThreadLocal;

use crate::clock::Clock;
use crate::extract::wiki::Place;
use crate::incoming::Incoming;
use crate::operations::Counters;
use crate::respond::kept::KeptPage;
use crate::respond::static_files::StaticFiles;

/// Bytes of finished pages kept for visitors without a session.
const KEPT_BYTES: u64 = 64 * 1024 * 1024;

/// How many pages the cache prepares for; a hint, not a limit.
const KEPT_PAGES: usize = 4096;

/// What the process shares among all requests.
pub struct AppState {
    /// The farm that answers now.
    pub live: ArcSwap<Live>,
    /// What outlives reloads.
    pub services: Arc<FarmServices>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids and tickets.
    pub randomness: Arc<dyn Randomness>,
    /// The theme.
    pub files: StaticFiles,
    /// What the machine room counts.
    pub counters: Counters,
    /// The next request's number, of each worker.
    requests: ThreadLocal<Cell<u64>>,
}

/// What one reload replaces as a whole.
pub struct Live {
    /// Wikis, addresses, rights.
    pub farm: Arc<Farm>,
    /// Finished pages of this farm.
    pub kept: KeptViews,
    /// When it began to serve.
    pub since: Timestamp,
}

/// Finished page views that everybody without a session gets alike.
pub struct KeptViews {
    views: Cache<ViewKey<Box<str>>, KeptView, ByBytes>,
}

/// Which finished view: page names and hosts are part of it because canonical
/// links are absolute. The texts are a request's, or the cache's own.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ViewKey<S> {
    /// The wiki's place in the farm.
    wiki: usize,
    https: bool,
    host: S,
    port: u16,
    /// The wiki's mount.
    base: S,
    page: S,
}

/// What a finished view was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The wiki's generation.
    pub generation: u64,
    /// The edition of the macros, if the page calls any.
    pub edition: Option<u64>,
}

/// A finished view and the state of the wiki that it shows.
#[derive(Clone)]
struct KeptView {
    state: State,
    page: Arc<KeptPage>,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<ViewKey<Box<str>>, KeptView> for ByBytes {
    fn weight(&self, key: &ViewKey<Box<str>>, view: &KeptView) -> u64 {
        view.page.weight() + (key.host.len() + key.base.len() + key.page.len()) as u64
    }
}

impl<'r> ViewKey<&'r str> {
    /// The view of a page at the address that a request named.
    pub fn of(place: &Place<'r>, incoming: &'r Incoming<'_>, page: &'r PageName) -> ViewKey<&'r str> {
        ViewKey {
            wiki: place.wiki,
            https: incoming.https,
            host: &incoming.host,
            port: incoming.port,
            base: place.base,
            page: page.as_str(),
        }
    }

    fn to_owned(self) -> ViewKey<Box<str>> {
        ViewKey {
            wiki: self.wiki,
            https: self.https,
            host: self.host.into(),
            port: self.port,
            base: self.base.into(),
            page: self.page.into(),
        }
    }
}

impl Equivalent<ViewKey<Box<str>>> for ViewKey<&str> {
    fn equivalent(&self, kept: &ViewKey<Box<str>>) -> bool {
        (self.wiki, self.https, self.port) == (kept.wiki, kept.https, kept.port)
            && (self.host, self.base, self.page) == (&*kept.host, &*kept.base, &*kept.page)
    }
}

impl AppState {
    /// The state of a process that begins to serve.
    pub fn new(
        farm: Farm,
        services: Arc<FarmServices>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> AppState {
        AppState {
            live: ArcSwap::from_pointee(Live::new(farm, clock.now())),
            services,
            clock,
            randomness,
            files: StaticFiles::embedded(),
            counters: Counters::default(),
            requests: ThreadLocal::new(),
        }
    }

    /// A number that names one request in the log.
    pub fn next_request(&self) -> u64 {
        let next = self.requests.get_or(|| Cell::new(self.any_number()));
        // An odd stride makes neighbours look different and comes round after all 2⁶⁴.
        next.replace(next.get().wrapping_add(0x9e37_79b9_7f4a_7c15))
    }

    /// Where each worker starts, so that ids of two workers or two runs hardly ever meet in one log.
    fn any_number(&self) -> u64 {
        let mut bytes = [0; 8];
        self.randomness.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

impl Live {
    /// A farm with nothing kept yet.
    pub fn new(farm: Farm, since: Timestamp) -> Live {
        let views = Cache::with_weighter(KEPT_PAGES, KEPT_BYTES, ByBytes);
        Live {
            farm: Arc::new(farm),
            kept: KeptViews { views },
            since,
        }
    }
}

impl KeptViews {
    /// The finished view, when it shows the wiki as it is now; the edition of the macros is asked for only
    /// if the page calls any.
    pub fn find(&self, key: &ViewKey<&str>, generation: u64, python: &PythonMacros) -> Option<Arc<KeptPage>> {
        let view = self.views.get(key)?;
        let holds = view.state.generation == generation
            && view
                .state
                .edition
                .is_none_or(|made_with| made_with == python.edition());
        holds.then_some(view.page)
    }

    /// Keeps a finished view of the wiki as it was in `state`.
    pub fn keep(&self, key: ViewKey<&str>, state: State, page: Arc<KeptPage>) {
        self.views.insert(key.to_owned(), KeptView { state, page });
    }
}

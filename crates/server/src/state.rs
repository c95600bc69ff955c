//! Everything a request can reach: no globals, one value passed along.
//!
//! [`AppState`] lives as long as the process. What a reload replaces stands
//! together in [`Live`], so that a request sees one farm from its first step to
//! its last and pages kept for an old farm go away with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use grange_farm::{Farm, FarmServices};
use grange_macros::python::PythonMacros;
use grange_session::Randomness;
use grange_wiki::PageName;
use jiff::Timestamp;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

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
    requests: AtomicU64,
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
    views: Cache<ViewKey, Arc<KeptView>, ByBytes>,
}

/// Which finished view: page names and hosts are part of it because canonical
/// links are absolute.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ViewKey {
    /// The wiki's place in the farm.
    pub wiki: usize,
    /// Scheme, host, port and mount that the visitor used.
    pub origin: String,
    /// The page.
    pub page: String,
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
pub struct KeptView {
    state: State,
    page: Arc<KeptPage>,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<ViewKey, Arc<KeptView>> for ByBytes {
    fn weight(&self, key: &ViewKey, view: &Arc<KeptView>) -> u64 {
        view.page.weight() + (key.origin.len() + key.page.len()) as u64
    }
}

impl ViewKey {
    /// The view of a page at the address that a request named.
    pub fn of(place: &Place<'_>, incoming: &Incoming<'_>, page: &PageName) -> ViewKey {
        let scheme = if incoming.https { "s" } else { "h" };
        let port = incoming.port.to_string();
        ViewKey {
            wiki: place.wiki,
            origin: [scheme, &incoming.host, ":", &port, &place.base].concat(),
            page: page.as_str().to_owned(),
        }
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
        let mut start = [0; 8];
        randomness.fill(&mut start);
        AppState {
            live: ArcSwap::from_pointee(Live::new(farm, clock.now())),
            services,
            clock,
            randomness,
            files: StaticFiles::embedded(),
            counters: Counters::default(),
            // Starts anywhere, so that ids of two runs do not meet in one log.
            requests: AtomicU64::new(u64::from_le_bytes(start)),
        }
    }

    /// A number that names one request in the log.
    pub fn next_request(&self) -> u64 {
        // An odd stride makes neighbours look different and never repeats.
        self.requests.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed)
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
    pub fn find(&self, key: &ViewKey, generation: u64, python: &PythonMacros) -> Option<Arc<KeptPage>> {
        let view = self.views.get(key)?;
        let holds = view.state.generation == generation
            && view
                .state
                .edition
                .is_none_or(|made_with| made_with == python.edition());
        holds.then(|| view.page.clone())
    }

    /// Keeps a finished view of the wiki as it was in `state`.
    pub fn keep(&self, key: ViewKey, state: State, page: Arc<KeptPage>) {
        self.views.insert(key, Arc::new(KeptView { state, page }));
    }
}

//! Plain files that stand as pages until somebody edits them: `pages/Team/Rota.md` is `Team/Rota`.
//!
//! An underlay only reads. It notices changed, added and removed files by looking through its directory
//! at most once a second, and at the asked file every time. What is not fit to be a page (a symbolic
//! link out of the directory, a name no page may have) is left out with one line in the log.
//! Several wikis may share one. Start at [`Underlay::page`]; `underlay/scan.rs` walks the directory.

mod scan;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use quick_cache::sync::Cache;
use tokio::task::spawn_blocking;

use self::scan::{FileVersion, Scan};
use crate::name::PageName;
use crate::page::Page;
use crate::store::{content_hash, fingerprint};
use crate::text::with_plain_line_ends;

/// How long a look through the directory holds.
const FRESH: Duration = Duration::from_secs(1);

/// The moment of a look that was not taken yet.
const NEVER: u64 = u64::MAX;

/// How many pages stay in memory; views are served from the wiki's cache of rendered pages.
const PAGES_IN_MEMORY: usize = 256;

/// A clock that only goes forward. It tells when to look again, never what time it is.
pub trait MonotonicClock: Send + Sync {
    /// How long ago some fixed moment was.
    fn elapsed(&self) -> Duration;
}

/// The system's monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct SinceStart(Instant);

impl SinceStart {
    /// A clock that starts now.
    pub fn now() -> SinceStart {
        SinceStart(Instant::now())
    }
}

impl MonotonicClock for SinceStart {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A directory of pages.
pub struct Underlay {
    files: Arc<Files>,
}

struct Files {
    directory: PathBuf,
    clock: Box<dyn MonotonicClock>,
    scan: ArcSwap<Scan>,
    /// When the directory was last looked through, in microseconds of the clock; [`NEVER`] while it was not.
    looked: AtomicU64,
    ready: AtomicBool,
    scanning: tokio::sync::Mutex<()>,
    pages: Cache<PageName, (FileVersion, Arc<Page>)>,
}

/// Tells one state of an underlay from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UnderlayStamp {
    /// Differs when any file differs.
    pub content: u64,
    /// Differs when a page is there or gone.
    pub names: u64,
}

impl Underlay {
    /// The pages in a directory, which need not exist. Touches nothing yet.
    pub fn at(directory: PathBuf) -> Underlay {
        Underlay::with_clock(directory, Box::new(SinceStart::now()))
    }

    /// As [`Underlay::at`], with a clock of the caller's.
    pub fn with_clock(directory: PathBuf, clock: Box<dyn MonotonicClock>) -> Underlay {
        let files = Files {
            directory,
            clock,
            scan: ArcSwap::default(),
            looked: AtomicU64::new(NEVER),
            ready: AtomicBool::new(false),
            scanning: tokio::sync::Mutex::default(),
            pages: Cache::new(PAGES_IN_MEMORY),
        };
        Underlay {
            files: Arc::new(files),
        }
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.files.directory
    }

    /// The page in a file, as the file is now.
    pub async fn page(&self, name: &PageName) -> Option<Arc<Page>> {
        self.look().await;
        if self.files.differs(name) {
            self.look_again().await;
        }
        let file = self.files.scan.load().pages.get(name).cloned()?;
        if let Some((version, page)) = self.files.pages.get(name)
            && version == file.version
        {
            return Some(page);
        }
        let (files, name) = (self.files.clone(), name.clone());
        spawn_blocking(move || files.load(&name, &file))
            .await
            .ok()
            .flatten()
    }

    /// The names of all pages, in byte order.
    pub async fn names(&self) -> Vec<PageName> {
        self.look().await;
        self.files.scan.load().pages.keys().cloned().collect()
    }

    /// The state of the directory, at most a second old.
    pub async fn stamp(&self) -> UnderlayStamp {
        self.look().await;
        self.files.scan.load().stamp
    }

    /// Looks through the directory if that was not done for a second. Whoever comes while another
    /// looks goes on with what was there before, except the first time.
    async fn look(&self) {
        if !self.files.ready.load(Ordering::Acquire) {
            let _scanning = self.files.scanning.lock().await;
            if !self.files.ready.load(Ordering::Acquire) {
                self.scan().await;
            }
        } else if self.files.is_due()
            && let Ok(_scanning) = self.files.scanning.try_lock()
        {
            self.scan().await;
        }
    }

    /// Looks through the directory whatever the time: the asked file is not what it was.
    async fn look_again(&self) {
        let _scanning = self.files.scanning.lock().await;
        self.scan().await;
    }

    async fn scan(&self) {
        let files = self.files.clone();
        // A scan cannot panic; were it cut short by the end of the program, nobody would ask further.
        let _ = spawn_blocking(move || files.scan()).await;
    }
}

impl Files {
    fn is_due(&self) -> bool {
        let looked = self.looked.load(Ordering::Acquire);
        looked == NEVER || self.clock.elapsed().saturating_sub(Duration::from_micros(looked)) >= FRESH
    }

    fn scan(&self) {
        // Noted before: a change during the scan is then seen by the next one.
        let now = u64::try_from(self.clock.elapsed().as_micros()).unwrap_or(NEVER);
        self.looked.store(now, Ordering::Release);
        if let Some(scan) = Scan::of(&self.directory, &self.scan.load()) {
            self.scan.store(Arc::new(scan));
        }
        self.ready.store(true, Ordering::Release);
    }

    /// Whether the file of this page is another than the last scan saw.
    fn differs(&self, name: &PageName) -> bool {
        let scan = self.scan.load();
        match scan.pages.get(name) {
            Some(file) => FileVersion::of(&file.path) != Some(file.version),
            None => scan::path_of(&self.directory, name).is_some_and(|path| {
                std::fs::symlink_metadata(&path).is_ok() && !scan.left_out.contains(&path)
            }),
        }
    }

    fn load(&self, name: &PageName, file: &scan::PageFile) -> Option<Arc<Page>> {
        let bytes = match std::fs::read(&file.path) {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::warn!(file = %file.path.display(), %error, "cannot read a page of the underlay");
                return None;
            }
        };
        let text = String::from_utf8_lossy(&bytes);
        let text = with_plain_line_ends(text.strip_prefix('\u{feff}').unwrap_or(&text));
        let fingerprint = fingerprint(&content_hash(&text));
        let page = Arc::new(Page {
            name: name.clone(),
            revision: 0,
            text,
            change: None,
            fingerprint,
        });
        self.pages.insert(name.clone(), (file.version, page.clone()));
        Some(page)
    }
}

impl std::fmt::Debug for Underlay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Underlay").field(&self.files.directory).finish()
    }
}

#[cfg(test)]
#[path = "underlay/tests.rs"]
mod tests;

//! What outlives a reload: macros, memory stores, open accounts, login limits, help pages, the page cache.
//!
//! A farm is a snapshot of its configuration and is thrown away at the next reload; whatever a visitor would
//! notice losing lives here. Stores are shared by place: wikis that name one directory get one store. Nothing is
//! opened or made on disk before it is asked for, and what nobody uses is forgotten, except what exists in memory
//! only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use dashmap::DashMap;
use grange_macros::Registry;
use grange_macros::python::library::MacroLibrary;
use grange_macros::python::meter::MacroMeter;
use grange_macros::python::pool::{WorkerPool, WorkerProgram};
use grange_macros::python::storage::MacroStorage;
use grange_macros::python::switches;
use grange_macros::python::watch::MacroWatch;
use grange_macros::python::{PythonLimits, PythonMacros, Value};
use grange_session::{
    Lifetimes, MeasuredStore, MemorySessionStore, Randomness, Remember, SessionEvent, SessionHooks,
    SessionLifetime, SessionNotice, SessionStore, SqliteSessionStore, StoreMeter,
};
use grange_wiki::accounts::{Accounts, Hashing, LoginLimits, MemoryUserStore, SqliteUserStore, UserStore};
use grange_wiki::cache::PageCache;
use grange_wiki::render::Highlighter;
use grange_wiki::{Underlay, Wiki, WikiSettings};
use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::check::{FarmConfig, StorePlace, WikiConfig, WikiState};
use crate::farm::OpenError;
use crate::open_wikis::OPEN_AT_ONCE;
use crate::sweep::Sweeping;

pub(crate) mod shared;

use shared::Shared;

/// Text and HTML of pages kept in memory for a whole farm.
const PAGE_CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// Everything a farm needs that is not its configuration. One per process.
pub struct FarmServices {
    /// The macros of every wiki.
    pub registry: Arc<Registry>,
    /// Randomness for ids, tickets and secrets.
    pub randomness: Arc<dyn Randomness>,
    /// Rendered pages of all wikis, bounded by bytes.
    pub pages: Arc<PageCache>,
    /// Colours code blocks of all wikis.
    pub highlighter: Arc<Highlighter>,
    /// Who runs Python macros.
    pub macro_workers: Arc<WorkerPool>,
    /// What macros cost, and which are turned off.
    pub macro_meter: Arc<MacroMeter>,
    macro_watch: Arc<MacroWatch>,
    /// How many wikis stay open while nobody looks at them.
    pub open_at_once: usize,
    /// Who hears of what happens to sessions.
    pub session_hooks: Option<Arc<dyn SessionHooks>>,
    pub(crate) sweeping: Mutex<Sweeping>,
    hashing: Hashing,
    sessions: Shared<StorePlace, dyn SessionStore>,
    accounts: Shared<StorePlace, Accounts>,
    underlays: Shared<PathBuf, Underlay>,
    limits: DashMap<StorePlace, Arc<LoginLimits>>,
    memory_sessions: DashMap<StorePlace, Arc<dyn SessionStore>>,
    meters: DashMap<&'static str, Arc<StoreMeter>>,
    memory_accounts: DashMap<StorePlace, Arc<Accounts>>,
}

impl FarmServices {
    /// The services of a process: its macros, and where its unguessable bytes come from.
    pub fn new(registry: Registry, randomness: Arc<dyn Randomness>) -> FarmServices {
        FarmServices {
            registry: Arc::new(registry),
            randomness,
            pages: Arc::new(PageCache::with_bytes(PAGE_CACHE_BYTES)),
            highlighter: Arc::new(Highlighter::new()),
            macro_workers: Arc::new(WorkerPool::new(worker_program())),
            macro_meter: Arc::default(),
            macro_watch: Arc::default(),
            open_at_once: OPEN_AT_ONCE,
            session_hooks: None,
            sweeping: Mutex::default(),
            hashing: Hashing::recommended(),
            sessions: Shared::new(),
            accounts: Shared::new(),
            underlays: Shared::new(),
            limits: DashMap::new(),
            memory_sessions: DashMap::new(),
            meters: DashMap::new(),
            memory_accounts: DashMap::new(),
        }
    }

    /// The same with passwords hashed at another cost: tests want the weakest.
    pub fn with_hashing(self, hashing: Hashing) -> FarmServices {
        FarmServices { hashing, ..self }
    }

    /// The same, telling somebody what happens to the sessions of all wikis: an embedder's own bookkeeping.
    pub fn with_session_hooks(self, hooks: Arc<dyn SessionHooks>) -> FarmServices {
        FarmServices {
            session_hooks: Some(hooks),
            ..self
        }
    }

    /// Tells the hooks, where there are any. `wiki` is empty for what concerns a whole store.
    pub fn notice(&self, wiki: &str, event: SessionEvent<'_>, at: Timestamp) {
        if let Some(hooks) = &self.session_hooks {
            hooks.notice(&SessionNotice { wiki, at, event });
        }
    }

    /// The same with another number of wikis that stay open while nobody looks at them.
    pub fn with_open_wikis(self, open_at_once: usize) -> FarmServices {
        FarmServices {
            open_at_once: open_at_once.max(1),
            ..self
        }
    }

    /// The session store at a place; the same one for everybody who asks while it is in use.
    pub fn session_store(&self, place: &StorePlace) -> Arc<dyn SessionStore> {
        match place {
            StorePlace::Sqlite(dir) => self.sessions.get_or_make(place.clone(), || {
                self.measured(place, Arc::new(SqliteSessionStore::at(dir)))
            }),
            StorePlace::Memory(_) => {
                let store = || self.measured(place, Arc::new(MemorySessionStore::new()));
                Arc::clone(&self.memory_sessions.entry(place.clone()).or_insert_with(store))
            }
            StorePlace::Server(server) => self
                .sessions
                .get_or_make(place.clone(), || self.measured(place, server.store())),
        }
    }

    /// A session store whose operations are counted with those of its kind.
    fn measured<S>(&self, place: &StorePlace, store: Arc<S>) -> Arc<dyn SessionStore>
    where
        S: SessionStore + ?Sized + 'static,
    {
        let meter = Arc::clone(&self.meters.entry(place.kind()).or_default());
        Arc::new(MeasuredStore::new(store, place.identity(), meter))
    }

    /// What was counted of the session stores, by kind.
    pub fn store_meters(&self) -> BTreeMap<&'static str, Arc<StoreMeter>> {
        let meters = self.meters.iter();
        meters.map(|meter| (*meter.key(), Arc::clone(&meter))).collect()
    }

    /// The session store at a place if there is anything in it: one in use, one in memory, or a file on disk.
    pub fn session_store_with_content(&self, place: &StorePlace) -> Option<Arc<dyn SessionStore>> {
        match place {
            StorePlace::Memory(_) => self.memory_sessions.get(place).map(|store| Arc::clone(&store)),
            StorePlace::Sqlite(dir) => match self.sessions.living(place) {
                None if dir.join("sessions.db").exists() => Some(self.session_store(place)),
                living => living,
            },
            StorePlace::Server(_) => Some(self.session_store(place)),
        }
    }

    /// The accounts at a place.
    pub fn accounts(&self, place: &StorePlace) -> Arc<Accounts> {
        match place {
            StorePlace::Sqlite(dir) => self.accounts.get_or_make(place.clone(), || {
                self.new_accounts(Arc::new(SqliteUserStore::at(dir)))
            }),
            // No configuration puts accounts on a server.
            StorePlace::Memory(_) | StorePlace::Server(_) => {
                let accounts = || self.new_accounts(Arc::new(MemoryUserStore::new()));
                Arc::clone(&self.memory_accounts.entry(place.clone()).or_insert_with(accounts))
            }
        }
    }

    /// The Python macros of a wiki.
    pub fn python_macros(&self, config: &WikiConfig) -> PythonMacros {
        let limits = config.macro_limits;
        self.macro_workers.grow_to(limits.workers);
        match switches::read(&config.data_dir) {
            Ok(turned_off) => self.macro_meter.remember(&config.id, turned_off),
            Err(error) => tracing::error!(wiki = &*config.id, %error,
                "macros-off in the wiki's directory cannot be read, so macros turned off there run again; see to its rights"),
        }
        PythonMacros {
            library: MacroLibrary::of(config.macro_directories(), Arc::clone(&self.macro_watch)),
            pool: Arc::clone(&self.macro_workers),
            storage: MacroStorage::at(&config.data_dir),
            meter: Arc::clone(&self.macro_meter),
            limits: PythonLimits {
                time: limits.time,
                memory_bytes: limits.memory_bytes,
            },
            settings: public_settings(config),
            places: Semaphore::new(limits.workers),
        }
    }

    /// Who failed to log in at these accounts. Kept for ever: forgetting it would be a way to try again.
    pub fn login_limits(&self, place: &StorePlace) -> Arc<LoginLimits> {
        Arc::clone(&self.limits.entry(place.clone()).or_default())
    }

    /// The plain files of a directory, read by every wiki that names it as one.
    pub fn underlay(&self, dir: &Path) -> Arc<Underlay> {
        let real = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
        self.underlays
            .get_or_make(real.clone(), || Arc::new(Underlay::at(real)))
    }

    /// The pages of a wiki, without its sessions: enough for whoever owns the files, and it needs no secrets.
    ///
    /// # Errors
    /// * [`OpenError::Wiki`]: its store cannot be opened.
    pub async fn open_pages(&self, farm: &FarmConfig, wiki: &WikiConfig) -> Result<Wiki, OpenError> {
        let opened = Wiki::open(self.wiki_settings(farm, wiki)).await;
        opened.map_err(|cause| OpenError::Wiki {
            id: Arc::clone(&wiki.id),
            cause,
        })
    }

    fn wiki_settings(&self, farm: &FarmConfig, config: &WikiConfig) -> WikiSettings {
        let own_pages = config.data_dir.join("pages");
        let help_pages = farm.data_dir.join("_shared").join("pages");
        WikiSettings {
            id: config.id.to_string(),
            data_dir: config.data_dir.clone(),
            underlays: vec![self.underlay(&own_pages), self.underlay(&help_pages)],
            rights: config.rights.as_ref().clone(),
            front_page: config.front_page.clone(),
            max_page_bytes: config.max_page_bytes,
            max_attachment_bytes: config.max_attachment_bytes,
            raw_html: config.raw_html,
            language: config.language_default.to_string(),
            time_zone: config.timezone.to_string(),
            read_only: matches!(config.state, WikiState::ReadOnly | WikiState::Archived),
            cache: Arc::clone(&self.pages),
            highlighter: Arc::clone(&self.highlighter),
        }
    }

    fn new_accounts(&self, store: Arc<dyn UserStore>) -> Arc<Accounts> {
        let randomness = AccountRandomness(Arc::clone(&self.randomness));
        Arc::new(Accounts::new(store, Arc::new(randomness), self.hashing.clone()))
    }
}

/// The worker's program stands beside this one.
fn worker_program() -> WorkerProgram {
    match std::env::current_exe() {
        Ok(this) => WorkerProgram::beside(&this),
        Err(_) => WorkerProgram::Missing(PathBuf::from("grange-macro-worker")),
    }
}

/// The hours of a guest's session and of a user's, 0 where there are none: MoinMoin's `cookie_lifetime`.
fn cookie_lifetime(lifetimes: &Lifetimes) -> Value {
    let hours = |found: Option<SessionLifetime>| {
        let seconds = found.map_or(0.0, |lifetime| lifetime.cookie.as_secs_f64());
        Value::Float(seconds / 3600.0)
    };
    let user = lifetimes.for_login(Remember::No);
    Value::List(vec![hours(lifetimes.for_visitor()), hours(user)])
}

/// What macros may read as `request.cfg`, under MoinMoin's names; nothing of it is secret.
fn public_settings(config: &WikiConfig) -> Vec<(String, Value)> {
    let text = |text: &str| Value::Text(text.to_owned());
    let settings = [
        ("siteid", text(&config.id)),
        ("sitename", text(&config.sitename)),
        ("interwikiname", text(&config.interwikiname)),
        ("page_front_page", text(config.front_page.as_str())),
        ("language_default", text(&config.language_default)),
        ("tz", text(&config.timezone)),
        (
            "navi_bar",
            Value::List(config.navi_bar.iter().map(|link| text(link)).collect()),
        ),
        ("cookie_lifetime", cookie_lifetime(&config.session.lifetimes)),
        ("mail_enabled", Value::Bool(false)),
        ("show_timings", Value::Bool(false)),
    ];
    settings.map(|(name, value)| (name.to_owned(), value)).into()
}

/// One source of randomness under the wiki crate's name for it.
struct AccountRandomness(Arc<dyn Randomness>);

impl grange_wiki::Randomness for AccountRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::cheap_services as services;

    fn sqlite(dir: &str) -> StorePlace {
        StorePlace::Sqlite(dir.into())
    }

    fn memory(dir: &str) -> StorePlace {
        StorePlace::Memory(dir.into())
    }

    #[test]
    fn wikis_that_name_one_place_share_one_store() {
        let services = services();
        let one = services.session_store(&sqlite("/nowhere/a"));
        assert!(Arc::ptr_eq(&one, &services.session_store(&sqlite("/nowhere/a"))));
        assert!(!Arc::ptr_eq(&one, &services.session_store(&sqlite("/nowhere/b"))));
        assert!(!Arc::ptr_eq(&one, &services.session_store(&memory("/nowhere/a"))));
        let accounts = services.accounts(&sqlite("/nowhere/a"));
        assert!(Arc::ptr_eq(&accounts, &services.accounts(&sqlite("/nowhere/a"))));
    }

    #[test]
    fn a_memory_store_outlives_its_users_and_a_file_store_does_not() {
        let services = services();
        let first = Arc::downgrade(&services.session_store(&memory("/m")));
        assert!(first.upgrade().is_some());
        let accounts = Arc::downgrade(&services.accounts(&memory("/m")));
        assert!(accounts.upgrade().is_some());
        let file = Arc::downgrade(&services.session_store(&sqlite("/nowhere")));
        assert!(file.upgrade().is_none());
    }

    #[test]
    fn login_limits_are_never_forgotten() {
        let services = services();
        let limits = Arc::downgrade(&services.login_limits(&sqlite("/nowhere")));
        assert!(
            limits
                .upgrade()
                .is_some_and(|kept| Arc::ptr_eq(&kept, &services.login_limits(&sqlite("/nowhere"))))
        );
    }

    #[test]
    fn a_store_nobody_ever_used_is_not_made_to_be_swept() {
        let dir = tempfile::tempdir().unwrap();
        let services = services();
        let place = StorePlace::Sqlite(dir.path().to_owned());
        assert!(services.session_store_with_content(&place).is_none());
        assert!(services.session_store_with_content(&memory("/m")).is_none());
        let used = services.session_store(&place);
        assert!(
            services
                .session_store_with_content(&place)
                .is_some_and(|found| Arc::ptr_eq(&found, &used))
        );
        drop(used);
        assert!(services.session_store_with_content(&place).is_none());
        std::fs::write(dir.path().join("sessions.db"), "").unwrap();
        assert!(services.session_store_with_content(&place).is_some());
    }

    #[test]
    fn one_directory_of_plain_files_is_read_once_under_all_its_names() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("real");
        std::fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, dir.path().join("link")).unwrap();
        let services = services();
        let one = services.underlay(&real);
        assert!(Arc::ptr_eq(&one, &services.underlay(&dir.path().join("link"))));
    }
}

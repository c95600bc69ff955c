//! The checked configuration: what the rest of Grange reads.
//!
//! Paths are absolute, words are enums, lifetimes are durations; nothing here can be wrong any more. Lists and
//! texts that ten thousand wikis inherit are shared, not copied. How it comes to be: `check.rs`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use grange_session::SessionPolicy;
use grange_wiki::PageName;
use grange_wiki::rights::AclRules;
use ipnet::IpNet;

use super::ServerStore;
use crate::address::Address;
use crate::passwords;

/// A checked farm.
#[derive(Debug, Clone)]
pub struct FarmConfig {
    /// farmconfig.toml, absolute.
    pub path: PathBuf,
    /// farmconfig.toml and every included file, absolute: what a reload watches.
    pub files: Vec<PathBuf>,
    /// The patterns of `include`, absolute: a new file that matches belongs to the farm.
    pub include: Vec<String>,
    /// Every address to bind.
    pub listen: Vec<SocketAddr>,
    /// Where /health and /metrics answer.
    pub admin_listen: AdminListen,
    /// Wiki "x" lives in `<data_dir>/x` unless it says otherwise.
    pub data_dir: PathBuf,
    /// Peers whose X-Forwarded-* and Forwarded headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// Who may see the admin pages; empty = there are none.
    pub admins: Arc<[FarmAdmin]>,
    /// Its first line signs, all its lines verify.
    pub secrets_file: PathBuf,
    /// Every wiki, in the order of the files.
    pub wikis: Vec<Arc<WikiConfig>>,
}

/// An account that may see the farm's admin pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FarmAdmin {
    /// The id of the wiki in whose user directory the account is.
    pub wiki: Arc<str>,
    /// Its name.
    pub name: String,
}

/// The admin listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminListen {
    /// `admin_listen = ""`.
    Off,
    /// Not written: skipped with a warning when the address is taken.
    Default(SocketAddr),
    /// Written: must bind.
    Written(SocketAddr),
}

/// A checked wiki.
#[derive(Debug, Clone)]
pub struct WikiConfig {
    /// `[wiki.ID]`.
    pub id: Arc<str>,
    /// The group it inherits from.
    pub group: Option<Arc<str>>,
    /// Its addresses; the first is the canonical one. Never empty.
    pub at: Vec<Address>,
    /// Addresses that redirect to the canonical one.
    pub aliases: Vec<Address>,
    /// The name people read; the id where none is given.
    pub sitename: Arc<str>,
    /// The name other wikis link it by; the id where none is given.
    pub interwikiname: Arc<str>,
    /// An image: a URL or a path.
    pub logo: Option<Arc<str>>,
    /// Page names and links of the navigation bar.
    pub navi_bar: Arc<[String]>,
    /// The page at the wiki's root.
    pub front_page: PageName,
    /// The language of the interface where the browser names none we have.
    pub language_default: Arc<str>,
    /// Never look at Accept-Language.
    pub language_ignore_browser: bool,
    /// An IANA time zone, known to exist.
    pub timezone: Arc<str>,
    /// Whether it can be read and written.
    pub state: WikiState,
    /// Raw HTML in pages (still sanitised).
    pub raw_html: bool,
    /// Its directory, absolute.
    pub data_dir: PathBuf,
    /// Where its sessions are.
    pub session_store: StorePlace,
    /// Where its accounts are.
    pub user_store: StorePlace,
    /// Everything about its cookie and sessions.
    pub session: Arc<SessionPolicy>,
    /// The id of the wiki where people log in, itself among them; `None` = on each host.
    pub central_login: Option<Arc<str>>,
    /// Who may make an account.
    pub registration: Registration,
    /// Names of its superusers.
    pub superusers: Arc<[String]>,
    /// Names that only `grange user add` may make: superusers and whom the configured rights name, of every wiki that
    /// shares its user directory, and administrators of the farm among its accounts.
    pub reserved_names: Arc<[String]>,
    /// `acl_rights_before`, `_default` and `_after`.
    pub rights: Arc<AclRules>,
    /// Actions that do not exist here.
    pub actions_excluded: Arc<[String]>,
    /// Actions that only superusers may use.
    pub actions_superuser: Arc<[String]>,
    /// The largest page that can be saved.
    pub max_page_bytes: u64,
    /// The largest file that can be attached.
    pub max_attachment_bytes: u64,
    /// Where Python macros are looked for after `<data_dir>/macros`.
    pub macro_dirs: Arc<[PathBuf]>,
    /// What Python macros may use up.
    pub macro_limits: MacroLimits,
    /// Settings in force whose text holds a `${NAME}`, as written: shown instead of their values.
    pub from_environment: Arc<[(&'static str, Arc<str>)]>,
}

impl WikiConfig {
    /// The canonical address.
    pub fn canonical(&self) -> Option<&Address> {
        self.at.first()
    }

    /// Where its macro files are looked for, in this order.
    pub fn macro_directories(&self) -> Vec<PathBuf> {
        let own = self.data_dir.join("macros");
        [own].into_iter().chain(self.macro_dirs.iter().cloned()).collect()
    }

    /// A setting as written, where its text holds a `${NAME}`: what is shown instead of its value.
    pub fn written_variable(&self, key: &str) -> Option<&str> {
        let mut settings = self.from_environment.iter();
        settings
            .find(|(name, _)| *name == key)
            .map(|(_, written)| written.as_ref())
    }
}

/// `state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WikiState {
    /// Read and written.
    #[default]
    Active,
    /// Read only, for now.
    ReadOnly,
    /// Answers 503 with a page and Retry-After.
    Suspended,
    /// Read only for good, and says so.
    Archived,
}

/// `registration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Registration {
    /// Everyone makes an account.
    #[default]
    Open,
    /// A new account waits for a superuser.
    Approve,
    /// `grange user add` only.
    Closed,
}

impl WikiConfig {
    /// Where sessions are kept, as it may be shown: no credentials, and `${NAME}` where it came from the environment.
    pub fn shown_session_store(&self) -> String {
        let mut written = self.from_environment.iter();
        match written.find(|(key, _)| *key == "session_store") {
            Some((_, written)) => passwords::hidden(written),
            None => self.session_store.identity(),
        }
    }
}

/// Where sessions or accounts are kept. Places with equal [identities](StorePlace::identity) are one store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StorePlace {
    /// A database in this directory (its real path, symbolic links followed).
    Sqlite(PathBuf),
    /// In this process; the directory is only its name, so that sharing is said in one way for all kinds.
    Memory(PathBuf),
    /// In a server that others may use too. Sessions only.
    Server(Arc<ServerStore>),
}

impl StorePlace {
    /// What kind of store it is, as in `session_store`.
    pub fn kind(&self) -> &'static str {
        match self {
            StorePlace::Sqlite(_) => "sqlite",
            StorePlace::Memory(_) => "memory",
            StorePlace::Server(server) => server.server(),
        }
    }

    /// The directory that names the store, unless it is on a server.
    pub fn dir(&self) -> Option<&Path> {
        match self {
            StorePlace::Sqlite(dir) | StorePlace::Memory(dir) => Some(dir),
            StorePlace::Server(_) => None,
        }
    }

    /// The store as a text, equal for equal stores: what a session realm is made of.
    pub fn identity(&self) -> String {
        match self {
            StorePlace::Sqlite(dir) => format!("sqlite:{}", dir.display()),
            StorePlace::Memory(dir) => format!("memory:{}", dir.display()),
            StorePlace::Server(server) => server.identity().to_owned(),
        }
    }
}

/// What the Python macros of a wiki may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MacroLimits {
    /// The time of one call.
    pub time: Duration,
    /// The memory of one call.
    pub memory_bytes: u64,
    /// How many workers the wiki may keep busy.
    pub workers: usize,
}

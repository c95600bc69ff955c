//! The running farm: one configuration, its address table, and the wikis that are open.
//!
//! A [`Farm`] is a snapshot: a request takes the current one and keeps it to its end, a reload builds the next one
//! beside it. Building opens no wiki; a wiki is opened at the first look (`open_wikis.rs`). What must outlive a
//! snapshot is in `services.rs`. Nothing here speaks HTTP.
//!
//! Start at [`Farm::build`] and [`Farm::open`].

use std::collections::HashMap;
use std::sync::Arc;

use grange_macros::Registry;
use grange_macros::python::PythonMacros;
use grange_session::{Secrets, SessionHandler, SessionStore};
use grange_wiki::Wiki;
use grange_wiki::accounts::{Accounts, LoginLimits};

use crate::builder::{FarmBuilder, HandlerParts};
use crate::check::{FarmConfig, WikiConfig};
use crate::open_wikis::OpenWikis;
use crate::reload::{Difference, SecretsChange, keep_unchanged};
use crate::router::{Entry, Overlap, Route, Router};
use crate::secrets::{FarmSecrets, SecretsFileError};
use crate::services::FarmServices;

mod canonical;
#[cfg(test)]
mod tests;

pub use canonical::canonical_url;

/// One configuration in force.
pub struct Farm {
    /// What was configured.
    pub config: Arc<FarmConfig>,
    /// Which wiki answers where.
    pub router: Router,
    by_id: HashMap<Arc<str>, usize>,
    secrets: FarmSecrets,
    services: Arc<FarmServices>,
    /// What its embedder put in place of its own parts.
    builder: FarmBuilder,
    open: OpenWikis<OpenWiki>,
}

/// A wiki that somebody looks at, with everything a request needs of it.
pub struct OpenWiki {
    /// Its settings.
    pub config: Arc<WikiConfig>,
    /// Pages, history, rights.
    pub wiki: Arc<Wiki>,
    /// The accounts of its user directory.
    pub accounts: Arc<Accounts>,
    /// Who failed to log in there.
    pub login_limits: Arc<LoginLimits>,
    /// From a request to its session and back.
    pub sessions: Arc<dyn SessionHandler>,
    /// Where its sessions are kept.
    pub session_store: Arc<dyn SessionStore>,
    /// The macros its pages may call.
    pub registry: Arc<Registry>,
    /// The macros that are files.
    pub python: Arc<PythonMacros>,
}

/// Why a farm cannot be built. The check finds overlaps first, with files and lines.
#[derive(Debug, thiserror::Error)]
pub enum FarmError {
    /// Two wikis want the same address.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Overlap(Vec<Overlap>),
    /// The secrets file cannot be used.
    #[error(transparent)]
    Secrets(#[from] SecretsFileError),
}

/// Why a wiki cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No wiki has this index.
    #[error("there is no such wiki")]
    NoSuchWiki,
    /// Its pages cannot be opened.
    #[error("wiki \"{id}\": {cause}")]
    Wiki {
        /// Which wiki.
        id: Arc<str>,
        /// Why.
        #[source]
        cause: grange_wiki::OpenError,
    },
}

impl Farm {
    /// The farm of a configuration. Reads the secrets file, and makes it where there is none; opens nothing else.
    ///
    /// # Errors
    /// * [`FarmError::Overlap`]: two entries are the same address.
    /// * [`FarmError::Secrets`]: the secrets file is missing and cannot be made, or others can read it.
    pub fn build(config: FarmConfig, services: &Arc<FarmServices>) -> Result<Farm, FarmError> {
        Farm::builder().build(config, services)
    }

    /// Begins a farm with parts of an embedder's own.
    pub fn builder() -> FarmBuilder {
        FarmBuilder::default()
    }

    pub(crate) fn with_parts(
        config: FarmConfig,
        services: &Arc<FarmServices>,
        builder: FarmBuilder,
    ) -> Result<Farm, FarmError> {
        let router = Router::build(routes(&config)).map_err(FarmError::Overlap)?;
        let secrets = FarmSecrets::open(&config.secrets_file, services.randomness.as_ref())?;
        let config = Arc::new(config);
        services.note_configuration(&config);
        let by_id = config
            .wikis
            .iter()
            .enumerate()
            .map(|(index, wiki)| (Arc::clone(&wiki.id), index))
            .collect();
        Ok(Farm {
            router,
            by_id,
            secrets,
            services: Arc::clone(services),
            builder,
            open: OpenWikis::new(services.open_at_once),
            config,
        })
    }

    /// The farm that follows this one: wikis whose settings did not change go on as they are, open stores and
    /// rendered pages included. This one goes on too, until its last request ends.
    ///
    /// # Errors
    /// * As [`Farm::build`]; this farm is not touched.
    pub fn reload(&self, config: FarmConfig) -> Result<Farm, FarmError> {
        let unchanged = keep_unchanged(config, &self.config);
        let next = self.builder.clone().build(unchanged, &self.services)?;
        let same_help = next.config.data_dir == self.config.data_dir;
        if same_help && next.secrets.same_as(&self.secrets) {
            next.carry_over(self);
        }
        Ok(next)
    }

    /// What leads from an older farm to this one.
    pub fn difference(&self, older: &Farm) -> Difference {
        let secrets = match self.secrets.same_as(&older.secrets) {
            true => SecretsChange::Unchanged,
            false => SecretsChange::Changed,
        };
        Difference {
            secrets,
            ..Difference::between(&older.config, &self.config)
        }
    }

    /// The index of the wiki with this id.
    pub fn wiki_by_id(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// What signs ids and tickets.
    pub fn secrets(&self) -> &Arc<Secrets> {
        self.secrets.secrets()
    }

    /// What outlives this farm.
    pub fn services(&self) -> &Arc<FarmServices> {
        &self.services
    }

    /// The open wiki with this index in [`FarmConfig::wikis`], opened if it is not open yet.
    ///
    /// Many who ask at once open it once. It stays open while somebody holds it.
    ///
    /// # Errors
    /// * [`OpenError::NoSuchWiki`]: the index belongs to another farm.
    /// * [`OpenError::Wiki`]: its store cannot be opened; the next call tries again.
    pub async fn open(&self, wiki: usize) -> Result<Arc<OpenWiki>, OpenError> {
        let config = self.config.wikis.get(wiki).ok_or(OpenError::NoSuchWiki)?;
        let index = u32::try_from(wiki).map_err(|_| OpenError::NoSuchWiki)?;
        self.open.get_or_open(index, self.open_now(config)).await
    }

    /// The wikis that are open at this moment.
    pub fn open_wikis(&self) -> Vec<Arc<OpenWiki>> {
        self.open.all().into_iter().map(|(_, wiki)| wiki).collect()
    }

    async fn open_now(&self, config: &Arc<WikiConfig>) -> Result<Arc<OpenWiki>, OpenError> {
        let services = &self.services;
        let wiki = services.open_pages(&self.config, config).await?;
        let session_store = services.session_store(&config.session_store);
        let accounts = services.accounts(&config.user_store);
        let parts = HandlerParts {
            policy: Arc::clone(&config.session),
            store: Arc::clone(&session_store),
            secrets: Arc::clone(self.secrets()),
            randomness: Arc::clone(&services.randomness),
            accounts: Arc::clone(&accounts),
            hooks: services.session_hooks.clone(),
        };
        Ok(Arc::new(OpenWiki {
            config: Arc::clone(config),
            wiki: Arc::new(wiki),
            accounts,
            login_limits: services.login_limits(&config.user_store),
            sessions: self.builder.handler_of(&config.id, parts),
            session_store,
            registry: self.builder.registry(services),
            python: Arc::new(services.python_macros(config)),
        }))
    }

    /// Takes the open wikis of an older farm whose configuration is the very same object.
    fn carry_over(&self, older: &Farm) {
        for (_, open) in older.open.all() {
            let Some(index) = self.wiki_by_id(&open.config.id) else {
                continue;
            };
            let same = self
                .config
                .wikis
                .get(index)
                .is_some_and(|config| Arc::ptr_eq(config, &open.config));
            if let (true, Ok(index)) = (same, u32::try_from(index)) {
                self.open.adopt(index, open);
            }
        }
    }
}

/// Every entry of a farm, for the address table.
pub fn routes(config: &FarmConfig) -> impl Iterator<Item = Route<'_>> {
    config.wikis.iter().enumerate().flat_map(|(wiki, settings)| {
        let at = (0_u32..)
            .zip(&settings.at)
            .map(|(n, address)| (Entry::Address(n), address));
        let aliases = (0_u32..)
            .zip(&settings.aliases)
            .map(|(n, address)| (Entry::Alias(n), address));
        at.chain(aliases)
            .map(move |(entry, address)| Route { wiki, entry, address })
    })
}

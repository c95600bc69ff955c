//! A new farm in place of the old one, without a request noticing.
//!
//! The configuration is checked, the farm built and every new address bound before
//! anything changes; whatever fails leaves the old farm serving and says why. One
//! reload at a time.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_web::web::Data;
use grange_farm::{Environment, FarmConfig, Loaded, load, render_problems};
use tokio::sync::Mutex;

use crate::listeners::{Listeners, Purpose, admin_address};
use crate::state::{AppState, Live};

/// How often files are read that change while they are read.
const MOST_READINGS: usize = 10;
/// A file is written in a moment, unless it is written for ever.
const BETWEEN_READINGS: Duration = Duration::from_millis(20);

/// Reloads the farm of one process.
pub struct Reloader {
    path: PathBuf,
    environment: Arc<dyn Environment + Send + Sync>,
    state: Data<AppState>,
    listeners: Arc<Listeners>,
    /// The files as they were read last; also keeps reloads from meeting.
    last_read: Mutex<Fingerprint>,
}

/// Path, size and time of change of each file: enough to see that something was written.
type Fingerprint = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// What a reload did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reloaded {
    /// The difference, as "+2 wikis, 1 moved, 3 keys changed".
    Changed(String),
    /// Nothing differs.
    Same,
}

impl Reloader {
    /// For the process with this state and these listeners.
    pub fn new(
        path: PathBuf,
        environment: Arc<dyn Environment + Send + Sync>,
        state: Data<AppState>,
        listeners: Arc<Listeners>,
    ) -> Reloader {
        let last_read = Mutex::new(fingerprint(&state.live.load().farm.config));
        Reloader {
            path,
            environment,
            state,
            listeners,
            last_read,
        }
    }

    /// Puts the farm as its files describe it now in place of the present one.
    ///
    /// # Errors
    /// * the problems as text, when the configuration is wrong, the farm cannot be built or an
    ///   address not bound; nothing has changed then
    pub async fn reload(&self) -> Result<Reloaded, String> {
        let mut last_read = self.last_read.lock().await;
        let (loaded, as_read) = self.read().await;
        *last_read = as_read;
        let outcome = self.replace(loaded).await;
        match &outcome {
            Ok(Reloaded::Changed(difference)) => tracing::info!(difference, "reloaded"),
            Ok(Reloaded::Same) => tracing::info!("reloaded; nothing differs"),
            Err(problems) => {
                tracing::error!("reload refused, the old configuration stays in force:\n{problems}")
            }
        }
        self.state
            .counters
            .note_reload(outcome.as_ref().err().map(String::as_str));
        outcome
    }

    /// Reads the files, again while somebody is writing to them: half of a configuration may well
    /// be a valid one, of a farm with fewer wikis.
    async fn read(&self) -> (Loaded, Fingerprint) {
        let describe = || fingerprint(&self.state.live.load().farm.config);
        for _ in 0..MOST_READINGS {
            let before = describe();
            let loaded = load(&self.path, &*self.environment);
            let half_written = before
                .iter()
                .any(|(path, size, _)| *size == 0 && *path == self.path);
            if !half_written && describe() == before {
                return (loaded, before);
            }
            tokio::time::sleep(BETWEEN_READINGS).await;
        }
        (load(&self.path, &*self.environment), describe())
    }

    async fn replace(&self, loaded: Loaded) -> Result<Reloaded, String> {
        let report = render_problems(&loaded.problems, &loaded.sources);
        let Some(config) = loaded.config else {
            return Err(report);
        };
        if !report.is_empty() {
            tracing::warn!("the configuration has warnings:\n{report}");
        }
        let old = self.state.live.load_full();
        let farm = old.farm.reload(config).map_err(|cause| cause.to_string())?;
        let difference = farm.difference(&old.farm);
        let wanted = wanted_listeners(&farm.config);
        let bound = self.listeners.bind_missing(&farm.config.listen)?;
        let admin = self.listeners.bind_admin(farm.config.admin_listen)?;
        let now = self.state.clock.now();
        self.state.live.store(Arc::new(Live::new(farm, now)));
        for socket in &bound {
            tracing::info!("listening on http://{}", socket.real);
        }
        self.listeners
            .serve(bound, Purpose::Wikis, &self.state)
            .map_err(|cause| cause.to_string())?;
        let admin: Vec<_> = admin.into_iter().collect();
        self.listeners
            .serve(admin, Purpose::Operations, &self.state)
            .map_err(|cause| cause.to_string())?;
        self.listeners.drop_others(&wanted).await;
        Ok(if difference.is_empty() {
            Reloaded::Same
        } else {
            Reloaded::Changed(difference.to_string())
        })
    }

    /// Reloads when a file of the configuration was written, came or went since the last time.
    ///
    /// # Errors
    /// * as [`Reloader::reload`]
    pub async fn reload_if_changed(&self) -> Result<Reloaded, String> {
        let now = fingerprint(&self.state.live.load().farm.config);
        if *self.last_read.lock().await == now {
            return Ok(Reloaded::Same);
        }
        self.reload().await
    }

    /// The files whose change calls for a reload.
    pub fn files(&self) -> Vec<PathBuf> {
        self.state.live.load().farm.config.files.clone()
    }
}

/// Every address that the farm wants served, and what is to answer there.
fn wanted_listeners(config: &FarmConfig) -> Vec<(SocketAddr, Purpose)> {
    let wikis = config.listen.iter().map(|address| (*address, Purpose::Wikis));
    let admin = admin_address(config.admin_listen).map(|address| (address, Purpose::Operations));
    wikis.chain(admin).collect()
}

/// The farm's files and whatever matches its `include` patterns now, as they are on disk.
fn fingerprint(config: &FarmConfig) -> Fingerprint {
    let included = config
        .include
        .iter()
        .filter_map(|pattern| glob::glob(pattern).ok())
        .flatten()
        .flatten();
    let files: BTreeSet<PathBuf> = config.files.iter().cloned().chain(included).collect();
    let described = files.into_iter().map(|path| {
        let facts = std::fs::metadata(&path).ok();
        let size = facts.as_ref().map_or(0, |facts| facts.len());
        (path, size, facts.and_then(|facts| facts.modified().ok()))
    });
    described.collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::testing::config;

    const INCLUDING: &str = "[farm]\ninclude = [\"wikis/*/wiki.toml\"]\n[wiki.a]\nat = [\"a\"]\n";

    #[test]
    fn what_is_written_comes_or_goes_changes_the_fingerprint() {
        let dir = tempfile::tempdir().unwrap();
        let (main, included) = (
            dir.path().join("farmconfig.toml"),
            dir.path().join("wikis/b/wiki.toml"),
        );
        fs::write(&main, INCLUDING).unwrap();
        let config = config(dir.path(), INCLUDING);
        let first = fingerprint(&config);
        assert_eq!(fingerprint(&config), first, "nothing happened");
        fs::write(&main, format!("{INCLUDING}# a word\n")).unwrap();
        let written = fingerprint(&config);
        assert_ne!(written, first);
        fs::create_dir_all(included.parent().unwrap()).unwrap();
        fs::write(&included, "").unwrap();
        assert_ne!(fingerprint(&config), written, "a file that matches came");
        fs::remove_file(&included).unwrap();
        assert_eq!(fingerprint(&config), written, "and went");
        fs::remove_file(&main).unwrap();
        assert_ne!(fingerprint(&config), written);
    }

    #[test]
    fn an_address_is_wanted_for_what_it_serves() {
        let dir = tempfile::tempdir().unwrap();
        let farm =
            "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"127.0.0.1:0\"\n[wiki.a]\nat = [\"a\"]\n";
        let any = "127.0.0.1:0".parse().unwrap();
        let wanted = wanted_listeners(&config(dir.path(), farm));
        assert_eq!(wanted, [(any, Purpose::Wikis), (any, Purpose::Operations)]);
        let off = farm.replace("admin_listen = \"127.0.0.1:0\"", "admin_listen = \"\"");
        assert_eq!(
            wanted_listeners(&config(dir.path(), &off)),
            [(any, Purpose::Wikis)]
        );
    }
}

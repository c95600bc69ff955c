//! A farm in a temporary directory, for the tests of this crate.
//!
//! Words: [`TestFarm::new`] takes the tables of a farmconfig.toml without `[farm]`; all relative paths land in the
//! temporary directory. `test.open("one")` opens a wiki, `test.reload(text)` builds the next farm.

use std::path::Path;
use std::sync::Arc;

use grange_macros::Registry;
use grange_session::{Outcome, RequestFacts, SystemRandomness};
use grange_wiki::accounts::{Approval, HashCost, Hashing, NewAccount, Origin, User};
use grange_wiki::rights::Viewer;
use grange_wiki::{Author, PageName, Save};
use jiff::Timestamp;

use crate::address::Authority;
use crate::check::{FarmConfig, load_text};
use crate::environment::NoEnvironment;
use crate::farm::{Farm, OpenWiki};
use crate::services::FarmServices;

pub(crate) struct TestFarm {
    pub(crate) farm: Farm,
    pub(crate) services: Arc<FarmServices>,
    dir: tempfile::TempDir,
}

pub(crate) fn now() -> Timestamp {
    "2026-02-03T04:05:06Z".parse().unwrap()
}

/// A request to this host over http, without a port.
pub(crate) fn asked(host: &str) -> Authority<'_> {
    Authority {
        https: false,
        host,
        port: None,
    }
}

pub(crate) fn cheap_services() -> Arc<FarmServices> {
    let services = FarmServices::new(Registry::builtin(), Arc::new(SystemRandomness));
    Arc::new(services.with_hashing(Hashing::with_cost(HashCost::WEAKEST).unwrap()))
}

/// The configuration as if it stood in `dir`.
pub(crate) fn config(dir: &Path, text: &str) -> FarmConfig {
    let loaded = load_text(&dir.join("farmconfig.toml"), text, &NoEnvironment);
    loaded.config.unwrap_or_else(|| panic!("{:#?}", loaded.problems))
}

impl TestFarm {
    pub(crate) fn new(text: &str) -> TestFarm {
        let dir = tempfile::tempdir().unwrap();
        let services = cheap_services();
        let farm = Farm::build(config(dir.path(), text), &services).unwrap();
        TestFarm { farm, services, dir }
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn reload(&self, text: &str) -> Farm {
        self.farm.reload(config(self.dir(), text)).unwrap()
    }

    pub(crate) async fn open(&self, id: &str) -> Arc<OpenWiki> {
        open(&self.farm, id).await
    }

    pub(crate) async fn save(&self, id: &str, page: &str) {
        let name = PageName::parse(page).unwrap();
        let save = Save::new(name, "Text.", 0, Author::named("Ada"), now());
        self.open(id).await.wiki.save(save).await.unwrap();
    }

    pub(crate) async fn register(&self, id: &str, name: &str) -> User {
        let origin = Origin::Form {
            reserved: &[],
            approval: Approval::NotNeeded,
        };
        let new = NewAccount {
            name,
            password: "correct horse",
            email: "",
            origin,
        };
        self.open(id).await.accounts.register(new, now()).await.unwrap()
    }

    /// Lets a guest come, come back with the cookie, and write: the life of the first stored session.
    pub(crate) async fn store_guest_session(&self, wiki: &OpenWiki, now: Timestamp) -> String {
        let came = Outcome {
            offer_pending: true,
            discard_writes: false,
            now,
            https: false,
        };
        let facts = RequestFacts::at(now);
        let changes = wiki
            .sessions
            .finish(wiki.sessions.open(&facts).await, &came)
            .await
            .unwrap();
        let cookie = changes
            .first()
            .map(|change| change.header_value().to_owned())
            .unwrap();
        let pair = cookie.split(';').next().unwrap().as_bytes();
        let headers: [&[u8]; 1] = [pair];
        let facts = RequestFacts {
            cookie_headers: &headers,
            ..RequestFacts::at(now)
        };
        let mut session = wiki.sessions.open(&facts).await;
        session.insert("test", 5).unwrap();
        wiki.sessions.finish(session, &came).await.unwrap();
        wiki.sessions.open(&facts).await.key_text().unwrap().to_owned()
    }
}

pub(crate) async fn open(farm: &Farm, id: &str) -> Arc<OpenWiki> {
    farm.open(farm.wiki_by_id(id).unwrap()).await.unwrap()
}

pub(crate) fn viewer_of(user: &User) -> Viewer {
    Viewer {
        user_id: Some(user.id.clone()),
        name: Some(user.name.to_string()),
        ..Viewer::anonymous()
    }
}

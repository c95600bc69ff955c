//! The office over a small farm: whose sessions, in words and numbers.
//!
//! Sessions begin here as they do in a browser, by a login through the cookie handler; the stores
//! are in memory. That file stores do the same is the session crate's acceptance suite.

use std::path::Path;

use grange_farm::{FarmConfig, NoEnvironment, load_text};
use grange_macros::Registry;
use grange_session::{
    CookieHandler, Identity, Outcome, RequestFacts, Secrets, SessionHandler, SystemRandomness,
};
use grange_wiki::accounts::{NewAccount, Origin};

use super::*;

struct Farm {
    config: FarmConfig,
    services: FarmServices,
    secrets: Arc<Secrets>,
}

impl Farm {
    fn new(extra: &str) -> Farm {
        let text =
            format!("[wiki.a]\nat = [\"a\"]\nsession_store = \"memory\"\nuser_store = \"memory\"\n{extra}");
        let loaded = load_text(Path::new("/nowhere/farmconfig.toml"), &text, &NoEnvironment);
        let config = loaded.config.unwrap_or_else(|| panic!("{:?}", loaded.problems));
        let services = FarmServices::new(Registry::builtin(), Arc::new(SystemRandomness));
        let secrets = Arc::new(Secrets::parse(&Secrets::generate_line(&SystemRandomness)).unwrap());
        Farm {
            config,
            services,
            secrets,
        }
    }

    fn wiki(&self) -> &WikiConfig {
        &self.config.wikis[0]
    }

    fn office(&self) -> Office {
        Office::of(self.wiki(), &self.services, Some(Arc::clone(&self.secrets)))
    }

    async fn user(&self, name: &str) -> String {
        let new = NewAccount {
            name,
            password: "correct horse",
            email: "",
            origin: Origin::Administrator,
        };
        self.office().accounts.register(new, now()).await.unwrap().id
    }

    /// Logs somebody in, as the login form does.
    async fn log_in(&self, user_id: &str) {
        let store = self.services.session_store(&self.wiki().session_store);
        let handler = CookieHandler::new(
            self.wiki().session.clone(),
            store,
            Arc::clone(&self.secrets),
            Arc::new(SystemRandomness),
        );
        let facts = RequestFacts {
            user_agent: Some("Firefox/140.0"),
            ..RequestFacts::at(now())
        };
        let mut session = handler.open(&facts).await;
        let identity = Identity {
            user_id: user_id.to_owned(),
            auth_method: "password".to_owned(),
            auth_time: now(),
            account_generation: 1,
        };
        session.log_in(identity, Remember::No);
        let outcome = Outcome {
            offer_pending: false,
            discard_writes: false,
            now: now(),
            https: false,
        };
        handler.finish(session, &outcome).await.unwrap();
    }

    async fn obey(&self, order: SessionOrder) -> Result<Done, OfficeError> {
        self.office().obey(&order, now(), |_| ()).await
    }

    async fn listed(&self, user: Option<&str>) -> Vec<SessionRow> {
        match self
            .obey(SessionOrder::List {
                user: user.map(str::to_owned),
            })
            .await
            .unwrap()
        {
            Done::Listed(rows) => rows,
            other => panic!("{other:?}"),
        }
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_750_000_000).unwrap()
}

fn kill(name: &str) -> SessionOrder {
    SessionOrder::Kill(Whom::User(name.to_owned()))
}

#[tokio::test]
async fn sessions_are_listed_under_their_users_names() {
    let farm = Farm::new("");
    let (mia, tom) = (farm.user("Mia").await, farm.user("Tom").await);
    for user in [&mia, &mia, &tom] {
        farm.log_in(user).await;
    }
    assert_eq!(farm.listed(None).await.len(), 3);
    let hers = farm.listed(Some("mIA")).await;
    assert_eq!(hers.len(), 2);
    assert!(
        hers.iter()
            .all(|row| row.user.as_deref() == Some("Mia") && row.wiki == "a")
    );
    assert!(hers[0].created.starts_with("2025-06-15T") && !hers[0].remember);
}

#[tokio::test]
async fn a_list_shows_labels_and_nothing_of_the_store() {
    let farm = Farm::new("");
    let mia = farm.user("Mia").await;
    farm.log_in(&mia).await;
    farm.log_in(&mia).await;
    let (store, realm) = (&farm.office().sessions, &farm.wiki().session.realm);
    let stored = store.list(realm, None, now()).await.unwrap();
    let shown: Vec<String> = farm.listed(None).await.into_iter().map(|row| row.key).collect();
    for label in &shown {
        assert_eq!(label.len(), 8);
        assert!(stored.iter().all(|session| !session.key.to_hex().contains(label)));
    }
    let labels: Vec<String> = stored
        .iter()
        .map(|session| session.key.label(&farm.secrets))
        .collect();
    assert_eq!(shown, labels);
    let unlabelled = Office::of(farm.wiki(), &farm.services, None);
    let order = SessionOrder::List { user: None };
    let Done::Listed(rows) = unlabelled.obey(&order, now(), |_| ()).await.unwrap() else {
        panic!("no list");
    };
    assert!(rows.iter().all(|row| row.key == "-"));
}

#[tokio::test]
async fn a_kill_by_name_ends_that_users_sessions_and_counts_them() {
    let farm = Farm::new("");
    let (mia, tom) = (farm.user("Mia").await, farm.user("Tom").await);
    for user in [&mia, &mia, &mia, &tom] {
        farm.log_in(user).await;
    }
    assert_eq!(farm.obey(kill("mia")).await.unwrap(), Done::Ended(3));
    assert_eq!(farm.obey(kill("mia")).await.unwrap(), Done::Ended(0));
    assert_eq!(farm.listed(None).await.len(), 1);
    assert_eq!(
        farm.obey(SessionOrder::Kill(Whom::Guests)).await.unwrap(),
        Done::Ended(0)
    );
    assert_eq!(
        farm.obey(SessionOrder::Kill(Whom::Everyone)).await.unwrap(),
        Done::Ended(1)
    );
    assert!(farm.listed(None).await.is_empty());
}

#[tokio::test]
async fn who_has_no_account_is_named_in_the_refusal() {
    let farm = Farm::new("");
    let refused = farm.obey(kill("Nobody")).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "there is no account \"Nobody\" in wiki \"a\""
    );
    assert!(
        farm.obey(SessionOrder::List {
            user: Some("Nobody".into())
        })
        .await
        .is_err()
    );
}

#[tokio::test]
async fn a_session_whose_account_is_gone_is_listed_under_its_id() {
    let farm = Farm::new("");
    let mia = farm.user("Mia").await;
    farm.log_in(&mia).await;
    farm.office().accounts.delete(&mia).await.unwrap();
    assert_eq!(farm.listed(None).await[0].user, Some(mia));
}

#[tokio::test]
async fn a_sweep_tells_every_step_and_the_sum() {
    let farm = Farm::new("");
    let mia = farm.user("Mia").await;
    farm.log_in(&mia).await;
    farm.obey(kill("Mia")).await.unwrap();
    let mut told = 0;
    let much_later = now() + jiff::SignedDuration::from_hours(24 * 500);
    let done = farm
        .office()
        .obey(&SessionOrder::Sweep, much_later, |removed| told += removed)
        .await
        .unwrap();
    assert!(told >= 1);
    assert_eq!(done, Done::Swept(told));
}

#[test]
fn one_store_in_memory_is_enough_to_need_a_running_server() {
    assert!(lives_in_memory(Farm::new("").wiki()));
    let text = "[wiki.a]\nat = [\"a\"]\n";
    let loaded = load_text(Path::new("/nowhere/farmconfig.toml"), text, &NoEnvironment);
    assert!(!lives_in_memory(&loaded.config.unwrap().wikis[0]));
    for store in ["session_store", "user_store"] {
        let text = format!("{text}{store} = \"memory\"\n");
        let loaded = load_text(Path::new("/nowhere/farmconfig.toml"), &text, &NoEnvironment);
        assert!(lives_in_memory(&loaded.config.unwrap().wikis[0]), "{store}");
    }
}

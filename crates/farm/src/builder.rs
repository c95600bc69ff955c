//! What a program that embeds the farm puts in place of the farm's own parts.
//!
//! [`Farm::builder`] begins one. It is kept by the farm it builds, so a reload builds the next farm with the
//! same parts. A farm that nobody changed anything about is [`Farm::build`].

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use grange_macros::{Macro, Registry};
use grange_session::{
    CookieHandler, Randomness, Secrets, SessionHandler, SessionHooks, SessionPolicy, SessionStore,
};
use grange_wiki::accounts::Accounts;

use crate::check::FarmConfig;
use crate::farm::{Farm, FarmError};
use crate::services::FarmServices;

/// Builds farms with parts of an embedder's own.
#[derive(Clone, Default)]
pub struct FarmBuilder {
    handler: Option<MakeHandler>,
    handlers: HashMap<String, MakeHandler>,
    macros: Vec<Arc<dyn Macro>>,
    /// The services' macros and these: made once, so that all farms of a process share it.
    registry: Arc<OnceLock<Arc<Registry>>>,
}

type MakeHandler = Arc<dyn Fn(HandlerParts) -> Arc<dyn SessionHandler> + Send + Sync>;

/// What a session handler of one wiki may be made of.
#[derive(Clone)]
pub struct HandlerParts {
    /// What the wiki's configuration decides about its sessions.
    pub policy: Arc<SessionPolicy>,
    /// Where its sessions are kept.
    pub store: Arc<dyn SessionStore>,
    /// What signs ids and tickets.
    pub secrets: Arc<Secrets>,
    /// Unguessable bytes.
    pub randomness: Arc<dyn Randomness>,
    /// The accounts of its user directory.
    pub accounts: Arc<Accounts>,
    /// Who hears of what happens to sessions.
    pub hooks: Option<Arc<dyn SessionHooks>>,
}

impl HandlerParts {
    /// The handler that the wiki would have had, to build on or to fall back to.
    pub fn cookie_handler(&self) -> CookieHandler {
        let handler = CookieHandler::new(
            Arc::clone(&self.policy),
            Arc::clone(&self.store),
            Arc::clone(&self.secrets),
            Arc::clone(&self.randomness),
        );
        match &self.hooks {
            Some(hooks) => handler.with_hooks(Arc::clone(hooks)),
            None => handler,
        }
    }
}

impl FarmBuilder {
    /// Another session handler for every wiki that has none of its own. `make` is called whenever a wiki is
    /// opened.
    #[must_use]
    pub fn session_handler<F>(mut self, make: F) -> FarmBuilder
    where
        F: Fn(HandlerParts) -> Arc<dyn SessionHandler> + Send + Sync + 'static,
    {
        self.handler = Some(Arc::new(make));
        self
    }

    /// Another session handler for the wiki with this id, whether the farm has it now or after a reload.
    #[must_use]
    pub fn session_handler_of<F>(mut self, wiki: &str, make: F) -> FarmBuilder
    where
        F: Fn(HandlerParts) -> Arc<dyn SessionHandler> + Send + Sync + 'static,
    {
        self.handlers.insert(wiki.to_owned(), Arc::new(make));
        self
    }

    /// One more macro for the pages of every wiki. It replaces a built-in one of the same name.
    #[must_use]
    pub fn register(mut self, added: impl Macro + 'static) -> FarmBuilder {
        self.macros.push(Arc::new(added));
        self.registry = Arc::default();
        self
    }

    /// The farm of a configuration.
    ///
    /// # Errors
    /// * As [`Farm::build`].
    pub fn build(self, config: FarmConfig, services: &Arc<FarmServices>) -> Result<Farm, FarmError> {
        Farm::with_parts(config, services, self)
    }

    /// The macros that pages may call.
    pub(crate) fn registry(&self, services: &FarmServices) -> Arc<Registry> {
        match self.macros.is_empty() {
            true => Arc::clone(&services.registry),
            false => Arc::clone(
                self.registry
                    .get_or_init(|| Arc::new(services.registry.with(&self.macros))),
            ),
        }
    }

    /// The session handler of a wiki that is being opened.
    pub(crate) fn handler_of(&self, wiki: &str, parts: HandlerParts) -> Arc<dyn SessionHandler> {
        match self.handlers.get(wiki).or(self.handler.as_ref()) {
            Some(make) => make(parts),
            None => Arc::new(parts.cookie_handler()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use grange_session::{CookieChange, FinishError, Outcome, RequestFacts, Session};

    use crate::testing::{cheap_services, config};

    /// Knows everybody as one user.
    struct Everybody(&'static str);

    #[async_trait]
    impl SessionHandler for Everybody {
        async fn open(&self, facts: &RequestFacts<'_>) -> Session {
            let identity = grange_session::Identity {
                user_id: self.0.into(),
                auth_method: "test".into(),
                auth_time: facts.now,
                account_generation: 0,
            };
            Session::for_test([("a", 1)], Some(identity))
        }

        async fn finish(&self, _: Session, _: &Outcome) -> Result<Vec<CookieChange>, FinishError> {
            Ok(Vec::new())
        }
    }

    async fn user(farm: &Farm, wiki: &str) -> Option<String> {
        let open = farm.open(farm.wiki_by_id(wiki).unwrap()).await.unwrap();
        let facts = RequestFacts::at(crate::testing::now());
        let session = open.sessions.open(&facts).await;
        session.identity().map(|identity| identity.user_id.clone())
    }

    const TWO: &str = "[wiki.a]\nat = [\"a\"]\n[wiki.b]\nat = [\"b\"]\n";

    #[tokio::test]
    async fn one_wiki_or_the_whole_farm_can_have_another_session_handler_also_after_a_reload() {
        let dir = tempfile::tempdir().unwrap();
        let services = cheap_services();
        let builder = Farm::builder().session_handler_of("a", |_| Arc::new(Everybody("alice")));
        let farm = builder.clone().build(config(dir.path(), TWO), &services).unwrap();
        assert_eq!(user(&farm, "a").await.as_deref(), Some("alice"));
        assert_eq!(user(&farm, "b").await, None);
        let renamed = config(dir.path(), &TWO.replace("\"a\"", "\"c\""));
        let farm = farm.reload(renamed).unwrap();
        assert_eq!(user(&farm, "a").await.as_deref(), Some("alice"));
        let builder = builder.session_handler(|_| Arc::new(Everybody("bob")));
        let farm = builder.build(config(dir.path(), TWO), &services).unwrap();
        assert_eq!(user(&farm, "a").await.as_deref(), Some("alice"));
        assert_eq!(user(&farm, "b").await.as_deref(), Some("bob"));
    }

    /// Counts logins.
    #[derive(Default)]
    struct Logins(std::sync::Mutex<Vec<String>>);

    impl SessionHooks for Logins {
        fn notice(&self, notice: &grange_session::SessionNotice<'_>) {
            if let grange_session::SessionEvent::LoggedIn { user_id, .. } = notice.event {
                self.0
                    .lock()
                    .unwrap()
                    .push(format!("{user_id} on {}", notice.wiki));
            }
        }
    }

    #[tokio::test]
    async fn session_hooks_hear_of_every_wiki() {
        let (dir, logins) = (tempfile::tempdir().unwrap(), Arc::new(Logins::default()));
        let services = FarmServices::new(
            grange_macros::Registry::builtin(),
            Arc::new(grange_session::SystemRandomness),
        );
        let services = Arc::new(services.with_session_hooks(logins.clone()));
        let farm = Farm::build(config(dir.path(), TWO), &services).unwrap();
        let now = crate::testing::now();
        for (wiki, index) in [("a", 0), ("b", 1)] {
            let open = farm.open(index).await.unwrap();
            let mut session = open.sessions.open(&RequestFacts::at(now)).await;
            let identity = grange_session::Identity {
                user_id: "u1".into(),
                auth_method: "password".into(),
                auth_time: now,
                account_generation: 1,
            };
            session.log_in(identity, grange_session::Remember::No);
            let outcome = Outcome {
                offer_pending: false,
                discard_writes: false,
                now,
                https: false,
            };
            assert_eq!(
                open.sessions.finish(session, &outcome).await.unwrap().len(),
                1,
                "{wiki}"
            );
        }
        assert_eq!(*logins.0.lock().unwrap(), ["u1 on a", "u1 on b"]);
    }
}

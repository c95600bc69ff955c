//! What can be done to the sessions of a wiki's realm, on the stores directly.
//!
//! The command line does it itself where the stores are files, and asks a running server to do it
//! where they are in its memory; both come here, so that both mean the same.

use std::sync::Arc;

use grange_farm::{FarmServices, StorePlace, WikiConfig};
use grange_session::{Kill, Realm, Remember, SWEEP_STEP, Secrets, SessionStore, SessionSummary, StoreError};
use grange_wiki::accounts::{Accounts, UserStoreError};
use jiff::Timestamp;

use super::protocol::{SessionOrder, SessionRow, Whom};

/// The sessions of one wiki's realm and the accounts they belong to.
pub(crate) struct Office {
    wiki: Arc<str>,
    realm: Realm,
    sessions: Arc<dyn SessionStore>,
    accounts: Arc<Accounts>,
    secrets: Option<Arc<Secrets>>,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OfficeError {
    /// Nobody has this name.
    #[error("there is no account \"{name}\" in wiki \"{wiki}\"")]
    NoSuchUser {
        /// The name.
        name: String,
        /// The wiki.
        wiki: Arc<str>,
    },
    /// The session store does not answer.
    #[error(transparent)]
    Sessions(#[from] StoreError),
    /// The accounts cannot be read.
    #[error(transparent)]
    Accounts(#[from] UserStoreError),
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Done {
    /// The sessions, latest used first.
    Listed(Vec<SessionRow>),
    /// So many were ended.
    Ended(u64),
    /// So many things were removed.
    Swept(u64),
}

/// Whether a wiki's sessions can only be reached in the memory of a running server.
pub(crate) fn lives_in_memory(wiki: &WikiConfig) -> bool {
    [&wiki.session_store, &wiki.user_store]
        .iter()
        .any(|place| matches!(place, StorePlace::Memory(_)))
}

impl Office {
    /// The office of a wiki. Without the farm's secrets its lists have no labels by which to tell sessions apart.
    pub(crate) fn of(wiki: &WikiConfig, services: &FarmServices, secrets: Option<Arc<Secrets>>) -> Office {
        Office {
            wiki: wiki.id.clone(),
            realm: wiki.session.realm,
            sessions: services.session_store(&wiki.session_store),
            accounts: services.accounts(&wiki.user_store),
            secrets,
        }
    }

    /// Does what is asked. `swept` is told how many things were removed, step by step.
    ///
    /// # Errors
    /// * [`OfficeError`].
    pub(crate) async fn obey(
        &self,
        order: &SessionOrder,
        now: Timestamp,
        swept: impl FnMut(u64) + Send,
    ) -> Result<Done, OfficeError> {
        match order {
            SessionOrder::List { user } => Ok(Done::Listed(self.list(user.as_deref(), now).await?)),
            SessionOrder::Kill(whom) => Ok(Done::Ended(self.kill(whom, now).await?)),
            SessionOrder::Sweep => Ok(Done::Swept(self.sweep(now, swept).await?)),
        }
    }

    async fn list(&self, user: Option<&str>, now: Timestamp) -> Result<Vec<SessionRow>, OfficeError> {
        let id = match user {
            Some(name) => Some(self.id_of(name).await?),
            None => None,
        };
        let found = self.sessions.list(&self.realm, id.as_deref(), now).await?;
        let mut rows = Vec::with_capacity(found.len());
        for summary in found {
            rows.push(self.row(summary).await?);
        }
        Ok(rows)
    }

    async fn kill(&self, whom: &Whom, now: Timestamp) -> Result<u64, OfficeError> {
        let id = match whom {
            Whom::User(name) => self.id_of(name).await?,
            Whom::Guests => return Ok(self.sessions.kill(&self.realm, Kill::Guests, now).await?),
            Whom::Everyone => return Ok(self.sessions.kill(&self.realm, Kill::Everyone, now).await?),
        };
        Ok(self.sessions.kill(&self.realm, Kill::User(&id), now).await?)
    }

    async fn sweep(&self, now: Timestamp, mut swept: impl FnMut(u64)) -> Result<u64, OfficeError> {
        let mut removed = 0;
        loop {
            let step = self.sessions.sweep(now, SWEEP_STEP).await?;
            removed += step.removed;
            swept(step.removed);
            if !step.more {
                return Ok(removed);
            }
            // Requests that want the store come first.
            tokio::task::yield_now().await;
        }
    }

    async fn id_of(&self, name: &str) -> Result<String, OfficeError> {
        let user = self.accounts.by_name(name).await?;
        let nobody = || OfficeError::NoSuchUser {
            name: name.to_owned(),
            wiki: self.wiki.clone(),
        };
        Ok(user.ok_or_else(nobody)?.id)
    }

    async fn row(&self, summary: SessionSummary) -> Result<SessionRow, OfficeError> {
        Ok(SessionRow {
            key: match &self.secrets {
                Some(secrets) => summary.key.label(secrets),
                None => "-".to_owned(),
            },
            user: self.name_of(summary.user_id).await?,
            acting: self.name_of(summary.acting).await?,
            wiki: summary.wiki,
            browser: summary.browser,
            created: summary.created.to_string(),
            last_seen: summary.last_seen.to_string(),
            remember: summary.remember == Remember::Yes,
        })
    }

    /// The name of an account; its id, where the account is gone.
    async fn name_of(&self, id: Option<String>) -> Result<Option<String>, OfficeError> {
        let Some(id) = id else { return Ok(None) };
        let user = self.accounts.by_id(&id).await?;
        Ok(Some(user.map_or(id, |user| user.name.as_str().to_owned())))
    }
}

#[cfg(test)]
#[path = "sessions_tests.rs"]
mod tests;

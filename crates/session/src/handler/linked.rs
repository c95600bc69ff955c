//! What the handler does so that one login on several hosts begins and ends as one.
//!
//! A session that is part of no such login costs nothing here. How codes carry a login is handover.rs.

use jiff::Timestamp;

use super::{CookieHandler, FinishError};
use crate::handover::{end_login, find_origin};
use crate::hooks::EndReason;
use crate::id::{SessionId, StoreKey};
use crate::identity::{Identity, LoginLink, LoginPart};
use crate::record::Record;
use crate::session::Session;

impl CookieHandler {
    /// Takes a login back that was handed over from where it has ended meanwhile: whoever logs out looks for
    /// sessions like this one, and may have looked just before it was made.
    pub(super) async fn check_handed_over(
        &self,
        id: &SessionId,
        record: &Record,
        now: Timestamp,
    ) -> Result<(), FinishError> {
        let (Some(link), Some(user_id)) = (&record.about.link, record.user_id()) else {
            return Ok(());
        };
        if link.part == LoginPart::Origin {
            return Ok(());
        }
        let (store, realm) = (self.store.as_ref(), &self.policy.realm);
        let origin = find_origin(store, realm, user_id, &link.login, now).await;
        if let Ok(Some(_)) = origin {
            return Ok(());
        }
        // If even this fails, nobody was told the id.
        let deleted = store.delete(id.key(), realm, now).await;
        match (origin, deleted) {
            (Ok(_), Ok(_)) => Err(FinishError::LoginEnded),
            (Err(error), _) | (_, Err(error)) => Err(FinishError::NotStored(error.into())),
        }
    }

    /// Ends the sessions on other hosts that are of the same login as this record.
    pub(super) async fn end_elsewhere(
        &self,
        record: &Record,
        spared: Option<&StoreKey>,
        reason: EndReason,
        now: Timestamp,
    ) -> Result<(), FinishError> {
        let (Some(link), Some(user_id)) = (&record.about.link, record.user_id()) else {
            return Ok(());
        };
        let (store, realm) = (self.store.as_ref(), &self.policy.realm);
        let ended = end_login(store, realm, user_id, &link.login, spared, now)
            .await
            .map_err(|error| FinishError::NotStored(error.into()))?;
        self.tell_ended(Some(user_id), reason, ended, now);
        Ok(())
    }

    /// After a password change the other sessions of the login are void, and what ends them must not end this one.
    pub(super) fn link_after(&self, session: &Session, before: &Record) -> Option<LoginLink> {
        let generation = |identity: &Identity| identity.account_generation;
        let is_same =
            session.identity.as_ref().map(generation) == before.about.identity.as_ref().map(generation);
        match &before.about.link {
            Some(link) if link.part == LoginPart::Origin && !is_same => {
                Some(LoginLink::begin(self.randomness.as_ref()))
            }
            Some(_) if !is_same => None,
            link => link.clone(),
        }
    }
}

//! What the handler tells the hooks after a login, a logout or a new id has been stored.
//!
//! Nothing here decides or stores; without hooks nothing is asked of a store.

use std::sync::Arc;

use jiff::Timestamp;

use super::CookieHandler;
use crate::hooks::{EndReason, SessionEvent, SessionHooks, SessionNotice};
use crate::record::Record;
use crate::session::{Session, Standing};

impl CookieHandler {
    /// The same, telling somebody what happens to its sessions.
    pub fn with_hooks(self, hooks: Arc<dyn SessionHooks>) -> CookieHandler {
        CookieHandler {
            hooks: Some(hooks),
            ..self
        }
    }

    fn notice(&self, event: SessionEvent<'_>, at: Timestamp) {
        if let Some(hooks) = &self.hooks {
            let wiki = &self.policy.wiki;
            hooks.notice(&SessionNotice { wiki, at, event });
        }
    }

    /// How many of a user's sessions a login will end because they are too many.
    pub(super) async fn surplus_after(&self, session: &Session, now: Timestamp) -> u64 {
        let (Some(_), Some(identity)) = (&self.hooks, &session.identity) else {
            return 0;
        };
        let (realm, user_id) = (&self.policy.realm, Some(identity.user_id.as_str()));
        let Ok(part) = self.store.list_part(realm, user_id, 0, 0, now).await else {
            return 0;
        };
        let replaces_own =
            matches!(&session.standing, Standing::Stored(_, before) if before.user_id() == user_id);
        let most = self.policy.max_sessions_per_user.max(1) as u64;
        (part.total + u64::from(!replaces_own)).saturating_sub(most)
    }

    pub(super) fn tell_created(&self, now: Timestamp) {
        self.notice(SessionEvent::Created, now);
    }

    pub(super) fn tell_login(&self, session: &Session, record: &Record, surplus: u64, now: Timestamp) {
        if let Standing::Stored(_, before) = &session.standing {
            self.tell_acting_ended(before, now);
            self.tell_ended(before.user_id(), EndReason::Replaced, 1, now);
        }
        let Some(user_id) = record.user_id() else { return };
        let remember = record.about.remember;
        self.notice(SessionEvent::LoggedIn { user_id, remember }, now);
        self.tell_ended(Some(user_id), EndReason::Surplus, surplus, now);
    }

    pub(super) fn tell_logout(&self, before: &Record, now: Timestamp) {
        self.tell_acting_ended(before, now);
        if let Some(user_id) = before.user_id() {
            self.notice(SessionEvent::LoggedOut { user_id }, now);
        }
        self.tell_ended(before.user_id(), EndReason::LoggedOut, 1, now);
    }

    pub(super) fn tell_renewal(&self, before: &Record, after: &Record, now: Timestamp) {
        self.tell_ended(before.user_id(), EndReason::Replaced, 1, now);
        if before.about.acting == after.about.acting {
            return;
        }
        self.tell_acting_ended(before, now);
        if let (Some(user_id), Some(acting)) = (after.user_id(), &after.about.acting) {
            let acting_as = acting.user_id.as_str();
            self.notice(SessionEvent::ActingBegan { user_id, acting_as }, now);
        }
    }

    fn tell_acting_ended(&self, before: &Record, now: Timestamp) {
        if let (Some(user_id), Some(acting)) = (before.user_id(), &before.about.acting) {
            let acting_as = acting.user_id.as_str();
            self.notice(SessionEvent::ActingEnded { user_id, acting_as }, now);
        }
    }

    pub(super) fn tell_ended(&self, user_id: Option<&str>, reason: EndReason, count: u64, now: Timestamp) {
        if count > 0 {
            let ended = SessionEvent::Ended {
                user_id,
                reason,
                count,
            };
            self.notice(ended, now);
        }
    }
}

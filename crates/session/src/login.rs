//! Logging in and out, acting as another user, and new ids: what changes who a session belongs to.
//!
//! Every such change gives the session a new id at the request's end and lets only the configured
//! persistent fields survive; the old id is dead at once. Here the session notes what is to happen;
//! the handler makes it so, in one store operation. Whether the change is allowed (password, superuser,
//! target) is not decided here.

use std::sync::Arc;

use jiff::Timestamp;

use crate::handover::HandedOver;
use crate::identity::{Acting, Identity, LoginLink, LoginPart, Remember};
use crate::policy::SessionPolicy;
use crate::session::{Session, Standing};

/// What happens to the id at the request's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Switch {
    /// A new session of the user that logged in.
    LogIn {
        /// Whether this device is to be remembered.
        remember: Remember,
    },
    /// The session ends; a guest's may go on with what persists.
    LogOut,
    /// The same login goes on under a new id.
    Renew(Renewal),
}

/// Who asked for a new id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// Somebody did, and must be told when it failed.
    Asked,
    /// Somebody did, and the user is the same as before: requests on their way are not turned away.
    SameUser,
    /// Somebody did who gave a new password and proved the old one. A request on its way may have found the session
    /// void by then and ended it; that is no reason to turn away who proved it.
    NewPassword,
    /// Nobody did: the hour of acting as another user is over.
    Overdue,
    /// Nobody did: the record carries moments of a clock that was ahead, which only a new record is rid of.
    WrongClock,
}

impl Session {
    /// The user that logged in (for a superuser who acts as somebody: the superuser).
    pub fn identity(&self) -> Option<&Identity> {
        if self.identity.is_some() {
            self.mark_used();
        }
        self.identity.as_ref()
    }

    /// Whom a superuser acts as. Whether that counts on this wiki is for the caller to decide.
    pub fn acting(&self) -> Option<&Acting> {
        if self.acting.is_some() {
            self.mark_used();
        }
        self.acting.as_ref()
    }

    /// Logs a user in: a new session that keeps the persistent fields of this one. What is written
    /// afterwards in this request belongs to the new session.
    pub fn log_in(&mut self, identity: Identity, remember: Remember) {
        self.mark_used();
        if self
            .identity
            .as_ref()
            .is_some_and(|before| before.user_id != identity.user_id)
        {
            // Another user's session ends first: nothing passes between accounts but what would
            // have passed through a logout.
            self.keep_only(SessionPolicy::survives_logout);
            self.link = None;
        }
        self.keep_only(SessionPolicy::survives_login);
        self.identity = Some(identity);
        self.acting = None;
        self.switch = Some(Switch::LogIn { remember });
    }

    /// Makes the login that was just begun one that can be handed over to other hosts. A user who proved again
    /// who they are goes on with the login that there was.
    pub fn begin_link(&mut self, link: LoginLink) {
        let is_origin = |link: &LoginLink| link.part == LoginPart::Origin;
        if self.identity.is_some() && !self.link.as_ref().is_some_and(is_origin) {
            self.link = Some(link);
        }
    }

    /// The login on several hosts that this session is part of.
    pub fn link(&self) -> Option<&LoginLink> {
        if self.link.is_some() {
            self.mark_used();
        }
        self.link.as_ref()
    }

    /// Logs in whoever logged in elsewhere, as [`Session::log_in`] does. It is no new proof of who they are: the
    /// login ends here when it ends there. Finishing fails when it has ended meanwhile.
    pub fn log_in_handed_over(&mut self, handed: HandedOver) {
        self.log_in(handed.identity, handed.remember);
        self.link = Some(handed.link);
        self.ends = handed.ends;
    }

    /// Logs out, also out of acting as somebody. Does nothing when nobody is logged in. When the store is
    /// down, finishing will say that it could not be done.
    pub fn log_out(&mut self) {
        if self.identity.is_none() && !self.store_is_down() {
            return;
        }
        self.mark_used();
        self.keep_only(SessionPolicy::survives_logout);
        self.identity = None;
        self.acting = None;
        self.link = None;
        self.switch = Some(Switch::LogOut);
    }

    /// Acts as another user, beginning with an empty dict but for the persistent fields. Does nothing
    /// when nobody is logged in or a superuser acts already: that never nests.
    pub fn act_as(&mut self, acting: Acting) {
        if self.identity.is_none() || self.acting.is_some() {
            return;
        }
        self.keep_only(SessionPolicy::survives_login);
        self.acting = Some(acting);
        self.renew(Renewal::Asked);
    }

    /// Returns to being oneself, again with an empty dict but for the persistent fields.
    pub fn stop_acting(&mut self) {
        if self.acting.take().is_some() {
            self.keep_only(SessionPolicy::survives_login);
            self.renew(Renewal::Asked);
        }
    }

    /// The user has proven again who they are: a new id, from which another quarter of an hour counts.
    /// Nothing of the session is lost, and whoever one acts as stays. The old id is dead at once: who else
    /// has it shall have no part in the proof. Does nothing for a guest.
    pub fn prove_again(&mut self, now: Timestamp) {
        if let Some(identity) = &mut self.identity {
            identity.auth_time = now;
            self.renew(Renewal::Asked);
        }
    }

    /// A new id for the same login. Only the persistent fields stay.
    /// The browser's other requests that are on their way with the old id may read the session for half
    /// a minute.
    pub fn rotate(&mut self) {
        self.keep_only(SessionPolicy::survives_login);
        self.renew(Renewal::SameUser);
    }

    /// A new id after a password change that raised the account's generation: this session stays
    /// logged in, all others of the account are void. Killing the user's sessions before would end this
    /// one too.
    pub fn rotate_for_generation(&mut self, account_generation: u64) {
        if let Some(identity) = &mut self.identity {
            identity.account_generation = account_generation;
        }
        self.keep_only(SessionPolicy::survives_login);
        self.renew(Renewal::NewPassword);
    }

    /// Takes all values and the trail out and gives the session a new id. Who is logged in stays.
    ///
    /// ```
    /// # use grange_session::Session;
    /// let mut session = Session::for_test([("a", 1)], None);
    /// session.reset();
    /// assert!(session.is_empty());
    /// ```
    pub fn reset(&mut self) {
        self.keep_only(|_, _| false);
        self.renew(Renewal::SameUser);
    }

    /// Ends acting when its hour is over.
    pub(crate) fn end_overdue_acting(&mut self, now: Timestamp) {
        if self.acting.as_ref().is_some_and(|acting| acting.is_over(now)) {
            self.acting = None;
            self.keep_only(SessionPolicy::survives_login);
            self.renew(Renewal::Overdue);
        }
    }

    /// Gives a session that a wrong clock stamped a record with the right moments. Nothing of it is lost.
    pub(crate) fn renew_after_wrong_clock(&mut self) {
        if matches!(self.standing, Standing::Stored(..)) {
            self.switch = Some(Switch::Renew(Renewal::WrongClock));
        }
    }

    fn renew(&mut self, renewal: Renewal) {
        self.mark_used();
        let planned = match self.switch {
            // A login or logout in this request makes a new id anyway.
            Some(Switch::LogIn { .. } | Switch::LogOut) => return,
            Some(Switch::Renew(Renewal::NewPassword)) => Renewal::NewPassword,
            Some(Switch::Renew(Renewal::Asked)) if renewal != Renewal::NewPassword => Renewal::Asked,
            Some(Switch::Renew(_)) | None => renewal,
        };
        // Where the store is down, finishing says that it could not be done.
        let stored = self.is_stored() && !matches!(self.standing, Standing::Detached(_));
        if stored || self.store_is_down() {
            self.switch = Some(Switch::Renew(planned));
        }
    }

    fn keep_only(&mut self, survives: impl Fn(&SessionPolicy, &str) -> bool) {
        let policy = self.policy.clone();
        let keep = |key: &str| policy.as_ref().is_some_and(|policy| survives(policy, key));
        if self.values.keys().any(|key| !keep(key)) {
            Arc::make_mut(&mut self.values).retain(|key, _| keep(key));
        }
        self.trail = Arc::default();
        self.visits.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, identity, policy};
    use crate::trail::TrailEntry;
    use crate::value::Value;

    fn session() -> Session {
        let mut session = Session::for_test([("language", "ru"), ("cart", "full")], None);
        session.policy = Some(Arc::new(policy()));
        session.visit(TrailEntry::new("w", "Home"), 5);
        session
    }

    fn acting() -> Acting {
        Acting {
            user_id: "u2".into(),
            since: at(0),
            reason: "help".into(),
        }
    }

    #[test]
    fn a_login_keeps_the_persistent_fields_and_nothing_else() {
        let mut session = session();
        session.log_in(identity("u1", at(0)), Remember::No);
        assert_eq!(session.keys().collect::<Vec<_>>(), ["language"]);
        assert!(session.trail().is_empty() && session.changes().visits.is_empty());
        assert_eq!(session.identity().unwrap().user_id, "u1");
    }

    #[test]
    fn what_is_written_after_a_login_belongs_to_it() {
        let mut session = session();
        session.log_in(identity("u1", at(0)), Remember::No);
        session.insert("fresh", 1).unwrap();
        assert!(session.contains_key("fresh"));
    }

    #[test]
    fn logging_in_as_another_user_keeps_only_what_survives_both() {
        let mut session = session();
        let mut rules = policy();
        rules.persistent_on_login = vec!["language".into(), "cart".into()];
        session.policy = Some(Arc::new(rules));
        session.log_in(identity("u1", at(0)), Remember::No);
        assert!(session.contains_key("cart"));
        session.log_in(identity("u2", at(0)), Remember::No);
        assert!(!session.contains_key("cart") && session.contains_key("language"));
    }

    #[test]
    fn a_logout_ends_identity_and_acting_and_clears_the_trail() {
        let mut session = session();
        session.identity = Some(identity("u1", at(0)));
        session.acting = Some(acting());
        session.log_out();
        assert!(session.identity().is_none() && session.acting().is_none() && session.trail().is_empty());
        assert_eq!(session.switch, Some(Switch::LogOut));
        assert_eq!(session.keys().collect::<Vec<_>>(), ["language"]);
    }

    #[test]
    fn a_logout_of_a_guest_changes_nothing() {
        let mut session = session();
        session.log_out();
        assert_eq!((session.switch, session.len()), (None, 2));
    }

    #[test]
    fn acting_needs_a_login_and_never_nests() {
        let mut session = session();
        session.act_as(acting());
        assert!(session.acting().is_none());
        session.identity = Some(identity("u1", at(0)));
        session.act_as(acting());
        session.act_as(Acting {
            user_id: "u3".into(),
            ..acting()
        });
        assert_eq!(session.acting().unwrap().user_id, "u2");
        assert_eq!(session.identity().unwrap().user_id, "u1");
    }

    #[test]
    fn acting_and_returning_begin_with_the_persistent_fields() {
        let mut session = session();
        session.identity = Some(identity("u1", at(0)));
        session.act_as(acting());
        assert_eq!(session.keys().collect::<Vec<_>>(), ["language"]);
        session.insert("seen", true).unwrap();
        session.stop_acting();
        assert_eq!(session.keys().collect::<Vec<_>>(), ["language"]);
        assert!(session.acting().is_none() && session.identity().is_some());
    }

    #[test]
    fn acting_ends_by_itself_after_an_hour() {
        let mut session = session();
        session.identity = Some(identity("u1", at(0)));
        session.act_as(acting());
        session.end_overdue_acting(at(3599));
        assert!(session.acting().is_some());
        session.end_overdue_acting(at(3600));
        assert!(session.acting().is_none());
    }

    #[test]
    fn a_reset_empties_the_dict_and_keeps_the_login() {
        let mut session = session();
        session.identity = Some(identity("u1", at(0)));
        session.reset();
        assert!(session.is_empty() && session.identity().is_some());
    }

    #[test]
    fn a_new_proof_keeps_everything_but_the_id() {
        let mut session = session();
        session.identity = Some(identity("u1", at(0)));
        session.prove_again(at(1000));
        assert_eq!(session.len(), 2);
        assert_eq!(session.identity().unwrap().auth_time, at(1000));
    }

    #[test]
    fn a_rotation_after_a_password_change_takes_the_new_generation() {
        let mut session = session();
        session.identity = Some(identity("u1", at(0)));
        session.rotate_for_generation(7);
        assert_eq!(session.identity().unwrap().account_generation, 7);
        assert_eq!(session.get("language"), Some(&Value::from("ru")));
    }
}

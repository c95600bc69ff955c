//! What a login, a logout or a new id does at the request's end: one store operation, then the cookie.
//!
//! The new record is made before the old one is ended, both in one step, so no failure logs a visitor
//! out by half; and when the store fails, nothing has happened and the answer says so.

use std::time::Duration;

use jiff::Timestamp;

use super::{CookieHandler, FinishError, Outcome};
use crate::cookie::CookieChange;
use crate::id::SessionId;
use crate::identity::Remember;
use crate::login::{Renewal, Switch};
use crate::moment;
use crate::record::{About, Record};
use crate::session::{Session, Standing};
use crate::store::{OldRecord, RotateError, Rotation};

impl CookieHandler {
    pub(super) async fn make_switch(
        &self,
        session: Session,
        switch: Switch,
        outcome: &Outcome,
    ) -> Result<Option<CookieChange>, FinishError> {
        if matches!(session.standing, Standing::Unknown) {
            // The old session could not be ended, so the new one must not begin.
            return Err(FinishError::NotStored("the session store was down".into()));
        }
        match switch {
            Switch::LogIn { remember } => self.log_in(&session, remember, outcome).await,
            Switch::LogOut => self.log_out(&session, outcome).await,
            Switch::Renew(renewal) => self.renew(&session, renewal, outcome).await,
        }
    }

    async fn log_in(
        &self,
        session: &Session,
        remember: Remember,
        outcome: &Outcome,
    ) -> Result<Option<CookieChange>, FinishError> {
        let lifetimes = &self.policy.lifetimes;
        let lifetime = lifetimes.for_login(remember).ok_or(FinishError::LoginDisabled)?;
        let id = self.signer.issue(outcome.now, self.randomness.as_ref());
        let mut record = self.new_record(session, &id, &lifetime, outcome.now);
        record.about.identity.clone_from(&session.identity);
        record.about.acting.clone_from(&session.acting);
        record.about.remember = if lifetimes.offers_remember_me() {
            remember
        } else {
            Remember::No
        };
        let old = known_id(&session.standing);
        match self
            .rotate(old, OldRecord::MayBeGone, &id, &record, outcome.now)
            .await
        {
            Ok(()) => Ok(Some(self.cookie(&id, age(&record, outcome.now), outcome))),
            Err(error) => Err(FinishError::NotStored(error.into())),
        }
    }

    async fn log_out(
        &self,
        session: &Session,
        outcome: &Outcome,
    ) -> Result<Option<CookieChange>, FinishError> {
        let Standing::Stored(old, _) = &session.standing else {
            return Ok(self.save(session, outcome).await);
        };
        match self.policy.lifetimes.for_visitor() {
            Some(lifetime) if !session.values.is_empty() => {
                let id = self.signer.issue(outcome.now, self.randomness.as_ref());
                let record = self.new_record(session, &id, &lifetime, outcome.now);
                let rotated = self
                    .rotate(Some(old), OldRecord::MustLive, &id, &record, outcome.now)
                    .await;
                self.answer_rotation(rotated, &id, &record, outcome)
            }
            _ => {
                let deleted = self
                    .store
                    .delete(old.key(), &self.policy.realm, outcome.now)
                    .await;
                deleted.map_err(|error| FinishError::NotStored(error.into()))?;
                Ok(Some(self.removal(outcome)))
            }
        }
    }

    async fn renew(
        &self,
        session: &Session,
        renewal: Renewal,
        outcome: &Outcome,
    ) -> Result<Option<CookieChange>, FinishError> {
        let Standing::Stored(old, before) = &session.standing else {
            return Ok(self.save(session, outcome).await);
        };
        let id = self.signer.issue(outcome.now, self.randomness.as_ref());
        // The lifetimes go on: a new id is no new login.
        let about = About {
            identity: session.identity.clone(),
            acting: session.acting.clone(),
            ..before.about.clone()
        };
        let mut record = self.record_with(session, &id, about, outcome.now);
        record.cookie_until = age(&record, outcome.now).map(|age| moment::later(outcome.now, age));
        let rotated = self
            .rotate(Some(old), OldRecord::MustLive, &id, &record, outcome.now)
            .await;
        match (self.answer_rotation(rotated, &id, &record, outcome), renewal) {
            (Err(error), Renewal::Overdue) => {
                // The page was made as oneself; the next request tries again.
                tracing::error!(%error, "could not end acting as another user");
                Ok(None)
            }
            (answer, _) => answer,
        }
    }

    async fn rotate(
        &self,
        old: Option<&SessionId>,
        old_record: OldRecord,
        new: &SessionId,
        record: &Record,
        now: Timestamp,
    ) -> Result<(), RotateError> {
        let rotation = Rotation {
            old: old.map(|old| *old.key()),
            old_record,
            old_verifies_until: old.map_or(now, |old| self.verifies_until(old, now)),
            new: *new.key(),
            record,
            max_sessions: self.policy.max_sessions_per_user.max(1),
        };
        self.store.rotate(rotation, now).await
    }

    fn answer_rotation(
        &self,
        rotated: Result<(), RotateError>,
        id: &SessionId,
        record: &Record,
        outcome: &Outcome,
    ) -> Result<Option<CookieChange>, FinishError> {
        match rotated {
            Ok(()) => Ok(Some(self.cookie(id, age(record, outcome.now), outcome))),
            Err(RotateError::Gone(ending)) => Ok(self.withdraw(ending, outcome)),
            Err(error) => Err(FinishError::NotStored(error.into())),
        }
    }
}

/// The id that must be dead after a login.
fn known_id(standing: &Standing) -> Option<&SessionId> {
    match standing {
        Standing::Pending(id) | Standing::Stored(id, _) | Standing::Asleep(id) | Standing::Foreign(id) => {
            Some(id)
        }
        Standing::New | Standing::Ended(_) | Standing::Unknown | Standing::Detached(_) => None,
    }
}

/// The Max-Age of a record's first cookie: never beyond its absolute limit.
fn age(record: &Record, now: Timestamp) -> Option<Duration> {
    let age = Duration::from_secs(record.about.max_age?);
    let left = record
        .about
        .ends
        .map(|ends| moment::between(now, moment::from_millis(ends)));
    Some(left.map_or(age, |left| age.min(Duration::from_secs(left.as_secs()))))
}

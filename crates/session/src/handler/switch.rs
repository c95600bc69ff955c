//! What a login, a logout or a new id does at the request's end: one store operation, then the cookie.
//!
//! The new record is made before the old one is ended, both in one step, so no failure logs a visitor
//! out by half; and when the store fails, nothing has happened and the answer says so.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{CookieHandler, FinishError, Outcome, records};
use crate::cookie::CookieChange;
use crate::hooks::EndReason;
use crate::id::{SessionId, StoreKey};
use crate::identity::Remember;
use crate::login::{Renewal, Switch};
use crate::moment;
use crate::record::{About, Record};
use crate::session::{Session, Standing};
use crate::store::{OldRecord, OnTheirWay, RotateError, Rotation};

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
        let mut record = records::new_record(&self.policy, session, id.key(), &lifetime, outcome.now);
        let about = Arc::make_mut(&mut record.about);
        about.identity.clone_from(&session.identity);
        about.acting.clone_from(&session.acting);
        about.remember = if lifetimes.offers_remember_me() {
            remember
        } else {
            Remember::No
        };
        about.link.clone_from(&session.link);
        if let Some(ends) = session.ends.map(Timestamp::as_millisecond) {
            about.ends = Some(about.ends.map_or(ends, |own| own.min(ends)));
        }
        let surplus = self.surplus_after(session, outcome.now).await;
        let old = known_key(&session.standing);
        if let Err(error) = self
            .rotate(
                old,
                OldRecord::MayBeGone,
                OnTheirWay::Refused,
                &id,
                &record,
                outcome.now,
            )
            .await
        {
            return Err(FinishError::NotStored(error.into()));
        }
        self.check_handed_over(&id, &record, outcome.now).await?;
        if let Standing::Stored(_, before) | Standing::Renewed(_, before) = &session.standing
            && before.about.link != record.about.link
        {
            // Another login took this one's place; on other hosts it would go on.
            self.end_elsewhere(before, None, EndReason::Replaced, outcome.now)
                .await?;
        }
        self.tell_login(session, &record, surplus, outcome.now);
        Ok(Some(self.cookie(&id, age(&record, outcome.now), outcome)))
    }

    async fn log_out(
        &self,
        session: &Session,
        outcome: &Outcome,
    ) -> Result<Option<CookieChange>, FinishError> {
        let (old, before) = match &session.standing {
            Standing::Stored(id, before) => (id.key(), before),
            Standing::Renewed(key, before) => (key, before),
            _ => return Ok(self.save(session, outcome).await),
        };
        // The others first: should that fail, nothing has happened to this one.
        self.end_elsewhere(before, Some(old), EndReason::LoggedOut, outcome.now)
            .await?;
        let change = self.log_out_here(session, old, before, outcome).await?;
        // And those that were handed over meanwhile.
        self.end_elsewhere(before, None, EndReason::LoggedOut, outcome.now)
            .await?;
        Ok(change)
    }

    async fn log_out_here(
        &self,
        session: &Session,
        old: &StoreKey,
        before: &Record,
        outcome: &Outcome,
    ) -> Result<Option<CookieChange>, FinishError> {
        match self.policy.lifetimes.for_visitor() {
            Some(lifetime) if !session.values.is_empty() => {
                let id = self.signer.issue(outcome.now, self.randomness.as_ref());
                let record = records::new_record(&self.policy, session, id.key(), &lifetime, outcome.now);
                let rotated = self
                    .rotate(
                        Some(old),
                        OldRecord::MustLive,
                        OnTheirWay::Refused,
                        &id,
                        &record,
                        outcome.now,
                    )
                    .await;
                if rotated.is_ok() {
                    self.tell_logout(before, outcome.now);
                }
                self.answer_rotation(rotated, &id, &record, outcome)
            }
            _ => {
                let deleted = self.store.delete(old, &self.policy.realm, outcome.now).await;
                if deleted.map_err(|error| FinishError::NotStored(error.into()))? {
                    self.departures.note(*old, outcome.now);
                    self.tell_logout(before, outcome.now);
                }
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
        let (old, before) = match (&session.standing, renewal) {
            (Standing::Stored(id, record), _) => (id.key(), record),
            (Standing::Renewed(..), Renewal::Asked | Renewal::SameUser | Renewal::NewPassword) => {
                return Err(FinishError::NotStored(
                    "the session got a new id meanwhile".into(),
                ));
            }
            _ => return Ok(self.save(session, outcome).await),
        };
        let on_their_way = match renewal {
            Renewal::SameUser | Renewal::WrongClock => OnTheirWay::Follow,
            Renewal::Asked | Renewal::NewPassword | Renewal::Overdue => OnTheirWay::Refused,
        };
        let old_record = match renewal {
            Renewal::NewPassword => OldRecord::MayBeGone,
            Renewal::Asked | Renewal::SameUser | Renewal::Overdue | Renewal::WrongClock => {
                OldRecord::MustLive
            }
        };
        let id = self.signer.issue(outcome.now, self.randomness.as_ref());
        // The lifetimes go on: a new id is no new login.
        let about = About {
            identity: session.identity.clone(),
            acting: session.acting.clone(),
            link: self.link_after(session, before),
            ..About::clone(&before.about)
        };
        let mut record = records::record_with(&self.policy, session, id.key(), about, outcome.now);
        record.cookie_until = age(&record, outcome.now).map(|age| moment::later(outcome.now, age));
        let rotated = self
            .rotate(Some(old), old_record, on_their_way, &id, &record, outcome.now)
            .await;
        if rotated.is_ok() {
            self.tell_renewal(before, &record, outcome.now);
        }
        match (self.answer_rotation(rotated, &id, &record, outcome), renewal) {
            (Err(error), Renewal::Overdue) => {
                // The page was made as oneself; the next request tries again.
                tracing::error!(%error, "could not end acting as another user");
                Ok(None)
            }
            (Err(error), Renewal::WrongClock) => {
                // The session goes on as it is; the next request tries again.
                tracing::warn!(%error, "could not stamp a session anew that a wrong clock had stamped");
                Ok(None)
            }
            (answer, _) => answer,
        }
    }

    async fn rotate(
        &self,
        old: Option<&StoreKey>,
        old_record: OldRecord,
        on_their_way: OnTheirWay,
        new: &SessionId,
        record: &Record,
        now: Timestamp,
    ) -> Result<(), RotateError> {
        let rotation = Rotation {
            old: old.copied(),
            old_record,
            on_their_way,
            old_verifies_until: old.map_or(now, |old| records::verifies_until(&self.policy, old, now)),
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

/// The key that must be dead after a login. One that was dead before is told to be replaced now, so that
/// no other answer gives its browser a first cookie behind the login's.
fn known_key(standing: &Standing) -> Option<&StoreKey> {
    match standing {
        Standing::Pending(id)
        | Standing::Stored(id, _)
        | Standing::Ended(id, _)
        | Standing::Asleep(id)
        | Standing::Foreign(id) => Some(id.key()),
        Standing::Renewed(key, _) | Standing::Outside(key, _) => Some(key),
        Standing::New | Standing::Unknown | Standing::Detached(_) => None,
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

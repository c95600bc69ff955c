//! The end of a request: what of its session is written, and what the browser is told.
//!
//! A switch (login, logout, another user) is `switch.rs`'s; here are the ordinary ends. Start at `save`.

use super::{CookieHandler, Outcome, log_trouble, records, savable_changes};
use crate::cookie::CookieChange;
use crate::delta::Delta;
use crate::id::SessionId;
use crate::moment;
use crate::record::Record;
use crate::session::{Session, Standing};
use crate::store::{CreateError, Ending, MergeError, TouchError, Usage};

impl CookieHandler {
    pub(super) async fn save(&self, session: &Session, outcome: &Outcome) -> Option<CookieChange> {
        match &session.standing {
            Standing::New => self.offer_pending(outcome),
            // A first cookie, too, must not arrive behind the one of the session that took its place.
            Standing::Ended(_, Ending::Replaced) => None,
            Standing::Ended(id, Ending::Ended) if self.departures.is_recent(id.key(), outcome.now) => None,
            Standing::Ended(_, Ending::Ended) => self
                .offer_pending(outcome)
                .or_else(|| Some(self.removal(outcome))),
            Standing::Pending(id) => self.begin(session, id, outcome).await,
            Standing::Stored(id, record) => self.keep(session, id, record, outcome).await,
            Standing::Renewed(..)
            | Standing::Asleep(_)
            | Standing::Foreign(_)
            | Standing::Unknown
            | Standing::Outside(..)
            | Standing::Detached(_) => None,
        }
    }

    /// A first cookie for a visitor of whom nothing is stored.
    fn offer_pending(&self, outcome: &Outcome) -> Option<CookieChange> {
        if !outcome.offer_pending {
            return None;
        }
        let lifetime = self.policy.lifetimes.for_visitor()?;
        let id = self.signer.issue(outcome.now, self.randomness.as_ref());
        Some(self.cookie(&id, self.policy.max_age(lifetime.cookie), outcome))
    }

    /// The first write of a visitor who sent a pending id back.
    async fn begin(&self, session: &Session, id: &SessionId, outcome: &Outcome) -> Option<CookieChange> {
        let delta = savable_changes(session);
        let lifetime = self.policy.lifetimes.for_visitor()?;
        if delta.is_empty() {
            return None;
        }
        let mut record = records::new_record(&self.policy, session, id.key(), &lifetime, outcome.now);
        record.cookie_until = records::cookie_end_of_pending(&self.policy, id.key(), &lifetime);
        let renewal = record.cookie_renewal(outcome.now);
        if let Some(age) = renewal {
            record.cookie_until = Some(moment::later(outcome.now, age));
        }
        let renewed = renewal.map(|age| self.cookie(id, Some(age), outcome));
        match self.store.create(id.key(), &record, outcome.now).await {
            Ok(()) => {
                self.tell_created(outcome.now);
                renewed
            }
            // A parallel request was first.
            Err(CreateError::Exists) => self.merge(id, &delta, None, outcome).await,
            Err(CreateError::Ended(ending)) => self.withdraw(ending, outcome),
            Err(CreateError::Killed) => self.withdraw(Ending::Ended, outcome),
            Err(CreateError::Store(error)) => {
                log_trouble("begin a session", &error);
                None
            }
        }
    }

    /// Saves what changed, and writes the use down when that is due.
    async fn keep(
        &self,
        session: &Session,
        id: &SessionId,
        record: &Record,
        outcome: &Outcome,
    ) -> Option<CookieChange> {
        let delta = savable_changes(session);
        let renewal = record.cookie_renewal(outcome.now);
        let due = renewal.is_some() || record.touch_is_due(outcome.now) || session.is_marked();
        let usage = due.then(|| Usage {
            seen: outcome.now,
            cookie_until: renewal.map(|age| moment::later(outcome.now, age)),
        });
        let gone = match (delta.is_empty(), usage) {
            (true, None) => return None,
            (true, Some(usage)) => self.touch(id, usage, outcome).await,
            (false, usage) => self.merge_or_touch(id, &delta, usage, outcome).await,
        };
        match gone {
            Saved::Yes => renewal.map(|age| self.cookie(id, Some(age), outcome)),
            Saved::Gone(ending) => self.withdraw_late(id, ending, outcome),
            Saved::No => None,
        }
    }

    async fn touch(&self, id: &SessionId, usage: Usage, outcome: &Outcome) -> Saved {
        match self
            .store
            .touch(id.key(), &self.policy.realm, usage, outcome.now)
            .await
        {
            Ok(()) => Saved::Yes,
            Err(TouchError::Gone(ending)) => Saved::Gone(ending),
            Err(TouchError::Store(error)) => {
                log_trouble("note the use of a session", &error);
                Saved::No
            }
        }
    }

    async fn merge_or_touch(
        &self,
        id: &SessionId,
        delta: &Delta,
        usage: Option<Usage>,
        outcome: &Outcome,
    ) -> Saved {
        let (key, realm) = (id.key(), &self.policy.realm);
        let merged = match usage {
            None if delta.only_visits() => self.store.visit(key, realm, delta, outcome.now).await,
            usage => self.store.merge(key, realm, delta, usage, outcome.now).await,
        };
        match merged {
            Ok(()) => Saved::Yes,
            Err(MergeError::Gone(ending)) => Saved::Gone(ending),
            Err(MergeError::Limit(error)) => {
                tracing::warn!(wiki = self.policy.wiki, %error, "parallel requests overfilled a session");
                match usage {
                    Some(usage) => self.touch(id, usage, outcome).await,
                    None => Saved::No,
                }
            }
            Err(MergeError::Store(error)) => {
                log_trouble("save a session", &error);
                Saved::No
            }
        }
    }

    async fn merge(
        &self,
        id: &SessionId,
        delta: &Delta,
        usage: Option<Usage>,
        outcome: &Outcome,
    ) -> Option<CookieChange> {
        match self.merge_or_touch(id, delta, usage, outcome).await {
            Saved::Gone(ending) => self.withdraw_late(id, ending, outcome),
            Saved::Yes | Saved::No => None,
        }
    }
}

/// What became of a save.
enum Saved {
    Yes,
    No,
    Gone(Ending),
}

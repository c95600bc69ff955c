//! The record: what a store keeps of one session.
//!
//! It carries the lifetimes it was begun with, so a sibling wiki of the realm with other settings
//! obeys them instead of its own. The id is not in it, nor is anything about the user but the id.
//! Which generations it belongs to (for kills) is kept by each store beside it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::delta::Delta;
use crate::identity::{Acting, Identity, LoginLink, Remember};
use crate::lifetime::touch_interval;
use crate::moment;
use crate::realm::Realm;
use crate::store::{Change, MergeError, Usage};
use crate::trail::TrailEntry;
use crate::value::{Value, Values, check_key};

/// What a store keeps of one session.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The realm, compared on every access.
    pub realm: Realm,
    /// What never changes while the record lives. Shared, because every load hands it out.
    pub about: Arc<About>,
    /// The last use that was written down.
    pub seen: Timestamp,
    /// When the browser will drop the cookie that it was sent last; `None` = when it closes.
    pub cookie_until: Option<Timestamp>,
    /// Until when the id could be taken for a pending one again, so how long a tombstone must stand.
    pub verifies_until: Timestamp,
    /// The values. Shared, because a session compares with them at its end.
    pub values: Arc<Values>,
    /// The pages visited, oldest first.
    pub trail: Arc<Vec<TrailEntry>>,
}

/// What never changes while a record lives: another login, user or lifetime makes a new record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The wiki where the session began, whose lifetimes it has.
    pub wiki: String,
    /// The user that logged in; `None` = a guest.
    pub identity: Option<Identity>,
    /// The user that a superuser acts as.
    pub acting: Option<Acting>,
    /// Whether the user asked to be remembered.
    pub remember: Remember,
    /// The browser's family, for the list of one's own sessions.
    pub browser: String,
    /// When the record was made.
    #[serde(with = "moment::millis")]
    pub created: Timestamp,
    /// The cookie's Max-Age in seconds; `None` = until the browser closes.
    pub max_age: Option<u64>,
    /// The idle time in milliseconds.
    pub idle: u64,
    /// When a new login is due whatever the use, in milliseconds since 1970; `None` = never (guests).
    pub ends: Option<i64>,
    /// The login on several hosts that the session is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LoginLink>,
}

impl Record {
    /// The user that logged in.
    pub fn user_id(&self) -> Option<&str> {
        self.about
            .identity
            .as_ref()
            .map(|identity| identity.user_id.as_str())
    }

    /// Idleness that ends the session.
    pub fn idle(&self) -> Duration {
        Duration::from_millis(self.about.idle)
    }

    /// When the server ends the session unless it is used: the last use that was written down, the
    /// idle time, and the interval in which a use may have gone unwritten; never beyond the absolute
    /// limit.
    pub fn expires(&self) -> Timestamp {
        let idle_end = moment::later(self.seen, self.grace());
        match self.about.ends {
            Some(ends) => idle_end.min(moment::from_millis(ends)),
            None => idle_end,
        }
    }

    /// From a use that was written down to the end.
    pub fn grace(&self) -> Duration {
        self.idle().saturating_add(touch_interval(self.idle()))
    }

    /// Whether the session has ended by time at `now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires()
    }

    /// Whether a use at `now` should be written down.
    pub fn touch_is_due(&self, now: Timestamp) -> bool {
        moment::between(self.seen, now) >= touch_interval(self.idle())
    }

    /// The Max-Age to send the cookie with again at `now`; `None` unless more than a tenth of its
    /// life would be won.
    pub fn cookie_renewal(&self, now: Timestamp) -> Option<Duration> {
        let (max_age, until) = (Duration::from_secs(self.about.max_age?), self.cookie_until?);
        let left = match self.about.ends {
            Some(ends) => moment::between(now, moment::from_millis(ends)),
            None => Duration::MAX,
        };
        let renewed = max_age.min(Duration::from_secs(left.as_secs()));
        let won = moment::between(until, moment::later(now, renewed));
        (won > max_age / 10).then_some(renewed)
    }
}

// Clocks that were wrong.
impl Record {
    /// The same session as if it had been used at `now` for the last time, when it was made or used while the clock
    /// was far ahead; `None` for any other.
    ///
    /// All its moments are moved together, so it has lived as long as before, and what is left of its lifetimes is
    /// left. It would outlive them by as much as the clock was ahead otherwise.
    pub(crate) fn restamped(&self, now: Timestamp) -> Option<Record> {
        let newest = self.seen.max(self.about.created);
        if !moment::is_from_the_future(newest, now) {
            return None;
        }
        let ahead = moment::between(now, newest);
        Some(Record {
            about: Arc::new(self.about.moved_back(ahead)),
            seen: moment::earlier(self.seen, ahead),
            cookie_until: self.cookie_until.map(|until| moment::earlier(until, ahead)),
            ..self.clone()
        })
    }
}

impl About {
    fn moved_back(&self, span: Duration) -> About {
        let mut about = self.clone();
        about.created = moment::earlier(about.created, span);
        about.ends = about
            .ends
            .map(|ends| ends.saturating_sub(moment::span_millis(span)));
        if let Some(identity) = &mut about.identity {
            identity.auth_time = moment::earlier(identity.auth_time, span);
        }
        if let Some(acting) = &mut about.acting {
            acting.since = moment::earlier(acting.since, span);
        }
        about
    }
}

// What stores do to a record under its lock.
impl Record {
    /// Applies a delta and a use, or changes nothing.
    ///
    /// # Errors
    /// * [`MergeError::Limit`] when the record would break a limit.
    pub fn apply(&mut self, delta: &Delta, usage: Option<Usage>) -> Result<(), MergeError> {
        // A copy is made of what changes and is shared, and of nothing else.
        if delta.changes_values() {
            let mut values = Arc::clone(&self.values);
            delta.change_values(Arc::make_mut(&mut values))?;
            self.values = values;
        }
        if !delta.visits.is_empty() {
            delta.add_visits(Arc::make_mut(&mut self.trail));
        }
        if let Some(usage) = usage {
            self.note_use(usage);
        }
        Ok(())
    }

    /// Writes a use down; an older one than is known changes nothing.
    pub fn note_use(&mut self, usage: Usage) {
        self.seen = self.seen.max(usage.seen);
        self.cookie_until = self
            .cookie_until
            .map(|until| usage.cookie_until.map_or(until, |new| until.max(new)));
    }

    /// Replaces one value, or changes nothing. Returns the new one.
    ///
    /// # Errors
    /// * [`MergeError::Limit`] for reserved keys, and when the record would break a limit.
    pub fn change_value(&mut self, name: &str, change: &Change) -> Result<Option<Value>, MergeError> {
        check_key(name)?;
        let value = change(self.values.get(name));
        let mut delta = Delta::default();
        match &value {
            Some(value) => _ = delta.set.insert(name.to_owned(), value.clone()),
            None => _ = delta.removed.insert(name.to_owned()),
        }
        self.apply(&delta, None)?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, identity, policy};

    fn record(idle: u64, ends: Option<Timestamp>) -> Record {
        Record {
            realm: policy().realm,
            about: Arc::new(About {
                wiki: "w".into(),
                identity: Some(identity("u1", at(0))),
                acting: None,
                remember: Remember::No,
                browser: "Firefox".into(),
                created: at(0),
                max_age: Some(idle),
                idle: idle * 1000,
                ends: ends.map(Timestamp::as_millisecond),
                link: None,
            }),
            seen: at(0),
            cookie_until: Some(at(idle)),
            verifies_until: at(0),
            values: Arc::default(),
            trail: Arc::default(),
        }
    }

    #[test]
    fn a_record_of_a_clock_that_was_ahead_keeps_its_ages_and_no_other_is_touched() {
        let mut record = record(3600, Some(at(5000)));
        record.seen = at(1000);
        assert_eq!(record.restamped(at(700)), None);
        let restamped = record.restamped(at(100)).unwrap();
        let created = moment::earlier(at(0), Duration::from_secs(900));
        assert_eq!((restamped.seen, restamped.about.created), (at(100), created));
        assert_eq!(restamped.about.identity, Some(identity("u1", created)));
        assert_eq!(restamped.cookie_until, Some(at(2700)));
        assert!(!restamped.is_expired(at(3999)) && restamped.is_expired(at(4000)));
    }

    #[test]
    fn a_session_is_never_ended_before_its_idle_time_after_the_last_request() {
        let record = record(3600, None);
        // The last request may have come up to a touch interval after the last touch.
        assert!(!record.is_expired(at(3600 + 299)));
        assert!(record.is_expired(at(3600 + 300)));
    }

    #[test]
    fn the_absolute_limit_ends_a_session_in_use() {
        let mut record = record(3600, Some(at(5000)));
        record.seen = at(4900);
        assert!(!record.is_expired(at(4999)));
        assert!(record.is_expired(at(5000)));
    }

    #[test]
    fn a_use_is_written_down_every_touch_interval_at_most() {
        assert!(!record(3600, None).touch_is_due(at(299)));
        assert!(record(3600, None).touch_is_due(at(300)));
        assert!(record(100, None).touch_is_due(at(10)));
        assert!(!record(100, None).touch_is_due(at(9)));
    }

    #[test]
    fn a_cookie_is_sent_again_when_less_than_nine_tenths_of_its_age_are_left() {
        let record = record(1000, None);
        assert_eq!(record.cookie_renewal(at(100)), None);
        assert_eq!(record.cookie_renewal(at(101)), Some(Duration::from_secs(1000)));
    }

    #[test]
    fn a_cookie_is_not_renewed_beyond_the_absolute_limit() {
        let record = record(1000, Some(at(1300)));
        assert_eq!(record.cookie_renewal(at(400)), Some(Duration::from_secs(900)));
        let mut renewed = record;
        renewed.cookie_until = Some(at(1300));
        assert_eq!(renewed.cookie_renewal(at(1200)), None);
    }

    #[test]
    fn a_cookie_that_dies_with_the_browser_is_never_sent_again() {
        let mut record = record(1000, None);
        Arc::make_mut(&mut record.about).max_age = None;
        record.cookie_until = None;
        assert_eq!(record.cookie_renewal(at(999)), None);
    }
}

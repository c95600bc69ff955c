//! Sessions in Redis or Valkey, one server or a cluster, with or without TLS.
//!
//! Each operation on a session is one Lua script, so it is one step also between many servers of ours. Time
//! comes with each call; Redis' own clock only lets it forget, long after the end, what nobody swept. Needs
//! Redis 6.2 or Valkey. Start at redis/keys.rs for what lies where, redis/scripts/common/record.lua for what a
//! record looks like, redis/line.rs for what happens when the server is away, redis/pipe.rs for how questions and
//! answers travel.

use std::time::Duration;

use ::redis::Value as Answer;
use async_trait::async_trait;
use jiff::Timestamp;

use self::fields::{millis, text_of, texts_of};
use self::keys::{Hex, Keys, RealmKeys};
use self::link::Link;
use self::scripts::{Call, Script};
use super::generation::{latest_kill, subject_of, subject_of_kill};
use super::*;
use crate::moment;
use crate::value::check_entry;

mod address;
mod advice;
mod connect;
mod fields;
mod keys;
mod line;
mod link;
mod listing;
mod pipe;
mod scripts;
mod sweeping;
#[cfg(test)]
mod tests;

pub use address::{RedisAddress, RedisAddressError};
pub use advice::RedisAdvice;

/// Redis forgets by itself what nobody swept, so long after the end and the afterlife.
const MARGIN: Duration = Duration::from_secs(24 * 60 * 60);
/// A user who logs in so often at the same moment is told that the store is down.
const MOST_TRIES: usize = 50;

/// Keeps sessions in a Redis.
pub struct RedisSessionStore {
    link: Link,
    keys: Keys,
}

impl RedisSessionStore {
    /// The store at `url` (see [`RedisAddress`]) whose keys begin with `kind`. Nothing is opened before the
    /// first use.
    ///
    /// # Errors
    /// * [`RedisAddressError`] when the address or the name is none; it does not quote the password.
    pub fn at(url: &str, kind: &str) -> Result<RedisSessionStore, RedisAddressError> {
        Ok(RedisSessionStore {
            keys: Keys::new(kind)?,
            link: Link::to(RedisAddress::parse(url)?),
        })
    }

    /// A call that begins with the keys and arguments that most scripts want: record, generations, the
    /// realm's lists; now and margin.
    fn call(&self, script: &'static Script, at: &RealmKeys, key: &StoreKey, now: Timestamp) -> Call {
        let keys = at.record_and_lists(key).into_iter().chain([at.tombs()]);
        let mut call = Call::of(script, keys);
        call.arg(millis(now)).arg(margin());
        call
    }

    /// Tells the list of realms when there will be something to sweep in this one. What was done before is
    /// done: should this fail, Redis forgets it by itself some time later than a sweep would.
    async fn announce(&self, realm: &Realm, due: Timestamp) {
        let mut command = ::redis::cmd("ZADD");
        command
            .arg(self.keys.realms())
            .arg("LT")
            .arg(millis(due))
            .arg(keys::realm_name(realm));
        if let Err(error) = self.link.command(&command).await {
            tracing::debug!("a realm's next sweep could not be noted: {error}");
        }
    }

    /// What merging, touching and visiting have in common. The error is how it ended.
    async fn apply(
        &self,
        key: &StoreKey,
        realm: &Realm,
        delta: &Delta,
        usage: Option<Usage>,
        now: Timestamp,
    ) -> Result<(), MergeError> {
        let at = self.keys.of(realm);
        // Only a use is noted in the lists.
        let needed = if usage.is_some() { 5 } else { 2 };
        let keys = at.record_and_lists(key).into_iter().take(needed);
        let mut call = Call::of(&scripts::MERGE, keys);
        call.arg(now.as_millisecond())
            .arg(delta.removed.len() + delta.set.len())
            .arg(delta.visits.len());
        for name in &delta.removed {
            call.arg(fields::value_field(name)?).arg("");
        }
        for (name, value) in &delta.set {
            call.arg(fields::value_field(name)?).arg(fields::json(value)?);
        }
        if !delta.visits.is_empty() {
            call.arg(delta.trail_size).arg(fields::visits(delta)?);
        }
        if let Some(usage) = usage {
            call.arg(usage.seen.as_millisecond())
                .arg(usage.cookie_until.map(millis).unwrap_or_default())
                .arg(Hex::Of(key))
                .arg(margin());
        }
        match self.link.run(&call).await? {
            Answer::Int(bytes) => Err(WriteError::TooLarge(usize::try_from(bytes).unwrap_or(0)).into()),
            answer => match text_of(&answer) {
                Some("ok") => Ok(()),
                Some("many") => Err(WriteError::TooManyKeys.into()),
                Some(letter @ ("r" | "e")) => Err(MergeError::Gone(ending(letter))),
                _ => Err(strange("merge").into()),
            },
        }
    }

    /// A change that no record can take: refused, if there is a record at all.
    async fn refuse<T>(
        &self,
        key: &StoreKey,
        realm: &Realm,
        why: WriteError,
        now: Timestamp,
    ) -> Result<T, MergeError> {
        Err(match self.load(key, realm, now).await? {
            Loaded::Live(_) => MergeError::Limit(why),
            Loaded::Ended(ending) => MergeError::Gone(ending),
            Loaded::Renewed(_) => MergeError::Gone(Ending::Replaced),
            Loaded::Missing => MergeError::Gone(Ending::Ended),
        })
    }

    /// One try to set a value if it is `expected`; without `new` only asks what it is.
    async fn swap(
        &self,
        key: &StoreKey,
        realm: &Realm,
        name: &str,
        change: Option<(&str, &str)>,
        now: Timestamp,
    ) -> Result<Swapped, MergeError> {
        let at = self.keys.of(realm);
        let mut call = Call::of(&scripts::SWAP, [at.record(key), at.generations()]);
        call.arg(millis(now)).arg(fields::value_field(name)?);
        if let Some((expected, new)) = change {
            call.arg(new).arg(expected);
        }
        let answer = self.link.run(&call).await?;
        let Answer::Array(parts) = &answer else {
            return Err(strange("update").into());
        };
        match parts.as_slice() {
            [how] if text_of(how) == Some("ok") => Ok(Swapped::Done),
            [how] if text_of(how) == Some("many") => Err(WriteError::TooManyKeys.into()),
            [_, Answer::Int(bytes)] => Err(WriteError::TooLarge(usize::try_from(*bytes).unwrap_or(0)).into()),
            [how, value] => match (text_of(how), text_of(value)) {
                (Some("now"), Some(value)) => Ok(Swapped::Other(value.to_owned())),
                (Some("gone"), Some(letter)) => Err(MergeError::Gone(ending(letter))),
                _ => Err(strange("update").into()),
            },
            _ => Err(strange("update").into()),
        }
    }

    /// One try; `None` when the user got another session meanwhile.
    async fn try_to_rotate(
        &self,
        rotation: &Rotation<'_>,
        now: Timestamp,
    ) -> Result<Option<()>, RotateError> {
        let record = rotation.record;
        let at = self.keys.of(&record.realm);
        let subject = subject_of(record.user_id());
        let others = match record.user_id() {
            Some(_) => self.owned(&at, &subject).await?,
            None => Vec::new(),
        };
        let old = rotation.old.as_ref().unwrap_or(&rotation.new);
        let keys = [
            at.record(old),
            at.record(&rotation.new),
            at.generations(),
            at.guests(),
            at.users(),
            at.owners(),
            at.tombs(),
        ];
        let records = others.iter().map(|hex| at.record_of(hex));
        let mut call = Call::of(&scripts::ROTATE, keys.into_iter().chain(records));
        let old_stands_until = rotation.old_verifies_until.max(tombstone_end(now));
        call.arg(millis(now))
            .arg(margin())
            .arg(millis(latest_kill(now)))
            .arg(match (rotation.old, rotation.old_record) {
                (None, _) => "none",
                (Some(_), OldRecord::MustLive) => "must",
                (Some(_), OldRecord::MayBeGone) => "may",
            })
            .arg(Hex::Of(old))
            .arg(millis(old_stands_until))
            .arg(Hex::Of(&rotation.new))
            .arg(millis(rotation.new.issued()))
            .arg(subject)
            .arg(rotation.max_sessions)
            .arg(millis(tombstone_end(now)))
            .arg(others.len())
            .arg(Tombstone::of_rotation(rotation, now).to_text())
            .arg(&others)
            .arg(fields::of_record(&rotation.new, record)?);
        match text_of(&self.link.run(&call).await?) {
            Some("ok") => Ok(Some(())),
            Some("again") => Ok(None),
            Some("taken") => Err(RotateError::Taken),
            Some("killed") => Err(RotateError::Killed),
            Some("gone r") => Err(RotateError::Gone(Ending::Replaced)),
            Some("gone e") => Err(RotateError::Gone(Ending::Ended)),
            _ => Err(strange("rotate").into()),
        }
    }
}

enum Swapped {
    Done,
    /// The value that stands there instead; "" = none.
    Other(String),
}

#[async_trait]
impl SessionStore for RedisSessionStore {
    async fn create(&self, key: &StoreKey, record: &Record, now: Timestamp) -> Result<(), CreateError> {
        let at = self.keys.of(&record.realm);
        let mut call = self.call(&scripts::CREATE, &at, key, now);
        call.arg(millis(latest_kill(now)))
            .arg(Hex::Of(key))
            .arg(millis(key.issued()))
            .arg(subject_of(record.user_id()))
            .arg(fields::of_record(key, record)?);
        let answer = self.link.run(&call).await?;
        match text_of(&answer) {
            Some("ok") => {}
            Some("live") => return Err(CreateError::Exists),
            Some("killed") => return Err(CreateError::Killed),
            Some(letter @ ("r" | "e")) => return Err(CreateError::Ended(ending(letter))),
            _ => return Err(strange("create").into()),
        }
        self.announce(&record.realm, moment::later(record.expires(), AFTERLIFE))
            .await;
        Ok(())
    }

    async fn load(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<Loaded, StoreError> {
        let at = self.keys.of(realm);
        let mut call = Call::of(&scripts::LOAD, [at.record(key), at.generations()]);
        call.arg(now.as_millisecond())
            .arg(latest_kill(now).as_millisecond())
            .arg(key.issued().as_millisecond());
        let answer = self.link.run_twice_if_lost(&call).await?;
        Ok(match &answer {
            Answer::Array(told) => {
                let told = told.first().and_then(text_of).unwrap_or_default();
                Tombstone::from_text(told).loaded(now)
            }
            Answer::BulkString(text) if text.starts_with(b"[") => match fields::to_record(text, realm) {
                Some(record) => Loaded::Live(Box::new(record)),
                None => {
                    tracing::warn!("an unreadable session was taken for ended");
                    Loaded::Ended(Ending::Ended)
                }
            },
            answer => match text_of(answer) {
                Some("none") => Loaded::Missing,
                Some("e" | "killed" | "expired") => Loaded::Ended(Ending::Ended),
                _ => return Err(strange("load")),
            },
        })
    }

    async fn merge(
        &self,
        key: &StoreKey,
        realm: &Realm,
        delta: &Delta,
        usage: Option<Usage>,
        now: Timestamp,
    ) -> Result<(), MergeError> {
        for (name, value) in &delta.set {
            if let Err(why) = check_entry(name, value) {
                return self.refuse(key, realm, why, now).await;
            }
        }
        self.apply(key, realm, delta, usage, now).await
    }

    async fn update(
        &self,
        key: &StoreKey,
        realm: &Realm,
        name: &str,
        change: &Change,
        now: Timestamp,
    ) -> Result<Option<Value>, MergeError> {
        if let Err(why) = check_entry(name, &Value::Null) {
            return self.refuse(key, realm, why, now).await;
        }
        let mut swapped = self.swap(key, realm, name, None, now).await?;
        loop {
            // Each round that fails is another's that succeeded.
            let Swapped::Other(current) = swapped else {
                return Err(strange("update").into());
            };
            let before: Option<Value> = match current.as_str() {
                "" => None,
                text => Some(serde_json::from_str(text).map_err(StoreError::down)?),
            };
            let after = change(before.as_ref());
            if let Some(Err(why)) = after.as_ref().map(|value| check_entry(name, value)) {
                return Err(why.into());
            }
            let new = after.as_ref().map(fields::json).transpose()?.unwrap_or_default();
            swapped = self.swap(key, realm, name, Some((&current, &new)), now).await?;
            if let Swapped::Done = swapped {
                return Ok(after);
            }
        }
    }

    async fn touch(
        &self,
        key: &StoreKey,
        realm: &Realm,
        usage: Usage,
        now: Timestamp,
    ) -> Result<(), TouchError> {
        match self.apply(key, realm, &Delta::default(), Some(usage), now).await {
            Err(MergeError::Gone(ending)) => Err(TouchError::Gone(ending)),
            Err(MergeError::Store(error)) => Err(TouchError::Store(error)),
            Ok(()) | Err(MergeError::Limit(_)) => Ok(()),
        }
    }

    async fn delete(&self, key: &StoreKey, realm: &Realm, now: Timestamp) -> Result<bool, StoreError> {
        let mut call = self.call(&scripts::DELETE, &self.keys.of(realm), key, now);
        call.arg(Hex::Of(key)).arg(millis(tombstone_end(now)));
        Ok(self.link.run(&call).await? == Answer::Int(1))
    }

    async fn rotate(&self, rotation: Rotation<'_>, now: Timestamp) -> Result<(), RotateError> {
        for _ in 0..MOST_TRIES {
            if self.try_to_rotate(&rotation, now).await?.is_some() {
                let due = moment::later(rotation.record.expires(), AFTERLIFE);
                self.announce(&rotation.record.realm, due.min(tombstone_end(now)))
                    .await;
                return Ok(());
            }
        }
        Err(StoreError::down("too many logins of one user at the same moment").into())
    }

    async fn kill(&self, realm: &Realm, whom: Kill<'_>, now: Timestamp) -> Result<u64, StoreError> {
        let at = self.keys.of(realm);
        let keys = [at.generations(), at.guests(), at.users(), at.owners()];
        let mut call = Call::of(&scripts::KILL, keys.into_iter().chain(at.killed()));
        call.arg(millis(now))
            .arg(millis(latest_kill(now)))
            .arg(subject_of_kill(whom));
        let Answer::Int(ended) = self.link.run(&call).await? else {
            return Err(strange("kill"));
        };
        self.announce(realm, now).await;
        Ok(u64::try_from(ended).unwrap_or(0))
    }

    async fn list(
        &self,
        realm: &Realm,
        user_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<SessionSummary>, StoreError> {
        self.list_live(realm, user_id, now).await
    }

    async fn end_surplus_guests(
        &self,
        realm: &Realm,
        most: usize,
        budget: usize,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.end_first_guests(realm, most, budget, now).await
    }

    async fn sweep(&self, now: Timestamp, budget: usize) -> Result<Swept, StoreError> {
        self.sweep_due_realms(now, budget).await
    }
}

fn ending(letter: &str) -> Ending {
    match letter {
        "r" => Ending::Replaced,
        _ => Ending::Ended,
    }
}

/// Until when a tombstone stands at least.
fn tombstone_end(now: Timestamp) -> Timestamp {
    moment::later(now, AFTERLIFE)
}

/// How long after the end (and the afterlife) Redis may forget by itself.
fn margin() -> u64 {
    u64::try_from((MARGIN + AFTERLIFE).as_millis()).unwrap_or(u64::MAX)
}

fn strange(operation: &'static str) -> StoreError {
    StoreError::down(format!("Redis gave an answer to {operation} that makes no sense"))
}

//! The sweep: realms by when something is due in them, and in each a portion of what is.
//!
//! `KIND:realms` says when to look at which realm. Whoever adds something due adds it to the realm first
//! and lowers that moment afterwards; the sweep raises it first and looks afterwards. So nothing due is ever
//! forgotten for longer than [`LATEST`], whoever is interrupted where.

use std::time::Duration;

use jiff::Timestamp;
use redis::Value as Answer;

use super::keys::{KILLED_LISTS, RealmKeys};
use super::scripts::{self, Call};
use super::{RedisSessionStore, margin, millis, strange, text_of, texts_of};
use crate::id::StoreKey;
use crate::moment;
use crate::realm::Realm;
use crate::store::{AFTERLIFE, SessionStore, StoreError, Swept};

/// So many realms are looked at in one step.
const MOST_REALMS: usize = 16;
/// A realm is looked at again then, should nothing be due sooner.
const LATEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What was done in one realm.
struct Done {
    removed: u64,
    next: Option<Timestamp>,
}

impl RedisSessionStore {
    pub(super) async fn sweep_due_realms(&self, now: Timestamp, budget: usize) -> Result<Swept, StoreError> {
        let mut command = redis::cmd("ZRANGEBYSCORE");
        command.arg(self.keys.realms()).arg("-inf").arg(millis(now));
        command.arg("LIMIT").arg(0).arg(MOST_REALMS);
        let realms = texts_of(&self.link.command(&command).await?).ok_or_else(|| strange("sweep"))?;
        let mut swept = Swept {
            removed: 0,
            more: realms.len() == MOST_REALMS,
        };
        for realm in realms {
            let left = budget.saturating_sub(usize::try_from(swept.removed).unwrap_or(usize::MAX));
            if left == 0 {
                swept.more = true;
                break;
            }
            let done = self.sweep_realm(&realm, now, left).await?;
            swept.removed += done.removed;
            swept.more |= done.next.is_some_and(|next| next <= now);
        }
        Ok(swept)
    }

    /// The realm's list of guests is in the order of their ends, and knows how many they are.
    pub(super) async fn end_first_guests(
        &self,
        realm: &Realm,
        most: usize,
        budget: usize,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let at = self.keys.of(realm);
        let guests = at.guests();
        let mut count = redis::cmd("ZCARD");
        let Answer::Int(count) = self.link.command(count.arg(guests)).await? else {
            return Err(strange("sweep"));
        };
        let surplus = usize::try_from(count)
            .unwrap_or(0)
            .saturating_sub(most)
            .min(budget);
        if surplus == 0 {
            return Ok(0);
        }
        let mut first = redis::cmd("ZRANGE");
        first.arg(guests).arg(0).arg(surplus - 1);
        let hexes = texts_of(&self.link.command(&first).await?).ok_or_else(|| strange("sweep"))?;
        let mut ended = 0;
        for hex in &hexes {
            // When it was issued matters to nobody who ends it.
            let Some(key) = StoreKey::from_hex(hex, now) else {
                continue;
            };
            ended += u64::from(self.delete(&key, realm, now).await?);
        }
        Ok(ended)
    }

    async fn sweep_realm(&self, realm: &str, now: Timestamp, budget: usize) -> Result<Done, StoreError> {
        self.look_again(realm, moment::later(now, LATEST), "XX").await?;
        let at = self.keys.of_named(realm);
        let hexes = self.due(&at, now, budget).await?;
        let keys = [at.generations(), at.guests(), at.users(), at.owners(), at.tombs()];
        let records = hexes.iter().map(|hex| at.record_of(hex));
        let mut call = Call::of(
            &scripts::SWEEP,
            keys.into_iter().chain(at.killed()).chain(records),
        );
        call.arg(millis(now))
            .arg(margin())
            .arg(moment::span_millis(AFTERLIFE))
            .arg(KILLED_LISTS + 1)
            .arg(&hexes);
        let answer = self.link.run(&call).await?;
        let Answer::Array(parts) = &answer else {
            return Err(strange("sweep"));
        };
        let [Answer::Int(removed), next] = parts.as_slice() else {
            return Err(strange("sweep"));
        };
        let next = text_of(next)
            .and_then(|next| next.parse().ok())
            .map(moment::from_millis);
        if let Some(next) = next {
            self.look_again(realm, next, "LT").await?;
        }
        Ok(Done {
            removed: u64::try_from(*removed).unwrap_or(0),
            next,
        })
    }

    /// Keys of what should be looked at, in one realm.
    async fn due(&self, at: &RealmKeys, now: Timestamp, most: usize) -> Result<Vec<String>, StoreError> {
        let keys = [at.guests(), at.users(), at.tombs()];
        let mut call = Call::of(&scripts::DUE, keys.into_iter().chain(at.killed()));
        call.arg(millis(now))
            .arg(millis(moment::earlier(now, AFTERLIFE)))
            .arg(most);
        texts_of(&self.link.run(&call).await?).ok_or_else(|| strange("sweep"))
    }

    async fn look_again(&self, realm: &str, when: Timestamp, unless: &str) -> Result<(), StoreError> {
        let mut command = redis::cmd("ZADD");
        command
            .arg(self.keys.realms())
            .arg(unless)
            .arg(millis(when))
            .arg(realm);
        self.link.command(&command).await?;
        Ok(())
    }
}

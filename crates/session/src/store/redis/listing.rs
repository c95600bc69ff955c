//! Lists of live sessions: first which keys a user or a realm has, then what stands there, in portions.
//!
//! A list of many sessions is no single moment's; it never holds up what others ask of Redis meanwhile.

use std::cmp::Reverse;

use jiff::Timestamp;
use redis::Value as Answer;

use super::keys::{Key, RealmKeys};
use super::scripts::{self, Call};
use super::{RedisSessionStore, fields, millis, strange, texts_of};
use crate::realm::Realm;
use crate::store::generation::subject_of;
use crate::store::{SessionSummary, StoreError};

/// So many records are looked at in one step.
const PORTION: usize = 200;

impl RedisSessionStore {
    pub(super) async fn list_live(
        &self,
        realm: &Realm,
        user_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<SessionSummary>, StoreError> {
        let at = self.keys.of(realm);
        let hexes = match user_id {
            Some(_) => self.owned(&at, &subject_of(user_id)).await?,
            None => {
                let mut hexes = self.not_over(at.guests(), now).await?;
                hexes.extend(self.not_over(at.users(), now).await?);
                hexes
            }
        };
        let mut found = Vec::new();
        for portion in hexes.chunks(PORTION) {
            let records = portion.iter().map(|hex| at.record_of(hex));
            let mut call = Call::of(
                &scripts::SUMMARIES,
                std::iter::once(at.generations()).chain(records),
            );
            call.arg(millis(now));
            let Answer::Array(shown) = self.link.run(&call).await? else {
                return Err(strange("list"));
            };
            let shown = shown.iter().zip(portion);
            found.extend(shown.filter_map(|(shown, hex)| fields::to_summary(shown, hex, realm)));
        }
        found.sort_by_key(|summary| Reverse((summary.last_seen, summary.key)));
        Ok(found)
    }

    /// The keys of a user's records.
    pub(super) async fn owned(&self, at: &RealmKeys, subject: &str) -> Result<Vec<String>, StoreError> {
        let mut call = Call::of(&scripts::OWNED, [at.owners()]);
        call.arg(subject);
        texts_of(&self.link.run(&call).await?).ok_or_else(|| strange("list"))
    }

    /// The keys in one of the realm's lists whose time is not over.
    async fn not_over(&self, list: Key<'_>, now: Timestamp) -> Result<Vec<String>, StoreError> {
        let mut command = redis::cmd("ZRANGEBYSCORE");
        command.arg(list).arg(format!("({}", millis(now))).arg("+inf");
        texts_of(&self.link.command(&command).await?).ok_or_else(|| strange("list"))
    }
}

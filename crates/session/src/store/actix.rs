//! Any of our stores under actix-session's stock middleware, for other actix applications.
//!
//! [`ActixSessions`] implements `actix_session::storage::SessionStore`. The middleware keeps its cookie, its
//! signature and its way of handing out state; what stands behind is a record in our store. Unlike the stores
//! that come with actix-session it never brings a session back: an update of one that has ended changes
//! nothing and begins none. And parallel requests that set different keys keep both: a loaded state carries
//! one key of ours ([`BASE`]) that tells what was loaded, so that an update is the difference.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore as Storage, UpdateError};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use time::Duration as Span;

use super::{AFTERLIFE, Loaded, MergeError, SessionStore, TouchError, Usage};
use crate::delta::Delta;
use crate::id::{IdSigner, SessionId, to_hex};
use crate::identity::Remember;
use crate::moment;
use crate::random::Randomness;
use crate::realm::Realm;
use crate::record::{About, Record};
use crate::secrets::Secrets;
use crate::value::{Value, Values, WriteError, check_values};

/// The key of a loaded state under which it says what was loaded. Whoever takes it out (as `clear` does)
/// has the whole state written as it is.
pub const BASE: &str = "grange.loaded";

/// So many hexadecimal digits of a value's hash stand in the base.
const DIGITS: usize = 16;

/// One of our stores as actix-session's.
#[derive(Clone)]
pub struct ActixSessions {
    store: Arc<dyn SessionStore>,
    realm: Realm,
    signer: IdSigner,
    randomness: Arc<dyn Randomness>,
    clock: fn() -> Timestamp,
}

impl ActixSessions {
    /// Sessions of one application. Its realm keeps them apart from others in the same store; a farm's
    /// `grange session kill --all` does not reach them. The middleware tells no time, so `clock` does.
    pub fn new(
        store: Arc<dyn SessionStore>,
        realm: Realm,
        secrets: &Secrets,
        randomness: Arc<dyn Randomness>,
        clock: fn() -> Timestamp,
    ) -> ActixSessions {
        ActixSessions {
            store,
            signer: IdSigner::new(secrets, &realm),
            realm,
            randomness,
            clock,
        }
    }

    fn id(&self, key: &SessionKey) -> Option<SessionId> {
        self.signer.verify(key.as_ref().as_bytes())
    }

    fn new_record(&self, id: &SessionId, values: Values, idle: Duration, now: Timestamp) -> Record {
        Record {
            realm: self.realm,
            about: Arc::new(About {
                wiki: String::new(),
                identity: None,
                acting: None,
                remember: Remember::No,
                browser: "other".to_owned(),
                created: now,
                max_age: None,
                idle: u64::try_from(idle.as_millis()).unwrap_or(u64::MAX),
                ends: None,
                link: None,
            }),
            seen: now,
            cookie_until: None,
            verifies_until: moment::later(moment::later(id.key().issued(), idle), AFTERLIFE),
            values: Arc::new(values),
            trail: Arc::default(),
        }
    }

    /// What an update changes: what differs from the base, or from what is stored where there is none.
    async fn difference(
        &self,
        id: &SessionId,
        mut state: HashMap<String, String>,
        now: Timestamp,
    ) -> Result<Option<Delta>, UpdateError> {
        let base: Option<BTreeMap<String, String>> = state
            .remove(BASE)
            .and_then(|text| serde_json::from_str(&text).ok());
        let values = to_values(&state).map_err(|why| UpdateError::Serialization(why.into()))?;
        let base = match base {
            Some(base) => base,
            None => match self.store.load(id.key(), &self.realm, now).await {
                Ok(Loaded::Live(record)) => base_of(&to_state(&record.values)),
                Ok(Loaded::Missing | Loaded::Ended(_) | Loaded::Renewed(_)) => return Ok(None),
                Err(error) => return Err(UpdateError::Other(error.into())),
            },
        };
        let removed = base.keys().filter(|key| !values.contains_key(*key));
        let mut delta = Delta {
            removed: removed.cloned().collect(),
            ..Delta::default()
        };
        for (key, value) in values {
            let before = base.get(&key);
            if state.get(&key).map(|text| hash(text)).as_ref() != before {
                delta.set.insert(key, value);
            }
        }
        Ok(Some(delta))
    }
}

impl Storage for ActixSessions {
    async fn load(&self, key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        let Some(id) = self.id(key) else { return Ok(None) };
        match self.store.load(id.key(), &self.realm, (self.clock)()).await {
            Ok(Loaded::Live(record)) => {
                let mut state = to_state(&record.values);
                let base = serde_json::to_string(&base_of(&state));
                state.insert(
                    BASE.to_owned(),
                    base.map_err(|error| LoadError::Other(error.into()))?,
                );
                Ok(Some(state))
            }
            Ok(Loaded::Missing | Loaded::Ended(_) | Loaded::Renewed(_)) => Ok(None),
            Err(error) => Err(LoadError::Other(error.into())),
        }
    }

    async fn save(&self, mut state: HashMap<String, String>, ttl: &Span) -> Result<SessionKey, SaveError> {
        // A renewed session brings the base of the one before.
        state.remove(BASE);
        let values = to_values(&state).map_err(|why| SaveError::Serialization(why.into()))?;
        let now = (self.clock)();
        let id = self.signer.issue(now, self.randomness.as_ref());
        let record = self.new_record(&id, values, idle(ttl), now);
        let created = self.store.create(id.key(), &record, now).await;
        created.map_err(|error| SaveError::Other(error.into()))?;
        SessionKey::try_from(id.text().to_owned()).map_err(|error| SaveError::Other(error.into()))
    }

    async fn update(
        &self,
        key: SessionKey,
        state: HashMap<String, String>,
        _ttl: &Span,
    ) -> Result<SessionKey, UpdateError> {
        let Some(id) = self.id(&key) else { return Ok(key) };
        let now = (self.clock)();
        let Some(delta) = self.difference(&id, state, now).await? else {
            return Ok(key);
        };
        let merged = self
            .store
            .merge(id.key(), &self.realm, &delta, Some(used_at(now)), now)
            .await;
        match merged {
            // It has ended meanwhile: its key goes back as it came, and is dead.
            Ok(()) | Err(MergeError::Gone(_)) => Ok(key),
            Err(MergeError::Limit(why)) => Err(UpdateError::Serialization(why.into())),
            Err(MergeError::Store(error)) => Err(UpdateError::Other(error.into())),
        }
    }

    async fn update_ttl(&self, key: &SessionKey, _ttl: &Span) -> Result<(), Failure> {
        let Some(id) = self.id(key) else { return Ok(()) };
        let now = (self.clock)();
        match self.store.touch(id.key(), &self.realm, used_at(now), now).await {
            Ok(()) | Err(TouchError::Gone(_)) => Ok(()),
            Err(TouchError::Store(error)) => Err(error.into()),
        }
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), Failure> {
        let Some(id) = self.id(key) else { return Ok(()) };
        self.store.delete(id.key(), &self.realm, (self.clock)()).await?;
        Ok(())
    }
}

/// The error type of two of the middleware's operations.
type Failure = anyhow::Error;

fn used_at(now: Timestamp) -> Usage {
    Usage {
        seen: now,
        cookie_until: None,
    }
}

/// The time to live as idle time; one that is none ends the session at once.
fn idle(ttl: &Span) -> Duration {
    Duration::try_from(*ttl).unwrap_or_default()
}

/// The middleware's state as values: each of its strings is JSON.
fn to_values(state: &HashMap<String, String>) -> Result<Values, WriteError> {
    let mut values = Values::new();
    for (key, text) in state {
        let value: Value =
            serde_json::from_str(text).map_err(|error| WriteError::NotStorable(error.to_string()))?;
        values.insert(key.clone(), value);
    }
    check_values(&values)?;
    Ok(values)
}

fn to_state(values: &Values) -> HashMap<String, String> {
    let text = |value: &Value| serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    values
        .iter()
        .map(|(key, value)| (key.clone(), text(value)))
        .collect()
}

/// What a state was when it was loaded: a hash of each value.
fn base_of(state: &HashMap<String, String>) -> BTreeMap<String, String> {
    state
        .iter()
        .map(|(key, text)| (key.clone(), hash(text)))
        .collect()
}

fn hash(text: &str) -> String {
    let mut digits = to_hex(&Sha256::digest(text.as_bytes()));
    digits.truncate(DIGITS);
    digits
}

#[cfg(test)]
mod tests;

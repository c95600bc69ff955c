//! The session of a request that comes with a token; without one, the cookie's.
//!
//! A token is looked up by its SHA-256, never by itself, and begins a session like any other: it stands in
//! the store, in the user's list and under `grange session kill`, it ends by idleness, and a new password
//! ends it. What has ended stays ended: its token is void.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use grange_farm::HandlerParts;
use grange_session::{
    CookieChange, CookieHandler, CreateError, FinishError, Found, Identity, Loaded, Outcome, PASSWORD,
    Record, RequestFacts, Session, SessionHandler, StoreKey, Wish,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// How token sessions say that somebody proved who they are.
const TOKEN: &str = "token";

/// Whose the tokens are.
#[derive(Default)]
pub struct Tokens {
    by_hash: HashMap<[u8; 32], (StoreKey, String)>,
}

impl Tokens {
    /// Reads lines of hash, moment of issue, and name. Lines that are none are left out.
    pub fn parse(text: &str) -> Tokens {
        let read = |line: &str| {
            let mut words = line.split_whitespace();
            let (hash, issued) = (words.next()?, words.next()?.parse::<Timestamp>().ok()?);
            let key = StoreKey::from_hex(hash, issued)?;
            Some((*key.as_bytes(), (key, words.collect::<Vec<_>>().join(" "))))
        };
        Tokens {
            by_hash: text.lines().filter_map(read).collect(),
        }
    }

    fn find(&self, token: &[u8]) -> Option<&(StoreKey, String)> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        self.by_hash.get(&hash)
    }
}

/// Takes `Authorization: Bearer TOKEN`, else the cookie.
pub struct TokenHandler {
    parts: HandlerParts,
    cookies: CookieHandler,
    tokens: Arc<Tokens>,
}

impl TokenHandler {
    /// The handler of one wiki.
    pub fn new(parts: HandlerParts, tokens: Arc<Tokens>) -> TokenHandler {
        TokenHandler {
            cookies: parts.cookie_handler(),
            parts,
            tokens,
        }
    }

    /// What stands behind a token: its record, made at the first use.
    async fn find(&self, token: &[u8], facts: &RequestFacts<'_>) -> Found {
        // An unknown token reaches no store.
        let Some((key, name)) = self.tokens.find(token) else {
            return Found::Nobody;
        };
        let (store, realm) = (&self.parts.store, &self.parts.policy.realm);
        match store.load(key, realm, facts.now).await {
            Ok(Loaded::Live(record)) => Found::Stored(*key, record),
            Ok(Loaded::Missing) => self.begin(*key, name, facts).await,
            Ok(Loaded::Ended(_) | Loaded::Renewed(_)) => Found::Nobody,
            Err(_) => Found::StoreDown,
        }
    }

    async fn begin(&self, key: StoreKey, name: &str, facts: &RequestFacts<'_>) -> Found {
        let user = match self.parts.accounts.by_name(name).await {
            Ok(Some(user)) if user.may_log_in() => user,
            Ok(_) => return Found::Nobody,
            Err(_) => return Found::StoreDown,
        };
        let identity = Identity {
            user_id: user.id,
            auth_method: TOKEN.into(),
            auth_time: facts.now,
            account_generation: user.generation,
        };
        let policy = &self.parts.policy;
        let Some(record) = Record::of_login(policy, &key, identity, facts.user_agent, facts.now) else {
            return Found::Nobody;
        };
        if facts.discard_writes {
            return Found::Stored(key, Box::new(record));
        }
        match self.parts.store.create(&key, &record, facts.now).await {
            // A parallel request's record is like this one.
            Ok(()) | Err(CreateError::Exists) => Found::Stored(key, Box::new(record)),
            Err(CreateError::Ended(_) | CreateError::Killed) => Found::Nobody,
            Err(CreateError::Store(_)) => Found::StoreDown,
        }
    }
}

#[async_trait]
impl SessionHandler for TokenHandler {
    async fn open(&self, facts: &RequestFacts<'_>) -> Session {
        let Some(token) = (facts.header)("authorization").and_then(|value| value.strip_prefix(b"Bearer "))
        else {
            return self.cookies.open(facts).await;
        };
        let found = self.find(token, facts).await;
        let session = Session::opened(Arc::clone(&self.parts.policy), found);
        match facts.discard_writes {
            true => session,
            false => session.with_store(Arc::clone(&self.parts.store), facts.now),
        }
    }

    async fn finish(&self, session: Session, outcome: &Outcome) -> Result<Vec<CookieChange>, FinishError> {
        let Some(key) = session.key().filter(|_| session.is_of_another_handler()) else {
            return self.cookies.finish(session, outcome).await;
        };
        if outcome.discard_writes {
            return Ok(Vec::new());
        }
        let (store, realm) = (&self.parts.store, &self.parts.policy.realm);
        match session.wish() {
            Wish::Keep => {
                if let Err(error) = session.save(store.as_ref(), outcome.now).await {
                    tracing::debug!(%error, "what a token's request wrote is lost");
                }
            }
            // A logout, or the account is not what it was.
            Wish::LogOut => {
                let ended = store.delete(&key, realm, outcome.now).await;
                ended.map_err(|error| FinishError::NotStored(error.into()))?;
            }
            Wish::LogIn { .. } | Wish::NewId => {
                return Err(FinishError::NotStored("a token stays what it is".into()));
            }
        }
        // Whoever comes with a token gets no cookie.
        Ok(Vec::new())
    }

    fn takes(&self, auth_method: &str) -> bool {
        auth_method == TOKEN || auth_method == PASSWORD
    }
}

#[cfg(test)]
mod tests;

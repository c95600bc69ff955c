//! A server that keeps sessions, as a URL in the configuration.
//!
//! The URL holds a password. What is shown, compared between wikis and made part of the realm is the
//! *identity*: the URL without credentials and options, its host in lower case, its port and database written
//! out. The URL itself goes to the store and nowhere else.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use grange_session::{
    PostgresAddress, PostgresSessionStore, RedisAddress, RedisSessionStore, SessionStore, StoreError,
};

/// Where a server is, and under which name this farm's sessions stand there.
#[derive(Clone)]
pub struct ServerStore {
    url: Arc<str>,
    kind: Arc<str>,
    identity: Arc<str>,
    address: Arc<ServerAddress>,
    store: Arc<dyn SessionStore>,
}

/// What lints ask about the way to a server.
pub(crate) enum ServerAddress {
    /// A Redis or Valkey.
    Redis(Arc<RedisSessionStore>, RedisAddress),
    /// A PostgreSQL database.
    Postgres(PostgresAddress),
}

impl ServerStore {
    /// Reads a URL; the name `kind` stands in front of keys, or is a table's. Nothing is opened before the first use.
    ///
    /// # Errors
    /// * A sentence that says what is wrong; it repeats nothing of the URL.
    pub(crate) fn parse(url: &str, kind: &str) -> Result<ServerStore, String> {
        let said = |error: &dyn ToString| error.to_string();
        let (address, identity, store) = if url.starts_with("redis") {
            let address = RedisAddress::parse(url).map_err(|error| said(&error))?;
            let store = Arc::new(RedisSessionStore::at(url, kind).map_err(|error| said(&error))?);
            let identity = address.identity();
            let sessions: Arc<dyn SessionStore> = Arc::clone(&store) as _;
            (ServerAddress::Redis(store, address), identity, sessions)
        } else {
            let address = PostgresAddress::parse(url).map_err(|error| said(&error))?;
            let store = PostgresSessionStore::at(url, kind).map_err(|error| said(&error))?;
            let identity = address.identity();
            let sessions: Arc<dyn SessionStore> = Arc::new(store);
            (ServerAddress::Postgres(address), identity, sessions)
        };
        Ok(ServerStore {
            url: url.into(),
            kind: kind.into(),
            identity: identity.into(),
            address: Arc::new(address),
            store,
        })
    }

    /// The URL without credentials, equal for equal servers and databases.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// What the server says against keeping sessions in it: complaints, each with what to change.
    pub(crate) async fn advice(&self) -> Result<Vec<(String, &'static str)>, StoreError> {
        let advice = match &*self.address {
            ServerAddress::Redis(store, _) => store.advice().await?,
            // A database keeps what it is told.
            ServerAddress::Postgres(_) => Vec::new(),
        };
        Ok(advice
            .into_iter()
            .map(|advice| (advice.complaint, advice.remedy))
            .collect())
    }

    /// What server it is.
    pub(crate) fn server(&self) -> &'static str {
        match &*self.address {
            ServerAddress::Redis(..) => "redis",
            ServerAddress::Postgres(_) => "postgres",
        }
    }

    /// How the server is reached.
    pub(crate) fn address(&self) -> &ServerAddress {
        &self.address
    }

    /// The store. Equal places have one each; whoever wants one for all of them keeps the first.
    pub(crate) fn store(&self) -> Arc<dyn SessionStore> {
        Arc::clone(&self.store)
    }
}

// Another password is another way to the same store, so it counts here and not in the identity.
impl PartialEq for ServerStore {
    fn eq(&self, other: &ServerStore) -> bool {
        (&self.url, &self.kind) == (&other.url, &other.kind)
    }
}

impl Eq for ServerStore {}

impl Hash for ServerStore {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.url, &self.kind).hash(state);
    }
}

impl fmt::Debug for ServerStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerStore({} {})", self.identity, self.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_password_is_another_way_to_the_same_store() {
        let one = ServerStore::parse("redis://:plums@H", "k").unwrap();
        let other = ServerStore::parse("redis://:quinces@h:6379/0", "k").unwrap();
        assert!(one != other && one.identity() == other.identity());
        assert!(one == ServerStore::parse("redis://:plums@H", "k").unwrap());
        assert!(one != ServerStore::parse("redis://:plums@H", "other").unwrap());
        assert_eq!(format!("{one:?}"), "ServerStore(redis://h:6379/0 k)");
    }
}

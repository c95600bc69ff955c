//! The two tables of a store: what stands in them, and how they are made.
//!
//! Records and tombstones stand in one table, so that one unique index decides between a session that
//! begins under a key and an end that comes for it at the same moment. Generations, which kills raise,
//! stand in the other, and so does the format. Tables are made at first use, under a lock that another
//! process takes as well; whoever finds them there needs no right to make any.

use sha2::{Digest, Sha256};
use tokio_postgres::Client;

use super::address::GENERATIONS_ENDING;
use super::trouble::{Trouble, surely_undone};
use crate::store::StoreError;

/// The format that this program writes; an older program refuses a newer one.
const FORMAT: i64 = 1;

/// How the tables of a store are called in SQL, and what locks concern them.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    /// Records and tombstones, quoted.
    pub(super) sessions: String,
    /// Generations, quoted.
    pub(super) generations: String,
    generations_name: String,
    /// What keeps our advisory locks apart from those of other stores in the same database.
    lock_seed: [u8; 32],
}

impl Tables {
    pub(super) fn named(name: &str) -> Tables {
        let generations_name = format!("{name}{GENERATIONS_ENDING}");
        Tables {
            sessions: quote(name),
            generations: quote(&generations_name),
            generations_name,
            lock_seed: Sha256::digest(format!("grange sessions in {name}")).into(),
        }
    }

    /// The number of an advisory lock on something of this store.
    pub(super) fn lock_on(&self, parts: &[&[u8]]) -> i64 {
        let mut hash = Sha256::new_with_prefix(self.lock_seed);
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = hash.finalize().into();
        i64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// Makes the tables unless they are there, and checks that this program knows their format.
    pub(super) async fn make(&self, client: &Client) -> Result<(), Trouble> {
        let found = match self.is_there(client).await? {
            true => self.format(client).await?,
            false => self.make_alone(client).await?,
        };
        match found {
            FORMAT => Ok(()),
            found => Err(Trouble::Refused(StoreError::TooNew { found, known: FORMAT })),
        }
    }

    async fn is_there(&self, client: &Client) -> Result<bool, Trouble> {
        // Asked of the table of tables: `to_regclass` would repeat what it knew before the lock was ours.
        let select = "SELECT EXISTS (SELECT FROM pg_catalog.pg_class
            WHERE relname = $1 AND pg_catalog.pg_table_is_visible(oid))";
        let row = client.query_one(select, &[&self.generations_name]).await;
        row.and_then(|row| row.try_get(0)).map_err(surely_undone)
    }

    async fn format(&self, client: &Client) -> Result<i64, Trouble> {
        let select = format!(
            "SELECT generation FROM {} WHERE realm = '' AND subject = 'format'",
            self.generations
        );
        let row = client.query_opt(&select, &[]).await.map_err(surely_undone)?;
        let Some(row) = row else {
            return Err(Trouble::Refused(StoreError::down(format!(
                "the table {} is not one of ours; choose another session_kind",
                self.generations
            ))));
        };
        row.try_get(0).map_err(surely_undone)
    }

    /// Another process may be doing the same at this moment: one of the two waits and finds them made.
    async fn make_alone(&self, client: &Client) -> Result<i64, Trouble> {
        let lock = self.lock_on(&[b"tables"]);
        let begin = format!("BEGIN; SELECT pg_advisory_xact_lock({lock})");
        client.batch_execute(&begin).await.map_err(surely_undone)?;
        if !self.is_there(client).await? {
            self.check_encoding(client).await?;
            client
                .batch_execute(&self.definition())
                .await
                .map_err(surely_undone)?;
        }
        let found = self.format(client).await?;
        client.batch_execute("COMMIT").await.map_err(surely_undone)?;
        Ok(found)
    }

    /// Page names are of all scripts.
    async fn check_encoding(&self, client: &Client) -> Result<(), Trouble> {
        let row = client
            .query_one("SELECT current_setting('server_encoding')", &[])
            .await;
        let encoding: String = row.and_then(|row| row.try_get(0)).map_err(surely_undone)?;
        if encoding == "UTF8" {
            return Ok(());
        }
        Err(Trouble::Refused(StoreError::down(format!(
            "the database has the encoding {encoding}; sessions need one with UTF8"
        ))))
    }

    fn definition(&self) -> String {
        let Tables {
            sessions,
            generations,
            ..
        } = self;
        format!(
            "
CREATE TABLE {sessions} (
    -- SHA-256 of an id; no id stands anywhere.
    key              bytea NOT NULL PRIMARY KEY,
    realm            bytea NOT NULL,
    -- NULL = a record; else a tombstone: how it ended, and until when that must be known.
    ended            text,
    until            bigint,
    -- Whose generation the record carries: 'guests' or 'user:' and the id.
    subject          text NOT NULL DEFAULT '',
    generation       bigint NOT NULL DEFAULT 0,
    realm_generation bigint NOT NULL DEFAULT 0,
    -- Moments are milliseconds since 1970.
    issued           bigint NOT NULL DEFAULT 0,
    seen             bigint NOT NULL DEFAULT 0,
    expires          bigint NOT NULL DEFAULT 0,
    cookie_until     bigint,
    verifies_until   bigint NOT NULL DEFAULT 0,
    -- JSON, as text: PostgreSQL's own types refuse what JSON allows.
    about            text NOT NULL DEFAULT '',
    data             text NOT NULL DEFAULT '',
    trail            text NOT NULL DEFAULT ''
-- Room on each page for changed records beside the old ones, so that no index has to be written.
) WITH (fillfactor = 80);
-- Counts, lists and sweeps of one user, the guests or a realm.
CREATE INDEX ON {sessions} (realm, realm_generation, subject, generation) WHERE ended IS NULL;
CREATE INDEX ON {sessions} (expires) WHERE ended IS NULL;
CREATE INDEX ON {sessions} (until) WHERE ended IS NOT NULL;

-- Raised by kills. A record lives while it carries the generations in force; no row means 0.
CREATE TABLE {generations} (
    realm      bytea NOT NULL,
    subject    text NOT NULL,
    generation bigint NOT NULL,
    killed_at  bigint NOT NULL,
    swept      boolean NOT NULL,
    PRIMARY KEY (realm, subject)
);
CREATE INDEX ON {generations} (realm) WHERE NOT swept;
INSERT INTO {generations} VALUES ('', 'format', {FORMAT}, 0, true);
"
        )
    }
}

/// A name as SQL takes it, whatever stands in it.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_whatever_stands_in_it() {
        let tables = Tables::named("a\"; DROP TABLE x; --");
        assert_eq!(tables.sessions, "\"a\"\"; DROP TABLE x; --\"");
        assert_eq!(tables.generations, "\"a\"\"; DROP TABLE x; --_generations\"");
    }

    #[test]
    fn locks_of_two_stores_or_of_two_things_differ() {
        let (one, two) = (Tables::named("a"), Tables::named("b"));
        assert_ne!(one.lock_on(&[b"x"]), two.lock_on(&[b"x"]));
        assert_ne!(one.lock_on(&[b"x", b"y"]), one.lock_on(&[b"xy", b""]));
        assert_eq!(one.lock_on(&[b"x"]), Tables::named("a").lock_on(&[b"x"]));
    }
}

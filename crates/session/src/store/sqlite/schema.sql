-- Format 1 of sessions.db. Keys are SHA-256 of ids; no id stands anywhere in this file.
-- Rows lie in the order in which they began, so that a sweep removes neighbours. That a key stands here once is seen to
-- by whoever adds one, in the transaction that adds it.
CREATE TABLE sessions (
    key              BLOB NOT NULL,
    realm            BLOB NOT NULL,
    -- Whose generation the record carries: 'guests' or 'user:' and the id.
    subject          TEXT NOT NULL,
    generation       INTEGER NOT NULL,
    realm_generation INTEGER NOT NULL,
    -- Moments are milliseconds since 1970.
    issued           INTEGER NOT NULL,
    seen             INTEGER NOT NULL,
    expires          INTEGER NOT NULL,
    cookie_until     INTEGER,
    verifies_until   INTEGER NOT NULL,
    -- JSON.
    about            TEXT NOT NULL,
    data             TEXT NOT NULL,
    trail            TEXT NOT NULL
);
-- Eight bytes tell a million keys apart and take a third of the pages. Files of older programs have an index of whole
-- keys instead, which finds the same rows.
CREATE INDEX sessions_by_key ON sessions (substr(key, 1, 8));
-- Counts, lists and sweeps of one user, the guests or a realm.
CREATE INDEX sessions_by_owner ON sessions (realm, realm_generation, subject, generation);
CREATE INDEX sessions_by_end ON sessions (expires);

-- Keys whose ids can still be presented and must never begin a session again.
CREATE TABLE tombstones (
    key      BLOB NOT NULL PRIMARY KEY,
    -- What it tells, as text of store/tombstone.rs.
    replaced NOT NULL,
    until    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX tombstones_by_end ON tombstones (until);

-- Raised by kills. A record lives while it carries the generations in force; no row means 0.
CREATE TABLE generations (
    realm      BLOB NOT NULL,
    subject    TEXT NOT NULL,
    generation INTEGER NOT NULL,
    killed_at  INTEGER NOT NULL,
    swept      INTEGER NOT NULL,
    PRIMARY KEY (realm, subject)
) WITHOUT ROWID;
CREATE INDEX generations_to_sweep ON generations (swept) WHERE swept = 0;

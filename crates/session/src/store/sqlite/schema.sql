-- Format 1 of sessions.db. Keys are SHA-256 of ids; no id stands anywhere in this file.
-- A row's number is the first eight bytes of its key where they are free, so that most loads need no index.
CREATE TABLE sessions (
    key              BLOB NOT NULL PRIMARY KEY,
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

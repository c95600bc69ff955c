-- One wiki's pages. A page's row says what stands there now; its revisions are the change log too,
-- in the order of `seq`. Rows of `revision` are never deleted, so `seq` never repeats.
CREATE TABLE page (
    id       INTEGER PRIMARY KEY,
    name     TEXT    NOT NULL UNIQUE,
    revision INTEGER NOT NULL,              -- the newest number; numbers continue after a deletion
    standing INTEGER NOT NULL               -- 0 text, 1 nothing (deleted), 2 the underlay's file
) STRICT;

-- The text stands last, so that reading the log never touches its overflow pages.
CREATE TABLE revision (
    seq     INTEGER PRIMARY KEY,
    page    INTEGER NOT NULL REFERENCES page (id),
    number  INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    standing INTEGER NOT NULL,
    time    INTEGER NOT NULL,               -- microseconds since 1970, UTC
    user_id TEXT,
    name    TEXT,
    address TEXT,
    acting  TEXT,
    comment TEXT    NOT NULL,
    other   TEXT,                           -- of a renaming: the name before or after
    bytes   INTEGER NOT NULL,               -- of the text
    hash    BLOB    NOT NULL,               -- SHA-256 of the text
    coding  INTEGER NOT NULL,               -- 0 as it is, 1 zstd
    text    BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX revision_of_page ON revision (page, number);
CREATE INDEX revision_in_time ON revision (time);

-- What the pages that stand link to, by name, because a link may lead to a page that does not exist.
CREATE TABLE link (
    page   INTEGER NOT NULL REFERENCES page (id),
    target TEXT    NOT NULL,
    PRIMARY KEY (page, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_to ON link (target, page);

-- Exactly one row. `id` tells this file from one restored in its place; `page_set` grows when a
-- page begins or ceases to exist.
CREATE TABLE store (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    id       INTEGER NOT NULL,
    page_set INTEGER NOT NULL
) STRICT;
INSERT INTO store VALUES (1, random(), 0);

-- The files attached to pages. A row is a name on a page and stays when the file is removed, so that its
-- versions are numbered on.
CREATE TABLE attachment (
    id      INTEGER PRIMARY KEY,
    page    INTEGER NOT NULL REFERENCES page (id),
    name    TEXT    NOT NULL,
    version INTEGER NOT NULL                -- the newest number; a removal has one too
) STRICT;
CREATE UNIQUE INDEX attachment_of_page ON attachment (page, name);

-- What was attached and removed: the other half of the change log. `seq` counts on from the larger one of both
-- halves. The bytes are in `attachments/<hash in hexadecimal digits>` beside this file.
CREATE TABLE attachment_version (
    seq        INTEGER PRIMARY KEY,
    attachment INTEGER NOT NULL REFERENCES attachment (id),
    number     INTEGER NOT NULL,
    kind       TEXT    NOT NULL,            -- 'attach' or 'detach'
    time       INTEGER NOT NULL,            -- microseconds since 1970, UTC
    user_id    TEXT,
    name       TEXT,
    address    TEXT,
    acting     TEXT,
    comment    TEXT    NOT NULL,
    bytes      INTEGER NOT NULL,
    hash       BLOB    NOT NULL,            -- SHA-256 of the bytes; of a removal, of what was removed
    media_type TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX attachment_version_number ON attachment_version (attachment, number);
CREATE INDEX attachment_version_in_time ON attachment_version (time);

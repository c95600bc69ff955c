-- What full text search may look up: which pages hold which three characters in a row, folded as
-- `search/probe.rs` folds them. Only a proposal (the texts decide), so it may lag behind the change log; it
-- holds no text and can be made again from the log at any time. A row's number is its page's.
CREATE VIRTUAL TABLE search_text USING fts5 (
    text,
    content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
);

-- Exactly one row: up to which entry of the change log the pages are in it, and by which rules they were
-- folded (0: nothing was yet).
CREATE TABLE search_state (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    seq    INTEGER NOT NULL,
    format INTEGER NOT NULL
) STRICT;
INSERT INTO search_state VALUES (1, 0, 0);

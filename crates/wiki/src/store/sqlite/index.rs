//! The full-text index inside the wiki's file: it follows the change log in small transactions.
//!
//! A save does not touch it. A step reads the next pages of the log without a lock, takes the lock only to
//! write them down together with how far it has come, and gives way if another process was faster or holds
//! the lock. A step that was cut short leaves nothing behind. Pages that the index has not come to are
//! candidates of every question, so nothing is ever missed. Start at [`Writer::index_step`].

use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior, params};

use super::coding::decode;
use super::open::{PATIENCE, is_busy};
use super::read::{Reader, parsed, standing_of, unsigned};
use super::write::Writer;
use crate::name::PageName;
use crate::page::Standing;
use crate::search::probe::{Probe, SHORTEST_PIECE, fold};
use crate::store::Indexing;

/// Another number makes every index anew: to be raised when `fold` changes.
const FORMAT: i64 = 1;

/// So many entries have to wait before a step is worth its commit; until then their texts are read.
const WORTH_A_STEP: u64 = 32;

/// A step takes pages until it has so many bytes of text; it holds the lock for some 20 ms.
const STEP_BYTES: usize = 128 * 1024;

/// And at most so many pages.
const STEP_PAGES: usize = 256;

/// So long a step waits for the lock: the search behind it can do without.
const STEP_PATIENCE: Duration = Duration::from_millis(20);

/// How far the index has come.
#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    seq: u64,
    format: i64,
}

/// The next pages of the log.
struct Batch {
    /// Their rows; nothing for a page that does not stand.
    pages: Vec<(i64, Option<String>)>,
    /// The entry up to which they reach.
    up_to: u64,
    /// The newest entry of the log.
    newest: u64,
}

impl Writer {
    /// One step.
    pub fn index_step(&mut self) -> rusqlite::Result<Indexing> {
        let connection = self.connection_mut();
        let state = state_of(connection)?;
        let from = if state.format == FORMAT { state.seq } else { 0 };
        if state.format == FORMAT && newest_entry(connection)?.saturating_sub(from) < WORTH_A_STEP {
            return Ok(Indexing::Done);
        }
        let batch = read_batch(connection, from)?;
        connection.busy_timeout(STEP_PATIENCE)?;
        let written = write_batch(connection, state, &batch);
        connection.busy_timeout(PATIENCE)?;
        match written {
            Err(error) if is_busy(&error) => Ok(Indexing::Done),
            Err(error) => Err(error),
            Ok(()) if batch.newest.saturating_sub(batch.up_to) < WORTH_A_STEP => Ok(Indexing::Done),
            Ok(()) => Ok(Indexing::More),
        }
    }
}

impl Reader {
    /// The pages that may satisfy a probe; nothing if the index cannot say.
    pub fn candidates(&self, probe: &Probe) -> rusqlite::Result<Option<Vec<PageName>>> {
        let connection = self.connection();
        let Some(wanted) = expression(probe) else {
            return Ok(None);
        };
        let state = state_of(connection)?;
        if state.format != FORMAT {
            return Ok(None);
        }
        // What waits is asked first: a page that is written down in between then comes twice, not never.
        let mut statement = connection.prepare_cached(
            "SELECT p.name FROM revision r CROSS JOIN page p ON p.id = r.page AND p.revision = r.number \
             WHERE r.seq > ?1 AND p.standing = 0",
        )?;
        let waiting = statement.query_map([state.seq.cast_signed()], |row| parsed(row, 0))?;
        let mut names = waiting.collect::<rusqlite::Result<Vec<PageName>>>()?;
        let mut statement = connection.prepare_cached(
            "SELECT p.name FROM search_text s CROSS JOIN page p ON p.id = s.rowid \
             WHERE s.search_text MATCH ?1 AND p.standing = 0",
        )?;
        for name in statement.query_map([wanted], |row| parsed(row, 0))? {
            names.push(name?);
        }
        Ok(Some(names))
    }
}

/// A probe in the language of FTS5; nothing where it asks for nothing. Without positions in the index a
/// piece is the same as all its runs of three characters.
fn expression(probe: &Probe) -> Option<String> {
    match probe {
        Probe::Anything => None,
        Probe::Piece(piece) => {
            let letters: Vec<char> = piece.chars().collect();
            let runs = letters.windows(SHORTEST_PIECE).map(quoted);
            Some(format!("({})", runs.collect::<Vec<_>>().join(" AND ")))
        }
        Probe::All(parts) => {
            let asked: Vec<String> = parts.iter().filter_map(expression).collect();
            (!asked.is_empty()).then(|| format!("({})", asked.join(" AND ")))
        }
        Probe::Any(parts) => {
            let asked: Option<Vec<String>> = parts.iter().map(expression).collect();
            asked.map(|asked| format!("({})", asked.join(" OR ")))
        }
    }
}

fn quoted(run: &[char]) -> String {
    let mut text = String::from("\"");
    for c in run {
        text.push(*c);
        if *c == '"' {
            text.push('"');
        }
    }
    text.push('"');
    text
}

fn state_of(connection: &Connection) -> rusqlite::Result<State> {
    let mut statement = connection.prepare_cached("SELECT seq, format FROM search_state")?;
    statement.query_row([], |row| {
        Ok(State {
            seq: unsigned(row, 0)?,
            format: row.get(1)?,
        })
    })
}

fn newest_entry(connection: &Connection) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached("SELECT coalesce(max(seq), 0) FROM revision")?;
    statement.query_row([], |row| unsigned(row, 0))
}

/// Only a page's newest entry counts: of a long history one text is read.
fn read_batch(connection: &Connection, from: u64) -> rusqlite::Result<Batch> {
    let newest = newest_entry(connection)?;
    let mut batch = Batch {
        pages: Vec::new(),
        up_to: from,
        newest,
    };
    let mut bytes = 0;
    let mut statement = connection.prepare_cached(
        "SELECT r.seq, p.id, p.name, p.standing, r.bytes, r.hash, r.coding, r.text \
         FROM revision r CROSS JOIN page p ON p.id = r.page AND p.revision = r.number \
         WHERE r.seq > ?1 ORDER BY r.seq",
    )?;
    let mut rows = statement.query([from.cast_signed()])?;
    while let Some(row) = rows.next()? {
        if bytes >= STEP_BYTES || batch.pages.len() >= STEP_PAGES {
            return Ok(batch);
        }
        let text = match standing_of(row, 3)? {
            Standing::Text => Some(folded(row)?),
            Standing::Nothing | Standing::Underlay => None,
        };
        bytes += text.as_ref().map_or(0, String::len);
        batch.up_to = unsigned(row, 0)?;
        batch.pages.push((row.get(1)?, text));
    }
    batch.up_to = batch.up_to.max(newest);
    Ok(batch)
}

/// What is written down of a page. A damaged text is found by nothing but its name.
fn folded(row: &rusqlite::Row<'_>) -> rusqlite::Result<String> {
    let name: String = row.get(2)?;
    let hash: [u8; 32] = row.get(5)?;
    let text = decode(row.get(6)?, row.get_ref(7)?.as_blob()?, unsigned(row, 4)?, &hash);
    Ok(match text {
        Ok(text) => fold(&format!("{name}\n{text}")),
        Err(error) => {
            tracing::error!(page = name, %error, "not taken into the search index");
            fold(&name)
        }
    })
}

fn write_batch(connection: &mut Connection, seen: State, batch: &Batch) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if state_of(&transaction)? != seen {
        // Another process was faster; what it wrote is as good as ours.
        return Ok(());
    }
    if seen.format != FORMAT {
        transaction.execute("INSERT INTO search_text (search_text) VALUES ('delete-all')", [])?;
    }
    for (page, text) in &batch.pages {
        match text {
            Some(text) => transaction
                .prepare_cached("INSERT OR REPLACE INTO search_text (rowid, text) VALUES (?1, ?2)")?
                .execute(params![page, text])?,
            None => transaction
                .prepare_cached("DELETE FROM search_text WHERE rowid = ?1")?
                .execute([page])?,
        };
    }
    transaction
        .prepare_cached("UPDATE search_state SET seq = ?1, format = ?2")?
        .execute(params![batch.up_to.cast_signed(), FORMAT])?;
    transaction.commit()
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;

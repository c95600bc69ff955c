//! The two transactions that change pages: a save and a renaming. Those of attached files are in `attach.rs`.
//!
//! Everything that can be done before the write lock is taken (hashing, compressing) is done before.
//! `BEGIN IMMEDIATE` takes the lock at once, so what a transaction reads cannot change under it, and it
//! never has to be given up half way. Waiting for other processes is SQLite's busy timeout.
//! Start at [`Writer::save`].

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::attach::{move_attachments, next_entry};
use super::coding::{CodedText, Coder};
use super::open::{FileIdentity, Place};
use super::read::{change_at, standing_number, standing_of};
use crate::name::PageName;
use crate::page::{Author, Change, ChangeKind, RevisionNumber, Standing};
use crate::store::{NewRevision, Renamed, Renaming, Saving, StoreError, fingerprint};

/// The connection that writes.
pub struct Writer {
    connection: Connection,
    pub identity: FileIdentity,
    coder: Coder,
}

/// A page's row.
#[derive(Clone, Copy)]
pub(super) struct PageRow {
    pub id: i64,
    pub revision: RevisionNumber,
    pub standing: Standing,
}

/// What a new row of the change log says beside its page and text.
struct Entry<'a> {
    name: &'a PageName,
    kind: ChangeKind,
    standing: Standing,
    author: &'a Author,
    comment: &'a str,
    time: jiff::Timestamp,
    other: Option<&'a PageName>,
}

impl Writer {
    /// Opens the file, making it if there is none.
    pub fn open(place: &Place) -> Result<Writer, StoreError> {
        let identity = match place.identity()? {
            Some(identity) => identity,
            None => {
                place.create()?;
                place.identity()?.ok_or(StoreError::Closed)?
            }
        };
        Ok(Writer {
            connection: place.open()?,
            identity,
            coder: Coder::default(),
        })
    }

    /// For the transactions that stand in other files.
    pub(super) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Another process may have migrated the file since it was opened; what it means now we cannot know.
    pub fn refuse_newer_schema(&self, place: &Place) -> Result<(), StoreError> {
        place.refuse_newer_schema(&self.connection).map(drop)
    }

    pub fn save(&mut self, new: &NewRevision) -> rusqlite::Result<Saving> {
        let text = self.coder.encode(new.content.text());
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = find_page(&transaction, &new.page)?;
        if let Some(stale) = stale_change(&transaction, found, new.base)? {
            return Ok(Saving::Stale(stale));
        }
        let standing = new.content.standing();
        let entry = Entry {
            name: &new.page,
            kind: new.kind,
            standing,
            author: &new.author,
            comment: &new.comment,
            time: new.time,
            other: None,
        };
        let row = found.map_or_else(|| insert_page(&transaction, &new.page), Ok)?;
        let change = append(&transaction, row, &entry, &text, new.content.text().len() as u64)?;
        replace_links(&transaction, row.id, &new.links)?;
        if found.map(|row| row.standing) != Some(standing) {
            count_page_set(&transaction)?;
        }
        transaction.commit()?;
        Ok(Saving::Saved(change))
    }

    pub fn rename(&mut self, renaming: &Renaming) -> rusqlite::Result<Renamed> {
        let (text, nothing) = (self.coder.encode(&renaming.text), self.coder.encode(""));
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let source = find_page(&transaction, &renaming.from)?;
        if let Some(stale) = stale_change(&transaction, source, renaming.base)? {
            return Ok(Renamed::Stale(stale));
        }
        let target = find_page(&transaction, &renaming.to)?;
        if target.is_some_and(|row| row.standing == Standing::Text) {
            return Ok(Renamed::TargetExists);
        }
        let source = source.map_or_else(|| insert_page(&transaction, &renaming.from), Ok)?;
        let target = target.map_or_else(|| insert_page(&transaction, &renaming.to), Ok)?;
        let moved = move_history(&transaction, source, target)?;
        move_attachments(&transaction, (source.id, target.id), renaming)?;

        let gone = Entry {
            name: &renaming.from,
            kind: ChangeKind::Rename,
            standing: Standing::Nothing,
            author: &renaming.author,
            comment: &renaming.comment,
            time: renaming.time,
            other: Some(&renaming.to),
        };
        append(&transaction, source, &gone, &nothing, 0)?;
        replace_links(&transaction, source.id, &[])?;
        let come = Entry {
            name: &renaming.to,
            standing: Standing::Text,
            other: Some(&renaming.from),
            ..gone
        };
        let change = append(&transaction, moved, &come, &text, renaming.text.len() as u64)?;
        replace_links(&transaction, moved.id, &renaming.links)?;
        count_page_set(&transaction)?;
        transaction.commit()?;
        Ok(Renamed::Done(change))
    }
}

#[cfg(test)]
impl Writer {
    /// Brings everything from the log into the file itself.
    pub fn checkpoint(&mut self) -> rusqlite::Result<()> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }
}

/// What was done meanwhile, if `base` is not what stands at the page. Where no revision's text stands
/// there is nothing to overwrite, so base 0 ("a new page", "the underlay's file") fits too.
fn stale_change(
    connection: &Connection,
    found: Option<PageRow>,
    base: RevisionNumber,
) -> rusqlite::Result<Option<Change>> {
    let Some(row) = found else { return Ok(None) };
    // A row without revisions is an underlay's page with files.
    let fits = row.revision == base || row.revision == 0 || (base == 0 && row.standing != Standing::Text);
    if fits {
        Ok(None)
    } else {
        change_at(connection, row.id, row.revision).map(Some)
    }
}

pub(super) fn find_page(connection: &Connection, name: &PageName) -> rusqlite::Result<Option<PageRow>> {
    let mut statement =
        connection.prepare_cached("SELECT id, revision, standing FROM page WHERE name = ?1")?;
    let row = statement.query_row([name.as_str()], |row| {
        Ok(PageRow {
            id: row.get(0)?,
            revision: row.get(1)?,
            standing: standing_of(row, 2)?,
        })
    });
    row.optional()
}

/// A row without revisions; [`append`] gives it its first in the same transaction.
fn insert_page(transaction: &Transaction<'_>, name: &PageName) -> rusqlite::Result<PageRow> {
    transaction
        .prepare_cached("INSERT INTO page (name, revision, standing) VALUES (?1, 0, 1)")?
        .execute([name.as_str()])?;
    Ok(PageRow {
        id: transaction.last_insert_rowid(),
        revision: 0,
        standing: Standing::Nothing,
    })
}

/// Adds a revision after the page's newest.
fn append(
    transaction: &Transaction<'_>,
    row: PageRow,
    entry: &Entry<'_>,
    text: &CodedText,
    bytes: u64,
) -> rusqlite::Result<Change> {
    let (number, standing) = (row.revision + 1, standing_number(entry.standing));
    let author = entry.author;
    // `time` is kept in microseconds, so the answer says what a later reading will.
    let time = entry.time.as_microsecond();
    let mut insert = transaction.prepare_cached(
        "INSERT INTO revision (seq, page, number, kind, standing, time, user_id, name, address, acting, comment, \
         bytes, other, coding, hash, text) VALUES (?16, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, \
         ?14, ?15)",
    )?;
    let seq = insert.insert(params![
        row.id,
        number,
        entry.kind.as_str(),
        standing,
        time,
        author.user_id,
        author.name,
        author.address,
        author.acting,
        entry.comment,
        bytes.cast_signed(),
        entry.other.map(PageName::as_str),
        text.coding.number(),
        text.hash,
        text.bytes,
        next_entry(transaction)?,
    ])?;
    transaction
        .prepare_cached("UPDATE page SET revision = ?2, standing = ?3 WHERE id = ?1")?
        .execute(params![row.id, number, standing])?;
    Ok(Change {
        seq: seq.cast_unsigned(),
        page: entry.name.clone(),
        revision: number,
        kind: entry.kind,
        author: author.clone(),
        time: jiff::Timestamp::from_microsecond(time).unwrap_or(entry.time),
        comment: entry.comment.to_owned(),
        bytes,
        other: entry.other.cloned(),
        file: None,
        standing: entry.standing,
        fingerprint: fingerprint(&text.hash),
    })
}

/// Gives the source's revisions to the target, numbered on from the target's own.
fn move_history(
    transaction: &Transaction<'_>,
    source: PageRow,
    target: PageRow,
) -> rusqlite::Result<PageRow> {
    transaction
        .prepare_cached("UPDATE revision SET page = ?2, number = number + ?3 WHERE page = ?1")?
        .execute(params![source.id, target.id, target.revision])?;
    Ok(PageRow {
        revision: target.revision + source.revision,
        ..target
    })
}

/// Writes only what differs: most edits leave a page's links as they are.
fn replace_links(transaction: &Transaction<'_>, page: i64, links: &[PageName]) -> rusqlite::Result<()> {
    let mut wanted: Vec<&str> = links.iter().map(PageName::as_str).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut select = transaction.prepare_cached("SELECT target FROM link WHERE page = ?1 ORDER BY target")?;
    let present: Vec<String> = select
        .query_map([page], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut delete = transaction.prepare_cached("DELETE FROM link WHERE page = ?1 AND target = ?2")?;
    for target in &present {
        if wanted.binary_search(&target.as_str()).is_err() {
            delete.execute(params![page, target])?;
        }
    }
    let mut insert = transaction.prepare_cached("INSERT INTO link (page, target) VALUES (?1, ?2)")?;
    for target in wanted {
        if present
            .binary_search_by(|held| held.as_str().cmp(target))
            .is_err()
        {
            insert.execute(params![page, target])?;
        }
    }
    Ok(())
}

pub(super) fn count_page_set(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE store SET page_set = page_set + 1")?
        .execute([])?;
    Ok(())
}

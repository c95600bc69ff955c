//! The SQL of attached files: what is asked, the two transactions that change them, and what a renaming of their page
//! does.
//!
//! A removal is a version without bytes. What stands is the newest version unless that is a removal; what may be
//! read are the versions after the last one. Start at [`Writer::attach`].

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::SqlitePageStore;
use super::read::{Reader, author_of, damaged, parsed, rows, standing_of, stored, unsigned};
use super::write::{Writer, count_page_set, find_page};
use super::{Effort, StoreError, Stretch};
use crate::attachment::{Attachment, FileName};
use crate::name::PageName;
use crate::page::{Author, Change, ChangeKind, Standing};
use crate::store::{
    Attaching, AttachmentSheet, AttachmentStore, NewAttachment, Overwrite, Removal, Renaming, fingerprint,
};

/// Selects what [`attachment_of`] and [`change_of`] read. Said once, because places are numbers.
macro_rules! select {
    ($($rest:tt)+) => {
        select_with!("", $($rest)+)
    };
}

/// The same with more columns.
macro_rules! select_with {
    ($more:literal, $($rest:tt)+) => {
        concat!(
            "SELECT v.seq, p.name, a.name, v.number, v.kind, v.time, v.user_id, v.name, v.address, v.acting, ",
            "v.comment, v.bytes, v.hash, v.media_type, p.standing",
            $more,
            " FROM attachment_version v JOIN attachment a ON a.id = v.attachment JOIN page p ON p.id = a.page ",
            $($rest)+
        )
    };
}

/// With what stood there before, which [`change_of`] reads as well.
macro_rules! select_changes {
    ($rest:literal) => {
        select_with!(
            ", (SELECT b.kind FROM attachment_version b WHERE b.attachment = v.attachment AND b.number = v.number - 1)",
            $rest
        )
    };
}

/// The versions of a page's files that can be read: those since the file was last removed.
macro_rules! readable {
    () => {
        "WHERE p.name = ?1 AND p.standing <> 1 AND v.number > coalesce((SELECT max(number) FROM attachment_version gone \
         WHERE gone.attachment = a.id AND gone.kind = 'detach'), 0)"
    };
}

/// A file's row, and what its newest version is.
struct FileRow {
    id: i64,
    version: u32,
    kind: ChangeKind,
    bytes: u64,
    hash: Vec<u8>,
    media_type: String,
}

/// What a new row of the log says.
struct Entry<'a> {
    attachment: i64,
    number: u32,
    kind: ChangeKind,
    author: &'a Author,
    comment: &'a str,
    time: jiff::Timestamp,
    bytes: u64,
    hash: &'a [u8],
    media_type: &'a str,
}

#[async_trait]
impl AttachmentStore for SqlitePageStore {
    async fn attachments(&self, page: &PageName) -> Result<Vec<Attachment>, StoreError> {
        let page = page.clone();
        let asked = move |reader: &mut Reader| reader.attachments(&page);
        Ok(self.read_with(Effort::Short, asked).await?.unwrap_or_default())
    }

    async fn attachment_sheet(
        &self,
        page: &PageName,
        first: usize,
        limit: usize,
    ) -> Result<AttachmentSheet, StoreError> {
        let page = page.clone();
        let asked = move |reader: &mut Reader| reader.attachment_sheet(&page, first, limit);
        Ok(self.read_with(Effort::Long, asked).await?.unwrap_or_default())
    }

    async fn attachment_count_before(&self, page: &PageName, seq: u64) -> Result<usize, StoreError> {
        let page = page.clone();
        let asked = move |reader: &mut Reader| reader.attachment_count_before(&page, seq);
        Ok(self.read_with(Effort::Short, asked).await?.unwrap_or_default())
    }

    async fn attachment_counts(&self) -> Result<Vec<(PageName, usize)>, StoreError> {
        let counted = self.read_with(Effort::Long, Reader::attachment_counts).await?;
        Ok(counted.unwrap_or_default())
    }

    async fn attachment_versions(
        &self,
        page: &PageName,
        file: &FileName,
    ) -> Result<Vec<Attachment>, StoreError> {
        let (page, file) = (page.clone(), file.clone());
        let asked = move |reader: &mut Reader| reader.attachment_versions(&page, &file);
        Ok(self.read_with(Effort::Short, asked).await?.unwrap_or_default())
    }

    async fn attach(&self, new: NewAttachment) -> Result<Attaching, StoreError> {
        self.write_with(move |writer| writer.attach(&new)).await
    }

    async fn detach(&self, removal: Removal) -> Result<Option<Change>, StoreError> {
        self.write_with(move |writer| writer.detach(&removal)).await
    }
}

impl Reader {
    fn attachments(&self, page: &PageName) -> rusqlite::Result<Vec<Attachment>> {
        let mut statement = self.connection().prepare_cached(select!(
            "WHERE p.name = ?1 AND p.standing <> 1 AND v.number = a.version AND v.kind = 'attach' ORDER BY a.name"
        ))?;
        statement.query_map([page.as_str()], attachment_of)?.collect()
    }

    fn attachment_sheet(
        &self,
        page: &PageName,
        first: usize,
        limit: usize,
    ) -> rusqlite::Result<AttachmentSheet> {
        let connection = self.connection();
        let together = connection.unchecked_transaction()?;
        let mut statement = connection.prepare_cached(concat!(
            "SELECT count(*) FROM attachment_version v JOIN attachment a ON a.id = v.attachment ",
            "JOIN page p ON p.id = a.page ",
            readable!()
        ))?;
        let total = statement.query_row([page.as_str()], |row| row.get::<_, u32>(0))? as usize;
        let mut statement = connection.prepare_cached(select!(
            readable!(),
            " ORDER BY a.name, v.number DESC LIMIT ?2 OFFSET ?3"
        ))?;
        let asked = params![page.as_str(), rows(limit), rows(first)];
        let versions = statement
            .query_map(asked, attachment_of)?
            .collect::<Result<_, _>>()?;
        together.finish()?;
        Ok(AttachmentSheet { versions, total })
    }

    fn attachment_count_before(&self, page: &PageName, seq: u64) -> rusqlite::Result<usize> {
        let mut statement = self.connection().prepare_cached(
            "SELECT count(*) FROM attachment_version v JOIN attachment a ON a.id = v.attachment \
             JOIN page p ON p.id = a.page WHERE p.name = ?1 AND v.kind = 'attach' AND v.number = (SELECT max(number) \
             FROM attachment_version n WHERE n.attachment = a.id AND n.seq < ?2)",
        )?;
        let count = statement.query_row(params![page.as_str(), stored(seq)], |row| row.get::<_, u32>(0));
        Ok(count? as usize)
    }

    /// The entry of the change log with this number, where it is a file's.
    pub(super) fn file_change_at(&self, seq: u64) -> rusqlite::Result<Change> {
        let mut statement = self
            .connection()
            .prepare_cached(select_changes!("WHERE v.seq = ?1"))?;
        statement.query_row([stored(seq)], change_of)
    }

    fn attachment_counts(&mut self) -> rusqlite::Result<Vec<(PageName, usize)>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT p.name, count(*) FROM attachment a JOIN page p ON p.id = a.page \
             JOIN attachment_version v ON v.attachment = a.id AND v.number = a.version \
             WHERE p.standing <> 1 AND v.kind = 'attach' GROUP BY p.id",
        )?;
        let counts = statement.query_map([], |row| Ok((parsed(row, 0)?, row.get::<_, u32>(1)? as usize)))?;
        counts.collect()
    }

    fn attachment_versions(&self, page: &PageName, file: &FileName) -> rusqlite::Result<Vec<Attachment>> {
        let mut statement = self
            .connection()
            .prepare_cached(select!(readable!(), " AND a.name = ?2 ORDER BY v.number DESC"))?;
        statement
            .query_map([page.as_str(), file.as_str()], attachment_of)?
            .collect()
    }

    /// The files' half of the change log.
    pub(super) fn file_changes(&self, stretch: Stretch, limit: usize) -> rusqlite::Result<Vec<Change>> {
        let (sql, from) = match stretch {
            Stretch::After(seq) => (
                select_changes!("WHERE v.seq > ?1 ORDER BY v.seq LIMIT ?2"),
                stored(seq),
            ),
            Stretch::Since(time) => (
                select_changes!("WHERE v.time >= ?1 ORDER BY v.time DESC, v.seq DESC LIMIT ?2"),
                time.as_microsecond(),
            ),
            Stretch::Newest => (
                select_changes!("WHERE v.seq > ?1 ORDER BY v.seq DESC LIMIT ?2"),
                0,
            ),
        };
        let mut statement = self.connection().prepare_cached(sql)?;
        statement
            .query_map(params![from, rows(limit)], change_of)?
            .collect()
    }
}

impl Writer {
    /// Makes a version.
    pub(super) fn attach(&mut self, new: &NewAttachment) -> rusqlite::Result<Attaching> {
        let transaction = self.begin()?;
        let page = match find_page(&transaction, &new.page)? {
            Some(row) if row.standing == Standing::Nothing => return Ok(Attaching::NoPage),
            Some(row) => row.id,
            None => insert_underlay_page(&transaction, &new.page)?,
        };
        let found = find_file(&transaction, page, &new.file)?;
        let standing = found.as_ref().filter(|row| row.kind == ChangeKind::Attach);
        if standing.is_some() && new.overwrite == Overwrite::Refused {
            return Ok(Attaching::NameTaken);
        }
        if standing.is_none_or(|row| row.media_type != new.media_type) {
            count_page_set(&transaction)?;
        }
        let (id, version) = match &found {
            Some(row) => (row.id, row.version),
            None => (insert_file(&transaction, page, &new.file)?, 0),
        };
        let entry = Entry {
            attachment: id,
            number: version + 1,
            kind: ChangeKind::Attach,
            author: &new.author,
            comment: &new.comment,
            time: new.time,
            bytes: new.bytes,
            hash: &new.hash,
            media_type: &new.media_type,
        };
        let seq = append(&transaction, &entry)?;
        let made = read_back(&transaction, seq, attachment_of)?;
        transaction.commit()?;
        Ok(Attaching::Done(Box::new(made)))
    }

    /// Makes a version that says that there is none.
    pub(super) fn detach(&mut self, removal: &Removal) -> rusqlite::Result<Option<Change>> {
        let transaction = self.begin()?;
        let page = find_page(&transaction, &removal.page)?;
        let Some(page) = page.filter(|row| row.standing != Standing::Nothing) else {
            return Ok(None);
        };
        let found = find_file(&transaction, page.id, &removal.file)?;
        let Some(row) = found.filter(|row| row.kind == ChangeKind::Attach) else {
            return Ok(None);
        };
        let seq = append_removal(
            &transaction,
            &row,
            (&removal.author, &removal.comment, removal.time),
        )?;
        count_page_set(&transaction)?;
        let made = read_back(&transaction, seq, change_of)?;
        transaction.commit()?;
        Ok(Some(made))
    }

    fn begin(&mut self) -> rusqlite::Result<Transaction<'_>> {
        self.connection_mut()
            .transaction_with_behavior(TransactionBehavior::Immediate)
    }
}

/// The next number of the change log, whose halves count together.
pub(super) fn next_entry(transaction: &Transaction<'_>) -> rusqlite::Result<i64> {
    let mut statement = transaction.prepare_cached(
        "SELECT 1 + max(coalesce((SELECT max(seq) FROM revision), 0), \
         coalesce((SELECT max(seq) FROM attachment_version), 0))",
    )?;
    statement.query_row([], |row| row.get(0))
}

/// Takes a renamed page's files along. What a deleted page of the new name had left is removed first, so that it
/// does not come back as the renamed page's.
pub(super) fn move_attachments(
    transaction: &Transaction<'_>,
    (source, target): (i64, i64),
    renaming: &Renaming,
) -> rusqlite::Result<()> {
    for name in file_names(transaction, target)? {
        if let Some(left) =
            find_file(transaction, target, &name)?.filter(|row| row.kind == ChangeKind::Attach)
        {
            append_removal(
                transaction,
                &left,
                (&renaming.author, &renaming.comment, renaming.time),
            )?;
        }
    }
    for name in file_names(transaction, source)? {
        let Some(moved) = find_file(transaction, source, &name)? else {
            continue;
        };
        let Some(before) = find_file(transaction, target, &name)? else {
            transaction
                .prepare_cached("UPDATE attachment SET page = ?2 WHERE id = ?1")?
                .execute(params![moved.id, target])?;
            continue;
        };
        transaction
            .prepare_cached(
                "UPDATE attachment_version SET attachment = ?2, number = number + ?3 WHERE attachment = ?1",
            )?
            .execute(params![moved.id, before.id, before.version])?;
        transaction
            .prepare_cached("UPDATE attachment SET version = ?2 WHERE id = ?1")?
            .execute(params![before.id, before.version + moved.version])?;
        transaction
            .prepare_cached("DELETE FROM attachment WHERE id = ?1")?
            .execute([moved.id])?;
    }
    Ok(())
}

fn file_names(connection: &Connection, page: i64) -> rusqlite::Result<Vec<FileName>> {
    let mut statement =
        connection.prepare_cached("SELECT name FROM attachment WHERE page = ?1 ORDER BY name")?;
    statement.query_map([page], |row| parsed(row, 0))?.collect()
}

fn find_file(connection: &Connection, page: i64, file: &FileName) -> rusqlite::Result<Option<FileRow>> {
    let mut statement = connection.prepare_cached(
        "SELECT a.id, a.version, v.kind, v.bytes, v.hash, v.media_type FROM attachment a \
         JOIN attachment_version v ON v.attachment = a.id AND v.number = a.version \
         WHERE a.page = ?1 AND a.name = ?2",
    )?;
    let row = statement.query_row(params![page, file.as_str()], |row| {
        Ok(FileRow {
            id: row.get(0)?,
            version: row.get(1)?,
            kind: parsed(row, 2)?,
            bytes: unsigned(row, 3)?,
            hash: row.get(4)?,
            media_type: row.get(5)?,
        })
    });
    row.optional()
}

/// A row for a page that stands as a file of the underlay and has no revision yet.
fn insert_underlay_page(transaction: &Transaction<'_>, name: &PageName) -> rusqlite::Result<i64> {
    transaction
        .prepare_cached("INSERT INTO page (name, revision, standing) VALUES (?1, 0, 2)")?
        .insert([name.as_str()])
}

/// A row without versions; [`append`] gives it its first in the same transaction.
fn insert_file(transaction: &Transaction<'_>, page: i64, file: &FileName) -> rusqlite::Result<i64> {
    transaction
        .prepare_cached("INSERT INTO attachment (page, name, version) VALUES (?1, ?2, 0)")?
        .insert(params![page, file.as_str()])
}

fn append_removal(
    transaction: &Transaction<'_>,
    row: &FileRow,
    (author, comment, time): (&Author, &str, jiff::Timestamp),
) -> rusqlite::Result<i64> {
    let entry = Entry {
        attachment: row.id,
        number: row.version + 1,
        kind: ChangeKind::Detach,
        author,
        comment,
        time,
        bytes: row.bytes,
        hash: &row.hash,
        media_type: &row.media_type,
    };
    append(transaction, &entry)
}

fn append(transaction: &Transaction<'_>, entry: &Entry<'_>) -> rusqlite::Result<i64> {
    let author = entry.author;
    let seq = transaction
        .prepare_cached(
            "INSERT INTO attachment_version (seq, attachment, number, kind, time, user_id, name, address, acting, \
             comment, bytes, hash, media_type) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .insert(params![
            next_entry(transaction)?,
            entry.attachment,
            entry.number,
            entry.kind.as_str(),
            entry.time.as_microsecond(),
            author.user_id,
            author.name,
            author.address,
            author.acting,
            entry.comment,
            entry.bytes.cast_signed(),
            entry.hash,
            entry.media_type,
        ])?;
    transaction
        .prepare_cached("UPDATE attachment SET version = ?2 WHERE id = ?1")?
        .execute(params![entry.attachment, entry.number])?;
    Ok(seq)
}

/// What was just written, as a later reading will see it.
fn read_back<T>(
    transaction: &Transaction<'_>,
    seq: i64,
    shape: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    transaction
        .prepare_cached(select_changes!("WHERE v.seq = ?1"))?
        .query_row([seq], shape)
}

fn attachment_of(row: &Row<'_>) -> rusqlite::Result<Attachment> {
    Ok(Attachment {
        seq: unsigned(row, 0)?,
        page: parsed(row, 1)?,
        file: parsed(row, 2)?,
        version: row.get(3)?,
        time: time_of(row)?,
        author: author_of(row, 6)?,
        comment: row.get(10)?,
        bytes: unsigned(row, 11)?,
        hash: row.get(12)?,
        media_type: row.get(13)?,
    })
}

fn change_of(row: &Row<'_>) -> rusqlite::Result<Change> {
    let hash: [u8; 32] = row.get(12)?;
    let before: Option<String> = row.get(15)?;
    let kind = match parsed(row, 4)? {
        ChangeKind::Attach if before.as_deref() == Some("attach") => ChangeKind::Replace,
        kind => kind,
    };
    Ok(Change {
        seq: unsigned(row, 0)?,
        page: parsed(row, 1)?,
        revision: 0,
        kind,
        author: author_of(row, 6)?,
        time: time_of(row)?,
        comment: row.get(10)?,
        bytes: unsigned(row, 11)?,
        other: None,
        file: Some(parsed(row, 2)?),
        standing: standing_of(row, 14)?,
        fingerprint: fingerprint(&hash),
    })
}

fn time_of(row: &Row<'_>) -> rusqlite::Result<jiff::Timestamp> {
    jiff::Timestamp::from_microsecond(row.get(5)?).map_err(|error| damaged(5, error))
}

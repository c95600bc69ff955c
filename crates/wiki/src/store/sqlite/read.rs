//! Questions to the file, and how a row becomes a [`Change`] or a [`Revision`].
//!
//! A [`Reader`] is one connection that never writes. Its answers are consistent one by one: each is one
//! statement. It does not wait on its own; [`Reader::patiently`] does.
//! Start at [`Reader::position`], which every view asks.

use std::cmp::Reverse;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row, named_params, params};

use super::coding::decode;
use super::open::{FileIdentity, PATIENCE, Place};
use crate::name::PageName;
use crate::page::{Author, Change, ChangeKind, RevisionNumber, Standing};
use crate::store::{Order, Position, Revision, StoreError, Stretch, Which, fingerprint};

/// Selects what [`change_of`] reads, and more columns after it. Said once, because places are numbers.
macro_rules! select {
    ($more:literal, $rest:literal) => {
        concat!(
            "SELECT r.seq, p.name, r.number, r.kind, r.standing, r.time, r.user_id, r.name, r.address, ",
            "r.acting, r.comment, r.bytes, r.other, r.hash",
            $more,
            " FROM revision r JOIN page p ON p.id = r.page ",
            $rest
        )
    };
}

/// A connection that reads.
pub struct Reader {
    connection: Connection,
    pub identity: FileIdentity,
    /// What `PRAGMA data_version` said when `position` was read.
    seen: Option<(i64, Position)>,
}

impl Reader {
    pub fn open(place: &Place, identity: FileIdentity) -> Result<Reader, StoreError> {
        let connection = place.open()?;
        let ready = connection.busy_timeout(Duration::ZERO);
        ready.map_err(|error| place.explain(error))?;
        Ok(Reader {
            connection,
            identity,
            seen: None,
        })
    }

    /// Asks again, waiting for other processes.
    pub fn patiently<T>(
        &mut self,
        question: impl Fn(&mut Reader) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.connection.busy_timeout(PATIENCE)?;
        let answer = question(self);
        self.connection.busy_timeout(Duration::ZERO)?;
        answer
    }

    /// For questions that stand in other files.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub fn position(&mut self) -> rusqlite::Result<Position> {
        // The version is read first: a commit in between then shows as a change at the next question.
        let version = self
            .connection
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))?;
        if let Some((seen, position)) = self.seen
            && seen == version
        {
            return Ok(position);
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT id, page_set, max(coalesce((SELECT max(seq) FROM revision), 0), \
                    coalesce((SELECT max(seq) FROM attachment_version), 0)) FROM store",
        )?;
        let position = statement.query_row([], |row| {
            Ok(Position {
                store: row.get::<_, i64>(0)?.cast_unsigned(),
                page_set: unsigned(row, 1)?,
                seq: unsigned(row, 2)?,
            })
        })?;
        self.seen = Some((version, position));
        Ok(position)
    }

    pub fn revision(&self, page: &PageName, which: Which) -> rusqlite::Result<Option<Revision>> {
        let number = match which {
            Which::Current => None,
            Which::Number(number) => Some(number),
        };
        let mut statement = self.connection.prepare_cached(select!(
            ", r.coding, r.text",
            "WHERE p.name = ?1 AND r.number = coalesce(?2, p.revision)"
        ))?;
        statement
            .query_row(params![page.as_str(), number], revision_of)
            .optional()
    }

    /// The newest revisions of these pages; one that is damaged is named in the log and left out.
    pub fn texts(&self, pages: &[PageName]) -> rusqlite::Result<Vec<Revision>> {
        let mut found = Vec::with_capacity(pages.len());
        for page in pages {
            match self.revision(page, Which::Current) {
                Ok(revision) => found.extend(revision),
                Err(error @ rusqlite::Error::FromSqlConversionFailure(..)) => {
                    tracing::error!(%page, %error, "a page cannot be searched");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    pub fn names(&self) -> rusqlite::Result<Vec<(PageName, Standing)>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT name, standing FROM page ORDER BY name")?;
        let rows = statement.query_map([], |row| Ok((parsed(row, 0)?, standing_of(row, 1)?)))?;
        rows.collect()
    }

    pub fn history(
        &self,
        page: &PageName,
        before: Option<RevisionNumber>,
        limit: usize,
    ) -> rusqlite::Result<Vec<Change>> {
        let statement = self.connection.prepare_cached(select!(
            "",
            "WHERE p.name = :page AND r.number < coalesce(:before, 1 << 32) ORDER BY r.number DESC LIMIT :limit"
        ))?;
        changes_in(
            statement,
            named_params! {":page": page.as_str(), ":before": before, ":limit": rows(limit)},
        )
    }

    /// Both halves of the log, as they stood at one moment.
    pub fn changes(&self, stretch: Stretch, limit: usize) -> rusqlite::Result<Vec<Change>> {
        let together = self.connection.unchecked_transaction()?;
        let mut changes = self.revision_changes(stretch, limit)?;
        changes.extend(self.file_changes(stretch, limit)?);
        together.finish()?;
        match stretch {
            Stretch::After(_) => changes.sort_unstable_by_key(|change| change.seq),
            Stretch::Newest => changes.sort_unstable_by_key(|change| Reverse(change.seq)),
            Stretch::Since(_) => changes.sort_unstable_by_key(|change| Reverse((change.time, change.seq))),
        }
        changes.truncate(limit);
        Ok(changes)
    }

    /// The entry of the change log with this number, where it is a revision's.
    pub(super) fn revision_change_at(&self, seq: u64) -> rusqlite::Result<Change> {
        let mut statement = self.connection.prepare_cached(select!("", "WHERE r.seq = ?1"))?;
        statement.query_row([stored(seq)], change_of)
    }

    fn revision_changes(&self, stretch: Stretch, limit: usize) -> rusqlite::Result<Vec<Change>> {
        let connection = &self.connection;
        match stretch {
            Stretch::After(seq) => {
                let sql = select!("", "WHERE r.seq > ?1 ORDER BY r.seq LIMIT ?2");
                changes_in(connection.prepare_cached(sql)?, params![stored(seq), rows(limit)])
            }
            Stretch::Since(time) => {
                let sql = select!("", "WHERE r.time >= ?1 ORDER BY r.time DESC, r.seq DESC LIMIT ?2");
                changes_in(
                    connection.prepare_cached(sql)?,
                    params![time.as_microsecond(), rows(limit)],
                )
            }
            Stretch::Newest => {
                let sql = select!("", "ORDER BY r.seq DESC LIMIT ?1");
                changes_in(connection.prepare_cached(sql)?, params![rows(limit)])
            }
        }
    }

    pub fn links_from(&self, page: &PageName) -> rusqlite::Result<Vec<PageName>> {
        names_in(
            self.connection.prepare_cached(
                "SELECT l.target FROM link l JOIN page p ON p.id = l.page WHERE p.name = ?1 ORDER BY l.target",
            )?,
            page,
        )
    }

    pub fn links_to(&self, page: &PageName) -> rusqlite::Result<Vec<PageName>> {
        names_in(
            self.connection.prepare_cached(
                "SELECT p.name FROM link l JOIN page p ON p.id = l.page WHERE l.target = ?1 ORDER BY p.name",
            )?,
            page,
        )
    }
}

impl Reader {
    pub fn link_pairs(&self, limit: usize) -> rusqlite::Result<Vec<(PageName, PageName)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT p.name, l.target FROM link l JOIN page p ON p.id = l.page ORDER BY p.name, l.target LIMIT ?1",
        )?;
        let pairs = statement.query_map([rows(limit)], |row| Ok((parsed(row, 0)?, parsed(row, 1)?)))?;
        pairs.collect()
    }

    pub fn standing(&self, order: Order, limit: usize) -> rusqlite::Result<Vec<Change>> {
        let sql = match order {
            Order::LongestUntouched => {
                select!(
                    "",
                    "WHERE r.number = p.revision AND p.standing = 0 ORDER BY r.time, r.seq LIMIT ?1"
                )
            }
            Order::Largest => select!(
                "",
                "WHERE r.number = p.revision AND p.standing = 0 ORDER BY r.bytes DESC, p.name LIMIT ?1"
            ),
        };
        changes_in(self.connection.prepare_cached(sql)?, params![rows(limit)])
    }
}

/// The entry of one revision, by the page's row.
pub fn change_at(connection: &Connection, page: i64, number: RevisionNumber) -> rusqlite::Result<Change> {
    let mut statement = connection.prepare_cached(select!("", "WHERE r.page = ?1 AND r.number = ?2"))?;
    statement.query_row(params![page, number], change_of)
}

/// A standing as the schema numbers it.
pub fn standing_number(standing: Standing) -> i64 {
    match standing {
        Standing::Text => 0,
        Standing::Nothing => 1,
        Standing::Underlay => 2,
    }
}

/// Reads a standing back.
pub fn standing_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Standing> {
    match row.get(column)? {
        0 => Ok(Standing::Text),
        1 => Ok(Standing::Nothing),
        2 => Ok(Standing::Underlay),
        other => Err(rusqlite::Error::IntegralValueOutOfRange(column, other)),
    }
}

/// A number as SQLite stores it. Entries count from 1, so the top half is never reached.
pub fn stored(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

pub fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

pub fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn changes_in(mut statement: CachedStatement<'_>, params: impl Params) -> rusqlite::Result<Vec<Change>> {
    statement.query_map(params, change_of)?.collect()
}

fn names_in(mut statement: CachedStatement<'_>, page: &PageName) -> rusqlite::Result<Vec<PageName>> {
    statement
        .query_map([page.as_str()], |row| parsed(row, 0))?
        .collect()
}

fn change_of(row: &Row<'_>) -> rusqlite::Result<Change> {
    let other: Option<String> = row.get(12)?;
    let hash: [u8; 32] = row.get(13)?;
    Ok(Change {
        seq: unsigned(row, 0)?,
        page: parsed(row, 1)?,
        revision: row.get(2)?,
        kind: parsed::<ChangeKind>(row, 3)?,
        standing: standing_of(row, 4)?,
        file: None,
        time: Timestamp::from_microsecond(row.get(5)?).map_err(|error| damaged(5, error))?,
        author: author_of(row, 6)?,
        comment: row.get(10)?,
        bytes: unsigned(row, 11)?,
        other: other
            .map(|name| name.parse())
            .transpose()
            .map_err(|error| damaged(12, error))?,
        fingerprint: fingerprint(&hash),
    })
}

/// An author from four columns.
pub fn author_of(row: &Row<'_>, first: usize) -> rusqlite::Result<Author> {
    Ok(Author {
        user_id: row.get(first)?,
        name: row.get(first + 1)?,
        address: row.get(first + 2)?,
        acting: row.get(first + 3)?,
    })
}

fn revision_of(row: &Row<'_>) -> rusqlite::Result<Revision> {
    let change = change_of(row)?;
    let hash: [u8; 32] = row.get(13)?;
    let text = decode(row.get(14)?, row.get_ref(15)?.as_blob()?, change.bytes, &hash);
    let text = text.map_err(|error| damaged(15, error))?;
    Ok(Revision { change, text })
}

pub fn parsed<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    row.get_ref(column)?
        .as_str()?
        .parse()
        .map_err(|error| damaged(column, error))
}

pub fn damaged(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

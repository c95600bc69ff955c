//! Records as rows: what stands in the columns, and how it is read back.
//!
//! Text columns hold JSON. A row that cannot be read counts as ended and is logged: better a new session
//! than a wrong one. No SQL stands here.

use std::sync::Arc;

use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::trouble::Trouble;
use crate::id::StoreKey;
use crate::moment;
use crate::realm::Realm;
use crate::record::Record;
use crate::store::generation::subject_of;
use crate::store::written::{about_text, trail_text};
use crate::store::{Ending, SessionSummary, StoreError, Tombstone};

/// What stands under a key.
pub(super) enum Found {
    Live(Box<Record>),
    /// A record whose session is over, or that cannot be read.
    Dead,
    Tombstone(Tombstone),
    Nothing,
}

impl Found {
    /// The live record, or how it ended.
    pub(super) fn live(self) -> Result<Box<Record>, Ending> {
        match self {
            Found::Live(record) => Ok(record),
            Found::Tombstone(told) => Err(told.ending()),
            Found::Dead | Found::Nothing => Err(Ending::Ended),
        }
    }
}

/// Reads a row that begins with the columns of a record and whether its generations are in force.
pub(super) fn read(row: &Row, realm: &Realm, now: Timestamp) -> Found {
    if let Some(told) = get::<Option<&str>>(row, 0).flatten() {
        return Found::Tombstone(Tombstone::from_text(told));
    }
    let (Some(record), Some(in_force)) = (read_record(row), get::<bool>(row, 8)) else {
        tracing::warn!("an unreadable session was taken for ended");
        return Found::Dead;
    };
    match in_force && record.realm == *realm && !record.is_expired(now) {
        true => Found::Live(Box::new(record)),
        false => Found::Dead,
    }
}

/// Reads a row of a list, behind whose record stand its key and when its id was issued.
pub(super) fn read_summary(row: &Row, realm: &Realm, now: Timestamp) -> Option<SessionSummary> {
    let Found::Live(record) = read(row, realm, now) else {
        return None;
    };
    let hash = get::<&[u8]>(row, 9)?.try_into().ok()?;
    let key = StoreKey::from_parts(hash, moment::from_millis(get(row, 10)?));
    Some(SessionSummary::new(key, &record))
}

fn read_record(row: &Row) -> Option<Record> {
    let moment = |column: usize| Timestamp::from_millisecond(get(row, column)?).ok();
    let cookie_until: Option<i64> = get(row, 3)?;
    Some(Record {
        realm: Realm::from_bytes(get::<&[u8]>(row, 1)?.try_into().ok()?),
        seen: moment(2)?,
        cookie_until: cookie_until.map(moment::from_millis),
        verifies_until: moment(4)?,
        about: Arc::new(serde_json::from_str(get(row, 5)?).ok()?),
        values: Arc::new(serde_json::from_str(get(row, 6)?).ok()?),
        trail: Arc::new(serde_json::from_str(get(row, 7)?).ok()?),
    })
}

fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Option<T> {
    row.try_get(column).ok()
}

/// A record with a key, as columns take it.
pub(super) struct NewRow {
    pub(super) key: Vec<u8>,
    pub(super) issued: i64,
    pub(super) realm: Vec<u8>,
    pub(super) subject: String,
    pub(super) seen: i64,
    pub(super) expires: i64,
    pub(super) cookie_until: Option<i64>,
    pub(super) verifies_until: i64,
    pub(super) about: String,
    pub(super) values: String,
    pub(super) trail: String,
}

impl NewRow {
    pub(super) fn of(key: &StoreKey, record: &Record) -> Result<NewRow, Trouble> {
        Ok(NewRow {
            key: key.as_bytes().to_vec(),
            issued: key.issued().as_millisecond(),
            realm: record.realm.as_bytes().to_vec(),
            subject: subject_of(record.user_id()),
            seen: record.seen.as_millisecond(),
            expires: record.expires().as_millisecond(),
            cookie_until: record.cookie_until.map(Timestamp::as_millisecond),
            verifies_until: record.verifies_until.as_millisecond(),
            about: text(about_text(&record.about))?,
            values: text(serde_json::to_string(&*record.values))?,
            trail: text(trail_text(&record.trail))?,
        })
    }
}

/// A value as its column takes it.
pub(super) fn text(written: serde_json::Result<String>) -> Result<String, Trouble> {
    written.map_err(|error| Trouble::Refused(StoreError::down(error)))
}

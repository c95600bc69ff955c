//! What requests do with a session, each in one transaction or one statement.
//!
//! The transactions run at READ COMMITTED: each statement sees what was committed when it began. What
//! keeps them right:
//!
//! * **Merge, update and touch** lock the row that they read until they commit, so no other change of the
//!   same session comes between reading and writing, and none is lost. Whoever waited for the lock is
//!   shown the row as the other left it, tombstones included. A kill does not lock rows: one that commits
//!   after the row was read leaves the record with an old generation, which is dead to everybody who asks
//!   from then on, whatever is still written to it. Nothing ever gives a record another generation.
//! * **Create** takes the generations and looks for kills in one statement: a kill is either seen by both,
//!   and refuses the id, or by neither, and the session is born dead.
//! * **Rotate** reads the new record's generations *before* it looks whether the old record lives: a kill
//!   in between ends the old one, a later one the new one. The unique index on keys decides between a
//!   pending id that begins a session and a login that ends that id.

use std::sync::Arc;

use futures_util::future::{join, join3};
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::connection::Connection;
use super::rows::{self, Found, NewRow, text};
use super::trouble::{Trouble, perhaps_done, surely_undone};
use crate::id::StoreKey;
use crate::moment;
use crate::realm::Realm;
use crate::record::Record;
use crate::store::generation::latest_kill;
use crate::store::written::trail_text;
use crate::store::{
    AFTERLIFE, CreateError, Ending, Loaded, MergeError, OldRecord, RotateError, Rotation, Tombstone,
};

/// Begins what need not be on the disk when it returns: after a crash of the server the last moments may
/// be missing, never torn.
const BEGIN_QUICK: &str = "BEGIN; SET LOCAL synchronous_commit = off";

/// One round trip: the record with its generations, its tombstone, or whether a kill forbids to begin.
pub(super) async fn load(
    db: &Connection,
    key: &StoreKey,
    realm: &Realm,
    now: Timestamp,
) -> Result<Row, Trouble> {
    let (issued, latest) = (key.issued().as_millisecond(), latest_kill(now).as_millisecond());
    db.client
        .query_one(
            &db.prepared.load,
            &[&&key.as_bytes()[..], &&realm.as_bytes()[..], &issued, &latest],
        )
        .await
        .map_err(surely_undone)
}

/// What a row of `load` says.
pub(super) fn read_loaded(row: &Row, realm: &Realm, now: Timestamp) -> Loaded {
    let flag = |column: usize| row.try_get::<_, bool>(column).unwrap_or(false);
    match (flag(9), flag(10)) {
        (false, false) => Loaded::Missing,
        (false, true) => Loaded::Ended(Ending::Ended),
        (true, _) => match rows::read(row, realm, now) {
            Found::Live(record) => Loaded::Live(record),
            Found::Tombstone(told) => told.loaded(now),
            Found::Dead | Found::Nothing => Loaded::Ended(Ending::Ended),
        },
    }
}

pub(super) async fn create(
    db: &Connection,
    key: &StoreKey,
    record: &Record,
    now: Timestamp,
) -> Result<Result<(), CreateError>, Trouble> {
    let row = NewRow::of(key, record)?;
    let latest = latest_kill(now).as_millisecond();
    let mut columns = columns_of(&row);
    columns.push(&latest);
    // Whoever swept what stood in the way may have been faster than our question what it was.
    for _ in 0..2 {
        let created = db.client.execute(&db.prepared.create, &columns).await;
        if created.map_err(perhaps_done)? == 1 {
            return Ok(Ok(()));
        }
        let found = load(db, key, &record.realm, now).await?;
        match rows::read(&found, &record.realm, now) {
            Found::Live(_) => return Ok(Err(CreateError::Exists)),
            Found::Tombstone(told) => return Ok(Err(CreateError::Ended(told.ending()))),
            _ if found.try_get(9).unwrap_or(false) => return Ok(Err(CreateError::Ended(Ending::Ended))),
            _ => {}
        }
    }
    Ok(Err(CreateError::Killed))
}

fn columns_of(row: &NewRow) -> Vec<&(dyn ToSql + Sync)> {
    vec![
        &row.key,
        &row.issued,
        &row.realm,
        &row.subject,
        &row.seen,
        &row.expires,
        &row.cookie_until,
        &row.verifies_until,
        &row.about,
        &row.values,
        &row.trail,
    ]
}

/// Does something to a live record under its lock and writes back what changed.
pub(super) async fn change<T>(
    db: &Connection,
    key: &StoreKey,
    realm: &Realm,
    now: Timestamp,
    act: impl Fn(&mut Record) -> Result<T, MergeError>,
) -> Result<Result<T, MergeError>, Trouble> {
    let hash = key.as_bytes().as_slice();
    let (begun, found) = join(
        db.client.batch_execute(BEGIN_QUICK),
        db.client.query_opt(&db.prepared.lock, &[&hash]),
    )
    .await;
    begun.map_err(surely_undone)?;
    let found = match found.map_err(surely_undone)? {
        Some(row) => rows::read(&row, realm, now),
        None => Found::Nothing,
    };
    let before = match found.live() {
        Ok(record) => record,
        Err(ending) => return roll_back(db, Err(MergeError::Gone(ending))).await,
    };
    let mut after = before.clone();
    let changed = act(&mut after);
    if changed.is_err() {
        return roll_back(db, changed).await;
    }
    write_back(db, hash, &before, &after).await?;
    Ok(changed)
}

async fn roll_back<T>(db: &Connection, result: T) -> Result<T, Trouble> {
    db.client.batch_execute("ROLLBACK").await.map_err(surely_undone)?;
    Ok(result)
}

/// Writes what changed, and commits; both are sent at once, for the server does one after the other.
/// Values that stayed as they were are not written: a touch must not bring back what others replaced.
async fn write_back(db: &Connection, key: &[u8], before: &Record, after: &Record) -> Result<(), Trouble> {
    let trail = text(trail_text(&after.trail))?;
    let (seen, expires) = (after.seen.as_millisecond(), after.expires().as_millisecond());
    let cookie_until = after.cookie_until.map(Timestamp::as_millisecond);
    let mut columns: Vec<&(dyn ToSql + Sync)> = vec![&key, &trail, &seen, &expires, &cookie_until];
    let values;
    let statement = if Arc::ptr_eq(&before.values, &after.values) {
        &db.prepared.write_use
    } else {
        values = text(serde_json::to_string(&*after.values))?;
        columns.push(&values);
        &db.prepared.write_all
    };
    let (written, committed) = join(
        db.client.execute(statement, &columns),
        db.client.batch_execute("COMMIT"),
    )
    .await;
    written.map_err(perhaps_done)?;
    committed.map_err(perhaps_done)
}

/// Ends what stands under a key. Whether it lived; what is missing leaves no trace.
pub(super) async fn delete(
    db: &Connection,
    key: &StoreKey,
    realm: &Realm,
    now: Timestamp,
) -> Result<bool, Trouble> {
    let until = moment::later(now, AFTERLIFE).as_millisecond();
    let columns: [&(dyn ToSql + Sync); 4] = [
        &&key.as_bytes()[..],
        &until,
        &&realm.as_bytes()[..],
        &now.as_millisecond(),
    ];
    let row = db.client.query_opt(&db.prepared.bury, &columns).await;
    let lived = row.map_err(perhaps_done)?.map(|row| row.try_get(0));
    lived
        .transpose()
        .map(Option::unwrap_or_default)
        .map_err(perhaps_done)
}

/// A rotation with everything owned, so that it can be tried twice.
pub(super) struct OwnedRotation {
    pub(super) old: Option<StoreKey>,
    pub(super) old_record: OldRecord,
    /// What the old key's tombstone tells.
    pub(super) told: Tombstone,
    pub(super) old_verifies_until: Timestamp,
    pub(super) new: StoreKey,
    pub(super) record: Record,
    pub(super) max_sessions: usize,
}

impl OwnedRotation {
    pub(super) fn of(rotation: &Rotation<'_>, now: Timestamp) -> OwnedRotation {
        OwnedRotation {
            old: rotation.old,
            old_record: rotation.old_record,
            told: Tombstone::of_rotation(rotation, now),
            old_verifies_until: rotation.old_verifies_until,
            new: rotation.new,
            record: rotation.record.clone(),
            max_sessions: rotation.max_sessions,
        }
    }
}

/// The generations that a new session will carry.
struct Standing {
    generation: i64,
    realm_generation: i64,
    killed: bool,
}

pub(super) async fn rotate(
    db: &Connection,
    rotation: &OwnedRotation,
    now: Timestamp,
) -> Result<Result<(), RotateError>, Trouble> {
    let new = NewRow::of(&rotation.new, &rotation.record)?;
    let (standing, old) = look_at_both(db, rotation, &new, now).await?;
    if rotation.old.is_some()
        && rotation.old_record == OldRecord::MustLive
        && let Err(ending) = old.live()
    {
        return roll_back(db, Err(RotateError::Gone(ending))).await;
    }
    if standing.killed {
        return roll_back(db, Err(RotateError::Killed)).await;
    }
    if !write_both(db, rotation, &new, &standing, now).await? {
        return roll_back(db, Err(RotateError::Taken)).await;
    }
    db.client.batch_execute("COMMIT").await.map_err(perhaps_done)?;
    Ok(Ok(()))
}

/// Begins the transaction: what the new record will carry, then what stands under the old key, locked.
async fn look_at_both(
    db: &Connection,
    rotation: &OwnedRotation,
    new: &NewRow,
    now: Timestamp,
) -> Result<(Standing, Found), Trouble> {
    // Two logins of one user come one after the other, so that each counts the other's session.
    let lock = db.tables.lock_on(&[&new.realm, new.subject.as_bytes()]);
    let begin = match rotation.record.user_id() {
        Some(_) => format!("BEGIN; SELECT pg_advisory_xact_lock({lock})"),
        None => "BEGIN".to_owned(),
    };
    let latest = latest_kill(now).as_millisecond();
    let columns: [&(dyn ToSql + Sync); 4] = [&new.realm, &new.subject, &new.issued, &latest];
    let old = rotation.old.map(|old| old.as_bytes().to_vec());
    // One after the other on the server: no kill can come between them unseen.
    let (begun, standing, found) = join3(
        db.client.batch_execute(&begin),
        db.client.query_one(&db.prepared.standing, &columns),
        db.client.query_opt(&db.prepared.lock, &[&old]),
    )
    .await;
    begun.map_err(surely_undone)?;
    let read = |row: Row| {
        Ok(Standing {
            generation: row.try_get(0)?,
            realm_generation: row.try_get(1)?,
            killed: row.try_get(2)?,
        })
    };
    let standing = standing.and_then(read).map_err(surely_undone)?;
    let found = match found.map_err(surely_undone)? {
        Some(row) => rows::read(&row, &rotation.record.realm, now),
        None => Found::Nothing,
    };
    Ok((standing, found))
}

/// The new record, then the end of the old one, then of the user's sessions beyond the allowed number.
/// Whether the new key was new; the transaction must not be committed otherwise.
async fn write_both(
    db: &Connection,
    rotation: &OwnedRotation,
    new: &NewRow,
    standing: &Standing,
    now: Timestamp,
) -> Result<bool, Trouble> {
    let mut inserted = columns_of(new);
    inserted.extend([
        &standing.generation as &(dyn ToSql + Sync),
        &standing.realm_generation,
    ]);
    let buried_until = moment::later(now, AFTERLIFE).as_millisecond();
    let replaced_until = rotation.old_verifies_until.as_millisecond().max(buried_until);
    let old = rotation.old.map(|old| old.as_bytes().to_vec());
    let told = rotation.told.to_text();
    let replaced: [&(dyn ToSql + Sync); 4] = [&old, &replaced_until, &new.realm, &told];
    let replace = async {
        match rotation.old {
            Some(_) => db.client.execute(&db.prepared.replace, &replaced).await,
            None => Ok(0),
        }
    };
    let allowed_others = i64::try_from(rotation.max_sessions.saturating_sub(1)).unwrap_or(i64::MAX);
    let now = now.as_millisecond();
    let surplus: [&(dyn ToSql + Sync); 8] = [
        &new.key,
        &buried_until,
        &new.realm,
        &standing.realm_generation,
        &new.subject,
        &standing.generation,
        &now,
        &allowed_others,
    ];
    let end_surplus = async {
        match rotation.record.user_id() {
            Some(_) => db.client.execute(&db.prepared.end_surplus, &surplus).await,
            None => Ok(0),
        }
    };
    let (inserted, replaced, ended) = join3(
        db.client.execute(&db.prepared.insert, &inserted),
        replace,
        end_surplus,
    )
    .await;
    replaced.and(ended).map_err(surely_undone)?;
    Ok(inserted.map_err(surely_undone)? == 1)
}

//! The SQL of sessions: what each operation does inside its transaction.
//!
//! Pure functions of a connection; nothing here opens, locks or waits. A row that cannot be read counts
//! as ended and is logged: better a new session than a wrong one.

use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::rows::{self, record_columns};
use crate::id::StoreKey;
use crate::moment;
use crate::realm::Realm;
use crate::record::Record;
use crate::store::generation::{GUESTS, REALM, latest_kill, subject_of, subject_of_kill};
use crate::store::{AFTERLIFE, Ending, Kill, OldRecord, SessionSummary, Tombstone};

pub(super) type Sql<T> = rusqlite::Result<T>;

/// What stands under a key.
pub(super) enum Found {
    Live(Box<Record>),
    /// A row of an ended session, with the time its tombstone must stand.
    Dead(Timestamp),
    Tombstone(Tombstone),
    Nothing,
}

/// Why a new row was not written.
pub(super) enum Refused {
    Exists,
    Ended(Ending),
    Killed,
}

/// Why a rotation was not made.
pub(super) enum NotRotated {
    Gone(Ending),
    Taken,
    Killed,
}

/// A rotation with everything owned, so that it can go to another thread.
#[derive(Clone)]
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

/// Whether a row is that of the key `?1`: the index knows the beginnings of keys.
macro_rules! key_is {
    () => {
        "substr(key,1,8)=substr(?1,1,8) AND key=?1"
    };
}
pub(super) use key_is;

/// Whether a session's generations are those in force.
macro_rules! in_force {
    () => {
        "s.generation=coalesce((SELECT generation FROM generations g
            WHERE g.realm=s.realm AND g.subject=s.subject),0)
        AND s.realm_generation=coalesce((SELECT generation FROM generations g
            WHERE g.realm=s.realm AND g.subject='realm'),0)"
    };
}
pub(super) use in_force;

// Record and generations in one statement: a kill and a load cannot pass each other.
macro_rules! select {
    ($filter:expr) => {
        concat!(
            "SELECT ",
            record_columns!(),
            in_force!(),
            ",s.key,s.issued FROM sessions s ",
            $filter
        )
    };
}

const SELECT_BY_KEY: &str = select!(concat!("WHERE ", key_is!()));
const SELECT_OF_USER: &str = select!(
    "WHERE s.realm = ?1 AND s.realm_generation = ?2 AND s.subject = ?3 AND s.expires > ?4
     AND s.generation = coalesce((SELECT generation FROM generations g
        WHERE g.realm = s.realm AND g.subject = s.subject), 0)
     ORDER BY s.seen DESC, s.key DESC LIMIT ?5 OFFSET ?6"
);
const SELECT_OF_REALM: &str = select!(
    "WHERE s.realm = ?1 AND s.realm_generation = ?2 AND ?3 IS NOT NULL AND s.expires > ?4
     AND s.generation = coalesce((SELECT generation FROM generations g
        WHERE g.realm = s.realm AND g.subject = s.subject), 0)
     ORDER BY s.seen DESC, s.key DESC LIMIT ?5 OFFSET ?6"
);
/// How many a list has.
const COUNT: &str = concat!(
    "SELECT count(*) FROM sessions s WHERE s.realm = ?1 AND (?2 IS NULL OR s.subject = ?2)
        AND s.expires > ?3 AND ",
    in_force!()
);

pub(super) fn find(db: &Connection, key: &StoreKey, realm: &Realm, now: Timestamp) -> Sql<Found> {
    let mut select = db.prepare_cached(SELECT_BY_KEY)?;
    let row = select
        .query_row([key.as_bytes()], |row| Ok(read_row(row, realm, now)))
        .optional()?;
    if let Some(found) = row {
        return Ok(found);
    }
    let mut tombstone = db.prepare_cached("SELECT replaced FROM tombstones WHERE key = ?1")?;
    let told = tombstone
        .query_row([key.as_bytes()], |row| {
            Ok(match row.get_ref(0)? {
                ValueRef::Text(text) => Tombstone::from_text(std::str::from_utf8(text).unwrap_or_default()),
                _ => Tombstone::Ended,
            })
        })
        .optional()?;
    Ok(told.map_or(Found::Nothing, Found::Tombstone))
}

fn read_row(row: &Row<'_>, realm: &Realm, now: Timestamp) -> Found {
    let Some((record, in_force)) = rows::read(row) else {
        tracing::warn!("an unreadable session was taken for ended");
        return Found::Dead(rows::read_verifies_until(row).unwrap_or(now));
    };
    match in_force && record.realm == *realm && !record.is_expired(now) {
        true => Found::Live(Box::new(record)),
        false => Found::Dead(record.verifies_until),
    }
}

/// Whether an id issued then may not begin a session, because a kill came at that time or later.
pub(super) fn was_killed(
    db: &Connection,
    realm: &Realm,
    subject: &str,
    issued: Timestamp,
    now: Timestamp,
) -> Sql<bool> {
    let mut select = db.prepare_cached(
        "SELECT count(*) FROM generations
         WHERE realm = ?1 AND subject IN (?2, 'realm') AND killed_at BETWEEN ?3 AND ?4",
    )?;
    let kills: i64 = select.query_row(
        params![
            realm.as_bytes(),
            subject,
            issued.as_millisecond(),
            latest_kill(now).as_millisecond()
        ],
        |row| row.get(0),
    )?;
    Ok(kills > 0)
}

pub(super) fn pending_was_killed(
    db: &Connection,
    realm: &Realm,
    issued: Timestamp,
    now: Timestamp,
) -> Sql<bool> {
    was_killed(db, realm, GUESTS, issued, now)
}

pub(super) fn insert(
    db: &Connection,
    key: &StoreKey,
    record: &Record,
    now: Timestamp,
) -> Sql<Result<(), Refused>> {
    match find(db, key, &record.realm, now)? {
        Found::Live(_) => return Ok(Err(Refused::Exists)),
        Found::Dead(_) => return Ok(Err(Refused::Ended(Ending::Ended))),
        Found::Tombstone(told) => return Ok(Err(Refused::Ended(told.ending()))),
        Found::Nothing => {}
    }
    let subject = subject_of(record.user_id());
    if was_killed(db, &record.realm, &subject, key.issued(), now)? {
        return Ok(Err(Refused::Killed));
    }
    let realm = record.realm.as_bytes();
    let about = rows::about_text(&record.about)?;
    db.prepare_cached(
        "INSERT INTO sessions (key, realm, subject, generation, realm_generation, issued, seen, expires,
            cookie_until, verifies_until, about, data, trail)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        key.as_bytes(),
        realm,
        subject,
        generation(db, &record.realm, &subject)?,
        generation(db, &record.realm, REALM)?,
        key.issued().as_millisecond(),
        record.seen.as_millisecond(),
        record.expires().as_millisecond(),
        record.cookie_until.map(Timestamp::as_millisecond),
        record.verifies_until.as_millisecond(),
        about,
        rows::values_text(&record.values)?,
        rows::trail_text(&record.trail)?,
    ])?;
    Ok(Ok(()))
}

pub(super) fn generation(db: &Connection, realm: &Realm, subject: &str) -> Sql<i64> {
    let mut select =
        db.prepare_cached("SELECT generation FROM generations WHERE realm = ?1 AND subject = ?2")?;
    Ok(select
        .query_row(params![realm.as_bytes(), subject], |row| row.get(0))
        .optional()?
        .unwrap_or(0))
}

/// Writes a record's values and trail back and leaves its use alone, whose index would be written too.
pub(super) fn write_contents(db: &Connection, key: &StoreKey, record: &Record) -> Sql<()> {
    db.prepare_cached(concat!(
        "UPDATE sessions SET data = ?2, trail = ?3 WHERE ",
        key_is!()
    ))?
    .execute(params![
        key.as_bytes(),
        rows::values_text(&record.values)?,
        rows::trail_text(&record.trail)?,
    ])?;
    Ok(())
}

/// Writes a use of a record back and leaves its values alone.
pub(super) fn write_use(db: &Connection, key: &StoreKey, record: &Record) -> Sql<()> {
    db.prepare_cached(concat!(
        "UPDATE sessions SET seen = ?2, expires = ?3, cookie_until = ?4 WHERE ",
        key_is!()
    ))?
    .execute(params![
        key.as_bytes(),
        record.seen.as_millisecond(),
        record.expires().as_millisecond(),
        record.cookie_until.map(Timestamp::as_millisecond),
    ])?;
    Ok(())
}

/// Ends what stands under a key in this realm and leaves a tombstone; an older tombstone stays. Returns
/// whether it lived.
pub(super) fn bury(db: &Connection, key: &StoreKey, realm: &Realm, now: Timestamp) -> Sql<bool> {
    let (lived, until) = match find(db, key, realm, now)? {
        Found::Live(record) => (true, record.verifies_until),
        Found::Dead(_) if is_foreign(db, key, realm)? => return Ok(false),
        Found::Dead(until) => (false, until),
        Found::Tombstone(_) | Found::Nothing => return Ok(false),
    };
    put_tombstone(db, key, &Tombstone::Ended, until, now)?;
    Ok(lived)
}

/// Ends whatever of the realm stands under the key that a rotation replaces, be it nothing.
fn replace(db: &Connection, old: &StoreKey, rotation: &OwnedRotation, now: Timestamp) -> Sql<()> {
    let realm = &rotation.record.realm;
    let until = match find(db, old, realm, now)? {
        Found::Live(record) => record.verifies_until,
        Found::Dead(_) if is_foreign(db, old, realm)? => return Ok(()),
        Found::Dead(until) => until,
        Found::Tombstone(_) | Found::Nothing => now,
    };
    let until = until.max(rotation.old_verifies_until);
    put_tombstone(db, old, &rotation.told, until, now)
}

/// Puts a tombstone in the place of whatever stands under a key; it stands as long as any before.
fn put_tombstone(
    db: &Connection,
    key: &StoreKey,
    told: &Tombstone,
    until: Timestamp,
    now: Timestamp,
) -> Sql<()> {
    let until = until.max(moment::later(now, AFTERLIFE)).as_millisecond();
    db.prepare_cached(
        "INSERT INTO tombstones (key, replaced, until) VALUES (?1, ?2, ?3)
         ON CONFLICT (key) DO UPDATE SET replaced = excluded.replaced, until = max(until, excluded.until)",
    )?
    .execute(params![key.as_bytes(), told.to_text(), until])?;
    db.prepare_cached(concat!("DELETE FROM sessions WHERE ", key_is!()))?
        .execute([key.as_bytes()])?;
    Ok(())
}

fn is_foreign(db: &Connection, key: &StoreKey, realm: &Realm) -> Sql<bool> {
    let mut select = db.prepare_cached(concat!("SELECT realm <> ?2 FROM sessions WHERE ", key_is!()))?;
    select.query_row(params![key.as_bytes(), realm.as_bytes()], |row| row.get(0))
}

pub(super) fn rotate(
    db: &Connection,
    rotation: &OwnedRotation,
    now: Timestamp,
) -> Sql<Result<(), NotRotated>> {
    let realm = &rotation.record.realm;
    if let (Some(old), OldRecord::MustLive) = (&rotation.old, rotation.old_record) {
        match find(db, old, realm, now)? {
            Found::Live(_) => {}
            Found::Tombstone(told) => return Ok(Err(NotRotated::Gone(told.ending()))),
            Found::Dead(_) | Found::Nothing => return Ok(Err(NotRotated::Gone(Ending::Ended))),
        }
    }
    match insert(db, &rotation.new, &rotation.record, now)? {
        Ok(()) => {}
        Err(Refused::Killed) => return Ok(Err(NotRotated::Killed)),
        Err(Refused::Exists | Refused::Ended(_)) => return Ok(Err(NotRotated::Taken)),
    }
    if let Some(old) = &rotation.old {
        // Whether it lived was asked above, in this transaction.
        replace(db, old, rotation, now)?;
    }
    end_surplus(db, rotation, now)?;
    Ok(Ok(()))
}

fn end_surplus(db: &Connection, rotation: &OwnedRotation, now: Timestamp) -> Sql<()> {
    let Some(user_id) = rotation.record.user_id() else {
        return Ok(());
    };
    let realm = &rotation.record.realm;
    let others = list(db, realm, Some(user_id), (0, -1), now)?;
    let others = others.iter().filter(|other| other.key != rotation.new);
    for surplus in others.skip(rotation.max_sessions.saturating_sub(1)) {
        _ = bury(db, &surplus.key, realm, now)?;
    }
    Ok(())
}

pub(super) fn kill(db: &Connection, realm: &Realm, whom: Kill<'_>, now: Timestamp) -> Sql<u64> {
    let ended = count_live(db, realm, whom, now)?;
    db.prepare_cached(
        "INSERT INTO generations (realm, subject, generation, killed_at, swept) VALUES (?1, ?2, 1, ?3, 0)
         ON CONFLICT (realm, subject) DO UPDATE
         SET generation = generation + 1, swept = 0,
             killed_at = iif(killed_at > ?4, excluded.killed_at, max(killed_at, excluded.killed_at))",
    )?
    .execute(params![
        realm.as_bytes(),
        subject_of_kill(whom),
        now.as_millisecond(),
        latest_kill(now).as_millisecond()
    ])?;
    Ok(ended)
}

fn count_live(db: &Connection, realm: &Realm, whom: Kill<'_>, now: Timestamp) -> Sql<u64> {
    let subject = (whom != Kill::Everyone).then(|| subject_of_kill(whom));
    let mut count = db.prepare_cached(
        "SELECT count(*) FROM sessions s
         WHERE s.realm = ?1 AND s.realm_generation = ?2 AND (?3 IS NULL OR s.subject = ?3) AND s.expires > ?4
             AND s.generation = coalesce(
                 (SELECT generation FROM generations g WHERE g.realm = s.realm AND g.subject = s.subject), 0)",
    )?;
    let current = generation(db, realm, REALM)?;
    let count: i64 = count.query_row(
        params![realm.as_bytes(), current, subject, now.as_millisecond()],
        |row| row.get(0),
    )?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The live sessions of a realm or a user: so many (-1 = all) behind the first `skip`.
pub(super) fn list(
    db: &Connection,
    realm: &Realm,
    user_id: Option<&str>,
    (skip, most): (i64, i64),
    now: Timestamp,
) -> Sql<Vec<SessionSummary>> {
    let current = generation(db, realm, REALM)?;
    let mut select = db.prepare_cached(if user_id.is_some() {
        SELECT_OF_USER
    } else {
        SELECT_OF_REALM
    })?;
    let (subject, now_millis) = (subject_of(user_id), now.as_millisecond());
    let mut rows = select.query(params![
        realm.as_bytes(),
        current,
        subject,
        now_millis,
        most,
        skip
    ])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (Found::Live(record), Ok(hash), Ok(issued)) = (read_row(row, realm, now), row.get(8), row.get(9))
        else {
            continue;
        };
        found.push(SessionSummary::new(
            StoreKey::from_parts(hash, moment::from_millis(issued)),
            &record,
        ));
    }
    Ok(found)
}

/// How many live sessions a realm or a user has.
pub(super) fn count(db: &Connection, realm: &Realm, user_id: Option<&str>, now: Timestamp) -> Sql<u64> {
    let subject = user_id.map(|user_id| subject_of(Some(user_id)));
    let number: i64 = db
        .prepare_cached(COUNT)?
        .query_row(params![realm.as_bytes(), subject, now.as_millisecond()], |row| {
            row.get(0)
        })?;
    Ok(number.unsigned_abs())
}

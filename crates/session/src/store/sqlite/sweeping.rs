//! The SQL of a sweep: what nobody can need any more, in small steps.
//!
//! Runs inside the caller's transaction, as everything in statements.rs does.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::statements::{Sql, generation};
use crate::moment;
use crate::realm::Realm;
use crate::store::generation::{GUESTS, REALM};
use crate::store::{AFTERLIFE, Swept};

pub(super) fn sweep(db: &Connection, now: Timestamp, budget: usize) -> Sql<Swept> {
    let budget = i64::try_from(budget).unwrap_or(i64::MAX);
    let mut removed = sweep_expired(db, now, budget)?;
    removed += sweep_killed(db, now, budget.saturating_sub(removed))?;
    removed += sweep_tombstones(db, now, budget.saturating_sub(removed))?;
    Ok(Swept {
        removed: u64::try_from(removed).unwrap_or(0),
        more: removed >= budget,
    })
}

/// Counts no further than matters, in an index; those that end soonest are found in another.
pub(super) fn end_surplus_guests(
    db: &Connection,
    realm: &Realm,
    most: usize,
    budget: usize,
    now: Timestamp,
) -> Sql<u64> {
    let bound = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let found: i64 = db
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM sessions WHERE realm = ?1 AND realm_generation = ?2
                 AND subject = ?3 AND generation = ?4 LIMIT ?5)",
        )?
        .query_row(
            params![
                realm.as_bytes(),
                generation(db, realm, REALM)?,
                GUESTS,
                generation(db, realm, GUESTS)?,
                bound(most.saturating_add(budget)),
            ],
            |row| row.get(0),
        )?;
    let surplus = found.saturating_sub(bound(most));
    if surplus <= 0 {
        return Ok(0);
    }
    let select = "SELECT rowid FROM sessions INDEXED BY sessions_by_end WHERE realm = ?1 AND subject = ?2
         AND expires > ?3 ORDER BY expires LIMIT ?4";
    let rows = rows_of(db, select, params![realm.as_bytes(), GUESTS, i64::MIN, surplus])?;
    Ok(u64::try_from(remove(db, &rows, now)?).unwrap_or(0))
}

fn sweep_expired(db: &Connection, now: Timestamp, budget: i64) -> Sql<i64> {
    let until = moment::earlier(now, AFTERLIFE).as_millisecond();
    let select = "SELECT rowid FROM sessions WHERE expires <= ?1 ORDER BY expires LIMIT ?2";
    let rows = rows_of(db, select, params![until, budget])?;
    remove(db, &rows, now)
}

fn sweep_killed(db: &Connection, now: Timestamp, budget: i64) -> Sql<i64> {
    let mut kills =
        db.prepare_cached("SELECT realm, subject, generation FROM generations WHERE swept = 0 LIMIT 100")?;
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let kills: Vec<([u8; 32], String, i64)> = kills.query_map([], read)?.collect::<Sql<_>>()?;
    let mut removed = 0;
    for (realm, subject, killed) in kills {
        let left = budget.saturating_sub(removed);
        if left == 0 {
            break;
        }
        let rows = match subject.as_str() {
            REALM => rows_of(
                db,
                "SELECT rowid FROM sessions WHERE realm = ?1 AND realm_generation < ?2 LIMIT ?3",
                params![realm, killed, left],
            )?,
            _ => rows_of(
                db,
                "SELECT rowid FROM sessions WHERE realm = ?1 AND realm_generation = ?5 AND subject = ?2
                     AND generation < ?3 LIMIT ?4",
                params![
                    realm,
                    subject,
                    killed,
                    left,
                    generation(db, &Realm::from_bytes(realm), REALM)?
                ],
            )?,
        };
        if rows.is_empty() {
            db.prepare_cached("UPDATE generations SET swept = 1 WHERE realm = ?1 AND subject = ?2")?
                .execute(params![realm, subject])?;
        }
        removed += remove(db, &rows, now)?;
    }
    Ok(removed)
}

fn sweep_tombstones(db: &Connection, now: Timestamp, budget: i64) -> Sql<i64> {
    let removed = db
        .prepare_cached(
            "DELETE FROM tombstones WHERE key IN (SELECT key FROM tombstones WHERE until <= ?1 LIMIT ?2)",
        )?
        .execute(params![now.as_millisecond(), budget])?;
    Ok(i64::try_from(removed).unwrap_or(i64::MAX))
}

fn rows_of(db: &Connection, select: &str, params: impl rusqlite::Params) -> Sql<Vec<i64>> {
    let mut select = db.prepare_cached(select)?;
    select.query_map(params, |row| row.get(0))?.collect()
}

/// Removes ended records; those whose ids could still be taken for pending ones leave a tombstone.
fn remove(db: &Connection, rows: &[i64], now: Timestamp) -> Sql<i64> {
    let mut bury = db.prepare_cached(
        "INSERT OR IGNORE INTO tombstones (key, replaced, until)
         SELECT key, 'ended', verifies_until FROM sessions WHERE rowid = ?1 AND verifies_until > ?2",
    )?;
    let mut delete = db.prepare_cached("DELETE FROM sessions WHERE rowid = ?1")?;
    for row in rows {
        bury.execute(params![row, now.as_millisecond()])?;
        delete.execute([row])?;
    }
    Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
}

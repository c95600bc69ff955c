//! What concerns many sessions: kills, lists, sweeps.
//!
//! A kill raises one number; that it counts what it ends is for people. A sweep locks what it is going to
//! remove, passes by what others have locked, and looks again at what it has locked: a session that was
//! used in between stays. Nothing a visitor can see depends on a sweep.

use futures_util::future::join;
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::connection::Connection;
use super::rows;
use super::trouble::{Trouble, perhaps_done, surely_undone};
use crate::moment;
use crate::realm::Realm;
use crate::store::generation::{REALM, latest_kill, subject_of, subject_of_kill};
use crate::store::{AFTERLIFE, Kill, ListPart, SessionSummary, Swept};

/// So many kills one step looks at.
const KILLS_A_STEP: i64 = 20;

/// Raises a generation, under a lock of the realm's kills: no session is counted by two of them.
pub(super) async fn kill(
    db: &Connection,
    realm: &Realm,
    whom: Kill<'_>,
    now: Timestamp,
) -> Result<u64, Trouble> {
    let lock = db.tables.lock_on(&[b"kill", realm.as_bytes()]);
    // Counting a million sessions may take a while, and everybody who waits for the end wants it.
    let begin = format!("BEGIN; SET LOCAL statement_timeout = '60s'; SELECT pg_advisory_xact_lock({lock})");
    db.client.batch_execute(&begin).await.map_err(surely_undone)?;
    let subject = subject_of_kill(whom);
    let counted = (whom != Kill::Everyone).then_some(subject.as_str());
    let ended = count(db, realm, counted, now).await?;
    let (now, latest) = (now.as_millisecond(), latest_kill(now).as_millisecond());
    let raised: [&(dyn ToSql + Sync); 4] = [&realm.as_bytes().as_slice(), &subject, &now, &latest];
    let raised = db.client.execute(db.seldom.raise.as_str(), &raised).await;
    raised.map_err(surely_undone)?;
    db.client.batch_execute("COMMIT").await.map_err(perhaps_done)?;
    Ok(ended)
}

/// A part of the live sessions of a user or of all, and how many there are in all.
pub(super) async fn list_part(
    db: &Connection,
    realm: &Realm,
    user_id: Option<&str>,
    part: (usize, usize),
    now: Timestamp,
) -> Result<ListPart, Trouble> {
    let subject = user_id.map(|user_id| subject_of(Some(user_id)));
    Ok(ListPart {
        sessions: list(db, realm, user_id, part, now).await?,
        total: count(db, realm, subject.as_deref(), now).await?,
    })
}

/// The live sessions of a user or of all, from one place of the list to another.
pub(super) async fn list(
    db: &Connection,
    realm: &Realm,
    user_id: Option<&str>,
    (skip, most): (usize, usize),
    now: Timestamp,
) -> Result<Vec<SessionSummary>, Trouble> {
    let (hash, subject, millis) = (
        realm.as_bytes().as_slice(),
        subject_of(user_id),
        now.as_millisecond(),
    );
    let bound = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (skip, most) = (bound(skip), bound(most));
    let mut columns: Vec<&(dyn ToSql + Sync)> = vec![&hash, &millis, &skip, &most];
    let select = if user_id.is_some() {
        columns.push(&subject);
        &db.seldom.list_of_subject
    } else {
        &db.seldom.list_of_realm
    };
    let rows = db.client.query(select.as_str(), &columns).await;
    let rows = rows.map_err(surely_undone)?;
    Ok(rows
        .iter()
        .filter_map(|row| rows::read_summary(row, realm, now))
        .collect())
}

/// How many sessions live that carry a subject's generation, or of everybody.
async fn count(
    db: &Connection,
    realm: &Realm,
    subject: Option<&str>,
    now: Timestamp,
) -> Result<u64, Trouble> {
    let (realm, now) = (realm.as_bytes().as_slice(), now.as_millisecond());
    let mut columns: Vec<&(dyn ToSql + Sync)> = vec![&realm, &now];
    let count = match &subject {
        Some(subject) => {
            columns.push(subject);
            &db.seldom.count_of_subject
        }
        None => &db.seldom.count_of_realm,
    };
    let row = db.client.query_one(count.as_str(), &columns).await;
    let count: i64 = row.and_then(|row| row.try_get(0)).map_err(surely_undone)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

pub(super) async fn sweep(db: &Connection, now: Timestamp, budget: usize) -> Result<Swept, Trouble> {
    let budget = i64::try_from(budget).unwrap_or(i64::MAX);
    let ended = moment::earlier(now, AFTERLIFE).as_millisecond();
    begin(db).await?;
    let expired = keys(db, &db.seldom.expired, &[&budget, &ended]).await?;
    let mut removed = remove(db, &expired, now).await?;
    let (of_kills, more_kills) = sweep_killed(db, now, budget.saturating_sub(removed)).await?;
    removed += of_kills;
    let left = budget.saturating_sub(removed);
    let tombstones: [&(dyn ToSql + Sync); 2] = [&left, &now.as_millisecond()];
    let tombstones = db
        .client
        .execute(db.seldom.remove_tombstones.as_str(), &tombstones)
        .await;
    removed += i64::try_from(tombstones.map_err(surely_undone)?).unwrap_or(i64::MAX);
    db.client.batch_execute("COMMIT").await.map_err(perhaps_done)?;
    Ok(Swept {
        removed: u64::try_from(removed).unwrap_or(0),
        more: removed >= budget || more_kills,
    })
}

/// Ends guests' sessions of a realm beyond `most`, at most `budget`. Counts no further than matters.
pub(super) async fn end_surplus_guests(
    db: &Connection,
    realm: &Realm,
    (most, budget): (usize, usize),
    now: Timestamp,
) -> Result<u64, Trouble> {
    let bound = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (hash, most, enough) = (
        realm.as_bytes().as_slice(),
        bound(most),
        bound(most.saturating_add(budget)),
    );
    let counted: [&(dyn ToSql + Sync); 2] = [&enough, &hash];
    let row = db
        .client
        .query_one(db.seldom.count_guests.as_str(), &counted)
        .await;
    let found: i64 = row.and_then(|row| row.try_get(0)).map_err(surely_undone)?;
    let surplus = found.saturating_sub(most);
    if surplus <= 0 {
        return Ok(0);
    }
    begin(db).await?;
    let ended = keys(db, &db.seldom.guests_by_end, &[&surplus, &hash]).await?;
    let ended = remove(db, &ended, now).await?;
    db.client.batch_execute("COMMIT").await.map_err(perhaps_done)?;
    Ok(u64::try_from(ended).unwrap_or(0))
}

async fn begin(db: &Connection) -> Result<(), Trouble> {
    let begin = "BEGIN; SET LOCAL synchronous_commit = off";
    db.client.batch_execute(begin).await.map_err(surely_undone)
}

/// What kills have ended. How much was removed, and whether there are kills that were not looked at.
async fn sweep_killed(db: &Connection, now: Timestamp, budget: i64) -> Result<(i64, bool), Trouble> {
    let kills = db
        .client
        .query(db.seldom.unswept_kills.as_str(), &[&KILLS_A_STEP])
        .await
        .map_err(surely_undone)?;
    let mut removed = 0;
    for kill in &kills {
        let left = budget.saturating_sub(removed);
        if left == 0 {
            break;
        }
        removed += sweep_kill(db, kill, now, left).await?;
    }
    Ok((removed, i64::try_from(kills.len()) == Ok(KILLS_A_STEP)))
}

/// What one kill has ended; notes when that is all gone. A record that somebody holds just then stays
/// until its time is over.
async fn sweep_kill(db: &Connection, kill: &Row, now: Timestamp, budget: i64) -> Result<i64, Trouble> {
    let realm: &[u8] = kill.try_get(0).map_err(surely_undone)?;
    let subject: &str = kill.try_get(1).map_err(surely_undone)?;
    let generation: i64 = kill.try_get(2).map_err(surely_undone)?;
    let killed = match subject {
        REALM => keys(db, &db.seldom.killed_of_realm, &[&budget, &realm, &generation]).await?,
        _ => {
            let columns: [&(dyn ToSql + Sync); 4] = [&budget, &realm, &subject, &generation];
            keys(db, &db.seldom.killed_of_subject, &columns).await?
        }
    };
    if killed.is_empty() {
        // Unless it was raised again meanwhile.
        let swept: [&(dyn ToSql + Sync); 3] = [&realm, &subject, &generation];
        let swept = db.client.execute(db.seldom.kill_is_swept.as_str(), &swept).await;
        swept.map_err(surely_undone)?;
    }
    remove(db, &killed, now).await
}

async fn keys(
    db: &Connection,
    select: &str,
    columns: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Vec<u8>>, Trouble> {
    let rows = db.client.query(select, columns).await.map_err(surely_undone)?;
    let key = |row: &Row| row.try_get(0);
    rows.iter()
        .map(key)
        .collect::<Result<_, _>>()
        .map_err(surely_undone)
}

/// Removes records that are locked; those whose ids could still be taken for pending ones become tombstones.
async fn remove(db: &Connection, keys: &[Vec<u8>], now: Timestamp) -> Result<i64, Trouble> {
    if keys.is_empty() {
        return Ok(0);
    }
    let columns: [&(dyn ToSql + Sync); 2] = [&keys, &now.as_millisecond()];
    let (buried, removed) = join(
        db.client.execute(db.seldom.bury_swept.as_str(), &columns),
        db.client.execute(db.seldom.remove_swept.as_str(), &columns),
    )
    .await;
    buried.and(removed).map_err(surely_undone)?;
    Ok(i64::try_from(keys.len()).unwrap_or(i64::MAX))
}

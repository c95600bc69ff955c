//! The SQL of sessions in PostgreSQL: one text per thing that is asked or done.
//!
//! Every statement sees one moment (READ COMMITTED takes a snapshot per statement), so a record and the
//! generations that it is compared with are of one moment too. What several statements together may
//! rely on is said where they are run, in operations.rs and housekeeping.rs. What requests do is prepared
//! once per connection, the rest when it is needed.

use tokio_postgres::{Client, Error, Statement};

use super::tables::Tables;

/// The columns that rows.rs reads, in its order.
const COLUMNS: &str = "s.ended, s.realm, s.seen, s.cookie_until, s.verifies_until, s.about, s.data, s.trail";

/// What becomes of a row that turns into a tombstone which must stand until `$2` at least.
const BURIED: &str = "until = greatest(s.until, s.verifies_until, $2::bigint), subject = '', about = '', data = '', trail = ''";

/// What every use of a session may change.
const USE: &str = "trail = $2, seen = $3, expires = $4, cookie_until = $5";

/// What requests do, prepared on one connection.
pub(super) struct Prepared {
    pub(super) load: Statement,
    pub(super) lock: Statement,
    pub(super) create: Statement,
    pub(super) standing: Statement,
    pub(super) insert: Statement,
    pub(super) write_use: Statement,
    pub(super) write_all: Statement,
    pub(super) bury: Statement,
    pub(super) replace: Statement,
    pub(super) end_surplus: Statement,
}

impl Prepared {
    pub(super) async fn on(client: &Client, tables: &Tables) -> Result<Prepared, Error> {
        let sessions = &tables.sessions;
        let prepare = |text: String| async move { client.prepare(&text).await };
        let write = |columns: &str| prepare(format!("UPDATE {sessions} SET {columns} WHERE key = $1"));
        Ok(Prepared {
            load: prepare(load(tables)).await?,
            lock: prepare(lock(tables)).await?,
            create: prepare(create(tables)).await?,
            standing: prepare(standing(tables)).await?,
            insert: prepare(insert(tables)).await?,
            write_use: write(USE).await?,
            write_all: write(&format!("{USE}, data = $6")).await?,
            bury: prepare(bury(tables)).await?,
            replace: prepare(replace(tables)).await?,
            end_surplus: prepare(end_surplus(tables)).await?,
        })
    }
}

/// The generation in force of a subject of a realm.
fn generation(tables: &Tables, realm: &str, subject: &str) -> String {
    let generations = &tables.generations;
    format!(
        "coalesce((SELECT g.generation FROM {generations} g WHERE g.realm = {realm} AND g.subject = {subject}), 0)"
    )
}

/// Whether the generations of the session `s` are those in force.
fn in_force(tables: &Tables) -> String {
    let of_subject = generation(tables, "s.realm", "s.subject");
    let of_realm = generation(tables, "s.realm", "'realm'");
    format!("s.generation = {of_subject} AND s.realm_generation = {of_realm}")
}

/// Whether an id issued at `issued` may not begin a session, because a kill came then or later.
fn was_killed(tables: &Tables, [realm, subject, issued, latest]: [&str; 4]) -> String {
    let generations = &tables.generations;
    format!(
        "EXISTS (SELECT FROM {generations} k WHERE k.realm = {realm} AND k.subject IN ({subject}, 'realm')
            AND k.killed_at BETWEEN {issued} AND {latest})"
    )
}

/// Always one row; whether there may be a session is asked only where there is none.
fn load(tables: &Tables) -> String {
    let (sessions, in_force) = (&tables.sessions, in_force(tables));
    let killed = was_killed(tables, ["$2::bytea", "'guests'", "$3::bigint", "$4::bigint"]);
    format!(
        "SELECT {COLUMNS}, {in_force}, s.key IS NOT NULL, CASE WHEN s.key IS NULL THEN {killed} ELSE false END
         FROM (VALUES ($1::bytea)) AS asked (key) LEFT JOIN {sessions} s ON s.key = asked.key"
    )
}

fn lock(tables: &Tables) -> String {
    let (sessions, in_force) = (&tables.sessions, in_force(tables));
    format!("SELECT {COLUMNS}, {in_force} FROM {sessions} s WHERE s.key = $1 FOR UPDATE OF s")
}

const INSERTED: &str =
    "key, issued, realm, subject, generation, realm_generation, seen, expires, cookie_until,
    verifies_until, about, data, trail";

fn create(tables: &Tables) -> String {
    let sessions = &tables.sessions;
    let of_subject = generation(tables, "$3::bytea", "$4::text");
    let of_realm = generation(tables, "$3", "'realm'");
    let killed = was_killed(tables, ["$3", "$4", "$2::bigint", "$12::bigint"]);
    format!(
        "INSERT INTO {sessions} ({INSERTED})
         SELECT $1::bytea, $2, $3, $4, {of_subject}, {of_realm}, $5::bigint, $6::bigint, $7::bigint, $8::bigint,
             $9::text, $10::text, $11::text
         WHERE NOT {killed}
         ON CONFLICT (key) DO NOTHING"
    )
}

/// The generations that a new session will have, and whether it may begin.
fn standing(tables: &Tables) -> String {
    format!(
        "SELECT {}, {}, {}",
        generation(tables, "$1::bytea", "$2::text"),
        generation(tables, "$1", "'realm'"),
        was_killed(tables, ["$1", "$2", "$3::bigint", "$4::bigint"])
    )
}

fn insert(tables: &Tables) -> String {
    let sessions = &tables.sessions;
    format!(
        "INSERT INTO {sessions} ({INSERTED}) VALUES ($1, $2, $3, $4, $12, $13, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (key) DO NOTHING"
    )
}

/// Ends a record that is there and says whether it lived.
fn bury(tables: &Tables) -> String {
    let (sessions, in_force) = (&tables.sessions, in_force(tables));
    format!(
        "UPDATE {sessions} s SET ended = 'ended', {BURIED} WHERE s.key = $1 AND s.realm = $3 AND s.ended IS NULL
         RETURNING s.expires > $4::bigint AND {in_force}"
    )
}

/// Ends what stands under a key, be it nothing; what had ended is told anew.
fn replace(tables: &Tables) -> String {
    let sessions = &tables.sessions;
    format!(
        "INSERT INTO {sessions} AS s (key, realm, ended, until) VALUES ($1, $3, $4, $2)
         ON CONFLICT (key) DO UPDATE SET ended = excluded.ended, {BURIED}
         WHERE s.ended IS NOT NULL OR s.realm = excluded.realm"
    )
}

fn end_surplus(tables: &Tables) -> String {
    let sessions = &tables.sessions;
    format!(
        "UPDATE {sessions} s SET ended = 'ended', {BURIED}
         WHERE s.ended IS NULL AND s.key IN (
             SELECT key FROM {sessions}
             WHERE realm = $3 AND realm_generation = $4 AND subject = $5 AND generation = $6
                 AND ended IS NULL AND expires > $7 AND key <> $1
             ORDER BY seen DESC, key DESC OFFSET $8)"
    )
}

/// What is done seldom, or by nobody who waits for a page.
#[derive(Debug)]
pub(super) struct SeldomTexts {
    pub(super) count_of_subject: String,
    pub(super) count_of_realm: String,
    pub(super) raise: String,
    pub(super) list_of_subject: String,
    pub(super) list_of_realm: String,
    pub(super) expired: String,
    pub(super) unswept_kills: String,
    pub(super) killed_of_subject: String,
    pub(super) killed_of_realm: String,
    pub(super) kill_is_swept: String,
    pub(super) count_guests: String,
    pub(super) guests_by_end: String,
    pub(super) bury_swept: String,
    pub(super) remove_swept: String,
    pub(super) remove_tombstones: String,
}

impl SeldomTexts {
    pub(super) fn of(tables: &Tables) -> SeldomTexts {
        let Tables {
            sessions,
            generations,
            ..
        } = tables;
        // Whoever holds a row just now is at work on it; the next step comes by again.
        let some = "LIMIT $1 FOR UPDATE SKIP LOCKED";
        SeldomTexts {
            count_of_subject: count(tables, "AND s.subject = $3"),
            count_of_realm: count(tables, ""),
            raise: raise(generations),
            list_of_subject: list(tables, "AND s.subject = $5"),
            list_of_realm: list(tables, ""),
            expired: format!(
                "SELECT key FROM {sessions} WHERE ended IS NULL AND expires <= $2 ORDER BY expires {some}"
            ),
            unswept_kills: format!("SELECT realm, subject, generation FROM {generations} WHERE NOT swept ORDER BY realm, subject LIMIT $1"),
            killed_of_subject: format!(
                "SELECT key FROM {sessions} WHERE ended IS NULL AND realm = $2 AND realm_generation = {}
                     AND subject = $3 AND generation < $4 {some}",
                generation(tables, "$2", "'realm'")
            ),
            killed_of_realm: format!(
                "SELECT key FROM {sessions} WHERE ended IS NULL AND realm = $2 AND realm_generation < $3 {some}"
            ),
            kill_is_swept: format!(
                "UPDATE {generations} SET swept = true WHERE realm = $1 AND subject = $2 AND generation = $3"
            ),
            count_guests: format!(
                "SELECT count(*) FROM (SELECT FROM {sessions} WHERE ended IS NULL AND realm = $2
                     AND realm_generation = {} AND subject = 'guests' AND generation = {} LIMIT $1) one",
                generation(tables, "$2", "'realm'"),
                generation(tables, "$2", "'guests'")
            ),
            guests_by_end: format!(
                "SELECT key FROM {sessions} WHERE ended IS NULL AND realm = $2 AND subject = 'guests'
                     ORDER BY expires {some}"
            ),
            bury_swept: format!(
                "UPDATE {sessions} s SET ended = 'ended', {BURIED} WHERE s.key = ANY($1) AND s.verifies_until > $2"
            ),
            remove_swept: format!("DELETE FROM {sessions} WHERE key = ANY($1) AND verifies_until <= $2"),
            remove_tombstones: format!(
                "DELETE FROM {sessions} WHERE key IN (
                     SELECT key FROM {sessions} WHERE ended IS NOT NULL AND until <= $2 ORDER BY until {some})"
            ),
        }
    }
}

fn count(tables: &Tables, filter: &str) -> String {
    let Tables {
        sessions,
        generations,
        ..
    } = tables;
    let of_realm = generation(tables, "$1", "'realm'");
    // Joined, not asked for row by row: it may be a million.
    format!(
        "SELECT count(*) FROM {sessions} s
         LEFT JOIN {generations} g ON g.realm = s.realm AND g.subject = s.subject
         WHERE s.realm = $1 AND s.realm_generation = {of_realm} AND s.ended IS NULL AND s.expires > $2
             AND s.generation = coalesce(g.generation, 0) {filter}"
    )
}

fn raise(generations: &str) -> String {
    format!(
        "INSERT INTO {generations} AS g VALUES ($1, $2, 1, $3, false)
         ON CONFLICT (realm, subject) DO UPDATE SET generation = g.generation + 1, swept = false,
             killed_at = CASE WHEN g.killed_at > $4 THEN excluded.killed_at
                 ELSE greatest(g.killed_at, excluded.killed_at) END"
    )
}

fn list(tables: &Tables, filter: &str) -> String {
    let (sessions, in_force) = (&tables.sessions, in_force(tables));
    let of_realm = generation(tables, "$1", "'realm'");
    format!(
        "SELECT {COLUMNS}, {in_force}, s.key, s.issued FROM {sessions} s
         WHERE s.realm = $1 AND s.realm_generation = {of_realm} AND s.ended IS NULL AND s.expires > $2 {filter}
             AND {in_force}
         ORDER BY s.seen DESC, s.key DESC OFFSET $3 LIMIT $4"
    )
}

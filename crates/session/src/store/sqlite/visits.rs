//! A page view's own write: a visit added to a stored trail, in one SQL statement.
//!
//! Nearly every write of a wiki is this one, so it has a way of its own: the statement finds the live
//! record, checks its generations, and adds the visit inside SQLite under the write lock, by an SQL
//! function that we give to the connection. It says only whether it did. Why it did not (ended, killed,
//! unreadable) is for the long way in statements.rs.

use jiff::Timestamp;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, params};

use super::rows::trail_text;
use super::statements::in_force;
use crate::delta::Delta;
use crate::id::StoreKey;
use crate::realm::Realm;
use crate::trail::TrailEntry;

const ADD_VISITS: &str = concat!(
    "UPDATE sessions AS s SET trail=with_visits(s.trail,?4,?5) WHERE s.key=?1 AND s.realm=?2 AND s.expires>?3 AND ",
    in_force!()
);

// An unreadable row that takes a visit stays unreadable: a load calls it ended all the same.

/// Gives a connection the SQL function that [`add_visits`] uses.
pub(super) fn teach(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("with_visits", 3, flags, with_visits)
}

/// `with_visits(trail, visits, trail size)`: the trail afterwards.
fn with_visits(arguments: &Context<'_>) -> rusqlite::Result<String> {
    let trail = |argument: usize| -> rusqlite::Result<Vec<TrailEntry>> {
        serde_json::from_str(arguments.get_raw(argument).as_str()?)
            .map_err(|error| rusqlite::Error::UserFunctionError(error.into()))
    };
    let delta = Delta {
        visits: trail(1)?,
        trail_size: usize::try_from(arguments.get::<i64>(2)?).unwrap_or(0),
        ..Delta::default()
    };
    let mut trail = trail(0)?;
    delta.add_visits(&mut trail);
    trail_text(&trail)
}

/// Adds a delta's visits to a live record's trail, in a transaction of its own. Whether it did.
pub(super) fn add_visits(
    db: &Connection,
    key: &StoreKey,
    realm: &Realm,
    delta: &Delta,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let changed = db.prepare_cached(ADD_VISITS)?.execute(params![
        key.as_bytes(),
        realm.as_bytes(),
        // Columns hold whole milliseconds, as every comparison of a record's end does.
        now.as_millisecond(),
        trail_text(&delta.visits)?,
        i64::try_from(delta.trail_size).unwrap_or(i64::MAX),
    ])?;
    Ok(changed == 1)
}

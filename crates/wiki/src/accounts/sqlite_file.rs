//! The file `users.db`: how it is made, opened and brought to the present schema.
//!
//! It is made 0600 in a directory made 0700, with a write-ahead log (readers never wait for a
//! writer) and a full fsync at every commit (an answered registration is durable). The schema's
//! number stands in `user_version`; a later one than ours is refused with a sentence.

use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::UserStoreError;
use crate::durable::{make_directory, make_file};

/// How long a connection off the request's thread waits for another process.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause between tries of what SQLite does not wait for by itself.
const RETRY_PAUSE: Duration = Duration::from_millis(5);

/// "GRUS": GRange USers.
const APPLICATION_ID: i64 = 0x4752_5553;

const SCHEMA_VERSION: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE user (
        id                TEXT PRIMARY KEY,
        name              TEXT NOT NULL,
        folded_name       TEXT NOT NULL UNIQUE,
        email             TEXT,
        disabled          INTEGER NOT NULL,
        awaiting_approval INTEGER NOT NULL,
        generation        INTEGER NOT NULL,
        created           INTEGER NOT NULL,
        password          TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// Makes directory and file where they are missing, and opens the file.
pub(super) fn create_or_open(path: &Path) -> Result<Connection, UserStoreError> {
    create(path).map_err(|source| UserStoreError::Open {
        path: path.to_owned(),
        source,
    })?;
    open(path)
}

/// Opens the file, which must exist, at the present schema.
pub(super) fn open(path: &Path) -> Result<Connection, UserStoreError> {
    let sqlite = |source| UserStoreError::Sqlite {
        path: path.to_owned(),
        source,
    };
    // Without SQLITE_OPEN_CREATE: a file removed meanwhile does not come back with other rights.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sqlite)?;
    switch_to_wal(&connection).map_err(sqlite)?;
    connection
        .pragma_update(None, "synchronous", "FULL")
        .map_err(sqlite)?;
    match schema_of(&connection).map_err(sqlite)? {
        (SCHEMA_VERSION, APPLICATION_ID) => Ok(connection),
        (0, 0) => {
            lay_out(&mut connection).map_err(sqlite)?;
            Ok(connection)
        }
        (found, APPLICATION_ID) => Err(UserStoreError::TooNew {
            path: path.to_owned(),
            found,
            known: SCHEMA_VERSION,
        }),
        _ => Err(UserStoreError::NotOurs {
            path: path.to_owned(),
        }),
    }
}

/// Whether somebody else holds the file at this moment.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

fn create(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        make_directory(directory)?;
    }
    make_file(path)
}

/// Two processes that do this at once get "busy" without waiting, so it is tried again.
fn switch_to_wal(connection: &Connection) -> rusqlite::Result<()> {
    let tries = BUSY_TIMEOUT.as_millis() / RETRY_PAUSE.as_millis();
    for _ in 0..tries {
        match connection.pragma_update(None, "journal_mode", "wal") {
            Err(error) if is_busy(&error) => std::thread::sleep(RETRY_PAUSE),
            done => return done,
        }
    }
    connection.pragma_update(None, "journal_mode", "wal")
}

/// Both numbers at one moment: another process may be laying the file out.
fn schema_of(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let both = "SELECT user_version, application_id FROM pragma_user_version, pragma_application_id";
    connection.query_row(both, [], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Makes the tables, unless another process has just done it.
fn lay_out(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if schema_of(&transaction)? == (0, 0) {
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    }
    transaction.commit()
}

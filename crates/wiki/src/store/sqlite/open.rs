//! Making, opening and migrating the file, and telling what went wrong with it.
//!
//! A new file is made complete under another name and then linked to its own, so no other process ever
//! sees half a store. A step of the schema and its number commit together, so a migration that was cut
//! short goes on where it stopped. No page is read or written here. Start at [`Place`].

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::durable::{make_directory, sync_directory};
use crate::store::StoreError;

/// How long a write, or a read that cannot run at once, waits for another process.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Prepared statements that a connection keeps; we have fewer.
const STATEMENTS: usize = 32;

/// The schema's steps, oldest first: a file's `user_version` is the number of steps it has seen.
const STEPS: &[&str] = &[
    include_str!("../schema/1.sql"),
    include_str!("../schema/2.sql"),
    include_str!("../schema/3.sql"),
];

/// The newest schema this program reads and writes.
const KNOWN_SCHEMA: u32 = STEPS.len() as u32;

/// Where one wiki's file is.
#[derive(Clone, Debug)]
pub struct Place {
    pub directory: PathBuf,
    pub file: PathBuf,
}

/// Tells a file from another one put in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileIdentity {
    device: u64,
    inode: u64,
}

impl Place {
    pub fn new(directory: &Path) -> Place {
        Place {
            directory: directory.to_owned(),
            file: directory.join("wiki.db"),
        }
    }

    /// Which file stands there now; nothing if there is none.
    pub fn identity(&self) -> Result<Option<FileIdentity>, StoreError> {
        match std::fs::metadata(&self.file) {
            Ok(found) => Ok(Some(FileIdentity {
                device: found.dev(),
                inode: found.ino(),
            })),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(self.io_error(error)),
        }
    }

    /// A connection to the file, which must exist; its schema is brought up to date.
    pub fn open(&self) -> Result<Connection, StoreError> {
        let mut connection = connect(&self.file).map_err(|error| self.explain(error))?;
        if self.refuse_newer_schema(&connection)? < KNOWN_SCHEMA {
            migrate(&mut connection, STEPS).map_err(|error| self.explain(error))?;
        }
        Ok(connection)
    }

    /// The schema of an open file, if we know it.
    pub fn refuse_newer_schema(&self, connection: &Connection) -> Result<u32, StoreError> {
        let found = schema_of(connection).map_err(|error| self.explain(error))?;
        if found > KNOWN_SCHEMA {
            return Err(StoreError::NewerSchema {
                path: self.file.clone(),
                found,
                known: KNOWN_SCHEMA,
            });
        }
        Ok(found)
    }

    /// Makes the directory and the file, unless somebody else does at the same moment.
    pub fn create(&self) -> Result<(), StoreError> {
        let made = make_directory(&self.directory).and_then(|()| {
            tempfile::Builder::new()
                .prefix("wiki.db.new-")
                .tempfile_in(&self.directory)
        });
        // Only the path is kept: a handle closed once others use the file would drop their locks (POSIX).
        let unfinished = made.map_err(|error| self.io_error(error))?.into_temp_path();
        let filled = connect(&unfinished).and_then(|mut connection| {
            migrate(&mut connection, STEPS)?;
            connection.close().map_err(|(_, error)| error)
        });
        filled.map_err(|error| self.explain(error))?;
        match unfinished.persist_noclobber(&self.file) {
            Err(failed) if failed.error.kind() != io::ErrorKind::AlreadyExists => {
                Err(self.io_error(failed.error))
            }
            _ => sync_directory(&self.directory).map_err(|error| self.io_error(error)),
        }
    }

    /// What an error of SQLite means for the caller.
    pub fn explain(&self, error: rusqlite::Error) -> StoreError {
        let path = self.file.clone();
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy { path },
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged {
                    path,
                    what: error.to_string(),
                },
                _ => StoreError::Sqlite { path, source: error },
            },
            rusqlite::Error::FromSqlConversionFailure(_, _, cause) => StoreError::Damaged {
                path,
                what: cause.to_string(),
            },
            _ => StoreError::Sqlite { path, source: error },
        }
    }

    fn io_error(&self, source: io::Error) -> StoreError {
        StoreError::Io {
            path: self.file.clone(),
            source,
        }
    }
}

/// Whether waiting may help.
pub fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// `NotADirectory`: a part of the path is a file, so ours is not there either.
fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Never creates: the flags lack `SQLITE_OPEN_CREATE`.
fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // FULL syncs the log at every commit; NORMAL would lose the last saves when the power fails.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

fn schema_of(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Runs the steps that the file has not seen, each in a transaction with its number.
fn migrate(connection: &mut Connection, steps: &[&str]) -> rusqlite::Result<()> {
    for (number, step) in (1_u32..).zip(steps) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Asked inside the transaction: another process may have been faster.
        if schema_of(&transaction)? < number {
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;

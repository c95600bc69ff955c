//! The connections to one `sessions.db`: opened at first use, used inline when free.
//!
//! Readers wait for nobody (write-ahead log), so a read runs on the spot. Two writers: a quick one
//! whose commits do not wait for the disk, used on the spot when nobody else writes, and a durable one
//! that waits, always on tokio's blocking threads. Whatever would wait goes there too. No SQL of
//! sessions stands here.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::store::StoreError;

/// The format that this program writes; an older program refuses a newer one.
const FORMAT: i64 = 1;
/// How long somebody on a blocking thread waits for another process.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long working the log in waits for readers; the next thousand writes try again.
const CHECKPOINT_PATIENCE: Duration = Duration::from_millis(100);
/// More idle readers than this are closed again.
const MAX_READERS: usize = 8;
/// After so many quick writes the log is worked into the file.
const WRITES_PER_CHECKPOINT: u32 = 1000;

/// The connections to one file.
pub(super) struct Connections {
    path: PathBuf,
    readers: Mutex<Vec<Connection>>,
    quick: Mutex<Option<Connection>>,
    durable: Mutex<Option<Connection>>,
    writes: AtomicU32,
    /// Whether the log waits to be worked in: writes then wait behind it.
    tidying: AtomicBool,
}

/// What a connection is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Reader,
    Quick,
    Durable,
}

impl Connections {
    pub(super) fn to(path: PathBuf) -> Arc<Connections> {
        Arc::new(Connections {
            path,
            readers: Mutex::default(),
            quick: Mutex::default(),
            durable: Mutex::default(),
            writes: AtomicU32::new(0),
            tidying: AtomicBool::new(false),
        })
    }

    /// Reads. `None` when there is no file yet: reading makes none.
    pub(super) async fn read<T, F>(self: &Arc<Self>, job: F) -> Result<Option<T>, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let idle = lock(&self.readers).pop();
        if let Some(connection) = idle {
            let result = run(&connection, Duration::ZERO, &job);
            self.put_back(connection);
            if !is_busy(&result) {
                return result.map(Some).map_err(StoreError::down);
            }
        }
        self.read_at_leisure(job).await
    }

    /// Reads what may take a while, away from any request. `None` as in `read`.
    pub(super) async fn read_at_leisure<T, F>(self: &Arc<Self>, job: F) -> Result<Option<T>, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let connections = Arc::clone(self);
        on_blocking_thread(move || connections.read_patiently(job)).await
    }

    fn read_patiently<T>(
        &self,
        job: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let idle = lock(&self.readers).pop();
        let connection = match idle {
            Some(connection) => connection,
            // A directory that cannot be looked into is trouble, and no empty store.
            None if !self.path.try_exists().map_err(StoreError::down)? => return Ok(None),
            None => open(&self.path, Role::Reader)?,
        };
        let result = run(&connection, PATIENCE, &job);
        self.put_back(connection);
        result.map(Some).map_err(StoreError::down)
    }

    fn put_back(&self, connection: Connection) {
        let mut readers = lock(&self.readers);
        if readers.len() < MAX_READERS {
            readers.push(connection);
        }
    }

    /// Writes in one transaction whose commit does not wait for the disk: after a crash of the machine
    /// (not of the program) the last moments may be missing, never torn.
    pub(super) async fn write_quickly<T, F>(self: &Arc<Self>, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let result = match self.write_at_once(&job) {
            Some(result) => result.map_err(StoreError::down),
            None => self.write_at_leisure(job).await,
        };
        self.count_write();
        result
    }

    /// Writes what may take a while, or must wait, as quickly as `write_quickly` commits.
    pub(super) async fn write_at_leisure<T, F>(self: &Arc<Self>, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let connections = Arc::clone(self);
        on_blocking_thread(move || connections.write_patiently(Role::Quick, job)).await
    }

    /// Writes if nobody else writes just now; `None` when it would have to wait, nothing is done then.
    fn write_at_once<T>(
        &self,
        job: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Option<rusqlite::Result<T>> {
        if self.tidying.load(Ordering::Relaxed) {
            return None;
        }
        let writer = match self.quick.try_lock() {
            Ok(writer) => writer,
            Err(TryLockError::Poisoned(writer)) => writer.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let result = run(writer.as_ref()?, Duration::ZERO, |connection| {
            in_transaction(connection, &job)
        });
        (!is_busy(&result)).then_some(result)
    }

    /// Writes in one transaction that is on the disk when this returns.
    pub(super) async fn write_durably<T, F>(self: &Arc<Self>, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let connections = Arc::clone(self);
        on_blocking_thread(move || connections.write_patiently(Role::Durable, job)).await
    }

    fn write_patiently<T>(
        &self,
        role: Role,
        job: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut writer = lock(if role == Role::Durable {
            &self.durable
        } else {
            &self.quick
        });
        let connection = match &mut *writer {
            Some(connection) => connection,
            closed => closed.insert(open(&self.path, role)?),
        };
        let result = run(connection, PATIENCE, |connection| {
            in_transaction(connection, &job)
        });
        result.map_err(StoreError::down)
    }

    /// Has the log worked into the file now and then, away from any request.
    fn count_write(self: &Arc<Self>) {
        if self.writes.fetch_add(1, Ordering::Relaxed) + 1 < WRITES_PER_CHECKPOINT {
            return;
        }
        self.writes.store(0, Ordering::Relaxed);
        self.tidying.store(true, Ordering::Relaxed);
        let connections = Arc::clone(self);
        drop(tokio::task::spawn_blocking(move || connections.work_log_in()));
    }

    /// Works the log into the file and cuts it off. No quick write may run meanwhile: a log that is
    /// written to all the time would otherwise grow without end.
    fn work_log_in(&self) {
        let writer = lock(&self.quick);
        if let Some(connection) = writer.as_ref() {
            let done = run(connection, CHECKPOINT_PATIENCE, |db| {
                db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
            });
            if let Err(error) = done {
                tracing::warn!(%error, "the log of sessions.db could not be worked in");
            }
        }
        self.tidying.store(false, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic under the lock rolled its transaction back; the connection is as good as before.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn on_blocking_thread<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(job).await {
        Ok(result) => result,
        Err(error) => Err(StoreError::down(error)),
    }
}

fn run<T>(
    connection: &Connection,
    patience: Duration,
    job: impl Fn(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.busy_timeout(patience)?;
    job(connection)
}

fn in_transaction<T>(
    connection: &Connection,
    job: impl Fn(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    // Immediate: what was read cannot change before it is written.
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let result = job(&transaction)?;
    transaction.commit()?;
    Ok(result)
}

fn is_busy<T>(result: &rusqlite::Result<T>) -> bool {
    matches!(
        result,
        Err(rusqlite::Error::SqliteFailure(failure, _))
            if matches!(failure.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

fn open(path: &Path, role: Role) -> Result<Connection, StoreError> {
    make_private_file(path).map_err(StoreError::down)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(StoreError::down)?;
    set_up(&connection, role)?;
    Ok(connection)
}

/// Makes directory and file readable for us alone before SQLite could make them otherwise; its log
/// files take the file's mode over.
fn make_private_file(path: &Path) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    // Never opened when it exists: closing a second handle would drop SQLite's locks on it (POSIX).
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn set_up(connection: &Connection, role: Role) -> Result<(), StoreError> {
    connection.busy_timeout(PATIENCE).map_err(StoreError::down)?;
    connection.set_prepared_statement_cache_capacity(32);
    let synchronous = if role == Role::Durable { "FULL" } else { "NORMAL" };
    // The quick writer leaves the log to `count_write`: working it in waits for the disk.
    let checkpoint = if role == Role::Quick { 0 } else { 1000 };
    let settings = format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = {checkpoint}"
    );
    connection.execute_batch(&settings).map_err(StoreError::down)?;
    make_tables(connection)?;
    if role == Role::Reader {
        connection
            .execute_batch("PRAGMA query_only = ON")
            .map_err(StoreError::down)?;
    }
    Ok(())
}

fn make_tables(connection: &Connection) -> Result<(), StoreError> {
    let format = |connection: &Connection| -> rusqlite::Result<i64> {
        connection.query_row("PRAGMA user_version", [], |row| row.get(0))
    };
    let mut found = format(connection).map_err(StoreError::down)?;
    if found == 0 {
        let made = in_transaction(connection, |connection| {
            // Another process may have been first.
            if format(connection)? == 0 {
                connection.execute_batch(include_str!("schema.sql"))?;
                connection.execute_batch(&format!("PRAGMA user_version = {FORMAT}"))?;
            }
            format(connection)
        });
        found = made.map_err(StoreError::down)?;
    }
    match found {
        FORMAT => Ok(()),
        found => Err(StoreError::TooNew { found, known: FORMAT }),
    }
}

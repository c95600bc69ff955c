//! The connections to one `sessions.db`: opened at first use, used inline when free.
//!
//! One connection is kept hot: the quick writer, whose commits do not wait for the disk. Reads on the
//! spot go through it too, because only the connection that wrote last still has its pages at hand;
//! while it is taken, readers of their own serve (write-ahead log: they wait for nobody). A durable
//! writer waits, always on tokio's blocking threads. Whatever would wait goes there too. No SQL of
//! sessions stands here. Start at `read` and `write_quickly`.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::visits;
use crate::store::StoreError;

/// The format that this program writes; an older program refuses a newer one.
const FORMAT: i64 = 1;
/// How long somebody on a blocking thread waits for another process.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pause between tries of what SQLite does not wait for by itself.
const RETRY_PAUSE: Duration = Duration::from_millis(5);
/// How long working the log in waits for readers; the next thousand writes try again.
const CHECKPOINT_PATIENCE: Duration = Duration::from_millis(100);
/// More idle readers than this are closed again: more than most machines have threads that read at once.
const MAX_READERS: usize = 32;
/// A new file's pages: a session takes a few hundred bytes, and each write writes a page.
const PAGE_BYTES: u32 = 1024;
/// So often somebody looks for the hot connection before doing without; a merge takes about as long.
const LOOKS: u32 = 200;
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
        match self.read_at_once(&job) {
            Some(result) => result.map(Some).map_err(StoreError::down),
            None => self.read_at_leisure(job).await,
        }
    }

    /// Reads if a connection is open and free; `None` when it would have to wait.
    fn read_at_once<T>(
        &self,
        job: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Option<rusqlite::Result<T>> {
        if let Some(hot) = self.hot()
            && let Some(connection) = hot.as_ref()
        {
            let result = job(connection);
            return (!is_busy(&result)).then_some(result);
        }
        let connection = lock(&self.readers).pop()?;
        let result = job(&connection);
        self.put_back(connection);
        (!is_busy(&result)).then_some(result)
    }

    /// The quick writer, unless somebody has it for longer than a moment.
    fn hot(&self) -> Option<MutexGuard<'_, Option<Connection>>> {
        for _ in 0..LOOKS {
            if self.tidying.load(Ordering::Relaxed) {
                return None;
            }
            match self.quick.try_lock() {
                Ok(writer) => return Some(writer),
                Err(TryLockError::Poisoned(writer)) => return Some(writer.into_inner()),
                Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
            }
        }
        None
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
        let Some(result) = self.write_at_once(&job) else {
            return self.write_at_leisure(job).await;
        };
        self.count_write();
        result.map_err(StoreError::down)
    }

    /// Writes what may take a while, or must wait, as quickly as `write_quickly` commits.
    pub(super) async fn write_at_leisure<T, F>(self: &Arc<Self>, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let connections = Arc::clone(self);
        let result = on_blocking_thread(move || connections.write_patiently(Role::Quick, job)).await;
        self.count_write();
        result
    }

    /// Writes if nobody else writes just now; `None` when it would have to wait, nothing is done then.
    fn write_at_once<T>(
        &self,
        job: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Option<rusqlite::Result<T>> {
        let hot = self.hot()?;
        let result = in_transaction(hot.as_ref()?, &job);
        (!is_busy(&result)).then_some(result)
    }

    /// Runs a single statement that writes, on the spot and as quick as `write_quickly`. `None` when it
    /// would have to wait or failed, nothing is done then: another way must do it, or say why not.
    pub(super) fn write_one_statement<T>(
        self: &Arc<Self>,
        statement: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Option<T> {
        let result = statement(self.hot()?.as_ref()?).ok()?;
        self.count_write();
        Some(result)
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

/// Closing the last connection of a file writes and syncs, which must not hold up a request.
impl Drop for Connections {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let readers = std::mem::take(&mut *lock(&self.readers));
        let writers = (lock(&self.quick).take(), lock(&self.durable).take());
        runtime.spawn_blocking(move || drop((readers, writers)));
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

/// Waits for other processes if need be. Connections are impatient but for this.
fn run<T>(
    connection: &Connection,
    patience: Duration,
    job: impl Fn(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let _impatient = ImpatientAfterwards(connection);
    connection.busy_timeout(patience)?;
    job(connection)
}

/// Nobody may wait on the spot, also after a job that panicked.
struct ImpatientAfterwards<'a>(&'a Connection);

impl Drop for ImpatientAfterwards<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.0.busy_timeout(Duration::ZERO) {
            tracing::error!(%error, "a connection to sessions.db stays patient");
        }
    }
}

fn in_transaction<T>(
    connection: &Connection,
    job: impl Fn(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    // Immediate: what was read cannot change before it is written.
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let _unfinished = Unfinished(connection);
    let result = job(connection)?;
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(result)
}

/// Takes a transaction back that nobody committed, be it for an error or a panic.
struct Unfinished<'a>(&'a Connection);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit()
            && let Err(error) = self.0.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction of sessions.db could not be taken back");
        }
    }
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
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
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
    let settings = format!("PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = {checkpoint}");
    switch_to_log(connection)
        .and_then(|()| connection.execute_batch(&settings))
        .map_err(StoreError::down)?;
    make_tables(connection)?;
    let rest = match role {
        Role::Reader => connection.execute_batch("PRAGMA query_only = ON"),
        Role::Quick => visits::teach(connection),
        Role::Durable => Ok(()),
    };
    rest.and_then(|()| connection.busy_timeout(Duration::ZERO))
        .map_err(StoreError::down)
}

/// Two connections that do this to a new file at once are told "busy" without waiting, so it is tried
/// again; on a file that has its log already it does nothing.
fn switch_to_log(connection: &Connection) -> rusqlite::Result<()> {
    let switch = || {
        // The size of pages can be chosen before that, and never again.
        connection.execute_batch(&format!(
            "PRAGMA page_size = {PAGE_BYTES}; PRAGMA journal_mode = WAL"
        ))
    };
    for _ in 0..PATIENCE.as_millis() / RETRY_PAUSE.as_millis() {
        let switched = switch();
        if !is_busy(&switched) {
            return switched;
        }
        std::thread::sleep(RETRY_PAUSE);
    }
    switch()
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

//! The connections to one `sessions.db`: opened at first use.
//!
//! One connection is kept hot: the quick writer, whose commits do not wait for the disk. Reads go through
//! it too, because only the connection that wrote last still has its pages at hand; requests take turns
//! on it (turn.rs). While somebody patient has it along, readers of their own serve (write-ahead log:
//! they wait for nobody). A durable writer waits, always on tokio's blocking threads, and so does whatever
//! else would wait. No SQL of sessions stands here. Start at `read` and `write_quickly`.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::kept::KeptRecords;
use super::tracked::{Tracked, in_transaction};
use super::turn::{Access, Turn, Turns};
use super::unwritten;
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
/// Pages that a connection which serves requests keeps at hand, in KiB, should the file have so many: enough for
/// some thousand sessions in use among a million. SQLite itself takes an eighth.
const PAGES_AT_HAND: u32 = 16_000;
/// A log beyond this is cut off when it begins anew.
const LOG_BYTES: u32 = 4 << 20;
/// After so many quick writes the log is worked into the file.
const WRITES_PER_CHECKPOINT: u32 = 1000;

/// The connections to one file.
pub(super) struct Connections {
    path: PathBuf,
    kept: Arc<KeptRecords>,
    readers: Mutex<Vec<Tracked>>,
    turns: Turns,
    /// Held by whoever has taken the hot connection along.
    patience: Mutex<()>,
    durable: Mutex<Option<Tracked>>,
    writes: AtomicU32,
}

/// What a connection is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Reader,
    Quick,
    Durable,
}

impl Connections {
    pub(super) fn to(path: PathBuf, kept: Arc<KeptRecords>) -> Arc<Connections> {
        Arc::new(Connections {
            path,
            kept,
            readers: Mutex::default(),
            turns: Turns::default(),
            patience: Mutex::default(),
            durable: Mutex::default(),
            writes: AtomicU32::new(0),
        })
    }

    /// Reads. `None` when there is no file yet: reading makes none.
    pub(super) async fn read<T, F>(self: &Arc<Self>, job: F) -> Result<Option<T>, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Tracked) -> rusqlite::Result<T> + Send + 'static,
    {
        let job = match self.turns.ask(Access::Read, job).await {
            Turn::Done(result) => return Ok(Some(result)),
            Turn::Refused(job) => job,
            Turn::Lost => return Err(broken()),
        };
        match self.read_aside(&job) {
            Some(result) => result.map(Some).map_err(StoreError::down),
            None => self.read_at_leisure(job).await,
        }
    }

    /// Reads through a reader of its own if one is open and free; `None` when it would have to wait.
    fn read_aside<T>(&self, job: impl Fn(&Tracked) -> rusqlite::Result<T>) -> Option<rusqlite::Result<T>> {
        let connection = lock(&self.readers).pop()?;
        let result = job(&connection);
        self.put_back(connection);
        (!is_busy(&result)).then_some(result)
    }

    /// Reads what may take a while, away from any request. `None` as in `read`.
    pub(super) async fn read_at_leisure<T, F>(self: &Arc<Self>, job: F) -> Result<Option<T>, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Tracked) -> rusqlite::Result<T> + Send + 'static,
    {
        let connections = Arc::clone(self);
        on_blocking_thread(move || connections.read_patiently(job)).await
    }

    fn read_patiently<T>(
        &self,
        job: impl Fn(&Tracked) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let idle = lock(&self.readers).pop();
        let connection = match idle {
            Some(connection) => connection,
            // A directory that cannot be looked into is trouble, and no empty store.
            None if !self.path.try_exists().map_err(StoreError::down)? => return Ok(None),
            None => self.open(Role::Reader)?,
        };
        let result = run(&connection, PATIENCE, &job);
        self.put_back(connection);
        result.map(Some).map_err(StoreError::down)
    }

    fn open(&self, role: Role) -> Result<Tracked, StoreError> {
        let connection = open(&self.path, role)?;
        self.kept.begin(&self.path, || open(&self.path, Role::Reader))?;
        Ok(Tracked::new(connection, &self.kept))
    }

    fn put_back(&self, connection: Tracked) {
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
        F: Fn(&Tracked) -> rusqlite::Result<T> + Send + 'static,
    {
        match self.turns.ask(Access::Write, job).await {
            Turn::Done(result) => {
                self.count_write();
                Ok(result)
            }
            Turn::Refused(job) => self.write_at_leisure(job).await,
            Turn::Lost => Err(broken()),
        }
    }

    /// Writes what may take a while, or must wait, as quickly as `write_quickly` commits.
    pub(super) async fn write_at_leisure<T, F>(self: &Arc<Self>, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Tracked) -> rusqlite::Result<T> + Send + 'static,
    {
        let connections = Arc::clone(self);
        let result = on_blocking_thread(move || connections.write_patiently(job)).await;
        self.count_write();
        result
    }

    /// Takes the hot connection along meanwhile, so that nobody else waits for it.
    pub(super) fn write_patiently<T>(
        &self,
        job: impl Fn(&Tracked) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let _patience = lock(&self.patience);
        let connection = match self.turns.take() {
            Some(connection) => connection,
            None => self.open(Role::Quick)?,
        };
        // Should this panic, the connection is closed and the next one opens another.
        let result = write_in_time(&connection, job);
        self.turns.put(connection);
        result.map_err(StoreError::down)
    }

    /// Writes in one transaction that is on the disk when this returns.
    pub(super) async fn write_durably<T, F>(self: &Arc<Self>, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Tracked) -> rusqlite::Result<T> + Send + 'static,
    {
        let connections = Arc::clone(self);
        on_blocking_thread(move || {
            let mut writer = lock(&connections.durable);
            let connection = match &mut *writer {
                Some(connection) => connection,
                closed => closed.insert(connections.open(Role::Durable)?),
            };
            write_in_time(connection, job).map_err(StoreError::down)
        })
        .await
    }

    /// Has the log worked into the file now and then, away from any request.
    fn count_write(self: &Arc<Self>) {
        if self.writes.fetch_add(1, Ordering::Relaxed) + 1 < WRITES_PER_CHECKPOINT {
            return;
        }
        self.writes.store(0, Ordering::Relaxed);
        let connections = Arc::clone(self);
        drop(tokio::task::spawn_blocking(move || connections.work_log_in()));
    }

    /// Works the log into the file and begins it anew. No quick write may run meanwhile: a log that is
    /// written to all the time would otherwise grow without end. It is cut off only beyond [`LOG_BYTES`],
    /// because writing over a page costs half of what adding one to a file does.
    fn work_log_in(&self) {
        let _patience = lock(&self.patience);
        let Some(connection) = self.turns.take() else {
            return;
        };
        let done = run(&connection, CHECKPOINT_PATIENCE, |connection| {
            connection.db.execute_batch("PRAGMA wal_checkpoint(RESTART)")
        });
        if let Err(error) = done {
            tracing::warn!(%error, "the log of sessions.db could not be worked in");
        }
        self.turns.put(connection);
    }
}

/// Closing the last connection of a file writes and syncs, which must not hold up a request.
impl Drop for Connections {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let readers = std::mem::take(&mut *lock(&self.readers));
        let writers = (self.turns.take(), lock(&self.durable).take());
        let kept = std::mem::take(&mut self.kept);
        runtime.spawn_blocking(move || drop((readers, writers, kept)));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic under the lock rolled its transaction back; the connection is as good as before.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whoever did it panicked, and has said so in the log.
fn broken() -> StoreError {
    StoreError::down("the session store broke down")
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
    connection: &Tracked,
    patience: Duration,
    job: impl Fn(&Tracked) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let _impatient = ImpatientAfterwards(&connection.db);
    connection.db.busy_timeout(patience)?;
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

fn write_in_time<T>(
    connection: &Tracked,
    job: impl Fn(&Tracked) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    run(connection, PATIENCE, |connection| {
        connection.write(|connection| connection.act(&job))
    })
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
    let settings = format!(
        "PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = {checkpoint};
         PRAGMA journal_size_limit = {LOG_BYTES}"
    );
    switch_to_log(connection)
        .and_then(|()| connection.execute_batch(&settings))
        .map_err(StoreError::down)?;
    make_tables(connection)?;
    let rest = match role {
        Role::Reader => {
            keep_pages(connection).and_then(|()| connection.execute_batch("PRAGMA query_only = ON"))
        }
        Role::Quick => keep_pages(connection).and_then(|()| unwritten::teach(connection)),
        Role::Durable => Ok(()),
    };
    rest.and_then(|()| connection.busy_timeout(Duration::ZERO))
        .map_err(StoreError::down)
}

fn keep_pages(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!("PRAGMA cache_size = -{PAGES_AT_HAND}"))
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
        let made = in_transaction(connection, TransactionBehavior::Immediate, |connection| {
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

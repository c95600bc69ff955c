//! Accounts in `users.db`, an SQLite file that several processes on one host may use at once.
//!
//! Nothing is made on disk before the first account is. Reads run where they are called, on one
//! of a few open connections; what might wait (opening, a busy file, every write with its fsync)
//! runs on the blocking pool. What the file looks like, and how it is made, is `sqlite_file.rs`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::sqlite_file::{self, BUSY_TIMEOUT};
use crate::log_watch::LogWatch;

use super::{CreateUserError, PasswordHash, User, UserChange, UserName, UserStore, UserStoreError};

/// Open connections kept for reading; more readers at once open their own and close it again.
const IDLE_READERS: usize = 8;

/// Accounts kept in memory between two commits.
const MOST_KNOWN: usize = 10_000;

const COLUMNS: &str = "id, name, email, disabled, awaiting_approval, generation, created, password";

/// Keeps accounts in `users.db` of a directory.
#[derive(Clone)]
pub struct SqliteUserStore {
    file: Arc<UserFile>,
}

/// Accounts by their ids.
type Known = RwLock<HashMap<String, User>>;

struct UserFile {
    path: PathBuf,
    /// Accounts read lately, while the file's log stays untouched.
    known: LogWatch<Known>,
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Option<Connection>>,
}

impl SqliteUserStore {
    /// The store of a directory. Opens nothing yet, and makes nothing before the first account.
    pub fn at(dir: &Path) -> SqliteUserStore {
        let path = dir.join("users.db");
        let file = UserFile {
            path,
            known: LogWatch::default(),
            readers: Mutex::default(),
            writer: Mutex::default(),
        };
        SqliteUserStore { file: Arc::new(file) }
    }

    /// Asks a question; `None`: there is no file yet.
    async fn read<T: Send + 'static>(
        &self,
        question: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<Option<T>, UserStoreError> {
        if let Some(answer) = self.file.read_at_once(&question) {
            return answer.map(Some);
        }
        let file = self.file.clone();
        on_blocking_pool(move || file.read_patiently(question)).await
    }

    /// Changes the file in one durable transaction.
    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, UserStoreError> {
        let file = self.file.clone();
        on_blocking_pool(move || file.write(change)).await
    }
}

#[async_trait]
impl UserStore for SqliteUserStore {
    async fn create(&self, user: &User) -> Result<(), CreateUserError> {
        let user = user.clone();
        match self
            .write(move |connection| insert_unless_taken(connection, &user))
            .await?
        {
            true => Ok(()),
            false => Err(CreateUserError::NameTaken),
        }
    }

    async fn by_id(&self, id: &str) -> Result<Option<User>, UserStoreError> {
        let known = &self.file.known;
        if let Some(user) = known.get(|users| users.read().ok()?.get(id).cloned()) {
            return Ok(Some(user));
        }
        let look = known.look(&self.file.path);
        let asked = id.to_owned();
        let found = self
            .read(move |connection| select_by_id(connection, &asked))
            .await?;
        // Somebody has an id, so there were accounts: a missing file is a missing disk, not a deleted user.
        let found = found.ok_or_else(|| UserStoreError::Gone {
            path: self.file.path.clone(),
        })?;
        if let (Some(look), Some(user)) = (look, &found) {
            known.keep(look, Known::default, |users| {
                if let Ok(mut users) = users.write()
                    && users.len() < MOST_KNOWN
                {
                    users.insert(user.id.clone(), user.clone());
                }
            });
        }
        Ok(found)
    }

    async fn by_name(&self, name: &UserName) -> Result<Option<User>, UserStoreError> {
        let folded = name.folded().to_owned();
        Ok(self
            .read(move |connection| select_by_name(connection, &folded))
            .await?
            .flatten())
    }

    async fn list(&self) -> Result<Vec<User>, UserStoreError> {
        Ok(self.read(select_all).await?.unwrap_or_default())
    }

    async fn change(&self, id: &str, change: &UserChange) -> Result<Option<User>, UserStoreError> {
        if !self.file.is_there()? {
            return Ok(None);
        }
        let (id, change) = (id.to_owned(), change.clone());
        self.write(move |connection| {
            let Some(mut user) = select_by_id(connection, &id)? else {
                return Ok(None);
            };
            change.apply(&mut user);
            update(connection, &user)?;
            Ok(Some(user))
        })
        .await
    }

    async fn delete(&self, id: &str) -> Result<bool, UserStoreError> {
        if !self.file.is_there()? {
            return Ok(false);
        }
        let id = id.to_owned();
        self.write(move |connection| {
            Ok(connection
                .prepare_cached("DELETE FROM user WHERE id = ?1")?
                .execute([id])?
                > 0)
        })
        .await
    }
}

impl UserFile {
    /// Whether anybody was written down yet. A directory that cannot be looked into is trouble, and no
    /// sign that nobody has an account.
    fn is_there(&self) -> Result<bool, UserStoreError> {
        self.path.try_exists().map_err(|source| UserStoreError::Open {
            path: self.path.clone(),
            source,
        })
    }

    /// Reads on a connection that is open and free; `None` if there is none, or it would wait.
    fn read_at_once<T>(
        &self,
        question: &impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Option<Result<T, UserStoreError>> {
        let connection = lock(&self.readers).pop()?;
        let answer = question(&connection);
        self.keep(connection);
        match answer {
            Err(error) if sqlite_file::is_busy(&error) => None,
            answer => Some(answer.map_err(|error| self.error(error))),
        }
    }

    /// Opens the file if there is one, and waits for it if it is busy.
    fn read_patiently<T>(
        &self,
        question: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, UserStoreError> {
        let idle = lock(&self.readers).pop();
        let connection = match idle {
            Some(connection) => connection,
            None if !self.is_there()? => return Ok(None),
            None => sqlite_file::open(&self.path)?,
        };
        let answer = connection
            .busy_timeout(BUSY_TIMEOUT)
            .and_then(|()| question(&connection));
        let impatient = connection.busy_timeout(Duration::ZERO);
        if impatient.is_ok() {
            self.keep(connection);
        }
        answer.map(Some).map_err(|error| self.error(error))
    }

    fn write<T>(&self, change: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, UserStoreError> {
        let mut writer = lock(&self.writer);
        let connection = match &mut *writer {
            Some(connection) => connection,
            none => none.insert(sqlite_file::create_or_open(&self.path)?),
        };
        let answer = (|| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = change(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        })();
        self.known.forget();
        answer.map_err(|error| self.error(error))
    }

    fn keep(&self, connection: Connection) {
        let mut readers = lock(&self.readers);
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
    }

    fn error(&self, source: rusqlite::Error) -> UserStoreError {
        UserStoreError::Sqlite {
            path: self.path.clone(),
            source,
        }
    }
}

/// Closing the last connection of a file writes and syncs, which must not hold up a request.
impl Drop for UserFile {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let readers = std::mem::take(&mut *lock(&self.readers));
        let writer = lock(&self.writer).take();
        runtime.spawn_blocking(move || drop((readers, writer)));
    }
}

async fn on_blocking_pool<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, UserStoreError> + Send + 'static,
) -> Result<T, UserStoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(UserStoreError::Ending))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // SQLite rolls back what a panic left unfinished, so what the lock guards is sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn select_by_id(connection: &Connection, id: &str) -> rusqlite::Result<Option<User>> {
    let mut select = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM user WHERE id = ?1"))?;
    select.query_row([id], read_user).optional()
}

fn select_by_name(connection: &Connection, folded: &str) -> rusqlite::Result<Option<User>> {
    let mut select =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM user WHERE folded_name = ?1"))?;
    select.query_row([folded], read_user).optional()
}

fn select_all(connection: &Connection) -> rusqlite::Result<Vec<User>> {
    let mut select =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM user ORDER BY folded_name"))?;
    select.query_map([], read_user)?.collect()
}

/// `false` if the name is taken; decided inside the transaction, so never twice.
fn insert_unless_taken(connection: &Connection, user: &User) -> rusqlite::Result<bool> {
    if select_by_name(connection, user.name.folded())?.is_some() {
        return Ok(false);
    }
    connection
        .prepare_cached(
            "INSERT INTO user (id, name, folded_name, email, disabled, awaiting_approval, generation, created, password)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            user.id,
            user.name.as_str(),
            user.name.folded(),
            user.email,
            user.disabled,
            user.awaiting_approval,
            to_stored(user.generation),
            user.created.as_microsecond(),
            user.password.as_stored(),
        ])?;
    Ok(true)
}

fn update(connection: &Connection, user: &User) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(
            "UPDATE user SET email = ?2, disabled = ?3, awaiting_approval = ?4, generation = ?5, password = ?6
             WHERE id = ?1",
        )?
        .execute(params![
            user.id,
            user.email,
            user.disabled,
            user.awaiting_approval,
            to_stored(user.generation),
            user.password.as_stored(),
        ])
}

fn read_user(row: &Row<'_>) -> rusqlite::Result<User> {
    let name: String = row.get(1)?;
    let created: i64 = row.get(6)?;
    Ok(User {
        id: row.get(0)?,
        name: UserName::parse(&name).map_err(|error| unreadable(1, error))?,
        email: row.get(2)?,
        disabled: row.get(3)?,
        awaiting_approval: row.get(4)?,
        generation: from_stored(row.get(5)?),
        created: Timestamp::from_microsecond(created).map_err(|error| unreadable(6, error))?,
        password: PasswordHash::from_stored(row.get(7)?),
    })
}

/// SQLite counts in i64; so many changes no account will see.
fn to_stored(generation: u64) -> i64 {
    i64::try_from(generation).unwrap_or(i64::MAX)
}

fn from_stored(generation: i64) -> u64 {
    u64::try_from(generation).unwrap_or(0)
}

fn unreadable(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
}

#[cfg(test)]
#[path = "sqlite_tests.rs"]
mod tests;

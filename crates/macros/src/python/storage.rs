//! What the Python macros of a wiki keep: keys and values, a room of its own for each macro.
//!
//! `macros.db` in the wiki's directory, made at the first write. A call sees its macro's room as it was when
//! it first looked, and its writes are kept all or none, durable before the page is answered; if somebody else
//! wrote into the room meanwhile nothing is kept, and the worker runs the call again.
//! Start reading at [`MacroStorage::room`] and [`MacroStorage::commit`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use grange_macro_protocol::Value as Wire;
use grange_macro_protocol::size::Size;
use grange_session::Value;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params};

use super::convert::{from_wire, to_wire};

/// The longest key, in bytes.
pub const MOST_KEY_BYTES: usize = 128;
/// The largest value, in bytes of JSON.
pub const MOST_VALUE_BYTES: usize = 64 << 10;
/// What one macro may keep in one wiki, in bytes of JSON, keys counted.
pub const MOST_ROOM_BYTES: usize = 1 << 20;

/// How long a file is waited for that another process holds.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two tries where SQLite does not wait by itself.
const RETRY_PAUSE: Duration = Duration::from_millis(5);

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS rooms (macro TEXT PRIMARY KEY, edition INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS kept (
        macro TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (macro, key)
    ) WITHOUT ROWID;
    PRAGMA user_version = 1;";

/// The storage of one wiki's macros.
#[derive(Clone)]
pub struct MacroStorage {
    file: Arc<File>,
}

struct File {
    path: PathBuf,
    open: Mutex<Option<Connection>>,
}

/// A macro's room at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Room {
    edition: i64,
    values: BTreeMap<String, Value>,
}

/// Why nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// A key is empty or too long.
    #[error("a key of the storage has 1 to {MOST_KEY_BYTES} bytes, this one has {0}")]
    KeyLength(usize),
    /// A value is too large.
    #[error("a value in the storage takes at most {}, this one takes {}", Size::of(MOST_VALUE_BYTES), Size::above(*.0))]
    TooLarge(usize),
    /// The room would be too large.
    #[error("a macro keeps at most {}, this would make it {}", Size::of(MOST_ROOM_BYTES), Size::above(*.0))]
    RoomTooLarge(usize),
    /// The wiki takes no changes.
    #[error("this wiki is read only")]
    ReadOnly,
    /// The file cannot be read or written.
    #[error("the storage of macros does not answer")]
    File(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What became of writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// They are kept.
    Kept,
    /// Somebody else wrote first; nothing of them is kept.
    Overtaken,
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> StorageError {
        StorageError::File(Box::new(error))
    }
}

impl MacroStorage {
    /// The storage in this directory; nothing is opened or made before it is needed.
    pub fn at(directory: &Path) -> MacroStorage {
        let path = directory.join("macros.db");
        let open = Mutex::new(None);
        MacroStorage {
            file: Arc::new(File { path, open }),
        }
    }

    /// A macro's room as it is now.
    ///
    /// # Errors
    /// * [`StorageError::File`].
    pub async fn room(&self, name: &str) -> Result<Room, StorageError> {
        let name = name.to_owned();
        self.aside(move |file| match file.path.exists() {
            true => file.with(|db| read_room(db, &name)),
            false => Ok(Room::default()),
        })
        .await
    }

    /// Keeps `changes` to the room that was read as `seen`, all or none; Null removes. `read` are the keys by
    /// which the macro decided, nothing stands for all of them: if one of them has changed since, nothing is
    /// kept.
    ///
    /// # Errors
    /// * [`StorageError`]: a limit, or the file.
    pub async fn commit(
        &self,
        name: &str,
        seen: &Room,
        changes: Vec<(String, Wire)>,
        read: Option<Vec<String>>,
    ) -> Result<Committed, StorageError> {
        let (name, seen) = (name.to_owned(), seen.clone());
        let changes = checked(changes)?;
        self.aside(move |file| file.with(|db| write_room(db, &name, &seen, &changes, read.as_deref())))
            .await
    }

    /// SQLite waits for the disk and for other processes; the server's threads do not.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&File) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let file = Arc::clone(&self.file);
        match tokio::task::spawn_blocking(move || work(&file)).await {
            Ok(done) => done,
            Err(broken) => Err(StorageError::File(Box::new(broken))),
        }
    }
}

impl Room {
    /// A value.
    pub fn get(&self, key: &str) -> Option<Wire> {
        self.values.get(key).map(to_wire)
    }

    /// All keys and values, sorted by key.
    pub fn entries(&self) -> Vec<(String, Wire)> {
        let entries = self.values.iter();
        entries
            .map(|(key, value)| (key.clone(), to_wire(value)))
            .collect()
    }

    /// Whether what was read of `seen` is the same here.
    fn agrees_with(&self, seen: &Room, read: Option<&[String]>) -> bool {
        match read {
            _ if self.edition == seen.edition => true,
            Some(keys) => keys
                .iter()
                .all(|key| self.values.get(key) == seen.values.get(key)),
            None => false,
        }
    }
}

impl File {
    fn with<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match open.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        work(open.insert(connection))
    }

    fn connect(&self) -> Result<Connection, StorageError> {
        create(&self.path).map_err(|error| StorageError::File(Box::new(error)))?;
        let mut db = Connection::open(&self.path)?;
        db.busy_timeout(PATIENCE)?;
        switch_to_log(&db)?;
        db.pragma_update(None, "synchronous", "FULL")?;
        lay_out(&mut db)?;
        Ok(db)
    }
}

/// Makes the file if there is none, readable for the server alone: SQLite would let others read it.
fn create(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = std::fs::OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Two that do this to a new file at once are told "busy" without waiting, so it is tried again.
fn switch_to_log(db: &Connection) -> rusqlite::Result<()> {
    let switch = || db.pragma_update(None, "journal_mode", "wal");
    for _ in 0..PATIENCE.as_millis() / RETRY_PAUSE.as_millis() {
        match switch() {
            Err(error) if is_busy(&error) => std::thread::sleep(RETRY_PAUSE),
            done => return done,
        }
    }
    switch()
}

fn is_busy(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Makes the tables, unless another process has just done it.
fn lay_out(db: &mut Connection) -> Result<(), StorageError> {
    let version = |db: &Connection| db.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    match version(db)? {
        0 => {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if version(&transaction)? == 0 {
                transaction.execute_batch(SCHEMA)?;
            }
            Ok(transaction.commit()?)
        }
        1 => Ok(()),
        newer => {
            let words = format!("macros.db was written by a newer Grange (schema {newer})");
            Err(StorageError::File(words.into()))
        }
    }
}

type Change = (String, Option<(Value, String)>);

fn checked(changes: Vec<(String, Wire)>) -> Result<Vec<Change>, StorageError> {
    let check = |(key, value): (String, Wire)| {
        if key.is_empty() || key.len() > MOST_KEY_BYTES {
            return Err(StorageError::KeyLength(key.len()));
        }
        if value == Wire::Null {
            return Ok((key, None));
        }
        let value = from_wire(value);
        let json = as_json(&value)?;
        match json.len() <= MOST_VALUE_BYTES {
            true => Ok((key, Some((value, json)))),
            false => Err(StorageError::TooLarge(json.len())),
        }
    };
    changes.into_iter().map(check).collect()
}

fn check_room(values: &BTreeMap<String, Value>) -> Result<(), StorageError> {
    let mut bytes = 0;
    for (key, value) in values {
        bytes += key.len() + as_json(value)?.len();
    }
    match bytes <= MOST_ROOM_BYTES {
        true => Ok(()),
        false => Err(StorageError::RoomTooLarge(bytes)),
    }
}

fn as_json(value: &Value) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(|error| StorageError::File(Box::new(error)))
}

fn edition_of(db: &Connection, name: &str) -> Result<i64, StorageError> {
    let mut select = db.prepare_cached("SELECT edition FROM rooms WHERE macro = ?1")?;
    let found = select.query_row([name], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or(0))
}

fn read_room(db: &mut Connection, name: &str) -> Result<Room, StorageError> {
    // One transaction, so that edition and values belong together.
    room_in(&db.transaction()?, name)
}

fn room_in(db: &Transaction<'_>, name: &str) -> Result<Room, StorageError> {
    let edition = edition_of(db, name)?;
    let mut values = BTreeMap::new();
    {
        let mut select = db.prepare_cached("SELECT key, value FROM kept WHERE macro = ?1")?;
        let rows = select.query_map([name], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        for row in rows {
            let (key, json) = row?;
            let value = serde_json::from_str(&json).map_err(|error| StorageError::File(Box::new(error)))?;
            values.insert(key, value);
        }
    }
    Ok(Room { edition, values })
}

fn write_room(
    db: &mut Connection,
    name: &str,
    seen: &Room,
    changes: &[Change],
    read: Option<&[String]>,
) -> Result<Committed, StorageError> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut room = room_in(&transaction, name)?;
    if !room.agrees_with(seen, read) {
        return Ok(Committed::Overtaken);
    }
    for (key, value) in changes {
        match value {
            Some((value, _)) => room.values.insert(key.clone(), value.clone()),
            None => room.values.remove(key),
        };
    }
    check_room(&room.values)?;
    for (key, value) in changes {
        write_one(
            &transaction,
            name,
            key,
            value.as_ref().map(|(_, json)| json.as_str()),
        )?;
    }
    transaction
        .prepare_cached(
            "INSERT INTO rooms VALUES (?1, ?2) ON CONFLICT (macro) DO UPDATE SET edition = excluded.edition",
        )?
        .execute(params![name, room.edition + 1])?;
    transaction.commit()?;
    Ok(Committed::Kept)
}

fn write_one(db: &Transaction<'_>, name: &str, key: &str, json: Option<&str>) -> Result<(), StorageError> {
    match json {
        Some(json) => db
            .prepare_cached(
                "INSERT INTO kept VALUES (?1, ?2, ?3) ON CONFLICT (macro, key) DO UPDATE SET value = excluded.value",
            )?
            .execute(params![name, key, json])?,
        None => db
            .prepare_cached("DELETE FROM kept WHERE macro = ?1 AND key = ?2")?
            .execute(params![name, key])?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn put(storage: &MacroStorage, name: &str, key: &str, value: Wire) -> Committed {
        let room = storage.room(name).await.unwrap();
        storage
            .commit(name, &room, vec![(key.into(), value)], None)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn what_one_macro_keeps_no_other_sees() {
        let dir = tempfile::tempdir().unwrap();
        let storage = MacroStorage::at(dir.path());
        assert_eq!(storage.room("Poll").await.unwrap(), Room::default());
        assert!(!dir.path().join("macros.db").exists(), "reading makes no file");
        put(&storage, "Poll", "tea", Wire::Int(1)).await;
        put(&storage, "Hits", "Front", Wire::Int(7)).await;
        let room = MacroStorage::at(dir.path()).room("Poll").await.unwrap();
        assert_eq!(room.get("tea"), Some(Wire::Int(1)));
        assert_eq!(room.entries(), [("tea".to_owned(), Wire::Int(1))]);
        put(&storage, "Poll", "tea", Wire::Null).await;
        assert!(storage.room("Poll").await.unwrap().entries().is_empty());
    }

    #[tokio::test]
    async fn two_hundred_votes_at_once_are_two_hundred_votes() {
        let dir = tempfile::tempdir().unwrap();
        let votes = (0..200).map(|_| {
            // Each with a connection of its own, as other processes have.
            let storage = MacroStorage::at(dir.path());
            tokio::spawn(async move {
                loop {
                    let room = storage.room("Poll").await.unwrap();
                    let Wire::Int(count) = room.get("tea").unwrap_or(Wire::Int(0)) else {
                        panic!("no number")
                    };
                    let vote = vec![("tea".to_owned(), Wire::Int(count + 1))];
                    if storage.commit("Poll", &room, vote, None).await.unwrap() == Committed::Kept {
                        return;
                    }
                }
            })
        });
        for vote in votes.collect::<Vec<_>>() {
            vote.await.unwrap();
        }
        let room = MacroStorage::at(dir.path()).room("Poll").await.unwrap();
        assert_eq!(room.get("tea"), Some(Wire::Int(200)));
    }

    #[tokio::test]
    async fn a_change_of_a_key_that_was_not_read_overtakes_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let storage = MacroStorage::at(dir.path());
        let seen = storage.room("Hits").await.unwrap();
        put(&storage, "Hits", "other", Wire::Int(1)).await;
        let try_to = |read: Vec<String>| {
            let (storage, seen) = (storage.clone(), seen.clone());
            let change = vec![("mine".to_owned(), Wire::Int(1))];
            async move { storage.commit("Hits", &seen, change, Some(read)).await.unwrap() }
        };
        assert_eq!(try_to(vec!["other".into()]).await, Committed::Overtaken);
        assert_eq!(try_to(vec!["mine".into()]).await, Committed::Kept);
    }

    #[test]
    fn a_new_file_that_another_process_is_reading_is_waited_for_and_no_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("macros.db");
        // In the mode that a new file has: whoever switches it needs it alone.
        let other = Connection::open(&path).unwrap();
        other
            .execute_batch("CREATE TABLE t (x); BEGIN; SELECT * FROM t")
            .unwrap();
        let file = File {
            path,
            open: Mutex::default(),
        };
        std::thread::scope(|threads| {
            let (begins, begun) = std::sync::mpsc::channel();
            let opened = threads.spawn(move || {
                begins.send(()).unwrap();
                file.connect().map(drop)
            });
            begun.recv().unwrap();
            other.execute_batch("COMMIT").unwrap();
            opened.join().unwrap().unwrap();
        });
    }

    #[test]
    fn what_macros_keep_is_readable_for_the_server_alone() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("macros.db");
        let file = File {
            path: path.clone(),
            open: Mutex::default(),
        };
        file.connect().unwrap();
        assert_eq!(
            std::fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[tokio::test]
    async fn limits_are_errors_and_nothing_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let storage = MacroStorage::at(dir.path());
        let try_to = |changes: Vec<(String, Wire)>| {
            let storage = storage.clone();
            async move { storage.commit("A", &Room::default(), changes, None).await }
        };
        let text = |bytes: usize| Wire::Text("x".repeat(bytes));
        let one = |key: &str, value| vec![(key.to_owned(), value)];
        assert!(matches!(
            try_to(one("", text(1))).await,
            Err(StorageError::KeyLength(0))
        ));
        assert!(matches!(
            try_to(one("k", text(MOST_VALUE_BYTES))).await,
            Err(StorageError::TooLarge(_))
        ));
        let many = (0..20).map(|n| (format!("k{n}"), text(60_000))).collect();
        assert!(matches!(try_to(many).await, Err(StorageError::RoomTooLarge(_))));
        assert_eq!(storage.room("A").await.unwrap(), Room::default());
    }

    #[tokio::test]
    async fn a_file_of_a_newer_grange_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let db = Connection::open(dir.path().join("macros.db")).unwrap();
        db.execute_batch("PRAGMA user_version = 9").unwrap();
        let refused = MacroStorage::at(dir.path()).room("A").await;
        assert!(matches!(refused, Err(StorageError::File(_))));
    }
}

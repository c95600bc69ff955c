//! Whether anybody has committed anything to a database since one looked: without a lock, without a query.
//!
//! All processes that have a database with a write-ahead log open share the file `…-shm`, and each commit writes a
//! new header to it: how many transactions there were, how far the log goes, the log's salts and checksums. Who finds
//! the header that they know knows that nothing has changed. SQLite itself decides so whether a reader must look into
//! the log anew. The layout is that of <https://www.sqlite.org/walformat.html>, section 2.1. Start at
//! [`CommitWatch::look`].

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

/// The first copy of the header. Each number is in the byte order of the machine.
const HEADER_BYTES: usize = 48;
/// The only version of the layout that there is.
const VERSION: u32 = 3_007_000;

/// Files that nobody here watches any more and that are still in place, by device and inode. Closing any descriptor of
/// a file drops all the locks that this process has on it (POSIX), and SQLite may have some: they wait to be used again.
/// Each of those who watched one file leaves one.
static PARKED: LazyLock<Mutex<Parked>> = LazyLock::new(Mutex::default);

type Parked = HashMap<(u64, u64), Vec<File>>;

/// Watches the commits of one database.
pub(super) struct CommitWatch {
    path: PathBuf,
    /// Taken out only at the end.
    header: Option<File>,
    /// Does nothing but keep the file in place, which the last connection to go takes along.
    holder: Mutex<Option<Connection>>,
}

/// What commits there have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Commits([u8; HEADER_BYTES]);

impl CommitWatch {
    /// Watches the database at `path`, to which `holder` is a connection of its own.
    ///
    /// # Errors
    /// * whatever keeps the file beside the database from being opened.
    pub(super) fn over(path: &Path, holder: Connection) -> io::Result<CommitWatch> {
        // What was read once keeps the file open until the connection is closed.
        holder
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
                row.get::<_, i64>(0)
            })
            .map_err(io::Error::other)?;
        let mut name = path.canonicalize()?.into_os_string();
        name.push("-shm");
        let name = PathBuf::from(name);
        let header = match take_parked(&place_of(&name.metadata()?)) {
            Some(header) => header,
            None => File::open(&name)?,
        };
        Ok(CommitWatch {
            path: name,
            header: Some(header),
            holder: Mutex::new(Some(holder)),
        })
    }

    /// Whether the file that is watched is the one in place: somebody may have put another database there.
    pub(super) fn is_in_place(&self) -> bool {
        let header = self.header.as_ref().and_then(|header| header.metadata().ok());
        let found = self.path.metadata().ok();
        header.is_some() && header.as_ref().map(place_of) == found.as_ref().map(place_of)
    }

    /// What commits there have been up to now. `None` when that cannot be told.
    pub(super) fn look(&self) -> Option<Commits> {
        let mut header = [0; HEADER_BYTES];
        self.header.as_ref()?.read_exact_at(&mut header, 0).ok()?;
        let commits = Commits(header);
        // A header that nobody has written yet is all zeros.
        (commits.number(0) == VERSION && commits.0.get(12) == Some(&1)).then_some(commits)
    }
}

impl Drop for CommitWatch {
    fn drop(&mut self) {
        let holder = self.holder.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop(holder.take());
        let Some(header) = self.header.take() else { return };
        match header.metadata() {
            Ok(_) if is_gone(&header) => drop(header),
            Ok(about) => parked().entry(place_of(&about)).or_default().push(header),
            // Better a descriptor too many than locks that are gone.
            Err(_) => std::mem::forget(header),
        }
    }
}

/// A parked file, if there is one at this place. Those that are gone meanwhile are closed.
fn take_parked(place: &(u64, u64)) -> Option<File> {
    let mut parked = parked();
    parked.retain(|_, files| !files.first().is_none_or(is_gone));
    parked.get_mut(place).and_then(Vec::pop)
}

/// SQLite takes the file away with the last connection of all: nobody has a lock on one that is gone.
fn is_gone(header: &File) -> bool {
    header.metadata().is_ok_and(|about| about.nlink() == 0)
}

fn place_of(about: &Metadata) -> (u64, u64) {
    (about.dev(), about.ino())
}

fn parked() -> MutexGuard<'static, Parked> {
    PARKED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Commits {
    /// Whether nothing but one commit lies between `earlier` and this.
    pub(super) fn follow(&self, earlier: &Commits) -> bool {
        self.transactions() == earlier.transactions().wrapping_add(1)
    }

    fn transactions(&self) -> u32 {
        self.number(8)
    }

    fn number(&self, at: usize) -> u32 {
        let bytes = self.0.get(at..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| u32::from_ne_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> (tempfile::TempDir, impl Fn() -> Connection, CommitWatch) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        let open = {
            let path = path.clone();
            move || Connection::open(&path).unwrap()
        };
        open()
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (n); INSERT INTO t VALUES (0)")
            .unwrap();
        let watch = CommitWatch::over(&path, open()).unwrap();
        (dir, open, watch)
    }

    fn insert(connection: &Connection) {
        connection.execute("INSERT INTO t VALUES (1)", []).unwrap();
    }

    #[test]
    fn who_looks_again_sees_the_same_until_somebody_commits() {
        let (_dir, open, watch) = database();
        let (one, other) = (open(), open());
        insert(&one);
        let seen = watch.look().unwrap();
        let count: i64 = other
            .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
            .unwrap();
        assert_eq!((count, watch.look().unwrap()), (2, seen));
        insert(&other);
        assert!(watch.look().unwrap() != seen);
    }

    #[test]
    fn one_commit_is_told_from_several() {
        let (_dir, open, watch) = database();
        let one = open();
        insert(&one);
        let before = watch.look().unwrap();
        insert(&one);
        assert!(watch.look().unwrap().follow(&before));
        insert(&one);
        assert!(!watch.look().unwrap().follow(&before));
    }

    #[test]
    fn what_is_taken_back_is_no_commit() {
        let (_dir, open, watch) = database();
        let one = open();
        insert(&one);
        let seen = watch.look().unwrap();
        one.execute_batch("BEGIN; INSERT INTO t VALUES (2); ROLLBACK")
            .unwrap();
        assert_eq!(watch.look(), Some(seen));
    }

    #[test]
    fn a_log_that_begins_anew_hides_no_commit() {
        let (_dir, open, watch) = database();
        let (one, other) = (open(), open());
        for _ in 0..20 {
            let before = watch.look();
            one.execute_batch("PRAGMA wal_checkpoint(RESTART)").unwrap();
            insert(&other);
            let after = watch.look();
            assert!(after.is_some() && after != before);
        }
    }

    /// How many descriptors this process has of files beside the databases of a directory, removed ones included.
    fn descriptors_in(dir: &Path) -> usize {
        let links = std::fs::read_dir("/proc/self/fd").unwrap();
        let paths = links.filter_map(|link| std::fs::read_link(link.ok()?.path()).ok());
        paths
            .filter(|path| path.starts_with(dir) && path.to_string_lossy().contains("-shm"))
            .count()
    }

    #[test]
    fn watching_a_database_again_and_again_leaves_no_descriptors_behind() {
        for somebody_else_has_it_open in [false, true] {
            let (dir, open, watch) = database();
            let other = somebody_else_has_it_open.then(|| {
                let other = open();
                insert(&other);
                other
            });
            drop(watch);
            let path = dir.path().join("x.db");
            for _ in 0..5 {
                drop(CommitWatch::over(&path, open()).unwrap());
            }
            // One is SQLite's own, one waits to be used again.
            let most = if other.is_some() { 2 } else { 0 };
            assert!(descriptors_in(dir.path()) <= most, "{somebody_else_has_it_open}");
        }
    }

    #[test]
    fn two_who_watched_one_database_both_leave_its_descriptors_open() {
        let (dir, open, watch) = database();
        let path = dir.path().join("x.db");
        let second = CommitWatch::over(&path, open()).unwrap();
        let other = open();
        insert(&other);
        let before = descriptors_in(dir.path());
        drop((watch, second));
        assert_eq!(
            descriptors_in(dir.path()),
            before,
            "none was closed under SQLite's locks"
        );
        drop(other);
        // Gone with the last connection; whoever watches next closes what waited.
        insert(&open());
        let (_dir, _open, _watch) = database();
        assert_eq!(descriptors_in(dir.path()), 0);
    }

    #[test]
    fn a_database_that_was_replaced_is_not_the_one_that_is_watched() {
        let (dir, open, watch) = database();
        insert(&open());
        assert!(watch.is_in_place());
        for name in ["x.db", "x.db-shm", "x.db-wal"] {
            std::fs::remove_file(dir.path().join(name)).unwrap();
        }
        assert!(!watch.is_in_place());
        let another = open();
        another
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (n)")
            .unwrap();
        insert(&another);
        assert!(!watch.is_in_place());
    }

    #[test]
    fn the_file_stays_in_place_while_connections_come_and_go() {
        let (_dir, open, watch) = database();
        for _ in 0..3 {
            let before = watch.look();
            insert(&open());
            assert!(watch.look() != before);
        }
    }
}

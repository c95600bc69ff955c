//! Whether anybody has committed anything to a database since one looked: without a lock, without a query.
//!
//! All processes that have a database with a write-ahead log open share the file `…-shm`, and each commit writes a
//! new header to it: how many transactions there were, how far the log goes, the log's salts and checksums. Who finds
//! the header that they know knows that nothing has changed. SQLite itself decides so whether a reader must look into
//! the log anew. The layout is that of <https://www.sqlite.org/walformat.html>, section 2.1. Start at
//! [`CommitWatch::look`].

use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Mutex;

use rusqlite::Connection;

/// The first copy of the header. Each number is in the byte order of the machine.
const HEADER_BYTES: usize = 48;
/// The only version of the layout that there is.
const VERSION: u32 = 3_007_000;

/// Watches the commits of one database.
pub(super) struct CommitWatch {
    /// Never closed: closing any descriptor of a file drops all the locks that this process has on it (POSIX), and
    /// SQLite has some on this one. So a database costs a process one descriptor.
    header: ManuallyDrop<File>,
    /// Does nothing but keep the file in place, which the last connection to go takes along.
    _holder: Mutex<Connection>,
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
        Ok(CommitWatch {
            header: ManuallyDrop::new(File::open(name)?),
            _holder: Mutex::new(holder),
        })
    }

    /// What commits there have been up to now. `None` when that cannot be told.
    pub(super) fn look(&self) -> Option<Commits> {
        let mut header = [0; HEADER_BYTES];
        self.header.read_exact_at(&mut header, 0).ok()?;
        let commits = Commits(header);
        // A header that nobody has written yet is all zeros.
        (commits.number(0) == VERSION && commits.0.get(12) == Some(&1)).then_some(commits)
    }
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

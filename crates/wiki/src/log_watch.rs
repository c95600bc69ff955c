//! Whether an SQLite file was written to, without asking SQLite.
//!
//! Asking SQLite costs a read transaction with its file locks, several times in one page view. A commit
//! writes to the write-ahead log first, so an untouched log means an unchanged database: one `fstat`.
//! Two things keep that honest. A log that was written to within [`SETTLED`] is not trusted, because a
//! commit becomes visible only after its fsync and file times are coarse; and SQLite is asked again
//! after [`TRUSTED`] at the latest. Only the log is ever opened here, never the database or its `-shm`:
//! closing those would drop the locks that SQLite holds on them (POSIX).
//! Every request comes by here, so looking takes no lock. Start at [`LogWatch::get`].

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwapOption;

/// A log that has rested this long holds no commit that waits for its fsync.
const SETTLED: Duration = Duration::from_secs(1);

/// For so long an untouched log is taken as proof; then SQLite is asked again.
const TRUSTED: Duration = Duration::from_millis(250);

/// Looking costs a system call, and one page view asks several times: within so short a while the first
/// answer does. Nobody gets word of a commit elsewhere and asks here in less.
const ONE_VIEW: Duration = Duration::from_micros(500);

/// Something read from a database, as long as its log stays untouched.
pub(crate) struct LogWatch<T> {
    held: ArcSwapOption<Held<T>>,
    /// How often this process has written.
    own_writes: AtomicU64,
}

struct Held<T> {
    look: Look,
    /// When the log was looked at last, in microseconds after the database was asked.
    looked: AtomicU64,
    value: T,
}

/// A log as it was before the database was asked.
pub(crate) struct Look {
    log: File,
    state: LogState,
    asked: Instant,
    own_writes: u64,
}

/// Enough of a file's state to see a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LogState {
    inode: u64,
    /// 0 once the file was removed.
    links: u64,
    size: u64,
    modified: (i64, i64),
}

impl<T> Default for LogWatch<T> {
    fn default() -> LogWatch<T> {
        LogWatch {
            held: ArcSwapOption::empty(),
            own_writes: AtomicU64::new(0),
        }
    }
}

impl<T> LogWatch<T> {
    /// What `read` finds in the value that was kept, if nothing can have changed since.
    pub fn get<R>(&self, read: impl FnOnce(&T) -> Option<R>) -> Option<R> {
        let kept = self.held.load();
        let held = kept.as_ref()?;
        if held.look.own_writes != self.own_writes.load(Ordering::Acquire) {
            return None;
        }
        let age = held.look.asked.elapsed();
        let looked = Duration::from_micros(held.looked.load(Ordering::Relaxed));
        if age.saturating_sub(looked) >= ONE_VIEW {
            if age > TRUSTED || !held.look.still_stands() {
                // Another may have kept something newer meanwhile.
                self.held.compare_and_swap(&kept, None);
                return None;
            }
            held.looked.store(age.as_micros() as u64, Ordering::Relaxed);
        }
        read(&held.value)
    }

    /// To be called before the database is asked. `None` where an answer could not be kept: there is no
    /// log, or it was written to a moment ago.
    pub fn look(&self, database: &Path) -> Option<Look> {
        let own_writes = self.own_writes.load(Ordering::Acquire);
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        let log = File::open(path).ok()?;
        let state = LogState::of(&log.metadata().ok()?);
        state.has_settled().then(|| Look {
            log,
            state,
            asked: Instant::now(),
            own_writes,
        })
    }

    /// Keeps what was read after `look`. What others kept of the same state is added to, not replaced.
    pub fn keep(&self, look: Look, first: impl FnOnce() -> T, add: impl FnOnce(&T)) {
        let held = self.held.load();
        let is_same =
            |held: &&Arc<Held<T>>| (held.look.state, held.look.own_writes) == (look.state, look.own_writes);
        match held.as_ref().filter(is_same) {
            Some(held) => add(&held.value),
            None => {
                let value = first();
                add(&value);
                // Should another keep his at the same moment, one of the two is read again.
                self.held.store(Some(Arc::new(Held {
                    look,
                    looked: AtomicU64::new(0),
                    value,
                })));
            }
        }
    }

    /// To be called after a write of our own: who waited for it must see it, however soon they look. What somebody
    /// read before it and keeps after it is not believed.
    pub fn forget(&self) {
        self.own_writes.fetch_add(1, Ordering::AcqRel);
        self.held.store(None);
    }
}

impl Look {
    fn still_stands(&self) -> bool {
        let now = self.log.metadata().map(|found| LogState::of(&found));
        now.is_ok_and(|now| now == self.state && now.links > 0)
    }
}

impl LogState {
    fn of(found: &Metadata) -> LogState {
        LogState {
            inode: found.ino(),
            links: found.nlink(),
            size: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
        }
    }

    /// Times of files are compared with the clock that made them.
    #[expect(
        clippy::disallowed_methods,
        reason = "the age of a file is not the time of a request"
    )]
    fn has_settled(&self) -> bool {
        let Ok(now) = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) else {
            return false;
        };
        let modified = u64::try_from(self.modified.0).map(Duration::from_secs);
        // A log from the future (the clock was set back) is never trusted.
        modified.is_ok_and(|modified| {
            now.checked_sub(modified)
                .is_some_and(|age| age > SETTLED + Duration::from_secs(1))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, FileTimes, OpenOptions};
    use std::io::Write;
    use std::path::PathBuf;
    use std::sync::Mutex;

    use tempfile::TempDir;

    use super::*;

    /// A log that was last written to an hour ago.
    fn old_log() -> (TempDir, PathBuf, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let (database, log) = (directory.path().join("x.db"), directory.path().join("x.db-wal"));
        fs::write(&log, "frames").unwrap();
        let hour_ago =
            File::open(&log).unwrap().metadata().unwrap().modified().unwrap() - Duration::from_secs(3600);
        File::options()
            .write(true)
            .open(&log)
            .unwrap()
            .set_times(FileTimes::new().set_modified(hour_ago))
            .unwrap();
        (directory, database, log)
    }

    /// As if the last look was some time ago.
    fn one_view_later(watch: &LogWatch<u32>) {
        let held = watch.held.swap(None).unwrap();
        let mut held = Arc::into_inner(held).unwrap();
        held.look.asked -= ONE_VIEW;
        watch.held.store(Some(Arc::new(held)));
    }

    fn watch_with(database: &Path, value: u32) -> LogWatch<u32> {
        let watch = LogWatch::default();
        watch.keep(watch.look(database).unwrap(), || value, |_| {});
        watch
    }

    #[test]
    fn what_was_read_holds_while_the_log_is_untouched() {
        let (_directory, database, _log) = old_log();
        let watch = watch_with(&database, 7);
        assert_eq!(watch.get(|value| Some(*value)), Some(7));
    }

    #[test]
    fn a_write_to_the_log_ends_it() {
        let (_directory, database, log) = old_log();
        let watch = watch_with(&database, 7);
        OpenOptions::new()
            .append(true)
            .open(log)
            .unwrap()
            .write_all(b"more")
            .unwrap();
        one_view_later(&watch);
        assert_eq!(watch.get(|value| Some(*value)), None);
    }

    #[test]
    fn a_log_that_was_written_to_a_moment_ago_is_not_trusted() {
        let (_directory, database, log) = old_log();
        fs::write(log, "fresh").unwrap();
        assert!(LogWatch::<u32>::default().look(&database).is_none());
    }

    #[test]
    fn a_removed_log_ends_it_and_a_missing_one_proves_nothing() {
        let (_directory, database, log) = old_log();
        let watch = watch_with(&database, 7);
        fs::remove_file(log).unwrap();
        one_view_later(&watch);
        assert_eq!(watch.get(|value| Some(*value)), None);
        assert!(LogWatch::<u32>::default().look(&database).is_none());
    }

    #[test]
    fn a_write_of_our_own_shows_even_before_the_log_is_looked_at() {
        let (_directory, database, _log) = old_log();
        let watch = watch_with(&database, 7);
        watch.forget();
        assert_eq!(watch.get(|value| Some(*value)), None);
    }

    #[test]
    fn what_was_read_before_a_write_of_our_own_and_kept_after_it_is_not_believed() {
        let (_directory, database, _log) = old_log();
        let watch = LogWatch::default();
        let look = watch.look(&database).unwrap();
        watch.forget();
        watch.keep(look, || 7, |_| {});
        assert_eq!(watch.get(|value| Some(*value)), None);
        watch.keep(watch.look(&database).unwrap(), || 8, |_| {});
        assert_eq!(watch.get(|value| Some(*value)), Some(8));
    }

    #[test]
    fn answers_about_the_same_state_are_kept_side_by_side() {
        let (_directory, database, _log) = old_log();
        type Kept = Mutex<Vec<u32>>;
        let watch = LogWatch::<Kept>::default();
        for number in [1, 2] {
            let look = watch.look(&database).unwrap();
            watch.keep(look, Kept::default, |kept| kept.lock().unwrap().push(number));
        }
        let kept = watch.get(|kept| Some(kept.lock().unwrap().clone()));
        assert_eq!(kept, Some(vec![1, 2]));
    }
}

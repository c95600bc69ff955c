//! Whether an SQLite file was written to, without asking SQLite.
//!
//! Asking SQLite costs a read transaction with its file locks, several times in one page view. A commit
//! writes to the write-ahead log first, so an untouched log means an unchanged database: one `fstat`.
//! Two things keep that honest. A log that was written to within [`SETTLED`] is not trusted, because a
//! commit becomes visible only after its fsync and file times are coarse; and SQLite is asked again
//! after [`TRUSTED`] at the latest. Only the log is ever opened here, never the database or its `-shm`:
//! closing those would drop the locks that SQLite holds on them (POSIX).
//! Start at [`LogWatch::get`].

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// A log that has rested this long holds no commit that waits for its fsync.
const SETTLED: Duration = Duration::from_secs(1);

/// For so long an untouched log is taken as proof; then SQLite is asked again.
const TRUSTED: Duration = Duration::from_millis(250);

/// Looking costs a system call, and one page view asks several times: within so short a while the first
/// answer does. Nobody gets word of a commit elsewhere and asks here in less.
const ONE_VIEW: Duration = Duration::from_micros(500);

/// Something read from a database, as long as its log stays untouched.
pub(crate) struct LogWatch<T> {
    held: Mutex<Option<Held<T>>>,
}

struct Held<T> {
    log: File,
    state: LogState,
    asked: Instant,
    looked: Instant,
    value: T,
}

/// A log as it was before the database was asked.
pub(crate) struct Look {
    log: File,
    state: LogState,
    asked: Instant,
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
            held: Mutex::new(None),
        }
    }
}

impl<T> LogWatch<T> {
    /// What `read` finds in the value that was kept, if nothing can have changed since.
    pub fn get<R>(&self, read: impl FnOnce(&T) -> Option<R>) -> Option<R> {
        let mut held = self.lock();
        let kept = held.as_mut()?;
        let since = Instant::now();
        if since.duration_since(kept.looked) < ONE_VIEW {
            return read(&kept.value);
        }
        let now = LogState::of(&kept.log.metadata().ok()?);
        if now != kept.state || now.links == 0 || since.duration_since(kept.asked) > TRUSTED {
            *held = None;
            return None;
        }
        kept.looked = since;
        read(&kept.value)
    }

    /// To be called before the database is asked. `None` where an answer could not be kept: there is no
    /// log, or it was written to a moment ago.
    pub fn look(database: &Path) -> Option<Look> {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        let log = File::open(path).ok()?;
        let state = LogState::of(&log.metadata().ok()?);
        state.has_settled().then(|| Look {
            log,
            state,
            asked: Instant::now(),
        })
    }

    /// Keeps what was read after `look`. What others kept of the same state is added to, not replaced.
    pub fn keep(&self, look: Look, first: impl FnOnce() -> T, add: impl FnOnce(&mut T)) {
        let mut held = self.lock();
        match held.as_mut().filter(|kept| kept.state == look.state) {
            Some(kept) => add(&mut kept.value),
            None => {
                let mut value = first();
                add(&mut value);
                let (asked, looked) = (look.asked, look.asked);
                *held = Some(Held {
                    log: look.log,
                    state: look.state,
                    asked,
                    looked,
                    value,
                });
            }
        }
    }

    /// To be called after a write of our own: who waited for it must see it, however soon they look.
    pub fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Held<T>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
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
        watch.lock().as_mut().unwrap().looked -= ONE_VIEW;
    }

    fn watch_with(database: &Path, value: u32) -> LogWatch<u32> {
        let watch = LogWatch::default();
        watch.keep(
            LogWatch::<u32>::look(database).unwrap(),
            || 0,
            |kept| *kept = value,
        );
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
        assert!(LogWatch::<u32>::look(&database).is_none());
    }

    #[test]
    fn a_removed_log_ends_it_and_a_missing_one_proves_nothing() {
        let (_directory, database, log) = old_log();
        let watch = watch_with(&database, 7);
        fs::remove_file(log).unwrap();
        one_view_later(&watch);
        assert_eq!(watch.get(|value| Some(*value)), None);
        assert!(LogWatch::<u32>::look(&database).is_none());
    }

    #[test]
    fn a_write_of_our_own_shows_even_before_the_log_is_looked_at() {
        let (_directory, database, _log) = old_log();
        let watch = watch_with(&database, 7);
        watch.forget();
        assert_eq!(watch.get(|value| Some(*value)), None);
    }

    #[test]
    fn answers_about_the_same_state_are_kept_side_by_side() {
        let (_directory, database, _log) = old_log();
        let watch = LogWatch::<Vec<u32>>::default();
        for number in [1, 2] {
            watch.keep(LogWatch::<Vec<u32>>::look(&database).unwrap(), Vec::new, |kept| {
                kept.push(number)
            });
        }
        assert_eq!(watch.get(|kept| Some(kept.clone())), Some(vec![1, 2]));
    }
}

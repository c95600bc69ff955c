//! How often each page was looked at.
//!
//! A view adds one in memory. What came together is added to `hits.db` in the wiki's directory some seconds
//! later, and when the wiki is closed; a killed process loses the last seconds and
//! nothing else. The file is apart from the pages, so that a view writes nothing beside them. Several processes
//! on the same directory count together. A wiki that nobody has saved in has no directory and counts in memory.
//! Each worker counts by itself, so that views on two processors do not wait for each other.
//! Start at [`Hits::count`].

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossbeam_utils::CachePadded;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use thread_local::ThreadLocal;

use crate::durable::make_file;
use crate::name::PageName;

/// How long counts wait in memory.
const WAIT: SignedDuration = SignedDuration::from_secs(10);
/// How long a file is waited for that another process holds.
const PATIENCE: Duration = Duration::from_secs(5);

const SCHEMA: &str =
    "CREATE TABLE IF NOT EXISTS hits (page TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;";

/// The counts of one wiki.
pub(crate) struct Hits {
    directory: PathBuf,
    /// Of each thread.
    waiting: ThreadLocal<CachePadded<Mutex<Waiting>>>,
    /// One writes at a time, and nobody reads in between.
    file: Mutex<()>,
}

#[derive(Default)]
struct Waiting {
    counts: HashMap<PageName, u64>,
    since: Option<Timestamp>,
}

/// Whether it is time to write down what waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Call [`Hits::write_down`], where waiting for the disk hurts nobody.
    Now,
    /// Later.
    Later,
}

/// The file of counts cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HitsError {
    /// The system's words.
    #[error("{path}: {cause}", path = .0.display(), cause = .1)]
    File(PathBuf, #[source] io::Error),
    /// The count broke off: a defect, or the server is ending.
    #[error("the views could not be counted to the end")]
    BrokeOff,
    /// SQLite's words.
    #[error("{path}: {cause}", path = .0.display(), cause = .1)]
    Sqlite(PathBuf, #[source] rusqlite::Error),
}

impl Hits {
    /// The counts of the wiki in this directory. Touches no file.
    pub fn at(directory: &Path) -> Hits {
        Hits {
            directory: directory.to_owned(),
            waiting: ThreadLocal::new(),
            file: Mutex::default(),
        }
    }

    /// Counts a view of a page.
    pub fn count(&self, page: &PageName, now: Timestamp) -> Due {
        let mut waiting = lock(self.waiting.get_or_default());
        match waiting.counts.get_mut(page) {
            Some(count) => *count += 1,
            None => drop(waiting.counts.insert(page.clone(), 1)),
        }
        let since = *waiting.since.get_or_insert(now);
        // A clock that was set back makes it wait no longer.
        match now.duration_since(since).abs() >= WAIT {
            true => {
                // Whoever comes next need not ask for the same.
                waiting.since = Some(now);
                Due::Now
            }
            false => Due::Later,
        }
    }

    /// Adds what waits to the file. What cannot be written goes on waiting.
    ///
    /// # Errors
    /// * [`HitsError`].
    pub fn write_down(&self) -> Result<(), HitsError> {
        let _turn = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.directory.join("wiki.db").exists() {
            return Ok(());
        }
        let mut counts = HashMap::new();
        for part in &self.waiting {
            let of_part = {
                let mut waiting = lock(part);
                waiting.since = None;
                std::mem::take(&mut waiting.counts)
            };
            add_all(&mut counts, of_part);
        }
        if counts.is_empty() {
            return Ok(());
        }
        let written = self.add(&counts);
        if written.is_err() {
            add_all(&mut lock(self.waiting.get_or_default()).counts, counts);
        }
        written
    }

    /// All pages that were looked at, the most seen first, and of those alike the one that sorts first.
    ///
    /// # Errors
    /// * [`HitsError`].
    pub fn all(&self) -> Result<Vec<(PageName, u64)>, HitsError> {
        let _turn = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = HashMap::new();
        for part in &self.waiting {
            let of_part = lock(part).counts.clone();
            add_all(&mut all, of_part);
        }
        if self.path().exists() {
            add_all(&mut all, self.read()?);
        }
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_unstable_by(|(page, count), (other, others)| {
            others.cmp(count).then_with(|| page.cmp(other))
        });
        Ok(all)
    }

    fn add(&self, counts: &HashMap<PageName, u64>) -> Result<(), HitsError> {
        let mut db = self.connect()?;
        let done = db.transaction().and_then(|step| {
            for (page, count) in counts {
                let count = i64::try_from(*count).unwrap_or(i64::MAX);
                step.prepare_cached(
                    "INSERT INTO hits VALUES (?1, ?2) ON CONFLICT DO UPDATE SET count = count + ?2",
                )?
                .execute((page.as_str(), count))?;
            }
            step.commit()
        });
        done.map_err(|error| HitsError::Sqlite(self.path(), error))
    }

    fn read(&self) -> Result<Vec<(PageName, u64)>, HitsError> {
        let db = self.connect()?;
        let found = db.prepare("SELECT page, count FROM hits").and_then(|mut all| {
            let rows = all.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
            rows.collect::<Result<Vec<_>, _>>()
        });
        let found = found.map_err(|error| HitsError::Sqlite(self.path(), error))?;
        // A name that is none any more is no page either.
        Ok(found
            .into_iter()
            .filter_map(|(page, count)| Some((PageName::parse(&page).ok()?, u64::try_from(count).ok()?)))
            .collect())
    }

    fn connect(&self) -> Result<Connection, HitsError> {
        let path = self.path();
        make_file(&path).map_err(|error| HitsError::File(path.clone(), error))?;
        let opened = Connection::open(&path).and_then(|db| {
            db.busy_timeout(PATIENCE)?;
            // Counts are not worth a wait for the disk; a power cut may take the last ones.
            db.pragma_update(None, "synchronous", "NORMAL")?;
            db.execute_batch(SCHEMA)?;
            Ok(db)
        });
        opened.map_err(|error| HitsError::Sqlite(path, error))
    }

    fn path(&self) -> PathBuf {
        self.directory.join("hits.db")
    }
}

fn add_all(counts: &mut HashMap<PageName, u64>, more: impl IntoIterator<Item = (PageName, u64)>) {
    for (page, count) in more {
        *counts.entry(page).or_default() += count;
    }
}

fn lock(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Hits {
    fn drop(&mut self) {
        if let Err(error) = self.write_down() {
            tracing::warn!("the last views of pages were not counted: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PageName {
        PageName::parse(text).unwrap()
    }

    fn moment(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn shown(hits: &Hits) -> Vec<(String, u64)> {
        let all = hits.all().unwrap();
        all.into_iter()
            .map(|(page, count)| (page.as_str().to_owned(), count))
            .collect()
    }

    /// A wiki in which somebody has saved.
    fn saved_in() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("wiki.db"), "").unwrap();
        directory
    }

    #[test]
    fn views_are_counted_and_outlive_the_wiki_being_closed() {
        let directory = saved_in();
        let hits = Hits::at(directory.path());
        for page in ["A", "B", "A"] {
            hits.count(&name(page), moment(0));
        }
        drop(hits);
        let again = Hits::at(directory.path());
        again.count(&name("A"), moment(1));
        assert_eq!(shown(&again), [("A".to_owned(), 3), ("B".to_owned(), 1)]);
    }

    #[test]
    fn it_is_time_to_write_once_in_ten_seconds_at_most() {
        let directory = saved_in();
        let hits = Hits::at(directory.path());
        let due: Vec<_> = [0, 9, 10, 11, 19, 20]
            .map(|second| hits.count(&name("A"), moment(second)))
            .into();
        let expected = [Due::Later, Due::Later, Due::Now, Due::Later, Due::Later, Due::Now];
        assert_eq!(due, expected);
    }

    #[test]
    fn what_several_workers_counted_is_shown_together_and_written_together() {
        let directory = saved_in();
        let hits = Hits::at(directory.path());
        hits.count(&name("A"), moment(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| hits.count(&name("A"), moment(0)));
            }
        });
        assert_eq!(shown(&hits), [("A".to_owned(), 5)]);
        hits.write_down().unwrap();
        assert_eq!(shown(&Hits::at(directory.path())), [("A".to_owned(), 5)]);
        assert_eq!(shown(&hits), [("A".to_owned(), 5)]);
    }

    #[test]
    fn two_processes_count_together() {
        let directory = saved_in();
        let (one, other) = (Hits::at(directory.path()), Hits::at(directory.path()));
        one.count(&name("A"), moment(0));
        other.count(&name("A"), moment(0));
        one.write_down().unwrap();
        assert_eq!(shown(&other), [("A".to_owned(), 2)]);
    }

    #[test]
    fn a_wiki_that_nobody_saved_in_counts_and_makes_no_file() {
        let directory = tempfile::tempdir().unwrap();
        let hits = Hits::at(directory.path());
        hits.count(&name("Help"), moment(0));
        assert_eq!(shown(&hits), [("Help".to_owned(), 1)]);
        drop(hits);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_cannot_be_written_goes_on_waiting() {
        let directory = saved_in();
        std::fs::create_dir(directory.path().join("hits.db")).unwrap();
        let hits = Hits::at(directory.path());
        hits.count(&name("A"), moment(0));
        assert!(hits.write_down().is_err());
        std::fs::remove_dir(directory.path().join("hits.db")).unwrap();
        assert_eq!(shown(&hits), [("A".to_owned(), 1)]);
    }
}

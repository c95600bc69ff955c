//! Pages in one SQLite file, `<data_dir>/wiki.db`: WAL, `synchronous=FULL`, nothing to install.
//!
//! Reading creates nothing: as long as there is no file, the store is empty. The first save makes the
//! file, complete in one step. Warm reads run where they are asked for, because they take microseconds;
//! opening, waiting and writing happen on the blocking pool. Several processes may use one file: writers
//! queue for SQLite's lock, readers notice foreign commits by `PRAGMA data_version`, asked only when the
//! log was written to. Start at [`SqlitePageStore`]; `open.rs` makes and migrates files, `read.rs` and
//! `write.rs` hold the SQL.

mod attach;
mod coding;
mod index;
mod open;
mod page_log;
mod read;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::task::spawn_blocking;

use self::open::{FileIdentity, Place};
use self::read::Reader;
use self::write::Writer;
use super::{
    Indexing, Links, NewRevision, Order, PageLog, PageStore, Position, Renamed, Renaming, Revision, Saving,
    StoreError, Stretch, Which,
};
use crate::log_watch::LogWatch;
use crate::name::PageName;
use crate::page::{Change, RevisionNumber, Standing};
use crate::search::probe::Probe;

/// Readers that stay open while nobody reads. More are opened when more read at once.
const IDLE_READERS: usize = 4;

/// A change log this long is read on the blocking pool.
const SHORT_LOG: usize = 200;

/// A wiki's pages in `<directory>/wiki.db`.
pub struct SqlitePageStore {
    shared: Arc<Shared>,
    writer: Arc<tokio::sync::Mutex<Option<Writer>>>,
}

struct Shared {
    place: Place,
    /// The position, while the file's log stays untouched.
    position: LogWatch<Position>,
    idle: Mutex<Vec<Reader>>,
}

/// Where a read runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effort {
    /// Here: it takes microseconds.
    Short,
    /// On the blocking pool.
    Long,
}

impl SqlitePageStore {
    /// The store in a directory. Touches nothing yet.
    pub fn at(directory: &Path) -> SqlitePageStore {
        let shared = Shared {
            place: Place::new(directory),
            position: LogWatch::default(),
            idle: Mutex::default(),
        };
        SqlitePageStore {
            shared: Arc::new(shared),
            writer: Arc::default(),
        }
    }

    /// The file in which the pages are, or will be.
    pub fn file(&self) -> &Path {
        &self.shared.place.file
    }

    /// Asks a reader; nothing if there is no file.
    async fn read_with<T: Send + 'static>(
        &self,
        effort: Effort,
        question: impl Fn(&mut Reader) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<Option<T>, StoreError> {
        let Some(identity) = self.shared.place.identity()? else {
            self.shared.forget_readers();
            return Ok(None);
        };
        let mut reader = self.shared.take_reader(identity);
        if let (Effort::Short, Some(ready)) = (effort, &mut reader) {
            match question(ready) {
                Err(error) if open::is_busy(&error) => {}
                answer => return self.shared.finish(reader, answer).map(Some),
            }
        }
        let shared = self.shared.clone();
        let answered = spawn_blocking(move || shared.read_patiently(identity, reader, question));
        answered.await.map_err(|_| StoreError::Closed)?.map(Some)
    }

    /// Runs a transaction on the blocking pool, one at a time.
    async fn write_with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut writer = self.writer.clone().lock_owned().await;
        let shared = self.shared.clone();
        let done = spawn_blocking(move || {
            let open = shared.place.identity()?;
            if writer.as_ref().is_none_or(|writer| Some(writer.identity) != open) {
                *writer = None;
                *writer = Some(Writer::open(&shared.place)?);
            }
            let Some(ready) = writer.as_mut() else {
                return Err(StoreError::Closed);
            };
            ready.refuse_newer_schema(&shared.place)?;
            let done = work(ready).map_err(|error| shared.place.explain(error));
            shared.position.forget();
            done
        });
        done.await.map_err(|_| StoreError::Closed)?
    }
}

impl Shared {
    fn take_reader(&self, identity: FileIdentity) -> Option<Reader> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.last().is_some_and(|reader| reader.identity != identity) {
            // The file was replaced (a restored backup): what is open leads to the old one.
            idle.clear();
        }
        idle.pop()
    }

    fn give_back(&self, reader: Reader) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_READERS {
            idle.push(reader);
        }
    }

    fn forget_readers(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Keeps a reader that answered; one that failed is closed.
    fn finish<T>(&self, reader: Option<Reader>, answer: rusqlite::Result<T>) -> Result<T, StoreError> {
        let answer = answer.map_err(|error| self.place.explain(error))?;
        if let Some(reader) = reader {
            self.give_back(reader);
        }
        Ok(answer)
    }

    /// Opens if need be and waits where another process is recovering or migrating.
    fn read_patiently<T>(
        &self,
        identity: FileIdentity,
        reader: Option<Reader>,
        question: impl Fn(&mut Reader) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut reader = match reader {
            Some(reader) => reader,
            None => Reader::open(&self.place, identity)?,
        };
        let answer = reader.patiently(question);
        self.finish(Some(reader), answer)
    }
}

#[async_trait]
impl PageStore for SqlitePageStore {
    async fn position(&self) -> Result<Position, StoreError> {
        if let Some(position) = self.shared.position.get(|position| Some(*position)) {
            return Ok(position);
        }
        let look = self.shared.position.look(&self.shared.place.file);
        let position = self.read_with(Effort::Short, Reader::position).await?;
        if let (Some(look), Some(position)) = (look, position) {
            self.shared.position.keep(look, || position, |_| {});
        }
        Ok(position.unwrap_or_default())
    }

    async fn read(&self, page: &PageName, which: Which) -> Result<Option<Revision>, StoreError> {
        let page = page.clone();
        let found = self
            .read_with(Effort::Short, move |reader| reader.revision(&page, which))
            .await?;
        Ok(found.flatten())
    }

    async fn names(&self) -> Result<Vec<(PageName, Standing)>, StoreError> {
        Ok(self
            .read_with(Effort::Long, |reader| reader.names())
            .await?
            .unwrap_or_default())
    }

    async fn history(
        &self,
        page: &PageName,
        before: Option<RevisionNumber>,
        limit: usize,
    ) -> Result<Vec<Change>, StoreError> {
        let page = page.clone();
        let history = move |reader: &mut Reader| reader.history(&page, before, limit);
        Ok(self
            .read_with(effort_for(limit), history)
            .await?
            .unwrap_or_default())
    }

    async fn page_log(
        &self,
        page: &PageName,
        before: Option<u32>,
        limit: usize,
    ) -> Result<PageLog, StoreError> {
        let page = page.clone();
        let log = move |reader: &mut Reader| reader.page_log(&page, before, limit);
        Ok(self.read_with(effort_for(limit), log).await?.unwrap_or_default())
    }

    async fn changes(&self, stretch: Stretch, limit: usize) -> Result<Vec<Change>, StoreError> {
        let changes = move |reader: &mut Reader| reader.changes(stretch, limit);
        Ok(self
            .read_with(effort_for(limit), changes)
            .await?
            .unwrap_or_default())
    }

    async fn links(&self, links: Links<'_>) -> Result<Vec<PageName>, StoreError> {
        let found = match links {
            Links::From(page) => {
                let page = page.clone();
                self.read_with(Effort::Short, move |reader| reader.links_from(&page))
                    .await
            }
            Links::To(page) => {
                let page = page.clone();
                self.read_with(Effort::Long, move |reader| reader.links_to(&page))
                    .await
            }
        };
        Ok(found?.unwrap_or_default())
    }

    async fn link_pairs(&self, limit: usize) -> Result<Vec<(PageName, PageName)>, StoreError> {
        let pairs = move |reader: &mut Reader| reader.link_pairs(limit);
        Ok(self.read_with(Effort::Long, pairs).await?.unwrap_or_default())
    }

    async fn standing(&self, order: Order, limit: usize) -> Result<Vec<Change>, StoreError> {
        let standing = move |reader: &mut Reader| reader.standing(order, limit);
        Ok(self.read_with(Effort::Long, standing).await?.unwrap_or_default())
    }

    async fn index_more(&self) -> Result<Indexing, StoreError> {
        // Searching makes no file.
        match self.shared.place.identity()? {
            Some(_) => self.write_with(Writer::index_step).await,
            None => Ok(Indexing::Done),
        }
    }

    async fn candidates(&self, probe: &Probe) -> Result<Option<Vec<PageName>>, StoreError> {
        let probe = probe.clone();
        let candidates = move |reader: &mut Reader| reader.candidates(&probe);
        // Without a file there are no texts here.
        let found = self.read_with(Effort::Long, candidates).await?;
        Ok(found.unwrap_or_else(|| Some(Vec::new())))
    }

    async fn texts(&self, pages: &[PageName]) -> Result<Vec<Revision>, StoreError> {
        let pages = pages.to_vec();
        let texts = move |reader: &mut Reader| reader.texts(&pages);
        Ok(self.read_with(Effort::Long, texts).await?.unwrap_or_default())
    }

    async fn save(&self, revision: NewRevision) -> Result<Saving, StoreError> {
        self.write_with(move |writer| writer.save(&revision)).await
    }

    async fn rename(&self, renaming: Renaming) -> Result<Renamed, StoreError> {
        self.write_with(move |writer| writer.rename(&renaming)).await
    }
}

/// Closing the last connection of a file writes and syncs, which must not hold up a request.
impl Drop for SqlitePageStore {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let idle = std::mem::take(&mut *self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner));
        let writer = self.writer.clone();
        runtime.spawn_blocking(move || drop((idle, writer)));
    }
}

fn effort_for(limit: usize) -> Effort {
    if limit <= SHORT_LOG {
        Effort::Short
    } else {
        Effort::Long
    }
}

impl std::fmt::Debug for SqlitePageStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let file: &PathBuf = &self.shared.place.file;
        f.debug_struct("SqlitePageStore")
            .field("file", file)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "sqlite/tests.rs"]
mod tests;

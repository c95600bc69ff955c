//! A connection that remembers what was changed through it, and tells those who keep records when it commits.
//!
//! Jobs get it instead of the bare connection. One that writes says by [`Tracked::note`] which records it changed; of
//! one that says nothing, everything is thought possible. No SQL of sessions stands here.

use std::cell::RefCell;
use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior};

use super::kept::{Change, KeptRecords};

/// A connection in the hands of whoever works with it.
pub(super) struct Tracked {
    pub(super) db: Connection,
    kept: Arc<KeptRecords>,
    /// By the transaction under way.
    changes: RefCell<Vec<Change>>,
}

impl Tracked {
    pub(super) fn new(db: Connection, kept: &Arc<KeptRecords>) -> Tracked {
        Tracked {
            db,
            kept: Arc::clone(kept),
            changes: RefCell::default(),
        }
    }

    /// Says what the transaction under way changes.
    pub(super) fn note(&self, change: Change) {
        self.changes.borrow_mut().push(change);
    }

    /// Has a job that writes done inside a transaction.
    pub(super) fn act<T>(&self, job: impl FnOnce(&Tracked) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let noted = self.changes.borrow().len();
        let result = job(self)?;
        if self.changes.borrow().len() == noted {
            self.note(Change::Anything);
        }
        Ok(result)
    }

    /// Does what writes in a transaction, all of it or nothing.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Tracked) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        // Immediate: what was read cannot change before it is written.
        let (result, before) = in_transaction(&self.db, TransactionBehavior::Immediate, |_| {
            self.changes.take();
            let before = self.kept.look();
            work(self).map(|result| (result, before))
        })?;
        self.kept.note_commit(before, self.changes.take());
        Ok(result)
    }

    /// Does several things that read in a transaction, which see the same.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Tracked) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        in_transaction(&self.db, TransactionBehavior::Deferred, |_| work(self))
    }
}

/// Does a job in a transaction, all of it or nothing.
pub(super) fn in_transaction<T>(
    connection: &Connection,
    behavior: TransactionBehavior,
    job: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let begin = match behavior {
        TransactionBehavior::Immediate => "BEGIN IMMEDIATE",
        _ => "BEGIN",
    };
    connection.prepare_cached(begin)?.execute([])?;
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

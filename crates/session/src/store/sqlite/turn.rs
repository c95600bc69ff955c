//! Turns on the hot connection: at once when it is free, else together with everybody who waits.
//!
//! A thread that finds the connection taken lays down what it wants and goes on with other requests;
//! whoever has the connection does everything that lies there in one transaction before leaving, so under
//! load the cost of a transaction (file locks, the commit) is shared. A turn in which anything fails is
//! taken back whole and its askers go their own ways, which take longer and say what is wrong. No SQL of
//! sessions stands here. Start at [`Turns::ask`].

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use tokio::sync::oneshot;

use super::tracked::Tracked;

/// Whether something writes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// It reads, with a single statement or minding no change between two.
    Read,
    /// It writes: all of it or nothing.
    Write,
}

/// The connection that is kept hot, and what waits for it.
#[derive(Default)]
pub(super) struct Turns {
    /// `None` while it is not open, or somebody patient has taken it along.
    hot: Mutex<Option<Tracked>>,
    waiting: Mutex<Vec<Box<dyn Asked>>>,
}

/// How somebody's turn ended.
pub(super) enum Turn<T, F> {
    /// It was done.
    Done(T),
    /// Nothing was done; the job is handed back.
    Refused(F),
    /// Whoever did the turn broke down.
    Lost,
}

impl Turns {
    /// Has a job done. It is refused when the connection is away, another process writes, or anything
    /// in the same turn failed.
    pub(super) async fn ask<T, F>(&self, access: Access, job: F) -> Turn<T, F>
    where
        T: Send + 'static,
        F: Fn(&Tracked) -> rusqlite::Result<T> + Send + 'static,
    {
        if let Some(hot) = self.hot_now() {
            let result = hot
                .as_ref()
                .and_then(|connection| do_alone(connection, access, &job));
            drop(hot);
            self.serve();
            return result.map_or(Turn::Refused(job), Turn::Done);
        }
        let (answer, answered) = oneshot::channel();
        let asked = Box::new(Job {
            access,
            job,
            result: None,
            answer,
        });
        lock(&self.waiting).push(asked);
        self.serve();
        answered.await.unwrap_or(Turn::Lost)
    }

    /// Does what waits, unless somebody is at it: they look again after they have let go.
    pub(super) fn serve(&self) {
        while !lock(&self.waiting).is_empty() {
            let Some(hot) = self.hot_now() else { return };
            let asked = std::mem::take(&mut *lock(&self.waiting));
            match hot.as_ref() {
                Some(connection) => serve_all(connection, asked),
                None => asked.into_iter().for_each(|asked| asked.answer()),
            }
        }
    }

    fn hot_now(&self) -> Option<MutexGuard<'_, Option<Tracked>>> {
        match self.hot.try_lock() {
            Ok(hot) => Some(hot),
            Err(TryLockError::Poisoned(hot)) => Some(hot.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Takes the connection along; turns are refused until it is put back.
    pub(super) fn take(&self) -> Option<Tracked> {
        lock(&self.hot).take()
    }

    /// Puts the connection (back) in its place.
    pub(super) fn put(&self, connection: Tracked) {
        *lock(&self.hot) = Some(connection);
        self.serve();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic under the lock rolled its transaction back; the connection is as good as before.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve_all(connection: &Tracked, mut asked: Vec<Box<dyn Asked>>) {
    if !do_together(connection, &mut asked) {
        for asked in &mut asked {
            asked.undo();
            // A writer in another process keeps nobody from reading.
            if asked.access() == Access::Read && !asked.act(connection) {
                asked.undo();
            }
        }
    }
    asked.into_iter().for_each(|asked| asked.answer());
}

fn do_alone<T>(
    connection: &Tracked,
    access: Access,
    job: impl Fn(&Tracked) -> rusqlite::Result<T>,
) -> Option<T> {
    match access {
        Access::Read => job(connection).ok(),
        Access::Write => connection.write(|connection| connection.act(job)).ok(),
    }
}

/// All or nothing. Whether it was done.
fn do_together(connection: &Tracked, asked: &mut [Box<dyn Asked>]) -> bool {
    let only_reads = asked.iter().all(|asked| asked.access() == Access::Read);
    let act = |connection: &Tracked| match asked.iter_mut().all(|asked| asked.act(connection)) {
        true => Ok(()),
        false => Err(rusqlite::Error::QueryReturnedNoRows),
    };
    let done = match only_reads {
        true => connection.read(act),
        false => connection.write(act),
    };
    done.is_ok()
}

/// A job whose types are nobody's business but its asker's.
trait Asked: Send {
    fn access(&self) -> Access;
    /// Does it. Whether it worked.
    fn act(&mut self, connection: &Tracked) -> bool;
    /// Forgets what it did: it is taken back.
    fn undo(&mut self);
    /// Tells the asker.
    fn answer(self: Box<Self>);
}

struct Job<T, F> {
    access: Access,
    job: F,
    result: Option<T>,
    answer: oneshot::Sender<Turn<T, F>>,
}

impl<T, F> Asked for Job<T, F>
where
    T: Send,
    F: Fn(&Tracked) -> rusqlite::Result<T> + Send,
{
    fn access(&self) -> Access {
        self.access
    }

    fn act(&mut self, connection: &Tracked) -> bool {
        let result = match self.access {
            Access::Read => (self.job)(connection),
            Access::Write => connection.act(&self.job),
        };
        self.result = result.ok();
        self.result.is_some()
    }

    fn undo(&mut self) {
        self.result = None;
    }

    fn answer(self: Box<Self>) {
        let turn = match self.result {
            Some(result) => Turn::Done(result),
            None => Turn::Refused(self.job),
        };
        // Whoever hung up meanwhile needs no answer.
        drop(self.answer.send(turn));
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use std::sync::Arc;

    use rusqlite::Connection;

    use super::super::kept::KeptRecords;
    use super::*;

    fn turns() -> Turns {
        let turns = Turns::default();
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE t (n INTEGER UNIQUE)")
            .unwrap();
        turns.put(Tracked::new(connection, &Arc::<KeptRecords>::default()));
        turns
    }

    fn insert(number: i64) -> impl Fn(&Tracked) -> rusqlite::Result<usize> + Send + 'static {
        move |connection| connection.db.execute("INSERT INTO t VALUES (?1)", [number])
    }

    async fn count(turns: &Turns) -> i64 {
        let counted = turns.ask(Access::Read, |connection| {
            connection
                .db
                .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        });
        match counted.await {
            Turn::Done(count) => count,
            _ => panic!("nobody could count"),
        }
    }

    /// Lays jobs down while the connection is taken, and lets go.
    async fn all_at_once(turns: &Turns, numbers: &[i64]) -> Vec<bool> {
        let held = turns.hot.lock().unwrap();
        let asked: Vec<_> = numbers
            .iter()
            .map(|n| turns.ask(Access::Write, insert(*n)))
            .collect();
        let mut asked: Vec<_> = asked.into_iter().map(Box::pin).collect();
        for asked in &mut asked {
            let mut context = Context::from_waker(Waker::noop());
            assert!(asked.as_mut().poll(&mut context).is_pending());
        }
        drop(held);
        turns.serve();
        let mut done = Vec::new();
        for asked in asked {
            done.push(matches!(asked.await, Turn::Done(1)));
        }
        done
    }

    #[tokio::test]
    async fn everybody_who_waits_is_served_by_whoever_comes() {
        let turns = turns();
        assert_eq!(all_at_once(&turns, &[1, 2, 3]).await, [true, true, true]);
        assert_eq!(count(&turns).await, 3);
    }

    #[tokio::test]
    async fn a_turn_in_which_one_thing_fails_is_taken_back_whole() {
        let turns = turns();
        assert_eq!(all_at_once(&turns, &[1, 1, 3]).await, [false, false, false]);
        assert_eq!(count(&turns).await, 0);
    }

    #[tokio::test]
    async fn while_the_connection_is_away_nobody_waits_for_it() {
        let turns = turns();
        let away = turns.take().unwrap();
        assert!(matches!(
            turns.ask(Access::Write, insert(1)).await,
            Turn::Refused(_)
        ));
        turns.put(away);
        assert!(matches!(turns.ask(Access::Write, insert(1)).await, Turn::Done(1)));
    }
}

//! A few worker processes, kept warm, shared by all wikis.
//!
//! Whoever runs macros borrows a worker and gives it back; one that broke, or has run long enough, is not taken
//! back and another is started in its place at once, so that nobody waits for it. A borrowed worker that is
//! dropped half-way (the visitor hung up) is ended: what it was doing is nobody's any more.
//! Start reading at [`WorkerPool::borrow`].

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use grange_macro_protocol::{FromWorker, Limits, Module};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::error::PythonError;
use super::library::{Loaded, MacroFile};
use super::worker::{Worker, WorkerFault};
use crate::dependencies::Dependency;

/// A worker that has run so many jobs makes room for a fresh one.
const MOST_JOBS: u32 = 20_000;
/// How long compiling a file may take.
const TO_LOAD: Duration = Duration::from_secs(2);

/// The workers of a process.
pub struct WorkerPool {
    program: WorkerProgram,
    seats: Arc<Semaphore>,
    size: AtomicUsize,
    idle: Mutex<Vec<(ThreadId, Worker)>>,
    started: AtomicU64,
    broken: AtomicU64,
}

/// Where the program is that runs Python macros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerProgram {
    /// Here.
    At(PathBuf),
    /// Not where it was looked for.
    Missing(PathBuf),
}

/// The command that builds the missing program.
pub const HOW_TO_BUILD: &str = "cargo build --package grange-macro-worker --ignore-rust-version";

impl WorkerProgram {
    /// The program beside this one, in the same directory or the one above it.
    pub fn beside(this: &Path) -> WorkerProgram {
        let name = format!("grange-macro-worker{}", std::env::consts::EXE_SUFFIX);
        let places = this
            .ancestors()
            .skip(1)
            .take(2)
            .map(|directory| directory.join(&name));
        let missing = this.with_file_name(&name);
        places
            .into_iter()
            .find(|place| place.is_file())
            .map_or(WorkerProgram::Missing(missing), WorkerProgram::At)
    }
}

/// A borrowed worker.
pub(super) struct Borrowed {
    pool: Arc<WorkerPool>,
    worker: Worker,
    /// It has said that it ends.
    is_over: bool,
    _seat: OwnedSemaphorePermit,
}

impl WorkerPool {
    /// A pool of one worker; none is started before the first is wanted.
    pub fn new(program: WorkerProgram) -> WorkerPool {
        WorkerPool {
            program,
            seats: Arc::new(Semaphore::new(1)),
            size: AtomicUsize::new(1),
            idle: Mutex::default(),
            started: AtomicU64::new(0),
            broken: AtomicU64::new(0),
        }
    }

    /// Allows for so many workers at once; a pool that may have more already keeps them.
    pub fn grow_to(&self, workers: usize) {
        let before = self.size.fetch_max(workers, Ordering::AcqRel);
        self.seats.add_permits(workers.saturating_sub(before));
    }

    /// The program that is run.
    pub fn program(&self) -> &WorkerProgram {
        &self.program
    }

    /// How many workers were started, and how many of them broke.
    pub fn counts(&self) -> (u64, u64) {
        (
            self.started.load(Ordering::Relaxed),
            self.broken.load(Ordering::Relaxed),
        )
    }

    /// Starts a worker ahead of the first call.
    pub async fn warm_up(self: &Arc<WorkerPool>, limits: Limits) {
        if let Ok(borrowed) = self.borrow(limits, Duration::from_secs(5)).await {
            borrowed.give_back();
        }
    }

    /// A worker that keeps to these limits, waiting no longer than `within` for a free one.
    pub(super) async fn borrow(
        self: &Arc<WorkerPool>,
        limits: Limits,
        within: Duration,
    ) -> Result<Borrowed, PythonError> {
        let seat = self.seat(within).await?;
        while let Some(mut worker) = self.take_idle() {
            if worker.keep_to(limits).await.is_ok() {
                return Ok(self.borrowed(worker, seat));
            }
            // It died while nobody looked; the next one, or a new one.
            self.note_broken();
        }
        let worker = self.start(limits).await?;
        Ok(self.borrowed(worker, seat))
    }

    /// The same, of a worker that nobody has used.
    async fn borrow_new(
        self: &Arc<WorkerPool>,
        limits: Limits,
        within: Duration,
    ) -> Result<Borrowed, PythonError> {
        let seat = self.seat(within).await?;
        let worker = self.start(limits).await?;
        Ok(self.borrowed(worker, seat))
    }

    async fn seat(&self, within: Duration) -> Result<OwnedSemaphorePermit, PythonError> {
        match timeout(within, Arc::clone(&self.seats).acquire_owned()).await {
            Ok(Ok(seat)) => Ok(seat),
            _ => Err(PythonError::AllBusy),
        }
    }

    fn borrowed(self: &Arc<WorkerPool>, worker: Worker, seat: OwnedSemaphorePermit) -> Borrowed {
        Borrowed {
            pool: Arc::clone(self),
            worker,
            is_over: false,
            _seat: seat,
        }
    }

    async fn start(&self, limits: Limits) -> Result<Worker, PythonError> {
        let WorkerProgram::At(program) = &self.program else {
            return Err(PythonError::NoWorker);
        };
        let worker = Worker::start(program, limits).await?;
        self.started.fetch_add(1, Ordering::Relaxed);
        Ok(worker)
    }

    /// One whose pipes belong to this thread, if there is one: it wakes nobody else.
    fn take_idle(&self) -> Option<Worker> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let here = thread::current().id();
        let at = idle.iter().rposition(|(home, _)| *home == here);
        let at = at.or_else(|| idle.len().checked_sub(1))?;
        Some(idle.swap_remove(at).1)
    }

    fn put_idle(&self, worker: Worker) {
        let here = thread::current().id();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // A successor may come when somebody has started one meanwhile.
        if idle.len() < self.size.load(Ordering::Acquire) {
            idle.push((here, worker));
        }
    }

    fn note_broken(&self) {
        self.broken.fetch_add(1, Ordering::Relaxed);
    }

    /// Starts the successor of a worker that is gone, while nobody waits for it.
    fn replace(self: &Arc<WorkerPool>, limits: Limits) {
        let pool = Arc::clone(self);
        tokio::spawn(async move {
            if let Ok(worker) = pool.start(limits).await {
                pool.put_idle(worker);
            }
        });
    }

    /// What a worker says of a file; asked once per content, and again only if no worker could say.
    ///
    /// # Errors
    /// * [`PythonError`]: no worker could be asked.
    pub(super) async fn load(
        self: &Arc<WorkerPool>,
        file: &MacroFile,
        limits: Limits,
    ) -> Result<Result<Arc<Loaded>, grange_macro_protocol::SyntaxError>, PythonError> {
        let ask = async {
            let borrowed = self.borrow(limits, TO_LOAD).await?;
            match borrowed.load_and_give_back(&file.module).await {
                Err(PythonError::Worker(_)) => {}
                said => return said,
            }
            // That worker may have been broken before. If a new one breaks too, it is the file.
            let borrowed = self.borrow_new(limits, TO_LOAD).await?;
            match borrowed.load_and_give_back(&file.module).await {
                Err(PythonError::Worker(fault)) => Ok(Err(grange_macro_protocol::SyntaxError {
                    message: format!("the file breaks the worker when it is loaded ({fault})"),
                    line: 0,
                    column: 0,
                    text: String::new(),
                })),
                said => said,
            }
        };
        let said = async {
            let said = ask.await?;
            if let Err(error) = &said {
                let (file, line, why) = (file.path.display(), error.line, &error.message);
                tracing::warn!(%file, line, %why, "a macro's file does not load; an older version goes on if there is one");
            }
            Ok(said)
        };
        file.loaded.get_or_try_init(|| said).await.cloned()
    }
}

impl Borrowed {
    /// The worker.
    pub(super) fn worker(&mut self) -> &mut Worker {
        &mut self.worker
    }

    /// Gives it a module and it back; a broken worker is thrown away.
    async fn load_and_give_back(
        mut self,
        module: &Arc<Module>,
    ) -> Result<Result<Arc<Loaded>, grange_macro_protocol::SyntaxError>, PythonError> {
        let said = self.load(module).await;
        match said {
            Ok(_) => self.give_back(),
            Err(_) => self.throw_away(),
        }
        said
    }

    /// Gives it a module, whether or not it has it.
    pub(super) async fn load(
        &mut self,
        module: &Arc<Module>,
    ) -> Result<Result<Arc<Loaded>, grange_macro_protocol::SyntaxError>, PythonError> {
        match self.worker.load(module, TO_LOAD).await {
            Ok(FromWorker::Loaded(Ok(facts))) => {
                self.worker.note(module.id, true);
                Ok(loaded(module, facts))
            }
            Ok(FromWorker::Loaded(Err(error))) => Ok(Err(error)),
            Ok(FromWorker::Stuck { .. }) => {
                self.is_over = true;
                Ok(Err(stuck_while_loading()))
            }
            Ok(_) => Err(WorkerFault::OutOfTurn.into()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Back into the pool, unless it has run long enough.
    pub(super) fn give_back(mut self) {
        if self.is_over {
            return self.throw_away();
        }
        self.worker.jobs += 1;
        let Borrowed { pool, worker, .. } = self;
        match worker.jobs < MOST_JOBS {
            true => pool.put_idle(worker),
            false => pool.replace(worker.limits()),
        }
    }

    /// Ends it and starts another.
    pub(super) fn throw_away(self) {
        self.pool.note_broken();
        self.pool.replace(self.worker.limits());
    }
}

fn stuck_while_loading() -> grange_macro_protocol::SyntaxError {
    grange_macro_protocol::SyntaxError {
        message: "a step at the top level of the file takes more time than it may".to_owned(),
        line: 0,
        column: 0,
        text: String::new(),
    }
}

/// A module as it says it is; a dependency that is no word of ours is an error of the file.
fn loaded(
    module: &Arc<Module>,
    facts: grange_macro_protocol::ModuleFacts,
) -> Result<Arc<Loaded>, grange_macro_protocol::SyntaxError> {
    let words = facts
        .dependencies
        .clone()
        .unwrap_or_else(|| vec!["time".to_owned()]);
    let dependencies: Result<Vec<Dependency>, _> = words.iter().map(|word| Dependency::parse(word)).collect();
    match dependencies {
        Ok(dependencies) => Ok(Arc::new(Loaded {
            module: Arc::clone(module),
            facts,
            dependencies,
        })),
        Err(unknown) => Err(grange_macro_protocol::SyntaxError {
            message: format!("Dependencies: {unknown}"),
            line: 0,
            column: 0,
            text: String::new(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_beside_this_one_or_one_above() {
        let dir = tempfile::tempdir().unwrap();
        let this = dir.path().join("deps").join("test");
        assert!(matches!(WorkerProgram::beside(&this), WorkerProgram::Missing(_)));
        let program = dir.path().join("grange-macro-worker");
        std::fs::write(&program, "").unwrap();
        assert_eq!(WorkerProgram::beside(&this), WorkerProgram::At(program.clone()));
        assert_eq!(
            WorkerProgram::beside(&dir.path().join("grange")),
            WorkerProgram::At(program)
        );
    }

    #[tokio::test]
    async fn a_program_that_is_missing_or_says_nothing_is_an_error_and_no_wait() {
        let missing = WorkerProgram::Missing("nowhere".into());
        let pool = Arc::new(WorkerPool::new(missing));
        let refused = pool.borrow(Limits::default(), Duration::from_secs(1)).await;
        assert!(matches!(refused, Err(PythonError::NoWorker)));
        let silent = Arc::new(WorkerPool::new(WorkerProgram::At("/bin/true".into())));
        let refused = silent.borrow(Limits::default(), Duration::from_secs(1)).await;
        assert!(matches!(refused, Err(PythonError::Worker(_))));
    }
}

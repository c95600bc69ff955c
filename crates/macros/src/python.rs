//! Python macros: a file in a macro directory is a macro.
//!
//! The server never runs Python itself. [`pool`] keeps a few worker processes warm and replaces those that
//! break; [`library`] knows the files of a wiki and notices when one changes; [`run`] sends a run of
//! neighbouring calls to a worker in one message, answers what they ask with the viewer's rights, and takes
//! in what they changed; [`storage`] keeps what macros keep; [`meter`] counts what they cost, [`switches`] remembers which are turned off.
//!
//! For authors there are [`port`] (from MoinMoin's Python 2), [`cases`] (tests in docstrings) and [`tokens`];
//! they run nothing.
//!
//! Start reading at [`PythonMacros`], then `run.rs`. What is said over the pipe stands in
//! `grange-macro-protocol`; who answers there is the program `grange-macro-worker`.

pub mod cases;
mod catalog;
mod convert;
mod error;
mod facts;
pub mod hints;
pub mod library;
pub mod members;
pub mod meter;
mod moin_names;
pub mod pool;
pub mod port;
mod questions;
mod run;
pub mod storage;
pub mod switches;
mod taken_out;
pub mod tokens;
pub mod watch;
mod worker;

#[cfg(test)]
mod cases_tests;
#[cfg(test)]
mod tokens_tests;

use std::sync::Arc;
use std::time::Duration;

pub use grange_macro_protocol::{Entry, ModuleFacts, Parameter, SyntaxError, Value};
use tokio::sync::{Semaphore, SemaphorePermit};

use library::{Loaded, MacroFile, MacroLibrary};
use meter::MacroMeter;
use pool::WorkerPool;
use storage::MacroStorage;

pub use error::PythonError;
pub(crate) use run::{run_alone, run_together};

/// What the Python macros of one wiki need.
pub struct PythonMacros {
    /// The wiki's macro files.
    pub library: MacroLibrary,
    /// Who runs them.
    pub pool: Arc<WorkerPool>,
    /// What they keep.
    pub storage: MacroStorage,
    /// What they cost, and which of them are turned off.
    pub meter: Arc<MacroMeter>,
    /// What a call may use up.
    pub limits: PythonLimits,
    /// Settings of the wiki that macros may read as `request.cfg`.
    pub settings: Vec<(String, Value)>,
    /// How many of the pool's workers this wiki may keep busy.
    pub places: Semaphore,
}

impl PythonMacros {
    /// Another number after every change of a file, a catalog or a switch: what was made before is made anew.
    pub fn edition(&self) -> u64 {
        self.library.shelf().edition + self.meter.edition()
    }

    /// A place for one of the wiki's pages; others wait. Nobody closes the semaphore.
    async fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.acquire().await.ok()
    }

    /// What a worker says of a file, for tools: its facts, or the faulty line.
    ///
    /// # Errors
    /// * [`PythonError`]: no worker could be asked.
    pub async fn check(&self, file: &MacroFile) -> Result<Result<Arc<Loaded>, SyntaxError>, PythonError> {
        self.pool.load(file, run::call_limits(self)).await
    }

    /// The file in the version that runs for this viewer, loaded.
    ///
    /// # Errors
    /// * [`PythonError::Broken`] for those who may mend it, [`PythonError::Mending`] for others while no
    ///   version of it has compiled; an older one that did goes on serving them.
    pub(crate) async fn loaded(&self, file: &MacroFile, may_mend: bool) -> Result<Arc<Loaded>, PythonError> {
        match self.pool.load(file, run::call_limits(self)).await? {
            Ok(loaded) => Ok(loaded),
            Err(error) if may_mend => Err(PythonError::Broken(in_words(file, &error))),
            Err(_) => file.last_good().ok_or(PythonError::Mending),
        }
    }
}

/// `File.py, line 3: what is wrong`, the line and a caret below it.
fn in_words(file: &MacroFile, error: &SyntaxError) -> String {
    if error.line == 0 {
        return format!("{}: {}", file.module.file, error.message);
    }
    let before = error.column.saturating_sub(1) as usize;
    let caret = format!("{}^", " ".repeat(before.min(200)));
    format!(
        "{}, line {}: {}\n{}\n{caret}",
        file.module.file, error.line, error.message, error.text
    )
}

/// What one call of a Python macro may use up, and how many of a wiki's pages may run macros at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PythonLimits {
    /// Time by the clock on the wall.
    pub time: Duration,
    /// Memory.
    pub memory_bytes: u64,
}

/// So many of a page's calls are of Python macros; further ones show a box.
pub(crate) const MOST_CALLS: usize = 100;
/// So long do the Python macros of a page run together; further ones show a box. The page is to be answered within a
/// second, whatever they do.
pub(crate) const MOST_TIME: Duration = Duration::from_millis(800);

impl Default for PythonLimits {
    fn default() -> PythonLimits {
        PythonLimits {
            time: Duration::from_millis(300),
            memory_bytes: 64 << 20,
        }
    }
}

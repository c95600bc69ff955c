//! Python macros: a file in a macro directory is a macro.
//!
//! The server never runs Python itself. [`pool`] keeps a few worker processes warm and replaces those that
//! break; [`library`] knows the files of a wiki and notices when one changes; [`run`] sends a run of
//! neighbouring calls to a worker in one message, answers what they ask with the viewer's rights, and takes
//! in what they changed; [`storage`] keeps what macros keep; [`meter`] counts what they cost.
//!
//! Start reading at [`PythonMacros`], then `run.rs`. What is said over the pipe stands in
//! `grange-macro-protocol`; who answers there is the program `grange-macro-worker`.

mod catalog;
mod convert;
pub mod library;
pub mod meter;
pub mod pool;
mod questions;
mod run;
pub mod storage;
pub mod watch;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use grange_macro_protocol::Value;

use library::MacroLibrary;
use meter::MacroMeter;
use pool::WorkerPool;
use storage::MacroStorage;

pub use run::PythonError;
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
}

/// What one call of a Python macro may use up, and how many of a wiki's pages may run macros at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PythonLimits {
    /// Time by the clock on the wall.
    pub time: Duration,
    /// Memory.
    pub memory_bytes: u64,
}

impl Default for PythonLimits {
    fn default() -> PythonLimits {
        PythonLimits {
            time: Duration::from_millis(300),
            memory_bytes: 64 << 20,
        }
    }
}

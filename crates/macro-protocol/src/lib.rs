//! What the server and a macro worker say to each other over two pipes.
//!
//! The worker runs Python macros in a process of its own, so that none of them can block, bloat or crash
//! the server. The talk is a strict taking of turns:
//!
//! ```text
//! server                                   worker
//!   Hello(limits)              ─────────►
//!                              ◄─────────  Ready
//!   Load(module)               ─────────►                 once per module and worker
//!                              ◄─────────  Loaded(facts or the faulty line)
//!   Run(job: facts, calls)     ─────────►                 one for a run of neighbouring calls
//!                              ◄─────────  Ask(question)   as often as the macros need something
//!   Answer(value)              ─────────►
//!                              ◄─────────  Done(one result per call)
//!                                          or Stuck(results so far), and it ends
//! ```
//!
//! Start reading at [`ToWorker`] and [`FromWorker`]; [`frame`] says how a message becomes bytes.
//!
//! * *Invariant:* this crate knows neither the server nor the interpreter.
//! * *Invariant:* neither side trusts the other's bytes: a frame has a greatest length, and what cannot be
//!   read is an error and never a panic.

pub mod frame;
mod job;
pub mod keywords;
mod module;
pub mod names;
mod outcome;
mod question;
pub mod signs;
pub mod size;
mod value;

pub use job::{Call, Job, PageFacts, Person, SessionFacts, Visit};
pub use module::{Entry, Module, ModuleFacts, ModuleId, Parameter, SyntaxError};
pub use outcome::{CallResult, Failure, Limit, SessionChange, Touches};
pub use question::{Answer, Question, Right};
pub use value::Value;

use serde::{Deserialize, Serialize};

/// The version of this talk. Server and worker are built together; others refuse each other.
pub const VERSION: u32 = 5;

/// What the server says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToWorker {
    /// The first message: the version, and what a call may use up. It may come again between two jobs, when
    /// another wiki's limits hold; each is answered by [`FromWorker::Ready`].
    Hello(Limits),
    /// A module to compile and keep. A worker may forget it again; then it answers a job that wants it
    /// with [`FromWorker::Forgotten`].
    Load(Module),
    /// Calls to run, one after the other.
    Run(Box<Job>),
    /// The answer to the question just asked.
    Answer(Answer),
}

/// What the worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromWorker {
    /// The worker speaks this version and waits.
    Ready {
        /// [`VERSION`] of the worker.
        version: u32,
    },
    /// What the module is, or why it cannot be run.
    Loaded(Result<ModuleFacts, SyntaxError>),
    /// A macro needs something; the worker waits for the answer.
    Ask {
        /// Which of the job's calls is running.
        call: u32,
        /// What it needs.
        question: Question,
    },
    /// The results of a job's calls, in their order.
    Done(Vec<CallResult>),
    /// A call, or the loading of a module, does not come to an end and cannot be stopped. The worker ends with this.
    Stuck {
        /// The results of the job's calls before it.
        results: Vec<CallResult>,
        /// What the call had looked at before it got stuck.
        touched: Touches,
    },
    /// The job calls modules that the worker does not have (any more); nothing of it was run.
    Forgotten(Vec<ModuleId>),
}

/// What one call of a macro may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The version of the server's side.
    pub version: u32,
    /// Milliseconds by the clock on the wall, waiting for answers not counted.
    pub time_ms: u64,
    /// Bytes of memory beyond what the idle worker takes.
    pub memory_bytes: u64,
    /// How deep functions call each other.
    pub recursion: u32,
    /// Bytes of text that a call may give back.
    pub output_bytes: u32,
    /// Questions that a call may ask.
    pub questions: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            version: VERSION,
            time_ms: 300,
            memory_bytes: 64 << 20,
            recursion: 200,
            output_bytes: 1 << 20,
            questions: 1000,
        }
    }
}

//! One worker process: started, greeted, spoken to in turns.
//!
//! A worker that breaks the talk (a crash, junk, no answer in time) is dropped, which ends its process;
//! whoever used it says so in a box, and the pool starts another. Nothing here decides what is sent.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use grange_macro_protocol::frame::{self, FrameError};
use grange_macro_protocol::{FromWorker, Limits, Module, ModuleId, ToWorker, VERSION};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// How long a new process may take to say that it is ready.
const TO_START: Duration = Duration::from_secs(5);

/// Why a worker is of no more use.
#[derive(Debug, thiserror::Error)]
pub enum WorkerFault {
    /// The process ended or its pipe broke.
    #[error("the macro worker ended: {0}")]
    Ended(#[from] io::Error),
    /// It says what nobody can read.
    #[error("the macro worker cannot be understood: {0}")]
    Junk(#[from] FrameError),
    /// It says something else than its turn allows, or is of another version.
    #[error("the macro worker does not keep to the talk")]
    OutOfTurn,
    /// It did not answer in time.
    #[error("the macro worker did not answer in {0:?}")]
    TooLate(Duration),
}

/// A process and its pipes. Dropping it ends the process.
pub(super) struct Worker {
    _child: Child,
    to: ChildStdin,
    from: ChildStdout,
    limits: Limits,
    loaded: HashSet<ModuleId>,
    /// Jobs that it has run.
    pub(super) jobs: u32,
    buffer: Vec<u8>,
}

impl Worker {
    /// Starts a process and greets it.
    pub(super) async fn start(program: &Path, limits: Limits) -> Result<Worker, WorkerFault> {
        let mut child = Command::new(program)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(WorkerFault::OutOfTurn);
        };
        let mut worker = Worker {
            _child: child,
            to,
            from,
            limits,
            loaded: HashSet::new(),
            jobs: 0,
            buffer: Vec::new(),
        };
        worker.greet(limits).await?;
        Ok(worker)
    }

    /// Tells it what a call may use up, unless it knows.
    pub(super) async fn keep_to(&mut self, limits: Limits) -> Result<(), WorkerFault> {
        match self.limits == limits {
            true => Ok(()),
            false => self.greet(limits).await,
        }
    }

    async fn greet(&mut self, limits: Limits) -> Result<(), WorkerFault> {
        self.limits = limits;
        self.say(&ToWorker::Hello(limits)).await?;
        match self.hear(TO_START).await? {
            FromWorker::Ready { version: VERSION } => Ok(()),
            _ => Err(WorkerFault::OutOfTurn),
        }
    }

    /// What it keeps to.
    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether it has the module, as far as is known here.
    pub(super) fn has(&self, module: &ModuleId) -> bool {
        self.loaded.contains(module)
    }

    /// Notes that it has the module, or has it no more.
    pub(super) fn note(&mut self, module: ModuleId, kept: bool) {
        match kept {
            true => self.loaded.insert(module),
            false => self.loaded.remove(&module),
        };
    }

    /// Gives it a module; what it says of it.
    pub(super) async fn load(
        &mut self,
        module: &Arc<Module>,
        within: Duration,
    ) -> Result<FromWorker, WorkerFault> {
        self.say(&ToWorker::Load(module.as_ref().clone())).await?;
        self.hear(within).await
    }

    /// Sends a message.
    pub(super) async fn say(&mut self, message: &ToWorker) -> Result<(), WorkerFault> {
        let bytes = frame::encode(message)?;
        self.to.write_all(&bytes).await?;
        Ok(())
    }

    /// Waits for a message.
    pub(super) async fn hear(&mut self, within: Duration) -> Result<FromWorker, WorkerFault> {
        match timeout(within, self.read()).await {
            Ok(heard) => heard,
            Err(_) => Err(WorkerFault::TooLate(within)),
        }
    }

    async fn read(&mut self) -> Result<FromWorker, WorkerFault> {
        // Head and message arrive together nearly always: one read for both.
        self.buffer.clear();
        self.buffer.reserve(4096);
        let mut wanted = frame::HEAD;
        while self.buffer.len() < wanted {
            if self.from.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            if let Some(head) = self.buffer.first_chunk() {
                wanted = frame::HEAD + frame::length(*head)?;
            }
        }
        match self.buffer.len() == wanted {
            true => Ok(frame::decode(self.buffer.get(frame::HEAD..).unwrap_or_default())?),
            // It is not its turn to say two things.
            false => Err(WorkerFault::OutOfTurn),
        }
    }
}

//! The talk with the server: frames in, frames out, strictly in turn.

use std::io::{self, Read, Write};
use std::sync::Arc;

use grange_macro_protocol::frame::{self, HEAD};
use grange_macro_protocol::{Answer, FromWorker, Job, Limits, Question, ToWorker, VERSION};

use crate::api::{Gone, Server};
use crate::guard::Guard;
use crate::modules::Modules;
use crate::{load, run};

/// Beyond the limit that a macro is told of stands one that ends the process. Between them is room for what
/// the interpreter takes between two looks at the first one: its heap grows by some megabytes at a time.
const HEADROOM: usize = 32 << 20;

/// Why the talk ended before the server ended it.
#[derive(Debug, thiserror::Error)]
pub enum TalkError {
    /// What came is no message, or none that has its turn.
    #[error("the server says what cannot be understood")]
    Junk,
    /// The pipes.
    #[error(transparent)]
    Pipe(#[from] io::Error),
}

impl From<frame::FrameError> for TalkError {
    fn from(_: frame::FrameError) -> TalkError {
        TalkError::Junk
    }
}

/// Serves until the server closes its end.
///
/// # Errors
/// * [`TalkError`].
pub fn serve(input: impl Read, output: impl Write, guard: &Arc<Guard>) -> Result<(), TalkError> {
    let mut talk = Talk {
        input,
        output,
        call: 0,
        guard: Arc::clone(guard),
    };
    let mut limits = match talk.hear()? {
        Some(ToWorker::Hello(limits)) => limits,
        Some(_) => return Err(TalkError::Junk),
        None => return Ok(()),
    };
    talk.say(&FromWorker::Ready { version: VERSION })?;
    let mut modules = Modules::default();
    while let Some(message) = talk.hear()? {
        // The idle worker's size is what limits are counted from. Without the allocator there is no limit.
        let budget = usize::try_from(limits.memory_bytes)
            .ok()
            .map(|bytes| bytes.saturating_add(HEADROOM));
        let _ = monty_alloc::set_hard_limit(budget);
        match message {
            ToWorker::Load(module) => {
                let loaded = monty_types::allocate_into_baseline(|| {
                    load::load(&module, &limits, guard).map(|(facts, compiled)| {
                        modules.keep(module.id, compiled);
                        facts
                    })
                });
                guard.pause();
                talk.say(&FromWorker::Loaded(loaded))?;
            }
            ToWorker::Run(job) => {
                let reply = run_job(&job, &mut modules, &limits, &mut talk)?;
                guard.pause();
                talk.say(&reply)?;
            }
            ToWorker::Hello(next) => {
                limits = next;
                talk.say(&FromWorker::Ready { version: VERSION })?;
            }
            ToWorker::Answer(_) => return Err(TalkError::Junk),
        }
    }
    Ok(())
}

fn run_job(
    job: &Job,
    modules: &mut Modules,
    limits: &Limits,
    server: &mut dyn Server,
) -> Result<FromWorker, TalkError> {
    let wanted: Vec<_> = job.calls.iter().map(|call| call.module).collect();
    let missing = modules.missing(&wanted);
    if !missing.is_empty() {
        return Ok(FromWorker::Forgotten(missing));
    }
    match run::job(job, modules, limits, server) {
        Ok(results) => Ok(FromWorker::Done(results)),
        Err(Gone) => Err(TalkError::Junk),
    }
}

struct Talk<I, O> {
    input: I,
    output: O,
    call: u32,
    guard: Arc<Guard>,
}

impl<I: Read, O: Write> Talk<I, O> {
    /// The next message; nothing when the server has closed its end between two messages.
    fn hear(&mut self) -> Result<Option<ToWorker>, TalkError> {
        let mut head = [0; HEAD];
        let mut filled = 0;
        while let Some(rest) = head.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.input.read(rest) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(TalkError::Junk),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        let mut bytes = vec![0; frame::length(head)?];
        self.input.read_exact(&mut bytes)?;
        Ok(Some(frame::decode(&bytes)?))
    }

    fn say(&mut self, message: &FromWorker) -> Result<(), TalkError> {
        self.send(&frame::encode(message)?)
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), TalkError> {
        self.output.write_all(bytes)?;
        Ok(self.output.flush()?)
    }
}

impl<I: Read, O: Write> Server for Talk<I, O> {
    fn begin(&mut self, call: u32) {
        self.call = call;
    }

    fn guard(&self) -> &Guard {
        &self.guard
    }

    fn ask(&mut self, question: Question) -> Result<Answer, Gone> {
        let call = self.call;
        let Ok(asked) = frame::encode(&FromWorker::Ask { call, question }) else {
            return Ok(Answer(Err(
                "that is more than can be asked for at once".to_owned()
            )));
        };
        self.guard.pause();
        self.send(&asked).map_err(|_| Gone)?;
        let heard = self.hear();
        self.guard.go_on();
        match heard {
            Ok(Some(ToWorker::Answer(answer))) => Ok(answer),
            _ => Err(Gone),
        }
    }
}

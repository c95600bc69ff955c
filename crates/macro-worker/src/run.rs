//! The calls of a job, one after the other.
//!
//! Neighbouring calls of one file share an interpreter, as they would in one Python process: it is the same
//! visitor's view of the same page. What a call has looked at stays marked for those after it, because the
//! file may have kept it. A call that fails takes its interpreter with it, and what it did to the session;
//! the next one begins afresh, as does a call of another file and every call that uses storage or dicts.

use std::collections::HashMap;
use std::time::Duration;

use grange_macro_protocol::{Call, CallResult, Failure, Job, Limit, Limits, SessionChange, Touches};
use monty_types::MontyException;

use crate::api::{Again, Carried, Context, Gone, Outcome, Purpose, Running, Server, SessionState};
use crate::interpreter::{self, Log, Stop, Waiting};
use crate::modules::{Compiled, Modules};
use crate::source::in_our_words;
use crate::values;

/// How often a call runs again because others have changed its storage meanwhile.
const MOST_CONFLICTS: usize = 5;
/// How often a call starts in all: with the session, and once more for each dict or group that `[]` lacked.
const MOST_STARTS: usize = 60;
/// What the calls of a job may write together, in bytes: more is no page, and no message of the talk.
const MOST_WRITTEN: usize = 8 << 20;
/// The longest traceback, in bytes.
const MOST_TRACEBACK: usize = 16 << 10;
/// The longest message of an exception, in bytes. Visitors read it in a box, and each box of a page may be another.
const MOST_MESSAGE: usize = 2 << 10;

/// Runs a job whose modules are all there.
///
/// # Errors
/// * [`Gone`].
pub fn job(
    job: &Job,
    modules: &mut Modules,
    limits: &Limits,
    server: &mut dyn Server,
) -> Result<Vec<CallResult>, Gone> {
    let mut done = Done {
        results: Vec::with_capacity(job.calls.len()),
        session: SessionState::new(&job.session),
        left: Duration::from_millis(job.time_ms),
        written: 0,
        begun: Carried::default(),
    };
    let mut translations = HashMap::new();
    server.guard().begin();
    while let Some(call) = job.calls.get(done.results.len()) {
        let Some(module) = modules.find(&call.module).filter(|_| !done.left.is_zero()) else {
            let late = failed(Failure::Limit(Limit::Time));
            server.guard().keep(late.clone());
            done.results.push(late);
            continue;
        };
        let mut stretch = Stretch {
            calls: Calls { job, module, limits },
            server: &mut *server,
            translations: &mut translations,
            done: &mut done,
        };
        stretch.run(call)?;
    }
    Ok(done.results)
}

/// What a job has come to so far.
struct Done {
    results: Vec<CallResult>,
    session: SessionState,
    left: Duration,
    written: usize,
    /// What the next call has used up already, if it begins for the second time.
    begun: Carried,
}

impl Done {
    fn take(&mut self, result: CallResult) {
        self.left = self.left.saturating_sub(Duration::from_micros(result.micros));
        self.written += result.output.as_ref().map_or(0, String::len);
        self.written += result.session.iter().map(size).sum::<usize>();
        self.results.push(result);
    }
}

/// About as many bytes as the change takes in a message.
fn size(change: &SessionChange) -> usize {
    match change {
        SessionChange::Set(key, value) => key.len() + values::size(value),
        SessionChange::Remove(key) => key.len(),
        SessionChange::Reset | SessionChange::MarkChanged => 1,
    }
}

/// The calls of a job, and the module of the next one.
#[derive(Clone, Copy)]
struct Calls<'a> {
    job: &'a Job,
    module: &'a Compiled,
    limits: &'a Limits,
}

impl<'a> Calls<'a> {
    /// The call that comes next, if an interpreter that waits can run it.
    fn next(&self, last: &Call, done: &Done) -> Option<Running<'a>> {
        let call = self.job.calls.get(done.results.len())?;
        let can_go_on = self.module.goes_on && call.module == last.module && !done.left.is_zero();
        // Of wrong arguments it is told when it begins afresh.
        can_go_on.then(|| self.running(call, done).ok()).flatten()
    }

    fn running(&self, call: &'a Call, done: &Done) -> Result<Running<'a>, Failure> {
        let text = call.arguments.as_deref();
        let signature = self.module.signature.as_ref();
        let bound = signature.map(|signature| signature.bind(text.unwrap_or_default()));
        Ok(Running {
            name: &self.module.name,
            number: u32::try_from(done.results.len()).unwrap_or(u32::MAX),
            arguments: text,
            bound: bound.transpose().map_err(Failure::Arguments)?.unwrap_or_default(),
            time_ms: call.time_ms.min(self.limits.time_ms).min(millis(done.left)),
            output_bytes: (self.limits.output_bytes as usize).min(MOST_WRITTEN.saturating_sub(done.written)),
            written: done.written,
            purpose: Purpose::Call,
        })
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Calls of one module that follow each other, from the first one that has no result yet.
struct Stretch<'a> {
    calls: Calls<'a>,
    server: &'a mut dyn Server,
    translations: &'a mut HashMap<String, String>,
    done: &'a mut Done,
}

impl<'a> Stretch<'a> {
    /// Runs the first call, and those after it that the same interpreter can run.
    fn run(&mut self, first: &'a Call) -> Result<(), Gone> {
        let running = match self.calls.running(first, self.done) {
            Ok(running) => running,
            Err(failure) => {
                self.take(failed(failure));
                return Ok(());
            }
        };
        let mut carried = std::mem::take(&mut self.done.begun);
        carried.with_session = self.calls.module.reads_session.get();
        let mut conflicts = 0;
        for _ in 0..MOST_STARTS {
            match self.start(first, running.clone(), &mut carried)? {
                None => return Ok(()),
                Some(Again::WithSession) => carried.with_session = true,
                Some(Again::WithoutSession) => carried.with_session = false,
                Some(Again::WithLookups) => {}
                Some(Again::Conflict) if conflicts < MOST_CONFLICTS => conflicts += 1,
                Some(Again::Conflict) => {
                    let words =
                        "StorageConflict: others kept changing the same values of the macro's storage";
                    self.take(gave_up(words, &carried));
                    return Ok(());
                }
            }
        }
        let words = "RuntimeError: the macro looks up too many dicts and groups one after the other";
        self.take(gave_up(words, &carried));
        Ok(())
    }

    fn take(&mut self, result: CallResult) {
        self.server.guard().keep(result.clone());
        self.done.take(result);
    }

    /// One interpreter: calls until one fails or has to start over, or none is left that it can run. Says why
    /// the first call has to start over, if it has to.
    fn start(
        &mut self,
        first: &Call,
        running: Running<'_>,
        carried: &mut Carried,
    ) -> Result<Option<Again>, Gone> {
        let (calls, done) = (self.calls, &mut *self.done);
        let begun_at = done.results.len();
        let time_ms = running.time_ms.saturating_sub(millis(carried.ran));
        let session = std::mem::take(&mut done.session);
        let (server, translations) = (&mut *self.server, &mut *self.translations);
        let mut context = Context::new(
            calls.job,
            running,
            server,
            *calls.limits,
            session,
            carried,
            translations,
        );
        let mut log = Log::default();
        let mut ended = interpreter::run(
            &calls.module.program,
            calls.limits,
            time_ms,
            &mut context,
            &mut log,
        );
        let again = loop {
            let (output, waiting) = match judged(ended, &mut context, calls.module.lines) {
                Ok(came) => came,
                Err(Undone::Gone) => return Err(Gone),
                Err(Undone::Again(again)) => break Some(again),
            };
            if matches!(output, Err(Failure::Limit(Limit::Memory))) && done.results.len() > begun_at {
                // What its neighbours left may be what is too much: alone it has all the memory of a call.
                done.left = done.left.saturating_sub(context.ran());
                break None;
            }
            let has_failed = output.is_err();
            let result = result(output, &context, std::mem::take(&mut log));
            context.is_kept(&result);
            done.take(result);
            calls.module.reads_session.set(context.touched.session);
            let next = calls.next(first, done).filter(|_| !has_failed);
            let (Some(waiting), Some(next)) = (waiting, next) else {
                break None;
            };
            let time_ms = next.time_ms;
            context.next(next);
            ended = waiting.go_on(time_ms, &mut context, &mut log);
        };
        done.session = context.leave();
        if again.is_some() && done.results.len() > begun_at {
            // It was not the first call: it is the first one of the next interpreter.
            done.begun = std::mem::take(carried);
            calls.module.reads_session.set(again == Some(Again::WithSession));
            return Ok(None);
        }
        Ok(again)
    }
}

/// Why a call has no result.
enum Undone {
    Again(Again),
    Gone,
}

/// What a call made: its text and what it changed in the session.
type Output = Result<(String, Vec<SessionChange>), Failure>;

/// What a call came to, and its interpreter if that waits for another one.
fn judged(
    ended: Result<Option<Waiting>, Stop>,
    context: &mut Context<'_>,
    lines: u32,
) -> Result<(Output, Option<Waiting>), Undone> {
    let waiting = match ended {
        Ok(waiting) => waiting,
        Err(Stop::Gone) => return Err(Undone::Gone),
        Err(Stop::Again(again)) => return Err(Undone::Again(again)),
        // What it did with a session that it had no right to look at yet does not count.
        Err(_) if context.session_is_unread() => return Err(Undone::Again(Again::WithoutSession)),
        Err(stop) => return Ok((Err(failure(stop, lines)), None)),
    };
    let output = match context.outcome.take() {
        Some(Outcome::Text(text, changes)) => Ok((text, changes)),
        Some(Outcome::TooLong) => Err(Failure::Limit(Limit::Output)),
        Some(Outcome::NotText(kind)) => Err(Failure::NotText(kind)),
        None => Err(Failure::NotText("NoneType".to_owned())),
    };
    Ok((output, waiting))
}

fn result(output: Output, context: &Context<'_>, log: Log) -> CallResult {
    let (output, session) = match output {
        Ok((text, changes)) => (Ok(text), changes),
        Err(failure) => (Err(failure), Vec::new()),
    };
    CallResult {
        output,
        session,
        touched: context.touched,
        log: log.into_lines(),
        micros: u64::try_from(context.ran().as_micros()).unwrap_or(u64::MAX),
        memory: context.memory,
    }
}

fn gave_up(words: &str, carried: &Carried) -> CallResult {
    let raised = Failure::Raised {
        message: words.to_owned(),
        traceback: String::new(),
    };
    CallResult {
        micros: u64::try_from(carried.ran.as_micros()).unwrap_or(u64::MAX),
        touched: carried.touched,
        ..failed(raised)
    }
}

fn failed(failure: Failure) -> CallResult {
    CallResult {
        output: Err(failure),
        touched: Touches::default(),
        session: Vec::new(),
        log: Vec::new(),
        micros: 0,
        memory: 0,
    }
}

fn failure(stop: Stop, lines: u32) -> Failure {
    match stop {
        Stop::Limit(limit) => Failure::Limit(limit),
        Stop::Raised(raised) => Failure::Raised {
            message: cut(in_our_words(raised.summary()), MOST_MESSAGE),
            traceback: traceback(&raised, lines),
        },
        Stop::Broken | Stop::Gone | Stop::Again(_) => Failure::Raised {
            message: "SystemError: the interpreter failed".to_owned(),
            traceback: String::new(),
        },
    }
}

/// The traceback with the file's own lines only.
fn traceback(raised: &MontyException, lines: u32) -> String {
    let own = raised
        .traceback()
        .iter()
        .filter(|frame| frame.start.line <= lines);
    let own: Vec<_> = own.cloned().collect();
    let own = MontyException::with_traceback(raised.exc_type(), raised.message().map(str::to_owned), own);
    cut(in_our_words(own.to_string()), MOST_TRACEBACK)
}

/// The text, with `…` for what goes beyond `most` bytes.
fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push('…');
    }
    text
}

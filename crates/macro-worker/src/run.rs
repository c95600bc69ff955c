//! The calls of a job, one after the other.
//!
//! Each call has an interpreter of its own, so that nothing is left for the next one but what the session
//! carries: that is the visitor's and goes from call to call. What a failed call did to it is dropped.

use std::collections::HashMap;
use std::time::Duration;

use grange_macro_protocol::{Call, CallResult, Failure, Job, Limit, Limits, Touches};
use monty_types::{MontyException, MontyObject};

use crate::api::{Again, Carried, Context, Gone, Outcome, Purpose, Running, Server, SessionState};
use crate::interpreter::{self, Log, Stop};
use crate::modules::{Compiled, Modules};

/// How often a call runs again because others have changed its storage meanwhile.
const MOST_CONFLICTS: usize = 5;
/// How often a call starts in all: with the session, and once more for each dict or group that `[]` lacked.
const MOST_STARTS: usize = 60;
/// What the calls of a job may write together, in bytes: more is no page, and no message of the talk.
const MOST_WRITTEN: usize = 8 << 20;
/// The longest traceback, in bytes.
const MOST_TRACEBACK: usize = 16 << 10;

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
    let mut session = SessionState::new(&job.session);
    let mut translations = HashMap::new();
    let mut results = Vec::with_capacity(job.calls.len());
    let mut left = Duration::from_millis(job.time_ms);
    let mut written = 0;
    for (number, call) in (0_u32..).zip(&job.calls) {
        if left.is_zero() {
            results.push(failed(Failure::Limit(Limit::Time)));
            continue;
        }
        server.begin(number);
        let Some(module) = modules.find(&call.module) else {
            continue;
        };
        let mut attempt = Attempt {
            job,
            call,
            module,
            limits,
            server: &mut *server,
            translations: &mut translations,
        };
        let (mut result, after) = attempt.run(&session)?;
        left = left.saturating_sub(Duration::from_micros(result.micros));
        written += result.output.as_ref().map_or(0, String::len);
        if written > MOST_WRITTEN {
            // Neither is what it did to the session.
            result.output = Err(Failure::Limit(Limit::Output));
            result.session.clear();
        } else {
            session = after;
        }
        results.push(result);
    }
    Ok(results)
}

struct Attempt<'a> {
    job: &'a Job,
    call: &'a Call,
    module: &'a Compiled,
    limits: &'a Limits,
    server: &'a mut dyn Server,
    translations: &'a mut HashMap<String, String>,
}

impl Attempt<'_> {
    /// The result, and the session as it is afterwards.
    fn run(&mut self, session: &SessionState) -> Result<(CallResult, SessionState), Gone> {
        let text = self.call.arguments.as_deref().unwrap_or_default();
        let bound = match self
            .module
            .signature
            .as_ref()
            .map(|signature| signature.bind(text))
        {
            Some(Err(words)) => return Ok((failed(Failure::Arguments(words)), session.clone())),
            Some(Ok(bound)) => bound,
            None => Vec::new(),
        };
        let mut carried = Carried::default();
        carried.with_session = self.module.reads_session.get();
        let mut conflicts = 0;
        for _ in 0..MOST_STARTS {
            match self.once(session, &bound, &mut carried)? {
                Started::Done(result, after) => {
                    self.module.reads_session.set(result.touched.session);
                    return Ok((*result, *after));
                }
                Started::Again(Again::WithSession) => carried.with_session = true,
                Started::Again(Again::WithoutSession) => carried.with_session = false,
                Started::Again(Again::WithLookups) => {}
                Started::Again(Again::Conflict) if conflicts < MOST_CONFLICTS => conflicts += 1,
                Started::Again(Again::Conflict) => {
                    let words =
                        "StorageConflict: others kept changing the same values of the macro's storage";
                    return Ok((gave_up(words, &carried), session.clone()));
                }
            }
        }
        let words = "RuntimeError: the macro looks up too many dicts and groups one after the other";
        Ok((gave_up(words, &carried), session.clone()))
    }

    fn once(
        &mut self,
        session: &SessionState,
        bound: &[(String, MontyObject)],
        carried: &mut Carried,
    ) -> Result<Started, Gone> {
        let running = Running {
            name: &self.module.name,
            arguments: self.call.arguments.as_deref(),
            bound,
            time_ms: self.call.time_ms,
            purpose: Purpose::Call,
        };
        let spent = u64::try_from(carried.ran.as_millis()).unwrap_or(u64::MAX);
        let time_ms = self.call.time_ms.min(self.limits.time_ms).saturating_sub(spent);
        let (server, translations) = (&mut *self.server, &mut *self.translations);
        let mut context = Context::new(
            self.job,
            running,
            server,
            *self.limits,
            session.clone(),
            carried,
            translations,
        );
        let mut log = Log::default();
        let ended = interpreter::run(&self.module.program, self.limits, time_ms, &mut context, &mut log);
        let output = match (ended, context.outcome.take()) {
            (Err(Stop::Gone), _) => return Err(Gone),
            (Err(Stop::Again(again)), _) => {
                context.carry();
                return Ok(Started::Again(again));
            }
            // What it did with a session that it had no right to look at yet does not count.
            (Err(_), _) if context.session_is_unread() => {
                context.carry();
                return Ok(Started::Again(Again::WithoutSession));
            }
            (Err(stop), _) => Err(failure(stop, self.module.lines)),
            (Ok(()), Some(Outcome::Text(text, changes))) => Ok((text, changes)),
            (Ok(()), Some(Outcome::TooLong)) => Err(Failure::Limit(Limit::Output)),
            (Ok(()), Some(Outcome::NotText(kind))) => Err(Failure::NotText(kind)),
            (Ok(()), None) => Err(Failure::NotText("NoneType".to_owned())),
        };
        let mut result = failed(Failure::NotText(String::new()));
        result.touched = context.touched;
        result.micros = u64::try_from(context.ran().as_micros()).unwrap_or(u64::MAX);
        result.memory = context.memory;
        result.log = log.into_lines();
        let after = match output {
            Ok((text, changes)) => {
                result.output = Ok(text);
                result.session = changes;
                context.into_session()
            }
            Err(failure) => {
                result.output = Err(failure);
                session.clone()
            }
        };
        Ok(Started::Done(Box::new(result), Box::new(after)))
    }
}

/// What a start of a call came to.
enum Started {
    Done(Box<CallResult>, Box<SessionState>),
    Again(Again),
}

fn gave_up(words: &str, carried: &Carried) -> CallResult {
    let raised = Failure::Raised {
        message: words.to_owned(),
        traceback: String::new(),
    };
    CallResult {
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
            message: raised.summary(),
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
    let mut text =
        MontyException::with_traceback(raised.exc_type(), raised.message().map(str::to_owned), own)
            .to_string();
    if text.len() > MOST_TRACEBACK {
        let end = (0..=MOST_TRACEBACK)
            .rev()
            .find(|end| text.is_char_boundary(*end))
            .unwrap_or(0);
        text.truncate(end);
    }
    text
}

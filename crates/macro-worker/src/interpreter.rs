//! One program from its start to its end: the interpreter stops whenever it needs something, is given it,
//! and goes on.
//!
//! Whatever happens in there ends here as a value: an exception, a limit, even a panic of the interpreter.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use grange_macro_protocol::{Limit, Limits};
use monty::{FunctionCall, RunProgress};
use monty_types::{
    ExcType, ExtFunctionResult, MontyException, MontyObject, NameLookupResult, PrintWriter,
    PrintWriterCallback, ResourceLimits, ResourceTracker,
};

use crate::api::{Again, Context, Thing, Trouble};
use crate::source::Program;

/// How many printed lines are kept.
const MOST_LINES: usize = 100;
/// How long each may be, in characters.
const MOST_SIGNS: usize = 500;

/// Why a program did not come to its end.
#[derive(Debug)]
pub enum Stop {
    /// An exception that nobody caught.
    Raised(Box<MontyException>),
    /// A limit.
    Limit(Limit),
    /// The interpreter itself failed.
    Broken,
    /// The call has to start over.
    Again(Again),
    /// The server is gone.
    Gone,
}

/// What a program printed.
#[derive(Debug, Default)]
pub struct Log {
    lines: Vec<String>,
    line: String,
    signs: usize,
}

impl Log {
    fn push(&mut self, sign: char) {
        if sign == '\n' {
            self.end_line();
        } else if self.signs < MOST_SIGNS && self.lines.len() < MOST_LINES {
            self.line.push(sign);
            self.signs += 1;
        }
    }

    fn end_line(&mut self) {
        if self.lines.len() < MOST_LINES {
            self.lines.push(std::mem::take(&mut self.line));
        }
        self.signs = 0;
    }

    /// The lines.
    #[must_use]
    pub fn into_lines(mut self) -> Vec<String> {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.lines
    }
}

impl PrintWriterCallback for Log {
    fn stdout_write(&mut self, output: Cow<'_, str>) -> Result<(), MontyException> {
        output.chars().for_each(|sign| self.push(sign));
        Ok(())
    }

    fn stdout_push(&mut self, end: char) -> Result<(), MontyException> {
        self.push(end);
        Ok(())
    }
}

/// An interpreter whose macro has come to the end of a call. It can be given the next one; what the macro
/// keeps in its names is still there.
pub struct Waiting(Box<FunctionCall>);

/// Runs a program until its call ends; nothing waits where the program itself has ended.
///
/// # Errors
/// * [`Stop`].
pub fn run(
    program: &Program,
    limits: &Limits,
    time_ms: u64,
    context: &mut Context<'_>,
    log: &mut Log,
) -> Result<Option<Waiting>, Stop> {
    let tracker = ResourceTracker::new(ResourceLimits {
        max_feed_duration: Some(Duration::from_millis(time_ms)),
        max_memory: usize::try_from(limits.memory_bytes).ok(),
        max_recursion_depth: limits.recursion as usize,
        ..ResourceLimits::default()
    });
    context.is_watched_for(Duration::from_millis(time_ms));
    caught(|| {
        let host = context.object(Thing::Host);
        let (run, given) = program.start(host);
        let begun = run.start(given, tracker, PrintWriter::Callback(log));
        drive(begun, context, log)
    })
}

impl Waiting {
    /// Runs the context's next call, for this long at most.
    ///
    /// # Errors
    /// * [`Stop`].
    pub fn go_on(
        self,
        time_ms: u64,
        context: &mut Context<'_>,
        log: &mut Log,
    ) -> Result<Option<Waiting>, Stop> {
        context.is_watched_for(Duration::from_millis(time_ms));
        caught(|| {
            let mut end = self.0;
            end.tracker_mut()
                .set_max_feed_duration(Duration::from_millis(time_ms));
            let next = ExtFunctionResult::Return(context.raw_arguments());
            let begun = end.resume(next, PrintWriter::Callback(log));
            drive(begun, context, log)
        })
    }
}

/// A panic of the interpreter ends here. Nothing that is used afterwards can be left half done: of the context only
/// its marks count then, and the session as it was before the call.
fn caught(run: impl FnOnce() -> Result<Option<Waiting>, Stop>) -> Result<Option<Waiting>, Stop> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(Err(Stop::Broken))
}

fn drive(
    mut step: Result<RunProgress, MontyException>,
    context: &mut Context<'_>,
    log: &mut Log,
) -> Result<Option<Waiting>, Stop> {
    loop {
        let progress = step.map_err(|raised| stop(Box::new(raised)))?;
        step = match progress {
            RunProgress::Complete(_) => return Ok(None),
            RunProgress::FunctionCall(call) => {
                let reply = answer(context.call(call.object_id, &call.function_name, &call.args))?;
                if context.outcome.is_some() {
                    return Ok(Some(Waiting(Box::new(call))));
                }
                call.resume(reply, PrintWriter::Callback(log))
            }
            RunProgress::OsCall(call) => {
                let reply = context.system(&call.function_call);
                call.resume(answer(reply)?, PrintWriter::Callback(log))
            }
            RunProgress::NameLookup(lookup) => {
                let found = match lookup.object_id() {
                    Some(id) => context.attribute(id, &lookup.name),
                    None => Ok(context.global(&lookup.name)),
                };
                lookup.resume(found_or_raised(found)?, PrintWriter::Callback(log))
            }
            RunProgress::ResolveFutures(futures) => {
                let nothing = "A macro has nothing to wait for.".to_owned();
                let raised = MontyException::new(ExcType::RuntimeError, Some(nothing));
                futures.abort(raised, PrintWriter::Callback(log))
            }
        };
    }
}

fn answer(reply: Result<MontyObject, Trouble>) -> Result<ExtFunctionResult, Stop> {
    match reply {
        Ok(value) => Ok(ExtFunctionResult::Return(value)),
        Err(Trouble::Raise(raised)) => Ok(ExtFunctionResult::Error(*raised)),
        Err(Trouble::Limit(limit)) => Err(Stop::Limit(limit)),
        Err(Trouble::Again(why)) => Err(Stop::Again(why)),
        Err(Trouble::Gone) => Err(Stop::Gone),
    }
}

fn found_or_raised(found: Result<Option<MontyObject>, Trouble>) -> Result<NameLookupResult, Stop> {
    match found {
        Ok(found) => Ok(found.into()),
        Err(Trouble::Raise(raised)) => Ok(NameLookupResult::Error(*raised)),
        Err(Trouble::Limit(limit)) => Err(Stop::Limit(limit)),
        Err(Trouble::Again(why)) => Err(Stop::Again(why)),
        Err(Trouble::Gone) => Err(Stop::Gone),
    }
}

/// The interpreter tells of its limits by exceptions that no macro can catch.
fn stop(raised: Box<MontyException>) -> Stop {
    let words = raised.message().unwrap_or_default();
    match raised.exc_type() {
        ExcType::TimeoutError if words.contains("time limit exceeded") => Stop::Limit(Limit::Time),
        ExcType::MemoryError if words.starts_with("memory limit exceeded") => Stop::Limit(Limit::Memory),
        ExcType::RecursionError if words.contains("recursion depth exceeded") => {
            Stop::Limit(Limit::Recursion)
        }
        _ => Stop::Raised(raised),
    }
}

//! Ends the process when a single step of the interpreter takes longer than the whole call may.
//!
//! The interpreter looks at its time limit between two steps. One step can take very long (a power with tens of
//! millions of digits, a regular expression that tries everything), and nothing interrupts it. So the main thread, which
//! has nothing else to do, watches the clock: when a call is over its time, it hands the server the results of the
//! calls before it and ends the process. The server starts another one.
//! Start reading at [`Guard::stand`].

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use grange_macro_protocol::{CallResult, FromWorker, Touches, frame};

/// Beyond its time, so long may a call take to notice by itself that it is over.
const SLACK: Duration = Duration::from_millis(50);

/// What is watched, shared by the thread that runs macros and the one that watches it.
#[derive(Default)]
pub struct Guard {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// When the running call has to be over; nothing while none runs.
    deadline: Option<Instant>,
    /// What is left of it while the server answers a question.
    paused: Option<Duration>,
    /// When the watching thread looks next by itself; nothing while it waits to be woken.
    looks_at: Option<Instant>,
    /// The results of the running job so far.
    results: Vec<CallResult>,
    /// What the running call has looked at so far.
    touched: Touches,
    /// There is nothing more to watch.
    is_over: bool,
}

/// Ends the watch with the thread that runs macros, even when that panics.
pub struct Watched(pub Arc<Guard>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.changed.notify_all();
    }
}

impl Guard {
    /// Another job begins: it has no results yet.
    pub fn begin(&self) {
        self.lock().results.clear();
    }

    /// The running call has looked at this much.
    pub fn looked(&self, at: Touches) {
        self.lock().touched = at;
    }

    /// A call begins that may take this long.
    pub fn arm(&self, time: Duration) {
        self.watch_until(Instant::now() + time + SLACK, &mut self.lock());
    }

    /// Nothing runs, or the server has to answer before anything goes on.
    pub fn pause(&self) {
        let mut state = self.lock();
        let deadline = state.deadline.take();
        state.paused = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    }

    /// The server has answered.
    pub fn go_on(&self) {
        let mut state = self.lock();
        if let Some(left) = state.paused.take() {
            self.watch_until(Instant::now() + left, &mut state);
        }
    }

    /// A call is over and another one follows in the same job.
    pub fn keep(&self, result: CallResult) {
        self.lock().results.push(result);
    }

    /// Wakes the watching thread only if it would look too late by itself, which under load it never does.
    fn watch_until(&self, deadline: Instant, state: &mut State) {
        state.deadline = Some(deadline);
        if state.looks_at.is_none_or(|looks_at| deadline < looks_at) {
            self.changed.notify_all();
        }
    }

    /// Watches until the work is over. Does not come back from a call that is over its time.
    pub fn stand(&self) {
        let mut state = self.lock();
        while !state.is_over {
            let now = Instant::now();
            state = match state.deadline {
                None => {
                    state.looks_at = None;
                    self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
                }
                Some(deadline) if now < deadline => {
                    state.looks_at = Some(deadline);
                    let waited = self.changed.wait_timeout(state, deadline - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                // With the lock in hand: the other thread says nothing any more.
                Some(_) => give_up(std::mem::take(&mut state.results), state.touched),
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says what there is, and ends the process.
fn give_up(results: Vec<CallResult>, touched: Touches) -> ! {
    // Where even this fails, the server sees that the pipe is closed.
    if let Ok(bytes) = frame::encode(&FromWorker::Stuck { results, touched }) {
        let mut output = io::stdout();
        let _ = output.write_all(&bytes).and_then(|()| output.flush());
    }
    std::process::exit(i32::from(STUCK))
}

/// The exit code of a process that gave up.
pub const STUCK: u8 = 4;

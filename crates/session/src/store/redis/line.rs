//! One connection to a Redis for all requests of one runtime: made at first use, made anew when lost.
//!
//! It runs where its requests run. On a thread of its own each question would wake that thread, and each
//! answer the thread that asked, which costs several times what asking does. While the server is out of
//! reach one attempt at a time is made to reach it, a few times a second; whoever asks meanwhile is told so
//! at once. Start at `Line::wire`.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::runtime::{self, Handle};
use tokio::sync::{oneshot, watch};

use super::address::RedisAddress;
use super::connect::connect;
use super::pipe::Pipe;

/// How long anybody waits for an answer.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(1);
/// Between two attempts to reach a server that is down.
const PAUSE: Duration = Duration::from_millis(200);
/// A connection that was idle so long is asked whether it still stands, before anything is changed over it.
const IDLE: Duration = Duration::from_secs(2);

/// The way from one runtime to one Redis.
pub(super) struct Line {
    address: Arc<RedisAddress>,
    runtime: runtime::Id,
    /// Its receiver lives as long as the runtime.
    runtime_ended: oneshot::Sender<Infallible>,
    state: Mutex<State>,
    /// Milliseconds from `begun` to the last answer.
    answered: AtomicU64,
    begun: Instant,
}

/// A connection that can be cloned and used by many at once.
#[derive(Clone)]
pub(super) enum Wire {
    Plain(Pipe),
    Tls(MultiplexedConnection),
    Cluster(ClusterConnection),
}

enum State {
    Unused,
    Trying { outcome: Outcome, before: Before },
    Up { wire: Wire, number: u64 },
    Down { why: Arc<RedisError>, since: Instant },
}

/// Closes a line's connection when it is dropped.
struct HungUp(Weak<Line>);

impl Drop for HungUp {
    fn drop(&mut self) {
        if let Some(line) = self.0.upgrade() {
            *line.state() = State::Unused;
        }
    }
}

/// What was known of the server before an attempt.
#[derive(Clone)]
enum Before {
    Nothing,
    Down(Arc<RedisError>),
}

type Outcome = watch::Receiver<Option<Result<(), Arc<RedisError>>>>;

/// What somebody who wants a connection finds.
enum Found {
    Wire(Wire, u64),
    Wait(Outcome),
    Down(Arc<RedisError>),
}

impl Line {
    /// A line for what runs on this runtime.
    pub(super) fn on(runtime: &Handle, address: &Arc<RedisAddress>) -> Arc<Line> {
        let (runtime_ended, ended) = oneshot::channel::<Infallible>();
        let line = Arc::new(Line {
            address: Arc::clone(address),
            runtime: runtime.id(),
            runtime_ended,
            state: Mutex::new(State::Unused),
            answered: AtomicU64::new(0),
            begun: Instant::now(),
        });
        let hung_up = HungUp(Arc::downgrade(&line));
        drop(runtime.spawn(async move {
            let _hung_up = hung_up;
            // Ends with the line, or is dropped with the runtime.
            _ = ended.await;
        }));
        line
    }

    /// Whether this is the line of that runtime, which is running.
    pub(super) fn serves(&self, runtime: runtime::Id) -> bool {
        self.runtime == runtime && !self.is_cut()
    }

    /// Whether its runtime has ended, and its connection with it.
    pub(super) fn is_cut(&self) -> bool {
        self.runtime_ended.is_closed()
    }

    /// A connection that stands, as far as can be known, and its number for [`Line::note`].
    pub(super) async fn wire(self: &Arc<Self>) -> Result<(Wire, u64), RedisError> {
        let (mut wire, number) = self.any_wire().await?;
        // A cluster's connection looks after itself, and answers only while all of its servers do.
        if self.idle() < IDLE || matches!(wire, Wire::Cluster(_)) {
            return Ok((wire, number));
        }
        let answer = wire.ask(&redis::cmd("PING")).await;
        self.note(&answer, number);
        match answer {
            Ok(_) => Ok((wire, number)),
            Err(_) => self.any_wire().await,
        }
    }

    async fn any_wire(self: &Arc<Self>) -> Result<(Wire, u64), RedisError> {
        let outcome = match self.find() {
            Found::Wire(wire, number) => return Ok((wire, number)),
            Found::Down(why) => return Err((*why).clone()),
            Found::Wait(outcome) => outcome,
        };
        wait_for(outcome).await?;
        match self.state().clone_wire() {
            Some(found) => Ok(found),
            // It came and went.
            None => Err(io::Error::from(io::ErrorKind::BrokenPipe).into()),
        }
    }

    fn find(self: &Arc<Self>) -> Found {
        let mut state = self.state();
        let before = match &*state {
            State::Up { wire, number } => return Found::Wire(wire.clone(), *number),
            // Whoever tried is gone without a word.
            State::Trying { outcome, .. } if outcome.has_changed().is_err() => Before::Nothing,
            State::Trying {
                outcome,
                before: Before::Nothing,
            } => return Found::Wait(outcome.clone()),
            State::Trying {
                before: Before::Down(why),
                ..
            } => return Found::Down(Arc::clone(why)),
            State::Down { why, since } if since.elapsed() < PAUSE => return Found::Down(Arc::clone(why)),
            State::Down { why, .. } => Before::Down(Arc::clone(why)),
            State::Unused => Before::Nothing,
        };
        let (told, outcome) = watch::channel(None);
        *state = State::Trying {
            outcome: outcome.clone(),
            before,
        };
        drop(state);
        let line = Arc::clone(self);
        // Not in the request: it may be given up any time, and the connection serves all.
        drop(tokio::spawn(async move {
            let result = line.connect().await;
            told.send_replace(Some(result));
        }));
        Found::Wait(outcome)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is one assignment; poisoned or not, it is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self) -> Result<(), Arc<RedisError>> {
        let result = connect(&self.address).await.map_err(Arc::new);
        let mut state = self.state();
        match result {
            Ok(wire) => {
                let number = self.note_answer();
                *state = State::Up { wire, number };
                Ok(())
            }
            Err(why) => {
                *state = State::Down {
                    why: Arc::clone(&why),
                    since: Instant::now(),
                };
                Err(why)
            }
        }
    }

    /// Gives a connection up that does not stand any more.
    pub(super) fn note(&self, answer: &Result<Value, RedisError>, number: u64) {
        let error = match answer {
            Err(error) if is_outage(error) => error,
            _ => {
                self.note_answer();
                return;
            }
        };
        let mut state = self.state();
        let is_lost = match &*state {
            // One of several servers may be down while the others answer.
            State::Up {
                wire: Wire::Cluster(_),
                number: found,
            } => *found == number && self.idle() >= ANSWER_LIMIT,
            State::Up { number: found, .. } => *found == number,
            _ => false,
        };
        if is_lost {
            *state = State::Down {
                why: Arc::new(error.clone()),
                // The next one tries at once: it may have been this connection alone.
                since: Instant::now().checked_sub(PAUSE).unwrap_or_else(Instant::now),
            };
        }
    }

    fn note_answer(&self) -> u64 {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.answered.fetch_max(now, Ordering::Relaxed).max(now)
    }

    fn idle(&self) -> Duration {
        let answered = Duration::from_millis(self.answered.load(Ordering::Relaxed));
        self.begun.elapsed().saturating_sub(answered)
    }
}

async fn wait_for(mut outcome: Outcome) -> Result<(), RedisError> {
    let result = outcome.wait_for(Option::is_some).await;
    let result = result.map(|result| result.clone());
    match result {
        Ok(Some(Err(why))) => Err((*why).clone()),
        Ok(_) => Ok(()),
        Err(_) => Err(io::Error::from(io::ErrorKind::BrokenPipe).into()),
    }
}

impl Wire {
    pub(super) async fn ask(&mut self, command: &Cmd) -> Result<Value, RedisError> {
        match self {
            Wire::Plain(pipe) => pipe.ask(command).await,
            Wire::Tls(wire) => in_time(command.query_async(wire)).await,
            Wire::Cluster(wire) => in_time(command.query_async(wire)).await,
        }
    }
}

async fn in_time(answer: impl Future<Output = Result<Value, RedisError>>) -> Result<Value, RedisError> {
    let mut answer = pin!(answer);
    // In two halves: should somebody hold this thread up for longer than either, the connection, which
    // runs on it too, has its turn in between, and what the server said meanwhile is heard.
    for _ in 0..2 {
        if let Ok(answer) = tokio::time::timeout(ANSWER_LIMIT / 2, answer.as_mut()).await {
            return answer;
        }
    }
    Err(io::Error::from(io::ErrorKind::TimedOut).into())
}

impl State {
    fn clone_wire(&self) -> Option<(Wire, u64)> {
        match self {
            State::Up { wire, number } => Some((wire.clone(), *number)),
            _ => None,
        }
    }
}

/// The server, or the way to it, is not what it should be; another connection may be.
fn is_outage(error: &RedisError) -> bool {
    let by_server = match error.kind() {
        ErrorKind::Server(kind) => matches!(
            kind,
            ServerErrorKind::BusyLoading | ServerErrorKind::MasterDown | ServerErrorKind::ReadOnly
        ),
        _ => error.is_unrecoverable_error() || error.is_timeout() || error.is_io_error(),
    };
    by_server || error.code() == Some("NOAUTH")
}

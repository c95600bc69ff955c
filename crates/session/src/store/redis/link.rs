//! The way to a Redis: one connection that all requests share, made at first use and made anew when lost.
//!
//! Every question has a time limit, and while the server is out of reach one attempt at a time is made to
//! reach it, a few times a second; whoever asks meanwhile is told so at once. Nothing is ever sent twice
//! that may have been done already: after an error a change may or may not have happened. What a server
//! certainly did not do (a key that moved within the cluster, an unknown script) is asked again. Start at
//! `Link::run`.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::sync::watch;

use super::address::RedisAddress;
use super::connect::connect;
use super::scripts::Call;
use crate::store::StoreError;
use crate::store::background::Background;

/// How long anybody waits for an answer.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(1);
/// Between two attempts to reach a server that is down.
const PAUSE: Duration = Duration::from_millis(200);
/// A connection that was idle so long is asked whether it still stands, before anything is changed over it.
const IDLE: Duration = Duration::from_secs(2);
/// Between two tries while a cluster rearranges itself.
const REARRANGING: Duration = Duration::from_millis(50);

/// The way to one Redis.
pub(super) struct Link {
    shared: Arc<Shared>,
    background: Background,
}

struct Shared {
    address: RedisAddress,
    state: Mutex<State>,
    /// Milliseconds from `begun` to the last answer.
    answered: AtomicU64,
    begun: Instant,
}

/// A connection that can be cloned and used by many at once.
#[derive(Clone)]
pub(super) enum Wire {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

enum State {
    Unused,
    Trying { outcome: Outcome, before: Before },
    Up { wire: Wire, number: u64 },
    Down { why: Arc<RedisError>, since: Instant },
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

impl Link {
    pub(super) fn to(address: RedisAddress) -> Link {
        Link {
            shared: Arc::new(Shared {
                address,
                state: Mutex::new(State::Unused),
                answered: AtomicU64::new(0),
                begun: Instant::now(),
            }),
            background: Background::named("grange-redis"),
        }
    }

    /// Runs a script.
    pub(super) async fn run(&self, call: &Call<'_>) -> Result<Value, StoreError> {
        let begun = Instant::now();
        loop {
            let answer = match self.ask(&call.by_name()).await {
                Err(error) if says(&error, ServerErrorKind::NoScript) => self.ask(&call.in_full()).await,
                answer => answer,
            };
            match answer {
                Err(error) if was_not_done(&error) && begun.elapsed() < ANSWER_LIMIT => {
                    tokio::time::sleep(REARRANGING).await;
                }
                answer => return answer.map_err(down),
            }
        }
    }

    /// Runs a script that changes nothing, once more if the connection was lost meanwhile: it may have been
    /// idle for long, and this is what every request begins with.
    pub(super) async fn run_twice_if_lost(&self, call: &Call<'_>) -> Result<Value, StoreError> {
        match self.run(call).await {
            Err(StoreError::Down(why)) if was_lost(&*why) => self.run(call).await,
            answer => answer,
        }
    }

    /// Sends one command.
    pub(super) async fn command(&self, command: &Cmd) -> Result<Value, StoreError> {
        self.ask(command).await.map_err(down)
    }

    async fn ask(&self, command: &Cmd) -> Result<Value, RedisError> {
        let (wire, number) = self.wire().await?;
        let answer = wire.ask(command).await;
        self.shared.note(&answer, number);
        answer
    }

    /// A connection that stands, as far as can be known.
    async fn wire(&self) -> Result<(Wire, u64), RedisError> {
        let (wire, number) = self.any_wire().await?;
        // A cluster's connection looks after itself, and answers only while all of its servers do.
        if self.shared.idle() < IDLE || matches!(wire, Wire::Cluster(_)) {
            return Ok((wire, number));
        }
        let answer = wire.ask(&redis::cmd("PING")).await;
        self.shared.note(&answer, number);
        match answer {
            Ok(_) => Ok((wire, number)),
            Err(_) => self.any_wire().await,
        }
    }

    async fn any_wire(&self) -> Result<(Wire, u64), RedisError> {
        let outcome = match self.find()? {
            Found::Wire(wire, number) => return Ok((wire, number)),
            Found::Down(why) => return Err((*why).clone()),
            Found::Wait(outcome) => outcome,
        };
        wait_for(outcome).await?;
        match self.shared.state().clone_wire() {
            Some(found) => Ok(found),
            // It came and went.
            None => Err(io::Error::from(io::ErrorKind::BrokenPipe).into()),
        }
    }

    fn find(&self) -> io::Result<Found> {
        let mut state = self.shared.state();
        let before = match &*state {
            State::Up { wire, number } => return Ok(Found::Wire(wire.clone(), *number)),
            // Whoever tried is gone without a word.
            State::Trying { outcome, .. } if outcome.has_changed().is_err() => Before::Nothing,
            State::Trying {
                outcome,
                before: Before::Nothing,
            } => return Ok(Found::Wait(outcome.clone())),
            State::Trying {
                before: Before::Down(why),
                ..
            } => return Ok(Found::Down(Arc::clone(why))),
            State::Down { why, since } if since.elapsed() < PAUSE => return Ok(Found::Down(Arc::clone(why))),
            State::Down { why, .. } => Before::Down(Arc::clone(why)),
            State::Unused => Before::Nothing,
        };
        let background = self.background.handle()?;
        let (told, outcome) = watch::channel(None);
        *state = State::Trying {
            outcome: outcome.clone(),
            before,
        };
        drop(state);
        let shared = Arc::clone(&self.shared);
        // Not in the request: it may be given up any time, and the connection serves all.
        background.spawn(async move {
            let result = shared.connect().await;
            told.send_replace(Some(result));
        });
        Ok(Found::Wait(outcome))
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
    pub(super) async fn ask(&self, command: &Cmd) -> Result<Value, RedisError> {
        // The connection has its own limit; this one also holds while it makes itself anew.
        let answer = async {
            match self.clone() {
                Wire::Single(mut wire) => command.query_async(&mut wire).await,
                Wire::Cluster(mut wire) => command.query_async(&mut wire).await,
            }
        };
        match tokio::time::timeout(ANSWER_LIMIT, answer).await {
            Ok(answer) => answer,
            Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
        }
    }
}

impl Shared {
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
    fn note(&self, answer: &Result<Value, RedisError>, number: u64) {
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

fn was_lost(why: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    why.downcast_ref::<RedisError>()
        .is_some_and(RedisError::is_connection_dropped)
}

fn was_not_done(error: &RedisError) -> bool {
    [
        ServerErrorKind::Moved,
        ServerErrorKind::Ask,
        ServerErrorKind::TryAgain,
        ServerErrorKind::ClusterDown,
    ]
    .into_iter()
    .any(|kind| says(error, kind))
}

fn says(error: &RedisError, wanted: ServerErrorKind) -> bool {
    matches!(error.kind(), ErrorKind::Server(kind) if kind == wanted)
}

fn down(error: RedisError) -> StoreError {
    StoreError::down(error)
}

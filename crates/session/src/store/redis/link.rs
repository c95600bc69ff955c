//! The way to a Redis: questions and their answers, over a connection for each runtime that asks.
//!
//! Every question has a time limit. Nothing is ever sent twice that may have been done already: after an
//! error a change may or may not have happened. What a server certainly did not do (a key that moved within
//! the cluster, an unknown script) is asked again. How a connection is made, kept and given up is line.rs's
//! business. Start at `Link::run`.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::runtime::Handle;

use super::address::RedisAddress;
use super::line::{ANSWER_LIMIT, Line};
use super::scripts::Call;
use crate::store::StoreError;

/// Between two tries while a cluster rearranges itself.
const REARRANGING: Duration = Duration::from_millis(50);

/// The way to one Redis.
pub(super) struct Link {
    address: Arc<RedisAddress>,
    /// One for each runtime that asked: the server's workers, and few besides.
    lines: Mutex<Vec<Arc<Line>>>,
}

impl Link {
    pub(super) fn to(address: RedisAddress) -> Link {
        Link {
            address: Arc::new(address),
            lines: Mutex::default(),
        }
    }

    /// Runs a script.
    pub(super) async fn run(&self, call: &Call) -> Result<Value, StoreError> {
        let mut begun = None;
        loop {
            let answer = match self.ask(call.by_name()).await {
                Err(error) if says(&error, ServerErrorKind::NoScript) => self.ask(&call.in_full()).await,
                answer => answer,
            };
            match answer {
                Err(error)
                    if was_not_done(&error)
                        && begun.get_or_insert_with(Instant::now).elapsed() < ANSWER_LIMIT =>
                {
                    tokio::time::sleep(REARRANGING).await;
                }
                answer => return answer.map_err(down),
            }
        }
    }

    /// Runs a script that changes nothing, once more if the connection was lost meanwhile: it may have been
    /// idle for long, and this is what every request begins with.
    pub(super) async fn run_twice_if_lost(&self, call: &Call) -> Result<Value, StoreError> {
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
        let line = self.line()?;
        let (mut wire, number) = line.wire().await?;
        let answer = wire.ask(command).await;
        line.note(&answer, number);
        answer
    }

    /// The line of the runtime that asks.
    fn line(&self) -> io::Result<Arc<Line>> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let id = runtime.id();
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.iter().find(|line| line.serves(id)) {
            return Ok(Arc::clone(line));
        }
        lines.retain(|line| !line.is_cut());
        let line = Line::on(&runtime, &self.address);
        lines.push(Arc::clone(&line));
        Ok(line)
    }
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

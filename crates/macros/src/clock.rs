//! How long the macros of one view have been running, as a parameter.
//!
//! Logic never reads a clock of its own: limits are tried in tests with a clock that jumps. Time of
//! day is not here; that is `now` in the context.
//! Start reading at [`MacroClock`]; a server passes [`Stopwatch::start`] per request.

use std::time::{Duration, Instant};

use async_trait::async_trait;

/// A stopwatch that macros run against.
#[async_trait]
pub trait MacroClock: Send + Sync {
    /// How long it has been running.
    fn elapsed(&self) -> Duration;

    /// Comes back when it has been running for `total`. Only waited for when a macro waits itself, so
    /// a view of quick macros sets no timer.
    async fn reaches(&self, total: Duration);
}

/// The real stopwatch.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// Starts now, and shows that so much time has gone by already.
    #[must_use]
    pub fn after(spent: Duration) -> Stopwatch {
        let now = Instant::now();
        Stopwatch(now.checked_sub(spent).unwrap_or(now))
    }
}

#[async_trait]
impl MacroClock for Stopwatch {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    async fn reaches(&self, total: Duration) {
        // A time too far away to be counted is never reached.
        match self.0.checked_add(total) {
            Some(then) => tokio::time::sleep_until(then.into()).await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopwatch_does_not_run_backwards() {
        let watch = Stopwatch::start();
        let first = watch.elapsed();
        assert!(watch.elapsed() >= first);
    }

    #[test]
    fn a_stopwatch_may_begin_with_time_that_is_spent() {
        let spent = Duration::from_millis(1);
        assert!(Stopwatch::after(spent).elapsed() >= spent);
    }

    #[tokio::test]
    async fn a_time_already_over_is_reached_at_once() {
        Stopwatch::start().reaches(Duration::ZERO).await;
    }
}

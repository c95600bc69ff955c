//! The one place that reads the time.
//!
//! Everything below the server takes `now` as a parameter, so that lifetimes,
//! limits and tickets can be tested without waiting. A request reads the clock
//! once, when it arrives.

use jiff::Timestamp;

/// Tells the time of day.
pub trait Clock: Send + Sync {
    /// The present moment, as the system believes it.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everybody else is given"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

//! The time, and how much CPU time this process has used.

use std::time::Duration;

use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// CPU time of all threads of this process so far.
pub fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or(0), nanos.unwrap_or(0))
}

/// The moment of a request that is measured.
#[expect(clippy::disallowed_methods, reason = "a benchmark is its own clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

//! Macros that run one after another without ever waiting let other requests in between.
//!
//! A view runs on a thread that serves many visitors. Whoever runs several macros in a row rests between them when
//! the thread was held for a while. Nothing here interrupts a macro. Start at [`Pace::rest_if_due`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::MacroClock;

/// A thread may be held for so long.
const LONGEST_HOLD: Duration = Duration::from_millis(10);

/// Since when, on the clock of the view, the thread is held.
pub(crate) struct Pace(AtomicU64);

impl Pace {
    /// The thread is held from now on.
    pub(crate) fn starting(clock: &dyn MacroClock) -> Pace {
        Pace(AtomicU64::new(micros(clock.elapsed())))
    }

    /// Lets others in, if the thread was held for long enough.
    pub(crate) async fn rest_if_due(&self, clock: &dyn MacroClock) {
        let held_since = Duration::from_micros(self.0.load(Ordering::Relaxed));
        if clock.elapsed().saturating_sub(held_since) < LONGEST_HOLD {
            return;
        }
        tokio::task::yield_now().await;
        self.0.store(micros(clock.elapsed()), Ordering::Relaxed);
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::testing::TestClock;

    #[test]
    fn others_are_let_in_when_a_thread_was_held_for_a_while_and_not_before() {
        let clock = TestClock::default();
        let pace = Pace::starting(&clock);
        clock.set(LONGEST_HOLD - Duration::from_millis(1));
        assert!(pace.rest_if_due(&clock).now_or_never().is_some());
        clock.set(LONGEST_HOLD);
        assert!(pace.rest_if_due(&clock).now_or_never().is_none());
    }
}

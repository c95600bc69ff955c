//! Sessions that their own visitors ended a moment ago.
//!
//! A logout takes the browser's cookie away with its own answer. Other answers on their way to that browser must not
//! take one away again: by then it may be that of the next login. So for a minute after a logout nothing is said
//! about the session that it ended. Only this wiki of this process remembers; elsewhere such an answer costs a login
//! in the worst case, and never gives one. Start at [`Departures::is_recent`].

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::id::StoreKey;
use crate::moment;

/// So long an answer may be on its way.
const IN_FLIGHT: Duration = Duration::from_secs(60);
/// So many are remembered.
const REMEMBERED: usize = 1_000;

/// The logouts of the last minute, oldest first.
#[derive(Default)]
pub(super) struct Departures(Mutex<VecDeque<(StoreKey, Timestamp)>>);

impl Departures {
    /// Remembers a logout.
    pub(super) fn note(&self, key: StoreKey, now: Timestamp) {
        let mut noted = self.noted();
        noted.retain(|(_, at)| now < moment::later(*at, IN_FLIGHT));
        if noted.len() >= REMEMBERED {
            noted.pop_front();
        }
        noted.push_back((key, now));
    }

    /// Whether the session was left less than a minute before `now`, or after it: a slow request is older than the
    /// logout that it meets.
    pub(super) fn is_recent(&self, key: &StoreKey, now: Timestamp) -> bool {
        self.noted()
            .iter()
            .any(|(left, at)| left == key && now < moment::later(*at, IN_FLIGHT))
    }

    fn noted(&self) -> MutexGuard<'_, VecDeque<(StoreKey, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

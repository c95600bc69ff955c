//! Limits on guessing: who has failed too often waits, before any password is hashed.
//!
//! Five failures for a name from an address and fifty from an address within 15 minutes close the
//! door, to right and wrong passwords alike; success clears the pair. Registering has the same
//! limits, and there every new account counts for its address too.
//! A try that is still being decided holds its place, so a hundred tries at once are no way
//! around; the tries behind it wait for the outcome instead of being refused.
//! Nothing is stored: a restart forgets. Start reading at [`LoginLimits`]; the counting is
//! `tries.rs`.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::UserName;
use super::tries::{AddressBlock, Answer, Key, Outcome, Tally};

/// Counts failed logins and registrations of one wiki or user directory.
pub struct LoginLimits {
    logins: Arc<Door>,
    registrations: Arc<Door>,
}

/// The door is closed for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Too many failed tries. Please try again later.")]
pub struct TooManyTries {
    /// Seconds until the next try can be heard (for `Retry-After`); at least 1.
    pub retry_after: u64,
}

/// One try that may go on. Say how it ended; dropped without a word, it counts as failed, because
/// whoever hangs up while the password is checked shall gain nothing.
#[must_use = "say how the try ended"]
pub struct Admission {
    door: Arc<Door>,
    key: Key,
    at: Timestamp,
    outcome: Outcome,
}

struct Door {
    tally: Mutex<Tally>,
    decided: Notify,
    names: RandomState,
    /// What a success means for the address.
    on_success: Outcome,
}

impl LoginLimits {
    /// Nobody has failed yet.
    pub fn new() -> LoginLimits {
        LoginLimits {
            logins: Door::new(Outcome::ClearPair),
            registrations: Door::new(Outcome::ClearPairCountAddress),
        }
    }

    /// Asks before a password is checked.
    ///
    /// # Errors
    /// * [`TooManyTries`]: answer 429 with `Retry-After`, and check nothing.
    pub async fn admit_login(
        &self,
        name: &str,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Admission, TooManyTries> {
        self.logins.admit(name, address, now).await
    }

    /// Asks before an account is made.
    ///
    /// # Errors
    /// * [`TooManyTries`]: answer 429 with `Retry-After`, and make nothing.
    pub async fn admit_registration(
        &self,
        name: &str,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Admission, TooManyTries> {
        self.registrations.admit(name, address, now).await
    }
}

impl Default for LoginLimits {
    fn default() -> LoginLimits {
        LoginLimits::new()
    }
}

impl Admission {
    /// The password was right, or the account is made.
    pub fn succeeded(mut self) {
        self.outcome = self.door.on_success;
    }

    /// The password was wrong, or the name is taken.
    pub fn failed(self) {}

    /// Nothing was decided, through no fault of the visitor: a store was down, a form incomplete.
    pub fn withdrawn(mut self) {
        self.outcome = Outcome::Nothing;
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.door.lock().leave(&self.key, self.outcome, self.at);
        self.door.decided.notify_waiters();
    }
}

impl Door {
    fn new(on_success: Outcome) -> Arc<Door> {
        let (tally, decided) = (Mutex::default(), Notify::new());
        Arc::new(Door {
            tally,
            decided,
            names: RandomState::new(),
            on_success,
        })
    }

    async fn admit(
        self: &Arc<Self>,
        name: &str,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Admission, TooManyTries> {
        let key = self.key(name, address);
        loop {
            // Listening begins before asking, so that no outcome in between is missed.
            let decided = self.decided.notified();
            tokio::pin!(decided);
            decided.as_mut().enable();
            let answer = self.lock().enter(&key, now);
            match answer {
                Answer::Enter => {
                    return Ok(Admission {
                        door: self.clone(),
                        key,
                        at: now,
                        outcome: Outcome::Failure,
                    });
                }
                Answer::Refused { retry_after } => return Err(TooManyTries { retry_after }),
                Answer::WaitForOthers => decided.await,
            }
        }
    }

    /// Names are kept as hashes, so that a flood of long names fills no memory.
    fn key(&self, name: &str, address: IpAddr) -> Key {
        let name = match UserName::parse(name) {
            Ok(name) => self.names.hash_one(name.folded()),
            Err(_) => self.names.hash_one(name),
        };
        Key {
            name,
            address: AddressBlock::of(address),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tally> {
        // The tally has no state between two statements that a panic could leave half done.
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;

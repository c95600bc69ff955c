//! argon2id, away from the threads that answer requests, and never more at once than the machine
//! can bear.
//!
//! One [`Hashing`] is shared by all accounts of a process: it is cheap to clone and carries the
//! two gates. A flood of logins first waits (each hash takes memory), then is told to come back
//! ([`HashingError::Busy`]). What is right or wrong about a password is decided in `account.rs`.

use std::sync::Arc;

use argon2::password_hash::phc;
use argon2::{Argon2, Params, PasswordHasher, PasswordVerifier};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::PasswordHash;
use crate::Randomness;

/// More than this at once would take memory (19 MiB each) without making anybody faster.
const MOST_AT_ONCE: usize = 8;

/// How many may wait for each one that is hashed.
const WAITING_PER_SEAT: usize = 64;

const SALT_BYTES: usize = 16;

/// What one hash costs whoever guesses, and us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    /// Memory in KiB, at least 8 for each lane.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl HashCost {
    /// OWASP's first recommendation for argon2id: 19 MiB, 2 passes, 1 lane.
    pub const RECOMMENDED: HashCost = HashCost {
        memory_kib: 19 * 1024,
        passes: 2,
        lanes: 1,
    };

    /// The least that argon2id allows, for tests: worth nothing against a thief.
    pub const WEAKEST: HashCost = HashCost {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };
}

/// A cost that argon2id does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("argon2id does not allow this cost: {0}")]
pub struct HashCostError(argon2::Error);

/// Why a password could not be hashed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashingError {
    /// Too many are waiting already; nothing was done.
    #[error("Too many people are logging in at this moment. Please try again in a minute.")]
    Busy,
    /// argon2 refused, or the process is ending.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

/// Hashes passwords at one cost, for a whole process.
#[derive(Clone)]
pub struct Hashing {
    argon2: Argon2<'static>,
    gates: Arc<Gates>,
}

/// `seats` hash; `places` are seats and the queue before them.
struct Gates {
    places: Semaphore,
    seats: Semaphore,
}

/// What came of trying a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Not the password.
    Wrong,
    /// The password.
    Right,
    /// The password; its hash was made at another cost, and this is the new one.
    RightButRehashed(PasswordHash),
}

impl Hashing {
    /// [`HashCost::RECOMMENDED`], as many at once as the machine has cores, at most 8.
    pub fn recommended() -> Hashing {
        let argon2 = Argon2::new(
            argon2::Algorithm::Argon2id,
            argon2::Version::V0x13,
            Params::DEFAULT,
        );
        Hashing {
            argon2,
            gates: Gates::new(seats_of_this_machine()),
        }
    }

    /// Another cost.
    ///
    /// # Errors
    /// * [`HashCostError`]: argon2id does not allow it.
    pub fn with_cost(cost: HashCost) -> Result<Hashing, HashCostError> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(HashCostError)?;
        let argon2 = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        Ok(Hashing {
            argon2,
            gates: Gates::new(seats_of_this_machine()),
        })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// * [`HashingError::Busy`], [`HashingError::Failed`].
    pub(super) async fn hash(
        &self,
        password: Vec<u8>,
        randomness: &dyn Randomness,
    ) -> Result<PasswordHash, HashingError> {
        let salt = new_salt(randomness);
        self.run(move |argon2| hash_now(&argon2, &password, &salt))
            .await?
    }

    /// Tries a password against a hash, or does the same work for nothing where there is none.
    ///
    /// # Errors
    /// * [`HashingError::Busy`], [`HashingError::Failed`].
    pub(super) async fn verify(
        &self,
        password: Vec<u8>,
        against: Option<PasswordHash>,
        randomness: &dyn Randomness,
    ) -> Result<Verdict, HashingError> {
        let salt = new_salt(randomness);
        self.run(move |argon2| match against {
            Some(hash) => verify_now(&argon2, &password, &hash, &salt),
            None => hash_now(&argon2, &password, &salt).map(|_| Verdict::Wrong),
        })
        .await?
    }

    /// Waits for a seat and runs the work on the blocking pool. The permits move into the work:
    /// a client that hangs up frees no seat before its hash is done.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, HashingError> {
        let _place = self.gates.places.try_acquire().map_err(|_| HashingError::Busy)?;
        let seat = self.gates.seats.acquire().await.map_err(failed)?;
        SemaphorePermit::forget(seat);
        let (argon2, leave) = (self.argon2.clone(), Leave(self.gates.clone()));
        tokio::task::spawn_blocking(move || {
            let _leave = leave;
            work(argon2)
        })
        .await
        .map_err(failed)
    }
}

/// Gives the seat back, also when the work panics.
struct Leave(Arc<Gates>);

impl Drop for Leave {
    fn drop(&mut self) {
        self.0.seats.add_permits(1);
    }
}

impl Gates {
    fn new(seats: usize) -> Arc<Gates> {
        let places = Semaphore::new(seats * (1 + WAITING_PER_SEAT));
        Arc::new(Gates {
            places,
            seats: Semaphore::new(seats),
        })
    }
}

fn seats_of_this_machine() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_AT_ONCE))
}

fn new_salt(randomness: &dyn Randomness) -> [u8; SALT_BYTES] {
    let mut salt = [0; SALT_BYTES];
    randomness.fill(&mut salt);
    salt
}

fn hash_now(argon2: &Argon2<'_>, password: &[u8], salt: &[u8]) -> Result<PasswordHash, HashingError> {
    let hash = argon2.hash_password_with_salt(password, salt).map_err(failed)?;
    Ok(PasswordHash::from_stored(hash.to_string()))
}

/// Checks at the cost that the hash itself names, and hashes anew when that is not ours.
fn verify_now(
    argon2: &Argon2<'_>,
    password: &[u8],
    hash: &PasswordHash,
    salt: &[u8],
) -> Result<Verdict, HashingError> {
    let stored = phc::PasswordHash::new(hash.as_stored()).map_err(failed)?;
    if argon2.verify_password(password, &stored).is_err() {
        return Ok(Verdict::Wrong);
    }
    if is_of_cost(&stored, argon2) {
        return Ok(Verdict::Right);
    }
    hash_now(argon2, password, salt).map(Verdict::RightButRehashed)
}

fn is_of_cost(stored: &phc::PasswordHash, argon2: &Argon2<'_>) -> bool {
    let ours = argon2.params();
    Params::try_from(stored).is_ok_and(|theirs| {
        stored.algorithm == argon2::ARGON2ID_IDENT
            && (theirs.m_cost(), theirs.t_cost(), theirs.p_cost())
                == (ours.m_cost(), ours.t_cost(), ours.p_cost())
    })
}

fn failed(error: impl std::fmt::Display) -> HashingError {
    HashingError::Failed(error.to_string())
}

#[cfg(test)]
#[path = "hashing_tests.rs"]
mod tests;

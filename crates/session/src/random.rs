//! Randomness as a parameter: ids are unguessable in production and repeatable in tests.
//!
//! `SystemRandomness` is the only place that asks the operating system; everything else takes
//! `&dyn Randomness`. It is deliberately no general random number generator: it fills bytes.
//! Each thread fetches some in advance, because nearly every page carries a ticket and asking is a system call.

use std::cell::RefCell;

use rand::TryRng;
use rand::rngs::SysRng;

/// So many bytes are fetched at once; who wants more than an eighth asks alone.
const FETCHED: usize = 512;

/// A source of unguessable bytes.
pub trait Randomness: Send + Sync {
    /// Fills `bytes` with bytes that nobody can foresee.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

/// Bytes of the operating system that nobody has seen yet.
struct Fetched {
    bytes: [u8; FETCHED],
    unused: usize,
}

thread_local! {
    static FETCHED_BEFORE: RefCell<Fetched> = const {
        RefCell::new(Fetched { bytes: [0; FETCHED], unused: 0 })
    };
}

impl Randomness for SystemRandomness {
    /// # Panics
    /// When the operating system has no randomness to give: going on with guessable session ids
    /// would be worse than stopping.
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > FETCHED / 8 {
            return ask_the_system(bytes);
        }
        FETCHED_BEFORE.with_borrow_mut(|fetched| fetched.take(bytes));
    }
}

impl Fetched {
    /// Hands bytes out, once: what was given is wiped here.
    fn take(&mut self, wanted: &mut [u8]) {
        if self.unused < wanted.len() {
            // Should this panic, what is left stays unused.
            ask_the_system(&mut self.bytes);
            self.unused = FETCHED;
        }
        let end = self.unused;
        self.unused = end.saturating_sub(wanted.len());
        if let Some(given) = self.bytes.get_mut(self.unused..end) {
            wanted.copy_from_slice(given);
            given.fill(0);
        }
    }
}

fn ask_the_system(bytes: &mut [u8]) {
    if let Err(error) = SysRng.try_fill_bytes(bytes) {
        panic!("the operating system gave no randomness: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_fills_of_the_system_differ() {
        let (mut one, mut two) = ([0; 32], [0; 32]);
        SystemRandomness.fill(&mut one);
        SystemRandomness.fill(&mut two);
        assert_ne!(one, two);
        assert_ne!(one, [0; 32]);
    }

    #[test]
    fn no_byte_is_given_twice_whatever_is_asked_for() {
        let mut seen = std::collections::BTreeSet::new();
        for size in [16, 40, 64, 65, 100].repeat(40) {
            let mut bytes = vec![0; size];
            SystemRandomness.fill(&mut bytes);
            for part in bytes.chunks_exact(8) {
                assert!(seen.insert(part.to_vec()), "{part:?}");
            }
        }
    }

    #[test]
    fn what_was_given_is_forgotten() {
        let mut fetched = Fetched {
            bytes: [0; FETCHED],
            unused: 0,
        };
        let mut wanted = [0; 64];
        fetched.take(&mut wanted);
        assert!(fetched.bytes.iter().skip(fetched.unused).all(|byte| *byte == 0));
        assert!(fetched.bytes.windows(64).all(|window| window != wanted));
    }
}

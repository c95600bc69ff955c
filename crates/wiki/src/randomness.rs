//! Where unpredictable bytes come from: a parameter, so that tests see the ids they expect.
//!
//! The wiki needs randomness for account ids and password salts only. It does not ask the
//! system itself anywhere else: whoever opens a wiki hands a [`Randomness`] in.
//! Start at the trait; [`SystemRandomness`] is what a server passes.

use rand::TryRng;
use rand::rngs::SysRng;

/// A source of bytes nobody can guess.
pub trait Randomness: Send + Sync {
    /// Fills all of `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        // The system's generator fails only before the machine has any entropy at all, early at boot;
        // handing out predictable ids instead would be worse than waiting.
        while SysRng.try_fill_bytes(bytes).is_err() {
            std::thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_fillings_differ() {
        let (mut one, mut two) = ([0_u8; 32], [0_u8; 32]);
        SystemRandomness.fill(&mut one);
        SystemRandomness.fill(&mut two);
        assert_ne!(one, two);
        assert_ne!(one, [0; 32]);
    }
}

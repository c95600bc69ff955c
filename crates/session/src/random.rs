//! Randomness as a parameter: ids are unguessable in production and repeatable in tests.
//!
//! `SystemRandomness` is the only place that asks the operating system; everything else takes
//! `&dyn Randomness`. It is deliberately no general random number generator: it fills bytes.

use rand::TryRng;
use rand::rngs::SysRng;

/// A source of unguessable bytes.
pub trait Randomness: Send + Sync {
    /// Fills `bytes` with bytes that nobody can foresee.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    /// # Panics
    /// When the operating system has no randomness to give: going on with guessable session ids
    /// would be worse than stopping.
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = SysRng.try_fill_bytes(bytes) {
            panic!("the operating system gave no randomness: {error}");
        }
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
}

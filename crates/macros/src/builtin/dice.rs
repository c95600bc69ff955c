//! Fair choices among several, from the bytes of chance that a view has.
//!
//! Numbers beyond the last whole round are drawn again, so each is as likely as any other.

use grange_session::Randomness;

/// A number below `bound`, which must not be 0; 0 where it is.
pub(super) fn below(bound: usize, randomness: &dyn Randomness) -> usize {
    let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
    let whole_rounds = u64::MAX - u64::MAX % bound;
    loop {
        let mut bytes = [0; 8];
        randomness.fill(&mut bytes);
        let drawn = u64::from_le_bytes(bytes);
        if drawn < whole_rounds {
            return usize::try_from(drawn % bound).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// These numbers, one after the other.
    struct Numbers(AtomicU64, &'static [u64]);

    impl Randomness for Numbers {
        fn fill(&self, bytes: &mut [u8]) {
            let at = usize::try_from(self.0.fetch_add(1, Ordering::Relaxed)).unwrap();
            bytes.copy_from_slice(&self.1[at].to_le_bytes());
        }
    }

    #[test]
    fn numbers_are_below_the_bound_and_none_is_likelier() {
        let numbers = Numbers(AtomicU64::new(0), &[7, u64::MAX, 11]);
        assert_eq!(below(5, &numbers), 2);
        assert_eq!(below(5, &numbers), 1, "the incomplete round is drawn again");
        assert_eq!(below(0, &Numbers(AtomicU64::new(0), &[9])), 0);
    }
}

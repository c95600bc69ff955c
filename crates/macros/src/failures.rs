//! Failures of macros are logged once, not once per view.
//!
//! A page with a broken macro may be viewed a thousand times a minute; the log needs one line. What was
//! logged is remembered by a hash of wiki, page, call and words, up to a bound, then forgotten again.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use grange_wiki::markup::MacroCall;

use crate::error::MacroError;

/// So many different failures are remembered.
const REMEMBERED: usize = 1000;

/// Which failures stand in the log already.
#[derive(Debug, Default)]
pub(crate) struct FailureLog(Mutex<HashSet<u64>>);

impl FailureLog {
    /// Writes the failure to the log unless the same one stands there.
    pub(crate) fn report(&self, wiki: &str, page: &str, call: &MacroCall, error: &MacroError) {
        if !error.concerns_the_admin() {
            tracing::debug!(wiki, page, call = %call.source, %error, "a macro was refused");
        } else if self.is_new((wiki, page, &call.source, error.to_string())) {
            tracing::warn!(wiki, page, call = %call.source, cause = ?error, "a macro failed");
        }
    }

    fn is_new(&self, failure: impl Hash) -> bool {
        let mut hasher = DefaultHasher::new();
        failure.hash(&mut hasher);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_failure_is_new_only_once() {
        let log = FailureLog::default();
        assert!(log.is_new(("team", "Front", "boom")));
        assert!(!log.is_new(("team", "Front", "boom")));
        assert!(log.is_new(("team", "Other", "boom")));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let log = FailureLog::default();
        (0..5 * REMEMBERED).for_each(|nth| assert!(log.is_new(nth)));
        assert!(log.0.lock().unwrap().len() <= REMEMBERED);
    }
}

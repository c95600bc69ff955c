//! What the macros of one view may use up together, and what is left of it.
//!
//! Included pages count for the page that is viewed, so nesting does not multiply anything.
//! Start reading at [`Limits`].

use std::time::Duration;

use crate::clock::MacroClock;
use crate::error::{Limit, MacroError};
use crate::python;

/// What the macros of one view may use up together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many macros run.
    pub holes: usize,
    /// How deep pages include pages.
    pub include_depth: usize,
    /// How many bytes of HTML the macros write, those of included pages counted.
    pub output_bytes: usize,
    /// How long they run.
    pub time: Duration,
    /// How many keys they add to the visitor's session, which all macros of all wikis that share it have to share.
    pub session_keys: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            holes: 1000,
            include_depth: 10,
            output_bytes: 4 << 20,
            time: Duration::from_secs(2),
            session_keys: 64,
        }
    }
}

/// What is left of the limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    limits: Limits,
    holes: usize,
    python_calls: usize,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Budget {
        Budget {
            limits,
            holes: limits.holes,
            python_calls: python::MOST_CALLS,
            bytes: limits.output_bytes,
        }
    }

    /// Pays for running one macro.
    pub(crate) fn spend_hole(&mut self, clock: &dyn MacroClock) -> Result<(), MacroError> {
        let Some(left) = self.holes.checked_sub(1) else {
            return Err(MacroError::Limit(Limit::Holes(self.limits.holes)));
        };
        if clock.elapsed() >= self.limits.time {
            return Err(MacroError::Limit(Limit::Time(self.limits.time)));
        }
        self.holes = left;
        Ok(())
    }

    /// Pays for running one Python macro.
    pub(crate) fn spend_python_call(&mut self) -> Result<(), MacroError> {
        let Some(left) = self.python_calls.checked_sub(1) else {
            return Err(MacroError::Limit(Limit::PythonCalls(python::MOST_CALLS)));
        };
        self.python_calls = left;
        Ok(())
    }

    /// How long Python macros may still run.
    pub(crate) fn python_time_left(&self, clock: &dyn MacroClock) -> Result<Duration, MacroError> {
        let most = python::MOST_TIME.min(self.limits.time);
        match most.saturating_sub(clock.elapsed()) {
            Duration::ZERO => Err(MacroError::Limit(Limit::Time(most))),
            left => Ok(left),
        }
    }

    /// Whether there is no time to load a file of Python, which may take as long as a call.
    pub(crate) fn refuse_to_load(&self, call: Duration, clock: &dyn MacroClock) -> Result<(), MacroError> {
        let left = self.python_time_left(clock)?;
        let most = python::MOST_TIME.min(self.limits.time);
        match left < call.min(most / 2) {
            true => Err(MacroError::Limit(Limit::Time(most))),
            false => Ok(()),
        }
    }

    /// Whether the macros of the view have added so many keys to the session.
    pub(crate) fn refuse_keys(&self, added: usize) -> Result<(), MacroError> {
        match added > self.limits.session_keys {
            true => Err(MacroError::Limit(Limit::SessionKeys(self.limits.session_keys))),
            false => Ok(()),
        }
    }

    /// Pays for this much output.
    pub(crate) fn spend_bytes(&mut self, count: usize) -> Result<(), MacroError> {
        let Some(left) = self.bytes.checked_sub(count) else {
            return Err(MacroError::Limit(Limit::OutputBytes(self.limits.output_bytes)));
        };
        self.bytes = left;
        Ok(())
    }

    /// How much output is left.
    pub(crate) fn bytes_left(&self) -> usize {
        self.bytes
    }

    /// Gives back what was paid beyond `left`: output that stands inside another output counts once.
    pub(crate) fn restore_bytes(&mut self, left: usize) {
        self.bytes = left;
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Stopwatch;

    fn budget(holes: usize, output_bytes: usize, time: Duration) -> Budget {
        Budget::new(Limits {
            holes,
            output_bytes,
            time,
            ..Limits::default()
        })
    }

    #[test]
    fn after_the_last_hole_no_macro_runs() {
        let clock = Stopwatch::start();
        let mut budget = budget(2, 10, Duration::from_secs(3600));
        assert!(budget.spend_hole(&clock).is_ok());
        assert!(budget.spend_hole(&clock).is_ok());
        assert!(matches!(
            budget.spend_hole(&clock),
            Err(MacroError::Limit(Limit::Holes(2)))
        ));
    }

    #[test]
    fn when_the_time_is_over_no_macro_runs() {
        let mut budget = budget(2, 10, Duration::ZERO);
        let refused = budget.spend_hole(&Stopwatch::start());
        assert!(matches!(refused, Err(MacroError::Limit(Limit::Time(_)))));
    }

    #[test]
    fn output_over_the_limit_costs_nothing_so_that_a_shorter_one_still_fits() {
        let mut budget = budget(2, 10, Duration::from_secs(1));
        assert!(budget.spend_bytes(11).is_err());
        assert!(budget.spend_bytes(10).is_ok());
        assert!(budget.spend_bytes(1).is_err());
    }
}

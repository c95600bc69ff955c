//! What one view has used up and touched so far.
//!
//! Numbers and marks, copied into included pages and back, so that nesting cannot lose any of them.
//! Nothing here decides what they mean: `limits.rs` and `touched.rs` do.

use crate::dependencies::{Dependency, Runs};
use crate::limits::{Budget, Limits};
use crate::touched::Touched;

/// What became of changes of macros' storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// Nothing was asked for, or it was done.
    AsAsked,
    /// Some change was dropped, so the output tells of what did not happen.
    Dropped,
}

/// The account of one view.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    pub touched: Touched,
    pub budget: Budget,
    /// The strictest of the macros that ran.
    pub runs: Runs,
    /// What became of changes of macros' storage.
    pub storage: Storage,
    /// The Python macros that cost a worker in this view. They do not run again in it.
    pub stuck: Vec<String>,
}

impl Ledger {
    pub(crate) fn new(limits: Limits) -> Ledger {
        Ledger {
            touched: Touched::default(),
            budget: Budget::new(limits),
            runs: Runs::Once,
            storage: Storage::AsAsked,
            stuck: Vec::new(),
        }
    }

    /// Notes what a macro that runs declares. What it declares counts as touched: an author who says
    /// `session` may decide by it in the next version of the macro.
    pub(crate) fn note(&mut self, dependencies: &[Dependency]) {
        self.runs = self.runs.and(Runs::of(dependencies));
        for dependency in dependencies {
            match dependency {
                Dependency::Session => self.touched.session = true,
                Dependency::User => self.touched.user = true,
                Dependency::Language => self.touched.language = true,
                Dependency::Page
                | Dependency::Pages
                | Dependency::Namespace
                | Dependency::Time
                | Dependency::TimeFor(_) => {}
            }
        }
    }
}

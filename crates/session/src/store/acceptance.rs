//! .
macro_rules! acceptance_tests { ($make:expr) => {}; }
pub(crate) use acceptance_tests;

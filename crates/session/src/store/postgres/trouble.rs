//! What can go wrong between us and the server, and whether it may be tried again.
//!
//! The one question that matters after a failed write: may it have happened all the same? Where the
//! answer is no, the same operation is tried once more on a fresh connection.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::Severity;

use crate::store::StoreError;

/// Why an operation did not come to an end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nothing was changed: trying again does no harm.
    Undone(StoreError),
    /// The commit was on its way: what it wrote may stand or not.
    Unknown(StoreError),
    /// Trying again would not help.
    Refused(StoreError),
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> StoreError {
        match trouble {
            Trouble::Undone(error) | Trouble::Unknown(error) | Trouble::Refused(error) => error,
        }
    }
}

/// What failed before a commit was sent, or reads only.
pub(super) fn surely_undone(error: Error) -> Trouble {
    Trouble::Undone(down(&error))
}

/// What failed when a commit had been sent: done or not, unless the server says that it refused.
pub(super) fn perhaps_done(error: Error) -> Trouble {
    let refused = error
        .as_db_error()
        .is_some_and(|error| error.parsed_severity() == Some(Severity::Error));
    match refused {
        true => Trouble::Undone(down(&error)),
        false => Trouble::Unknown(down(&error)),
    }
}

/// The driver says only of what kind its errors are; what the server or the system said stands behind.
pub(super) fn down(error: &Error) -> StoreError {
    let mut told = match error.as_db_error() {
        Some(said) => return StoreError::down(format!("PostgreSQL says: {}", said.message())),
        None => error.to_string(),
    };
    let mut cause = error.source();
    while let Some(deeper) = cause {
        told = format!("{told}: {deeper}");
        cause = deeper.source();
    }
    StoreError::down(told)
}

//! The trait behind which accounts are kept, and what may be changed in one step.
//!
//! `create` must not find the name, `change` and `delete` must find the account: there is no
//! upsert. Every change is one atomic step in the store, so two processes on one user directory
//! never overwrite each other. One acceptance suite (`acceptance.rs`) runs against every store.
//! Which changes make sessions invalid is decided here, once, by [`UserChange::ends_sessions`].

use std::path::PathBuf;

use async_trait::async_trait;

use super::{PasswordHash, User, UserName};

/// Keeps accounts.
#[async_trait]
pub trait UserStore: Send + Sync {
    /// Adds an account.
    ///
    /// # Errors
    /// * [`CreateUserError::NameTaken`]: the name exists, in whatever case.
    /// * [`CreateUserError::Store`].
    async fn create(&self, user: &User) -> Result<(), CreateUserError>;

    /// The account of an id. Read on every request of a logged-in visitor: a few microseconds.
    ///
    /// # Errors
    /// * [`UserStoreError`].
    async fn by_id(&self, id: &str) -> Result<Option<User>, UserStoreError>;

    /// The account of a name, in whatever case.
    ///
    /// # Errors
    /// * [`UserStoreError`].
    async fn by_name(&self, name: &UserName) -> Result<Option<User>, UserStoreError>;

    /// All accounts, in the order of their folded names.
    ///
    /// # Errors
    /// * [`UserStoreError`].
    async fn list(&self) -> Result<Vec<User>, UserStoreError>;

    /// Changes an account in one step and answers with what it is now; `None`: no such account.
    ///
    /// # Errors
    /// * [`UserStoreError`].
    async fn change(&self, id: &str, change: &UserChange) -> Result<Option<User>, UserStoreError>;

    /// Removes an account; `false`: there was none.
    ///
    /// # Errors
    /// * [`UserStoreError`].
    async fn delete(&self, id: &str) -> Result<bool, UserStoreError>;
}

/// One change of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserChange {
    /// A new password.
    Password(PasswordHash),
    /// The same password hashed at another cost; nothing happens if it is no longer the old one.
    Rehash {
        /// What is expected to be stored.
        old: PasswordHash,
        /// What shall be stored instead.
        new: PasswordHash,
    },
    /// Another mail address, or none.
    Email(Option<String>),
    /// Nobody can log in any more.
    Disable,
    /// Opened again, or approved.
    Enable,
}

impl UserChange {
    /// Whether sessions that were made before this change are dead.
    pub fn ends_sessions(&self) -> bool {
        match self {
            UserChange::Password(_) | UserChange::Disable | UserChange::Enable => true,
            UserChange::Rehash { .. } | UserChange::Email(_) => false,
        }
    }

    /// Applies the change to a copy; a store does the same to what it keeps.
    pub(super) fn apply(&self, user: &mut User) {
        match self {
            UserChange::Password(hash) => user.password = hash.clone(),
            UserChange::Rehash { old, new } if user.password == *old => user.password = new.clone(),
            UserChange::Rehash { .. } => {}
            UserChange::Email(email) => user.email.clone_from(email),
            UserChange::Disable => user.disabled = true,
            UserChange::Enable => (user.disabled, user.awaiting_approval) = (false, false),
        }
        if self.ends_sessions() {
            user.generation += 1;
        }
    }
}

/// Why a store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum UserStoreError {
    /// The directory could not be made or the file not be opened.
    #[error("the accounts in {} cannot be opened: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("the accounts in {} cannot be read or changed: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file was written by a later version of Grange.
    #[error(
        "{} was written by a newer Grange (schema {found}, this one knows up to {known}); use that one",
        path.display()
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The latest schema this program knows.
        known: i64,
    },
    /// The file is an SQLite database of something else.
    #[error("{} is no user database of Grange", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// An account was asked for by its id, and there is no file at all.
    #[error("{} is missing, although it held accounts; is the directory mounted?", path.display())]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// The process is ending.
    #[error("the accounts cannot be read: the program is ending")]
    Ending,
}

/// Why an account could not be added.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// The name exists, in whatever case.
    #[error("This user name is taken.")]
    NameTaken,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] UserStoreError),
}

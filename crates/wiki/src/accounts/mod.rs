//! Accounts: names, passwords, the stores that hold them, and limits on guessing.
//!
//! [`Accounts`] is what handlers and the command line use; below it a [`UserStore`] keeps
//! [`User`]s ([`SqliteUserStore`] in `user_dir/users.db`, [`MemoryUserStore`] for throw-away
//! farms). [`LoginLimits`] counts failures before a password is hashed.
//!
//! It knows no session and no cookie: whoever keeps one compares [`User::generation`], which a
//! new password, disabling, enabling and deleting change. It sends no mail.
//! Start reading at `account.rs` ([`Accounts`]), then `store.rs`.

mod account;
mod email;
mod hashing;
mod limits;
mod look_alike;
mod memory;
mod password;
mod sqlite;
mod sqlite_file;
mod store;
mod tries;
mod user;
mod user_name;

#[cfg(test)]
mod acceptance;

pub use account::{
    AccountError, Accounts, Approval, CheckError, INVALID_LOGIN, NewAccount, Origin, RegisterError,
};
pub use email::{EmailError, check_email};
pub use hashing::{HashCost, HashCostError, Hashing, HashingError};
pub use limits::{Admission, LoginLimits, TooManyTries};
pub use memory::MemoryUserStore;
pub use password::{MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS, Password, PasswordError};
pub use sqlite::SqliteUserStore;
pub use store::{CreateUserError, UserChange, UserStore, UserStoreError};
pub use user::{PasswordHash, User};
pub use user_name::{UserName, UserNameError, fold_name};

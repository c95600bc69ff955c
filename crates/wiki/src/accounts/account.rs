//! Accounts: everything handlers and the command line do with them.
//!
//! Registering, logging in, changing and closing, over any [`UserStore`]. Whether a name exists is
//! told nobody who logs in: the work, and the answer, are the same. It does not count failures
//! (`limits.rs` does, before this is asked) and makes no session.
//! Start reading at [`Accounts::check_password`].

use std::sync::Arc;

use jiff::Timestamp;

use super::hashing::Verdict;
use super::{
    CreateUserError, EmailError, Hashing, HashingError, Password, PasswordError, PasswordHash, User,
    UserChange, UserName, UserNameError, UserStore, UserStoreError, check_email, look_alike::look_alike,
    password,
};
use crate::Randomness;

/// The one answer to a failed login, whatever was wrong.
pub const INVALID_LOGIN: &str = "Invalid user name or password.";

const ID_BYTES: usize = 16;

/// The accounts of one user directory.
#[derive(Clone)]
pub struct Accounts {
    store: Arc<dyn UserStore>,
    randomness: Arc<dyn Randomness>,
    hashing: Hashing,
}

/// What somebody typed who wants an account.
#[derive(Clone, Copy)]
pub struct NewAccount<'a> {
    /// The name.
    pub name: &'a str,
    /// The password.
    pub password: &'a str,
    /// The mail address; may be empty.
    pub email: &'a str,
    /// Who asks.
    pub origin: Origin<'a>,
}

/// Who asks for a new account.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// A visitor, by a form.
    Form {
        /// Names that no visitor may take: those to which the configuration gives something.
        reserved: &'a [String],
        /// Whether an administrator has to agree first.
        approval: Approval,
    },
    /// An administrator, on the command line.
    Administrator,
}

/// Whether a new account works at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// At once.
    NotNeeded,
    /// Only after an administrator has enabled it.
    Awaited,
}

/// Why there is no new account; the text is for the person who asked.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The name breaks a rule.
    #[error(transparent)]
    Name(#[from] UserNameError),
    /// The password breaks a rule.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The mail address cannot be one.
    #[error(transparent)]
    Email(#[from] EmailError),
    /// Somebody has this name, in whatever case.
    #[error("This user name is taken.")]
    NameTaken,
    /// A name to which the configuration gives something.
    #[error(
        "This user name is kept for somebody whom the administrators know. It can only be made on the server, with \"grange user add\"."
    )]
    NameKept,
    /// The name of a group.
    #[error("A user name cannot end in \"Group\": such a name stands for a group of users in access rights.")]
    NameOfGroup,
    /// Too many are logging in or registering at this moment.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] UserStoreError),
}

/// Why a login could not be decided; this is not "wrong password".
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Too many are logging in at this moment.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] UserStoreError),
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// It does not exist, or no longer.
    #[error("There is no such account.")]
    NoSuchUser,
    /// The new password breaks a rule.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The new mail address cannot be one.
    #[error(transparent)]
    Email(#[from] EmailError),
    /// Too many are logging in at this moment.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] UserStoreError),
}

impl Accounts {
    /// Accounts in a store. `hashing` is shared by all accounts of a process.
    pub fn new(store: Arc<dyn UserStore>, randomness: Arc<dyn Randomness>, hashing: Hashing) -> Accounts {
        Accounts {
            store,
            randomness,
            hashing,
        }
    }

    /// Makes an account.
    ///
    /// # Errors
    /// * [`RegisterError`]: a rule is broken, the name is taken or kept, or it could not be stored.
    pub async fn register(&self, new: NewAccount<'_>, now: Timestamp) -> Result<User, RegisterError> {
        let name = UserName::parse(new.name)?;
        let email = check_email(new.email)?;
        let password = Password::parse(new.password)?;
        check_not_kept(&name, &new.origin)?;
        // Asked first, so that a taken name costs no hash; `create` decides all the same.
        if self.store.by_name(&name).await?.is_some() {
            return Err(RegisterError::NameTaken);
        }
        let password = self.hash(password).await?;
        let user = User {
            id: self.new_id(),
            name,
            email,
            disabled: false,
            awaiting_approval: matches!(
                new.origin,
                Origin::Form {
                    approval: Approval::Awaited,
                    ..
                }
            ),
            generation: 1,
            created: now,
            password,
        };
        match self.store.create(&user).await {
            Ok(()) => Ok(user),
            Err(CreateUserError::NameTaken) => Err(RegisterError::NameTaken),
            Err(CreateUserError::Store(error)) => Err(error.into()),
        }
    }

    /// The account, if the password is its password and it may be used. `None` says nothing about
    /// why not, and takes the same work whether or not the name exists.
    ///
    /// # Errors
    /// * [`CheckError`]: the question could not be decided.
    pub async fn check_password(&self, name: &str, password: &str) -> Result<Option<User>, CheckError> {
        let user = self.by_name(name).await?;
        // A password nobody can have is still hashed, as an empty one and against nothing.
        let attempt = password::attempt(password);
        let against = user
            .as_ref()
            .filter(|_| attempt.is_some())
            .map(|user| user.password.clone());
        let verdict = self
            .hashing
            .verify(attempt.unwrap_or_default(), against, self.randomness.as_ref())
            .await?;
        let Some(user) = user.filter(User::may_log_in) else {
            return Ok(None);
        };
        match verdict {
            Verdict::Wrong => Ok(None),
            Verdict::Right => Ok(Some(user)),
            Verdict::RightButRehashed(new) => {
                let change = UserChange::Rehash {
                    old: user.password.clone(),
                    new,
                };
                // Whoever changed the password meanwhile has closed the door to this one.
                let changed = self.store.change(&user.id, &change).await?;
                Ok(changed.filter(|changed| changed.generation == user.generation && changed.may_log_in()))
            }
        }
    }

    /// The account of an id.
    ///
    /// # Errors
    /// * [`UserStoreError`].
    pub async fn by_id(&self, id: &str) -> Result<Option<User>, UserStoreError> {
        self.store.by_id(id).await
    }

    /// The account of a name, in whatever case. What cannot be a name has no account.
    ///
    /// # Errors
    /// * [`UserStoreError`].
    pub async fn by_name(&self, name: &str) -> Result<Option<User>, UserStoreError> {
        match UserName::parse(name) {
            Ok(name) => self.store.by_name(&name).await,
            Err(_) => Ok(None),
        }
    }

    /// All accounts, in the order of their names.
    ///
    /// # Errors
    /// * [`UserStoreError`].
    pub async fn list(&self) -> Result<Vec<User>, UserStoreError> {
        self.store.list().await
    }

    /// Sets a new password. Sessions made before are dead.
    ///
    /// # Errors
    /// * [`AccountError`].
    pub async fn set_password(&self, id: &str, password: &str) -> Result<User, AccountError> {
        let hash = self.hash(Password::parse(password)?).await?;
        self.change(id, UserChange::Password(hash)).await
    }

    /// Sets the mail address; an empty one takes it away.
    ///
    /// # Errors
    /// * [`AccountError`].
    pub async fn set_email(&self, id: &str, email: &str) -> Result<User, AccountError> {
        self.change(id, UserChange::Email(check_email(email)?)).await
    }

    /// Closes an account. Its sessions are dead; its pages and history stay.
    ///
    /// # Errors
    /// * [`AccountError`].
    pub async fn disable(&self, id: &str) -> Result<User, AccountError> {
        self.change(id, UserChange::Disable).await
    }

    /// Opens a closed account, or approves a new one.
    ///
    /// # Errors
    /// * [`AccountError`].
    pub async fn enable(&self, id: &str) -> Result<User, AccountError> {
        self.change(id, UserChange::Enable).await
    }

    /// Removes an account for ever. Its sessions are dead; its pages and history stay.
    ///
    /// # Errors
    /// * [`AccountError`].
    pub async fn delete(&self, id: &str) -> Result<(), AccountError> {
        match self.store.delete(id).await? {
            true => Ok(()),
            false => Err(AccountError::NoSuchUser),
        }
    }

    async fn change(&self, id: &str, change: UserChange) -> Result<User, AccountError> {
        self.store
            .change(id, &change)
            .await?
            .ok_or(AccountError::NoSuchUser)
    }

    async fn hash(&self, password: Password) -> Result<PasswordHash, HashingError> {
        self.hashing
            .hash(password.into_bytes(), self.randomness.as_ref())
            .await
    }

    fn new_id(&self) -> String {
        let mut bytes = [0; ID_BYTES];
        self.randomness.fill(&mut bytes);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Whether an access control list, whose names are compared without case, could mean a group by the name: those are
/// called `…Group`, as in MoinMoin.
fn is_name_of_group(name: &UserName) -> bool {
    let before = name.folded().strip_suffix("group");
    before.is_some_and(|before| !before.is_empty() && !before.ends_with(' '))
}

fn check_not_kept(name: &UserName, origin: &Origin<'_>) -> Result<(), RegisterError> {
    match origin {
        Origin::Administrator => Ok(()),
        Origin::Form { .. } if is_name_of_group(name) => Err(RegisterError::NameOfGroup),
        Origin::Form { reserved, .. } if reserved.iter().any(|kept| look_alike(kept, name.as_str())) => {
            Err(RegisterError::NameKept)
        }
        Origin::Form { .. } => Ok(()),
    }
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;

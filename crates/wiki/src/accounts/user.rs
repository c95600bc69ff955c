//! An account as the stores keep it.
//!
//! The hash of its password travels inside, behind a type that no log can print.

use std::fmt;

use jiff::Timestamp;

use super::UserName;

/// One account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Identifies the account for ever; survives a change of name. Opaque text.
    pub id: String,
    /// The name, unique without case in its store.
    pub name: UserName,
    /// The mail address, if the owner gave one.
    pub email: Option<String>,
    /// An administrator has closed the account: nobody can log in with it.
    pub disabled: bool,
    /// Registered where an administrator approves, and not approved yet: nobody can log in with it.
    pub awaiting_approval: bool,
    /// Changes with every new password, disabling and enabling. A session made under an earlier
    /// number is dead.
    pub generation: u64,
    /// When the account was made.
    pub created: Timestamp,
    /// The hash of the password.
    pub password: PasswordHash,
}

impl User {
    /// Whether the owner of the password may use the account.
    pub fn may_log_in(&self) -> bool {
        !self.disabled && !self.awaiting_approval
    }
}

/// The hash of a password with its salt and cost, in PHC format. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes the text that a store kept.
    pub fn from_stored(text: String) -> PasswordHash {
        PasswordHash(text)
    }

    /// The text for a store to keep; for no other use.
    pub fn as_stored(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mia() -> User {
        User {
            id: "1".into(),
            name: UserName::parse("Mia").unwrap(),
            email: None,
            disabled: false,
            awaiting_approval: false,
            generation: 1,
            created: Timestamp::UNIX_EPOCH,
            password: PasswordHash::from_stored("$argon2id$secret".into()),
        }
    }

    #[test]
    fn the_hash_is_never_printed() {
        let printed = format!("{:?} {:#?}", mia(), mia());
        assert!(
            printed.contains("***") && !printed.contains("argon2id"),
            "{printed}"
        );
    }

    #[test]
    fn a_closed_or_unapproved_account_may_not_log_in() {
        assert!(mia().may_log_in());
        assert!(
            !User {
                disabled: true,
                ..mia()
            }
            .may_log_in()
        );
        assert!(
            !User {
                awaiting_approval: true,
                ..mia()
            }
            .may_log_in()
        );
    }
}

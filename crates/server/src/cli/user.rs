//! `grange user add|passwd|list|disable|enable|delete`: the accounts in a wiki's user directory.
//!
//! They are reached directly, before the server ever ran and beside running ones. A new password,
//! disabling and deleting end that user's sessions: everywhere by the account's generation, and in
//! this wiki's realm also in the session store, so that lists no longer show them.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use grange_farm::{FarmServices, StorePlace, WikiConfig};
use grange_session::Kill;
use grange_wiki::accounts::{Accounts, NewAccount, Origin, User, UserName, check_email};

use super::password::PasswordSource;
use super::place::{self, WikiArgument};
use super::{Outcome, Refusal, answer};
use crate::clock::{Clock, SystemClock};

/// What is done with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make an account, also one with a superuser's name.
    Add {
        #[command(flatten)]
        who: Who,
        /// The mail address.
        #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
        email: String,
        #[command(flatten)]
        password: PasswordArgument,
    },
    /// Set a new password and end the user's sessions.
    Passwd {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        password: PasswordArgument,
    },
    /// Show all accounts.
    List {
        #[command(flatten)]
        wiki: WikiArgument,
        /// An array of objects instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Close an account and end its sessions; its pages and history stay.
    Disable(Who),
    /// Open a closed account again, or approve a new one.
    Enable(Who),
    /// Remove an account for ever and end its sessions; its pages and history stay.
    Delete(Who),
}

/// Whose account.
#[derive(Debug, Args)]
pub(crate) struct Who {
    /// The user's name.
    name: String,
    #[command(flatten)]
    wiki: WikiArgument,
}

/// Where a new password comes from.
#[derive(Debug, Args)]
pub(crate) struct PasswordArgument {
    /// Take the first line of stdin for the password, instead of asking twice.
    #[arg(long)]
    password_stdin: bool,
}

/// Does something with accounts.
pub(crate) async fn user(config: &Path, command: UserCommand) -> Outcome {
    let said = match command {
        UserCommand::Add { who, email, password } => {
            let source = PasswordSource::from_flag(password.password_stdin);
            add(&Office::open(config, &who.wiki)?, &who.name, &email, source).await?
        }
        UserCommand::Passwd { who, password } => {
            let source = PasswordSource::from_flag(password.password_stdin);
            set_password(&Office::open(config, &who.wiki)?, &who.name, source).await?
        }
        UserCommand::List { wiki, json } => return list(&Office::open(config, &wiki)?, json).await,
        UserCommand::Disable(who) => disable(&Office::open(config, &who.wiki)?, &who.name).await?,
        UserCommand::Enable(who) => enable(&Office::open(config, &who.wiki)?, &who.name).await?,
        UserCommand::Delete(who) => delete(&Office::open(config, &who.wiki)?, &who.name).await?,
    };
    answer::say(said)?;
    Ok(ExitCode::SUCCESS)
}

/// The accounts of one wiki.
struct Office {
    wiki: Arc<WikiConfig>,
    services: Arc<FarmServices>,
    accounts: Arc<Accounts>,
}

impl Office {
    fn open(config: &Path, wiki: &WikiArgument) -> Result<Office, Refusal> {
        let wiki = place::find_wiki(&place::load_farm(config)?, &wiki.wiki)?;
        if let StorePlace::Memory(_) = wiki.user_store {
            return Err(Refusal::new(format!(
                "the accounts of wiki \"{}\" are in the memory of the running server; they are made there, by registering",
                wiki.id
            )));
        }
        let services = place::services();
        let accounts = services.accounts(&wiki.user_store);
        Ok(Office {
            wiki,
            services,
            accounts,
        })
    }

    async fn find(&self, name: &str) -> Result<User, Refusal> {
        let nobody = || {
            Refusal::new(format!(
                "there is no account \"{name}\" in wiki \"{}\"",
                self.wiki.id
            ))
        };
        self.accounts.by_name(name).await?.ok_or_else(nobody)
    }

    /// Ends the user's sessions in this wiki's realm, and says how many. They are dead already by
    /// the account's generation, so a store that does not answer is no failure.
    async fn end_sessions(&self, user: &User) -> String {
        if let StorePlace::Memory(_) = self.wiki.session_store {
            return "sessions ended".to_owned();
        }
        let store = self.services.session_store(&self.wiki.session_store);
        let killed = store
            .kill(&self.wiki.session.realm, Kill::User(&user.id), SystemClock.now())
            .await;
        match killed {
            Ok(number) => format!("{} ended", answer::count(number, "session")),
            Err(cause) => format!("sessions ended, though the session store says: {cause}"),
        }
    }
}

async fn add(office: &Office, name: &str, email: &str, source: PasswordSource) -> Result<String, Refusal> {
    // All that can be wrong without a password is said before it is typed twice.
    let checked = UserName::parse(name)?;
    check_email(email)?;
    if office.accounts.by_name(name).await?.is_some() {
        return Err(Refusal::new(format!(
            "the name \"{checked}\" is taken in wiki \"{}\"",
            office.wiki.id
        )));
    }
    let password = source.read()?;
    let new = NewAccount {
        name,
        password: &password,
        email,
        origin: Origin::Administrator,
    };
    let user = office.accounts.register(new, SystemClock.now()).await?;
    Ok(format!(
        "account \"{}\" made in {}",
        user.name,
        office
            .wiki
            .user_store
            .dir()
            .unwrap_or(Path::new("memory"))
            .display()
    ))
}

async fn set_password(office: &Office, name: &str, source: PasswordSource) -> Result<String, Refusal> {
    let user = office.find(name).await?;
    let password = source.read()?;
    let user = office.accounts.set_password(&user.id, &password).await?;
    Ok(format!(
        "\"{}\" has a new password; {}",
        user.name,
        office.end_sessions(&user).await
    ))
}

async fn disable(office: &Office, name: &str) -> Result<String, Refusal> {
    let user = office.find(name).await?;
    let user = office.accounts.disable(&user.id).await?;
    Ok(format!(
        "\"{}\" can no longer log in; {}",
        user.name,
        office.end_sessions(&user).await
    ))
}

async fn enable(office: &Office, name: &str) -> Result<String, Refusal> {
    let user = office.find(name).await?;
    let user = office.accounts.enable(&user.id).await?;
    Ok(format!("\"{}\" can log in", user.name))
}

async fn delete(office: &Office, name: &str) -> Result<String, Refusal> {
    let user = office.find(name).await?;
    office.accounts.delete(&user.id).await?;
    Ok(format!(
        "account \"{}\" removed; {}",
        user.name,
        office.end_sessions(&user).await
    ))
}

async fn list(office: &Office, json: bool) -> Outcome {
    let users = office.accounts.list().await?;
    if json {
        answer::say_json(&users.iter().map(as_json).collect::<Vec<_>>())?;
    } else {
        answer::say(users.iter().map(line).collect::<Vec<_>>().join("\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn line(user: &User) -> String {
    let email = user.email.as_deref().unwrap_or("-");
    let columns = [
        user.name.as_str(),
        email,
        standing(user),
        &user.created.to_string(),
    ]
    .map(answer::one_line);
    columns.join("\t")
}

fn standing(user: &User) -> &'static str {
    match (user.disabled, user.awaiting_approval) {
        (true, _) => "disabled",
        (false, true) => "awaiting approval",
        (false, false) => "active",
    }
}

fn as_json(user: &User) -> serde_json::Value {
    serde_json::json!({
        "id": user.id,
        "name": user.name.as_str(),
        "email": user.email,
        "disabled": user.disabled,
        "awaiting_approval": user.awaiting_approval,
        "created": user.created.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use grange_wiki::accounts::PasswordHash;
    use jiff::Timestamp;

    use super::*;

    fn mia() -> User {
        User {
            id: "0a".into(),
            name: UserName::parse("Mia von Berg").unwrap(),
            email: None,
            disabled: false,
            awaiting_approval: false,
            generation: 1,
            created: Timestamp::UNIX_EPOCH,
            password: PasswordHash::from_stored("$argon2id$x".into()),
        }
    }

    #[test]
    fn an_account_is_one_line() {
        assert_eq!(line(&mia()), "Mia von Berg\t-\tactive\t1970-01-01T00:00:00Z");
        let closed = User {
            disabled: true,
            email: Some("m@x.org".into()),
            ..mia()
        };
        assert_eq!(
            line(&closed),
            "Mia von Berg\tm@x.org\tdisabled\t1970-01-01T00:00:00Z"
        );
        assert!(
            line(&User {
                awaiting_approval: true,
                ..mia()
            })
            .contains("\tawaiting approval\t")
        );
    }

    #[test]
    fn a_hash_is_in_no_answer() {
        let told = format!("{} {}", line(&mia()), as_json(&mia()));
        assert!(!told.contains("argon2"), "{told}");
    }
}

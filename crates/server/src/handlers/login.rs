//! `?action=login`: the form, and checking a name and a password.
//!
//! Whatever was wrong, the answer is the same sentence. Who has failed too often
//! waits, before any password is looked at.

use actix_web::http::StatusCode;
use grange_session::{Identity, LoginLink, Remember};
use grange_wiki::PageName;
use grange_wiki::accounts::{CheckError, INVALID_LOGIN, User};

use crate::extract::form::Checked;
use crate::frame::Frame;
use crate::handlers::{handover, sessions};
use crate::pages::{LoginForm, LoginPage, Message, MessageKind, RememberMe, Shell, Visitor, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

pub use grange_session::PASSWORD;

/// In the query: the visitor has just made an account.
pub const MADE: &str = "made";

/// So many characters of a name that failed stand in the log; no account has more.
const LONGEST_LOGGED_NAME: usize = 64;

/// Shows the form, or sends the visitor where people log in. Whoever is there already, and was sent by another
/// wiki, is asked whether to go on.
pub async fn show(visit: &mut Visit<'_>, page: &PageName) -> Result<Reply, Refusal> {
    if handover::is_elsewhere(visit) {
        return handover::begin(visit, page);
    }
    match handover::Asked::read(visit)? {
        Some(asked) if handover::can_hand_over(visit) => handover::ask(visit, page, &asked).await,
        _ => form(visit, page, "", None).await,
    }
}

/// Checks what was sent and begins a session.
pub async fn submit(visit: &mut Visit<'_>, page: &PageName, sent: Checked) -> Result<Reply, Refusal> {
    if handover::is_elsewhere(visit) {
        // No form of ours sends this; a password is typed in one place.
        return handover::begin(visit, page);
    }
    let asked = handover::Asked::read(visit)?;
    if let Some(asked) = &asked
        && sent.fields().has("go_on")
    {
        return match handover::can_hand_over(visit) {
            true => handover::give(visit, page, asked).await,
            false => form(visit, page, "", None).await,
        };
    }
    let lifetimes = &visit.place.config.session.lifetimes;
    if !lifetimes.allows_login() {
        return form(visit, page, "", None).await;
    }
    let name = sent.fields().text("name").trim();
    let remember = lifetimes.offers_remember_me() && sent.fields().has("remember_me");
    match check(visit, name, sent.fields().text("password")).await? {
        Some(user) => {
            let remember = if remember { Remember::Yes } else { Remember::No };
            log_in(visit, &user, remember);
            let (wiki, address) = (visit.place.config.id.clone(), visit.incoming.client);
            visit.once_stored(move || {
                tracing::info!(target: "audit", event = "login", wiki = &*wiki, user = user.id, %address);
            });
            match &asked {
                Some(asked) => handover::give(visit, page, asked).await,
                None => Ok(Reply::see_other(visit.page_url(page))),
            }
        }
        None => form(visit, page, name, Some(INVALID_LOGIN)).await,
    }
}

/// Begins a session of a user whose identity is proven; the old id is dead.
pub fn log_in(visit: &mut Visit<'_>, user: &User, remember: Remember) {
    let identity = Identity {
        user_id: user.id.clone(),
        auth_method: PASSWORD.to_owned(),
        auth_time: visit.incoming.now,
        account_generation: user.generation,
    };
    visit.session.log_in(identity, remember);
    if visit.place.config.central_login.as_deref() == Some(&visit.place.config.id) {
        visit
            .session
            .begin_link(LoginLink::begin(&*visit.state.randomness));
    }
}

/// The account of a name and its password, within the limits of failed tries.
///
/// # Errors
/// * [`Refusal::TooManyTries`] before any password is looked at
/// * [`Refusal::Internal`], [`Refusal::Busy`] when it could not be decided
pub async fn check(visit: &Visit<'_>, name: &str, password: &str) -> Result<Option<User>, Refusal> {
    let address = visit.incoming.client;
    let admission = visit
        .open
        .login_limits
        .admit_login(name, address, visit.incoming.now)
        .await
        .map_err(|full| Refusal::TooManyTries {
            retry_after: full.retry_after,
        })?;
    match visit.open.accounts.check_password(name, password).await {
        Ok(Some(user)) => {
            admission.succeeded();
            Ok(Some(user))
        }
        Ok(None) => {
            admission.failed();
            let wiki = &*visit.place.config.id;
            // What is too long for a name could fill the log.
            let name: String = name.chars().take(LONGEST_LOGGED_NAME).collect();
            tracing::warn!(target: "audit", event = "login_failed", wiki, name, %address);
            Ok(None)
        }
        Err(CheckError::Hashing(cause)) => {
            admission.withdrawn();
            Err(cause.into())
        }
        Err(cause) => {
            admission.withdrawn();
            Err(Refusal::internal(cause))
        }
    }
}

/// What was done before the visitor was sent here: an account was made, or an administrator ended all sessions.
fn news(visit: &Visit<'_>) -> Option<String> {
    if visit.query.has(MADE) {
        return Some("Your account is made. Log in with it now.".to_owned());
    }
    let sessions = sessions::told(visit.told_before("ended")?);
    Some(format!("{}, yours too.", sessions.trim_end_matches('.')))
}

async fn form(
    visit: &Visit<'_>,
    page: &PageName,
    name: &str,
    sentence: Option<&str>,
) -> Result<Reply, Refusal> {
    let frame = Frame::gather(visit, Some(page)).await?;
    let view = frame.view();
    let asked = handover::Asked::read(visit)?;
    let invitation = asked.as_ref().map(handover::Asked::invitation);
    let invitation = invitation.as_deref().map(|text| Message {
        kind: MessageKind::Note,
        text,
    });
    let news = news(visit);
    let done = news.as_deref().map(|text| Message {
        kind: MessageKind::Done,
        text,
    });
    let message = sentence.map(Message::refusal).or(done).or(invitation);
    let shell = Shell {
        message,
        ..view.shell("Log in")
    };
    let lifetimes = &visit.place.config.session.lifetimes;
    let action = match &asked {
        Some(asked) => asked.action_url(visit, page),
        None => visit.action_url(page, "login"),
    };
    let ticket = visit.ticket("login");
    let form = lifetimes.allows_login().then_some(LoginForm {
        action: &action,
        ticket: &ticket,
        name,
        remember_me: if lifetimes.offers_remember_me() {
            RememberMe::Offered
        } else {
            RememberMe::Withheld
        },
    });
    let register = match shell.visitor {
        Visitor::Guest { register, .. } => register,
        Visitor::User(_) => None,
    };
    let page = LoginPage {
        shell,
        form,
        register,
        shared_with: &[],
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

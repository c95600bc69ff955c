//! `?action=userprefs`: what a user can change about the own account; so far the password.
//!
//! The current password is asked for, and tries are limited as at the login. A new password ends all other sessions
//! of the account, in every realm; this one goes on under a new id. While a superuser acts as somebody there is
//! nothing to change here.

use actix_web::http::StatusCode;
use grange_farm::WikiState;
use grange_session::EndReason;
use grange_wiki::PageName;
use grange_wiki::accounts::{AccountError, User};

use crate::extract::form::Checked;
use crate::frame::Frame;
use crate::handlers::{login, sessions};
use crate::pages::{Message, MessageKind, PreferencesPage, Shell, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Shows the form; guests are sent to log in.
pub async fn show(visit: &mut Visit<'_>, page: &PageName) -> Result<Reply, Refusal> {
    if visit.visitor.user.is_none() {
        return Ok(Reply::see_other(visit.action_url(page, "login")));
    }
    check_own(visit)?;
    let ended = visit.told_before("changed");
    let text = ended.map(|ended| format!("Your password is changed. {}", sessions::told(ended)));
    let done = text.as_deref().map(|text| Message {
        kind: MessageKind::Done,
        text,
    });
    form(visit, page, done).await
}

/// Changes the password.
pub async fn submit(visit: &mut Visit<'_>, page: &PageName, sent: Checked) -> Result<Reply, Refusal> {
    let user = check_own(visit)?;
    // A wiki that is read-only for a while has users who may have to change a password that got known.
    if visit.place.config.state == WikiState::Archived {
        visit.check_open_for_changes()?;
    }
    let fields = sent.fields();
    let (old, new) = (fields.text("old_password"), fields.text("password1"));
    if new != fields.text("password2") {
        let text = "The two new passwords are not the same. Please type them again.";
        return form(visit, page, Some(Message::refusal(text))).await;
    }
    match login::check(visit, user.name.as_str(), old).await? {
        Some(proven) if proven.id == user.id => {}
        _ => {
            let text = "This is not your current password.";
            return form(visit, page, Some(Message::refusal(text))).await;
        }
    }
    let changed = match visit.open.accounts.set_password(&user.id, new).await {
        Ok(changed) => changed,
        Err(AccountError::Password(cause)) => {
            return form(visit, page, Some(Message::refusal(&cause.to_string()))).await;
        }
        Err(AccountError::Hashing(cause)) => return Err(cause.into()),
        Err(cause) => return Err(Refusal::internal(cause)),
    };
    let ended = go_on(visit, &changed).await;
    let told = visit.tell_next("changed", ended);
    Ok(Reply::see_other(format!(
        "{}&{told}",
        visit.action_url(page, "userprefs")
    )))
}

/// The account, when it is the visitor's own to change.
fn check_own(visit: &Visit<'_>) -> Result<User, Refusal> {
    if visit.visitor.real.is_some() {
        let sentence = "You are acting as somebody else. Return to your own account to change it.";
        return Err(Refusal::Refused(sentence.into()));
    }
    match &visit.visitor.user {
        Some(user) => Ok(user.clone()),
        None => Err(Refusal::Refused(
            "You have to be logged in to change your account.".into(),
        )),
    }
}

/// Ends the other sessions, and keeps this one under a new id. The others are dead already, by the account's
/// generation; here their records go, so that no list shows them.
async fn go_on(visit: &mut Visit<'_>, changed: &User) -> u64 {
    let ended = sessions::end_others(visit, changed).await.unwrap_or_default();
    sessions::tell(visit, changed, EndReason::PasswordChanged, ended);
    visit.session.prove_again(visit.incoming.now);
    visit.session.rotate_for_generation(changed.generation);
    let (wiki, address) = (&*visit.place.config.id, visit.incoming.client);
    tracing::info!(target: "audit", event = "password_changed", wiki, user = changed.id, count = ended, %address);
    ended
}

async fn form(visit: &Visit<'_>, page: &PageName, message: Option<Message<'_>>) -> Result<Reply, Refusal> {
    let frame = Frame::gather(visit, Some(page)).await?;
    let view = frame.view();
    let shell = view.shell("Your account");
    let sessions = crate::routes::is_offered(visit, "sessions").then(|| visit.action_url(page, "sessions"));
    let user = visit.visitor.user.as_ref();
    let page = PreferencesPage {
        shell: Shell {
            message: message.or(shell.message),
            ..shell
        },
        action: &visit.action_url(page, "userprefs"),
        ticket: &visit.ticket("userprefs"),
        name: visit.visitor.name().unwrap_or_default(),
        email: user.and_then(|user| user.email.as_deref()),
        sessions: sessions.as_deref(),
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

//! `?action=newaccount`: making an account, and being logged in with it at once.
//!
//! Which names and passwords are good enough is decided in the wiki crate; names to which the
//! configuration gives something are kept for `grange user add`. Start reading at [`submit`].

use actix_web::http::StatusCode;
use grange_farm::Registration;
use grange_session::Remember;
use grange_wiki::PageName;
use grange_wiki::accounts::{Approval, NewAccount, Origin, RegisterError, User};

use crate::extract::form::Checked;
use crate::frame::Frame;
use crate::handlers::handover;
use crate::handlers::login::{MADE, log_in};
use crate::pages::{Message, MessageKind, NewAccountForm, NewAccountPage, Shell, Visitor, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// What stands in the form when it is shown.
#[derive(Default)]
struct Shown<'a> {
    name: &'a str,
    email: &'a str,
    message: Option<Message<'a>>,
}

/// Shows the form.
pub async fn show(visit: &mut Visit<'_>, page: &PageName) -> Result<Reply, Refusal> {
    form(visit, page, Shown::default()).await
}

/// Makes the account.
pub async fn submit(visit: &mut Visit<'_>, page: &PageName, sent: Checked) -> Result<Reply, Refusal> {
    if !visit.place.config.session.lifetimes.allows_login() {
        return Err(Refusal::Refused("Logging in is disabled on this wiki.".into()));
    }
    visit.check_open_for_changes()?;
    if !offers_registration(visit) {
        return Err(Refusal::Refused(
            "Accounts on this wiki are made by its administrators.".into(),
        ));
    }
    let fields = sent.fields();
    let (name, email) = (fields.text("name").trim(), fields.text("email").trim());
    let shown = |kind, text| Shown {
        name,
        email,
        message: Some(Message { kind, text }),
    };
    if fields.text("password1") != fields.text("password2") {
        let text = "The two passwords are not the same. Please type them again.";
        return form(visit, page, shown(MessageKind::Refusal, text)).await;
    }
    let approval = match visit.place.config.registration {
        Registration::Approve => Approval::Awaited,
        Registration::Open | Registration::Closed => Approval::NotNeeded,
    };
    let config = visit.place.config.clone();
    let origin = Origin::Form {
        reserved: &config.reserved_names,
        approval,
    };
    let new = NewAccount {
        name,
        password: fields.text("password1"),
        email,
        origin,
    };
    let user = match register(visit, new).await? {
        Ok(user) => user,
        Err(sentence) => return form(visit, page, shown(MessageKind::Refusal, &sentence)).await,
    };
    if user.awaiting_approval {
        let text = "Your account is made. An administrator has to approve it before you can log in.";
        return form(
            visit,
            page,
            Shown {
                message: Some(Message {
                    kind: MessageKind::Done,
                    text,
                }),
                ..Shown::default()
            },
        )
        .await;
    }
    // At once: the account is there, whatever becomes of the session.
    let (wiki, address) = (&*visit.place.config.id, visit.incoming.client);
    tracing::info!(target: "audit", event = "registered", wiki, user = user.id, %address);
    if handover::is_elsewhere(visit) {
        return Ok(Reply::see_other(format!(
            "{}&{MADE}=1",
            visit.action_url(page, "login")
        )));
    }
    log_in(visit, &user, Remember::No);
    Ok(Reply::see_other(visit.page_url(page)))
}

/// The new account, or the sentence that says why there is none.
async fn register(visit: &Visit<'_>, new: NewAccount<'_>) -> Result<Result<User, String>, Refusal> {
    let admission = visit
        .open
        .login_limits
        .admit_registration(new.name, visit.incoming.client, visit.incoming.now)
        .await
        .map_err(|full| Refusal::TooManyTries {
            retry_after: full.retry_after,
        })?;
    match visit.open.accounts.register(new, visit.incoming.now).await {
        Ok(user) => {
            admission.succeeded();
            Ok(Ok(user))
        }
        Err(cause @ (RegisterError::NameTaken | RegisterError::NameKept | RegisterError::NameOfGroup)) => {
            admission.failed();
            Ok(Err(cause.to_string()))
        }
        Err(RegisterError::Store(cause)) => {
            admission.withdrawn();
            Err(Refusal::internal(cause))
        }
        Err(RegisterError::Hashing(cause)) => {
            admission.withdrawn();
            Err(cause.into())
        }
        Err(cause) => {
            admission.withdrawn();
            Ok(Err(cause.to_string()))
        }
    }
}

/// A visitor can register where registration is open, logging in is possible and anything is changed at all.
fn offers_registration(visit: &Visit<'_>) -> bool {
    let config = &visit.place.config;
    visit.why_closed_for_changes().is_none()
        && config.registration != Registration::Closed
        && config.session.lifetimes.allows_login()
}

async fn form(visit: &Visit<'_>, page: &PageName, shown: Shown<'_>) -> Result<Reply, Refusal> {
    let frame = Frame::gather(visit, Some(page)).await?;
    let view = frame.view();
    let closed = visit.why_closed_for_changes().map(Message::refusal);
    let shell = Shell {
        message: shown.message.or(closed),
        ..view.shell("Create an account")
    };
    let (action, ticket) = (visit.action_url(page, "newaccount"), visit.ticket("newaccount"));
    let form = offers_registration(visit).then_some(NewAccountForm {
        action: &action,
        ticket: &ticket,
        name: shown.name,
        email: shown.email,
    });
    let login = match shell.visitor {
        Visitor::Guest { login, .. } => login,
        Visitor::User(_) => None,
    };
    let page = NewAccountPage { shell, form, login };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

//! `?action=suid`: a superuser acts as somebody else, and returns.
//!
//! Never into another superuser, never into a disabled account, never from within
//! another acting. Both names stand in the log, in the history and in a banner on
//! every page; an hour is the limit (`extract::visitor`).

use actix_web::http::StatusCode;
use grange_session::Acting;
use grange_wiki::PageName;
use grange_wiki::accounts::User;

use crate::extract::form::Checked;
use crate::extract::visitor::is_superuser;
use crate::frame::Frame;
use crate::pages::{Message, Shell, SwitchUserPage, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Shows the form to superusers.
pub async fn show(visit: &mut Visit<'_>, page: &PageName) -> Result<Reply, Refusal> {
    check_superuser(visit)?;
    form(visit, page, "", "", None).await
}

/// Begins to act as somebody, or returns.
pub async fn submit(visit: &mut Visit<'_>, page: &PageName, sent: Checked) -> Result<Reply, Refusal> {
    if sent.fields().has("return") {
        return stop(visit, page);
    }
    check_superuser(visit)?;
    let (name, reason) = (
        sent.fields().text("name").trim(),
        sent.fields().text("reason").trim(),
    );
    let target = visit
        .open
        .accounts
        .by_name(name)
        .await
        .map_err(Refusal::internal)?;
    match acceptable(visit, target) {
        Ok(target) => {
            begin(visit, &target, reason);
            Ok(Reply::see_other(visit.page_url(page)))
        }
        Err(sentence) => form(visit, page, name, reason, Some(sentence)).await,
    }
}

fn check_superuser(visit: &Visit<'_>) -> Result<(), Refusal> {
    let acts_elsewhere = visit.visitor.viewer.superuser && visit.session.acting().is_some();
    if visit.visitor.real.is_some() || acts_elsewhere {
        let sentence = "You are acting as somebody else already. Return to your own account first.";
        return Err(Refusal::Refused(sentence.into()));
    }
    match visit.visitor.viewer.superuser {
        true => Ok(()),
        false => Err(Refusal::Refused(
            "Only superusers of this wiki can act as somebody else.".into(),
        )),
    }
}

/// The account to act as, or the sentence that says why not.
fn acceptable(visit: &Visit<'_>, target: Option<User>) -> Result<User, &'static str> {
    let Some(target) = target else {
        return Err("There is no account of this name.");
    };
    if visit.visitor.user_id() == Some(target.id.as_str()) {
        return Err("This is your own account.");
    }
    if is_superuser(&visit.place.config, &target) {
        return Err("Nobody can act as another superuser.");
    }
    if !target.may_log_in() {
        return Err("This account is disabled, so nobody can act as it.");
    }
    Ok(target)
}

fn begin(visit: &mut Visit<'_>, target: &User, reason: &str) {
    let real = visit.visitor.user_id().unwrap_or("-").to_owned();
    let wiki = visit.place.config.id.to_string();
    tracing::warn!(target: "audit", event = "su", wiki, user = real, acting_as = target.id, reason, address = %visit.incoming.client);
    visit.session.act_as(Acting {
        user_id: target.id.clone(),
        since: visit.incoming.now,
        reason: reason.to_owned(),
    });
}

/// Ends the acting, wherever in the realm it was begun.
fn stop(visit: &mut Visit<'_>, page: &PageName) -> Result<Reply, Refusal> {
    if visit.session.acting().is_none() {
        return Err(Refusal::Refused("You are not acting as anybody.".into()));
    }
    let user = visit.visitor.real_user().map_or("-", |user| user.id.as_str());
    tracing::warn!(target: "audit", event = "su_return", wiki = %visit.place.config.id, user, address = %visit.incoming.client);
    visit.session.stop_acting();
    Ok(Reply::see_other(visit.page_url(page)))
}

async fn form(
    visit: &Visit<'_>,
    page: &PageName,
    name: &str,
    reason: &str,
    sentence: Option<&str>,
) -> Result<Reply, Refusal> {
    let frame = Frame::gather(visit, Some(page)).await?;
    let view = frame.view();
    let message = sentence.map(Message::refusal);
    let page = SwitchUserPage {
        shell: Shell {
            message,
            ..view.shell("Act as another user")
        },
        action: &visit.action_url(page, "suid"),
        ticket: &visit.ticket("suid"),
        name,
        reason,
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

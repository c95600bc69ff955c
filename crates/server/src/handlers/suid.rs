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
use crate::proof::{Proof, Sensitive, demand};
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
    let target = match acceptable(visit, target) {
        Ok(target) => target,
        Err(sentence) => return form(visit, page, name, reason, Some(sentence)).await,
    };
    let sensitive = Sensitive {
        page: Some(page),
        address: &visit.action_url(page, "suid"),
        action: "suid",
        what: "Act as another user",
        cancel: &visit.page_url(page),
    };
    let sent = match demand(visit, sent, sensitive).await? {
        Proof::Given(sent) => sent,
        Proof::Wanted(reply) => return Ok(reply),
    };
    begin(visit, &target, sent.fields().text("reason").trim());
    Ok(Reply::see_other(visit.page_url(page)))
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
    if is_superuser(visit.place.config, &target) {
        return Err("Nobody can act as another superuser.");
    }
    if !target.may_log_in() {
        return Err("This account is disabled, so nobody can act as it.");
    }
    Ok(target)
}

/// An account as the log names it.
struct Named {
    id: String,
    name: String,
}

impl Named {
    fn of(user: Option<&User>) -> Named {
        Named {
            id: user.map_or("-", |user| user.id.as_str()).to_owned(),
            name: user.map_or("-", |user| user.name.as_str()).to_owned(),
        }
    }
}

fn begin(visit: &mut Visit<'_>, target: &User, reason: &str) {
    let (wiki, address) = (visit.place.config.id.clone(), visit.incoming.client);
    let (real, target_name) = (Named::of(visit.visitor.user.as_ref()), target.name.to_string());
    let (acting_as, why) = (target.id.clone(), reason.to_owned());
    visit.once_stored(move || {
        tracing::warn!(
            target: "audit", event = "su", wiki = &*wiki, user = real.id, user_name = real.name, acting_as,
            acting_as_name = target_name, reason = why, %address
        );
    });
    visit.session.act_as(Acting {
        user_id: target.id.clone(),
        since: visit.incoming.now,
        reason: reason.to_owned(),
    });
}

/// Ends the acting, wherever in the realm it was begun.
fn stop(visit: &mut Visit<'_>, page: &PageName) -> Result<Reply, Refusal> {
    let Some(acting) = visit.session.acting() else {
        return Err(Refusal::Refused("You are not acting as anybody.".into()));
    };
    let (wiki, address) = (visit.place.config.id.clone(), visit.incoming.client);
    let real = Named::of(visit.visitor.real_user());
    // Where the acting does not count, only the id is known of whom it is about.
    let target = visit
        .visitor
        .user
        .as_ref()
        .filter(|user| user.id == acting.user_id);
    let (acting_as, target_name) = (acting.user_id.clone(), Named::of(target).name);
    visit.once_stored(move || {
        tracing::warn!(
            target: "audit", event = "su_return", wiki = &*wiki, user = real.id, user_name = real.name, acting_as,
            acting_as_name = target_name, %address
        );
    });
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

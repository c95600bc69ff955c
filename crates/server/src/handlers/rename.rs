//! `?action=rename`: the page and its history get another name.
//!
//! Takes the right to delete the old name and to write the new one, as in MoinMoin.

use actix_web::http::StatusCode;
use grange_wiki::{ChangeError, PageName, Rename};

use crate::extract::allowed::{Allowed, Delete, Write};
use crate::extract::form::Checked;
use crate::frame::Frame;
use crate::handlers::change_refusal;
use crate::pages::{Message, RenamePage, Shell, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Shows the question.
pub async fn ask(visit: &mut Visit<'_>, allowed: Allowed<Delete>) -> Result<Reply, Refusal> {
    visit.check_open_for_changes()?;
    let name = allowed.page();
    if !visit.open.wiki.exists(name).await? {
        return Err(Refusal::NotFound(
            "There is no such page, so it cannot be renamed.".into(),
        ));
    }
    form(visit, name, name.as_str(), "", None).await
}

/// Renames the page and goes to its new address.
pub async fn submit(
    visit: &mut Visit<'_>,
    allowed: Allowed<Delete>,
    sent: Checked,
) -> Result<Reply, Refusal> {
    visit.check_open_for_changes()?;
    let name = allowed.page();
    let (wanted, comment) = (
        sent.fields().text("newname"),
        sent.fields().text("comment").trim(),
    );
    let new_name = match PageName::parse(wanted) {
        Ok(new_name) => new_name,
        Err(rule) => return form(visit, name, wanted, comment, Some(&rule.to_string())).await,
    };
    let target = Allowed::<Write>::check(visit, &new_name).await?;
    let change = Rename {
        from: name.clone(),
        to: target.page().clone(),
        author: visit.author(),
        comment: comment.to_owned(),
        now: visit.incoming.now,
    };
    match visit.open.wiki.rename(change).await {
        Ok(_) => Ok(Reply::see_other(visit.page_url(&new_name))),
        Err(ChangeError::TargetExists(_)) => {
            let text = format!("There is a page “{new_name}” already. Choose another name.");
            form(visit, name, wanted, comment, Some(&text)).await
        }
        Err(cause) => Err(change_refusal(cause)),
    }
}

async fn form(
    visit: &Visit<'_>,
    name: &PageName,
    new_name: &str,
    comment: &str,
    sentence: Option<&str>,
) -> Result<Reply, Refusal> {
    let frame = Frame::gather(visit, Some(name)).await?;
    let view = frame.view();
    let title = format!("Rename {name}");
    let message = sentence.map(Message::refusal);
    let page = RenamePage {
        shell: Shell {
            message,
            ..view.shell(&title)
        },
        name: name.as_str(),
        action: &visit.action_url(name, "rename"),
        ticket: &visit.ticket("rename"),
        new_name,
        comment,
        cancel: frame.page_href(),
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

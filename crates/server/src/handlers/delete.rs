//! `?action=delete`: asks, then ends a page. Its history stays and can be gone back to.
//!
//! Takes the rights to write and to delete. Start reading at [`ask`], which is the
//! question, then [`submit`].

use actix_web::http::StatusCode;
use grange_wiki::PageName;

use crate::extract::allowed::{Allowed, Delete};
use crate::extract::form::Checked;
use crate::frame::Frame;
use crate::handlers::change_refusal;
use crate::pages::{DeletePage, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Shows the question.
pub async fn ask(visit: &mut Visit<'_>, allowed: Allowed<Delete>) -> Result<Reply, Refusal> {
    visit.check_open_for_changes()?;
    must_exist(visit, allowed.page()).await?;
    let name = allowed.page();
    let frame = Frame::gather(visit, Some(name)).await?;
    let view = frame.view();
    let title = format!("Delete {name}");
    let page = DeletePage {
        shell: view.shell(&title),
        name: name.as_str(),
        action: &visit.action_url(name, "delete"),
        ticket: &visit.ticket("delete"),
        comment: "",
        files: visit.open.wiki.attachment_count(name).await?,
        list_of_files: &visit.action_url(name, "AttachFile"),
        cancel: frame.page_href(),
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

/// Deletes the page and shows that it is gone.
pub async fn submit(
    visit: &mut Visit<'_>,
    allowed: Allowed<Delete>,
    form: Checked,
) -> Result<Reply, Refusal> {
    visit.check_open_for_changes()?;
    let name = allowed.page();
    let change = grange_wiki::Delete {
        page: name.clone(),
        author: visit.author(),
        comment: form.fields().text("comment").trim().to_owned(),
        now: visit.incoming.now,
    };
    visit.open.wiki.delete(change).await.map_err(change_refusal)?;
    Ok(Reply::see_other(visit.page_url(name)))
}

async fn must_exist(visit: &Visit<'_>, name: &PageName) -> Result<(), Refusal> {
    match visit.open.wiki.exists(name).await? {
        true => Ok(()),
        false => Err(Refusal::NotFound(
            "There is no such page, so it cannot be deleted.".into(),
        )),
    }
}

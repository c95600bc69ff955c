//! `do=del`: asks, then removes a file from its page. What was there stays in the change log.
//!
//! Takes the right to delete, as in MoinMoin. Start reading at [`ask`], which is the question, then [`submit`].

use actix_web::http::StatusCode;
use grange_wiki::{Detach, FileName};

use crate::extract::allowed::{Allowed, Delete};
use crate::extract::form::Checked;
use crate::extract::multipart::attach_refusal;
use crate::frame::Frame;
use crate::pages::{RemoveFilePage, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Shows the question.
pub async fn ask(visit: &Visit<'_>, allowed: Allowed<Delete>) -> Result<Reply, Refusal> {
    visit.check_open_for_changes()?;
    let page = allowed.page();
    let version = super::asked_version(visit, page).await?;
    let frame = Frame::gather(visit, Some(page)).await?;
    let view = frame.view();
    let title = format!("Delete {}", version.file);
    let list = super::files_url(visit, page);
    let asked = RemoveFilePage {
        shell: view.shell(&title),
        file: version.file.as_str(),
        page: page.as_str(),
        action: &list,
        ticket: &visit.ticket(super::TICKET),
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&asked)?))
}

/// Removes the file and shows the list.
pub async fn submit(
    visit: &mut Visit<'_>,
    allowed: Allowed<Delete>,
    form: Checked,
) -> Result<Reply, Refusal> {
    visit.check_open_for_changes()?;
    let fields = form.fields();
    if fields.text("do") != "del" {
        let sentence = "The form does not say what to do with which file.".to_owned();
        return Err(Refusal::BadRequest(sentence));
    }
    let file = FileName::parse(fields.text("target")).map_err(|_| Refusal::NoSuchFile(None))?;
    let detach = Detach {
        page: allowed.page().clone(),
        file,
        author: visit.author(),
        comment: fields.text("comment").trim().to_owned(),
        now: visit.incoming.now,
    };
    visit.open.wiki.detach(detach).await.map_err(attach_refusal)?;
    let told = visit.tell_next("removed", 1);
    Ok(Reply::see_other(format!(
        "{}&{told}",
        super::files_url(visit, allowed.page())
    )))
}

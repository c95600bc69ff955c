//! `?action=revert`: shows what going back would change, then goes back.
//!
//! Nothing is taken out of the history: the old text becomes the newest revision.
//! Start reading at [`ask`], which is the question, then [`submit`].

use actix_web::http::StatusCode;

use crate::extract::allowed::{Allowed, Revert};
use crate::extract::form::Checked;
use crate::frame::{Frame, moment};
use crate::handlers::change_refusal;
use crate::handlers::diff::diff_rows;
use crate::pages::{RevertPage, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Shows the question.
pub async fn ask(visit: &mut Visit<'_>, allowed: Allowed<Revert>) -> Result<Reply, Refusal> {
    visit.check_open_for_changes()?;
    let name = allowed.page();
    let number = visit.query.revision("rev").ok_or_else(no_revision)?;
    let target = visit.open.wiki.revision(name, number).await?;
    let target = target.ok_or(Refusal::NotFound("The page has no such revision.".into()))?;
    let current = visit.open.wiki.page(name).await?;
    let now = current.map(|page| page.text.to_string()).unwrap_or_default();
    let frame = Frame::gather(visit, Some(name)).await?;
    let view = frame.view();
    let title = format!("Revert {name}");
    let page = RevertPage {
        shell: view.shell(&title),
        name: name.as_str(),
        action: &visit.action_url(name, "revert"),
        ticket: &visit.ticket("revert"),
        revision: number,
        moment: target.change.as_ref().map(|change| moment(visit, change.time)),
        changes: &diff_rows(&now, &target.text).await?,
        cancel: &visit.action_url(name, "info"),
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

/// Makes the old text the newest revision.
pub async fn submit(
    visit: &mut Visit<'_>,
    allowed: Allowed<Revert>,
    form: Checked,
) -> Result<Reply, Refusal> {
    visit.check_open_for_changes()?;
    let name = allowed.page();
    let number = form.fields().revision("rev").ok_or_else(no_revision)?;
    let change = grange_wiki::Revert {
        page: name.clone(),
        revision: number,
        author: visit.author(),
        comment: form.fields().text("comment").trim().to_owned(),
        now: visit.incoming.now,
    };
    visit.open.wiki.revert(change).await.map_err(change_refusal)?;
    Ok(Reply::see_other(visit.page_url(name)))
}

fn no_revision() -> Refusal {
    Refusal::BadRequest("“rev” has to name the revision to go back to.".to_owned())
}

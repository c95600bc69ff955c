//! `?action=logout`: the session ends, here and on every wiki that shares it.
//!
//! Which fields outlive it and what the browser is told is the session crate's business;
//! the page that follows says that it is done (`frame`).

use grange_wiki::PageName;

use crate::extract::form::Checked;
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Ends the session and goes back to the page, which says so.
pub async fn submit(visit: &mut Visit<'_>, page: &PageName, _form: Checked) -> Result<Reply, Refusal> {
    if let Some(user) = visit.visitor.real_user() {
        let wiki = &*visit.place.config.id;
        tracing::info!(target: "audit", event = "logout", wiki, user = user.id, address = %visit.incoming.client);
    }
    visit.session.log_out();
    Ok(Reply::see_other(format!("{}?logged_out=1", visit.page_url(page))))
}

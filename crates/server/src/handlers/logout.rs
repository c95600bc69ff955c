//! `?action=logout`: the session ends, here and on every wiki that shares it.
//!
//! Only a form does it; whoever comes by a link is asked first. Which fields outlive the session and what the browser is
//! told is the session crate's business; the page that follows says that it is done (`frame`).

use actix_web::http::StatusCode;
use grange_wiki::PageName;

use crate::extract::form::Checked;
use crate::frame::Frame;
use crate::pages::{LogoutPage, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Asks whoever is logged in; guests are at the end already and see the page.
pub async fn ask(visit: &mut Visit<'_>, page: &PageName) -> Result<Reply, Refusal> {
    let Some(name) = visit.visitor.name() else {
        return Ok(Reply::see_other(visit.page_url(page)));
    };
    let frame = Frame::gather(visit, Some(page)).await?;
    let view = frame.view();
    let asked = LogoutPage {
        shell: view.shell("Log out"),
        action: &visit.action_url(page, "logout"),
        ticket: &visit.ticket("logout"),
        name,
        page: frame.page_href(),
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&asked)?))
}

/// Ends the session and goes back to the page, which says so.
pub async fn submit(visit: &mut Visit<'_>, page: &PageName, _form: Checked) -> Result<Reply, Refusal> {
    if let Some(user) = visit.visitor.real_user() {
        let (wiki, user) = (visit.place.config.id.clone(), user.id.clone());
        let address = visit.incoming.client;
        visit.once_stored(move || {
            tracing::info!(target: "audit", event = "logout", wiki = &*wiki, user, %address);
        });
    }
    visit.session.log_out();
    let mut reply = Reply::see_other(format!("{}?logged_out=1", visit.page_url(page)));
    forget_pages(visit, &mut reply);
    Ok(reply)
}

/// Has the browser forget what it keeps of the pages and files that the user saw, so that its back button shows none of
/// them to whoever sits there next. Never the cookies: those of sibling wikis would go with ours.
pub fn forget_pages(visit: &Visit<'_>, reply: &mut Reply) {
    // Elsewhere browsers do not listen, and complain.
    if visit.incoming.is_trustworthy() {
        reply.headers.push(("clear-site-data", "\"cache\"".to_owned()));
    }
}

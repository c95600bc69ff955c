//! `?action=goto&target=Page`: from a box to the page whose name was typed, whether there is one or not.
//!
//! It only redirects; who may read the page is asked there.

use grange_wiki::PageName;

use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Leads to the page.
pub fn lead(visit: &Visit<'_>) -> Result<Reply, Refusal> {
    let target = PageName::parse(visit.query.text("target"))
        .map_err(|broken| Refusal::BadRequest(broken.to_string()))?;
    Ok(Reply::see_other(visit.page_url(&target)))
}

//! `?action=raw`: the saved text, byte for byte, as plain text.
//!
//! For scripts and for reading the source; no template, no macro and no shell has a part
//! in it.

use crate::extract::allowed::{Allowed, Read};
use crate::handlers::view::asked_revision;
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Answers the text of the page, or of `rev`.
pub async fn show(visit: &mut Visit<'_>, allowed: Allowed<Read>) -> Result<Reply, Refusal> {
    let page = asked_revision(visit, allowed.page()).await?;
    let page = page.ok_or(Refusal::NotFound(
        "There is no such page, so it has no text.".into(),
    ))?;
    Ok(Reply::text(page.text.as_bytes().to_vec()))
}

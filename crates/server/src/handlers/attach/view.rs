//! `do=view`: a page that shows a picture, a sound, a film or the beginning of a text, and leads to the file.
//!
//! A text is shown as words, whatever stands in it. Everything else is only named.

use actix_web::http::StatusCode;
use grange_wiki::{Attachment, PageName, Shows};

use crate::frame::Frame;
use crate::pages::{AttachmentPage, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// So much of a text is shown.
const LONGEST_TEXT: usize = 64 * 1024;

/// Shows the file, or a version of it.
pub async fn show(visit: &Visit<'_>, page: &PageName) -> Result<Reply, Refusal> {
    let version = super::asked_version(visit, page).await?;
    let text = match version.shows() {
        Shows::Text => Some(beginning(visit, &version).await?),
        _ => None,
    };
    let frame = Frame::gather(visit, Some(page))
        .await?
        .with_edit_bar(page)
        .await?;
    let view = frame.view();
    let page = AttachmentPage {
        shell: view.shell(version.file.as_str()),
        list: &super::files_url(visit, page),
        file: super::shown(visit, &version),
        shows: version.shows(),
        is_cut: text.is_some() && version.bytes > LONGEST_TEXT as u64,
        text: text.as_deref().unwrap_or_default(),
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

async fn beginning(visit: &Visit<'_>, version: &Attachment) -> Result<String, Refusal> {
    let blob = visit.open.wiki.blob(version).await?;
    let bytes = blob.read(0, LONGEST_TEXT).await.map_err(Refusal::internal)?;
    // The end may stand in the middle of a character.
    let whole = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => {
            let (whole, _) = bytes.split_at(error.valid_up_to());
            std::str::from_utf8(whole).unwrap_or_default()
        }
    };
    Ok(whole.to_owned())
}

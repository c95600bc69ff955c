//! `do=get`: the bytes of a file, all of them or one range.
//!
//! What a browser could run is never shown by it: only the kinds of a short list are, everything else is saved under
//! its name, and for all of them the policy forbids scripts and loading.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use grange_wiki::attachment::blobs::hexadecimal;
use grange_wiki::attachment::sent_as;
use grange_wiki::{Attachment, PageName, Shows};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::refusal::Refusal;
use crate::respond::download::{Asked, Download};
use crate::respond::headers::POLICY_OF_FILES;
use crate::respond::reply::{Body, Reply, Sharing};
use crate::visit::Visit;

/// What may stand bare in `filename*` (RFC 8187).
const BARE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Answers the bytes.
pub async fn send(visit: &Visit<'_>, page: &PageName) -> Result<Reply, Refusal> {
    let version = super::asked_version(visit, page).await?;
    let tag = format!("\"{}\"", hexadecimal(&version.hash));
    let asked = Asked::read(visit.incoming.http.headers(), version.bytes, &tag);
    let (status, span) = match asked {
        Asked::Whole => (StatusCode::OK, 0..version.bytes),
        Asked::Part(span) => (StatusCode::PARTIAL_CONTENT, span),
        Asked::Beyond => return Ok(beyond(version.bytes)),
    };
    let mut reply = Reply::html(status, Vec::new());
    reply.sharing = match visit.is_passing_by() {
        true => Sharing::Everyone,
        false => Sharing::Visitor,
    };
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!(
            "bytes {}-{}/{}",
            span.start,
            span.end.saturating_sub(1),
            version.bytes
        );
        reply.headers.push(("content-range", range));
    }
    reply.headers.extend([
        ("accept-ranges", "bytes".to_owned()),
        ("content-disposition", disposition(&version)),
        ("content-security-policy", POLICY_OF_FILES.to_owned()),
    ]);
    reply.body = Body::Attached(Download {
        blob: visit.open.wiki.blob(&version).await?,
        span,
        media_type: sent_as(&version.media_type),
        tag: HeaderValue::from_str(&tag).map_err(Refusal::internal)?,
    });
    Ok(reply)
}

fn beyond(bytes: u64) -> Reply {
    let mut reply = Reply::html(StatusCode::RANGE_NOT_SATISFIABLE, Vec::new());
    reply.body = Body::Empty;
    reply.headers.push(("content-range", format!("bytes */{bytes}")));
    reply
}

/// Shown or saved, and under which name: once in ASCII for old clients, once in UTF-8 (RFC 6266).
fn disposition(version: &Attachment) -> String {
    let kind = match version.shows() {
        Shows::Nothing => "attachment",
        Shows::Picture | Shows::Sound | Shows::Film | Shows::Text => "inline",
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    let name = version.file.as_str();
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    format!(
        "{kind}; filename=\"{plain}\"; filename*=UTF-8''{}",
        utf8_percent_encode(name, BARE)
    )
}

//! `?action=AttachFile`: the files of a page, listed, shown, sent, attached and removed.
//!
//! `do` says which, in MoinMoin's words. Who may read the page sees its files; who may write it attaches new ones; who
//! may delete it removes and overwrites them. Start reading at [`show`]; the changes are in `upload.rs` and
//! `remove.rs`.

mod get;
pub mod remove;
pub mod upload;
mod view;

use actix_web::http::StatusCode;
use grange_wiki::attachment::address::{self, Doing};
use grange_wiki::rights::Right;
use grange_wiki::{Attachment, FileName, PageName};

use crate::extract::allowed::{Allowed, Read};
use crate::frame::{Frame, author_of, moment};
use crate::pages::{
    AttachedVersion, AttachmentRow, AttachmentsPage, Message, MessageKind, Paging, Shell, UploadForm,
    to_bytes,
};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// So many versions of files stand on one part of the list.
const ROWS: usize = 100;

/// What the tickets of these forms are issued for.
pub const TICKET: &str = "attach";

/// GET: whatever `do` says, or the list.
pub async fn show(visit: &mut Visit<'_>, allowed: Allowed<Read>) -> Result<Reply, Refusal> {
    let page = allowed.page();
    if !visit.open.wiki.exists(page).await? {
        return Err(Refusal::NoPageForFiles);
    }
    match visit.query.text("do") {
        "get" => get::send(visit, page).await,
        "view" => view::show(visit, page).await,
        "del" => remove::ask(visit, Allowed::check(visit, page).await?).await,
        "" | "upload_form" => {
            let message = done_before(visit).map(|text| Message {
                kind: MessageKind::Done,
                text,
            });
            list(visit, page, StatusCode::OK, message).await
        }
        _ => Err(Refusal::NotFound(
            "Files of a page can be listed, viewed, fetched, attached and deleted, and nothing else.".into(),
        )),
    }
}

/// What the form before has done.
fn done_before(visit: &Visit<'_>) -> Option<&'static str> {
    let attached = visit.told_before("attached").map(|_| "The file is attached.");
    attached.or_else(|| visit.told_before("removed").map(|_| "The file is deleted."))
}

/// The list of files, with the form where this visitor may attach one.
async fn list(
    visit: &Visit<'_>,
    page: &PageName,
    status: StatusCode,
    message: Option<Message<'_>>,
) -> Result<Reply, Refusal> {
    let wiki = &visit.open.wiki;
    let may = |right| wiki.may(&visit.visitor.viewer, right, page);
    let open = visit.check_open_for_changes().is_ok();
    let may_write = open && may(Right::Write).await?;
    let may_delete = may_write && may(Right::Delete).await?;
    let first = visit.query.part_number().saturating_mul(ROWS);
    let sheet = wiki.attachment_sheet(page, first, ROWS).await?;
    // Whether the part begins amid a file's versions is told by the one before.
    let before = match first.checked_sub(1) {
        Some(place) => wiki.attachment_sheet(page, place, 1).await?.versions.pop(),
        None => None,
    };
    let paging = (sheet.total > ROWS || first > 0).then(|| {
        let base = files_url(visit, page);
        Paging::new(&base, first, sheet.versions.len(), sheet.total, ROWS)
    });
    let frame = Frame::gather(visit, Some(page))
        .await?
        .with_edit_bar(page)
        .await?;
    let view = frame.view();
    let title = format!("Files of {page}");
    let (action, ticket) = (files_url(visit, page), visit.ticket(TICKET));
    let form = may_write.then(|| UploadForm {
        action: &action,
        ticket: &ticket,
        wanted: visit.query.text("rename"),
        may_overwrite: may_delete,
        limit: visit.place.config.max_attachment_bytes,
    });
    let rows: Vec<AttachmentRow<'_>> = rows(visit, &sheet.versions, before.as_ref());
    let shell = view.shell(&title);
    let page = AttachmentsPage {
        shell: Shell {
            message: message.or(shell.message),
            ..shell
        },
        files: &rows,
        paging,
        may_delete,
        form,
    };
    Ok(Reply::html(status, to_bytes(&page)?))
}

/// The versions by their files; `before` is the one that stands before them.
fn rows<'a>(
    visit: &Visit<'_>,
    versions: &'a [Attachment],
    before: Option<&Attachment>,
) -> Vec<AttachmentRow<'a>> {
    let of_one_file = versions.chunk_by(|one, next| one.file == next.file);
    let row = |versions: &'a [Attachment]| AttachmentRow {
        is_continued: before
            .zip(versions.first())
            .is_some_and(|(before, first)| before.file == first.file),
        versions: versions.iter().map(|version| shown(visit, version)).collect(),
    };
    of_one_file.map(row).collect()
}

/// One version as the pages show it.
fn shown<'a>(visit: &Visit<'_>, version: &'a Attachment) -> AttachedVersion<'a> {
    AttachedVersion {
        name: version.file.as_str(),
        number: version.version,
        bytes: version.bytes,
        media_type: &version.media_type,
        moment: moment(visit, version.time),
        author: author_of(&version.author),
        comment: &version.comment,
        view: file_url(visit, version, Doing::View),
        get: file_url(visit, version, Doing::Get),
        remove: file_url(visit, version, Doing::Remove),
    }
}

/// The address of the list.
fn files_url(visit: &Visit<'_>, page: &PageName) -> String {
    format!("{}?{}", visit.page_url(page), address::LIST)
}

fn file_url(visit: &Visit<'_>, version: &Attachment, doing: Doing) -> String {
    // Only the newest version can be removed, with all that came before it.
    let number = (doing != Doing::Remove).then_some(version.version);
    let query = address::query(doing, &version.file, number);
    format!("{}?{query}", visit.page_url(&version.page))
}

/// The file that `target` names, or the version of it that `rev` names.
async fn asked_version(visit: &Visit<'_>, page: &PageName) -> Result<Attachment, Refusal> {
    let file = FileName::parse(visit.query.text("target")).map_err(|_| Refusal::NoSuchFile(None))?;
    let wanted = match (visit.query.has("rev"), visit.query.revision("rev")) {
        (true, None) => {
            let sentence = "“rev” is not the number of a version.".to_owned();
            return Err(Refusal::BadRequest(sentence));
        }
        (_, wanted) => wanted,
    };
    let versions = visit.open.wiki.attachment_versions(page, &file).await?;
    let mut fitting = versions
        .into_iter()
        .filter(|found| wanted.is_none_or(|wanted| found.version == wanted));
    fitting.next().ok_or(Refusal::NoSuchFile(Some(file)))
}

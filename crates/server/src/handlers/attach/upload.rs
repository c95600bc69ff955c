//! `do=upload`: a file comes, gets a name and belongs to the page.
//!
//! New files take the right to write, new versions the right to delete as well, as in MoinMoin. The answer leaves when
//! bytes, name and log entry are durable.

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use grange_wiki::store::Overwrite;
use grange_wiki::{Attach, AttachError, FileName, PageName};

use crate::extract::allowed::{Allowed, Delete, Write};
use crate::extract::form::Checked;
use crate::extract::multipart::{Brought, attach_refusal, read};
use crate::extract::visitor::is_unchanged;
use crate::pages::Message;
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// What people are told who were logged out, or whose wiki has new settings, while their file came.
const OVERTAKEN: &str = "While the file was on its way you were logged out, or this wiki was given other settings. \
    Nothing was attached.";

/// Attaches the file and shows the list.
pub async fn submit(
    visit: &mut Visit<'_>,
    allowed: Allowed<Write>,
    payload: Payload,
) -> Result<Reply, Refusal> {
    visit.check_open_for_changes()?;
    let page = allowed.page();
    if !visit.open.wiki.exists(page).await? {
        return Err(Refusal::NoPageForFiles);
    }
    let (form, brought) = read(visit, payload, super::TICKET).await?;
    if !is_unchanged(visit).await? {
        return Err(Refusal::Refused(OVERTAKEN.into()));
    }
    if form.fields().text("do") != "upload" {
        let sentence = "The form does not say what to do with the file.".to_owned();
        return Err(Refusal::BadRequest(sentence));
    }
    let Some(brought) = brought else {
        return refused(visit, page, StatusCode::BAD_REQUEST, "Please choose a file.").await;
    };
    let file = match FileName::parse(wanted_name(&form, &brought)) {
        Ok(file) => file,
        Err(rule) => return refused(visit, page, StatusCode::BAD_REQUEST, &rule.to_string()).await,
    };
    let overwrite = match form.fields().text("overwrite") {
        "" | "0" => Overwrite::Refused,
        _ => {
            Allowed::<Delete>::check(visit, page).await?;
            Overwrite::Allowed
        }
    };
    let attach = Attach {
        page: page.clone(),
        file,
        upload: brought.upload,
        overwrite,
        author: visit.author(),
        comment: form.fields().text("comment").trim().to_owned(),
        now: visit.incoming.now,
    };
    match visit.open.wiki.attach(attach).await {
        Ok(_) => {
            let told = visit.tell_next("attached", 1);
            Ok(Reply::see_other(format!(
                "{}&{told}",
                super::files_url(visit, page)
            )))
        }
        Err(AttachError::NameTaken(file)) => {
            let text = format!(
                "There is a file “{file}” already. Give yours another name, or say that it is a new version."
            );
            refused(visit, page, StatusCode::CONFLICT, &text).await
        }
        Err(cause) => Err(attach_refusal(cause)),
    }
}

/// The name that was typed, else the one that the file has on the sender's machine.
fn wanted_name<'a>(form: &'a Checked, brought: &'a Brought) -> &'a str {
    match form.fields().text("target").trim() {
        "" => &brought.name,
        typed => typed,
    }
}

/// The list again, with what was wrong.
async fn refused(
    visit: &Visit<'_>,
    page: &PageName,
    status: StatusCode,
    text: &str,
) -> Result<Reply, Refusal> {
    super::list(visit, page, status, Some(Message::refusal(text))).await
}

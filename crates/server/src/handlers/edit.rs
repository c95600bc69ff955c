//! `?action=edit`: the editor, its preview, and saving.
//!
//! Nothing that somebody wrote is lost: a stale form is merged or shown with both
//! texts, a refused ticket gives the text back in a new form.

use std::sync::Arc;

use actix_web::http::StatusCode;
use grange_macros::{Completion, Keeping, completions};
use grange_wiki::rights::Right;
use grange_wiki::{ChangeKind, Conflict, Page, PageName, Save, SaveError, Saved};

use crate::extract::allowed::{Allowed, Write};
use crate::extract::form::{Checked, Posted};
use crate::extract::query::Fields;
use crate::frame::{Frame, author, moment};
use crate::handlers::diff::diff_rows;
use crate::handlers::new_page;
use crate::handlers::view::{fill_holes, render_draft};
use crate::pages::{ConflictPage, EditForm, EditPage, Message, MessageKind, Shell, Triviality, to_bytes};
use crate::refusal::Refusal;
use crate::respond::error::CROWDED;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// What stands in the form.
#[derive(Clone)]
struct Draft {
    text: String,
    base: u32,
    comment: String,
    triviality: Triviality,
}

/// Shows the editor with the text as it stands (or as it stood at `rev`); of a page that does not stand, with
/// the text of the `template`.
pub async fn open(visit: &mut Visit<'_>, allowed: Allowed<Write>) -> Result<Reply, Refusal> {
    visit.check_open_for_changes()?;
    let page = visit.open.wiki.page(allowed.page()).await?;
    let base = page.as_ref().map_or(0, |page| page.revision);
    let old = match visit.query.revision("rev") {
        Some(revision) => visit.open.wiki.revision(allowed.page(), revision).await?,
        None => None,
    };
    let shown = match old.or(page) {
        None => template_page(visit).await?,
        found => found,
    };
    let text = shown.map(|page| page.text.to_string()).unwrap_or_default();
    let draft = Draft {
        text,
        base,
        comment: String::new(),
        triviality: Triviality::Substantial,
    };
    let message = case_twin(visit, allowed.page(), base).await?;
    editor(
        visit,
        allowed.page(),
        &draft,
        message.as_deref().map(note),
        StatusCode::OK,
    )
    .await
}

/// The page that a new one is begun with, as far as the visitor may read it.
async fn template_page(visit: &Visit<'_>) -> Result<Option<Arc<Page>>, Refusal> {
    let Some(name) = new_page::template(&visit.query) else {
        return Ok(None);
    };
    let wiki = &visit.open.wiki;
    match wiki.may(&visit.visitor.viewer, Right::Read, &name).await? {
        true => Ok(wiki.page(&name).await?),
        false => Ok(None),
    }
}

/// Saves, previews or leaves, by the button that was pressed.
pub async fn submit(
    visit: &mut Visit<'_>,
    allowed: Allowed<Write>,
    posted: Posted,
) -> Result<Reply, Refusal> {
    visit.check_open_for_changes()?;
    let form = match posted.check(visit, "edit") {
        Ok(form) => form,
        Err((posted, refusal)) => return give_back(visit, &allowed, posted.fields(), &refusal).await,
    };
    if form.fields().has("button_cancel") {
        return Ok(Reply::see_other(visit.page_url(allowed.page())));
    }
    let draft = Draft::read(form.fields());
    if form.fields().has("button_preview") {
        return preview(visit, &allowed, &draft).await;
    }
    save(visit, &allowed, form, draft).await
}

async fn save(
    visit: &mut Visit<'_>,
    allowed: &Allowed<Write>,
    _form: Checked,
    draft: Draft,
) -> Result<Reply, Refusal> {
    let mut save = Save::new(
        allowed.page().clone(),
        &draft.text,
        draft.base,
        visit.author(),
        visit.incoming.now,
    );
    save.comment = draft.comment.clone();
    save.kind = match draft.triviality {
        Triviality::Trivial => ChangeKind::Minor,
        Triviality::Substantial => ChangeKind::Edit,
    };
    match visit.open.wiki.save(save).await {
        Ok(Saved::New { .. } | Saved::Merged { .. } | Saved::Unchanged { .. }) => {
            Ok(Reply::see_other(visit.page_url(allowed.page())))
        }
        Err(SaveError::Conflict(conflict)) => show_conflict(visit, allowed.page(), &draft, &conflict).await,
        Err(SaveError::TooLarge { limit, .. }) => {
            let text = format!(
                "The text is larger than the {limit} bytes that a page of this wiki may have. Nothing was saved."
            );
            editor(
                visit,
                allowed.page(),
                &draft,
                Some(Message::refusal(&text)),
                StatusCode::PAYLOAD_TOO_LARGE,
            )
            .await
        }
        Err(SaveError::ReadOnly) => Err(Refusal::Refused("This wiki is read-only at the moment.".into())),
        Err(cause) => Err(Refusal::internal(cause)),
    }
}

/// A refused form: 403, with the text in a new form and a fresh ticket.
async fn give_back(
    visit: &mut Visit<'_>,
    allowed: &Allowed<Write>,
    fields: &Fields,
    refusal: &Refusal,
) -> Result<Reply, Refusal> {
    let user = visit.visitor.user_id().unwrap_or("-");
    tracing::warn!(target: "audit", event = "ticket_refused", wiki = %visit.place.config.id, user, address = %visit.incoming.client);
    let text = match refusal {
        Refusal::ForeignOrigin => {
            "This text was sent by a page of another site. Nothing was saved. Save it only if it is yours."
        }
        _ => {
            "This form was too old, or made before you logged in. Nothing was saved yet: your text is below, please save again."
        }
    };
    editor(
        visit,
        allowed.page(),
        &Draft::read(fields),
        Some(Message::refusal(text)),
        StatusCode::FORBIDDEN,
    )
    .await
}

async fn preview(visit: &mut Visit<'_>, allowed: &Allowed<Write>, draft: &Draft) -> Result<Reply, Refusal> {
    let name = allowed.page();
    let open = visit.open.clone();
    let rendered = match render_draft(visit, name, &draft.text).await {
        Ok(rendered) => rendered,
        Err(Refusal::Crowded) => return crowded(visit, name, draft).await,
        Err(other) => return Err(other),
    };
    let filled = fill_holes(visit, name, &rendered, Keeping::Dropped).await;
    let html = filled.html.to_string();
    let saved = open.wiki.revision(name, draft.base).await?;
    let before = saved.map(|page| page.text.to_string()).unwrap_or_default();
    let message = note("This is a preview. Nothing is saved yet.");
    let frame = Frame::gather(visit, Some(name)).await?;
    let view = frame.view();
    let title = format!("Edit {name}");
    let parts = FormParts::gather(visit, name);
    let page = EditPage {
        shell: Shell {
            message: Some(message),
            ..view.shell(&title)
        },
        form: parts.form(draft),
        preview: Some(&html),
        changes: &diff_rows(&before, &draft.text).await?,
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

/// The text again, without the preview that cannot be made just now.
async fn crowded(visit: &Visit<'_>, name: &PageName, draft: &Draft) -> Result<Reply, Refusal> {
    let message = Some(Message::refusal(CROWDED));
    editor(visit, name, draft, message, StatusCode::SERVICE_UNAVAILABLE).await
}

async fn editor(
    visit: &Visit<'_>,
    name: &PageName,
    draft: &Draft,
    message: Option<Message<'_>>,
    status: StatusCode,
) -> Result<Reply, Refusal> {
    let frame = Frame::gather(visit, Some(name)).await?;
    let view = frame.view();
    let title = format!("Edit {name}");
    let parts = FormParts::gather(visit, name);
    let page = EditPage {
        shell: Shell {
            message,
            ..view.shell(&title)
        },
        form: parts.form(draft),
        preview: None,
        changes: &[],
    };
    Ok(Reply::html(status, to_bytes(&page)?))
}

async fn show_conflict(
    visit: &Visit<'_>,
    name: &PageName,
    draft: &Draft,
    conflict: &Conflict,
) -> Result<Reply, Refusal> {
    let frame = Frame::gather(visit, Some(name)).await?;
    let view = frame.view();
    let title = format!("Edit {name}");
    let (theirs, change) = (&*conflict.current.text, conflict.current.change.as_ref());
    let again = Draft {
        base: conflict.current.revision,
        ..draft.clone()
    };
    let text = "Somebody saved this page while you were editing, and the two changes do not fit together. Nothing of yours is saved yet.";
    let parts = FormParts::gather(visit, name);
    let page = ConflictPage {
        shell: Shell {
            message: Some(Message::refusal(text)),
            ..view.shell(&title)
        },
        form: parts.form(&again),
        theirs,
        their_author: change.map(author),
        their_moment: change.map(|change| moment(visit, change.time)),
        changes: &diff_rows(theirs, &draft.text).await?,
    };
    Ok(Reply::html(StatusCode::CONFLICT, to_bytes(&page)?))
}

/// Names that differ only by case are different pages; whoever is about to create
/// the second should know of the first.
async fn case_twin(visit: &Visit<'_>, name: &PageName, base: u32) -> Result<Option<String>, Refusal> {
    if base != 0 || visit.open.wiki.exists(name).await? {
        return Ok(None);
    }
    let folded = name.as_str().to_lowercase();
    for other in visit.open.wiki.page_names().await?.iter() {
        let is_twin = other.as_str().to_lowercase() == folded;
        if is_twin
            && visit
                .open
                .wiki
                .may(&visit.visitor.viewer, Right::Read, other)
                .await?
        {
            return Ok(Some(format!(
                "There is a page “{other}” already; its name differs only in upper and lower case."
            )));
        }
    }
    Ok(None)
}

impl Draft {
    fn read(fields: &Fields) -> Draft {
        Draft {
            // Browsers send CRLF; pages are kept with LF.
            text: fields.text("savetext").replace("\r\n", "\n"),
            base: fields.revision("rev").unwrap_or(0),
            comment: fields.text("comment").trim().to_owned(),
            triviality: if fields.has("trivial") {
                Triviality::Trivial
            } else {
                Triviality::Substantial
            },
        }
    }
}

/// What the form borrows beside the draft.
struct FormParts {
    action: String,
    ticket: String,
    signed_as: Option<String>,
    macros: Vec<Completion>,
}

impl FormParts {
    fn gather(visit: &Visit<'_>, name: &PageName) -> FormParts {
        FormParts {
            action: visit.action_url(name, "edit"),
            ticket: visit.ticket("edit"),
            signed_as: visit
                .visitor
                .user
                .is_none()
                .then(|| visit.incoming.client.to_string()),
            macros: completions(&visit.open.registry, &visit.open.python, visit.open.wiki.id()),
        }
    }

    fn form<'a>(&'a self, draft: &'a Draft) -> EditForm<'a> {
        EditForm {
            action: &self.action,
            text: &draft.text,
            base: draft.base,
            comment: &draft.comment,
            triviality: draft.triviality,
            ticket: &self.ticket,
            signed_as: self.signed_as.as_deref(),
            macros: &self.macros,
        }
    }
}

fn note(text: &str) -> Message<'_> {
    Message {
        kind: MessageKind::Note,
        text,
    }
}

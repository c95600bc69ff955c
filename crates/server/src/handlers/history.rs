//! `?action=info`: who changed the page when, newest first.
//!
//! A page that came with the wiki has its file as revision 0. What was changed is shown
//! by `handlers::diff`; what may be gone back to is marked here and done in `revert`.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use grange_wiki::rights::Right;
use grange_wiki::{Change, ChangeKind, PageName};

use crate::extract::allowed::{Allowed, Read};
use crate::frame::{Frame, author, moment};
use crate::handlers::view::readable_other;
use crate::pages::{HistoryPage, HistoryRow, Standing, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Revisions on one page of the history.
const ROWS: usize = 100;

/// Shows the history, from `before` on backwards.
pub async fn show(visit: &mut Visit<'_>, allowed: Allowed<Read>) -> Result<Reply, Refusal> {
    let name = allowed.page();
    let wiki = &visit.open.wiki;
    // One more than is shown tells whether there is more.
    let mut changes = wiki
        .history(name, visit.query.revision("before"), ROWS + 1)
        .await?;
    let current = wiki.page(name).await?;
    if changes.is_empty() && current.is_none() {
        return Err(Refusal::NotFound(
            "There is no such page, so it has no history.".into(),
        ));
    }
    let has_older = changes.len() > ROWS;
    changes.truncate(ROWS);
    let may_revert = visit.check_open_for_changes().is_ok()
        && wiki.may(&visit.visitor.viewer, Right::Revert, name).await?;
    let current_revision = current.as_ref().map(|page| page.revision);
    let frame = Frame::gather(visit, Some(name))
        .await?
        .with_edit_bar(name)
        .await?;
    let view = frame.view();
    let mut kinds = Vec::with_capacity(changes.len());
    for change in &changes {
        kinds.push(kind_label(change, readable_other(visit, change).await?));
    }
    let mut rows: Vec<HistoryRow<'_>> = std::iter::zip(&changes, &kinds)
        .map(|(change, kind)| {
            row(
                visit,
                change,
                kind,
                standing(change, current_revision, may_revert),
            )
        })
        .collect();
    if !has_older && let Some(row) = underlay_row(visit, name, current_revision, may_revert).await? {
        rows.push(row);
    }
    let older = changes
        .last()
        .filter(|_| has_older)
        .map(|last| format!("{}?action=info&before={}", frame.page_href(), last.revision));
    let title = format!("History of {name}");
    let page = HistoryPage {
        shell: view.shell(&title),
        page: frame.page_href(),
        rows: &rows,
        older: older.as_deref(),
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

fn row<'a>(visit: &Visit<'_>, change: &'a Change, kind: &'a str, standing: Standing) -> HistoryRow<'a> {
    HistoryRow {
        revision: change.revision,
        moment: Some(moment(visit, change.time)),
        author: Some(author(change)),
        kind,
        comment: &change.comment,
        bytes: change.bytes,
        standing,
    }
}

/// The file that the page came with, as revision 0.
async fn underlay_row(
    visit: &Visit<'_>,
    name: &PageName,
    current: Option<u32>,
    may_revert: bool,
) -> Result<Option<HistoryRow<'static>>, Refusal> {
    let Some(file) = visit.open.wiki.revision(name, 0).await? else {
        return Ok(None);
    };
    let standing = match current {
        Some(0) => Standing::Current,
        _ if may_revert => Standing::Revertible,
        _ => Standing::Old,
    };
    Ok(Some(HistoryRow {
        revision: 0,
        moment: None,
        author: None,
        kind: "came with the wiki",
        comment: "",
        bytes: file.text.len() as u64,
        standing,
    }))
}

fn standing(change: &Change, current: Option<u32>, may_revert: bool) -> Standing {
    match current {
        Some(revision) if revision == change.revision => Standing::Current,
        _ if may_revert && !change.removes_page() => Standing::Revertible,
        _ => Standing::Old,
    }
}

/// What was done, with the page's other name where it got another and the reader may know it.
fn kind_label(change: &Change, other: Option<&PageName>) -> Cow<'static, str> {
    let word = match change.kind {
        ChangeKind::Edit => "edit",
        ChangeKind::Minor => "minor edit",
        ChangeKind::Revert => "revert",
        ChangeKind::Rename => "rename",
        ChangeKind::Delete => "delete",
        ChangeKind::Import => "import",
        ChangeKind::Attach => "file attached",
        ChangeKind::Detach => "file deleted",
    };
    match other {
        Some(other) if change.removes_page() => format!("rename to {other}").into(),
        Some(other) => format!("rename from {other}").into(),
        None => word.into(),
    }
}

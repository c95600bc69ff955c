//! `?action=info`: who changed the page and its files when, newest first.
//!
//! A page that came with the wiki has its file as revision 0. What was changed is shown by `handlers::diff`; what may be
//! gone back to is marked here and done in `revert`. A deletion hides the page's files, and the next page of that name
//! brings them back: both are said. Start at [`show`].

use std::borrow::Cow;
use std::collections::HashSet;

use actix_web::http::StatusCode;
use grange_wiki::attachment::address::{self, Doing};
use grange_wiki::rights::Right;
use grange_wiki::{Change, ChangeKind, FileName, PageName};

use crate::extract::allowed::{Allowed, Read};
use crate::frame::{Frame, author, moment};
use crate::handlers::view::readable_other;
use crate::pages::{HistoryPage, HistoryRow, Picked, RowOf, Standing, offer_newest, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Changes on one sheet of the history.
const ROWS: usize = 100;

/// What the rows of a sheet have to know.
struct Sheet<'a> {
    visit: &'a Visit<'a>,
    page: &'a PageName,
    current: Option<u32>,
    may_revert: bool,
    /// The files that the page has now.
    files: HashSet<FileName>,
}

/// Shows the history, from `before` on backwards.
pub async fn show(visit: &mut Visit<'_>, allowed: Allowed<Read>) -> Result<Reply, Refusal> {
    let visit = &*visit;
    let name = allowed.page();
    let wiki = &visit.open.wiki;
    // One more than is shown, because a row may depend on the one below.
    let log = wiki
        .page_log(name, visit.query.revision("before"), ROWS + 1)
        .await?;
    let current = wiki.page(name).await?;
    if log.changes.is_empty() && current.is_none() {
        return Err(Refusal::NotFound(
            "There is no such page, so it has no history.".into(),
        ));
    }
    let shown = log.changes.get(..ROWS).unwrap_or(&log.changes);
    let older = log.older + log.changes.len() - shown.len();
    let sheet = Sheet {
        visit,
        page: name,
        current: current.as_ref().map(|page| page.revision),
        may_revert: visit.check_open_for_changes().is_ok()
            && wiki.may(&visit.visitor.viewer, Right::Revert, name).await?,
        files: files_now(visit, name, shown).await?,
    };
    let mut kinds = Vec::with_capacity(shown.len());
    for (place, change) in shown.iter().enumerate() {
        kinds.push(kind_label(visit, change, log.changes.get(place + 1)).await?);
    }
    let mut rows: Vec<HistoryRow<'_>> = std::iter::zip(shown, &kinds)
        .map(|(change, kind)| sheet.row(change, kind))
        .collect();
    if older == 0 {
        rows.extend(sheet.underlay_row().await?);
    }
    offer_newest(&mut rows);
    let frame = Frame::gather(visit, Some(name))
        .await?
        .with_edit_bar(name)
        .await?;
    let view = frame.view();
    let older = (older > 0).then(|| format!("{}?action=info&before={}", frame.page_href(), older + 1));
    let title = format!("History of {name}");
    let page = HistoryPage {
        shell: view.shell(&title),
        page: frame.page_href(),
        rows: &rows,
        older: older.as_deref(),
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

/// The files that the page has, where any change is of one.
async fn files_now(
    visit: &Visit<'_>,
    name: &PageName,
    changes: &[Change],
) -> Result<HashSet<FileName>, Refusal> {
    if changes.iter().all(|change| change.file.is_none()) {
        return Ok(HashSet::new());
    }
    let files = visit.open.wiki.attachments(name).await?;
    Ok(files.into_iter().map(|found| found.file).collect())
}

impl Sheet<'_> {
    fn row<'a>(&self, change: &'a Change, kind: &'a str) -> HistoryRow<'a> {
        let of = match &change.file {
            Some(file) => RowOf::File {
                name: file.as_str(),
                view: self.view_of(change, file),
            },
            None => RowOf::Revision {
                number: change.revision,
                standing: self.standing(change),
                picked: Picked::No,
            },
        };
        HistoryRow {
            of,
            moment: Some(moment(self.visit, change.time)),
            author: Some(author(change)),
            kind,
            comment: &change.comment,
            bytes: change.bytes,
        }
    }

    fn view_of(&self, change: &Change, file: &FileName) -> Option<String> {
        let is_there = change.kind != ChangeKind::Detach && self.files.contains(file);
        is_there.then(|| {
            let query = address::query(Doing::View, file, None);
            format!("{}?{query}", self.visit.page_url(self.page))
        })
    }

    /// The file that the page came with, as revision 0.
    async fn underlay_row(&self) -> Result<Option<HistoryRow<'static>>, Refusal> {
        let Some(file) = self.visit.open.wiki.revision(self.page, 0).await? else {
            return Ok(None);
        };
        let standing = match self.current {
            Some(0) => Standing::Current,
            _ if self.may_revert => Standing::Revertible,
            _ => Standing::Old,
        };
        Ok(Some(HistoryRow {
            of: RowOf::Revision {
                number: 0,
                standing,
                picked: Picked::No,
            },
            moment: None,
            author: None,
            kind: "came with the wiki",
            comment: "",
            bytes: file.text.len() as u64,
        }))
    }

    fn standing(&self, change: &Change) -> Standing {
        match self.current {
            Some(revision) if revision == change.revision => Standing::Current,
            _ if self.may_revert && !change.removes_page() => Standing::Revertible,
            _ => Standing::Old,
        }
    }
}

/// What was done, with the page's other name where it got another and the reader may know it, and with what became of
/// its files. `before` is the change below.
async fn kind_label(
    visit: &Visit<'_>,
    change: &Change,
    before: Option<&Change>,
) -> Result<Cow<'static, str>, Refusal> {
    let word = match readable_other(visit, change).await? {
        Some(other) if change.removes_page() => format!("rename to {other}").into(),
        Some(other) => format!("rename from {other}").into(),
        None => Cow::Borrowed(kind_word(change.kind)),
    };
    let wiki = &visit.open.wiki;
    let is_birth = change.file.is_none() && !change.removes_page();
    let (files, verb) = match before.filter(|before| is_birth && before.removes_page()) {
        Some(before) => (wiki.hidden_attachments(before).await?, "back"),
        None if change.kind == ChangeKind::Delete => (wiki.hidden_attachments(change).await?, "hidden"),
        None => (0, ""),
    };
    Ok(match files {
        0 => word,
        1 => format!("{word}, 1 file {verb}").into(),
        files => format!("{word}, {files} files {verb}").into(),
    })
}

fn kind_word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Edit => "edit",
        ChangeKind::Minor => "minor edit",
        ChangeKind::Revert => "revert",
        ChangeKind::Rename => "rename",
        ChangeKind::Delete => "delete",
        ChangeKind::Import => "import",
        ChangeKind::Attach => "file attached",
        ChangeKind::Replace => "file replaced",
        ChangeKind::Detach => "file deleted",
    }
}

//! `?action=diff`: what changed between two revisions.
//!
//! Comparing is the wiki crate's work; here its lines are put into the shapes that the
//! templates read. Preview, conflict and revert show theirs with the same functions.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use grange_wiki::diff::{self, Emphasis, diff_lines};
use grange_wiki::{Page, PageName, RevisionNumber};

use crate::extract::allowed::{Allowed, Read};
use crate::frame::{Frame, author, moment};
use crate::pages::{DiffLine, DiffPage, DiffRow, DiffSide, DiffSpan, LineKind, Weight, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Two texts of this length together are compared in well under a millisecond.
const SHORT_TEXTS: usize = 16 * 1024;

/// Shows the difference between `rev1` and `rev2`; without them, what the last
/// change did.
pub async fn show(visit: &mut Visit<'_>, allowed: Allowed<Read>) -> Result<Reply, Refusal> {
    let name = allowed.page();
    let (first, second) = asked_pair(visit, name).await?;
    let (old, new) = (
        revision(visit, name, first).await?,
        revision(visit, name, second).await?,
    );
    let frame = Frame::gather(visit, Some(name))
        .await?
        .with_edit_bar(name)
        .await?;
    let view = frame.view();
    let title = format!("Changes of {name}");
    let at = |number: RevisionNumber| format!("{}?action=recall&rev={number}", frame.page_href());
    let (old_href, new_href) = (at(old.revision), at(new.revision));
    let step = |from: u32, to: u32| format!("{}?action=diff&rev1={from}&rev2={to}", frame.page_href());
    let earlier = old
        .revision
        .checked_sub(1)
        .filter(|number| *number > 0)
        .map(|from| step(from, old.revision));
    let newest = visit
        .open
        .wiki
        .history(name, None, 1)
        .await?
        .first()
        .map_or(0, |change| change.revision);
    let later = (new.revision < newest).then(|| step(new.revision, new.revision + 1));
    let page = DiffPage {
        shell: view.shell(&title),
        old: side(visit, &old, &old_href),
        new: side(visit, &new, &new_href),
        rows: &diff_rows(&old.text, &new.text).await?,
        earlier: earlier.as_deref(),
        later: later.as_deref(),
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

/// The rows that lead from one text to another, with a gap between hunks. Long texts are
/// compared aside, so that nobody else waits.
///
/// # Errors
/// * [`Refusal::Internal`] when the process is ending
pub async fn diff_rows(old: &str, new: &str) -> Result<Vec<DiffRow<'static>>, Refusal> {
    if old.len() + new.len() <= SHORT_TEXTS {
        return Ok(compared(old, new));
    }
    let (old, new) = (old.to_owned(), new.to_owned());
    tokio::task::spawn_blocking(move || compared(&old, &new))
        .await
        .map_err(Refusal::internal)
}

fn compared(old: &str, new: &str) -> Vec<DiffRow<'static>> {
    let mut rows = Vec::new();
    for hunk in diff_lines(old, new) {
        if hunk.lines.is_empty() {
            rows.push(DiffRow::Rest);
            break;
        }
        if !rows.is_empty() {
            rows.push(DiffRow::Gap);
        }
        rows.extend(DiffRow::pair(hunk.lines.into_iter().map(line).collect()));
    }
    rows
}

fn line<'a>(line: diff::DiffLine) -> DiffLine<'a> {
    let number = |number: Option<usize>| number.map_or(0, |number| u32::try_from(number).unwrap_or(u32::MAX));
    DiffLine {
        kind: match line.kind {
            diff::LineKind::Kept => LineKind::Same,
            diff::LineKind::Removed => LineKind::Removed,
            diff::LineKind::Added => LineKind::Added,
        },
        old_number: number(line.old_number),
        new_number: number(line.new_number),
        spans: line.spans.into_iter().map(span).collect(),
    }
}

fn span<'a>(span: diff::DiffSpan) -> DiffSpan<'a> {
    let weight = match span.emphasis {
        Emphasis::Plain => Weight::Plain,
        Emphasis::Changed => Weight::Changed,
    };
    DiffSpan {
        text: Cow::Owned(span.text),
        weight,
    }
}

/// The two revisions that were asked for, older first.
async fn asked_pair(visit: &Visit<'_>, name: &PageName) -> Result<(RevisionNumber, RevisionNumber), Refusal> {
    let newest = visit
        .open
        .wiki
        .history(name, None, 1)
        .await?
        .first()
        .map_or(0, |change| change.revision);
    let second = visit.query.revision("rev2").unwrap_or(newest);
    let first = visit
        .query
        .revision("rev1")
        .unwrap_or_else(|| second.saturating_sub(1));
    Ok((first.min(second), first.max(second)))
}

/// A revision; 0 of a page that did not come with the wiki is the empty text.
async fn revision(visit: &Visit<'_>, name: &PageName, number: RevisionNumber) -> Result<Page, Refusal> {
    match visit.open.wiki.revision(name, number).await? {
        Some(page) => Ok(Page::clone(&page)),
        None if number == 0 && visit.open.wiki.revision(name, 1).await?.is_some() => Ok(nothing_yet(name)),
        None => Err(Refusal::NotFound("The page has no such revision.".into())),
    }
}

/// What a page was before its first revision.
fn nothing_yet(name: &PageName) -> Page {
    Page {
        name: name.clone(),
        revision: 0,
        text: "".into(),
        change: None,
        fingerprint: 0,
    }
}

fn side<'a>(visit: &Visit<'_>, page: &'a Page, href: &'a str) -> DiffSide<'a> {
    DiffSide {
        revision: page.revision,
        href,
        moment: page.change.as_ref().map(|change| moment(visit, change.time)),
        author: page.change.as_ref().map(author),
        comment: page.change.as_ref().map_or("", |change| &change.comment),
    }
}

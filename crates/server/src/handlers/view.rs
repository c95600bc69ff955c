//! A page being read.
//!
//! A visitor who brings no session gets finished bytes, kept until anything in the
//! wiki changes. Everybody else gets the kept segments with the holes filled in
//! for them: their session, their rights, their trail.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use grange_farm::{OpenWiki, Siblings, WikiConfig};
use grange_macros::{Expander, Filled, Keeping, Limits, MacroContext, Stopwatch, View, fill};
use grange_session::TrailEntry;
use grange_wiki::render::Rendered;
use grange_wiki::rights::Right;
use grange_wiki::{Change, ChangeKind, Page, PageName};

use crate::extract::allowed::{Allowed, Read};
use crate::extract::page::{Named, find_page};
use crate::extract::visitor::is_nobody;
use crate::extract::wiki::Place;
use crate::frame::{Frame, moment, says_logged_out};
use crate::incoming::Incoming;
use crate::pages::{
    Gone, Indexing, Link, MissingPage, OldRevision, OutlineEntry, Shell, ViewPage, Visitor, to_bytes,
};
use crate::refusal::Refusal;
use crate::respond::around::{Gap, PageInParts, write_around};
use crate::respond::error::wants_problem;
use crate::respond::kept::KeptPage;
use crate::respond::reply::Reply;
use crate::routes;
use crate::state::{Live, State, ViewKey};
use crate::visit::Visit;

/// The page for somebody whom no session knows and who asks for it as it stands, if it is kept. What is kept was shown to
/// such a one before, under the same settings, so nothing else has to be asked.
pub async fn show_to_nobody(live: &Live, place: &Place<'_>, incoming: &Incoming<'_>) -> Option<Reply> {
    if incoming.query().is_some() || !incoming.is_reading() {
        return None;
    }
    let open = live.farm.open(place.wiki).await.ok()?;
    if !is_nobody(&open, incoming) {
        return None;
    }
    let Ok(Named::Page(page)) = find_page(place, incoming) else {
        return None;
    };
    let generation = open.wiki.generation().await.ok()?;
    let key = ViewKey::of(place, incoming, &page);
    let kept = live.kept.find(&key, generation, &open.python)?;
    count_view(&open, incoming, &page);
    Some(Reply::kept(kept))
}

/// Shows the page as it stands.
pub async fn show(visit: &mut Visit<'_>, allowed: Allowed<Read>) -> Result<Reply, Refusal> {
    if let Some(revision) = visit.query.revision("rev") {
        let page = visit.open.wiki.revision(allowed.page(), revision).await?;
        return Box::pin(show_old(visit, allowed.page(), page)).await;
    }
    // A kept page has no macro in it that could read the address; around it only this notice does.
    let keeping = match visit.is_passing_by() && !says_logged_out(visit) {
        true => Some((
            ViewKey::of(&visit.place, visit.incoming, allowed.page()),
            visit.open.wiki.generation().await?,
        )),
        false => None,
    };
    if let Some((key, generation)) = &keeping
        && let Some(kept) = visit.live.kept.find(key, *generation, &visit.open.python)
    {
        count_view(&visit.open, visit.incoming, allowed.page());
        return Ok(Reply::kept(kept));
    }
    let Some(page) = visit.open.wiki.page(allowed.page()).await? else {
        return Box::pin(missing(visit, allowed.page())).await;
    };
    count_view(&visit.open, visit.incoming, &page.name);
    record_visit(visit, &page.name);
    // Asked before the page is rendered: what changes meanwhile spoils the kept page, not a reader.
    let edition = keeping.as_ref().map(|_| visit.open.python.edition());
    let rendered = render(visit, &page).await?;
    let may_keep = match visit.incoming.is_head() {
        true => Keeping::Dropped,
        false => Keeping::Allowed,
    };
    let filled = fill_holes(visit, &page.name, &rendered, may_keep).await;
    let private = filled.private;
    let page = compose(visit, &page, &rendered, filled).await?;
    match keeping {
        Some((key, generation)) if rendered.html_if_whole().is_some() && !private => {
            let kept = Arc::new(KeptPage::new(page.joined()));
            let edition = edition.filter(|_| rendered.calls_macros);
            visit
                .live
                .kept
                .keep(key, State { generation, edition }, kept.clone());
            Ok(Reply::kept(kept))
        }
        _ => Ok(Reply::page(page).as_page_view()),
    }
}

/// `?action=recall&rev=N`: the page as it stood then.
pub async fn recall(visit: &mut Visit<'_>, allowed: Allowed<Read>) -> Result<Reply, Refusal> {
    let page = asked_revision(visit, allowed.page()).await?;
    show_old(visit, allowed.page(), page).await
}

/// The revision that `rev` names, else the page as it stands.
pub async fn asked_revision(visit: &Visit<'_>, name: &PageName) -> Result<Option<Arc<Page>>, Refusal> {
    let wiki = &visit.open.wiki;
    match (visit.query.has("rev"), visit.query.revision("rev")) {
        (true, None) => Err(Refusal::BadRequest(
            "“rev” is not the number of a revision.".to_owned(),
        )),
        (true, Some(revision)) => Ok(wiki.revision(name, revision).await?),
        (false, _) => Ok(wiki.page(name).await?),
    }
}

/// What answers the macro calls of a page while it is rendered.
fn expander<'a>(visit: &'a Visit<'_>, siblings: &'a Siblings<'_>, stopwatch: &'a Stopwatch) -> Expander<'a> {
    let registry = &visit.open.registry;
    Expander::new(
        registry,
        siblings,
        &*visit.state.randomness,
        stopwatch,
        visit.incoming.now,
    )
    .with_python(Some(&visit.open.python))
}

/// The page's segments, from the cache when they are there.
pub async fn render(visit: &Visit<'_>, page: &Page) -> Result<Arc<Rendered>, Refusal> {
    let (siblings, stopwatch) = (visit.siblings(), Stopwatch::start());
    let expander = expander(visit, &siblings, &stopwatch);
    let rendered = visit.open.wiki.render(page, visit.place.base, &expander).await;
    visit.spent_on_macros.set(expander.spent());
    Ok(rendered?)
}

/// A text that is not saved, rendered as the page would be.
pub async fn render_draft(visit: &Visit<'_>, name: &PageName, text: &str) -> Result<Rendered, Refusal> {
    let (siblings, stopwatch) = (visit.siblings(), Stopwatch::start());
    let expander = expander(visit, &siblings, &stopwatch);
    let rendered = visit
        .open
        .wiki
        .render_draft(name, text, visit.place.base, &expander)
        .await;
    visit.spent_on_macros.set(expander.spent());
    Ok(rendered?)
}

/// Runs the macros that speak per view, with this visitor's session and rights.
pub async fn fill_holes(
    visit: &mut Visit<'_>,
    page: &PageName,
    rendered: &Rendered,
    keeping: Keeping,
) -> Filled {
    let stopwatch = Stopwatch::after(visit.spent_on_macros.get());
    let siblings = Siblings {
        farm: &visit.live.farm,
        here: visit.place.wiki,
        base: visit.place.base,
        request: visit.incoming.authority(),
    };
    let mut context = MacroContext::new(View {
        registry: &visit.open.registry,
        wiki: &visit.open.wiki,
        viewer: &visit.visitor.viewer,
        session: &mut visit.session,
        page,
        headings: &rendered.headings,
        base: visit.place.base,
        query: visit.query.pairs(),
        now: visit.incoming.now,
        farm: &siblings,
        randomness: &*visit.state.randomness,
        clock: &stopwatch,
        limits: Limits::default(),
        python: Some(&visit.open.python),
        accept_language: accepted_languages(visit.place.config, visit.incoming),
        is_robot: visit.incoming.header(USER_AGENT).is_some_and(is_robot),
        keeping,
    });
    fill(rendered, &mut context).await
}

/// What a browser asks for, where the wiki listens to it.
fn accepted_languages<'v>(config: &WikiConfig, incoming: &'v Incoming<'_>) -> &'v str {
    match config.language_ignore_browser {
        true => "",
        false => incoming.header(ACCEPT_LANGUAGE).unwrap_or_default(),
    }
}

/// Whether somebody reads the page: no program that walks sites, and nobody who only asks whether it is there.
fn is_reader(incoming: &Incoming<'_>) -> bool {
    !incoming.is_head() && !incoming.header(USER_AGENT).is_some_and(is_robot)
}

fn count_view(open: &OpenWiki, incoming: &Incoming<'_>, page: &PageName) {
    if is_reader(incoming) {
        open.wiki.count_view(page, incoming.now);
    }
}

/// Puts the page on the visitor's trail.
fn record_visit(visit: &mut Visit<'_>, page: &PageName) {
    let size = visit.place.config.session.trail_size;
    if size == 0 || !is_reader(visit.incoming) {
        return;
    }
    let entry = TrailEntry::new(&*visit.place.config.id, page.as_str());
    visit.session.visit(entry, size);
}

/// Programs that walk sites say so in their name.
fn is_robot(user_agent: &str) -> bool {
    let lower = user_agent.to_ascii_lowercase();
    ["bot", "crawl", "spider", "slurp", "archiver"]
        .iter()
        .any(|word| lower.contains(word))
}

async fn compose(
    visit: &Visit<'_>,
    page: &Page,
    rendered: &Rendered,
    filled: Filled,
) -> Result<PageInParts, Refusal> {
    let frame = Frame::gather(visit, Some(&page.name))
        .await?
        .with_edit_bar(&page.name)
        .await?;
    let frame = frame.with_last_change(page.change.clone());
    let view = frame.view();
    let canonical = visit.canonical_url(&page.name);
    let title = title_of(page, rendered);
    let shell = Shell {
        indexing: Indexing::Wanted,
        canonical: canonical.as_deref(),
        heading: heading_of(title, rendered),
        ..view.shell(title)
    };
    page_in_parts(visit, shell, rendered, filled, None)
}

/// What the browser's tab says: the page's own first heading, else its name.
fn title_of<'a>(page: &'a Page, rendered: &'a Rendered) -> &'a str {
    rendered.title.as_deref().unwrap_or(page.name.as_str())
}

/// A page that begins with a first-level heading of its own needs no second one.
fn heading_of<'a>(title: &'a str, rendered: &Rendered) -> Option<&'a str> {
    rendered.title.is_none().then_some(title)
}

fn page_in_parts(
    visit: &Visit<'_>,
    shell: Shell<'_>,
    rendered: &Rendered,
    filled: Filled,
    old_revision: Option<OldRevision<'_>>,
) -> Result<PageInParts, Refusal> {
    let outline: Vec<OutlineEntry<'_>> = rendered
        .headings
        .iter()
        .map(|heading| OutlineEntry {
            level: heading.level,
            id: &heading.id,
            text: &heading.text,
        })
        .collect();
    let language = &*visit.place.config.language_default;
    let page = ViewPage {
        shell,
        content: &Gap,
        content_language: (language != "en").then_some(language),
        outline: &outline,
        old_revision,
    };
    Ok(write_around(&page, filled.html)?)
}

async fn show_old(visit: &mut Visit<'_>, name: &PageName, page: Option<Arc<Page>>) -> Result<Reply, Refusal> {
    let Some(page) = page else {
        return Err(Refusal::NotFound("The page has no such revision.".into()));
    };
    let rendered = render(visit, &page).await?;
    let filled = fill_holes(visit, &page.name, &rendered, Keeping::Dropped).await;
    let current = visit.open.wiki.page(name).await?;
    let frame = Frame::gather(visit, Some(name))
        .await?
        .with_edit_bar(name)
        .await?;
    let view = frame.view();
    let title = title_of(&page, &rendered);
    let shell = Shell {
        heading: heading_of(title, &rendered),
        ..view.shell(title)
    };
    let diff = current
        .filter(|current| current.revision != page.revision)
        .map(|current| {
            format!(
                "{}?action=diff&rev1={}&rev2={}",
                frame.page_href(),
                page.revision,
                current.revision
            )
        });
    let old = OldRevision {
        number: page.revision,
        moment: page.change.as_ref().map(|change| moment(visit, change.time)),
        current: frame.page_href(),
        diff: diff.as_deref(),
    };
    Ok(Reply::page(page_in_parts(
        visit,
        shell,
        &rendered,
        filled,
        Some(old),
    )?))
}

/// 404: offers to create the page to those who may.
async fn missing(visit: &Visit<'_>, name: &PageName) -> Result<Reply, Refusal> {
    if wants_problem(visit.incoming.http.headers()) {
        return Err(Refusal::NotFound(
            format!("There is no page “{name}” on this wiki.").into(),
        ));
    }
    let frame = Frame::gather(visit, Some(name)).await?;
    let view = frame.view();
    let shell = view.shell(name.as_str());
    let may_write = visit.check_open_for_changes().is_ok()
        && routes::is_offered(visit, "edit")
        && visit
            .open
            .wiki
            .may(&visit.visitor.viewer, Right::Write, name)
            .await?;
    let create = may_write.then(|| visit.action_url(name, "edit"));
    let last = visit.open.wiki.history(name, None, 1).await?.pop();
    let renamed_to = match &last {
        Some(change) => readable_other(visit, change).await?,
        None => None,
    };
    let (history, moved) = (
        visit.action_url(name, "info"),
        renamed_to.map(|to| visit.page_url(to)),
    );
    let gone = match (renamed_to, &moved, last.is_some()) {
        (Some(to), Some(href), _) => Some(Gone::Renamed {
            to: Link {
                href,
                label: to.as_str(),
            },
        }),
        (_, _, existed) => existed.then_some(Gone::Deleted { history: &history }),
    };
    let login = match shell.visitor {
        Visitor::Guest { login, .. } if !may_write && visit.why_closed_for_changes().is_none() => login,
        _ => None,
    };
    let page = MissingPage {
        shell,
        name: name.as_str(),
        create: create.as_deref(),
        login,
        gone,
    };
    Ok(Reply::html(StatusCode::NOT_FOUND, to_bytes(&page)?))
}

/// Of a renaming, the page's other name, unless this visitor may not know that page.
pub async fn readable_other<'a>(
    visit: &Visit<'_>,
    change: &'a Change,
) -> Result<Option<&'a PageName>, Refusal> {
    let Some(other) = change
        .other
        .as_ref()
        .filter(|_| change.kind == ChangeKind::Rename)
    else {
        return Ok(None);
    };
    let is_readable = visit
        .open
        .wiki
        .may(&visit.visitor.viewer, Right::Read, other)
        .await?;
    Ok(is_readable.then_some(other))
}

#[cfg(test)]
mod tests {
    use super::is_robot;

    #[test]
    fn robots_leave_no_trail_and_browsers_do() {
        assert!(is_robot("Mozilla/5.0 (compatible; Googlebot/2.1)"));
        assert!(is_robot("ia_archiver"));
        assert!(!is_robot(
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        ));
    }
}

//! `?action=fullsearch`: what was found, best first, with what stands around it.
//!
//! The fields are MoinMoin's: `value`, `titlesearch`, `context`, `case`, `regex`, `from`, and those of the
//! advanced form, which `search/wanted.rs` makes a query of. Only pages that the visitor may read are shown
//! and counted. `search/backlinks.rs` and `search/similar.rs` show their lists in the same page.
//! Start at [`show`].

pub mod backlinks;
pub mod similar;
mod wanted;

use actix_web::http::StatusCode;
use grange_wiki::markup::links::query_encode;
use grange_wiki::rights::Right;
use grange_wiki::search::{Found, Hit, Query, Reach, Search, Span, Standing};
use grange_wiki::{PageName, Viewer};

use self::wanted::Wanted;
use crate::extract::allowed::{Allowed, Read};
use crate::frame::{Frame, moment};
use crate::pages::{Link, MarkedText, Message, Paging, ResultRow, SearchForm, SearchPage, to_bytes};
use crate::refusal::Refusal;
use crate::respond::error::wants_problem;
use crate::respond::reply::Reply;
use crate::routes;
use crate::visit::Visit;

/// So many pages stand on one page of results, as in MoinMoin.
const PER_PAGE: usize = 25;

/// Where a page explains how to search.
const HELP: &str = "HelpOnSearching";

/// Searches and shows what was found.
pub async fn show(visit: &mut Visit<'_>, allowed: Allowed<Read>) -> Result<Reply, Refusal> {
    let wanted = Wanted::read(&visit.query);
    let query = match wanted.query() {
        Ok(query) => query,
        Err(error) => return broken(visit, &allowed, &wanted, &error.to_string()).await,
    };
    if query.is_empty() {
        let hint = "Please say what to look for.";
        let results = Results::none(hint);
        return page(visit, &allowed, Some(&wanted), "Search", results).await;
    }
    let mut search = match search_for(visit, &query) {
        Ok(search) => search,
        Err(error) => return broken(visit, &allowed, &wanted, &error.to_string()).await,
    };
    search.skipped = wanted.from;
    search.shown = PER_PAGE;
    search.excerpts = wanted.excerpts();
    let found = visit.open.wiki.search(search, &visit.visitor.viewer).await?;
    if let Some(only) = typed_name(&wanted, &query, &found) {
        return Ok(Reply::see_other(visit.page_url(only)));
    }
    let said = match (found.total, wanted.titles) {
        (0, _) => format!("Nothing was found for “{}”.", wanted.said()),
        (1, _) => "1 page was found.".to_owned(),
        (total, _) => format!("{total} pages were found."),
    };
    let base = format!(
        "{}?{}",
        visit.page_url(allowed.page()),
        wanted.fields(&visit.query)
    );
    let results = Results {
        paging: paging(&base, wanted.from, &found),
        ways: ways_on(visit, &allowed, &wanted, &query, &found).await?,
        ..Results::of(visit, &found, said)
    };
    let title = format!("Search: {}", wanted.said());
    page(visit, &allowed, Some(&wanted), &title, results).await
}

/// A search that the wiki can make.
fn search_for(visit: &Visit<'_>, query: &Query) -> Result<Search, grange_wiki::search::QueryError> {
    Search::of(query, &visit.open.wiki.settings().language)
}

/// The only page that was found by its name, if that is what was typed: then that is where to go.
fn typed_name<'f>(wanted: &Wanted<'_>, query: &Query, found: &'f Found) -> Option<&'f PageName> {
    let typed = query.only_term().filter(|_| wanted.titles && found.total == 1)?;
    let typed = PageName::parse(&typed.pattern).ok()?;
    let only = &found.hits.first()?.page;
    (only.as_str().to_lowercase() == typed.as_str().to_lowercase()).then_some(only)
}

/// What is shown below the form.
struct Results {
    said: String,
    rows: Vec<ResultRow>,
    unfinished: bool,
    paging: Option<Paging>,
    ways: Vec<(String, String)>,
    status: StatusCode,
    refusal: Option<String>,
}

impl Results {
    fn none(said: impl Into<String>) -> Results {
        Results {
            said: said.into(),
            rows: Vec::new(),
            unfinished: false,
            paging: None,
            ways: Vec::new(),
            status: StatusCode::OK,
            refusal: None,
        }
    }

    fn of(visit: &Visit<'_>, found: &Found, said: String) -> Results {
        Results {
            rows: found.hits.iter().map(|hit| row(visit, hit)).collect(),
            unfinished: found.reach == Reach::Partial,
            ..Results::none(said)
        }
    }
}

fn row(visit: &Visit<'_>, hit: &Hit) -> ResultRow {
    let change = hit.text.as_ref().and_then(|page| page.change.as_ref());
    ResultRow {
        href: visit.page_url(&hit.page),
        title: marked(&hit.title),
        excerpts: hit.excerpts.iter().map(|excerpt| marked(excerpt)).collect(),
        changed: change.map(|change| moment(visit, change.time)),
    }
}

fn marked(spans: &[Span]) -> Vec<MarkedText> {
    let marked = spans.iter().map(|span| MarkedText {
        text: span.text.clone(),
        found: span.standing == Standing::Found,
    });
    marked.collect()
}

fn paging(base: &str, from: usize, found: &Found) -> Option<Paging> {
    let (shown, total) = (found.hits.len(), found.total);
    if shown == total {
        return None;
    }
    let at = |from: usize| format!("{base}&from={from}");
    let last = from.saturating_add(shown);
    Some(Paging {
        said: match shown {
            0 => String::new(),
            _ => format!("{}–{last} of {total}", from.saturating_add(1)),
        },
        earlier: (from > 0).then(|| at(from.saturating_sub(PER_PAGE))),
        later: (shown > 0 && last < total).then(|| at(last)),
    })
}

/// Another kind of search, and the page that may be missing.
async fn ways_on(
    visit: &Visit<'_>,
    allowed: &Allowed<Read>,
    wanted: &Wanted<'_>,
    query: &Query,
    found: &Found,
) -> Result<Vec<(String, String)>, Refusal> {
    let mut ways = Vec::new();
    if wanted.titles && !wanted.value.is_empty() {
        let texts = format!(
            "{}?action=fullsearch&context=180&value={}",
            visit.page_url(allowed.page()),
            query_encode(wanted.value)
        );
        ways.push((texts, "Search in texts too".to_owned()));
    }
    let named = query
        .only_term()
        .and_then(|term| PageName::parse(&term.pattern).ok());
    if let Some(name) = named
        && !found.hits.iter().any(|hit| hit.page == name)
        && may_be_made(visit, &name).await?
    {
        ways.push((
            visit.action_url(&name, "edit"),
            format!("Create the page “{name}”"),
        ));
    }
    Ok(ways)
}

/// Whether the visitor may write a page there and there is none. Of a page that may not be read nothing is
/// told.
async fn may_be_made(visit: &Visit<'_>, name: &PageName) -> Result<bool, Refusal> {
    let (wiki, viewer): (_, &Viewer) = (&visit.open.wiki, &visit.visitor.viewer);
    Ok(visit.check_open_for_changes().is_ok()
        && routes::is_offered(visit, "edit")
        && wiki.may(viewer, Right::Read, name).await?
        && wiki.may(viewer, Right::Write, name).await?
        && !wiki.exists(name).await?)
}

/// The form again, with what is wrong.
async fn broken(
    visit: &Visit<'_>,
    allowed: &Allowed<Read>,
    wanted: &Wanted<'_>,
    reason: &str,
) -> Result<Reply, Refusal> {
    if wants_problem(visit.incoming.http.headers()) {
        return Err(Refusal::BadRequest(reason.to_owned()));
    }
    let results = Results {
        status: StatusCode::BAD_REQUEST,
        refusal: Some(reason.to_owned()),
        ..Results::none("")
    };
    page(visit, allowed, Some(wanted), "Search", results).await
}

async fn page(
    visit: &Visit<'_>,
    allowed: &Allowed<Read>,
    wanted: Option<&Wanted<'_>>,
    title: &str,
    results: Results,
) -> Result<Reply, Refusal> {
    let frame = Frame::gather(visit, Some(allowed.page())).await?;
    let view = frame.view();
    let mut shell = view.shell(title);
    if let Some(refusal) = &results.refusal {
        shell.message = Some(Message::refusal(refusal));
    }
    let ways: Vec<Link<'_>> = results
        .ways
        .iter()
        .map(|(href, label)| Link { href, label })
        .collect();
    let help = help_page(visit).await?;
    let page = SearchPage {
        shell,
        form: wanted.map(|wanted| SearchForm {
            action: frame.page_href(),
            value: wanted.value,
            titles: wanted.titles,
            case: wanted.case,
            regex: wanted.regex,
            help: help.as_deref(),
        }),
        said: &results.said,
        unfinished: results.unfinished,
        rows: &results.rows,
        paging: results.paging,
        ways: &ways,
    };
    Ok(Reply::html(results.status, to_bytes(&page)?))
}

async fn help_page(visit: &Visit<'_>) -> Result<Option<String>, Refusal> {
    let Ok(help) = PageName::parse(HELP) else {
        return Ok(None);
    };
    let wiki = &visit.open.wiki;
    let shown = wiki.exists(&help).await? && wiki.may(&visit.visitor.viewer, Right::Read, &help).await?;
    Ok(shown.then(|| visit.page_url(&help)))
}

/// A list of pages that a query finds, without a form.
async fn list(
    visit: &Visit<'_>,
    allowed: &Allowed<Read>,
    title: &str,
    results: Results,
) -> Result<Reply, Refusal> {
    page(visit, allowed, None, title, results).await
}

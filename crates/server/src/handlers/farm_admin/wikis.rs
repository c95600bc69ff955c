//! `_farm/`: every wiki with its addresses and state, in pages.
//!
//! It comes from the configuration in force; whether a wiki's pages can be opened is not tried.

use actix_web::http::StatusCode;
use grange_farm::{WikiConfig, WikiState};

use super::{frame, navigation};
use crate::frame::moment;
use crate::handlers::sessions::encoded;
use crate::pages::{FarmWikiRow, FarmWikisPage, Paging, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// So many wikis stand on a page.
const ROWS: usize = 100;

/// So many addresses of a wiki are named.
const ADDRESSES: usize = 4;

/// Shows a page of wikis.
pub(super) async fn show(visit: &mut Visit<'_>) -> Result<Reply, Refusal> {
    let farm = &visit.live.farm;
    let wanted = visit.query.text("q").trim();
    let fits = |wiki: &WikiConfig| is_about(wiki, wanted);
    let first = visit.query.part_number().saturating_mul(ROWS);
    let found = farm
        .config
        .wikis
        .iter()
        .enumerate()
        .filter(|(_, wiki)| fits(wiki));
    let total = found.clone().count();
    let rows: Vec<FarmWikiRow> = found
        .skip(first)
        .take(ROWS)
        .map(|(index, wiki)| row(visit, index, wiki))
        .collect();
    let frame = frame(visit).await?;
    let view = frame.view();
    let base = format!("{}/_farm/?q={}", visit.place.base, encoded(wanted));
    let page = FarmWikisPage {
        shell: view.shell("The farm"),
        navigation: navigation(visit, "wikis"),
        wikis: farm.config.wikis.len(),
        since: moment(visit, visit.live.since),
        wanted,
        rows: &rows,
        paging: Paging::new(&base, first, rows.len(), total, ROWS),
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

fn is_about(wiki: &WikiConfig, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    wanted.is_empty()
        || has(&wiki.id)
        || has(&wiki.sitename)
        || wiki.group.as_deref().is_some_and(has)
        || wiki.at.iter().any(|address| has(&address.to_string()))
}

fn row(visit: &Visit<'_>, index: usize, wiki: &WikiConfig) -> FarmWikiRow {
    let mut addresses: Vec<String> = wiki.at.iter().take(ADDRESSES).map(ToString::to_string).collect();
    if wiki.at.len() > ADDRESSES {
        addresses.push("…".to_owned());
    }
    FarmWikiRow {
        id: wiki.id.to_string(),
        sitename: wiki.sitename.to_string(),
        href: visit
            .live
            .farm
            .canonical_url(index, &visit.incoming.authority(), ""),
        addresses: addresses.join(", "),
        group: wiki.group.as_deref().map(str::to_owned),
        state: match wiki.state {
            WikiState::Active => "active",
            WikiState::ReadOnly => "read-only",
            WikiState::Suspended => "suspended",
            WikiState::Archived => "archived",
        },
        sessions: format!("{}/_farm/sessions?wiki={}", visit.place.base, wiki.id),
    }
}

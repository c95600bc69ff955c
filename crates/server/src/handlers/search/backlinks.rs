//! `?action=linkto`: the pages that link to this one, as far as the visitor may read them.

use grange_wiki::search::Query;

use super::{Results, list, search_for};
use crate::extract::allowed::{Allowed, Read};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// So many are shown.
const MOST: usize = 1000;

/// Shows them.
pub async fn show(visit: &mut Visit<'_>, allowed: Allowed<Read>) -> Result<Reply, Refusal> {
    let name = allowed.page();
    let mut search = search_for(visit, &Query::links_to(name)).map_err(Refusal::internal)?;
    search.shown = MOST;
    let mut found = visit.open.wiki.search(search, &visit.visitor.viewer).await?;
    // A link to itself leads nowhere.
    let before = found.hits.len();
    found.hits.retain(|hit| hit.page != *name);
    found.total -= before - found.hits.len();
    let said = match (found.total, found.hits.len()) {
        (0, _) => "No page links here.".to_owned(),
        (1, _) => "1 page links here.".to_owned(),
        (total, shown) if shown < total => format!("{total} pages link here; these are {shown} of them."),
        (total, _) => format!("{total} pages link here."),
    };
    let title = format!("Pages that link to {name}");
    let results = Results::of(visit, &found, said);
    list(visit, &allowed, &title, results).await
}

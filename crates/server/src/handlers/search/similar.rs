//! `?action=LikePages`: pages with names like this one's, for somebody who is not quite at the right place.
//!
//! What is alike is decided where the macro of the same name is.

use grange_macros::builtin::most_alike;
use grange_wiki::PageName;
use grange_wiki::rights::Right;

use super::{Results, list};
use crate::extract::allowed::{Allowed, Read};
use crate::pages::{MarkedText, ResultRow};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Shows them, the most alike first.
pub async fn show(visit: &mut Visit<'_>, allowed: Allowed<Read>) -> Result<Reply, Refusal> {
    let name = allowed.page();
    let mut readable: Vec<PageName> = Vec::new();
    for other in visit
        .open
        .wiki
        .page_names()
        .await?
        .iter()
        .filter(|other| *other != name)
    {
        if visit
            .open
            .wiki
            .may(&visit.visitor.viewer, Right::Read, other)
            .await?
        {
            readable.push(other.clone());
        }
    }
    let rows: Vec<ResultRow> = most_alike(name.as_str(), readable)
        .into_iter()
        .map(|page| ResultRow {
            href: visit.page_url(&page),
            title: vec![MarkedText {
                text: page.to_string(),
                found: false,
            }],
            excerpts: Vec::new(),
            changed: None,
        })
        .collect();
    let said = match rows.len() {
        0 => "No page has a name like this.".to_owned(),
        1 => "1 page has a name like this.".to_owned(),
        count => format!("{count} pages have names like this."),
    };
    let title = format!("Pages with names like {name}");
    let results = Results {
        rows,
        ..Results::none(said)
    };
    list(visit, &allowed, &title, results).await
}

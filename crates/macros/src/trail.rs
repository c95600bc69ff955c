//! The visited pages as links, for the `Trail` macro and for every page's `#trail`.
//!
//! Recording them is the session's work. Here each entry is checked again: a page that was deleted or
//! taken away from the viewer since is not shown.

use grange_session::{Session, TrailEntry};
use grange_wiki::rights::Viewer;

use crate::farm_view::{FarmLink, FarmView};

/// One visited page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailLink {
    /// Where it stands, maybe in another wiki.
    pub href: String,
    /// The page's name.
    pub label: String,
    /// The id of its wiki.
    pub wiki: String,
    /// What its wiki is called.
    pub wiki_title: String,
}

/// The session's visited pages that `viewer` may still read, the oldest first, so that the page being
/// viewed stands last.
pub async fn trail_links(session: &Session, viewer: &Viewer, farm: &dyn FarmView) -> Vec<TrailLink> {
    links_of(session.trail(), viewer, farm).await
}

/// The same of a trail.
pub(crate) async fn links_of(trail: Vec<TrailEntry>, viewer: &Viewer, farm: &dyn FarmView) -> Vec<TrailLink> {
    let links = farm.readable_links(&trail, viewer).await;
    let shown = trail.into_iter().zip(links).filter_map(|(entry, link)| {
        let FarmLink { href, title } = link?;
        Some(TrailLink {
            href,
            label: entry.page,
            wiki: entry.wiki,
            wiki_title: title,
        })
    });
    shown.collect()
}

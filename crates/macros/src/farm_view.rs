//! What a macro may know of the farm's other wikis: whether a page may be read, and its address.
//!
//! The trait is declared here, where it is used, and implemented by `grange-farm`, which knows all
//! wikis; macros know none but their own.

use async_trait::async_trait;
use grange_session::TrailEntry;
use grange_wiki::Viewer;

/// The other wikis of the farm, as far as a page may show them.
#[async_trait]
pub trait FarmView: Send + Sync {
    /// Whether `page` of the wiki with id `wiki` exists and `viewer` may read it. An unknown wiki, an
    /// impossible page name and a store that does not answer are all a plain no.
    async fn readable(&self, wiki: &str, page: &str, viewer: &Viewer) -> bool;

    /// Where `page` of the wiki with id `wiki` stands; nothing for an unknown wiki.
    fn link(&self, wiki: &str, page: &str) -> Option<FarmLink>;

    /// The same for a wiki under the name by which other wikis know it, as [`FarmView::wikis`] tells it, or else its id.
    fn link_by_name(&self, name: &str, page: &str) -> Option<FarmLink> {
        self.link(name, page)
    }

    /// Both for each of several pages: its address if it exists and `viewer` may read it. Who can answer
    /// for many at once does that better.
    async fn readable_links(&self, pages: &[TrailEntry], viewer: &Viewer) -> Vec<Option<FarmLink>> {
        let mut links = Vec::with_capacity(pages.len());
        for entry in pages {
            links.push(match self.readable(&entry.wiki, &entry.page, viewer).await {
                true => self.link(&entry.wiki, &entry.page),
                false => None,
            });
        }
        links
    }

    /// Whether this wiki has turned an action of pages off. It is part of the wiki's settings, so what was rendered
    /// under others shows no more.
    fn is_turned_off(&self, _action: &str) -> bool {
        false
    }

    /// The farm's wikis that `viewer` may read, this one included, in the order of the configuration. A large
    /// farm names its first ones only.
    async fn wikis(&self, _viewer: &Viewer) -> Vec<FarmWiki> {
        Vec::new()
    }
}

/// A wiki of the farm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FarmWiki {
    /// Under which name links of other wikis know it.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Its front page.
    pub href: String,
}

/// The address of a page in the farm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FarmLink {
    /// `/wiki1/Page` or `https://host/Page`.
    pub href: String,
    /// What the wiki is called, to tell pages of one name apart.
    pub title: String,
}

/// The view of a wiki that stands alone: no other wiki, so no links. For the command line and tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFarm;

#[async_trait]
impl FarmView for NoFarm {
    async fn readable(&self, _wiki: &str, _page: &str, _viewer: &Viewer) -> bool {
        false
    }

    fn link(&self, _wiki: &str, _page: &str) -> Option<FarmLink> {
        None
    }
}

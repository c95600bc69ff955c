//! What a page of one wiki may know of its siblings: addresses, and what its viewer may read there.
//!
//! A [`Viewer`] belongs to one wiki. In a sibling with the same user directory it is the same person with the
//! sibling's rights; in any other it is a guest, even under an equal name. Whoever acts as somebody does so only
//! where the real name is a superuser and the other is not; elsewhere the real person looks.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use grange_macros::{FarmLink, FarmView, FarmWiki, short_action_name};
use grange_session::TrailEntry;
use grange_wiki::PageName;
use grange_wiki::accounts::fold_name;
use grange_wiki::rights::{Right, Viewer};

use crate::address::Authority;
use crate::check::{WikiConfig, WikiState};
use crate::farm::{Farm, OpenWiki};

#[cfg(test)]
mod tests;

/// The farm as seen from one request.
pub struct Siblings<'a> {
    /// The farm the request took.
    pub farm: &'a Farm,
    /// The index of the wiki it is for.
    pub here: usize,
    /// That wiki's mount in this request: `""` or `/wiki1`.
    pub base: &'a str,
    /// Where it was sent.
    pub request: Authority<'a>,
}

#[async_trait]
impl FarmView for Siblings<'_> {
    async fn readable(&self, wiki: &str, page: &str, viewer: &Viewer) -> bool {
        let (Ok(page), Some(there)) = (PageName::parse(page), self.look_into(wiki, viewer).await) else {
            return false;
        };
        there.may_read(&page).await
    }

    fn link(&self, wiki: &str, page: &str) -> Option<FarmLink> {
        let index = self.farm.wiki_by_id(wiki)?;
        let config = self.farm.config.wikis.get(index)?;
        self.link_to(index, config, &PageName::parse(page).ok()?)
    }

    fn link_by_name(&self, name: &str, page: &str) -> Option<FarmLink> {
        let mut wikis = self.farm.config.wikis.iter();
        match wikis.find(|wiki| *wiki.interwikiname == *name) {
            Some(wiki) => self.link(&wiki.id, page),
            None => self.link(name, page),
        }
    }

    async fn readable_links(&self, pages: &[TrailEntry], viewer: &Viewer) -> Vec<Option<FarmLink>> {
        let mut links = Vec::with_capacity(pages.len());
        let mut last: Option<(&str, Option<There<'_>>)> = None;
        for entry in pages {
            // Neighbours mostly stand in one wiki.
            let there = match last.take().filter(|(wiki, _)| *wiki == entry.wiki) {
                Some((_, there)) => there,
                None => self.look_into(&entry.wiki, viewer).await,
            };
            links.push(match (&there, PageName::parse(&entry.page)) {
                (Some(there), Ok(page)) if there.may_read(&page).await => {
                    self.link_to(there.index, there.config, &page)
                }
                _ => None,
            });
            last = Some((&entry.wiki, there));
        }
        links
    }

    fn is_turned_off(&self, action: &str) -> bool {
        let config = self.farm.config.wikis.get(self.here);
        let excluded = config.map_or(&[][..], |config| &config.actions_excluded);
        let action = short_action_name(action);
        excluded.iter().any(|name| short_action_name(name) == action)
    }

    /// Asks the configured rights and opens no wiki: a farm may have thousands.
    async fn wikis(&self, viewer: &Viewer) -> Vec<FarmWiki> {
        let mut wikis = Vec::new();
        let shown = self.farm.config.wikis.iter().enumerate();
        for (index, config) in shown.filter(|(_, wiki)| wiki.state != WikiState::Suspended) {
            if wikis.len() == MOST_WIKIS {
                break;
            }
            let viewer = match index == self.here {
                true => viewer.clone(),
                false => self.viewer_there(viewer, config).await,
            };
            if !config.rights.allows(&viewer, Right::Read) {
                continue;
            }
            wikis.extend(
                self.link(&config.id, config.front_page.as_str())
                    .map(|front| FarmWiki {
                        name: config.interwikiname.to_string(),
                        title: config.sitename.to_string(),
                        href: front.href,
                    }),
            );
        }
        wikis
    }
}

/// A wiki and who the viewer is there.
struct There<'a> {
    index: usize,
    config: &'a WikiConfig,
    open: Arc<OpenWiki>,
    viewer: Cow<'a, Viewer>,
    /// The pages that stand.
    names: Arc<Vec<PageName>>,
}

impl There<'_> {
    async fn may_read(&self, page: &PageName) -> bool {
        let may = self.open.wiki.may(&self.viewer, Right::Read, page);
        may.await.unwrap_or(false) && self.names.binary_search(page).is_ok()
    }
}

/// So many wikis are named in one list.
const MOST_WIKIS: usize = 500;

/// A wiki that says under which name others link it is shown under that one.
fn called_by_others(wiki: &WikiConfig) -> &str {
    match wiki.interwikiname == wiki.id {
        true => &wiki.sitename,
        false => &wiki.interwikiname,
    }
}

impl Siblings<'_> {
    /// Nothing for an unknown or closed wiki, and for one whose store does not answer.
    async fn look_into<'v>(&'v self, wiki: &str, viewer: &'v Viewer) -> Option<There<'v>> {
        let index = self.farm.wiki_by_id(wiki)?;
        let config = self.farm.config.wikis.get(index)?;
        if config.state == WikiState::Suspended {
            return None;
        }
        let viewer = match index == self.here {
            true => Cow::Borrowed(viewer),
            false => Cow::Owned(self.viewer_there(viewer, config).await),
        };
        let open = self.farm.open(index).await.ok()?;
        let names = open.wiki.page_names().await.ok()?;
        Some(There {
            index,
            config,
            open,
            viewer,
            names,
        })
    }

    fn link_to(&self, index: usize, config: &WikiConfig, page: &PageName) -> Option<FarmLink> {
        let tail = page.to_url();
        let href = match index == self.here {
            true => [self.base, "/", &tail].concat(),
            false => self.farm.canonical_url(index, &self.request, &tail)?,
        };
        Some(FarmLink {
            href,
            title: called_by_others(config).to_string(),
        })
    }

    /// Who the viewer is in a sibling.
    async fn viewer_there(&self, viewer: &Viewer, there: &Arc<WikiConfig>) -> Viewer {
        let here = self.farm.config.wikis.get(self.here);
        let (Some(name), true) = (
            &viewer.name,
            here.is_some_and(|here| here.user_store == there.user_store),
        ) else {
            return guest(viewer);
        };
        match &viewer.real_name {
            Some(real) if !may_act(real, name, there) => self.real_person(viewer, real, there).await,
            _ => Viewer {
                superuser: is_superuser(name, there),
                ..viewer.clone()
            },
        }
    }

    /// The superuser behind somebody else's name, from the user directory that both wikis share.
    async fn real_person(&self, viewer: &Viewer, real: &str, there: &Arc<WikiConfig>) -> Viewer {
        let accounts = self.farm.services().accounts(&there.user_store);
        match accounts.by_name(real).await {
            Ok(Some(user)) if user.may_log_in() => Viewer {
                user_id: Some(user.id),
                name: Some(real.to_owned()),
                real_name: None,
                superuser: is_superuser(real, there),
                ..viewer.clone()
            },
            _ => guest(viewer),
        }
    }
}

fn guest(viewer: &Viewer) -> Viewer {
    Viewer {
        address: viewer.address.clone(),
        language: viewer.language.clone(),
        time_zone: viewer.time_zone.clone(),
        ..Viewer::anonymous()
    }
}

fn may_act(real: &str, acting: &str, wiki: &WikiConfig) -> bool {
    is_superuser(real, wiki) && !is_superuser(acting, wiki)
}

/// Whether a name stands in a wiki's `superuser`; names are compared as accounts compare them.
pub fn is_superuser(name: &str, wiki: &WikiConfig) -> bool {
    let name = fold_name(name);
    wiki.superusers.iter().any(|one| fold_name(one) == name)
}

//! What a page of one wiki may know of its siblings: addresses, and what its viewer may read there.
//!
//! A [`Viewer`] belongs to one wiki. In a sibling with the same user directory it is the same person with the
//! sibling's rights; in any other it is a guest, even under an equal name. Whoever acts as somebody does so only
//! where the real name is a superuser and the other is not; elsewhere the real person looks.

use std::sync::Arc;

use async_trait::async_trait;
use grange_macros::{FarmLink, FarmView, FarmWiki};
use grange_wiki::PageName;
use grange_wiki::accounts::fold_name;
use grange_wiki::rights::{Right, Viewer};

use crate::address::Authority;
use crate::check::{WikiConfig, WikiState};
use crate::farm::Farm;

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
        let (Some(index), Ok(page)) = (self.farm.wiki_by_id(wiki), PageName::parse(page)) else {
            return false;
        };
        let Some(config) = self
            .farm
            .config
            .wikis
            .get(index)
            .filter(|wiki| wiki.state != WikiState::Suspended)
        else {
            return false;
        };
        let viewer = match index == self.here {
            true => viewer.clone(),
            false => self.viewer_there(viewer, config).await,
        };
        self.may_read(index, &page, &viewer).await
    }

    fn link(&self, wiki: &str, page: &str) -> Option<FarmLink> {
        let index = self.farm.wiki_by_id(wiki)?;
        let config = self.farm.config.wikis.get(index)?;
        let tail = PageName::parse(page).ok()?.to_url();
        let href = match index == self.here {
            true => format!("{}/{tail}", self.base),
            false => self.farm.canonical_url(index, &self.request, &tail)?,
        };
        Some(FarmLink {
            href,
            title: called_by_others(config).to_string(),
        })
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
    async fn may_read(&self, index: usize, page: &PageName, viewer: &Viewer) -> bool {
        let Ok(open) = self.farm.open(index).await else {
            return false;
        };
        let may = open.wiki.may(viewer, Right::Read, page).await.unwrap_or(false);
        may && open.wiki.exists(page).await.unwrap_or(false)
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

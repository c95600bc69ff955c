//! A search, from names over the index to texts.
//!
//! Names are looked at first; what they cannot decide is narrowed down by the store's index, then by the
//! viewer's rights, and only then are texts read. The index proposes, the text decides, so an index that
//! lags behind costs time, never a wrong answer. What takes too long is ended, and the answer says so.
//! Start at [`Wiki::search`].

use std::collections::HashSet;
use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::excerpt::{Excerpt, Span, excerpts_of, marked_name};
use super::matcher::{Facts, Matcher};
use super::pattern::{Meter, OutOfTime};
use super::probe::Probe;
use super::{Excerpts, Search};
use crate::name::PageName;
use crate::page::{Page, Standing};
use crate::rights::{Right, Viewer};
use crate::store::{Indexing, StoreError};
use crate::wiki::Wiki;

/// So many texts are read and looked through at a time; others may work in between.
const BATCH: usize = 64;

/// While a search waits, so many steps does it help the index along.
const MOST_STEPS: usize = 8;

/// What a search found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The part that was asked for, best first; pages that fit equally in the order of their names.
    pub hits: Vec<Hit>,
    /// How many there are altogether, of those that the viewer may read.
    pub total: usize,
    /// Whether every page was looked at.
    pub reach: Reach,
    /// Whether guests would have got the same answer.
    pub audience: Audience,
}

/// Whether every page was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every one.
    Whole,
    /// Not all: it would have taken too long.
    Partial,
}

/// Who would have got the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    Everybody,
    /// It depends on the viewer's rights.
    Viewer,
}

/// A page that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The page.
    pub page: PageName,
    /// Its name, with what was found in it.
    pub title: Vec<Span>,
    /// What stands around what was found in its text; empty unless asked for.
    pub excerpts: Vec<Excerpt>,
    /// The page as it was read for the excerpts.
    pub text: Option<Arc<Page>>,
    weight: u32,
}

/// The pages that may be wanted, as far as names tell.
#[derive(Default)]
struct Sifted {
    /// Certainly wanted.
    wanted: Vec<PageName>,
    /// Only their texts can tell.
    open: Vec<PageName>,
}

impl Wiki {
    /// Looks for pages that the viewer may read.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn search(&self, search: Search, viewer: &Viewer) -> Result<Found, StoreError> {
        let meter = Meter::starting_now(search.clock.clone(), search.time);
        let (mut matcher, mut reach) = (search.matcher, Reach::Whole);
        for term in matcher.linking_terms() {
            if self.find_linking(term).await? == Reach::Partial {
                reach = Reach::Partial;
            }
        }
        let matcher = Arc::new(matcher);
        let underlay: HashSet<PageName> = self.underlay_names().await.into_iter().collect();
        let Ok(mut sifted) = sift(&matcher, &self.page_names().await?, &underlay, &meter) else {
            return Ok(Found::nothing_in_time());
        };
        if !sifted.open.is_empty() && search.probe != Probe::Anything {
            self.narrow(&mut sifted.open, &search.probe, &underlay, &meter)
                .await?;
        }
        let mut audience = Audience::Everybody;
        for names in [&mut sifted.wanted, &mut sifted.open] {
            self.keep_readable(names, viewer, &mut audience).await?;
        }
        let mut weighed: Vec<(u32, PageName)> = Vec::with_capacity(sifted.wanted.len());
        for name in sifted.wanted {
            let facts = Facts {
                name: &name,
                text: None,
                is_system: None,
            };
            let weight = matcher.weigh(facts, &meter).unwrap_or(0);
            weighed.push((weight, name));
        }
        let reads = !sifted.open.is_empty() || search.excerpts != Excerpts::None;
        // A list of names waits for nobody.
        let _leave = match reads {
            true => self.settings.cache.leave_to_search().await,
            false => None,
        };
        for batch in sifted.open.chunks(BATCH) {
            let (found, in_time) = self.look_through(batch, &matcher, &meter).await?;
            weighed.extend(found);
            if in_time.is_err() {
                reach = Reach::Partial;
                break;
            }
        }
        weighed.sort_unstable_by(|(a, a_name), (b, b_name)| b.cmp(a).then_with(|| a_name.cmp(b_name)));
        let total = weighed.len();
        let shown = weighed.into_iter().skip(search.skipped).take(search.shown);
        let hits: Vec<Hit> = shown
            .map(|(weight, page)| Hit::of(page, weight, &matcher))
            .collect();
        let hits = match search.excerpts {
            Excerpts::None => hits,
            Excerpts::Bytes(length) => self.with_excerpts(hits, length, &matcher, &meter).await?,
        };
        Ok(Found {
            hits,
            total,
            reach,
            audience,
        })
    }

    /// Asks the index. Pages of the underlay are files and in no index.
    async fn narrow(
        &self,
        open: &mut Vec<PageName>,
        probe: &Probe,
        underlay: &HashSet<PageName>,
        meter: &Meter,
    ) -> Result<(), StoreError> {
        self.help_the_index(meter).await;
        if let Some(candidates) = self.store.candidates(probe).await? {
            let candidates: HashSet<PageName> = candidates.into_iter().collect();
            open.retain(|name| candidates.contains(name) || underlay.contains(name));
        }
        Ok(())
    }

    /// Lets the index follow the change log for a few steps. One search at a time does it; a search works
    /// without as well, so nothing that goes wrong here stops it.
    async fn help_the_index(&self, meter: &Meter) {
        let Ok(_turn) = self.indexing.try_lock() else {
            return;
        };
        for _ in 0..MOST_STEPS {
            match self.store.index_more().await {
                Ok(Indexing::More) if meter.check().is_ok() => {}
                Ok(_) => return,
                Err(error) => {
                    tracing::warn!(wiki = self.id(), %error, "the search index could not follow");
                    return;
                }
            }
        }
    }

    async fn keep_readable(
        &self,
        names: &mut Vec<PageName>,
        viewer: &Viewer,
        audience: &mut Audience,
    ) -> Result<(), StoreError> {
        let guest = Viewer::anonymous();
        let mut readable = Vec::with_capacity(names.len());
        for name in names.drain(..) {
            let may = self.may(viewer, Right::Read, &name).await?;
            if !may || (viewer.is_known() && !self.may(&guest, Right::Read, &name).await?) {
                *audience = Audience::Viewer;
            }
            if may {
                readable.push(name);
            }
        }
        *names = readable;
        Ok(())
    }

    /// Which of these pages are wanted, and whether there was time to look at all of them.
    async fn look_through(
        &self,
        names: &[PageName],
        matcher: &Arc<Matcher>,
        meter: &Meter,
    ) -> Result<(Vec<(u32, PageName)>, Result<(), OutOfTime>), StoreError> {
        let pages = self.texts_of(names).await?;
        let (matcher, meter) = (matcher.clone(), meter.clone());
        let looked = spawn_blocking(move || {
            let mut found = Vec::new();
            for page in pages {
                match weight_if_wanted(&page, &matcher, &meter) {
                    Ok(None) => {}
                    Ok(Some(weight)) => found.push((weight, page.name.clone())),
                    Err(out_of_time) => return (found, Err(out_of_time)),
                }
            }
            (found, Ok(()))
        });
        looked.await.map_err(|_| StoreError::Closed)
    }

    /// The pages as readers see them, in no order; what is gone meanwhile is left out.
    async fn texts_of(&self, names: &[PageName]) -> Result<Vec<Arc<Page>>, StoreError> {
        let mut pages = Vec::with_capacity(names.len());
        let mut settled: HashSet<PageName> = HashSet::new();
        for revision in self.store.texts(names).await? {
            if revision.change.standing == Standing::Underlay {
                continue;
            }
            settled.insert(revision.change.page.clone());
            if revision.change.standing == Standing::Text {
                pages.push(Arc::new(revision.into_page()));
            }
        }
        for name in names.iter().filter(|name| !settled.contains(*name)) {
            pages.extend(self.underlay_page(name).await);
        }
        Ok(pages)
    }

    async fn with_excerpts(
        &self,
        hits: Vec<Hit>,
        length: usize,
        matcher: &Arc<Matcher>,
        meter: &Meter,
    ) -> Result<Vec<Hit>, StoreError> {
        let names: Vec<PageName> = hits.iter().map(|hit| hit.page.clone()).collect();
        let mut shown = Vec::with_capacity(hits.len());
        let mut hits = hits.into_iter();
        for batch in names.chunks(BATCH) {
            let pages = self.texts_of(batch).await?;
            let mut part: Vec<Hit> = hits.by_ref().take(batch.len()).collect();
            let (matcher, meter) = (matcher.clone(), meter.clone());
            let done = spawn_blocking(move || {
                for hit in &mut part {
                    let page = pages.iter().find(|page| page.name == hit.page);
                    hit.text = page.cloned();
                    let excerpts = page.map(|page| excerpts_of(&matcher, &page.text, length, &meter));
                    // Out of time: the page is shown without.
                    hit.excerpts = excerpts.and_then(Result::ok).unwrap_or_default();
                }
                part
            });
            shown.extend(done.await.map_err(|_| StoreError::Closed)?);
        }
        Ok(shown)
    }
}

impl Found {
    fn nothing_in_time() -> Found {
        Found {
            hits: Vec::new(),
            total: 0,
            reach: Reach::Partial,
            audience: Audience::Everybody,
        }
    }
}

impl Hit {
    fn of(page: PageName, weight: u32, matcher: &Matcher) -> Hit {
        Hit {
            title: marked_name(page.as_str(), matcher.marked_in_name(&page)),
            excerpts: Vec::new(),
            text: None,
            weight,
            page,
        }
    }

    /// How well it fits: the larger the better. Only numbers of one search can be compared.
    pub fn weight(&self) -> u32 {
        self.weight
    }
}

/// Decides what names decide.
fn sift(
    matcher: &Matcher,
    names: &[PageName],
    underlay: &HashSet<PageName>,
    meter: &Meter,
) -> Result<Sifted, OutOfTime> {
    let mut sifted = Sifted::default();
    for name in names {
        meter.check()?;
        // A page of another name than any file's was written by people.
        let is_system = match underlay.contains(name) {
            true => None,
            false => Some(false),
        };
        let facts = Facts {
            name,
            text: None,
            is_system,
        };
        match matcher.judge(facts, meter)? {
            Some(true) => sifted.wanted.push(name.clone()),
            Some(false) => {}
            None => sifted.open.push(name.clone()),
        }
    }
    Ok(sifted)
}

fn weight_if_wanted(page: &Page, matcher: &Matcher, meter: &Meter) -> Result<Option<u32>, OutOfTime> {
    meter.check()?;
    let facts = Facts {
        name: &page.name,
        text: Some(&page.text),
        is_system: Some(page.is_underlay()),
    };
    match matcher.judge(facts, meter)? {
        Some(true) => matcher.weigh(facts, meter).map(Some),
        _ => Ok(None),
    }
}

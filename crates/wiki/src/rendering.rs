//! Rendering with memory: a page's segments are made once and kept until something they show changes.
//!
//! What a rendering shows is the text, the mount path in its links, which pages stand, and what macros
//! said. The key of the cache holds the first three; an entry with an answer that looked at other pages
//! also holds the generation it was made in. `render/` makes the segments, `cache.rs` keeps them.
//! Start at [`Wiki::render`].

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::attachment::{FileName, Shows};
use crate::cache::{HeldRendering, RenderedKey};
use crate::markup::{links, parse_markdown};
use crate::name::PageName;
use crate::page::Page;
use crate::render::{
    Claims, Expansions, LinkResolver, MacroHost, RawHtml, RenderFacts, RenderRequest, Rendered, code_work,
    headings, render_segments,
};
use crate::seats::{Crowded, Seat};
use crate::store::StoreError;
use crate::text::{SHORT_TEXT, here_or_aside, with_plain_line_ends};
use crate::wiki::{Generations, Wiki};

/// Colouring usual code costs so much of [`code_work`] in the time that a byte of ordinary text takes.
const CODE_WORK_PER_BYTE: usize = 4;

/// Which pages stand, which of the files that a text speaks of its own page has, and where the wiki is mounted: what
/// links have to know.
#[derive(Clone, Debug)]
pub struct PageLinks {
    base: Arc<str>,
    names: Arc<Vec<PageName>>,
    files: HashMap<FileName, Shows>,
}

impl LinkResolver for PageLinks {
    fn page_href(&self, page: &PageName) -> String {
        format!("{}/{}", self.base, page.to_url())
    }

    fn page_exists(&self, page: &PageName) -> bool {
        self.names.binary_search(page).is_ok()
    }

    fn attached(&self, file: &FileName) -> Option<Shows> {
        self.files.get(file).copied()
    }
}

/// A text to be rendered, and where it stands.
struct Text<'a> {
    page: &'a PageName,
    text: Arc<str>,
    base: &'a str,
    around: &'a Claims,
}

/// Why a draft was not rendered.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// So many drafts are being rendered that another would wait too long.
    #[error("too many previews are being made at this moment")]
    Crowded,
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Crowded> for DraftError {
    fn from(_: Crowded) -> DraftError {
        DraftError::Crowded
    }
}

impl Wiki {
    /// A page as segments, from memory if nothing that it shows has changed. `base` is the wiki's mount
    /// path, empty or beginning with a slash.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn render(
        &self,
        page: &Page,
        base: &str,
        host: &dyn MacroHost,
    ) -> Result<Arc<Rendered>, StoreError> {
        self.render_around(page, base, host, &Claims::default(), None)
            .await
    }

    /// A page that is laid into another one, which has given away `around`: its notes are numbered on, and its ids are
    /// free. From memory like any other.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn render_inside(
        &self,
        page: &Page,
        base: &str,
        host: &dyn MacroHost,
        around: &Claims,
    ) -> Result<Arc<Rendered>, StoreError> {
        let alone = self.render(page, base, host).await?;
        match alone.claims.meets(around) {
            true => {
                let fingerprint = Some(around.fingerprint());
                self.render_around(page, base, host, around, fingerprint).await
            }
            false => Ok(alone),
        }
    }

    async fn render_around(
        &self,
        page: &Page,
        base: &str,
        host: &dyn MacroHost,
        around: &Claims,
        fingerprint: Option<[u8; 32]>,
    ) -> Result<Arc<Rendered>, StoreError> {
        // Asked before anything is read: what changes meanwhile then spoils the entry, not the reader.
        let Generations {
            content: generation,
            names: link_generation,
        } = self.generations().await?;
        let key = RenderedKey {
            wiki: self.key,
            page: page.name.clone(),
            base: base.into(),
            fingerprint: page.fingerprint,
            link_generation,
            around: fingerprint,
        };
        let cache = &self.settings.cache;
        let fits = |held: &HeldRendering| {
            held.generation.is_none_or(|made_in| made_in == generation)
                && held.edition.is_none_or(|made_with| made_with == host.edition())
        };
        if let Some(held) = cache.rendering(&key).filter(fits) {
            return Ok(held.rendered);
        }
        let seat = self.seat(&page.text).await;
        // Who waited for a seat may find what another made meanwhile.
        if let Some(held) = cache.rendering(&key).filter(|held| seat.is_some() && fits(held)) {
            return Ok(held.rendered);
        }
        // As with the generation: asked before the macros run.
        let edition = host.edition();
        let text = Text {
            page: &page.name,
            text: page.text.clone(),
            base,
            around,
        };
        let (rendered, seat) = self.render_anew(text, host, seat).await?;
        let rendered = Arc::new(rendered);
        let generation = rendered.depends_on_pages.then_some(generation);
        let held = HeldRendering {
            rendered: rendered.clone(),
            generation,
            edition: rendered.calls_macros.then_some(edition),
        };
        self.settings.cache.keep_rendering(key, held);
        // The next in the crowd finds what was kept.
        drop(seat);
        Ok(rendered)
    }

    /// A part of a page as it would look on one. Kept nowhere.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn render_text(
        &self,
        page: &PageName,
        text: &str,
        base: &str,
        host: &dyn MacroHost,
    ) -> Result<Rendered, StoreError> {
        self.render_text_inside(page, text, base, host, &Claims::default())
            .await
    }

    /// The same for a part that is laid into another page, which has given away `around`.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn render_text_inside(
        &self,
        page: &PageName,
        text: &str,
        base: &str,
        host: &dyn MacroHost,
        around: &Claims,
    ) -> Result<Rendered, StoreError> {
        let seat = self.seat(text).await;
        let text = Text {
            page,
            text: with_plain_line_ends(text),
            base,
            around,
        };
        let (rendered, _seat) = self.render_anew(text, host, seat).await?;
        Ok(rendered)
    }

    /// A text that somebody is writing as it would look on a page. Kept nowhere, and no page that is viewed waits
    /// for it.
    ///
    /// # Errors
    /// - [`DraftError::Crowded`] if many are being made.
    /// - [`DraftError::Store`] if the store cannot be read.
    pub async fn render_draft(
        &self,
        page: &PageName,
        text: &str,
        base: &str,
        host: &dyn MacroHost,
    ) -> Result<Rendered, DraftError> {
        let seat = match takes_long(text) {
            true => Some(self.share.seat_for_a_draft(&self.settings.cache.seats).await?),
            false => None,
        };
        let text = Text {
            page,
            text: with_plain_line_ends(text),
            base,
            around: &Claims::default(),
        };
        let (rendered, _seat) = self.render_anew(text, host, seat).await?;
        Ok(rendered)
    }

    async fn seat(&self, text: &str) -> Option<Seat> {
        match takes_long(text) {
            true => Some(self.share.seat(&self.settings.cache.seats).await),
            false => None,
        }
    }

    /// What is needed to write links to this wiki's pages.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn page_links(&self, base: &str) -> Result<PageLinks, StoreError> {
        Ok(PageLinks {
            base: base.into(),
            names: self.page_names().await?,
            files: HashMap::new(),
        })
    }

    /// Those of the files that the page has, with how they can be shown.
    async fn standing_files(
        &self,
        page: &PageName,
        wanted: BTreeSet<FileName>,
    ) -> Result<HashMap<FileName, Shows>, StoreError> {
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let files = self.attachments(page).await?.into_iter();
        let standing = files.filter(|found| wanted.contains(&found.file));
        Ok(standing
            .map(|found| (found.file.clone(), found.shows()))
            .collect())
    }

    async fn render_anew(
        &self,
        text: Text<'_>,
        host: &dyn MacroHost,
        seat: Option<Seat>,
    ) -> Result<(Rendered, Option<Seat>), StoreError> {
        let Text {
            page,
            text,
            base,
            around,
        } = text;
        let (around, taken) = (around.clone(), around.clone());
        let mut resolver = self.page_links(base).await?;
        let (size, work, page) = (text.len(), work_in(&text), page.clone());
        let on = page.clone();
        let parsed = here_or_aside(size, move || {
            let document = parse_markdown(&text);
            let (headings, files) = (
                headings(&document, &taken),
                links::own_attachments(&document, &on),
            );
            (document, headings, files, seat)
        });
        let (document, headings, files, seat) = parsed.await.ok_or(StoreError::Closed)?;
        resolver.files = self.standing_files(&page, files).await?;
        let facts = RenderFacts {
            wiki: self,
            page: &page,
            base,
            headings: &headings,
        };
        let expansions = Expansions::ask(&document, host, &facts).await;
        let highlighter = self.settings.highlighter.clone();
        let raw_html = if self.settings.raw_html {
            RawHtml::Sanitised
        } else {
            RawHtml::ShownAsText
        };
        let rendered = here_or_aside(work, move || {
            let rendered = render_segments(&RenderRequest {
                document: &document,
                page: &page,
                resolver: &resolver,
                highlighter: Some(&highlighter),
                raw_html,
                expansions: &expansions,
                around: &around,
            });
            (rendered, seat)
        });
        rendered.await.ok_or(StoreError::Closed)
    }
}

/// How much work rendering a text is, in bytes of ordinary text. The first code in a language loads its grammar,
/// however short the text is, so code never is little work.
fn work_in(text: &str) -> usize {
    if has_code(text) { usize::MAX } else { text.len() }
}

/// Whether rendering a text takes so long that not everybody may do it at once. What colouring code costs, a second
/// at the most, is told by the lengths of its lines.
fn takes_long(text: &str) -> bool {
    let code = if has_code(text) {
        code_work(text) / CODE_WORK_PER_BYTE
    } else {
        0
    };
    text.len() + code > SHORT_TEXT
}

fn has_code(text: &str) -> bool {
    text.contains("```") || text.contains("~~~")
}

#[cfg(test)]
#[path = "rendering_tests.rs"]
mod tests;

//! Looks over the whole wiki: who links where, which pages are large, long untouched or much looked at, which
//! come from files.
//!
//! These read much, so they are for lists that are made seldom. Nobody's rights are asked here. Pages of the
//! underlay have no rows in the store; their links are read from their texts.
//! Start at [`Wiki::link_pairs`].

use jiff::Timestamp;
use tokio::task::spawn_blocking;

use crate::hits::{Due, HitsError};
use crate::markup;
use crate::name::PageName;
use crate::page::Change;
use crate::store::{Order, StoreError};
use crate::text::here_or_aside;
use crate::wiki::Wiki;

impl Wiki {
    /// Every link between pages, from page to target; targets need not exist. Nothing where there are more
    /// than `limit`.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn link_pairs(&self, limit: usize) -> Result<Option<Vec<(PageName, PageName)>>, StoreError> {
        let mut pairs = self.store.link_pairs(limit.saturating_add(1)).await?;
        for name in self.underlay_names().await {
            if pairs.len() > limit {
                return Ok(None);
            }
            let Some(page) = self.page(&name).await?.filter(|page| page.is_underlay()) else {
                continue;
            };
            let (text, size) = (page.text.clone(), page.text.len());
            let on = name.clone();
            let links = here_or_aside(size, move || markup::links(&markup::parse_markdown(&text), &on));
            let links = links.await.ok_or(StoreError::Closed)?;
            pairs.extend(links.into_iter().map(|target| (name.clone(), target)));
        }
        Ok((pairs.len() <= limit).then_some(pairs))
    }

    /// The newest change of every page with a text of its own, in an order; at most `limit`. Pages that come
    /// from files unchanged are not among them.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn standing_changes(&self, order: Order, limit: usize) -> Result<Vec<Change>, StoreError> {
        self.store.standing(order, limit).await
    }

    /// Counts a view of a page. Must be called within a runtime: now and then it has the counts written down.
    pub fn count_view(&self, page: &PageName, now: Timestamp) {
        if self.hits.count(page, now) == Due::Now {
            let hits = self.hits.clone();
            drop(spawn_blocking(move || {
                if let Err(error) = hits.write_down() {
                    tracing::warn!("views of pages are not written down: {error}");
                }
            }));
        }
    }

    /// Has the counted views written down, when the program ends: somebody may hold the wiki to the last moment, and
    /// then nothing closes it.
    ///
    /// # Errors
    /// - [`HitsError`] if they cannot be written.
    pub async fn write_views_down(&self) -> Result<(), HitsError> {
        let hits = self.hits.clone();
        let written = spawn_blocking(move || hits.write_down()).await;
        written.unwrap_or(Err(HitsError::BrokeOff))
    }

    /// The pages that were looked at with the number of views, the most seen first. Some of them may not stand
    /// any more.
    ///
    /// # Errors
    /// - [`HitsError`] if the counts cannot be read.
    pub async fn views(&self) -> Result<Vec<(PageName, u64)>, HitsError> {
        let hits = self.hits.clone();
        let counted = spawn_blocking(move || hits.all()).await;
        counted.unwrap_or(Err(HitsError::BrokeOff))
    }

    /// The pages that the underlay has, edited in the wiki or not, in byte order.
    pub async fn underlay_names(&self) -> Vec<PageName> {
        let mut names = Vec::new();
        for underlay in &self.settings.underlays {
            names.extend(underlay.names().await);
        }
        names.sort_unstable();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::page::Author;
    use crate::save::Save;
    use crate::underlay::Underlay;
    use crate::wiki::WikiSettings;

    fn name(text: &str) -> PageName {
        PageName::parse(text).unwrap()
    }

    async fn wiki(directory: &std::path::Path) -> Wiki {
        let files = directory.join("files");
        std::fs::create_dir_all(&files).unwrap();
        std::fs::write(files.join("Help.md"), "[[Front]] and [[Nowhere]]").unwrap();
        std::fs::write(files.join("Old.md"), "[[Gone]]").unwrap();
        let mut settings = WikiSettings::new("team", directory.join("data"));
        settings.underlays = vec![Arc::new(Underlay::at(files))];
        let wiki = Wiki::open(settings).await.unwrap();
        for (second, page, text) in [(1, "Old", "[[Help]] or [[Missing]]"), (2, "Front", "[[Old]]")] {
            let now = jiff::Timestamp::from_second(second).unwrap();
            let save = Save::new(name(page), text, 0, Author::named("Ada"), now);
            wiki.save(save).await.unwrap();
        }
        wiki
    }

    #[tokio::test]
    async fn links_of_files_count_until_somebody_edits_the_page() {
        let directory = tempfile::tempdir().unwrap();
        let wiki = wiki(directory.path()).await;
        let pairs = wiki.link_pairs(100).await.unwrap().unwrap();
        let shown: Vec<String> = pairs.iter().map(|(from, to)| format!("{from} {to}")).collect();
        assert_eq!(
            shown,
            [
                "Front Old",
                "Old Help",
                "Old Missing",
                "Help Front",
                "Help Nowhere"
            ]
        );
    }

    #[tokio::test]
    async fn more_links_than_wanted_are_none() {
        let directory = tempfile::tempdir().unwrap();
        let wiki = wiki(directory.path()).await;
        assert_eq!(wiki.link_pairs(4).await.unwrap(), None);
        assert!(wiki.link_pairs(5).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn the_underlay_is_known_by_its_names() {
        let directory = tempfile::tempdir().unwrap();
        let wiki = wiki(directory.path()).await;
        assert_eq!(wiki.underlay_names().await, [name("Help"), name("Old")]);
        let oldest = wiki.standing_changes(Order::LongestUntouched, 9).await.unwrap();
        assert_eq!(
            oldest
                .iter()
                .map(|change| change.page.as_str())
                .collect::<Vec<_>>(),
            ["Old", "Front"]
        );
    }
    #[tokio::test]
    async fn views_are_written_down_at_the_end_although_somebody_holds_the_wiki() {
        let directory = tempfile::tempdir().unwrap();
        let held = wiki(directory.path()).await;
        held.count_view(&name("Front"), jiff::Timestamp::from_second(3).unwrap());
        held.write_views_down().await.unwrap();
        let after = Wiki::open(WikiSettings::new("team", directory.path().join("data")));
        assert_eq!(after.await.unwrap().views().await.unwrap(), [(name("Front"), 1)]);
    }
}

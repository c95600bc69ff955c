//! How often the pages of a wiki were looked at, read once in a while and not for each view.
//!
//! It holds counts and no output: who may read which page is asked anew for every viewer. So a list of counts can be
//! shared where its outcome cannot, on wikis whose pages not everybody may read.

use std::sync::Arc;
use std::time::Duration;

use grange_wiki::{HitsError, PageName, Wiki};
use jiff::Timestamp;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// So many bytes are kept, about; the lists of busy wikis stay.
const BYTES: u64 = 16 << 20;

/// Pages with the number of views, the most seen first.
pub(crate) type Counts = Arc<Vec<(PageName, u64)>>;

#[derive(Clone)]
struct Kept {
    counts: Counts,
    read: Timestamp,
    bytes: u64,
}

#[derive(Clone, Debug)]
struct ByBytes;

impl Weighter<String, Kept> for ByBytes {
    fn weight(&self, wiki: &String, kept: &Kept) -> u64 {
        kept.bytes + wiki.len() as u64 + 128
    }
}

/// The counts of several wikis.
pub(crate) struct CountCache(Cache<String, Kept, ByBytes>);

impl Default for CountCache {
    fn default() -> CountCache {
        CountCache(Cache::with_weighter(100, BYTES, ByBytes))
    }
}

impl CountCache {
    /// The counts of a wiki as they were less than `age` ago.
    ///
    /// # Errors
    /// * [`HitsError`] if they have to be read and cannot be.
    pub(crate) async fn counts(
        &self,
        wiki: &Wiki,
        age: Duration,
        now: Timestamp,
    ) -> Result<Counts, HitsError> {
        if let Some(kept) = self.0.get(wiki.id())
            && Duration::try_from(now.duration_since(kept.read)).is_ok_and(|since| since < age)
        {
            return Ok(kept.counts);
        }
        let counts: Counts = Arc::new(wiki.views().await?);
        let bytes = counts
            .iter()
            .map(|(page, _)| page.as_str().len() as u64 + 40)
            .sum();
        let kept = Kept {
            counts: Arc::clone(&counts),
            read: now,
            bytes,
        };
        self.0.insert(wiki.id().to_owned(), kept);
        Ok(counts)
    }
}

//! Outputs that hold for a declared period (`time:300`), shared by all visitors.
//!
//! Only what an anonymous expansion made without touching anything personal gets in here; the caller
//! (`fill.rs`) sees to that. An entry ends with its period; one that looked at pages ends when any of them changes.

use std::time::Duration;

use bytestring::ByteString;
use grange_wiki::PageName;
use grange_wiki::markup::MacroCall;
use jiff::Timestamp;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// So many bytes are kept, about.
const BYTES: u64 = 16 << 20;

/// Which output.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PeriodKey {
    /// The state of the wiki's macro files.
    pub edition: u64,
    pub wiki: String,
    pub base: String,
    pub page: PageName,
    pub call: MacroCall,
}

/// An output and until when it holds.
#[derive(Clone, Debug)]
struct Kept {
    html: ByteString,
    made: Timestamp,
    pages: Pages,
}

/// What an output has to do with the wiki's pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pages {
    /// It looked at none, so no save ends it.
    NotLookedAt,
    /// It shows them as they were in this generation.
    In(u64),
}

#[derive(Clone, Debug)]
struct ByBytes;

impl Weighter<PeriodKey, Kept> for ByBytes {
    fn weight(&self, key: &PeriodKey, kept: &Kept) -> u64 {
        // The fixed part stands for the key's and the cache's own memory.
        (kept.html.len() + key.call.source.len() + 256) as u64
    }
}

/// Outputs that hold for a while.
pub(crate) struct PeriodCache(Cache<PeriodKey, Kept, ByBytes>);

impl Default for PeriodCache {
    fn default() -> PeriodCache {
        PeriodCache(Cache::with_weighter(1000, BYTES, ByBytes))
    }
}

impl PeriodCache {
    /// The output, if it was made less than `period` ago and no page that it may show has changed since.
    pub(crate) fn find(
        &self,
        key: &PeriodKey,
        period: Duration,
        now: Timestamp,
        generation: u64,
    ) -> Option<ByteString> {
        let kept = self.0.get(key)?;
        let age = Duration::try_from(now.duration_since(kept.made)).ok()?;
        let holds = match kept.pages {
            Pages::NotLookedAt => true,
            Pages::In(made_in) => made_in == generation,
        };
        (age < period && holds).then_some(kept.html)
    }

    /// Keeps an output made at `now`.
    pub(crate) fn keep(&self, key: PeriodKey, html: ByteString, now: Timestamp, pages: Pages) {
        self.0.insert(
            key,
            Kept {
                html,
                made: now,
                pages,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use grange_wiki::markup::Place;

    use super::*;

    const PERIOD: Duration = Duration::from_secs(300);

    fn key(page: &str) -> PeriodKey {
        let source = "<<Slow>>".to_owned();
        PeriodKey {
            wiki: "team".into(),
            base: String::new(),
            page: PageName::parse(page).unwrap(),
            edition: 1,
            call: MacroCall {
                name: "Slow".into(),
                arguments: String::new(),
                source,
                place: Place::Block,
            },
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_output_is_found_until_its_period_is_over() {
        let cache = PeriodCache::default();
        cache.keep(
            key("Front"),
            ByteString::from_static("out"),
            at(1000),
            Pages::In(1),
        );
        assert!(cache.find(&key("Front"), PERIOD, at(1299), 1).is_some());
        assert!(cache.find(&key("Front"), PERIOD, at(1300), 1).is_none());
        assert!(cache.find(&key("Other"), PERIOD, at(1001), 1).is_none());
    }

    #[test]
    fn a_change_of_any_page_ends_it() {
        let cache = PeriodCache::default();
        cache.keep(
            key("Front"),
            ByteString::from_static("out"),
            at(1000),
            Pages::In(1),
        );
        assert!(cache.find(&key("Front"), PERIOD, at(1001), 2).is_none());
    }

    #[test]
    fn a_clock_that_was_set_back_finds_nothing() {
        let cache = PeriodCache::default();
        cache.keep(
            key("Front"),
            ByteString::from_static("out"),
            at(1000),
            Pages::In(1),
        );
        assert!(cache.find(&key("Front"), PERIOD, at(999), 1).is_none());
    }
    #[test]
    fn what_looked_at_no_page_outlives_every_save() {
        let cache = PeriodCache::default();
        cache.keep(
            key("Front"),
            ByteString::from_static("out"),
            at(1000),
            Pages::NotLookedAt,
        );
        assert!(cache.find(&key("Front"), PERIOD, at(1001), 2).is_some());
        assert!(cache.find(&key("Front"), PERIOD, at(1300), 2).is_none());
    }
}

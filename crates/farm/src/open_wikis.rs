//! The wikis somebody looks at: opened once at the first look, the least used ones closed again.
//!
//! A wiki in use is never closed under a request, and while one request holds it no second one is opened beside
//! it. What opening means is `farm.rs`'s business; this file counts and waits. Errors are not remembered: the next
//! look tries again.

use std::sync::{Arc, Weak};

use dashmap::DashMap;
use quick_cache::sync::Cache;

/// How many wikis stay open while nobody looks at them.
pub const OPEN_AT_ONCE: usize = 512;

/// Open wikis by their index in the farm.
pub(crate) struct OpenWikis<W> {
    cache: Cache<u32, Arc<W>>,
    /// Wikis that left the cache while a request was using them.
    alive: DashMap<u32, Weak<W>>,
    capacity: usize,
}

impl<W> OpenWikis<W> {
    pub(crate) fn new(capacity: usize) -> Self {
        OpenWikis {
            cache: Cache::new(capacity),
            alive: DashMap::new(),
            capacity,
        }
    }

    /// The open wiki, or the result of opening it; others who ask meanwhile wait for the same result.
    pub(crate) async fn get_or_open<E>(
        &self,
        wiki: u32,
        open: impl Future<Output = Result<Arc<W>, E>>,
    ) -> Result<Arc<W>, E> {
        let with = async {
            match self.alive.get(&wiki).and_then(|one| one.upgrade()) {
                Some(alive) => Ok(alive),
                None => open.await.inspect(|opened| self.remember(wiki, opened)),
            }
        };
        self.cache.get_or_insert_async(&wiki, with).await
    }

    /// Takes over a wiki that is open already.
    pub(crate) fn adopt(&self, wiki: u32, open: Arc<W>) {
        self.remember(wiki, &open);
        self.cache.insert(wiki, open);
    }

    /// Every open wiki, those in use by a request only included.
    pub(crate) fn all(&self) -> Vec<(u32, Arc<W>)> {
        self.alive
            .iter()
            .filter_map(|one| Some((*one.key(), one.value().upgrade()?)))
            .collect()
    }

    fn remember(&self, wiki: u32, open: &Arc<W>) {
        if self.alive.len() > 2 * self.capacity {
            self.alive.retain(|_, one| one.strong_count() > 0);
        }
        self.alive.insert(wiki, Arc::downgrade(open));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    async fn open(wikis: &OpenWikis<String>, wiki: u32, opened: &AtomicUsize) -> Arc<String> {
        let open = async {
            tokio::task::yield_now().await;
            opened.fetch_add(1, Ordering::SeqCst);
            Ok::<_, ()>(Arc::new(format!("wiki {wiki}")))
        };
        wikis.get_or_open(wiki, open).await.unwrap()
    }

    #[tokio::test]
    async fn many_who_ask_at_once_open_once() {
        let (wikis, opened) = (OpenWikis::new(8), AtomicUsize::new(0));
        let (a, b, c) = tokio::join!(
            open(&wikis, 1, &opened),
            open(&wikis, 1, &opened),
            open(&wikis, 1, &opened)
        );
        assert!(Arc::ptr_eq(&a, &b) && Arc::ptr_eq(&b, &c));
        assert_eq!(opened.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn no_more_than_the_capacity_stays_open_and_a_used_one_is_never_closed() {
        let (wikis, opened) = (OpenWikis::new(16), AtomicUsize::new(0));
        let held = open(&wikis, 0, &opened).await;
        for wiki in 1..200 {
            open(&wikis, wiki, &opened).await;
        }
        assert!(wikis.all().len() <= 17, "{}", wikis.all().len());
        let again = open(&wikis, 0, &opened).await;
        assert!(
            Arc::ptr_eq(&held, &again),
            "the same wiki is not opened beside itself"
        );
        assert_eq!(opened.load(Ordering::SeqCst), 200);
    }

    #[tokio::test]
    async fn wikis_that_were_closed_leave_no_trace() {
        let (wikis, opened) = (OpenWikis::new(4), AtomicUsize::new(0));
        for wiki in 0..1000 {
            open(&wikis, wiki, &opened).await;
        }
        assert!(wikis.alive.len() <= 10, "{}", wikis.alive.len());
    }

    #[tokio::test]
    async fn a_wiki_that_was_closed_is_opened_again() {
        let (wikis, opened) = (OpenWikis::new(4), AtomicUsize::new(0));
        for round in 0..3 {
            for wiki in 0..100 {
                assert_eq!(
                    *open(&wikis, wiki, &opened).await,
                    format!("wiki {wiki}"),
                    "round {round}"
                );
            }
        }
        assert!(opened.load(Ordering::SeqCst) > 250, "four of a hundred stay open");
    }

    #[tokio::test]
    async fn a_failure_is_told_and_tried_again() {
        let wikis: OpenWikis<String> = OpenWikis::new(4);
        let failed = wikis.get_or_open(1, async { Err("the disk is full") }).await;
        assert_eq!(failed.unwrap_err(), "the disk is full");
        assert_eq!(*open(&wikis, 1, &AtomicUsize::new(0)).await, "wiki 1");
    }

    #[tokio::test]
    async fn an_adopted_wiki_is_not_opened_again() {
        let (wikis, opened) = (OpenWikis::new(4), AtomicUsize::new(0));
        wikis.adopt(3, Arc::new("carried over".into()));
        assert_eq!(*open(&wikis, 3, &opened).await, "carried over");
        assert_eq!(opened.load(Ordering::SeqCst), 0);
    }
}

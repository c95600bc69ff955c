//! Seats for the work on long texts: how many are rendered at once, and who waits for whom.
//!
//! A page of a megabyte takes a hundred while it is rendered, and code may take a second to colour, so only as many
//! are worked on as the machine has cores. A wiki sends no more than that many into the common queue: however large
//! the crowd on one wiki, the next visitor of another waits for a few, not for all. Previews have seats and a short
//! queue of their own, since their texts are whatever somebody sends: they keep no page waiting. A seat is held by
//! the work itself, which goes on when its visitor hangs up. Start at [`Share::seat`].

use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many previews of one wiki are worked on or wait.
const DRAFTS_OF_A_WIKI: usize = 4;
/// So many previews of all wikis are worked on or wait.
const DRAFTS: usize = 16;

/// The seats of a farm.
pub(crate) struct Seats {
    pages: Arc<Semaphore>,
    drafts: Arc<Semaphore>,
    places_for_drafts: Arc<Semaphore>,
    count: usize,
}

/// What one wiki may take of them.
pub(crate) struct Share {
    pages: Arc<Semaphore>,
    drafts: Arc<Semaphore>,
}

/// The right to work on a long text, until it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    _held: Vec<OwnedSemaphorePermit>,
}

/// So many previews are being made that another would wait too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crowded;

impl Seats {
    /// As many seats as the machine has cores.
    pub(crate) fn of_this_machine() -> Seats {
        Seats::new(available_parallelism().map_or(1, usize::from))
    }

    fn new(count: usize) -> Seats {
        Seats {
            pages: Arc::new(Semaphore::new(count)),
            drafts: Arc::new(Semaphore::new((count / 2).max(1))),
            places_for_drafts: Arc::new(Semaphore::new(DRAFTS)),
            count,
        }
    }

    /// The share of one wiki.
    pub(crate) fn share(&self) -> Share {
        Share {
            pages: Arc::new(Semaphore::new(self.count)),
            drafts: Arc::new(Semaphore::new(DRAFTS_OF_A_WIKI)),
        }
    }
}

impl Share {
    /// A seat for work on a page, as soon as there is one.
    pub(crate) async fn seat(&self, seats: &Seats) -> Seat {
        // Nobody closes a semaphore.
        let own = Arc::clone(&self.pages).acquire_owned().await;
        let common = Arc::clone(&seats.pages).acquire_owned().await;
        Seat {
            _held: own.into_iter().chain(common).collect(),
        }
    }

    /// A seat for a preview, unless too many wait for one.
    pub(crate) async fn seat_for_a_draft(&self, seats: &Seats) -> Result<Seat, Crowded> {
        let own = Arc::clone(&self.drafts)
            .try_acquire_owned()
            .map_err(|_| Crowded)?;
        let place = Arc::clone(&seats.places_for_drafts)
            .try_acquire_owned()
            .map_err(|_| Crowded)?;
        let seat = Arc::clone(&seats.drafts).acquire_owned().await;
        Ok(Seat {
            _held: seat.into_iter().chain([place, own]).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_crowd_on_one_wiki_keeps_the_visitor_of_another_waiting_for_a_few_only() {
        let seats = Seats::new(2);
        let (busy, quiet) = (seats.share(), seats.share());
        let working = [busy.seat(&seats).await, busy.seat(&seats).await];
        let mut crowd: Vec<_> = (0..50).map(|_| Box::pin(busy.seat(&seats))).collect();
        for waiting in &mut crowd {
            assert!(waiting.now_or_never().is_none());
        }
        let mut visitor = pin!(quiet.seat(&seats));
        assert!(visitor.as_mut().now_or_never().is_none());
        drop(working);
        assert!(visitor.now_or_never().is_some());
    }

    #[tokio::test]
    async fn previews_keep_no_page_waiting_and_too_many_are_refused() {
        let seats = Seats::new(2);
        let wiki = seats.share();
        let _working = wiki.seat_for_a_draft(&seats).await.unwrap();
        let mut crowd: Vec<_> = (1..DRAFTS_OF_A_WIKI)
            .map(|_| Box::pin(wiki.seat_for_a_draft(&seats)))
            .collect();
        for waiting in &mut crowd {
            assert!(waiting.now_or_never().is_none());
        }
        assert_eq!(wiki.seat_for_a_draft(&seats).await.unwrap_err(), Crowded);
        assert!(wiki.seat(&seats).now_or_never().is_some());
        drop(crowd.pop());
        let next = wiki.seat_for_a_draft(&seats);
        assert!(
            next.now_or_never().is_none(),
            "a place is free again, and it waits"
        );
    }

    #[tokio::test]
    async fn previews_of_many_wikis_are_bounded_together() {
        let seats = Seats::new(1);
        let wikis: Vec<Share> = (0..=DRAFTS).map(|_| seats.share()).collect();
        let mut crowd: Vec<_> = wikis
            .iter()
            .map(|wiki| Box::pin(wiki.seat_for_a_draft(&seats)))
            .collect();
        let mut refused = 0;
        let mut seated = Vec::new();
        for waiting in &mut crowd {
            match waiting.now_or_never() {
                Some(Ok(seat)) => seated.push(seat),
                Some(Err(Crowded)) => refused += 1,
                None => {}
            }
        }
        assert_eq!((seated.len(), refused), (1, 1));
    }
}

//! Sweeping what ended sessions left behind: all session stores of a farm, one small step at a time.
//!
//! A server calls [`Sweeper::step`] and waits as long as it says; a store that was never used is not even opened.
//! Nothing a visitor can see depends on it. `grange session sweep` goes through [`Farm::session_stores`] at once.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use grange_session::sweep::SWEEP_STEP;
use grange_session::{SessionStore, Swept};
use jiff::Timestamp;

use crate::check::StorePlace;
use crate::farm::Farm;

/// Every store is looked at about this often, as far as the pauses between steps allow.
const ROUND: Duration = Duration::from_secs(600);

/// No two steps are closer than this, so that sweeping never is what a server does.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);

/// Where the next step goes on. One per server.
#[derive(Debug, Default)]
pub struct Sweeper {
    next: usize,
}

/// What a step did, and how long to wait before the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepStep {
    /// How many things were removed.
    pub removed: u64,
    /// How long to wait; varies a little, so that several servers on one store do not march in step.
    pub pause: Duration,
}

impl Sweeper {
    /// Sweeps a little in the store of the next wiki. A store that does not answer is logged and passed by.
    pub async fn step(&mut self, farm: &Farm, now: Timestamp) -> SweepStep {
        let wikis = farm.config.wikis.len();
        let index = self.next.checked_rem(wikis).unwrap_or(0);
        let swept = match farm.config.wikis.get(index) {
            Some(wiki) => sweep_place(farm, &wiki.session_store, now).await,
            None => Swept::default(),
        };
        if !swept.more {
            self.next = index + 1;
        }
        SweepStep { removed: swept.removed, pause: pause(farm, wikis, swept.more) }
    }
}

impl Farm {
    /// Every session store of the farm that has anything in it, once each, with the id of the first wiki that uses
    /// it.
    pub fn session_stores(&self) -> impl Iterator<Item = (Arc<str>, Arc<dyn SessionStore>)> + '_ {
        let mut seen: HashSet<&StorePlace> = HashSet::new();
        self.config.wikis.iter().filter_map(move |wiki| {
            let place = seen.insert(&wiki.session_store).then_some(&wiki.session_store)?;
            Some((Arc::clone(&wiki.id), self.services().session_store_with_content(place)?))
        })
    }
}

async fn sweep_place(farm: &Farm, place: &StorePlace, now: Timestamp) -> Swept {
    let Some(store) = farm.services().session_store_with_content(place) else {
        return Swept::default();
    };
    store.sweep(now, SWEEP_STEP).await.unwrap_or_else(|cause| {
        tracing::warn!(store = %place.dir().display(), "sessions could not be swept: {cause}");
        Swept::default()
    })
}

fn pause(farm: &Farm, wikis: usize, more: bool) -> Duration {
    let stores = u32::try_from(wikis.max(1)).unwrap_or(u32::MAX);
    let even = match more {
        true => SHORTEST_PAUSE,
        false => (ROUND / stores).max(SHORTEST_PAUSE),
    };
    let mut dice = [0; 1];
    farm.services().randomness.fill(&mut dice);
    let [dice] = dice;
    // Between 75 % and 125 %.
    even * 3 / 4 + even * u32::from(dice) / 510
}

#[cfg(test)]
mod tests {
    use grange_session::Kill;

    use super::*;
    use crate::testing::{TestFarm, now};

    const THREE: &str = r#"
        [wiki.one]
        at = ["one.example"]
        session_dir = "shared"
        [wiki.two]
        at = ["two.example"]
        session_dir = "shared"
        [wiki.three]
        at = ["three.example"]
        session_store = "memory"
    "#;

    #[tokio::test]
    async fn a_store_that_was_never_used_is_neither_listed_nor_made() {
        let test = TestFarm::new(THREE);
        assert_eq!(test.farm.session_stores().count(), 0);
        let mut sweeper = Sweeper::default();
        for _ in 0..4 {
            assert_eq!(sweeper.step(&test.farm, now()).await.removed, 0);
        }
        assert!(!test.dir().join("shared").exists());
    }

    #[tokio::test]
    async fn a_shared_store_is_listed_once() {
        let test = TestFarm::new(THREE);
        let _open = (test.open("one").await, test.open("two").await, test.open("three").await);
        let listed: Vec<String> = test.farm.session_stores().map(|(id, _)| id.to_string()).collect();
        assert_eq!(listed, ["one", "three"]);
    }

    #[tokio::test]
    async fn steps_go_round_every_store_and_remove_what_is_dead() {
        let test = TestFarm::new(THREE);
        let three = test.open("three").await;
        let key = test.store_guest_session(&three, now()).await;
        three.session_store.kill(&three.config.session.realm, Kill::Everyone, now()).await.unwrap();
        let later = now() + jiff::SignedDuration::from_hours(24 * 500);
        let mut sweeper = Sweeper::default();
        let mut removed = 0;
        for _ in 0..12 {
            removed += sweeper.step(&test.farm, later).await.removed;
        }
        assert!(removed > 0, "the killed session {key} is gone");
    }

    #[test]
    fn pauses_spread_a_round_over_ten_minutes_and_never_hurry() {
        let test = TestFarm::new(THREE);
        for _ in 0..50 {
            let few = pause(&test.farm, 3, false);
            assert!(few >= Duration::from_secs(150) && few <= Duration::from_secs(250), "{few:?}");
            let many = pause(&test.farm, 10_000, false);
            assert!(many >= Duration::from_millis(150) && many <= Duration::from_millis(250), "{many:?}");
            assert!(pause(&test.farm, 1, true) <= Duration::from_millis(250));
        }
    }
}

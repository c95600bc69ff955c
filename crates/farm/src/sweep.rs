//! Sweeping what ended sessions left behind: all session stores of a farm, one small step at a time.
//!
//! A server calls [`FarmServices::sweep_step`] again and again, with the pause it says between; a store that was
//! never used is not even opened. Nothing a visitor can see depends on it. `grange session sweep` goes through
//! [`Farm::session_stores`] at once.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use grange_session::{MOST_GUESTS, SWEEP_STEP, SessionEvent, SessionStore, Swept};
use jiff::Timestamp;

use crate::check::{FarmConfig, StorePlace, WikiConfig};
use crate::farm::Farm;
use crate::services::FarmServices;

/// Every store is looked at about this often, as far as the pauses between steps allow.
const ROUND: Duration = Duration::from_secs(600);

/// No two steps are closer than this, so that sweeping never is what a server does.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);

/// One step sweeps in so many stores at most, and looks for them at so many wikis.
const STORES_A_STEP: usize = 4;
const WIKIS_A_STEP: usize = 100;

/// Which configurations are alive, the newest last, and the wiki with which the next step begins.
#[derive(Debug, Default)]
pub(crate) struct Sweeping {
    configurations: Vec<Weak<FarmConfig>>,
    next: usize,
}

/// What a step did, and how long to wait before the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepStep {
    /// How many things were removed.
    pub removed: u64,
    /// How long to wait; varies a little, so that several servers on one store do not march in step.
    pub pause: Duration,
}

impl FarmServices {
    /// Sweeps a little in the session stores of the next wikis of the farm in force. A store that does not answer is
    /// logged and passed by.
    pub async fn sweep_step(&self, now: Timestamp) -> SweepStep {
        let Some((config, first)) = self.next_to_sweep() else {
            return SweepStep {
                removed: 0,
                pause: self.pause(ROUND),
            };
        };
        let (mut removed, mut looked) = (0, 0);
        let (mut swept_stores, mut realms) = (HashSet::new(), HashSet::new());
        for wiki in config.wikis.iter().skip(first).take(WIKIS_A_STEP) {
            let is_swept = swept_stores.contains(&wiki.session_store);
            // Realms of one store are swept together; guests are counted by realm.
            let swept = match (realms.insert(wiki.session.realm), is_swept) {
                (false, true) => None,
                _ => self.sweep_sessions_of(wiki, is_swept, now).await,
            };
            removed += swept.map_or(0, |swept| swept.removed);
            if swept.is_some_and(|swept| swept.more) {
                self.sweep_next(first + looked);
                return SweepStep {
                    removed,
                    pause: self.pause(SHORTEST_PAUSE),
                };
            }
            looked += 1;
            swept_stores.extend(swept.map(|_| &wiki.session_store));
            if swept_stores.len() == STORES_A_STEP {
                break;
            }
        }
        self.sweep_next(first + looked);
        SweepStep {
            removed,
            pause: self.pause(share_of_round(looked, config.wikis.len())),
        }
    }

    /// Remembers a configuration for as long as a farm has it.
    pub(crate) fn note_configuration(&self, config: &Arc<FarmConfig>) {
        let mut sweeping = self.sweeping.lock().unwrap_or_else(PoisonError::into_inner);
        sweeping.configurations.retain(|one| one.strong_count() > 0);
        sweeping.configurations.push(Arc::downgrade(config));
    }

    /// The newest configuration that is alive, and the index of the wiki that is next.
    fn next_to_sweep(&self) -> Option<(Arc<FarmConfig>, usize)> {
        let mut sweeping = self.sweeping.lock().unwrap_or_else(PoisonError::into_inner);
        let config = sweeping.configurations.iter().rev().find_map(Weak::upgrade)?;
        if sweeping.next >= config.wikis.len() {
            sweeping.next = 0;
        }
        Some((config, sweeping.next))
    }

    fn sweep_next(&self, wiki: usize) {
        self.sweeping.lock().unwrap_or_else(PoisonError::into_inner).next = wiki;
    }

    /// `None` where there is nothing to sweep in. A store that this step has swept already is not swept again.
    async fn sweep_sessions_of(&self, wiki: &WikiConfig, is_swept: bool, now: Timestamp) -> Option<Swept> {
        let store = self.session_store_with_content(&wiki.session_store)?;
        let swept = match is_swept {
            true => Ok(Swept::default()),
            false => store.sweep(now, SWEEP_STEP).await,
        };
        let swept = swept.unwrap_or_else(|cause| {
            tracing::warn!(
                store = wiki.shown_session_store(),
                "sessions could not be swept: {cause}"
            );
            Swept::default()
        });
        let swept = self.end_surplus_guests(&store, wiki, swept, now).await;
        if swept.removed > 0 {
            let removed = swept.removed;
            self.notice("", SessionEvent::Swept { removed }, now);
        }
        Some(swept)
    }

    /// Robots that send cookies back and have something stored fill no store: guests beyond a number are ended.
    async fn end_surplus_guests(
        &self,
        store: &Arc<dyn SessionStore>,
        wiki: &WikiConfig,
        swept: Swept,
        now: Timestamp,
    ) -> Swept {
        if swept.more || !wiki.session.lifetimes.allows_anonymous() {
            return swept;
        }
        let realm = &wiki.session.realm;
        match store
            .end_surplus_guests(realm, MOST_GUESTS, SWEEP_STEP, now)
            .await
        {
            Ok(ended) => Swept {
                removed: swept.removed + ended,
                more: ended >= SWEEP_STEP as u64,
            },
            Err(cause) => {
                tracing::warn!(
                    store = wiki.shown_session_store(),
                    "guests could not be counted: {cause}"
                );
                swept
            }
        }
    }

    /// Between 75 % and 125 % of an even pause.
    fn pause(&self, even: Duration) -> Duration {
        let mut dice = [0; 1];
        self.randomness.fill(&mut dice);
        let [dice] = dice;
        even * 3 / 4 + even * u32::from(dice) / 510
    }
}

impl Farm {
    /// Every session store of the farm that has anything in it, once each, with the id of the first wiki that uses
    /// it.
    pub fn session_stores(&self) -> impl Iterator<Item = (Arc<str>, Arc<dyn SessionStore>)> + '_ {
        let mut seen: HashSet<&StorePlace> = HashSet::new();
        self.config.wikis.iter().filter_map(move |wiki| {
            let place = seen.insert(&wiki.session_store).then_some(&wiki.session_store)?;
            Some((
                Arc::clone(&wiki.id),
                self.services().session_store_with_content(place)?,
            ))
        })
    }
}

fn share_of_round(looked: usize, wikis: usize) -> Duration {
    let share = |count: usize| u32::try_from(count.max(1)).unwrap_or(u32::MAX);
    (ROUND / share(wikis) * share(looked)).clamp(SHORTEST_PAUSE, ROUND)
}

#[cfg(test)]
mod tests {
    use grange_session::{Kill, Loaded, StoreKey};

    use super::*;
    use crate::testing::{TestFarm, now};

    const THREE: &str = r#"
        [wiki.one]
        at = ["one.example"]
        session_dir = "shared"
        user_dir = "users"
        [wiki.two]
        at = ["two.example"]
        session_dir = "shared"
        user_dir = "users"
        [wiki.three]
        at = ["three.example"]
        session_store = "memory"
        cookie_lifetime = [1, 1]
    "#;

    #[tokio::test]
    async fn a_store_that_was_never_used_is_neither_listed_nor_made() {
        let test = TestFarm::new(THREE);
        assert_eq!(test.farm.session_stores().count(), 0);
        for _ in 0..4 {
            assert_eq!(test.services.sweep_step(now()).await.removed, 0);
        }
        assert!(!test.dir().join("shared").exists());
    }

    #[tokio::test]
    async fn a_shared_store_is_listed_once() {
        let test = TestFarm::new(THREE);
        let _open = (
            test.open("one").await,
            test.open("two").await,
            test.open("three").await,
        );
        let listed: Vec<String> = test.farm.session_stores().map(|(id, _)| id.to_string()).collect();
        assert_eq!(listed, ["one", "three"]);
    }

    #[tokio::test]
    async fn steps_go_round_every_store_and_remove_what_is_dead() {
        let test = TestFarm::new(THREE);
        let three = test.open("three").await;
        let key = test.store_guest_session(&three, now()).await;
        three
            .session_store
            .kill(&three.config.session.realm, Kill::Everyone, now())
            .await
            .unwrap();
        let later = now() + jiff::SignedDuration::from_hours(24 * 500);
        assert!(
            test.services.sweep_step(later).await.removed > 0,
            "the killed session {key} is gone"
        );
        assert_eq!(test.services.sweep_step(later).await.removed, 0);
    }

    #[tokio::test]
    async fn guests_beyond_a_hundred_thousand_are_ended_while_nobody_else_is() {
        let test = TestFarm::new(THREE);
        let three = test.open("three").await;
        test.store_guest_session(&three, now()).await;
        let (store, realm) = (&three.session_store, &three.config.session.realm);
        let first = store.list(realm, None, now()).await.unwrap().remove(0);
        let Loaded::Live(record) = store.load(&first.key, realm, now()).await.unwrap() else {
            panic!("a live session");
        };
        for number in 0..MOST_GUESTS + 9 {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&number.to_be_bytes());
            let key = StoreKey::from_parts(hash, now());
            store.create(&key, &record, now()).await.unwrap();
        }
        let mut removed = 0;
        for _ in 0..4 {
            removed += test.services.sweep_step(now()).await.removed;
        }
        assert_eq!(removed, 10);
        let left = store.list_part(realm, None, 0, 1, now()).await.unwrap();
        assert_eq!(left.total, MOST_GUESTS as u64);
    }

    #[tokio::test]
    async fn a_farm_that_was_built_and_refused_does_not_stop_the_sweeping_of_the_old_one() {
        let test = TestFarm::new(THREE);
        let three = test.open("three").await;
        test.store_guest_session(&three, now()).await;
        drop(test.reload("[wiki.other]\nat = [\"other\"]\n"));
        let later = now() + jiff::SignedDuration::from_hours(24 * 500);
        assert!(test.services.sweep_step(later).await.removed > 0);
    }

    #[tokio::test]
    async fn steps_go_round_all_wikis() {
        let test = TestFarm::new(
            &(0..7)
                .map(|n| {
                    format!(
                        "[wiki.w{n}]\nat = [\"w{n}\"]\nsession_store = \"memory\"\ncookie_lifetime = [1, 1]\n"
                    )
                })
                .collect::<String>(),
        );
        for n in 0..7 {
            let wiki = test.open(&format!("w{n}")).await;
            test.store_guest_session(&wiki, now()).await;
        }
        let later = now() + jiff::SignedDuration::from_hours(24 * 500);
        let first = test.services.sweep_step(later).await.removed;
        let second = test.services.sweep_step(later).await.removed;
        assert!(first > 0 && second > 0);
        assert_eq!(
            test.services.sweep_step(later).await.removed,
            0,
            "begins again with the first"
        );
        for n in 0..7 {
            let wiki = test.open(&format!("w{n}")).await;
            let left = wiki
                .session_store
                .list(&wiki.config.session.realm, None, now())
                .await
                .unwrap();
            assert!(left.is_empty(), "w{n}");
        }
    }

    #[test]
    fn pauses_spread_a_round_over_ten_minutes_and_never_hurry() {
        assert_eq!(share_of_round(3, 3), ROUND);
        assert_eq!(share_of_round(4, 40), Duration::from_secs(60));
        assert_eq!(share_of_round(4, 100_000), SHORTEST_PAUSE);
        let test = TestFarm::new(THREE);
        for _ in 0..50 {
            let pause = test.services.pause(Duration::from_secs(100));
            assert!(
                pause >= Duration::from_secs(75) && pause <= Duration::from_secs(125),
                "{pause:?}"
            );
        }
    }
}

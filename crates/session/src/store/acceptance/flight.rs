//! Claims about requests in flight: whatever ends a session wins over them, and nothing brings it back.
//!
//! Each claim is played in hundreds of rounds on real threads that begin together. What is claimed holds
//! in every interleaving, and is asked after all are through.

use std::sync::Barrier;

use super::*;

/// How often a race is run.
const ROUNDS: u16 = 200;
/// Rounds lie so far apart that no kill of one concerns the next.
const SECONDS_A_ROUND: u64 = 10;

/// One run of a race, with moments and keys of its own.
#[derive(Clone, Copy)]
struct Round(u16);

impl Round {
    fn all() -> impl Iterator<Item = Round> {
        (0..ROUNDS).map(Round)
    }

    /// So many seconds after its beginning.
    fn at(self, seconds: u64) -> Timestamp {
        at(u64::from(self.0) * SECONDS_A_ROUND + seconds)
    }

    fn key(self) -> StoreKey {
        key_of_round(self.0, self.at(0))
    }

    /// Another key, issued later.
    fn new_key(self, seconds: u64) -> StoreKey {
        key_of_round(0x8000 | self.0, self.at(seconds))
    }

    /// A user who logged in, with an id that verifies no longer than the record lives.
    fn user(self) -> Record {
        self.begun_now(user_at("u1", 0))
    }

    fn guest(self) -> Record {
        self.begun_now(guest_at(0))
    }

    fn begun_now(self, record: Record) -> Record {
        Record {
            seen: self.at(0),
            verifies_until: at(0),
            ..record
        }
    }
}

/// Two things at the same moment.
fn both<A, B>(one: impl AsyncFn() -> A + Sync, other: impl AsyncFn() -> B + Sync) -> (A, B)
where
    A: Send,
    B: Send,
{
    let start = Barrier::new(2);
    std::thread::scope(|threads| {
        let running = threads.spawn(|| {
            start.wait();
            run(one())
        });
        start.wait();
        let second = run(other());
        (running.join().unwrap(), second)
    })
}

/// Changes a session in every way without end on three threads while `end` ends it on a fourth. No change
/// that began after the end may have been taken.
fn end_against_changes(store: &Store, round: Round, end: impl AsyncFn() + Sync) {
    let (ended, start) = (AtomicBool::new(false), Barrier::new(4));
    std::thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| {
                start.wait();
                let late = run(change_until_ended(store, round, &ended));
                assert_eq!(late, 0, "changes were taken after the end");
            });
        }
        start.wait();
        let _ended = SaysEnded(&ended);
        run(end());
    });
}

/// How many changes were taken after the end, of some that are tried then.
async fn change_until_ended(store: &Store, round: Round, ended: &AtomicBool) -> usize {
    let (key, realm, now) = (round.key(), realm(), round.at(2));
    let usage = Usage {
        seen: now,
        cookie_until: None,
    };
    let (mut late, mut tries_left) = (0, 2);
    while tries_left > 0 {
        let was_ended = ended.load(Ordering::SeqCst);
        let taken = [
            store
                .merge(&key, &realm, &set("a", 1), Some(usage), now)
                .await
                .is_ok(),
            store.merge(&key, &realm, &visit("A"), None, now).await.is_ok(),
            store
                .update(&key, &realm, "n", &life::increment(), now)
                .await
                .is_ok(),
            store.touch(&key, &realm, usage, now).await.is_ok(),
        ];
        if was_ended {
            late += taken.into_iter().filter(|taken| *taken).count();
            tries_left -= 1;
        }
    }
    late
}

fn is_live(store: &Store, key: &StoreKey, now: Timestamp) -> bool {
    matches!(run(store.load(key, &realm(), now)).unwrap(), Loaded::Live(_))
}

fn listed(store: &Store, now: Timestamp) -> usize {
    run(store.list(&realm(), None, now)).unwrap().len()
}

fn kill_against_changes(store: &Store, whom: Kill<'_>, record: impl Fn(Round) -> Record) {
    for round in Round::all() {
        run(store.create(&round.key(), &record(round), round.at(0))).unwrap();
        end_against_changes(store, round, async || {
            assert_eq!(store.kill(&realm(), whom, round.at(1)).await.unwrap(), 1);
        });
        assert!(!is_live(store, &round.key(), round.at(2)));
        assert_eq!(listed(store, round.at(2)), 0);
    }
}

pub fn a_kill_of_everyone_wins_over_changes_in_flight(store: Store) {
    kill_against_changes(&store, Kill::Everyone, Round::user);
}

pub fn a_kill_of_guests_wins_over_changes_in_flight(store: Store) {
    kill_against_changes(&store, Kill::Guests, Round::guest);
}

pub fn a_rotation_wins_over_changes_in_flight(store: Store) {
    for round in Round::all() {
        run(store.create(&round.key(), &round.user(), round.at(0))).unwrap();
        let (new, record) = (round.new_key(1), round.user());
        end_against_changes(&store, round, async || {
            let rotated = store
                .rotate(rotation(Some(round.key()), new, &record), round.at(1))
                .await;
            rotated.unwrap();
        });
        assert!(!is_live(&store, &round.key(), round.at(2)));
        // Nothing that was meant for the old one has reached the new one.
        let Loaded::Live(heir) = run(store.load(&new, &realm(), round.at(2))).unwrap() else {
            panic!("the new session does not live");
        };
        assert_eq!(*heir, record);
        run(store.delete(&new, &realm(), round.at(3))).unwrap();
    }
}

pub fn a_swept_session_is_not_brought_back_by_changes_in_flight(store: Store) {
    for round in Round::all() {
        run(store.create(&round.key(), &round.user(), round.at(0))).unwrap();
        end_against_changes(&store, round, async || {
            store.kill(&realm(), Kill::User("u1"), round.at(1)).await.unwrap();
            // Not even a tombstone is left.
            while store.sweep(round.at(1), 10).await.unwrap().removed > 0 {}
        });
        assert!(!is_live(&store, &round.key(), round.at(2)));
        assert_eq!(listed(&store, round.at(2)), 0);
    }
}

pub fn a_kill_wins_over_a_session_that_begins_at_the_same_time(store: Store) {
    for round in Round::all() {
        let (begun, _) = both(
            async || store.create(&round.key(), &round.guest(), round.at(1)).await,
            async || store.kill(&realm(), Kill::Guests, round.at(1)).await.unwrap(),
        );
        assert!(matches!(begun, Ok(()) | Err(CreateError::Killed)), "{begun:?}");
        assert!(!is_live(&store, &round.key(), round.at(2)), "{begun:?}");
    }
}

pub fn a_kill_wins_over_a_login_at_the_same_time(store: Store) {
    for round in Round::all() {
        let record = round.user();
        let (login, _) = both(
            async || {
                store
                    .rotate(rotation(None, round.key(), &record), round.at(1))
                    .await
            },
            async || store.kill(&realm(), Kill::User("u1"), round.at(1)).await.unwrap(),
        );
        assert!(matches!(login, Ok(()) | Err(RotateError::Killed)), "{login:?}");
        assert_eq!(listed(&store, round.at(2)), 0, "{login:?}");
    }
}

pub fn a_kill_wins_over_a_rotation_at_the_same_time(store: Store) {
    for round in Round::all() {
        run(store.create(&round.key(), &round.user(), round.at(0))).unwrap();
        // The new id seems younger than the kill: clocks differ. What it continues is not.
        let (new, record) = (round.new_key(5), round.user());
        let (rotated, _) = both(
            async || {
                store
                    .rotate(rotation(Some(round.key()), new, &record), round.at(1))
                    .await
            },
            async || store.kill(&realm(), Kill::User("u1"), round.at(1)).await.unwrap(),
        );
        assert!(
            matches!(rotated, Ok(()) | Err(RotateError::Gone(_))),
            "{rotated:?}"
        );
        assert_eq!(listed(&store, round.at(2)), 0, "{rotated:?}");
    }
}

pub fn a_login_ends_a_pending_id_that_begins_a_session_at_the_same_time(store: Store) {
    for round in Round::all() {
        let (new, record) = (round.new_key(1), round.user());
        let login = Rotation {
            old_record: OldRecord::MayBeGone,
            ..rotation(Some(round.key()), new, &record)
        };
        let (begun, login) = both(
            async || store.create(&round.key(), &round.guest(), round.at(1)).await,
            async || store.rotate(login, round.at(1)).await,
        );
        assert!(login.is_ok(), "{login:?}");
        assert!(matches!(begun, Ok(()) | Err(CreateError::Ended(_))), "{begun:?}");
        assert!(!is_live(&store, &round.key(), round.at(2)), "{begun:?}");
        assert!(is_live(&store, &new, round.at(2)));
    }
}

pub fn touches_and_visits_lose_no_value(store: Store) {
    let values_a_round = 5;
    for round in Round::all() {
        let (key, now) = (round.key(), round.at(1));
        run(store.create(&key, &round.guest(), round.at(0))).unwrap();
        both(
            async || {
                for n in 0..values_a_round {
                    let value = set(&format!("k{n}"), 1);
                    store.merge(&key, &realm(), &value, None, now).await.unwrap();
                }
            },
            async || {
                for n in 0..values_a_round {
                    let seen = moment::later(now, Duration::from_secs(n));
                    let usage = Usage {
                        seen,
                        cookie_until: None,
                    };
                    store.touch(&key, &realm(), usage, now).await.unwrap();
                    store.merge(&key, &realm(), &visit("A"), None, now).await.unwrap();
                }
            },
        );
        let Loaded::Live(record) = run(store.load(&key, &realm(), now)).unwrap() else {
            panic!("the session does not live");
        };
        assert_eq!((record.values.len(), record.trail.len()), (5, 1));
        assert_eq!(
            record.seen,
            moment::later(now, Duration::from_secs(values_a_round - 1))
        );
    }
}

pub fn a_sweep_spares_sessions_in_use_and_takes_killed_ones(store: Store) {
    for round in Round::all() {
        let (mine, now) = (round.key(), round.at(2));
        run(async {
            store.create(&mine, &round.guest(), round.at(0)).await.unwrap();
            let killed = round.new_key(0);
            store.create(&killed, &round.user(), round.at(0)).await.unwrap();
            store.kill(&realm(), Kill::User("u1"), round.at(1)).await.unwrap();
        });
        let (removed, ()) = both(
            async || {
                let mut removed = 0;
                for _ in 0..3 {
                    removed += store.sweep(now, 1).await.unwrap().removed;
                }
                removed
            },
            async || {
                for n in 0..3 {
                    store
                        .merge(&mine, &realm(), &set("n", n), None, now)
                        .await
                        .unwrap();
                }
            },
        );
        assert_eq!(removed, 1, "the killed one and no other");
        assert!(is_live(&store, &mine, now));
        run(store.delete(&mine, &realm(), now)).unwrap();
    }
}

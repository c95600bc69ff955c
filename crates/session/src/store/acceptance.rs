//! The suite that every session store passes: the contract of [`SessionStore`] as claims.
//!
//! A store's tests write `acceptance_tests!(make)`, where `make()` gives an empty store and whatever must
//! live as long (a temporary directory, a server). Claims that need real parallelism use threads with a
//! runtime each. Stores outside this crate switch the feature `acceptance` on. The claims stand in
//! acceptance/life.rs (one session at a time), acceptance/ending.rs (kills, rotations), acceptance/listing.rs,
//! acceptance/sweeping.rs, acceptance/races.rs (nothing is lost) and acceptance/flight.rs (nothing comes
//! back).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a claim fails by panicking"
)]
#![allow(missing_docs, reason = "the names are the claims")]

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::identity::{Identity, LoginLink, LoginPart};
use crate::moment;
use crate::record::About;
use crate::value::Values;

pub mod ending;
pub mod flight;
pub mod life;
pub mod listing;
pub mod races;
pub mod sweeping;

/// One `#[test]` per claim, for the store that `$make` makes: a pair of something to keep alive and an
/// `Arc<dyn SessionStore>`.
#[macro_export]
macro_rules! acceptance_tests {
    ($make:expr) => {
        $crate::acceptance_tests!(@claims $make, life:
            a_created_record_is_loaded_as_it_was a_missing_key_is_missing creating_must_not_find
            merging_and_touching_must_find a_record_of_another_realm_is_never_accepted
            a_merge_changes_its_keys_and_no_others a_merge_beyond_a_limit_changes_nothing
            visits_are_added_to_the_trail_that_is_stored a_visit_changes_nothing_but_the_trail
            a_visit_reaches_no_session_that_is_not_live an_update_sees_the_stored_value
            an_update_can_take_a_value_out_and_never_a_reserved_one a_touch_writes_no_values
            an_older_use_changes_nothing a_merge_writes_a_use_down idleness_ends_a_session
            use_keeps_a_session_alive the_absolute_limit_ends_a_session_in_use
            the_login_that_a_session_is_part_of_is_kept_and_listed);
        $crate::acceptance_tests!(@claims $make, ending:
            a_deleted_session_stays_dead deleting_what_is_missing_leaves_no_trace
            an_ended_key_can_never_begin_a_session a_kill_of_a_user_ends_that_users_sessions_and_counts_them
            a_kill_of_guests_spares_users a_kill_of_everyone_spares_other_realms
            a_kill_counts_each_session_once sessions_begun_after_a_kill_live
            pending_ids_issued_before_a_kill_begin_nothing a_login_begun_before_a_kill_is_refused
            a_clock_set_back_after_a_kill_keeps_nobody_out
            a_rotation_ends_the_old_and_begins_the_new a_rotation_of_what_has_ended_is_refused
            a_refused_rotation_replaces_nothing
            a_login_needs_no_old_record a_login_ends_a_pending_id a_login_over_what_had_ended_is_told_as_a_replacement
            a_replacement_is_told_for_a_minute_to_who_loads a_renewed_session_can_be_followed_for_half_a_minute
            what_a_renewal_leads_to_can_end a_rotation_never_takes_a_used_key
            the_longest_unused_session_beyond_the_limit_is_ended a_list_shows_live_sessions_latest_first);
        $crate::acceptance_tests!(@claims $make, sweeping:
            a_sweep_waits_an_hour_after_the_end a_sweep_removes_killed_sessions a_sweep_obeys_its_budget
            a_swept_session_cannot_come_back_while_its_id_verifies a_sweep_spares_what_lives
            a_session_that_was_swept_takes_no_change
            guests_beyond_the_number_are_ended_the_longest_unused_first_and_never_a_user
            guests_that_were_killed_or_ended_push_nobody_out);
        $crate::acceptance_tests!(@claims $make, listing: a_part_of_a_list_is_cut_from_the_whole);
        $crate::acceptance_tests!(@claims $make, races:
            of_many_creations_one_wins parallel_merges_of_different_keys_are_all_kept
            parallel_visits_are_all_kept parallel_increments_are_all_counted a_kill_wins_over_merges_in_flight
            a_delete_wins_over_merges_in_flight of_many_deletions_one_ends_the_session of_many_rotations_one_wins
            a_rotation_and_a_delete_leave_at_most_one_session a_sweep_never_removes_a_session_in_use);
        $crate::acceptance_tests!(@claims $make, flight:
            a_kill_of_everyone_wins_over_changes_in_flight a_kill_of_guests_wins_over_changes_in_flight
            a_rotation_wins_over_changes_in_flight a_swept_session_is_not_brought_back_by_changes_in_flight
            a_kill_wins_over_a_session_that_begins_at_the_same_time a_kill_wins_over_a_login_at_the_same_time
            a_kill_wins_over_a_rotation_at_the_same_time
            a_login_ends_a_pending_id_that_begins_a_session_at_the_same_time
            touches_and_visits_lose_no_value a_sweep_spares_sessions_in_use_and_takes_killed_ones);
    };
    (@claims $make:expr, $module:ident: $($claim:ident)*) => {
        $(
            #[test]
            fn $claim() {
                let (_alive, store) = $make();
                $crate::store::acceptance::$module::$claim(store);
            }
        )*
    };
}

pub(crate) type Store = Arc<dyn SessionStore>;

/// Runs a claim on a runtime of its own.
pub(crate) fn run<T>(claim: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(claim)
}

/// Runs `task` `count` times at once, each on a thread with a runtime, and gathers the results.
pub(crate) fn at_once<T, F>(count: usize, task: impl Fn(usize) -> F + Sync) -> Vec<T>
where
    T: Send,
    F: Future<Output = T>,
{
    let task = &task;
    std::thread::scope(|threads| {
        let running: Vec<_> = (0..count).map(|i| threads.spawn(move || run(task(i)))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Says that something has ended, also when it did by panicking: nobody may wait for it for ever.
pub(crate) struct SaysEnded<'a>(pub(crate) &'a AtomicBool);

impl Drop for SaysEnded<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A moment `seconds` after the suite's beginning.
pub(crate) fn at(seconds: u64) -> Timestamp {
    moment::later(
        moment::from_millis(1_790_000_000_000),
        Duration::from_secs(seconds),
    )
}

/// The `number`th key, issued at `at(0)`.
pub(crate) fn key(number: u8) -> StoreKey {
    key_issued(number, at(0))
}

pub(crate) fn key_issued(number: u8, issued: Timestamp) -> StoreKey {
    StoreKey::from_parts([number; 32], issued)
}

/// The key of one of many rounds.
pub(crate) fn key_of_round(round: u16, issued: Timestamp) -> StoreKey {
    let [high, low] = round.to_be_bytes();
    let mut hash = [low; 32];
    hash[..16].fill(high);
    StoreKey::from_parts(hash, issued)
}

pub(crate) fn realm() -> Realm {
    Realm::new("ROOT", "grange-session", "/sessions", "/users")
}

pub(crate) fn other_realm() -> Realm {
    Realm::new("OTHER", "grange-session", "/sessions", "/users")
}

/// A visit to a page, for a trail of a hundred.
pub(crate) fn visit(page: &str) -> Delta {
    Delta {
        visits: vec![crate::trail::TrailEntry::new("w", page)],
        trail_size: 100,
        ..Delta::default()
    }
}

/// The idle time of the suite's records; the server adds the touch interval of five minutes.
pub(crate) const IDLE: u64 = 3600;

/// A guest's record begun at `seconds`.
pub(crate) fn guest_at(seconds: u64) -> Record {
    Record {
        realm: realm(),
        about: Arc::new(About {
            wiki: "wiki1".into(),
            identity: None,
            acting: None,
            remember: Remember::No,
            browser: "Firefox".into(),
            created: at(seconds),
            max_age: Some(IDLE),
            idle: IDLE * 1000,
            ends: None,
            link: None,
        }),
        seen: at(seconds),
        cookie_until: Some(at(seconds + IDLE)),
        verifies_until: at(seconds + 2 * IDLE),
        values: Arc::default(),
        trail: Arc::default(),
    }
}

/// A user's record begun at `seconds`.
pub(crate) fn user_at(user_id: &str, seconds: u64) -> Record {
    let mut record = guest_at(seconds);
    Arc::make_mut(&mut record.about).identity = Some(Identity {
        user_id: user_id.into(),
        auth_method: "password".into(),
        auth_time: at(seconds),
        account_generation: 3,
    });
    record
}

pub(crate) fn values(pairs: &[(&str, i64)]) -> Values {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), Value::from(*value)))
        .collect()
}

pub(crate) fn set(name: &str, value: i64) -> Delta {
    Delta {
        set: values(&[(name, value)]),
        ..Delta::default()
    }
}

pub(crate) fn used_at(seconds: u64) -> Usage {
    Usage {
        seen: at(seconds),
        cookie_until: None,
    }
}

/// The live record under a key.
pub(crate) async fn live(store: &Store, key: &StoreKey, seconds: u64) -> Option<Record> {
    match store.load(key, &realm(), at(seconds)).await.unwrap() {
        Loaded::Live(record) => Some(*record),
        Loaded::Missing | Loaded::Ended(_) | Loaded::Renewed(_) => None,
    }
}

/// A rotation from `old` to `new`.
pub(crate) fn rotation(old: Option<StoreKey>, new: StoreKey, record: &Record) -> Rotation<'_> {
    Rotation {
        old,
        old_record: OldRecord::MustLive,
        on_their_way: OnTheirWay::Refused,
        old_verifies_until: at(2 * IDLE),
        new,
        record,
        max_sessions: 50,
    }
}

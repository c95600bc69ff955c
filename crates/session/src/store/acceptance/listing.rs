//! Claims about lists: what a part of one is. What a whole one shows is in acceptance/ending.rs.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a claim fails by panicking"
)]

use super::*;

pub fn a_part_of_a_list_is_cut_from_the_whole(store: Store) {
    run(async {
        for n in 1..=5 {
            let user = if n == 5 { "u2" } else { "u1" };
            let at = at(u64::from(n));
            store
                .create(&key_issued(n, at), &user_at(user, u64::from(n)), at)
                .await
                .unwrap();
        }
        store.kill(&realm(), Kill::User("u2"), at(6)).await.unwrap();
        for (user, total) in [(Some("u1"), 4), (Some("u2"), 0), (None, 4)] {
            let whole = store.list(&realm(), user, at(7)).await.unwrap();
            for skip in 0..6 {
                let part = store.list_part(&realm(), user, skip, 2, at(7)).await.unwrap();
                let expected: Vec<_> = whole.iter().skip(skip).take(2).cloned().collect();
                assert_eq!((part.sessions, part.total), (expected, total), "{user:?} {skip}");
            }
        }
    });
}

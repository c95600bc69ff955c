//! The limits as a login form meets them, tries at once included.
//!
//! Time is a number of seconds given to each try; nothing waits for a clock. The counting alone is
//! in `tries_tests.rs`.

use std::time::Duration;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + seconds).unwrap()
}

fn from(address: &str) -> IpAddr {
    address.parse().unwrap()
}

async fn fail(limits: &LoginLimits, name: &str, address: &str, seconds: i64) -> Result<(), TooManyTries> {
    limits
        .admit_login(name, from(address), at(seconds))
        .await
        .map(Admission::failed)
}

async fn succeed(limits: &LoginLimits, name: &str, address: &str, seconds: i64) -> Result<(), TooManyTries> {
    limits
        .admit_login(name, from(address), at(seconds))
        .await
        .map(Admission::succeeded)
}

/// Whether the future has nothing to say yet.
async fn waits<T>(future: &mut (impl Future<Output = T> + Unpin)) -> bool {
    tokio::time::timeout(Duration::ZERO, future).await.is_err()
}

#[tokio::test]
async fn after_five_failures_the_sixth_try_is_refused_right_or_wrong() {
    let limits = LoginLimits::new();
    for second in 0..5 {
        assert_eq!(fail(&limits, "Mia", "192.0.2.1", second).await, Ok(()));
    }
    let refused = Err(TooManyTries {
        retry_after: 15 * 60 - 10,
    });
    assert_eq!(succeed(&limits, "Mia", "192.0.2.1", 10).await, refused);
    assert_eq!(fail(&limits, "mIA", "192.0.2.1", 10).await, refused);
}

#[tokio::test]
async fn the_door_opens_when_the_first_failure_is_fifteen_minutes_old() {
    let limits = LoginLimits::new();
    for second in 0..5 {
        fail(&limits, "Mia", "192.0.2.1", second).await.unwrap();
    }
    assert_eq!(
        succeed(&limits, "Mia", "192.0.2.1", 899).await,
        Err(TooManyTries { retry_after: 1 })
    );
    assert_eq!(fail(&limits, "Mia", "192.0.2.1", 900).await, Ok(()));
    assert_eq!(
        fail(&limits, "Mia", "192.0.2.1", 900).await,
        Err(TooManyTries { retry_after: 1 })
    );
}

#[tokio::test]
async fn refused_tries_do_not_keep_the_door_closed() {
    let limits = LoginLimits::new();
    for second in 0..200 {
        let _ = fail(&limits, "Mia", "192.0.2.1", second).await;
    }
    assert_eq!(succeed(&limits, "Mia", "192.0.2.1", 900).await, Ok(()));
}

#[tokio::test]
async fn another_name_or_another_address_is_another_pair() {
    let limits = LoginLimits::new();
    for second in 0..5 {
        fail(&limits, "Mia", "192.0.2.1", second).await.unwrap();
    }
    assert_eq!(succeed(&limits, "Tom", "192.0.2.1", 6).await, Ok(()));
    assert_eq!(succeed(&limits, "Mia", "192.0.2.2", 6).await, Ok(()));
    assert!(succeed(&limits, "Mia", "192.0.2.1", 6).await.is_err());
}

#[tokio::test]
async fn success_clears_its_pair() {
    let limits = LoginLimits::new();
    for round in 0..4 {
        for _ in 0..4 {
            assert_eq!(fail(&limits, "Mia", "192.0.2.1", round).await, Ok(()));
        }
        assert_eq!(succeed(&limits, "Mia", "192.0.2.1", round).await, Ok(()));
    }
}

#[tokio::test]
async fn fifty_failures_from_an_address_close_it_for_every_name() {
    let limits = LoginLimits::new();
    for number in 0..50 {
        assert_eq!(
            fail(&limits, &format!("Mia {number}"), "192.0.2.1", number).await,
            Ok(())
        );
    }
    assert_eq!(
        succeed(&limits, "Tom", "192.0.2.1", 60).await,
        Err(TooManyTries { retry_after: 840 })
    );
    assert_eq!(succeed(&limits, "Tom", "192.0.2.2", 60).await, Ok(()));
}

#[tokio::test]
async fn a_success_does_not_clear_the_failures_of_its_address() {
    let limits = LoginLimits::new();
    for number in 0..50 {
        fail(&limits, &format!("Mia {number}"), "192.0.2.1", 0)
            .await
            .unwrap();
        if number == 48 {
            succeed(&limits, "Tom", "192.0.2.1", 0).await.unwrap();
        }
    }
    assert!(succeed(&limits, "Tom", "192.0.2.1", 1).await.is_err());
}

#[tokio::test]
async fn right_logins_are_not_throttled() {
    let limits = LoginLimits::new();
    for _ in 0..500 {
        assert_eq!(succeed(&limits, "Mia", "192.0.2.1", 0).await, Ok(()));
    }
}

#[tokio::test]
async fn of_many_tries_at_once_five_are_decided_and_the_others_wait_for_them() {
    let limits = LoginLimits::new();
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(limits.admit_login("Mia", from("192.0.2.1"), at(0)).await.unwrap());
    }
    let mut sixth = Box::pin(limits.admit_login("Mia", from("192.0.2.1"), at(0)));
    assert!(waits(&mut sixth).await);
    for try_ in open.drain(..4) {
        try_.failed();
    }
    assert!(waits(&mut sixth).await, "four failed and one is open");
    open.remove(0).failed();
    assert!(sixth.await.is_err());
}

#[tokio::test]
async fn a_try_that_waited_goes_on_when_one_before_it_was_right() {
    let limits = LoginLimits::new();
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(limits.admit_login("Mia", from("192.0.2.1"), at(0)).await.unwrap());
    }
    let mut sixth = Box::pin(limits.admit_login("Mia", from("192.0.2.1"), at(0)));
    assert!(waits(&mut sixth).await);
    open.remove(0).succeeded();
    assert!(sixth.await.is_ok());
}

#[tokio::test]
async fn who_hangs_up_has_failed_and_who_was_served_badly_has_not() {
    let limits = LoginLimits::new();
    for _ in 0..20 {
        limits
            .admit_login("Mia", from("192.0.2.1"), at(0))
            .await
            .unwrap()
            .withdrawn();
    }
    for _ in 0..5 {
        drop(limits.admit_login("Mia", from("192.0.2.1"), at(0)).await.unwrap());
    }
    assert!(succeed(&limits, "Mia", "192.0.2.1", 0).await.is_err());
}

#[tokio::test]
async fn registering_has_limits_of_its_own_where_each_new_account_counts() {
    let limits = LoginLimits::new();
    let register = async |name: String, seconds| {
        limits
            .admit_registration(&name, from("192.0.2.1"), at(seconds))
            .await
    };
    for number in 0..50 {
        register(format!("Mia {number}"), 0).await.unwrap().succeeded();
    }
    assert_eq!(
        register("Tom".into(), 100).await.err(),
        Some(TooManyTries { retry_after: 800 })
    );
    assert_eq!(succeed(&limits, "Tom", "192.0.2.1", 100).await, Ok(()));
    register("Tom".into(), 900).await.unwrap().succeeded();
}

#[tokio::test]
async fn asking_five_times_for_a_taken_name_is_enough() {
    let limits = LoginLimits::new();
    for _ in 0..5 {
        limits
            .admit_registration("Mia", from("192.0.2.1"), at(0))
            .await
            .unwrap()
            .failed();
    }
    assert!(
        limits
            .admit_registration("Mia", from("192.0.2.1"), at(0))
            .await
            .is_err()
    );
    limits
        .admit_registration("Tom", from("192.0.2.1"), at(0))
        .await
        .unwrap()
        .succeeded();
}

#[tokio::test]
async fn the_refusal_is_a_sentence_without_numbers() {
    let sentence = TooManyTries { retry_after: 7 }.to_string();
    assert_eq!(sentence, "Too many failed tries. Please try again later.");
}

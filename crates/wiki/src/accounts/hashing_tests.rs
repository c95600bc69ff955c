//! Hashes: their form, their cost, and what happens when many come at once.
//!
//! All but one test hash at the weakest cost that argon2id allows. Crowds are futures polled side
//! by side, as requests on one worker are.

use super::*;
use crate::accounts::password::attempt;

fn weak() -> Hashing {
    Hashing::with_cost(HashCost::WEAKEST).unwrap()
}

fn bytes(text: &str) -> Vec<u8> {
    attempt(text).unwrap()
}

fn salts(byte: u8) -> impl Randomness {
    struct Fixed(u8);
    impl Randomness for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }
    Fixed(byte)
}

async fn hash(hashing: &Hashing, text: &str, salt: u8) -> PasswordHash {
    hashing.hash(bytes(text), &salts(salt)).await.unwrap()
}

async fn verify(hashing: &Hashing, text: &str, against: &PasswordHash) -> Verdict {
    hashing
        .verify(bytes(text), Some(against.clone()), &salts(9))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_hash_is_argon2id_at_the_given_cost() {
    let stored = hash(&weak(), "correct horse", 1).await;
    assert!(
        stored.as_stored().starts_with("$argon2id$v=19$m=8,t=1,p=1$"),
        "{}",
        stored.as_stored()
    );
}

#[tokio::test]
async fn the_recommended_cost_is_nineteen_mebibytes_and_two_passes() {
    let stored = hash(&Hashing::recommended(), "correct horse", 1).await;
    assert!(stored.as_stored().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    let same = Hashing::with_cost(HashCost::RECOMMENDED).unwrap();
    assert_eq!(verify(&same, "correct horse", &stored).await, Verdict::Right);
}

#[tokio::test]
async fn the_right_password_is_right_and_others_are_wrong() {
    let hashing = weak();
    let stored = hash(&hashing, "correct horse", 1).await;
    assert_eq!(verify(&hashing, "correct horse", &stored).await, Verdict::Right);
    for wrong in ["Correct horse", "correct horse ", "", "correct hors"] {
        assert_eq!(
            verify(&hashing, wrong, &stored).await,
            Verdict::Wrong,
            "{wrong:?}"
        );
    }
}

#[tokio::test]
async fn equal_passwords_have_different_hashes() {
    let hashing = weak();
    assert_ne!(
        hash(&hashing, "correct horse", 1).await,
        hash(&hashing, "correct horse", 2).await
    );
}

#[tokio::test]
async fn without_a_hash_every_password_is_wrong() {
    assert_eq!(
        weak().verify(bytes("correct horse"), None, &salts(1)).await,
        Ok(Verdict::Wrong)
    );
}

#[tokio::test]
async fn a_hash_of_another_cost_is_right_and_comes_back_at_ours() {
    let old = hash(&weak(), "correct horse", 1).await;
    let dearer = Hashing::with_cost(HashCost {
        memory_kib: 16,
        ..HashCost::WEAKEST
    })
    .unwrap();
    let Verdict::RightButRehashed(new) = verify(&dearer, "correct horse", &old).await else {
        panic!("the hash was to be made anew")
    };
    assert!(new.as_stored().contains("m=16,t=1,p=1"));
    assert_eq!(verify(&dearer, "correct horse", &new).await, Verdict::Right);
    assert_eq!(verify(&dearer, "wrong horse!", &old).await, Verdict::Wrong);
}

#[tokio::test]
async fn a_damaged_hash_is_an_error_and_not_a_wrong_password() {
    let damaged = PasswordHash::from_stored("$argon2id$half".into());
    let answer = weak()
        .verify(bytes("correct horse"), Some(damaged), &salts(1))
        .await;
    assert!(matches!(answer, Err(HashingError::Failed(_))));
}

#[test]
fn a_cost_that_argon2_does_not_allow_is_refused() {
    let refused = Hashing::with_cost(HashCost {
        memory_kib: 1,
        ..HashCost::WEAKEST
    });
    assert!(refused.is_err_and(|error| error.to_string().contains("argon2id")));
}

#[tokio::test]
async fn no_more_run_at_once_than_there_are_seats() {
    let hashing = Hashing {
        gates: Gates::new(2),
        ..weak()
    };
    let (running, most) = (Arc::new(Semaphore::new(0)), Arc::new(std::sync::Mutex::new(0)));
    let work = (0..12).map(|_| {
        let (running, most) = (running.clone(), most.clone());
        hashing.run(move |_| {
            running.add_permits(1);
            let mut most = most.lock().unwrap();
            *most = running.available_permits().max(*most);
            running.forget_permits(1);
        })
    });
    let done = join_all(work).await;
    assert!(done.iter().all(Result::is_ok));
    assert!(*most.lock().unwrap() <= 2);
    assert_eq!(hashing.gates.seats.available_permits(), 2);
}

#[tokio::test]
async fn a_flood_is_told_to_come_back_and_the_rest_is_served() {
    let hashing = Hashing {
        gates: Gates::new(1),
        ..weak()
    };
    let flood = (0..100).map(|_| hashing.run(|_| ()));
    let answers = join_all(flood).await;
    let busy = answers
        .iter()
        .filter(|answer| **answer == Err(HashingError::Busy))
        .count();
    assert_eq!(busy, 100 - (1 + WAITING_PER_SEAT));
    assert_eq!(hashing.run(|_| 7).await, Ok(7));
}

#[tokio::test]
async fn work_that_panics_gives_its_seat_back() {
    let hashing = Hashing {
        gates: Gates::new(1),
        ..weak()
    };
    assert!(matches!(
        hashing.run(|_| panic!("on purpose")).await,
        Err(HashingError::Failed(_))
    ));
    assert_eq!(hashing.run(|_| 7).await, Ok(7));
}

/// Polls all futures side by side, as requests on one worker are.
async fn join_all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<_> = futures.map(Box::pin).map(Some).collect();
    let mut answers = Vec::new();
    std::future::poll_fn(|context| {
        for place in &mut waiting {
            if let Some(std::task::Poll::Ready(answer)) = place.as_mut().map(|f| f.as_mut().poll(context)) {
                answers.push(answer);
                *place = None;
            }
        }
        if waiting.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    answers
}

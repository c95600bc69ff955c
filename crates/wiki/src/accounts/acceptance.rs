//! The suite every user store passes: the same claims for memory, SQLite and whatever comes.
//!
//! [`run`] makes a fresh store for each claim. Races are run with threads of their own, each with
//! its own runtime, as several processes would have.

use std::sync::Arc;

use jiff::Timestamp;

use super::{CreateUserError, PasswordHash, User, UserChange, UserName, UserStore};

/// An account with nothing special about it.
pub(crate) fn user(id: &str, name: &str) -> User {
    User {
        id: id.to_owned(),
        name: UserName::parse(name).unwrap(),
        email: None,
        disabled: false,
        awaiting_approval: false,
        generation: 1,
        created: Timestamp::from_second(1_700_000_000).unwrap(),
        password: hash("first"),
    }
}

fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_stored(text.to_owned())
}

fn name(text: &str) -> UserName {
    UserName::parse(text).unwrap()
}

/// Runs every claim on a fresh store.
pub(crate) async fn run<S: UserStore + 'static>(fresh: impl Fn() -> Arc<S>) {
    an_empty_store_knows_nobody(&*fresh()).await;
    an_account_is_found_whole_by_id_and_by_name(&*fresh()).await;
    a_name_is_taken_in_every_case(&*fresh()).await;
    accounts_are_listed_by_folded_name(&*fresh()).await;
    each_change_changes_its_part_and_no_more(&*fresh()).await;
    only_some_changes_end_sessions(&*fresh()).await;
    a_rehash_never_brings_an_old_password_back(&*fresh()).await;
    who_does_not_exist_is_not_made_by_a_change(&*fresh()).await;
    a_deleted_account_is_gone_and_its_name_free(&*fresh()).await;
    of_many_who_want_one_name_one_gets_it(fresh());
    no_change_is_lost_in_a_race(fresh()).await;
}

async fn an_empty_store_knows_nobody(store: &dyn UserStore) {
    assert_eq!(store.by_name(&name("Mia")).await.unwrap(), None);
    assert_eq!(store.list().await.unwrap(), []);
    assert!(!store.delete("1").await.unwrap());
}

async fn an_account_is_found_whole_by_id_and_by_name(store: &dyn UserStore) {
    let whole = User {
        email: Some("mia@example.org".into()),
        disabled: true,
        awaiting_approval: true,
        generation: 41,
        created: Timestamp::from_microsecond(1_712_345_678_901_234).unwrap(),
        password: hash("$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA"),
        ..user("0a", "Mía von Berg")
    };
    store.create(&whole).await.unwrap();
    assert_eq!(store.by_id("0a").await.unwrap(), Some(whole.clone()));
    let found = store.by_name(&name("MÍA VON berg")).await.unwrap().unwrap();
    assert_eq!(found, whole);
    assert_eq!(found.name.as_str(), "Mía von Berg");
}

async fn a_name_is_taken_in_every_case(store: &dyn UserStore) {
    store.create(&user("1", "Jörg")).await.unwrap();
    let again = store.create(&user("2", "JÖRG")).await;
    assert!(matches!(again, Err(CreateUserError::NameTaken)));
    assert_eq!(store.by_id("2").await.unwrap(), None);
    let same_id = store.create(&user("1", "Tom")).await;
    assert!(same_id.is_err(), "an id belongs to one account");
    assert_eq!(store.list().await.unwrap().len(), 1);
}

async fn accounts_are_listed_by_folded_name(store: &dyn UserStore) {
    for (id, name) in [("1", "zoe"), ("2", "Ärni"), ("3", "Anna"), ("4", "bert")] {
        store.create(&user(id, name)).await.unwrap();
    }
    let names: Vec<String> = store
        .list()
        .await
        .unwrap()
        .iter()
        .map(|user| user.name.to_string())
        .collect();
    assert_eq!(names, ["Anna", "bert", "zoe", "Ärni"]);
}

async fn each_change_changes_its_part_and_no_more(store: &dyn UserStore) {
    let before = User {
        awaiting_approval: true,
        ..user("1", "Mia")
    };
    store.create(&before).await.unwrap();
    let disabled = store.change("1", &UserChange::Disable).await.unwrap().unwrap();
    assert_eq!(
        disabled,
        User {
            disabled: true,
            generation: 2,
            ..before.clone()
        }
    );
    let enabled = store.change("1", &UserChange::Enable).await.unwrap().unwrap();
    assert_eq!(
        enabled,
        User {
            awaiting_approval: false,
            generation: 3,
            ..before.clone()
        }
    );
    let email = UserChange::Email(Some("m@example.org".into()));
    let mailed = store.change("1", &email).await.unwrap().unwrap();
    assert_eq!(
        mailed,
        User {
            email: Some("m@example.org".into()),
            ..enabled
        }
    );
    let last = store
        .change("1", &UserChange::Password(hash("second")))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        last,
        User {
            password: hash("second"),
            generation: 4,
            ..mailed
        }
    );
    assert_eq!(store.by_id("1").await.unwrap(), Some(last));
}

async fn only_some_changes_end_sessions(store: &dyn UserStore) {
    store.create(&user("1", "Mia")).await.unwrap();
    let rehash = UserChange::Rehash {
        old: hash("first"),
        new: hash("again"),
    };
    for change in [UserChange::Email(None), rehash] {
        assert_eq!(
            store.change("1", &change).await.unwrap().unwrap().generation,
            1,
            "{change:?}"
        );
    }
    for (change, generation) in [
        (UserChange::Password(hash("new")), 2),
        (UserChange::Disable, 3),
        (UserChange::Enable, 4),
    ] {
        assert_eq!(
            store.change("1", &change).await.unwrap().unwrap().generation,
            generation
        );
    }
}

async fn a_rehash_never_brings_an_old_password_back(store: &dyn UserStore) {
    store.create(&user("1", "Mia")).await.unwrap();
    let rehash = |old, new| UserChange::Rehash {
        old: hash(old),
        new: hash(new),
    };
    let done = store
        .change("1", &rehash("first", "first, dearer"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(done.password, hash("first, dearer"));
    store
        .change("1", &UserChange::Password(hash("second")))
        .await
        .unwrap();
    let late = store
        .change("1", &rehash("first, dearer", "first, dearest"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(late.password, hash("second"));
}

async fn who_does_not_exist_is_not_made_by_a_change(store: &dyn UserStore) {
    assert_eq!(store.change("1", &UserChange::Disable).await.unwrap(), None);
    assert_eq!(store.list().await.unwrap(), []);
}

async fn a_deleted_account_is_gone_and_its_name_free(store: &dyn UserStore) {
    store.create(&user("1", "Mia")).await.unwrap();
    assert!(store.delete("1").await.unwrap());
    assert_eq!(store.by_id("1").await.unwrap(), None);
    assert_eq!(store.by_name(&name("Mia")).await.unwrap(), None);
    assert!(!store.delete("1").await.unwrap());
    assert_eq!(store.change("1", &UserChange::Enable).await.unwrap(), None);
    store.create(&user("2", "mia")).await.unwrap();
    assert_eq!(store.by_name(&name("MIA")).await.unwrap().unwrap().id, "2");
}

fn of_many_who_want_one_name_one_gets_it<S: UserStore + 'static>(store: Arc<S>) {
    let racers: Vec<_> = (0..8)
        .map(|number| {
            let store = store.clone();
            in_a_thread(async move { store.create(&user(&format!("{number}"), "Mia")).await.is_ok() })
        })
        .collect();
    let winners = racers
        .into_iter()
        .filter_map(|racer| racer.join().ok())
        .filter(|won| *won)
        .count();
    assert_eq!(winners, 1);
}

async fn no_change_is_lost_in_a_race<S: UserStore + 'static>(store: Arc<S>) {
    store.create(&user("1", "Mia")).await.unwrap();
    let racers: Vec<_> = (0..8)
        .map(|number| {
            let store = store.clone();
            let change = UserChange::Password(hash(&format!("{number}")));
            in_a_thread(async move { store.change("1", &change).await.unwrap().unwrap().generation })
        })
        .collect();
    let mut seen: Vec<u64> = racers.into_iter().map(|racer| racer.join().unwrap()).collect();
    seen.sort_unstable();
    assert_eq!(seen, (2..10).collect::<Vec<u64>>());
    assert_eq!(store.by_id("1").await.unwrap().unwrap().generation, 9);
}

/// Runs a future on a thread and a runtime of its own.
pub(crate) fn in_a_thread<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> std::thread::JoinHandle<T> {
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(work)
    })
}

//! Registering, logging in, changing and closing, over a store in memory and weak hashes.
//!
//! What stores do is `acceptance.rs`, what hashes are is `hashing_tests.rs`; here is what a person
//! at the login form, or an administrator, can rely on.

use super::*;
use crate::accounts::{HashCost, MemoryUserStore};

/// Counts up, so that ids and salts differ.
#[derive(Default)]
struct Counting(std::sync::atomic::AtomicU64);

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self
            .0
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed)
            .to_le_bytes();
        bytes
            .iter_mut()
            .zip(number.iter().cycle())
            .for_each(|(byte, part)| *byte = *part);
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_750_000_000).unwrap()
}

fn accounts_at(store: Arc<dyn UserStore>, cost: HashCost) -> Accounts {
    Accounts::new(
        store,
        Arc::new(Counting::default()),
        Hashing::with_cost(cost).unwrap(),
    )
}

fn accounts() -> Accounts {
    accounts_at(Arc::new(MemoryUserStore::new()), HashCost::WEAKEST)
}

fn asked(name: &'static str) -> NewAccount<'static> {
    let origin = Origin::Form {
        reserved: &[],
        approval: Approval::NotNeeded,
    };
    NewAccount {
        name,
        password: "correct horse",
        email: "",
        origin,
    }
}

async fn with_mia() -> (Accounts, User) {
    let accounts = accounts();
    let mia = accounts.register(asked("Mia"), now()).await.unwrap();
    (accounts, mia)
}

async fn logs_in(accounts: &Accounts, name: &str, password: &str) -> bool {
    accounts.check_password(name, password).await.unwrap().is_some()
}

#[tokio::test]
async fn who_registers_can_log_in() {
    let (accounts, mia) = with_mia().await;
    assert_eq!(mia.created, now());
    assert_eq!(mia.email, None);
    let found = accounts
        .check_password("Mia", "correct horse")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found, mia);
    assert_eq!(accounts.by_id(&mia.id).await.unwrap(), Some(mia));
}

#[tokio::test]
async fn the_case_of_the_name_does_not_matter_and_that_of_the_password_does() {
    let (accounts, _) = with_mia().await;
    assert!(logs_in(&accounts, "mIA", "correct horse").await);
    assert!(!logs_in(&accounts, "Mia", "Correct horse").await);
}

#[tokio::test]
async fn a_wrong_password_an_unknown_name_and_an_impossible_name_are_one_answer() {
    let (accounts, _) = with_mia().await;
    for (name, password) in [
        ("Mia", "wrong horse"),
        ("Tom", "correct horse"),
        ("a:b", "x"),
        ("", ""),
        ("Mia", ""),
    ] {
        assert!(!logs_in(&accounts, name, password).await, "{name:?} {password:?}");
    }
}

#[tokio::test]
async fn an_endless_password_is_wrong_also_where_the_stored_one_is_empty() {
    let (accounts, mia) = with_mia().await;
    assert!(!logs_in(&accounts, "Mia", &"x".repeat(100_000)).await);
    let empty = accounts
        .hashing
        .hash(Vec::new(), &Counting::default())
        .await
        .unwrap();
    accounts
        .store
        .change(&mia.id, &UserChange::Password(empty))
        .await
        .unwrap();
    assert!(!logs_in(&accounts, "Mia", &"x".repeat(100_000)).await);
}

#[tokio::test]
async fn a_name_is_taken_in_every_case() {
    let (accounts, _) = with_mia().await;
    let again = accounts.register(asked("MIA"), now()).await.unwrap_err();
    assert!(matches!(again, RegisterError::NameTaken));
    assert_eq!(again.to_string(), "This user name is taken.");
    assert_eq!(accounts.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_the_rule() {
    let accounts = accounts();
    let base = asked("Mia");
    let refuse = async |new| accounts.register(new, now()).await.unwrap_err().to_string();
    assert_eq!(
        refuse(NewAccount { name: "a/b", ..base }).await,
        "A user name cannot contain \"/\"."
    );
    assert_eq!(
        refuse(NewAccount {
            password: "short",
            ..base
        })
        .await,
        "A password needs at least 8 characters."
    );
    assert!(
        refuse(NewAccount {
            email: "nobody",
            ..base
        })
        .await
        .starts_with("This is not an email address.")
    );
    assert_eq!(accounts.list().await.unwrap(), []);
}

#[tokio::test]
async fn a_name_that_looks_like_a_superusers_is_kept_as_well() {
    let accounts = accounts();
    let reserved = ["Root".to_owned(), "Jürgen Groß".to_owned()];
    let by_form = Origin::Form {
        reserved: &reserved,
        approval: Approval::NotNeeded,
    };
    for name in ["Rооt", "Ｒoot", "R0ot", "Ro\u{332}ot", "JÜRGEN GROẞ"] {
        let new = NewAccount {
            origin: by_form,
            ..asked(name)
        };
        let refused = accounts.register(new, now()).await.unwrap_err();
        assert!(matches!(refused, RegisterError::NameKept), "{name}");
    }
}

#[tokio::test]
async fn a_superusers_name_is_made_by_an_administrator_only() {
    let accounts = accounts();
    let reserved = ["Root".to_owned()];
    let by_form = Origin::Form {
        reserved: &reserved,
        approval: Approval::NotNeeded,
    };
    let refused = accounts
        .register(
            NewAccount {
                origin: by_form,
                ..asked("rOOT")
            },
            now(),
        )
        .await
        .unwrap_err();
    assert!(matches!(refused, RegisterError::NameKept));
    assert!(refused.to_string().contains("grange user add"));
    let by_hand = NewAccount {
        origin: Origin::Administrator,
        ..asked("Root")
    };
    assert!(accounts.register(by_hand, now()).await.is_ok());
    assert!(
        accounts
            .register(
                NewAccount {
                    origin: by_form,
                    ..asked("Roots")
                },
                now()
            )
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn no_visitor_takes_the_name_of_a_group() {
    let accounts = accounts();
    for name in ["EditorGroup", "editorgroup", "ÄrzteGroup", "All The7Group"] {
        let refused = accounts.register(asked(name), now()).await.unwrap_err();
        assert!(matches!(refused, RegisterError::NameOfGroup), "{name}");
    }
    for name in ["Group", "Peer Group", "GroupLeader", "Groupie"] {
        assert!(accounts.register(asked(name), now()).await.is_ok(), "{name}");
    }
    let by_hand = NewAccount {
        origin: Origin::Administrator,
        ..asked("EditorGroup")
    };
    assert!(accounts.register(by_hand, now()).await.is_ok());
}

#[tokio::test]
async fn who_waits_for_approval_logs_in_only_after_it() {
    let accounts = accounts();
    let origin = Origin::Form {
        reserved: &[],
        approval: Approval::Awaited,
    };
    let mia = accounts
        .register(
            NewAccount {
                origin,
                ..asked("Mia")
            },
            now(),
        )
        .await
        .unwrap();
    assert!(mia.awaiting_approval && !logs_in(&accounts, "Mia", "correct horse").await);
    accounts.enable(&mia.id).await.unwrap();
    assert!(logs_in(&accounts, "Mia", "correct horse").await);
}

#[tokio::test]
async fn a_disabled_account_cannot_log_in_until_it_is_enabled() {
    let (accounts, mia) = with_mia().await;
    assert_eq!(accounts.disable(&mia.id).await.unwrap().generation, 2);
    assert!(!logs_in(&accounts, "Mia", "correct horse").await);
    assert_eq!(accounts.enable(&mia.id).await.unwrap().generation, 3);
    assert!(logs_in(&accounts, "Mia", "correct horse").await);
}

#[tokio::test]
async fn a_new_password_replaces_the_old_one_and_ends_sessions() {
    let (accounts, mia) = with_mia().await;
    let changed = accounts.set_password(&mia.id, "battery staple").await.unwrap();
    assert_eq!(changed.generation, mia.generation + 1);
    assert!(!logs_in(&accounts, "Mia", "correct horse").await);
    assert!(logs_in(&accounts, "Mia", "battery staple").await);
    let short = accounts.set_password(&mia.id, "short").await;
    assert!(matches!(
        short,
        Err(AccountError::Password(PasswordError::TooShort))
    ));
    assert!(logs_in(&accounts, "Mia", "battery staple").await);
}

#[tokio::test]
async fn a_deleted_account_is_gone() {
    let (accounts, mia) = with_mia().await;
    accounts.delete(&mia.id).await.unwrap();
    assert!(!logs_in(&accounts, "Mia", "correct horse").await);
    assert_eq!(accounts.by_id(&mia.id).await.unwrap(), None);
    assert!(matches!(
        accounts.delete(&mia.id).await,
        Err(AccountError::NoSuchUser)
    ));
    assert!(matches!(
        accounts.disable(&mia.id).await,
        Err(AccountError::NoSuchUser)
    ));
    assert!(matches!(
        accounts.set_password(&mia.id, "battery staple").await,
        Err(AccountError::NoSuchUser)
    ));
}

#[tokio::test]
async fn the_mail_address_can_be_set_and_taken_away() {
    let (accounts, mia) = with_mia().await;
    let set = accounts.set_email(&mia.id, " mia@example.org ").await.unwrap();
    assert_eq!(set.email.as_deref(), Some("mia@example.org"));
    assert_eq!(set.generation, mia.generation);
    assert_eq!(accounts.set_email(&mia.id, "").await.unwrap().email, None);
    assert!(accounts.set_email(&mia.id, "x").await.is_err());
}

#[tokio::test]
async fn a_dearer_cost_takes_hold_at_the_next_login_and_ends_no_session() {
    let store: Arc<dyn UserStore> = Arc::new(MemoryUserStore::new());
    let before = accounts_at(store.clone(), HashCost::WEAKEST);
    let mia = before.register(asked("Mia"), now()).await.unwrap();
    let dearer = accounts_at(
        store,
        HashCost {
            memory_kib: 16,
            ..HashCost::WEAKEST
        },
    );
    assert!(!logs_in(&dearer, "Mia", "wrong horse").await);
    assert_eq!(
        dearer.by_id(&mia.id).await.unwrap().unwrap().password,
        mia.password
    );
    let after = dearer
        .check_password("Mia", "correct horse")
        .await
        .unwrap()
        .unwrap();
    assert!(after.password.as_stored().contains("m=16,"));
    assert_eq!(after.generation, mia.generation);
    assert!(logs_in(&dearer, "Mia", "correct horse").await);
}

/// Somebody sets another password just before a new hash of the old one is stored.
struct Overtaken(MemoryUserStore);

#[async_trait::async_trait]
impl UserStore for Overtaken {
    async fn create(&self, user: &User) -> Result<(), CreateUserError> {
        self.0.create(user).await
    }

    async fn by_id(&self, id: &str) -> Result<Option<User>, UserStoreError> {
        self.0.by_id(id).await
    }

    async fn by_name(&self, name: &UserName) -> Result<Option<User>, UserStoreError> {
        self.0.by_name(name).await
    }

    async fn list(&self) -> Result<Vec<User>, UserStoreError> {
        self.0.list().await
    }

    async fn change(&self, id: &str, change: &UserChange) -> Result<Option<User>, UserStoreError> {
        if let UserChange::Rehash { .. } = change {
            let another = PasswordHash::from_stored("another".into());
            self.0.change(id, &UserChange::Password(another)).await?;
        }
        self.0.change(id, change).await
    }

    async fn delete(&self, id: &str) -> Result<bool, UserStoreError> {
        self.0.delete(id).await
    }
}

#[tokio::test]
async fn a_password_that_is_changed_while_its_hash_is_renewed_lets_nobody_in() {
    let store: Arc<dyn UserStore> = Arc::new(Overtaken(MemoryUserStore::new()));
    let cheap = accounts_at(store.clone(), HashCost::WEAKEST);
    cheap.register(asked("Mia"), now()).await.unwrap();
    let dearer = HashCost {
        passes: 2,
        ..HashCost::WEAKEST
    };
    assert!(!logs_in(&accounts_at(store, dearer), "Mia", "correct horse").await);
}

#[tokio::test]
async fn a_disabled_account_is_not_rehashed() {
    let store: Arc<dyn UserStore> = Arc::new(MemoryUserStore::new());
    let before = accounts_at(store.clone(), HashCost::WEAKEST);
    let mia = before.register(asked("Mia"), now()).await.unwrap();
    let closed = before.disable(&mia.id).await.unwrap();
    let dearer = accounts_at(
        store,
        HashCost {
            memory_kib: 16,
            ..HashCost::WEAKEST
        },
    );
    assert!(!logs_in(&dearer, "Mia", "correct horse").await);
    assert_eq!(dearer.by_id(&mia.id).await.unwrap(), Some(closed));
}

#[tokio::test]
async fn ids_are_all_different_and_safe_in_any_file_or_line() {
    let accounts = accounts();
    let mia = accounts.register(asked("Mia"), now()).await.unwrap();
    let tom = accounts.register(asked("Tom"), now()).await.unwrap();
    assert_ne!(mia.id, tom.id);
    assert!(mia.id.len() == 32 && mia.id.chars().all(|c| c.is_ascii_hexdigit()));
}

#[tokio::test]
async fn no_name_that_cannot_be_is_ever_asked_for() {
    let (accounts, mia) = with_mia().await;
    assert_eq!(
        accounts.by_name("mia").await.unwrap().map(|user| user.id),
        Some(mia.id)
    );
    assert_eq!(accounts.by_name("Mia:").await.unwrap(), None);
    assert_eq!(accounts.by_name(" Mia").await.unwrap(), None);
}

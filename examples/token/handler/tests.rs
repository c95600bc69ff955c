//! What a token is good for, asked of a whole farm with this handler.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use grange_farm::{Farm, FarmServices, NoEnvironment, OpenWiki, load_text};
use grange_macros::Registry;
use grange_session::{Kill, SystemRandomness, Value};
use grange_wiki::accounts::{Approval, HashCost, Hashing, NewAccount, Origin, User};

use super::*;

const SECRET: &[u8] = b"Bearer 4f1c-secret";

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// A farm with one wiki, its account Ada, and a token of hers.
async fn farm(dir: &Path) -> (Arc<OpenWiki>, User) {
    let text = "[wiki.garden]\nat = [\"*\"]\n";
    let loaded = load_text(&dir.join("farmconfig.toml"), text, &NoEnvironment);
    let services = FarmServices::new(Registry::builtin(), Arc::new(SystemRandomness))
        .with_hashing(Hashing::with_cost(HashCost::WEAKEST).unwrap());
    let hash: String = Sha256::digest(&SECRET[7..])
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let tokens = Arc::new(Tokens::parse(&format!(
        "{hash} 2026-11-01T00:00:00Z Ada\n\nno token\n"
    )));
    let farm = Farm::builder()
        .session_handler_of("garden", move |parts| {
            Arc::new(TokenHandler::new(parts, Arc::clone(&tokens)))
        })
        .build(loaded.config.unwrap(), &Arc::new(services))
        .unwrap();
    let wiki = farm.open(0).await.unwrap();
    let new = NewAccount {
        name: "Ada",
        password: "correct horse",
        email: "",
        origin: Origin::Form {
            reserved: &[],
            approval: Approval::NotNeeded,
        },
    };
    let ada = wiki.accounts.register(new, now()).await.unwrap();
    (wiki, ada)
}

async fn open(wiki: &OpenWiki, token: &'static [u8], head: bool) -> Session {
    let header = |name: &str| (name == "authorization").then_some(token);
    let facts = RequestFacts {
        header: &header,
        discard_writes: head,
        ..RequestFacts::at(now())
    };
    wiki.sessions.open(&facts).await
}

async fn finish(wiki: &OpenWiki, session: Session) -> Result<Vec<CookieChange>, FinishError> {
    let outcome = Outcome {
        offer_pending: true,
        discard_writes: false,
        now: now(),
        https: false,
    };
    wiki.sessions.finish(session, &outcome).await
}

fn user(session: &Session) -> Option<&str> {
    session.identity().map(|identity| identity.user_id.as_str())
}

#[tokio::test]
async fn a_token_is_its_user_with_a_dict_and_without_a_cookie() {
    let dir = tempfile::tempdir().unwrap();
    let (wiki, ada) = farm(dir.path()).await;
    let mut session = open(&wiki, SECRET, false).await;
    assert_eq!((user(&session), session.is_new()), (Some(ada.id.as_str()), false));
    assert!(wiki.sessions.takes("token") && wiki.sessions.takes("password"));
    session.insert("colour", "green").unwrap();
    assert_eq!(session.count("calls", 1).await.unwrap(), 1);
    assert!(finish(&wiki, session).await.unwrap().is_empty());
    let session = open(&wiki, SECRET, false).await;
    assert_eq!(
        (&session["colour"], &session["calls"]),
        (&Value::from("green"), &Value::Int(1))
    );
}

#[tokio::test]
async fn an_unknown_token_is_nobody_and_reaches_no_store() {
    let dir = tempfile::tempdir().unwrap();
    let (wiki, _) = farm(dir.path()).await;
    for token in [b"Bearer guess".as_slice(), b"Bearer ", b"Bearer \xff"] {
        let session = open(&wiki, token, false).await;
        assert!(session.is_new() && user(&session).is_none());
    }
    let list = wiki
        .session_store
        .list(&wiki.config.session.realm, None, now())
        .await;
    assert!(list.unwrap().is_empty());
}

#[tokio::test]
async fn without_a_token_the_cookie_counts() {
    let dir = tempfile::tempdir().unwrap();
    let (wiki, ada) = farm(dir.path()).await;
    let mut session = open(&wiki, b"Basic QWRhOg==", false).await;
    assert!(session.is_new());
    let identity = Identity {
        user_id: ada.id.clone(),
        auth_method: PASSWORD.into(),
        auth_time: now(),
        account_generation: ada.generation,
    };
    session.log_in(identity, grange_session::Remember::No);
    let changes = finish(&wiki, session).await.unwrap();
    let cookie = changes[0].header_value().split(';').next().unwrap().to_owned();
    let facts = RequestFacts {
        cookie_headers: &[cookie.as_bytes()],
        ..RequestFacts::at(now())
    };
    assert_eq!(user(&wiki.sessions.open(&facts).await), Some(ada.id.as_str()));
}

#[tokio::test]
async fn a_head_request_begins_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (wiki, ada) = farm(dir.path()).await;
    let session = open(&wiki, SECRET, true).await;
    assert_eq!(user(&session), Some(ada.id.as_str()));
    let list = wiki
        .session_store
        .list(&wiki.config.session.realm, None, now())
        .await;
    assert!(list.unwrap().is_empty());
}

#[tokio::test]
async fn what_ends_a_users_sessions_voids_the_token() {
    for end in ["killed", "logged out"] {
        let dir = tempfile::tempdir().unwrap();
        let (wiki, ada) = farm(dir.path()).await;
        let mut session = open(&wiki, SECRET, false).await;
        match end {
            "killed" => {
                let kill = Kill::User(&ada.id);
                let realm = &wiki.config.session.realm;
                assert_eq!(wiki.session_store.kill(realm, kill, now()).await.unwrap(), 1);
            }
            _ => session.log_out(),
        }
        assert!(finish(&wiki, session).await.unwrap().is_empty());
        assert_eq!(user(&open(&wiki, SECRET, false).await), None, "{end}");
    }
}

#[tokio::test]
async fn a_token_becomes_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let (wiki, _) = farm(dir.path()).await;
    let mut session = open(&wiki, SECRET, false).await;
    session.rotate();
    assert!(finish(&wiki, session).await.is_err());
}
